"""The curves of a report: survival and first events of all children and of each group, as far as they may be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from remission.cohort import figures
from remission.cohort.columns import EVENTS
from remission.cohort.competing import Ending, Incidence, cumulative_incidence
from remission.cohort.engines import Engine
from remission.cohort.events import ENDPOINTS, Endpoint
from remission.cohort.hiding import Count, Ledger, Name
from remission.cohort.reporting import ALL, NOT_APPLICABLE, UNDECIDED, YEARS, Curves, Followed, Incidences, Point
from remission.cohort.survival import YEAR, Curve, Leaving, kaplan_meier, log_rank

_MOST_YEARS = 15  # of a picture
_NEARLY = 1e-12  # what rounding may add to a share
_MANY = 32  # times the limit: in a curve told to 0.1 %, so many children cannot be told from as many more as the limit


class Following:
    """How children fared, first counted into the ledger, then estimated from what may be shown.

    `answers` gives the groups of a scheme, then undecided and not applicable, in the order of their codes.
    """

    def __init__(self, engine: Engine, ledger: Ledger, answers: Callable[[str], tuple[str, ...]], limit: int):
        self.engine, self.ledger, self.answers, self.limit = engine, ledger, answers, limit
        self.endings: dict[tuple[str, Endpoint], dict[int, list[Ending]]] = {}
        self.shown: Mapping[Name, Count] = {}

    def enter(self, schemes: Sequence[str]) -> None:
        """Counts what happened to all children, and to each group of these schemes."""
        for scheme in (ALL, *schemes):
            for endpoint in ENDPOINTS:
                self.endings[scheme, endpoint] = figures.endings(self.engine, endpoint, scheme)
                for code, answer in enumerate(self._answers_of(scheme)):
                    self._enter_events(scheme, endpoint, answer, self.endings[scheme, endpoint].get(code, []))
                self._enter_sums(scheme, endpoint)

    def curves(self, shown: Mapping[Name, Count]) -> Iterator[Curves]:
        self.shown = shown
        yield from (self._curves(endpoint, scheme) for scheme, endpoint in self.endings)

    def incidences(self, shown: Mapping[Name, Count]) -> Iterator[Incidences]:
        """Of all children, then of each group that is followed."""
        self.shown = shown
        for (scheme, endpoint), by_code in self.endings.items():
            if endpoint == "efs":
                for code in self._codes(scheme):
                    answer = self._answers_of(scheme)[code]
                    yield Incidences(scheme, answer, self._incidence_lines(scheme, answer, by_code.get(code, [])))

    def _count(self, *name: str) -> Count:
        return self.shown[name]

    def _answers_of(self, scheme: str) -> tuple[str, ...]:
        return self.answers(scheme) if scheme else (ALL,)

    @staticmethod
    def _causes(endpoint: Endpoint) -> tuple[str, ...]:
        """What may have ended a child's time; the last is its last contact."""
        return (*(EVENTS if endpoint == "efs" else ("death",)), "")

    def _enter_events(self, scheme: str, endpoint: Endpoint, answer: str, ended: Sequence[Ending]) -> None:
        """Counts how it ended for a group. Only what comes first is told by cause, and nothing of whom a scheme is not about."""
        enter, adds_up = self.ledger.enter, self.ledger.adds_up
        is_told, by_cause = answer != NOT_APPLICABLE, endpoint == "efs" and answer not in (UNDECIDED, NOT_APPLICABLE)
        names = []
        for cause in self._causes(endpoint):
            number = sum(e.children for e in ended if e.cause == cause)
            names.append(enter(("e", endpoint, scheme, answer, cause), number, is_shown=by_cause and bool(cause)))
        used = enter(("used", endpoint, scheme, answer), sum(e.children for e in ended), is_told)
        happened = enter(("events", endpoint, scheme, answer), sum(e.children for e in ended if e.cause), is_told)
        adds_up(used, names)
        adds_up(happened, names[:-1])
        if scheme:
            group = ("g", scheme, answer)
            not_used = self.ledger.counts[group] - self.ledger.counts[used]
            adds_up(group, [used, enter(("left", endpoint, scheme, answer), not_used, is_shown=False)])

    def _enter_sums(self, scheme: str, endpoint: Endpoint) -> None:
        """All groups of a scheme together are all children."""
        if not scheme:
            self.ledger.adds_up(("out", endpoint, ""), [("used", endpoint, ALL, ALL)])
            return
        for kind, *cause in (("used",), ("events",), *(("e", cause) for cause in self._causes(endpoint))):
            parts = [(kind, endpoint, scheme, answer, *cause) for answer in self.answers(scheme)]
            self.ledger.adds_up((kind, endpoint, ALL, ALL, *cause), parts)

    def _codes(self, scheme: str) -> list[int]:
        """The codes of the decided groups that have anybody in them."""
        if not scheme:
            return [0]
        undecided = self.answers(scheme).index(UNDECIDED)
        return sorted(code for code in self.endings[scheme, "efs"] if code < undecided)

    def _curves(self, endpoint: Endpoint, scheme: str) -> Curves:
        by_code = self.endings[scheme, endpoint]
        if not scheme:
            return Curves(endpoint, ALL, (self._followed(endpoint, ALL, ALL, by_code.get(0, [])),))
        answers = self.answers(scheme)
        codes = [*self._codes(scheme), answers.index(UNDECIDED)]
        lines = tuple(self._followed(endpoint, scheme, answers[code], by_code.get(code, [])) for code in codes)
        tested = [_leaving(by_code.get(code, [])) for code, line in zip(codes[:-1], lines, strict=False) if not line.hidden]
        return Curves(endpoint, scheme, lines, log_rank([group for group in tested if group]))

    def _followed(self, endpoint: Endpoint, scheme: str, answer: str, endings: list[Ending]) -> Followed:
        children, events = self._count("used", endpoint, scheme, answer), self._count("events", endpoint, scheme, answer)
        name: Name = ("used", endpoint, scheme, answer)
        if self._hides(name, events):
            return Followed(answer, children, events, hidden=True)
        curve = kaplan_meier(_leaving(endings))
        points = tuple(Point(step.day, step.survival, step.low, step.high) for step in curve.steps)
        last = curve.last_day
        if self.limit >= 2:
            points, last = self._coarse(curve), self._last_with(curve)
            years = _at_years(points, last, None)
        else:
            years = _at_years(points, math.inf if _all_gone(curve) else last, Point(0, 1.0))
        return Followed(
            answer, children, events, points, last, self._at_risk(curve, last, name), years, _median(points),
            emptied=curve.emptied is not None,
        )  # fmt: skip

    def _hides(self, used: Name, events: Count) -> bool:
        """Whether a curve would tell a hidden count: that of few events, or the number of not very many children."""
        children = self.shown[used]
        too_few = children.below > 0 or self.ledger.counts[used] < _MANY * self.limit
        return events.number is None or (children.number is None and too_few)

    def _coarse(self, curve: Curve) -> tuple[Point, ...]:
        """A curve that steps only once so many events have come together as a count must have to be shown."""
        points, since = [], 0
        last = self._last_with(curve)
        for step in curve.steps:
            since += step.events
            if since >= self.limit and step.day <= last:
                points.append(Point(step.day, step.survival, step.low, step.high))
                since = 0
        return tuple(points)

    def _last_with(self, curve: Curve) -> float:
        """The last day on which so many are at risk as a count must have to be shown."""
        days = [day for day, _ in curve.leavings if curve.at_risk(day) >= self.limit]
        return min(max(days, default=0.0), curve.last_day)

    def _at_risk(self, curve: Curve, last: float, used: Name) -> tuple[Count, ...]:
        """How many are at risk at the beginning of each year; rounded down where small counts are hidden."""
        years = range(min(_MOST_YEARS, int(last / YEAR)) + 1)
        numbers = [curve.at_risk(year * YEAR) for year in years]
        if self.limit < 2:
            return tuple(map(Count, numbers))
        is_told = self.shown[used].number is not None
        return tuple(
            Count(number) if is_told and not year else self._rounded(number, used, is_told)
            for year, number in zip(years, numbers, strict=True)
        )

    def _rounded(self, number: int, used: Name, is_told: bool) -> Count:
        """A number at risk, rounded down; hidden where it comes near to all, and how many those are is hidden."""
        if 0 < number < self.limit:
            return Count(None, self.limit)
        rounded = number - number % self.limit
        _, _, scheme, answer = used
        total = self.ledger.counts["g", scheme, answer] if scheme else self.ledger.counts["usable",]
        return Count(rounded) if is_told or rounded <= total - 2 * self.limit else Count()

    def _incidence_lines(self, scheme: str, answer: str, endings: list[Ending]) -> tuple[Followed, ...]:
        used: Name = ("used", "efs", scheme, answer)
        children, curve = self.shown[used], kaplan_meier(_leaving(endings))
        last = self._last_with(curve) if self.limit >= 2 else max((ending.day for ending in endings), default=0.0)
        lines = []
        for incidence in cumulative_incidence(endings, EVENTS):
            events = self._count("e", "efs", scheme, answer, incidence.cause)
            if self._hides(used, events):
                lines.append(Followed(incidence.cause, children, events, hidden=True))
                continue
            points = self._incidence_points(incidence, endings, last)
            before = Point(0, 0.0) if self.limit < 2 or not events.number else None
            years = _at_years(points, math.inf if self.limit < 2 and _all_gone(curve) else last, before)
            lines.append(Followed(incidence.cause, children, events, points, last, years=years))
        return tuple(lines)

    def _incidence_points(self, incidence: Incidence, endings: Iterable[Ending], last: float) -> tuple[Point, ...]:
        points = tuple(Point(step.day, step.share, step.low, step.high) for step in incidence.steps)
        if self.limit < 2:
            return points
        happened = {day: sum(e.children for e in ended) for day, ended in groupby(
            sorted((e for e in endings if e.cause == incidence.cause), key=lambda e: e.day), key=lambda e: e.day)}  # fmt: skip
        kept, since = [], 0
        for point in points:
            since += happened[point.day]
            if since >= self.limit and point.day <= last:
                kept.append(point)
                since = 0
        return tuple(kept)


def _leaving(endings: Iterable[Ending]) -> list[Leaving]:
    return [Leaving(ending.entered, ending.day, int(bool(ending.cause)), ending.children) for ending in endings]


def _all_gone(curve: Curve) -> bool:
    """Whether the last child had the event, so that the curve is at zero ever after."""
    return bool(curve.steps) and curve.steps[-1].survival == 0 and curve.emptied is None


def _at_years(points: Sequence[Point], last: float, before: Point | None) -> tuple[Point | None, ...]:
    """What a curve says at each of the years told; `before` its first step, and None after its end."""
    return tuple(
        next((point for point in reversed(points) if point.day <= year * YEAR), before) if year * YEAR <= last else None
        for year in YEARS
    )


def _median(points: Sequence[Point]) -> Point | None:
    """The day by which half had the event, with the days where the band crosses one half; None where it is not reached."""

    def crossed(value: str) -> float | None:
        found = (point.day for point in points if (at := getattr(point, value)) is not None and at <= 0.5 + _NEARLY)
        return next(found, None)

    day = crossed("share")
    return None if day is None else Point(day, 0.5, crossed("low"), crossed("high"))

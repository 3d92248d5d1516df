"""The curves of a report: survival and first events of all children and of each group, as far as they may be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from remission.cohort import figures
from remission.cohort.columns import EVENTS
from remission.cohort.competing import Ending, Incidence, cumulative_incidence
from remission.cohort.engines import Engine
from remission.cohort.events import ENDPOINTS, Endpoint
from remission.cohort.hiding import Count, Ledger, Name
from remission.cohort.reporting import ALL, UNDECIDED, YEARS, Curves, Followed, Incidences, Point
from remission.cohort.survival import YEAR, Curve, Leaving, kaplan_meier, log_rank

_MOST_YEARS = 15  # of a picture
_NEARLY = 1e-12  # what rounding may add to a share


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
        enter, adds_up = self.ledger.enter, self.ledger.adds_up
        names = [
            enter(("e", endpoint, scheme, answer, cause), sum(e.children for e in ended if e.cause == cause))
            for cause in self._causes(endpoint)
        ]
        used = enter(("used", endpoint, scheme, answer), sum(e.children for e in ended))
        happened = enter(("events", endpoint, scheme, answer), sum(e.children for e in ended if e.cause))
        adds_up(used, names)
        adds_up(happened, names[:-1])
        if scheme:
            group = ("g", scheme, answer)
            left_out = enter(("left", endpoint, scheme, answer), self.ledger.counts[group] - self.ledger.counts[used])
            adds_up(group, [used, left_out])

    def _enter_sums(self, scheme: str, endpoint: Endpoint) -> None:
        """All groups of a scheme together are all children."""
        if not scheme:
            self.ledger.adds_up(("out", endpoint, ""), [("used", endpoint, ALL, ALL)])
            return
        for cause in self._causes(endpoint):
            parts = [("e", endpoint, scheme, answer, cause) for answer in self.answers(scheme)]
            self.ledger.adds_up(("e", endpoint, ALL, ALL, cause), parts)

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
        if self._hides(children, events):
            return Followed(answer, children, events, hidden=True)
        curve = kaplan_meier(_leaving(endings))
        points = tuple(Point(step.day, step.survival, step.low, step.high) for step in curve.steps)
        last = curve.last_day
        if self.limit >= 2:
            points, last = self._coarse(curve), self._last_with(curve)
        return Followed(
            answer, children, events, points, last, self._at_risk(curve, last), _at_years(points, last, Point(0, 1.0)),
            _median(points), emptied=curve.emptied is not None,
        )  # fmt: skip

    def _hides(self, children: Count, events: Count) -> bool:
        """Whether a curve would tell a hidden count."""
        return children.number is None or events.number is None

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

    def _at_risk(self, curve: Curve, last: float) -> tuple[Count, ...]:
        """How many are at risk at the beginning of each year; rounded down where small counts are hidden."""
        counts = []
        for year in range(min(_MOST_YEARS, int(last / YEAR)) + 1):
            number = curve.at_risk(year * YEAR)
            if self.limit >= 2 and year:
                counts.append(Count(None, self.limit) if 0 < number < self.limit else Count(number - number % self.limit))
            else:
                counts.append(Count(number))
        return tuple(counts)

    def _incidence_lines(self, scheme: str, answer: str, endings: list[Ending]) -> tuple[Followed, ...]:
        children = self._count("used", "efs", scheme, answer)
        last = max((ending.day for ending in endings), default=0.0)
        if self.limit >= 2:
            last = self._last_with(kaplan_meier(_leaving(endings)))
        lines = []
        for incidence in cumulative_incidence(endings, EVENTS):
            events = self._count("e", "efs", scheme, answer, incidence.cause)
            if self._hides(children, events):
                lines.append(Followed(incidence.cause, children, events, hidden=True))
                continue
            points = self._incidence_points(incidence, endings, last)
            years = _at_years(points, last, Point(0, 0.0))
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


def _at_years(points: Sequence[Point], last: float, before: Point) -> tuple[Point | None, ...]:
    """What a curve says at each of the years told; None after its end."""
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

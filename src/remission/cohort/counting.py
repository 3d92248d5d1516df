"""The counting behind a report: everything is entered in one ledger, and only then read from it as it may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from msgspec.structs import replace

from remission.cohort import figures
from remission.cohort.engines import Engine
from remission.cohort.events import ENDPOINTS, LEFT_OUT, Endpoint
from remission.cohort.figures import Kinds, Spread
from remission.cohort.following import Following
from remission.cohort.hiding import Count, Ledger, Name
from remission.cohort.names import sql_name
from remission.cohort.reporting import (
    UNDECIDED,
    Apart,
    Baseline,
    Compared,
    Crossing,
    Feature,
    Flow,
    Groups,
    Recorded,
    Report,
    ReportInput,
    StillNeeded,
    Undecided,
)  # fmt: skip
from remission.cohort.result import SAID
from remission.knowledge.mapping import Comparison
from remission.knowledge.model import Library

_MOST_SCHEMES = 3  # followed and compared unless the user names others
_TELLING = 0.25  # by how much of all a kind of child must be more common in a cell to be named


class Counting:
    """A report being counted: first everything is entered in the ledger, then what may be shown is read from it."""

    def __init__(self, engine: Engine, library: Library, about: ReportInput):
        self.engine, self.library, self.about = engine, library, about
        self.shape = figures.coded(engine, library, about.schemes, about.facts)
        self.ledger = Ledger()
        self.limit = about.hide_below
        self._enter_flow()
        for kinds in self.shape.baseline:
            self._enter_kinds(kinds)
        for scheme in about.schemes:
            self._enter_groups(scheme)
        self.open = {scheme: figures.undecided(engine, scheme, self.shape) for scheme in about.schemes}
        for scheme in about.schemes:
            self._enter_undecided(scheme)
        for fact in self.shape.facts:
            self._enter_recorded(fact)
        self.chosen = about.survival_by or self._telling()
        self.pairs = about.compare or tuple(combinations(self.chosen, 2))
        for first, second in self.pairs:
            self._enter_crossing(first, second)
        self.compared = self._enter_compared()
        self.following = Following(engine, self.ledger, self._answers, self.limit)
        if self.shape.has_outcomes:
            self.following.enter(self.chosen)
        if self.limit >= 2:
            self._link_same_children()
        self.shown = self.ledger.shown(self.limit)

    def report(self) -> Report:
        hiding = self.limit >= 2
        return Report(
            about=self._about_hidden() if hiding else self.about,
            flow=self._flow(),
            baseline=tuple(self._baseline(kinds) for kinds in self.shape.baseline),
            groups=tuple(self._groups(scheme) for scheme in self.about.schemes),
            undecided=tuple(self._undecided(scheme) for scheme in self.about.schemes if self.open[scheme]),
            recorded=tuple(self._recorded(fact) for fact in self.shape.facts),
            crossings=tuple(self._crossing(first, second, with_apart=not hiding) for first, second in self.pairs),
            compared=tuple(self._compared(comparison, rows) for comparison, rows in self.compared),
            curves=tuple(self.following.curves(self.shown)),
            incidences=tuple(self.following.incidences(self.shown)),
        )

    def _count(self, *name: str) -> Count:
        return self.shown[name]

    def _about_hidden(self) -> ReportInput:
        """What is told of the run where small counts are hidden: without the numbers that are counts too."""
        told = [note for note in self.about.reading if not self._is_small(self.further) or str(self.further) not in note.en]
        records = self.shown["records",].number
        return replace(self.about, counters={}, rejected=0, reading=tuple(told), records=1 if records is None else records)

    def _is_small(self, number: int) -> bool:
        return 0 < number < self.limit

    def _link_same_children(self) -> None:
        """Whoever knows the rules knows which counts are of the same children: they are one count under several names."""
        named = {f"g_{sql_name(scheme)}": (("g", scheme), self._answers(scheme)) for scheme in self.about.schemes}
        for kinds in self.shape.baseline:
            lines = [*(str(place) for place in range(len(kinds.kinds))), figures.KNOWN_IN_PART, figures.NOT_KNOWN]
            named[f"k_{kinds.fact}"] = (("k", kinds.fact), tuple(lines))
        named |= {f"s_{fact}": (("s", fact), figures.STATES) for fact in self.shape.facts}
        for codes in figures.same_children(self.engine, list(named)):
            first, *others = [(*named[column][0], named[column][1][code]) for column, code in codes]
            for other in others:
                self.ledger.adds_up(first, [other])

    # --- the flow --------------------------------------------------------------------------------------------------------

    def _enter_flow(self) -> None:
        children, contradictory = figures.children(self.engine)
        enter = self.ledger.enter
        enter(("records",), self.about.records)
        enter(("rejected",), self.about.rejected)
        self.further = self.about.records - self.about.rejected - children  # rows of children who have one already
        if self._is_small(self.about.rejected) or self._is_small(self.further):
            self.ledger.hide(("records",))
        for word, number in sorted(self.about.counters.items()):
            enter(("counter", word), number)
        self.usable = children - contradictory
        self.ledger.adds_up(
            enter(("children",), children), [enter(("contradictory",), contradictory), enter(("usable",), self.usable)]
        )
        if not self.shape.has_outcomes:
            return
        for endpoint in ENDPOINTS:
            followed, *names = [
                enter(("out", endpoint, reason), number) for reason, number in figures.reasons(self.engine, endpoint).items()
            ]
            left_out = enter(("left-out", endpoint), self.usable - self.ledger.counts[followed])
            self.ledger.adds_up(("usable",), [followed, left_out])
            self.ledger.adds_up(left_out, names)
        for remark, number in figures.remarks(self.engine).items():
            enter(("remark", remark), number)

    def _flow(self) -> Flow:
        endpoints = ENDPOINTS if self.shape.has_outcomes else ()
        return Flow(
            records=self._count("records"),
            rejected=self._count("rejected"),
            children=self._count("children"),
            contradictory=self._count("contradictory"),
            usable=self._count("usable"),
            followed={endpoint: self._count("out", endpoint, "") for endpoint in endpoints},
            not_followed={endpoint: self._count("left-out", endpoint) for endpoint in endpoints},
            left_out={endpoint: self._left_out(endpoint) for endpoint in endpoints},
            remarks=self._all_of("remark"),
            counters=self._all_of("counter"),
        )

    def _left_out(self, endpoint: Endpoint) -> tuple[tuple[str, Count], ...]:
        return tuple((reason, self._count("out", endpoint, reason)) for reason in LEFT_OUT[endpoint])

    def _all_of(self, kind: str) -> tuple[tuple[str, Count], ...]:
        return tuple((name[1], count) for name, count in self.shown.items() if name[0] == kind)

    # --- the baseline and what is recorded -----------------------------------------------------------------------------------

    def _enter_kinds(self, kinds: Kinds) -> None:
        lines = [*(str(place) for place in range(len(kinds.kinds))), figures.KNOWN_IN_PART, figures.NOT_KNOWN]
        counts = figures.by_code(self.engine, f"k_{kinds.fact}", len(lines))
        names = [self.ledger.enter(("k", kinds.fact, line), number) for line, number in zip(lines, counts, strict=True)]
        self.ledger.adds_up(("usable",), names)

    def _baseline(self, kinds: Kinds) -> Baseline:
        spread = figures.spread(self.engine, kinds.fact) if kinds.fact in figures.MEDIANS else None
        return Baseline(
            fact=kinds.fact,
            lines=tuple((kind, self._count("k", kinds.fact, str(place))) for place, kind in enumerate(kinds.kinds)),
            in_part=self._count("k", kinds.fact, figures.KNOWN_IN_PART),
            not_known=self._count("k", kinds.fact, figures.NOT_KNOWN),
            spread=spread if spread and (self.limit < 2 or self._may_tell(kinds.fact, spread)) else None,
        )

    def _may_tell(self, fact: str, spread: Spread) -> bool:
        """Whether the quartiles of a fact may be told: enough children stand behind them, and their number tells nothing hidden."""
        return spread.children >= 4 * self.limit and all(
            count.number is not None for name, count in self.shown.items() if name[:2] in (("k", fact), ("s", fact))
        )

    def _enter_recorded(self, fact: str) -> None:
        counts = figures.by_code(self.engine, f"s_{fact}", len(figures.STATES))
        names = [self.ledger.enter(("s", fact, state), number) for state, number in zip(figures.STATES, counts, strict=True)]
        self.ledger.adds_up(("usable",), names)
        not_known = ("k", fact, figures.NOT_KNOWN)
        if self.ledger.counts.get(not_known) == counts[2] + counts[3]:
            self.ledger.adds_up(not_known, names[2:])

    def _recorded(self, fact: str) -> Recorded:
        return Recorded(fact, tuple(self._count("s", fact, state) for state in figures.STATES))

    # --- groups ----------------------------------------------------------------------------------------------------------

    def _answers(self, scheme: str) -> tuple[str, ...]:
        """The groups of a scheme, then undecided and not applicable, in the order of their codes."""
        return (*self.shape.groups[scheme], *figures.STATUSES[:2])

    def _enter_groups(self, scheme: str) -> None:
        answers = self._answers(scheme)
        counts = figures.by_code(self.engine, f"g_{sql_name(scheme)}", len(answers))
        names = [self.ledger.enter(("g", scheme, answer), number) for answer, number in zip(answers, counts, strict=True)]
        self.ledger.adds_up(("usable",), names)

    def _groups(self, scheme: str) -> Groups:
        groups = tuple((group, self._count("g", scheme, group)) for group in self.shape.groups[scheme])
        return Groups(scheme, groups, self._count("g", scheme, "undecided"), self._count("g", scheme, "not-applicable"))

    def _telling(self) -> tuple[str, ...]:
        """The schemes to follow where none is named: those that decide most children; none that begins at a relapse."""
        decided = {
            scheme: [self.ledger.counts["g", scheme, group] for group in self.shape.groups[scheme]]
            for scheme in self.about.schemes
            if self.library.schemes[scheme].phase != "relapse"
        }
        telling = [scheme for scheme, counts in decided.items() if sum(map(bool, counts)) > 1]
        return tuple(sorted(telling, key=lambda scheme: (-sum(decided[scheme]), scheme))[:_MOST_SCHEMES])

    # --- why undecided -----------------------------------------------------------------------------------------------------

    def _enter_undecided(self, scheme: str) -> None:
        total = ("g", scheme, "undecided")
        among: dict[str, int] = {}
        alone: dict[str, int] = {}
        opened: dict[tuple[str, ...], int] = {}
        for missing, possible, number in self.open[scheme]:
            opened[possible] = opened.get(possible, 0) + number
            for fact in missing:
                among[fact] = among.get(fact, 0) + number
                alone[fact] = alone.get(fact, 0) + (number if len(missing) == 1 else 0)
        names = [self.ledger.enter(("open", scheme, *possible), number) for possible, number in opened.items()]
        self.ledger.adds_up(total, names)
        for fact, number in among.items():
            self._enter_part(("among", scheme, fact), number, total)
            self._enter_part(("alone", scheme, fact), alone[fact], ("among", scheme, fact))

    def _enter_part(self, name: Name, number: int, total: Name) -> None:
        """A count whose rest a reader can work out from the total."""
        rest = self.ledger.enter(("rest", *name), self.ledger.counts[total] - number, is_shown=False)
        self.ledger.adds_up(total, [self.ledger.enter(name, number), rest])

    def _undecided(self, scheme: str) -> Undecided:
        counts = self.ledger.counts
        facts = sorted((name for name in counts if name[:2] == ("among", scheme)), key=lambda name: (-counts[name], name))
        opened = sorted((name for name in counts if name[:2] == ("open", scheme)), key=lambda name: (-counts[name], name))
        needed = tuple(StillNeeded(name[2], self.shown[name], self._count("alone", scheme, name[2])) for name in facts)
        return Undecided(
            scheme, self._count("g", scheme, "undecided"), needed, tuple((name[2:], self.shown[name]) for name in opened)
        )

    # --- two schemes -------------------------------------------------------------------------------------------------------

    def _enter_crossing(self, first: str, second: str) -> None:
        counts = figures.by_codes(self.engine, f"g_{sql_name(first)}", f"g_{sql_name(second)}")
        rows, columns = self._answers(first), self._answers(second)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                self.ledger.enter(("x", first, second, row, column), counts.get((i, j), 0))
        for row in rows:
            self.ledger.adds_up(("g", first, row), [("x", first, second, row, column) for column in columns])
        for column in columns:
            self.ledger.adds_up(("g", second, column), [("x", first, second, row, column) for row in rows])

    def _crossing(self, first: str, second: str, with_apart: bool) -> Crossing:
        rows, columns = self._answers(first), self._answers(second)
        cells = tuple(tuple(self._count("x", first, second, row, column) for column in columns) for row in rows)
        return Crossing(first, second, rows, columns, cells, self._apart(first, second) if with_apart else ())

    def _apart(self, first: str, second: str) -> tuple[Apart, ...]:
        """Where the second scheme places children of one group elsewhere than most of that group, and what is common among them."""
        groups = (f"g_{sql_name(first)}", f"g_{sql_name(second)}")
        by_kind = {kinds: figures.by_codes(self.engine, *groups, f"k_{kinds.fact}") for kinds in self.shape.baseline}
        found = []
        for i, row in enumerate(self.shape.groups[first]):
            counts = [self.ledger.counts["x", first, second, row, column] for column in self.shape.groups[second]]
            most = max(range(len(counts)), key=counts.__getitem__)
            for other, number in enumerate(counts):
                if number and other != most:
                    features = _features(by_kind, (i, other), (i, most), number, counts[most])
                    named = self.shape.groups[second]
                    found.append(Apart(row, named[most], named[other], number, features))
        return tuple(sorted(found, key=lambda apart: (-apart.children, apart.group, apart.other)))

    # --- what the source says itself -----------------------------------------------------------------------------------------

    def _enter_compared(self) -> list[tuple[Comparison, list[tuple[str, str]]]]:
        entered = []
        for comparison in self.about.stated:
            if comparison.scheme not in self.shape.groups:
                continue
            only = {fact: 1 << self.library.facts[fact].choice_ids.index(choice) for fact, choice in comparison.only.items()}
            rows = figures.stated(self.engine, self.shape, SAID + comparison.column, comparison.scheme, only)
            said = [(row[0], comparison.expects[row[0]]) for row in rows if row[0] in comparison.expects]
            for told, expected in dict(said).items():
                self._enter_said(comparison, told, expected, {code: number for say, code, number in rows if say == told})
            if said:
                entered.append((comparison, sorted(dict(said).items())))
        return entered

    def _enter_said(self, comparison: Comparison, said: str, expected: str, by_code: Mapping[int, int]) -> None:
        answers = self._answers(comparison.scheme)
        agree = by_code.get(answers.index(expected), 0)
        undecided = by_code.get(answers.index(UNDECIDED), 0)
        differ = sum(by_code.values()) - agree - undecided
        for what, number in (("agree", agree), ("differ", differ), ("undecided", undecided)):
            self.ledger.enter(("said", comparison.column, comparison.scheme, said, what), number)

    def _compared(self, comparison: Comparison, rows: Sequence[tuple[str, str]]) -> Compared:
        def count(said: str, what: str) -> Count:
            return self._count("said", comparison.column, comparison.scheme, said, what)

        told = tuple((s, expected, count(s, "agree"), count(s, "differ"), count(s, "undecided")) for s, expected in rows)
        return Compared(comparison, told)


def _features(
    by_kind: Mapping[Kinds, Mapping[tuple[int, ...], int]], here: tuple[int, int], usual: tuple[int, int], of: int, of_usual: int
) -> tuple[Feature, ...]:
    """The kinds of children that are most over-represented in a cell, two at most, of different facts."""
    found = []
    for kinds, counts in by_kind.items():
        features = [
            Feature(kind, counts.get((*here, place), 0), of, counts.get((*usual, place), 0), of_usual)
            for place, kind in enumerate(kinds.kinds)
        ]
        found += sorted(features, key=_excess, reverse=True)[:1]
    telling = [feature for feature in found if _excess(feature) >= _TELLING and feature.here * 2 >= feature.of]
    return tuple(sorted(telling, key=_excess, reverse=True)[:2])


def _excess(feature: Feature) -> float:
    return feature.here / feature.of - feature.usual / max(feature.of_usual, 1)

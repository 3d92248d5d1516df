"""How a cohort's report says its counts, shares, groups and kinds of children."""

from __future__ import annotations

from decimal import Decimal

from remission.cohort.figures import Kind
from remission.cohort.hiding import Count
from remission.cohort.reporting import Point, Report
from remission.cohort.survival import YEAR
from remission.documents.wording import Wording, grouped, lowered
from remission.knowledge.model import Frozen, Lang, Library


class CohortWords(Frozen, frozen=True):
    """Speaks one language about one report."""

    library: Library
    lang: Lang
    report: Report

    @property
    def words(self) -> Wording:
        return Wording(self.library, self.lang)

    def say(self, word: str, **values: object) -> str:
        return self.words.say(word, **values)

    def count(self, count: Count) -> str:
        """A count, or why it is not shown."""
        if count.number is not None:
            return grouped(Decimal(count.number))
        return self.say("rep-below", limit=count.below) if count.below else self.say("rep-hidden")

    def count_of(self, count: Count, total: Count) -> str:
        """A count with its share; hidden counts have none."""
        if count.number is None or not total.number:
            return self.count(count)
        return self.say("rep-percent", count=self.count(count), share=f"{100 * count.number / total.number:.1f}")

    @staticmethod
    def share_of(count: Count, total: Count) -> float | None:
        return count.number / total.number if count.number is not None and total.number else None

    def share(self, share: float) -> str:
        return self.say("rep-share", share=f"{share * 100:.1f}")

    def estimate(self, point: Point | None) -> str:
        """A share with its interval; where none is defined the share alone. A curve that may step only now and then says at a
        year what it said at its last step, and when that was."""
        if point is None:
            return self.say("rep-not-shown" if self.hides else "rep-not-followed")
        said = self.share(point.share)
        if point.low is not None and point.high is not None:
            said = self.say("rep-estimate", share=said, low=f"{point.low * 100:.1f}", high=f"{point.high * 100:.1f}")
        return self.say("rep-as-of", estimate=said, years=self.years(point.day)) if self.hides and point.day else said

    @property
    def hides(self) -> bool:
        """Whether small counts are hidden."""
        return self.report.about.hide_below >= 2

    def when(self, year: int, point: Point) -> str:
        """The time of which a point speaks that was asked for at a year."""
        return self.years(point.day) if self.hides else str(year)

    def years(self, days: float) -> str:
        return f"{days / YEAR:.1f}"

    def at_year(self, year: int) -> str:
        return self.say("rep-at-one-year" if year == 1 else "rep-at-year", year=year)

    def scheme(self, scheme: str) -> str:
        return self.library.schemes[scheme].short.in_(self.lang)

    def answer(self, scheme: str, answer: str) -> str:
        """A group's printed name, or that there is none."""
        if answer in ("undecided", "not-applicable"):
            return self.say(f"rep-{answer}")
        return self.words.outcome(self.library.schemes[scheme], answer)

    def fact(self, fact: str) -> str:
        return self.library.facts[fact].label.in_(self.lang)

    def kind(self, kind: Kind) -> str:
        """A line of the baseline table: "from 1 year to below 10 years", "CNS2"."""
        definition = self.library.facts[kind.fact]
        if kind.group:
            label = next(group.label.in_(self.lang) for group in definition.groups if group.id == kind.group)
            return label.split(",")[0].split(" (")[0]
        return self.words.condition(kind.cell)

    def kind_of_child(self, kind: Kind) -> str:
        return self.say("cell-table", label=lowered(self.fact(kind.fact)), value=self.kind(kind))

    def counter(self, word: str) -> str:
        """A problem that was met so many times, in words."""
        sentence = self.words.counted(word)
        return sentence[:1].upper() + sentence[1:]

    def open_groups(self, scheme: str, possible: tuple[str, ...]) -> str:
        return self.words.outcomes(self.library.schemes[scheme], possible)

"""MRD results on their scale: a ladder on which each step down is ten times fewer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from remission.documents.drawing import SMALL, SOFT, WIDE, WIDTH, Sheet, Spot, text_width
from remission.documents.labels import EDGE, Area, Room, explained, write_in_rows
from remission.documents.paper import Table
from remission.documents.wording import Wording, grouped
from remission.knowledge.model import Frozen
from remission.record.facts import Fact

_MOST, _STEPS = Decimal(100), 6  # from 100 % down to 1 in a million
_LEAST = _MOST.scaleb(-_STEPS)


class MrdPoint(Frozen, frozen=True):
    """An MRD result as it was read from the report, and what it was: "end of induction, bone marrow"."""

    label: str
    result: Fact
    on: date | None = None

    @property
    def low(self) -> Decimal | None:
        """What it is at least, in percent; None where nothing is known, or nothing but that it is more than none."""
        return self.result.low if not self.result.absent_reason and self.result.low else None

    @property
    def high(self) -> Decimal | None:
        """What it is at most, in percent; None where nothing is known."""
        high = None if self.result.absent_reason else self.result.high
        return high if (high is not None and 0 < high < _MOST) or high == self.low else None

    @property
    def has_place(self) -> bool:
        """Whether it can be placed: not without a number or the limit of its test, and not below the end of the scale."""
        known = self.high if self.high is not None else self.low
        return known is not None and known >= _LEAST


def mrd_words(words: Wording, results: tuple[MrdPoint, ...]) -> str:
    """The results in words, by date."""
    return " ".join(_result_told(words, point) for point in _by_day(results)) or words.say("chart-mrd-nothing")


def mrd_table(words: Wording, results: tuple[MrdPoint, ...]) -> Table:
    """The results as rows, the latest first."""
    head = (words.say("chart-head-day"), words.say("chart-mrd-head"), words.say("chart-mrd-head-result"))
    rows = tuple(
        (words.day(point.on) if point.on else words.say("not-recorded"), point.label, words.value(point.result))
        for point in reversed(_by_day(results))
    )
    return Table(words.say("chart-mrd-title"), head, rows)


def mrd_chart(words: Wording, results: tuple[MrdPoint, ...], wide: bool = False) -> str:
    """The results on the scale as SVG. What is only known to be less is an open arrow from its limit down, never a dot at zero."""
    sheet = Sheet(words.say("chart-mrd-title"), mrd_words(words, results), words.lang, WIDE if wide else WIDTH, ink="")
    sheet.paragraph(EDGE, words.say("chart-mrd-title"), sheet.width - 2 * EDGE, bold=True)
    ordered = _by_day(results)
    if not ordered:
        sheet.paragraph(EDGE, words.say("chart-mrd-nothing"), sheet.width - 2 * EDGE)
        return sheet.finished()
    sheet.paragraph(EDGE, words.say("chart-mrd-scale"), sheet.width - 2 * EDGE, SMALL)
    _MrdDrawing(words, sheet, [point for point in ordered if point.has_place]).draw()
    beside = [point for point in ordered if not point.has_place]
    if beside:
        sheet.y += 4
        sheet.paragraph(EDGE, words.say("chart-mrd-beside"), sheet.width - 2 * EDGE, SMALL, bold=True)
    for point in beside:
        sheet.paragraph(EDGE, _result_told(words, point), sheet.width - 2 * EDGE, SMALL)
    return sheet.finished()


def _by_day(results: tuple[MrdPoint, ...]) -> list[MrdPoint]:
    """By date; those without one come first, for nobody knows that they are the latest."""
    return sorted(results, key=lambda point: point.on or date.min)


def _result_told(words: Wording, point: MrdPoint) -> str:
    word = "chart-mrd-result" if point.on else "chart-mrd-result-no-day"
    told = words.say(word, label=point.label, on=words.day(point.on) if point.on else "", value=words.value(point.result))
    return told.replace(" %", "\N{NO-BREAK SPACE}%")


class _MrdDrawing:
    """Results being drawn on a ladder of tenths, as in the library's picture of the scale."""

    step, arrow = 36.0, 30.0

    def __init__(self, words: Wording, sheet: Sheet, placed: list[MrdPoint]):
        self.words, self.sheet, self.placed = words, sheet, placed
        self.levels = [_MOST.scaleb(-step) for step in range(_STEPS + 1)]
        labels = [label for level in self.levels for label in self._names(level)]
        self.left = EDGE + 6 + max(text_width(label, SMALL) for label in labels)
        self.top = sheet.y + 24
        self.bottom = self.top + self.step * _STEPS

    def draw(self) -> None:
        self._ladder()
        right = self.sheet.width - EDGE
        room = Room(Area(self.left + 30, self.top - 16, right, self.bottom + self.arrow + 8), self._drawn())
        for point, x in zip(self.placed, self._columns(), strict=True):
            self._mark(point, x)
        for point, x in zip(self.placed, self._columns(), strict=True):
            self._name(room, point, x)
        self.sheet.y = self.bottom + self.arrow + 8
        write_in_rows(self.sheet, [(x, str(number)) for number, x in enumerate(self._columns(), 1)], self.left, right, bold=True)
        self._legend()

    def _names(self, level: Decimal) -> list[str]:
        """What is written at a level: the percent, and one in how many."""
        one_in = [] if level == _MOST else [self.words.say("chart-mrd-one-in", number=grouped(_MOST / level))]
        return [f"{grouped(level)} %", *one_in]

    def _ladder(self) -> None:
        """A level for each tenth, and a wedge that grows thinner downwards."""
        x, right = self.left + 6, self.sheet.width - EDGE
        self.sheet.path(f"M{x:.0f} {self.top:.0f}H{x + 18:.0f}L{x + 2:.0f} {self.bottom:.0f}H{x:.0f}Z", SOFT, line=0)
        for level in self.levels:
            at = self.y(level)
            self.sheet.line((x, at), (right, at), line=0.5)
            for name, down in zip(self._names(level), (-2, 13) if level < _MOST else (4,), strict=True):
                self.sheet.write(self.left, at + down, name, SMALL, bold=down < 13, anchor="end")

    def y(self, percent: Decimal) -> float:
        """The place of an amount; what is off the ladder stands at its end."""
        inside = max(_LEAST, min(_MOST, percent))
        return self.top + float(2 - inside.log10()) * self.step

    def _columns(self) -> list[float]:
        """A column for each result, in the order of their dates."""
        left, right = self.left + 34, self.sheet.width - EDGE - 6
        return [left + (right - left) * (number + 0.5) / len(self.placed) for number in range(len(self.placed))]

    def _ends(self, point: MrdPoint) -> tuple[float, float]:
        """From where to where a mark reaches, top to bottom."""
        if point.low is None and point.high is not None:
            return self.y(point.high), self.y(point.high) + self.arrow
        if point.high is None and point.low is not None:
            return self.y(point.low) - self.arrow, self.y(point.low)
        return self.y(point.high or _MOST), self.y(point.low or _LEAST)

    def _mark(self, point: MrdPoint, x: float) -> None:
        top, bottom = self._ends(point)
        if point.low is None:
            self._arrow(x, top, bottom)
        elif point.high is None:
            self._arrow(x, bottom, top)
        elif point.low == point.high:
            self.sheet.circle(x, top, 6, 1, line=0)
        else:
            self.sheet.box(x - 5, top, 10, bottom - top, corner=0)

    def _arrow(self, x: float, start: float, end: float) -> None:
        """An open arrow from a limit, closed by a bar at its limit."""
        way = 1 if end > start else -1
        neck = end - 12 * way
        drawn = f"M{x - 3:.1f} {start:.1f}V{neck:.1f}H{x - 8:.1f}L{x:.1f} {end:.1f}L{x + 8:.1f} {neck:.1f}H{x + 3:.1f}V{start:.1f}"
        self.sheet.path(drawn)
        self.sheet.line((x - 9, start), (x + 9, start))

    def _drawn(self) -> Iterator[Spot]:
        for point, x in zip(self.placed, self._columns(), strict=True):
            top, bottom = self._ends(point)
            yield from ((x + across, top + (bottom - top) * down / 4) for down in range(5) for across in (-8, 0, 8))

    def _name(self, room: Room, point: MrdPoint, x: float) -> None:
        """The amount beside its mark, where there is room; the legend has it always."""
        amount = f"{grouped(point.high or point.low or _MOST)} %"
        text = self.words.say("chart-mrd-below", value=amount) if point.low is None else amount
        if point.high is None:
            text = self.words.say("chart-mrd-above", value=amount)
        top, bottom = self._ends(point)
        side = text_width(text, SMALL) / 2 + 12
        spots = [(x, top - 12), (x + side, top), (x - side, top), (x, bottom + 12), (x + side, bottom), (x - side, bottom)]
        is_range = point.low is not None and point.high is not None and point.low != point.high
        spot = None if is_range else room.place(text, SMALL, spots, crossing=False)
        if spot:
            self.sheet.write(*spot, text, SMALL, bold=True, anchor="middle")

    def _legend(self) -> None:
        sheet, words = self.sheet, self.words
        sheet.y += 2
        for number, point in enumerate(self.placed, 1):
            sheet.write(EDGE, sheet.y + SMALL * 1.3, str(number), SMALL, bold=True)
            sheet.paragraph(EDGE + 22, _result_told(words, point), sheet.width - 2 * EDGE - 22, SMALL)
            sheet.y += 3
        sheet.y += 8
        if any(point.low is None for point in self.placed):
            explained(sheet, words.say("chart-mrd-arrow-down"), lambda x, y: self._arrow(x + 10, y - 10, y + 12))
        if any(point.high is None for point in self.placed):
            explained(sheet, words.say("chart-mrd-arrow-up"), lambda x, y: self._arrow(x + 10, y + 10, y - 12))
        if any(point.low and point.high and point.low != point.high for point in self.placed):
            explained(sheet, words.say("chart-mrd-bar"), lambda x, y: sheet.box(x + 5, y - 8, 10, 16, corner=0))

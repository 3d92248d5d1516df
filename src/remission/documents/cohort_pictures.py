"""Pictures of a cohort's report: the flow of records, groups as bars, two schemes against each other, curves with their bands.

Drawn like the other charts, in the ink of the page. Curves have a colour each, and a pattern of their own, so that they are told
apart in black and white too.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from remission.documents.drawing import SMALL, TEXT, WIDE, WIDTH, Sheet, Spot, broken, text_width
from remission.documents.labels import EDGE, write_flowing
from remission.documents.wording import Wording
from remission.knowledge.ages import DAYS_PER_YEAR
from remission.knowledge.model import Frozen

_YEAR = float(DAYS_PER_YEAR)
_COLOURS = ("#2f80c2", "#c9641a", "#5f9120", "#9a66c4", "#8c7a62", "#c2558a")
_PATTERNS = ("", "9 4", "2 4", "11 4 2 4", "5 3", "1 5")
_BAND = "0.16"
_SIDE = 14.0


class Step(Frozen, frozen=True):
    """A box of the flow, and what leaves it before the next one: a line each."""

    label: str
    count: str
    leaves: tuple[str, ...] = ()


class Bar(Frozen, frozen=True):
    """A bar: its share of all, and what is written at it. `open`: no group, drawn without filling; None: no bar may be drawn."""

    label: str
    count: str
    share: float | None
    open: bool = False


class BarGroup(Frozen, frozen=True):
    """The bars of one scheme, under its name."""

    name: str
    bars: Sequence[Bar]


class Line(Frozen, frozen=True):
    """A curve: day, share, and the ends of its band where it has one."""

    label: str
    legend: str
    points: tuple[tuple[float, float, float | None, float | None], ...]
    last_day: float
    at_risk: tuple[str, ...] = ()


class _Plot(Sheet):
    """A sheet that can also draw in a colour."""

    def coloured(self, drawn: str, colour: str, pattern: str = "", filled: bool = False) -> None:
        at = {"d": drawn, "fill": colour if filled else "none"}
        if filled:
            at["fill-opacity"] = _BAND
        else:
            at |= {"stroke": colour, "stroke-width": "2", "stroke-linejoin": "round"}
            if pattern:
                at["stroke-dasharray"] = pattern
        ElementTree.SubElement(self._svg, "path", at)


def _sheet(words: Wording, title: str, says: str, wide: bool) -> _Plot:
    sheet = _Plot(title, says, words.lang, WIDE if wide else WIDTH, ink="")
    sheet.paragraph(EDGE, title, sheet.width - 2 * EDGE, bold=True)
    sheet.y += 8
    return sheet


# --- the flow ------------------------------------------------------------------------------------------------------------


def flow_picture(words: Wording, title: str, says: str, steps: Sequence[Step], ends: Sequence[Step], wide: bool) -> str:
    """Boxes from top to bottom; what leaves stands beside the arrow. The last boxes stand below one another."""
    sheet = _sheet(words, title, says, wide)
    width = (sheet.width - 2 * EDGE) * (0.46 if wide else 0.6)
    for number, step in enumerate((*steps, *ends)):
        inset = 0.0 if number < len(steps) else _SIDE * 2
        _flow_box(sheet, step, EDGE + inset, width)
        is_last = number == len(steps) + len(ends) - 1
        _leaving(sheet, step, EDGE + width / 3, is_last or number >= len(steps))
    return sheet.finished()


def _flow_box(sheet: Sheet, step: Step, x: float, width: float) -> None:
    lines = broken(step.label, width - 24, SMALL)
    height = 30 + len(lines) * SMALL * 1.3
    top = sheet.y
    sheet.box(x, top, width, height, 0.06, line=1.5)
    sheet.write(x + 12, top + 22, step.count, 17, bold=True)
    sheet.y = top + 22
    sheet.paragraph(x + 12, step.label, width - 24, SMALL)
    sheet.y = top + height


def _leaving(sheet: Sheet, step: Step, x: float, is_last: bool) -> None:
    """The arrow to the next box, and beside it what leaves."""
    top = sheet.y
    aside = x + 26
    if step.leaves:
        sheet.y += 4
        for words in step.leaves:
            sheet.paragraph(aside + 26, words, sheet.width - EDGE - aside - 26, SMALL)
        sheet.line((x, (top + sheet.y) / 2 + 2), (aside + 18, (top + sheet.y) / 2 + 2), line=1.2)
        sheet.path(f"M{aside + 13:.1f} {(top + sheet.y) / 2 - 2:.1f}l5 4l-5 4", line=1.2)
        sheet.y += 8
    else:
        sheet.y += 18
    if not is_last:
        sheet.line((x, top), (x, sheet.y - 2), line=1.2)
        sheet.path(f"M{x - 4:.1f} {sheet.y - 7:.1f}l4 5l4 -5", line=1.2)
    elif step.leaves:
        sheet.line((x, top), (x, (top + sheet.y - 8) / 2 + 4), line=1.2)


# --- bars ----------------------------------------------------------------------------------------------------------------


def room_for_counts(groups: Sequence[BarGroup]) -> float:
    """What the longest count behind a bar takes."""
    return max((text_width(bar.count, SMALL) for group in groups for bar in group.bars), default=0.0) + 8


def bars_picture(words: Wording, title: str, says: str, groups: Sequence[BarGroup], room: float, wide: bool) -> str:
    """A bar for each answer under the name of its scheme, all to one scale, with `room` for the counts behind them."""
    sheet = _sheet(words, title, says, wide)
    left = EDGE + (210.0 if wide else 118.0)
    for group in groups:
        sheet.paragraph(EDGE, group.name, sheet.width - 2 * EDGE, TEXT, bold=True)
        sheet.y += 6
        for bar in group.bars:
            _bar(sheet, bar, left, sheet.width - EDGE - room)
        sheet.y += 10
    return sheet.finished()


def _bar(sheet: Sheet, bar: Bar, left: float, right: float) -> None:
    lines = broken(bar.label, left - EDGE - 8, SMALL)
    height = max(20.0, len(lines) * SMALL * 1.25)
    middle = sheet.y + height / 2
    for number, line in enumerate(lines):
        sheet.write(left - 8, middle + SMALL * (0.35 + (number - (len(lines) - 1) / 2) * 1.2), line, SMALL, anchor="end")
    end = left
    if bar.share is not None:
        end = left + max(1.0, bar.share * (right - left)) if bar.share else left
        if bar.share:
            sheet.box(
                left, middle - 7, end - left, 14, 0 if bar.open else 0.55, line=1.2 if bar.open else 0, dashed=bar.open, corner=2
            )
    sheet.line((left, middle - 9), (left, middle + 9), line=1)
    sheet.write(end + 6, middle + SMALL * 0.35, bar.count, SMALL)
    sheet.y += height + 5


# --- two schemes ---------------------------------------------------------------------------------------------------------


def cross_picture(
    words: Wording, title: str, says: str, rows: Sequence[str], columns: Sequence[str],
    cells: Sequence[Sequence[tuple[str, float | None]]], wide: bool,
) -> str:  # fmt: skip
    """A field for each pair of groups, the darker the larger its share of the row. A name without room becomes a number."""
    sheet = _sheet(words, title, says, wide)
    left = EDGE + (190.0 if wide else 96.0)
    across = (sheet.width - EDGE - left) / max(len(columns), 1)
    heads = [_head(name, across) for name in columns]
    is_numbered = not all(heads)
    if is_numbered:
        heads = [[str(number)] for number in range(1, len(columns) + 1)]
    deepest = max(len(lines) for lines in heads)
    for place, lines in enumerate(heads):
        for number, line in enumerate(lines, deepest - len(lines)):
            sheet.write(left + across * (place + 0.5), sheet.y + 13 + number * 15, line, SMALL, bold=True, anchor="middle")
    sheet.y += 5 + 15 * deepest
    for name, row in zip(rows, cells, strict=True):
        _cross_row(sheet, name, row, left, across)
    if is_numbered:
        sheet.y += 6
        write_flowing(sheet, [(str(number), name) for number, name in enumerate(columns, 1)])
        sheet.y += 6
    return sheet.finished()


def _head(name: str, across: float) -> list[str]:
    """A column's name in at most two lines; none where it does not fit."""
    lines = broken(name, across - 4, SMALL)
    return lines if len(lines) <= 2 and all(text_width(line, SMALL) + 4 <= across for line in lines) else []


def _cross_row(sheet: Sheet, name: str, row: Sequence[tuple[str, float | None]], left: float, across: float) -> None:
    lines = broken(name, left - EDGE - 8, SMALL)
    height = max(34.0, len(lines) * SMALL * 1.25 + 6)
    middle = sheet.y + height / 2
    for number, line in enumerate(lines):
        sheet.write(left - 8, middle + SMALL * (0.35 + (number - (len(lines) - 1) / 2) * 1.2), line, SMALL, anchor="end")
    for place, (count, share) in enumerate(row):
        x = left + across * place
        sheet.box(x + 1, sheet.y + 1, across - 2, height - 2, 0.45 * share if share else 0, line=0.7, corner=2)
        size = SMALL if text_width(count, SMALL) + 2 <= across else 10
        sheet.write(x + across / 2, middle + size * 0.35, count, size, anchor="middle")
    sheet.y += height


# --- curves --------------------------------------------------------------------------------------------------------------


def curves_picture(
    words: Wording,
    title: str,
    says: str,
    lines: Sequence[Line],
    axis: str,
    risk: str,
    notes: Sequence[str],
    wide: bool,
    rising: bool,
) -> str:
    """Curves with their bands over years, and below them how many are at risk. `rising`: incidences, not survival."""
    sheet = _sheet(words, title, says, wide)
    _Curves(sheet, lines, rising).draw(axis, risk, 300.0 if wide else 220.0)
    for note in notes:
        sheet.paragraph(EDGE, note, sheet.width - 2 * EDGE, SMALL)
        sheet.y += 2
    return sheet.finished()


class _Curves:
    """Curves being drawn on a sheet."""

    def __init__(self, sheet: _Plot, lines: Sequence[Line], rising: bool):
        self.sheet, self.lines = sheet, lines
        self.before = 0.0 if rising else 1.0  # where a curve begins: nobody yet had the event, or everybody is without it
        self.years = max(1, min(15, max((int(line.last_day / _YEAR) for line in lines), default=1)))
        most = max((high or share for line in lines for _, share, _, high in line.points), default=0.0) if rising else 1.0
        self.top_share = next((step for step in (0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if most <= step), 1.0)
        self.left, self.right = EDGE + 40, sheet.width - EDGE - 6

    def draw(self, axis: str, risk: str, height: float) -> None:
        self.top = self.sheet.y + 12
        self.bottom = self.top + height
        self._grid()
        for number, line in enumerate(self.lines):
            self._band(line, _COLOURS[number % len(_COLOURS)])
        for number, line in enumerate(self.lines):
            self._curve(line, _COLOURS[number % len(_COLOURS)], _PATTERNS[number % len(_PATTERNS)])
        self.sheet.y = self.bottom + 22
        self.sheet.write((self.left + self.right) / 2, self.sheet.y + 14, axis, SMALL, anchor="middle")
        self.sheet.y += 26
        self._legend(risk)

    def x(self, day: float) -> float:
        return self.left + min(day / (self.years * _YEAR), 1.0) * (self.right - self.left)

    def y(self, share: float) -> float:
        return self.bottom - min(share / self.top_share, 1.0) * (self.bottom - self.top)

    def _ticks(self) -> list[int]:
        """As many years as their numbers have room."""
        room = (self.right - self.left) / self.years
        every = next(step for step in (1, 2, 3, 5, 10, 15) if room * step >= 44 or step == 15)
        return list(range(0, self.years + 1, every))

    def _grid(self) -> None:
        for part in range(5):
            share = self.top_share * part / 4
            self.sheet.line((self.left, self.y(share)), (self.right, self.y(share)), line=1 if part == 0 else 0.4)
            self.sheet.write(self.left - 6, self.y(share) + SMALL * 0.35, f"{share * 100:g} %", SMALL, anchor="end")
        for year in self._ticks():
            x = self.x(year * _YEAR)
            self.sheet.line((x, self.bottom), (x, self.bottom + 5), line=1)
            self.sheet.write(x, self.bottom + 20, str(year), SMALL, anchor="middle")

    def _steps(self, line: Line, which: int, before: float) -> list[Spot]:
        """The corners of a staircase; what would lie within the same pixel is left out."""
        spots, y = [(self.x(0), self.y(before))], self.y(before)
        for point in line.points:
            value = point[which]
            if value is None or point[0] > self.years * _YEAR:
                continue
            x, next_y = self.x(point[0]), self.y(float(value))
            if x - spots[-1][0] < 0.4 and abs(next_y - y) < 0.4 and point is not line.points[-1]:
                continue
            spots += [(x, y), (x, next_y)]
            y = next_y
        return [*spots, (self.x(min(line.last_day, self.years * _YEAR)), y)]

    def _curve(self, line: Line, colour: str, pattern: str) -> None:
        self.sheet.coloured(_drawn(self._steps(line, 1, self.before)), colour, pattern)

    def _band(self, line: Line, colour: str) -> None:
        banded = [point for point in line.points if point[2] is not None]
        if not banded:
            return
        end = line.last_day if line.points[-1][2] is not None else line.points[-1][0]
        within = Line(line.label, line.legend, tuple(banded), end)
        low, high = self._steps(within, 2, self.before), self._steps(within, 3, self.before)
        self.sheet.coloured(_drawn([*high, *reversed(low)]) + "Z", colour, filled=True)

    def _legend(self, risk: str) -> None:
        """Each curve's sign and name, and under it how many are at risk, below the years of the axis."""
        sheet = self.sheet
        if risk and any(line.at_risk for line in self.lines):
            sheet.paragraph(EDGE, risk, sheet.width - 2 * EDGE, SMALL, bold=True)
            sheet.y += 2
        for number, line in enumerate(self.lines):
            sign = sheet.y + SMALL * 0.9
            if line.points or line.last_day:
                drawn = f"M{EDGE:.1f} {sign:.1f}H{EDGE + 26:.1f}"
                sheet.coloured(drawn, _COLOURS[number % len(_COLOURS)], _PATTERNS[number % len(_PATTERNS)])
            sheet.paragraph(EDGE + 34, line.legend, sheet.width - 2 * EDGE - 34, SMALL)
            if line.at_risk:
                self._at_risk(line)
            sheet.y += 5

    def _at_risk(self, line: Line) -> None:
        self.sheet.y += SMALL * 1.35
        for year in self._ticks():
            if year < len(line.at_risk):
                self.sheet.write(self.x(year * _YEAR), self.sheet.y, line.at_risk[year], SMALL, anchor="middle")


def _drawn(spots: Sequence[Spot]) -> str:
    first, *rest = [(f"{x:.1f}".removesuffix(".0"), f"{y:.1f}".removesuffix(".0")) for x, y in spots]
    parts = [f"M{first[0]} {first[1]}"]
    at = first
    for x, y in rest:
        if (x, y) == at:
            continue
        parts.append(f"V{y}" if x == at[0] else f"H{x}" if y == at[1] else f"L{x} {y}")
        at = (x, y)
    return "".join(parts)

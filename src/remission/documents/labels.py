"""Words on a chart: where they find room, and the legend below it. No words ever lie on others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from remission.documents.drawing import SMALL, Sheet, Spot, text_width

EDGE = 10.0
_ASCENT, _DESCENT = 0.85, 0.25  # what letters reach above and below their line, in ems
_ROW = 17.0
_AROUND = 2.0  # pixels left free at both sides of a label
_SIGN = 34.0  # room for the sign before a legend's words


class Area(NamedTuple):
    """A rectangle on a sheet."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Area) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, spot: Spot) -> bool:
        return self.left <= spot[0] <= self.right and self.top <= spot[1] <= self.bottom


class Room:
    """Finds a place for words on a crowded part of a sheet: never on other words, and on as few of `lines` as can be."""

    def __init__(self, within: Area, lines: Iterable[Spot] = ()):
        self.within = within
        self._lines = tuple(lines)
        self._taken: list[Area] = []

    def place(self, text: str, size: int, spots: Iterable[Spot], crossing: bool = True) -> Spot | None:
        """Where to write a text so that its middle is as near as can be to one of `spots`, the best first; None where there is no
        room, or without `crossing` none that is free of lines."""
        found: tuple[float, Area] | None = None
        for order, spot in enumerate(spots):
            area = self._moved_in(_around(text, size, spot))
            if not area or any(area.touches(other) for other in self._taken):
                continue
            cost = order / 4 + sum(area.holds(line) for line in self._lines)
            if (crossing or cost < 1 + order / 4) and (found is None or cost < found[0]):
                found = (cost, area)
        if found is None:
            return None
        self._taken.append(found[1])
        return (found[1].left + found[1].right) / 2, found[1].bottom - size * _DESCENT

    def _moved_in(self, area: Area) -> Area | None:
        """An area moved from side to side until it lies within; None where it does not fit."""
        moved = max(0.0, self.within.left - area.left) - max(0.0, area.right - self.within.right)
        area = area._replace(left=area.left + moved, right=area.right + moved)
        fits = area.left >= self.within.left and self.within.top <= area.top and area.bottom <= self.within.bottom
        return area if fits else None


def _around(text: str, size: int, middle: Spot) -> Area:
    """What a line of text covers, its middle at a spot."""
    half = text_width(text, size) / 2 + _AROUND
    top = middle[1] - size * (_ASCENT + _DESCENT) / 2
    return Area(middle[0] - half, top, middle[0] + half, top + size * (_ASCENT + _DESCENT))


def moved_in(middle: float, width: float, left: float, right: float) -> float:
    """The middle of something, moved from side to side so that it lies between two edges."""
    return max(left + width / 2, min(right - width / 2, middle))


def write_in_rows(sheet: Sheet, named: Iterable[tuple[float, str]], left: float, right: float, bold: bool = False) -> None:
    """Labels below what is drawn so far, each at its own middle, in as many rows as they need in order not to touch."""
    rows: list[float] = []  # where each row is free again
    for middle, label in named:
        width = text_width(label, SMALL)
        x = moved_in(middle, width, left, right)
        row = next((row for row, free in enumerate(rows) if free <= x - width / 2), len(rows))
        rows[row : row + 1] = [x + width / 2 + 5]
        sheet.write(x, sheet.y + _ROW * row + 13, label, SMALL, bold, anchor="middle")
    sheet.y += _ROW * len(rows)


def write_flowing(sheet: Sheet, items: Iterable[tuple[str, str]]) -> None:
    """Short items below what is drawn so far, a bold sign before each, side by side as they fit."""
    x = float(sheet.width)
    for sign, text in items:
        before = text_width(sign, SMALL) + 6
        wide = before + text_width(text, SMALL)
        if x + wide > sheet.width - EDGE:
            x = EDGE
            sheet.y += _ROW
        sheet.write(x, sheet.y, sign, SMALL, bold=True)
        if wide <= sheet.width - 2 * EDGE:
            sheet.write(x + before, sheet.y, text, SMALL)
        else:
            sheet.y -= _ROW
            sheet.paragraph(x + before, text, sheet.width - EDGE - x - before, SMALL)
        x += wide + 16


def explained(sheet: Sheet, text: str, sign: Callable[[float, float], None]) -> None:
    """A line of a legend: a sign is drawn at its left, from the spot given."""
    sign(EDGE, sheet.y + 12)
    sheet.paragraph(EDGE + _SIGN, text, sheet.width - 2 * EDGE - _SIGN, SMALL)
    sheet.y += 4

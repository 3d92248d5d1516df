"""An invented child's days as pictures: stacked curves over one time, with the phases of treatment as bands.

SVG in one ink, read in black and white, with all that it shows in words. Nothing in it is about a real child.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import numpy as np
import numpy.typing as npt

from remission.documents.drawing import SMALL, SOFT, WIDE, WIDTH, Sheet, Spot, text_width
from remission.documents.labels import EDGE, Area, Room, explained, write_flowing, write_in_rows
from remission.documents.scales import value_ticks
from remission.documents.wording import Wording, grouped

MONTH = 365.25 / 12
Days = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]
_LEAST_SHOWN = 1e-12  # one leukemia cell where there was a full marrow
_DECADES = (1.0, 1e-2, 1e-4)
_HEIGHT, _TALL = 96.0, 150.0
_MOST_POINTS = 1.2  # of a line, for each pixel


@dataclass(frozen=True)
class Band:
    """A phase of treatment over some days; `ends` is the day after its last."""

    name: str
    starts: float
    ends: float


@dataclass(frozen=True)
class Mark:
    """A day with a sign of its own, and what it is called."""

    day: float
    label: str = ""


@dataclass(frozen=True)
class Curve:
    """One value by day. `limit` makes it a curve on the scale of MRD: below it a test sees nothing.

    `tests` are the days of tests and what they said (0: nothing seen); `signs` are days marked under the curve.
    """

    title: str
    unit: str
    values: Values
    most: float = 0.0
    limit: float = 0.0
    tests: tuple[tuple[float, float], ...] = ()
    signs: tuple[float, ...] = ()


@dataclass(frozen=True)
class Picture:
    """Curves over the same days, from the first of them to the last."""

    title: str
    description: str
    days: Days
    curves: tuple[Curve, ...]
    bands: tuple[Band, ...]
    event: Mark | None = None
    sign_told: str = ""


def bands_of(names: dict[str, str], days: Days, phases: list[str]) -> tuple[Band, ...]:
    """Runs of days in one phase."""
    found = []
    for phase, run in groupby(zip(days.tolist(), phases, strict=True), key=lambda one: one[1]):
        listed = [day for day, _ in run]
        found.append(Band(names[phase], listed[0], listed[-1] + 1))
    return tuple(found)


def picture_svg(words: Wording, picture: Picture, wide: bool = False) -> str:
    """The picture for a phone, or `wide` for a desk and print."""
    sheet = Sheet(picture.title, picture.description, words.lang, WIDE if wide else WIDTH, ink="")
    _Drawing(words, picture, sheet).draw()
    return sheet.finished()


class _Drawing:
    def __init__(self, words: Wording, picture: Picture, sheet: Sheet):
        self.words, self.picture, self.sheet = words, picture, sheet
        self.left, self.right = EDGE + 50.0, sheet.width - EDGE
        self.first, self.last = float(picture.days[0]), float(picture.days[-1] + 1)
        self.step = max(1, int(len(picture.days) / ((self.right - self.left) * _MOST_POINTS)))

    def draw(self) -> None:
        numbered = self._bands_named()
        for curve in self.picture.curves:
            self._curve(curve)
        self._months()
        self._legend(numbered)

    def x(self, day: float) -> float:
        return self.left + (day - self.first) / (self.last - self.first) * (self.right - self.left)

    # --- phases -----------------------------------------------------------------------------------------------------------------

    def _bands_named(self) -> list[tuple[str, str]]:
        """The name of each phase above it, or a number where there is no room."""
        named = []
        for number, band in enumerate(self.picture.bands, 1):
            starts, ends = self.x(band.starts), self.x(band.ends)
            named.append(((starts + ends) / 2, band.name if text_width(band.name, SMALL) + 4 <= ends - starts else str(number)))
        write_in_rows(self.sheet, named, self.left, self.right)
        self.sheet.y += 6
        return [(label, band.name) for (_, label), band in zip(named, self.picture.bands, strict=True) if label != band.name]

    def _shade(self, top: float, bottom: float) -> None:
        for number, band in enumerate(self.picture.bands):
            if number % 2:
                starts, ends = self.x(band.starts), self.x(band.ends)
                self.sheet.box(starts, top, ends - starts, bottom - top, SOFT / 2, line=0, corner=0)

    # --- one curve ----------------------------------------------------------------------------------------------------------------

    def _curve(self, curve: Curve) -> None:
        sheet = self.sheet
        sheet.y += 4
        heading = f"{curve.title}\u00a0·\u00a0{curve.unit}" if curve.unit else curve.title
        sheet.paragraph(EDGE, heading, sheet.width - 2 * EDGE, SMALL, bold=True)
        top = sheet.y + 13
        bottom = top + (_TALL if curve.limit else _HEIGHT)
        self._shade(top, bottom)
        points = self._logarithmic(curve, top, bottom) if curve.limit else self._linear(curve, top, bottom)
        sheet.line((self.left, bottom), (self.right, bottom), line=1)
        sheet.path(_path(points), line=1.6)
        for day in curve.signs:
            x = self.x(day)
            sheet.path(f"M{x - 4:.1f} {bottom + 11:.1f}L{x:.1f} {bottom + 3:.1f}L{x + 4:.1f} {bottom + 11:.1f}Z", 1, line=0)
        if self.picture.event:
            x = self.x(self.picture.event.day)
            sheet.line((x, top - 4), (x, bottom), line=1.2, dashed=True)
        sheet.y = bottom + (14 if curve.signs else 6)

    def _linear(self, curve: Curve, top: float, bottom: float) -> list[list[Spot]]:
        known = curve.values[np.isfinite(curve.values)]
        ticks = value_ticks(Decimal(0), Decimal(repr(curve.most or float(known.max(initial=1.0)))), 3)
        most = float(ticks[-1])

        def y(value: float) -> float:
            return bottom - min(value, most) / most * (bottom - top)

        for tick in ticks:
            self._tick(grouped(tick), y(float(tick)))
        return self._points(curve.values, y)

    def _logarithmic(self, curve: Curve, top: float, bottom: float) -> list[list[Spot]]:
        def y(value: float) -> float:
            return top + math.log10(max(min(value, 1.0), _LEAST_SHOWN)) / math.log10(_LEAST_SHOWN) * (bottom - top)

        at = y(curve.limit)
        self.sheet.box(self.left, at, self.right - self.left, bottom - at, SOFT, line=0, corner=0)
        self.sheet.line((self.left, at), (self.right, at), line=1, dashed=True)
        for level in _DECADES:
            self._tick(f"{100 * level:g} %", y(level))
        points = self._points(np.where(curve.values > 0, curve.values, np.nan), y)
        room = Room(Area(self.left, top, self.right, bottom), [spot for run in points for spot in run])
        self._write_in(room, self.words.say("simcli-chart-too-few"), [(x, at + 14) for x in self._across()])
        self._tests(curve, y)
        self._gone(curve, room, bottom)
        return points

    def _across(self) -> Iterator[float]:
        """From right to left: curves fall from the left."""
        return (self.left + (self.right - self.left) * step / 8 for step in range(7, 0, -1))

    def _write_in(self, room: Room, text: str, spots: list[Spot]) -> None:
        spot = room.place(text, SMALL, spots)
        if spot:
            self.sheet.write(*spot, text, SMALL, anchor="middle")

    def _tests(self, curve: Curve, y: Callable[[float], float]) -> None:
        """Each test as a dot at what it said; one that saw nothing as an open dot at its limit."""
        for day, value in curve.tests:
            if self.first <= day <= self.last:
                seen = value > 0
                self.sheet.circle(self.x(day), y(value if seen else curve.limit), 4.5, 1 if seen else 0, line=0 if seen else 2)

    def _gone(self, curve: Curve, room: Room, bottom: float) -> None:
        """A ring on the day from which no leukemia cell is left in the marrow."""
        left = np.flatnonzero(curve.values > 0)
        if not len(left) or left[-1] + 1 >= len(curve.values) or curve.values[left[-1] + 1] != 0:
            return
        x = self.x(float(self.picture.days[left[-1] + 1]))
        self.sheet.circle(x, bottom - 5, 5, line=1.5)
        text = self.words.say("simcli-chart-none-left")
        half = text_width(text, SMALL) / 2 + 10
        self._write_in(
            room, text, [(x + half, bottom - 12), (x - half, bottom - 12), (x + half, bottom - 30), (x - half, bottom - 30)]
        )

    def _tick(self, text: str, y: float) -> None:
        self.sheet.line((self.left, y), (self.right, y), line=0.4)
        self.sheet.write(self.left - 6, y + SMALL * 0.33, text, SMALL, anchor="end")

    def _points(self, values: Values, y: Callable[[float], float]) -> list[list[Spot]]:
        """Runs of neighbouring days whose value is known."""
        runs: list[list[Spot]] = [[]]
        for place in range(0, len(values), self.step):
            value = float(values[place])
            if math.isfinite(value):
                runs[-1].append((self.x(float(self.picture.days[place])), y(value)))
            elif runs[-1]:
                runs.append([])
        return [run for run in runs if run]

    # --- below --------------------------------------------------------------------------------------------------------------------

    def _months(self) -> None:
        sheet, bottom = self.sheet, self.sheet.y
        span = (self.last - self.first) / MONTH
        every = next(step for step in (1, 3, 6, 12, 24) if span / step * 30 <= self.right - self.left or step == 24)
        first = math.ceil(self.first / MONTH / every) * every
        for month in range(first, math.floor(self.last / MONTH) + 1, every):
            x = self.x(month * MONTH)
            sheet.line((x, bottom), (x, bottom + 5), line=1)
            sheet.write(x, bottom + 19, f"{month}".replace("-", "−"), SMALL, anchor="middle")
        sheet.y = bottom + 22
        sheet.y += SMALL * 1.3
        sheet.write((self.left + self.right) / 2, sheet.y, self.words.say("simcli-chart-months"), SMALL, anchor="middle")
        sheet.y += 16

    def _legend(self, numbered: list[tuple[str, str]]) -> None:
        sheet, words = self.sheet, self.words
        if numbered:
            write_flowing(sheet, numbered)
            sheet.y += 4
        tests = [value for curve in self.picture.curves for day, value in curve.tests if self.first <= day <= self.last]
        if any(value > 0 for value in tests):
            explained(sheet, words.say("simcli-chart-test-seen"), lambda x, y: sheet.circle(x + 12, y, 4.5, 1, line=0))
        if any(value == 0 for value in tests):
            explained(sheet, words.say("simcli-chart-test-none"), lambda x, y: sheet.circle(x + 12, y, 4.5))
        if self.picture.sign_told and any(curve.signs for curve in self.picture.curves):
            explained(
                sheet,
                self.picture.sign_told,
                lambda x, y: sheet.path(f"M{x + 8} {y + 4}L{x + 12} {y - 4}L{x + 16} {y + 4}Z", 1, line=0),
            )
        if self.picture.event:
            explained(sheet, self.picture.event.label, lambda x, y: sheet.line((x, y), (x + 24, y), line=1.2, dashed=True))


def _path(runs: list[list[Spot]]) -> str:
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run) for run in runs)


__all__ = ["Band", "Curve", "Mark", "Picture", "bands_of", "picture_svg"]

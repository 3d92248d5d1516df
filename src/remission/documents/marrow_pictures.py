"""The pictures of the page on the marrow: a window into it at one moment, and the whole time in rows. Both take the page's ink."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby, pairwise
from typing import NamedTuple

from remission.documents.drawing import SMALL, SOFT, WIDE, WIDTH, Sheet, Spot, text_width
from remission.documents.labels import EDGE, explained, write_flowing, write_in_rows
from remission.documents.marrow_told import LIMIT, View, count_told, leukemia_short, phase_name, rounded, sees, when_and_phase
from remission.documents.scales import value_ticks
from remission.documents.wording import Wording, grouped

# --- the window -----------------------------------------------------------------------------------------------------------

PLACES = 150
_ROUND, _CELL = 158.0, 9.5
_KINDS = ("white", "red", "red", "white", "red", "white", "red", "white", "red", "platelets")  # of the healthy cells, by place


def marrow_window(words: Wording, view: View) -> str:
    """A round window into the marrow: dark leukemia cells, pale healthy ones of three kinds, and room where nobody lives."""
    sheet = Sheet(words.say("marrow-window"), " ".join(sees(words, view)), words.lang, ink="")
    middle = sheet.y + _ROUND + 4
    sheet.circle(WIDTH / 2, middle, _ROUND)
    full = round(PLACES * view.run.filled[view.at])
    dark = round(full * view.blasts)
    for order, (x, y) in enumerate(_places()):
        at = (WIDTH / 2 + x, middle + y)
        if order < dark:
            _leukemia(sheet, *at)
        elif order < full:
            _LOOKS[_KINDS[order % len(_KINDS)]](sheet, *at)
    sheet.y = middle + _ROUND + 10
    _window_legend(words, sheet)
    return sheet.finished()


@cache
def _places() -> tuple[Spot, ...]:
    """The places of cells, like the seeds of a sunflower, in the order in which they change hands: mixed, but always the same."""
    spots = []
    for place in range(PLACES):
        distance = (_ROUND - _CELL - 4) * math.sqrt((place + 0.5) / PLACES)
        turn = place * math.pi * (3 - math.sqrt(5))
        spots.append((distance * math.cos(turn), distance * math.sin(turn)))
    return tuple(spots[place * 67 % PLACES] for place in range(PLACES))  # 67 and 150 share no divisor: every place once


def _leukemia(sheet: Sheet, x: float, y: float) -> None:
    sheet.circle(x, y, _CELL, 0.25, line=0)
    sheet.circle(x + 0.6, y, 7.6, 0.92, line=0)


def _white(sheet: Sheet, x: float, y: float) -> None:
    """A nucleus in lobes."""
    sheet.circle(x, y, _CELL - 0.6, line=1.1)
    for dx, dy in ((-3, -1.6), (0.6, 2.6), (3.4, -2)):
        sheet.circle(x + dx, y + dy, 2.1, 0.45, line=0)


def _red(sheet: Sheet, x: float, y: float) -> None:
    sheet.circle(x, y, _CELL - 1.6, SOFT, line=1.1)
    sheet.circle(x, y, 3, line=0.8)


def _platelets(sheet: Sheet, x: float, y: float) -> None:
    """A large cell that breaks into small pieces."""
    sheet.circle(x, y, _CELL, SOFT, line=1.4, dashed=True)
    for dx, dy in ((-3, -3), (3.4, -2), (0, 3.6)):
        sheet.circle(x + dx, y + dy, 1.4, 0.6, line=0)


_LOOKS: dict[str, Callable[[Sheet, float, float], None]] = {"white": _white, "red": _red, "platelets": _platelets}


def _window_legend(words: Wording, sheet: Sheet) -> None:
    for number, (name, look) in enumerate((("leukemia", _leukemia), *_LOOKS.items())):
        x = EDGE + (WIDTH - 2 * EDGE) / 2 * (number % 2)
        y = sheet.y + 14 + 24 * (number // 2)
        look(sheet, x + 10, y)
        sheet.write(x + 26, y + 4.5, words.say(f"marrow-legend-{name}"), SMALL)
    sheet.y += 52
    sheet.paragraph(EDGE, words.say("marrow-legend-room", most=PLACES), WIDTH - 2 * EDGE, SMALL)


# --- the whole time -------------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """A row of the picture: what it is, its values by step, how a value becomes a height, and the labels at its left."""

    title: str
    now: str
    values: Sequence[float]
    height: float
    share: Callable[[float], float]  # 0 at the bottom, 1 at the top
    labels: tuple[tuple[float, str], ...]


def marrow_road(words: Wording, view: View, wide: bool = False) -> str:
    """The whole time as rows over one axis, the moment marked across all of them."""
    told = words.say("marrow-road-told", sees=" ".join(sees(words, view)))
    sheet = Sheet(words.say("marrow-road"), told, words.lang, WIDE if wide else WIDTH, ink="")
    _RoadDrawing(words, view, sheet, wide).draw()
    return sheet.finished()


_DECADES = 12  # of the share of leukemia cells: from all of them down to 1 in a million millions
_TITLE_ROOM, _BETWEEN = 27.0, 14.0


class _RoadDrawing:
    def __init__(self, words: Wording, view: View, sheet: Sheet, wide: bool):
        self.words, self.view, self.sheet, self.wide = words, view, sheet, wide
        self.days = view.child.plan.days
        self.run = view.run
        self.rows = [
            self._leukemia_row(),
            *(self._count_row(count) for count in ("neutrophils", "platelets", "hemoglobin")),
            self._fluid_row(),
        ]
        labels = [label for row in self.rows for _, label in row.labels]
        self.left = EDGE + 8 + max(text_width(label, SMALL) for label in labels)
        self.right = sheet.width - EDGE
        self.zero = self.days.index(0)

    # what the rows hold

    def _leukemia_row(self) -> _Row:
        def share(value: float) -> float:
            return max(0.0, 1 + math.log10(value) / _DECADES) if value > 0 else 0.0

        labels = (
            (1.0, "100 %"),
            (1e-2, "1 %"),
            (1e-4, "0.01 %"),
            (1e-6, "0.0001 %"),
            (1e-9, ""),
            (1e-12, self.words.say("marrow-none")),
        )
        height = 170.0 if self.wide else 150.0
        return _Row(
            self.words.say("marrow-row-leukemia"), leukemia_short(self.words, self.view), self.run.blasts, height, share, labels
        )

    def _count_row(self, count: str) -> _Row:
        values = getattr(self.run, count)
        times = 1 if count == "hemoglobin" else 1000
        ticks = value_ticks(Decimal(0), Decimal(str(max(values))) * times, 3)
        top = float(ticks[-1])
        labels = tuple((float(tick) / times, grouped(tick)) for tick in ticks)
        now = count_told(self.words, self.view, count, self.view.at)
        return _Row(self.words.say(f"marrow-{count}"), now, values, 62.0, lambda value: value * times / top, labels)

    def _fluid_row(self) -> _Row:
        fluid = self.view.fluid
        decades = 2 * math.ceil(math.log10(max(cells for run in self.view.child.spinal.values() for cells in run.cells)) / 2)

        def share(value: float) -> float:
            return max(0.0, math.log10(value) / decades) if value > 0 else 0.0

        labels = tuple((10.0**power, f"{10**power:,}" if power <= 6 else "") for power in range(0, decades + 1, 2))
        left = fluid.cells[self.view.fluid_at]
        now = self.words.say("marrow-row-cells", cells=rounded(left)) if left >= 1 else self.words.say("marrow-none")
        return _Row(self.words.say("marrow-row-spinal"), now if self.view.day >= 0 else "", fluid.cells, 72.0, share, labels)

    # drawing

    def x(self, step: int) -> float:
        return self.left + (self.right - self.left) * step / (len(self.days) - 1)

    def draw(self) -> None:
        self.numbered = self._phases_named()
        self.top = self.sheet.y + 4
        places = self._places()
        self.bottom = places[-1][1] + 10
        self._bands()
        for row, (top, bottom) in zip(self.rows, places, strict=True):
            self._row(row, top, bottom)
        self._limit(places[0][1])
        self._treatments(places[-1][1])
        self._marker(places)
        self.sheet.y = self.bottom + 2
        self._axis()
        self._legend()

    def _places(self) -> list[Spot]:
        """The top and the bottom of each row."""
        found, y = [], self.top
        for row in self.rows:
            y += _TITLE_ROOM + _BETWEEN / 2
            found.append((y, y + row.height))
            y += row.height + _BETWEEN / 2
        return found

    def _phases(self) -> list[tuple[str, int, int]]:
        """Each phase with its first step and the step after its last."""
        found, first = [], 0
        for phase, steps in groupby(self.run.phase):
            count = len(list(steps))
            found.append((phase, first, first + count))
            first += count
        return found

    def _ends_of(self, first: int, after: int) -> tuple[float, float]:
        return self.x(first), self.x(min(after, len(self.days) - 1))

    def _phases_named(self) -> list[tuple[str, str]]:
        """The name of each phase over its band, or a number where there is no room; gives back the numbers and their names."""
        named = []
        for number, (phase, first, after) in enumerate(self._phases(), 1):
            starts, ends = self._ends_of(first, after)
            name = phase_name(self.words, self.view.child, phase)
            named.append(((starts + ends) / 2, name if text_width(name, SMALL) + 6 <= ends - starts else str(number), name))
        write_in_rows(self.sheet, [(middle, label) for middle, label, _ in named], self.left, self.right)
        return [(label, name) for _, label, name in named if label != name]

    def _bands(self) -> None:
        for number, (_, first, after) in enumerate(self._phases()):
            starts, ends = self._ends_of(first, after)
            if number % 2:
                self.sheet.box(starts, self.top, ends - starts, self.bottom - self.top, 0.09, line=0, corner=0)

    def _row(self, row: _Row, top: float, bottom: float) -> None:
        self.sheet.write(EDGE, top - 13, row.title, SMALL, bold=True)
        if row.now:
            self.sheet.write(self.right, top - 13, row.now, SMALL, anchor="end")
        for value, label in row.labels:
            at = bottom - row.share(value) * row.height
            self.sheet.line((self.left, at), (self.right, at), line=0.4)
            if label:
                self.sheet.write(self.left - 6, at + SMALL * 0.33, label, SMALL, anchor="end")
        for seen, spots in self._lines(row, bottom):
            self._line(spots, dotted=not seen)

    def _lines(self, row: _Row, bottom: float) -> list[tuple[bool, list[Spot]]]:
        """The series in pieces: what a test could see, and what the model alone knows. It ends where nothing is left."""
        hidden_below = LIMIT if row is self.rows[0] else -1.0
        first = self.zero if row is self.rows[-1] else 0
        spots = [
            (value, (self.x(step), bottom - row.share(value) * row.height))
            for step, value in enumerate(row.values)
            if step >= first
        ]
        kept = [one for one in spots if one[0] > 0 or row.title in {r.title for r in self.rows[1:4]}]
        pieces: list[tuple[bool, list[Spot]]] = []
        for (value, start), (_, end) in pairwise(kept):
            seen = value >= hidden_below
            if pieces and pieces[-1][0] == seen:
                pieces[-1][1].append(end)
            else:
                pieces.append((seen, [start, end]))
        return pieces

    def _line(self, spots: list[Spot], dotted: bool) -> None:
        drawn = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        self.sheet.path(drawn, line=2 if dotted else 1.7, dotted=dotted)

    def _limit(self, bottom: float) -> None:
        """Where the test for MRD sees nothing any more, and what it told on day 29."""
        row = self.rows[0]
        at = bottom - row.share(LIMIT) * row.height
        self.sheet.box(self.left, at, self.right - self.left, bottom - at, 0.07, line=0, corner=0)
        self.sheet.line((self.left, at), (self.right, at), line=1.4, dashed=True)
        tested = [(28, "mrd_29"), (self._consolidation_ends(), "mrd_consolidation")]
        for day, name in tested:
            result = self.view.child.told[name]
            x = self.x(self.days.index(day))
            if result:
                self.sheet.circle(x, bottom - row.share(result) * row.height, 4.5, 1, line=0)
            else:
                self._below(x, at)

    def _consolidation_ends(self) -> int:
        phases = dict(zip(self.run.phase, self.run.days, strict=True))
        return phases["consolidation"]

    def _below(self, x: float, y: float) -> None:
        """A result below the limit: an open arrow down from it."""
        self.sheet.path(
            f"M{x - 2.5:.1f} {y:.1f}V{y + 12:.1f}H{x - 6:.1f}L{x:.1f} {y + 21:.1f}L{x + 6:.1f} {y + 12:.1f}H{x + 2.5:.1f}V{y:.1f}",
            line=1.4,
        )

    def _treatments(self, bottom: float) -> None:
        """A tick for each treatment into the spinal fluid."""
        for step, given in enumerate(self.view.fluid.given):
            if given:
                self.sheet.line((self.x(step), bottom + 2), (self.x(step), bottom + 9), line=1.6)

    def _marker(self, places: list[Spot]) -> None:
        """The moment across all rows, but not across their titles; and where the run stops."""
        x, stops = self.x(self.view.step), len(self.run.days)
        self.sheet.path(f"M{x - 6:.1f} {self.top - 2:.1f}H{x + 6:.1f}L{x:.1f} {self.top + 6:.1f}Z", 1, line=0)
        for row, (top, bottom) in zip(self.rows, places, strict=True):
            is_fluid = row is self.rows[-1]
            self.sheet.line((x, top - 4), (x, bottom + 4), line=2.6)
            if stops < len(self.days) and not is_fluid:
                self.sheet.line((self.x(stops), top), (self.x(stops), bottom), dashed=True)
            if is_fluid and self.view.day < 0:
                continue
            at = self.view.fluid_at if is_fluid else self.view.at
            self.sheet.circle(self.x(at), bottom - row.share(row.values[at]) * row.height, 5, 1, line=0)

    def _axis(self) -> None:
        words, ends = self.words, self.days.index(int(self.view.child.told["treatment_ends"]))
        named = [(self.zero, "diagnosis"), (ends, "end")]
        if self.wide:
            named.append((len(self.days) - 1, "last"))
        if len(self.run.days) < len(self.days):
            named.insert(2, (len(self.run.days), "stops"))
        labels = [(self.x(step), words.say(f"marrow-axis-{name}")) for step, name in named]
        for step, _ in named:
            self.sheet.line((self.x(step), self.bottom), (self.x(step), self.bottom + 5))
        self.sheet.y += 4
        write_in_rows(self.sheet, labels, self.left, self.right)
        self.sheet.paragraph(EDGE, when_and_phase(words, self.view), self.sheet.width - 2 * EDGE, SMALL, bold=True)
        self.sheet.y += 10

    def _legend(self) -> None:
        sheet, words = self.sheet, self.words
        write_flowing(sheet, self.numbered)
        sheet.y += 6
        explained(sheet, words.say("marrow-row-too-few"), lambda x, y: sheet.box(x, y - 8, 24, 13, 0.16, line=0, corner=0))
        explained(sheet, words.say("marrow-row-dotted"), lambda x, y: sheet.line((x, y), (x + 24, y), line=2, dotted=True))
        if not self.view.child.told["mrd_29"]:
            explained(sheet, words.say("marrow-row-mrd"), lambda x, y: self._below(x + 12, y - 11))
        explained(sheet, words.say("marrow-row-tick"), lambda x, y: sheet.line((x + 12, y - 6), (x + 12, y + 4), line=1.6))

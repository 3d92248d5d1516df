"""A count over time against the blocks of treatment.

One SVG for screen and print: it takes the ink of the page, is read in black and white, and says in words what it shows. The only
lines drawn across a chart are the team's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from remission.documents.drawing import SMALL, SOFT, TEXT, WIDE, WIDTH, Sheet, Spot, text_width
from remission.documents.labels import EDGE, Area, Room, explained, moved_in, write_flowing, write_in_rows
from remission.documents.paper import Table
from remission.documents.scales import DateTick, date_ticks, day_among, span, value_ticks
from remission.documents.wording import Wording, grouped
from remission.knowledge.model import Frozen

LONGEST_GAP = 28  # days between two values that are still joined by a line


class CountPoint(Frozen, frozen=True):
    """A value of a day; `is_derived` when it was worked out from other values of the same count."""

    on: date
    value: Decimal
    is_derived: bool = False


class Band(Frozen, frozen=True):
    """A block of treatment behind the chart. `ends` is the first day after it."""

    name: str
    starts: date
    ends: date


class TeamLine(Frozen, frozen=True):
    """A limit that the child's own team named: what for, by whom and when. Never one of ours."""

    value: Decimal
    label: str
    told_by: str = ""
    told_on: date | None = None


class CountChart(Frozen, frozen=True):
    """One count from `first_day` to `last_day`. Points of one day stand in the order in which they are given."""

    title: str
    unit: str
    points: tuple[CountPoint, ...]
    first_day: date
    last_day: date
    bands: tuple[Band, ...] = ()
    lines: tuple[TeamLine, ...] = ()

    @property
    def shown(self) -> list[CountPoint]:
        """The points between the two days, by date."""
        among = (point for point in self.points if self.first_day <= point.on <= self.last_day)
        return sorted(among, key=lambda point: point.on)

    @property
    def lowest(self) -> CountPoint:
        """The lowest point shown; the first one where several are as low."""
        return min(self.shown, key=lambda point: point.value)

    @property
    def bands_shown(self) -> list[Band]:
        return [band for band in self.bands if band.starts <= self.last_day and band.ends > self.first_day]

    @property
    def lines_shown(self) -> list[TeamLine]:
        return sorted(self.lines, key=lambda line: (line.value, line.label))


def count_words(words: Wording, chart: CountChart) -> str:
    """The chart in a sentence: its first, lowest and last value with their dates."""
    points = chart.shown
    if not points:
        return words.say("chart-nothing", first=words.day(chart.first_day), last=words.day(chart.last_day))
    first, lowest, last = points[0], chart.lowest, points[-1]
    days = (first.on, last.on)
    if len(points) == 1:
        return words.say("chart-one", value=_with_unit(chart, first.value), on=words.day(first.on))
    if all(point.value == first.value for point in points):
        return words.say(
            "chart-all-equal", count=len(points), value=_with_unit(chart, first.value),
            first=day_among(words, first.on, days), last=day_among(words, last.on, days),
        )  # fmt: skip
    word = "chart-first-lowest" if lowest is first else "chart-last-lowest" if lowest is last else "chart-extremes"
    return words.say(
        word, first=_with_unit(chart, first.value), first_on=day_among(words, first.on, days), lowest=grouped(lowest.value),
        lowest_on=day_among(words, lowest.on, days), last=grouped(last.value), last_on=day_among(words, last.on, days),
    )  # fmt: skip


def count_rows(words: Wording, chart: CountChart) -> tuple[tuple[str, str, str, str], ...]:
    """The same numbers as rows, the latest first: the date, the value, the block, and whether it was worked out."""
    return tuple(
        (
            words.day(point.on),
            grouped(point.value),
            next((band.name for band in chart.bands_shown if band.starts <= point.on < band.ends), ""),
            words.say("chart-row-derived") if point.is_derived else "",
        )
        for point in reversed(chart.shown)
    )


def count_table(words: Wording, chart: CountChart) -> Table:
    """The rows as a table. A column in which nothing stands is left out."""
    value = words.say("chart-head-value-in", unit=chart.unit) if chart.unit else words.say("chart-head-value")
    head = (words.say("chart-head-day"), value, words.say("chart-head-block"), words.say("chart-head-note"))
    rows = count_rows(words, chart)
    kept = [column for column in range(len(head)) if column < 2 or any(row[column] for row in rows)]
    return Table(chart.title, tuple(head[column] for column in kept), tuple(tuple(row[column] for column in kept) for row in rows))


def count_chart(words: Wording, chart: CountChart, wide: bool = False) -> str:
    """The chart as SVG, for a phone, or `wide` for a desk and print."""
    sheet = Sheet(chart.title, _described(words, chart), words.lang, WIDE if wide else WIDTH, ink="")
    heading = f"{chart.title} · {chart.unit}" if chart.unit else chart.title
    sheet.paragraph(EDGE, heading, sheet.width - 2 * EDGE, bold=True)
    if chart.shown:
        _CountDrawing(words, chart, sheet).draw(220.0 if wide else 180.0)
    else:
        sheet.paragraph(EDGE, count_words(words, chart), sheet.width - 2 * EDGE)
    return sheet.finished()


def _described(words: Wording, chart: CountChart) -> str:
    """All that the chart shows, for whoever cannot see it."""
    said = [count_words(words, chart), *(_line_told(words, chart, line) for line in chart.lines_shown)]
    if chart.bands_shown:
        blocks = [
            words.say("chart-block", name=band.name, span=span(words, band.starts, band.ends - timedelta(1)))
            for band in chart.bands_shown
        ]
        said.append(words.say("chart-blocks", blocks="; ".join(blocks)))
    return " ".join(said)


def _with_unit(chart: CountChart, value: Decimal) -> str:
    return f"{grouped(value)} {chart.unit}".strip()


def _line_told(words: Wording, chart: CountChart, line: TeamLine) -> str:
    by, on = line.told_by, line.told_on
    word = "chart-told" + "-by" * bool(by) + "-on" * bool(on)
    told = words.say(word, by=by, on=words.day(on) if on else "")
    return words.say("chart-line", value=_with_unit(chart, line.value), label=line.label, told=told)


class _CountDrawing:
    """A count being drawn on a sheet."""

    def __init__(self, words: Wording, chart: CountChart, sheet: Sheet):
        self.words, self.chart, self.sheet = words, chart, sheet
        self.points = chart.shown
        values = [Decimal(0), *(point.value for point in self.points), *(line.value for line in chart.lines)]
        self.ticks = value_ticks(min(values), max(values), 4)
        self.left = EDGE + 8 + max(text_width(grouped(tick), SMALL) for tick in self.ticks)
        self.right = sheet.width - EDGE

    def draw(self, height: float) -> None:
        self.sheet.y += 6
        numbered = self._bands_named()
        self.top = self.sheet.y + 6
        self.bottom = self.top + height
        self._bands()
        self._values()
        self._dates()
        room = Room(Area(self.left + 2, self.top, self.right, self.bottom - 2), self._drawn())
        self._series()
        self._name_values(room)
        self._team_lines(room)
        self._legend(numbered)

    def x(self, day: date) -> float:
        lasts = (self.chart.last_day - self.chart.first_day).days
        share = (day - self.chart.first_day).days / lasts if lasts else 0.5
        return self.left + 8 + share * (self.right - self.left - 16)

    def y(self, value: Decimal) -> float:
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return self.bottom - float(share) * (self.bottom - self.top - 8)

    @cached_property
    def spots(self) -> list[Spot]:
        return [(self.x(point.on), self.y(point.value)) for point in self.points]

    def _ends_of(self, band: Band) -> tuple[float, float]:
        """From where to where a band is drawn."""
        starts = self.x(band.starts) if band.starts >= self.chart.first_day else self.left
        ends = self.x(band.ends) if band.ends <= self.chart.last_day else self.right
        return starts, ends

    def _bands_named(self) -> list[tuple[str, str]]:
        """Writes the name of each band above it, or a number where there is no room; gives back the numbers and their names."""
        bands = self.chart.bands_shown
        named = []
        for number, band in enumerate(bands, 1):
            starts, ends = self._ends_of(band)
            named.append(((starts + ends) / 2, band.name if text_width(band.name, SMALL) + 6 <= ends - starts else str(number)))
        write_in_rows(self.sheet, named, self.left, self.right)
        return [(label, band.name) for (_, label), band in zip(named, bands, strict=True) if label != band.name]

    def _bands(self) -> None:
        """Every other band softly filled, and each under a line of its own."""
        for number, band in enumerate(self.chart.bands_shown):
            starts, ends = self._ends_of(band)
            if number % 2 == 0:
                self.sheet.box(starts, self.top, ends - starts, self.bottom - self.top, SOFT, line=0, corner=0)
            self.sheet.line((starts + 2, self.top), (max(starts + 2, ends - 2), self.top))

    def _values(self) -> None:
        for tick in self.ticks:
            at = self.y(tick)
            self.sheet.line((self.left, at), (self.right, at), line=0.5)
            self.sheet.write(self.left - 6, at + SMALL * 0.33, grouped(tick), SMALL, anchor="end")

    def _dates(self) -> None:
        ticks = date_ticks(self.words, self.chart.first_day, self.chart.last_day, self._middle)
        self.sheet.line((self.left, self.bottom), (self.right, self.bottom))
        for tick in ticks:
            self.sheet.line((self.x(tick.on), self.bottom), (self.x(tick.on), self.bottom + 5))
            self.sheet.write(self._middle(tick), self.bottom + 20, tick.label, SMALL, anchor="middle")
        years = [(self._middle(tick), tick.year) for tick in ticks if tick.year]
        self.sheet.y = self.bottom + 22
        write_in_rows(self.sheet, years, EDGE, self.right)

    def _middle(self, tick: DateTick) -> float:
        return moved_in(self.x(tick.on), text_width(tick.label, SMALL), EDGE, self.right)

    def _drawn(self) -> Iterator[Spot]:
        """Spots of all that words had better not lie on: the series, the team's lines, the grid."""
        for (x, y), (to_x, to_y) in pairwise(self.spots):
            steps = max(1, round(math.dist((x, y), (to_x, to_y)) / 6))
            yield from ((x + (to_x - x) * step / steps, y + (to_y - y) * step / steps) for step in range(steps))
        yield self.spots[-1]
        for line in self.chart.lines:
            yield from self._across(line.value)
        for tick in self.ticks:
            yield from self._across(tick)

    def _across(self, value: Decimal) -> Iterator[Spot]:
        return ((float(x), self.y(value)) for x in range(round(self.left), round(self.right), 8))

    def _series(self) -> None:
        is_crowded = len(self.points) > 60
        dot = 1.5 if is_crowded else 3.0 if len(self.points) > 25 else 4.0
        for (one, start), (other, end) in pairwise(zip(self.points, self.spots, strict=True)):
            far = (other.on - one.on).days > LONGEST_GAP
            ends = _outside(start, end, dot if one.is_derived else 0, dot if other.is_derived else 0)
            if ends:
                self.sheet.line(*ends, line=1.2 if is_crowded or far else 2, dotted=far)
        for point, spot in zip(self.points, self.spots, strict=True):
            radius = dot + 2.5 if point is self.points[-1] else dot
            self.sheet.circle(*spot, radius, 0 if point.is_derived else 1, line=2 if point.is_derived else 0)

    def _name_values(self, room: Room) -> None:
        """The first, the lowest and the last value, written beside their dots."""
        named = {id(point): (point, spot) for point, spot in zip(self.points, self.spots, strict=True)}
        lowest = self.chart.lowest
        for point in {id(point): point for point in (self.points[-1], lowest, self.points[0])}.values():
            text = grouped(point.value)
            spot = room.place(text, TEXT, _near(named[id(point)][1], text, below=point is lowest))
            if spot:
                self.sheet.write(*spot, text, TEXT, bold=True, anchor="middle")

    def _team_lines(self, room: Room) -> None:
        """A dashed line for each value; what for is written on it where there is room, and always in the legend."""
        for value in dict.fromkeys(line.value for line in self.chart.lines_shown):
            at = self.y(value)
            self.sheet.line((self.left, at), (self.right, at), dashed=True)
        for line in self.chart.lines_shown:
            text = self.words.say("chart-line-short", label=line.label, value=grouped(line.value))
            spots = self._along(text, self.y(line.value))
            spot = room.place(text, SMALL, spots, crossing=False)
            if not spot:
                text = grouped(line.value)
                spot = room.place(text, SMALL, self._along(text, self.y(line.value)))
            if spot:
                self.sheet.write(*spot, text, SMALL, anchor="middle")

    def _along(self, text: str, y: float) -> list[Spot]:
        """Above and below a line: at its ends, then further in."""
        half = text_width(text, SMALL) / 2
        starts, ends = self.left + 4 + half, self.right - half
        across = [starts, ends, *(starts + (ends - starts) * step / 6 for step in range(1, 6))]
        return [(x, y + beside) for beside in (-10, 10) for x in across]

    def _legend(self, numbered: list[tuple[str, str]]) -> None:
        sheet, words = self.sheet, self.words
        sheet.y += 4
        if numbered:
            write_flowing(sheet, numbered)
            sheet.y += 4
        for line in self.chart.lines_shown:
            explained(sheet, _line_told(words, self.chart, line), lambda x, y: sheet.line((x, y), (x + 24, y), dashed=True))
        if any(point.is_derived for point in self.points):
            explained(sheet, words.say("chart-derived"), lambda x, y: sheet.circle(x + 12, y, 4))
        if any((other.on - one.on).days > LONGEST_GAP for one, other in pairwise(self.points)):
            said = words.say("chart-gap", days=LONGEST_GAP)
            explained(sheet, said, lambda x, y: sheet.line((x, y), (x + 24, y), line=1.5, dotted=True))


def _outside(start: Spot, end: Spot, from_start: float, from_end: float) -> tuple[Spot, Spot] | None:
    """A line between two spots, kept out of the open dots at its ends; None where nothing is left of it."""
    long = math.dist(start, end)
    if long <= from_start + from_end:
        return None
    along = ((end[0] - start[0]) / long, (end[1] - start[1]) / long)
    return (
        (start[0] + along[0] * from_start, start[1] + along[1] * from_start),
        (end[0] - along[0] * from_end, end[1] - along[1] * from_end),
    )


def _near(spot: Spot, text: str, below: bool) -> list[Spot]:
    """Places for a label around a dot: above or below it, beside it, then ever further off."""
    x, y = spot
    side = text_width(text, TEXT) / 2 + 10
    first = 1 if below else -1
    close = [(x, y + 16 * first), (x, y - 16 * first), (x + side, y), (x - side, y)]
    corners = [(x + across, y + 14 * down) for down in (first, -first) for across in (side - 4, 4 - side)]
    return [*close, *corners, *((x, y + away * way) for away in range(22, 240, 6) for way in (first, -first))]

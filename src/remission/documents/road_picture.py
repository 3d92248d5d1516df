"""The whole road of a plan as one picture: what is done, where we are, what lies ahead, and where it waited.

Everything is read off the road's own dates. Nothing is said of how a child does on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby, pairwise
from statistics import median_low
from typing import Literal

from remission.care.plan import Phase
from remission.care.road import Block, Road
from remission.documents.drawing import SMALL, TEXT, WIDE, WIDTH, Sheet, broken, text_width
from remission.documents.labels import EDGE, moved_in, write_in_rows
from remission.documents.scales import short_day, span
from remission.documents.wording import Wording, lowered
from remission.knowledge.model import Frozen

State = Literal["past", "now", "ahead"]
_PAST = 0.4  # how dark what is done is filled
_LONGEST = 3  # times the length of a usual phase; a longer one is drawn broken
_LEAST, _LEAST_WAIT = 14.0, 12.0  # pixels that a phase and a wait need to be seen
_BAR = 30.0
_BREAK = 10.0


class Stage(Frozen, frozen=True):
    """A phase of the road with all its cycles. `number` is what the picture calls it; `waited` the days that it began late."""

    number: int
    phase: Phase
    blocks: tuple[Block, ...]
    waited: int = 0

    @property
    def starts(self) -> date:
        return self.blocks[0].starts

    @property
    def ends(self) -> date:
        """The first day after it."""
        return self.blocks[-1].ends

    def state(self, today: date) -> State:
        return _state(self.starts, self.ends, today)


def stages(road: Road) -> tuple[Stage, ...]:
    """The phases of a road in their order."""
    found: list[Stage] = []
    for number, (_, run) in enumerate(groupby(road.blocks, key=lambda block: block.at.phase), 1):
        blocks = tuple(run)
        waited = (blocks[0].starts - found[-1].ends).days if found else 0
        found.append(Stage(number, blocks[0].phase, blocks, waited))
    return tuple(found)


def _state(starts: date, ends: date, today: date) -> State:
    return "past" if ends <= today else "ahead" if starts > today else "now"


# --- in words ------------------------------------------------------------------------------------------------------------


def road_words(words: Wording, road: Road, today: date) -> str:
    """Where on the road a day is: what is done, the day of the block, what is ahead."""
    told = _Told(words, road, today)
    return " ".join(sentence for sentence in (told.done(), told.now(), told.ahead()) if sentence)


class _Told:
    """A road being told on a day."""

    def __init__(self, words: Wording, road: Road, today: date):
        self.words, self.road, self.today = words, road, today
        self.stages = stages(road)

    def done(self) -> str:
        return self._listed("chart-road-done", "past")

    def ahead(self) -> str:
        return self._listed("chart-road-ahead", "ahead")

    def now(self) -> str:
        """The block of today, or what is waited for."""
        if self.today >= self.road.ends:
            return self.words.say("chart-road-over", on=self.words.day(self.road.ends - timedelta(1)))
        block = self.road.block_on(self.today)
        if block:
            return self.words.say("chart-road-now", name=self.name(block), where=self.where(block))
        following = next(block for block in self.road.blocks if block.starts > self.today)
        if following is self.road.blocks[0]:
            return self.words.say("chart-road-not-begun", on=self.words.day(following.starts))
        return self.words.say("chart-road-waiting", name=_inside(self.name(following)), on=self.words.day(following.starts))

    def name(self, block: Block) -> str:
        """A block's name, with its cycle where it repeats."""
        name = block.phase.name.in_(self.words.lang)
        if block.phase.repeats == 1:
            return name
        return self.words.say("chart-road-cycle", name=name, cycle=block.at.cycle, cycles=block.phase.repeats)

    def where(self, block: Block) -> str:
        """The day of the block, as the plan's own sheet counts it, or that it is on hold."""
        plan, last = self.road.plan, block.phase.lasts
        following = next((day for day in range(1, last + 1) if block.date_of(day) > self.today), last + 1)
        if following > 1 and block.date_of(following - 1) == self.today:
            word = "chart-road-day-from-0" if plan.first_day == 0 else "chart-road-day"
            return self.words.say(word, day=plan.printed_day(following - 1), last=plan.printed_day(last))
        day, on = plan.printed_day(following), block.date_of(following)
        return self.words.say("chart-road-on-hold", day=day, on=short_day(self.words, on))

    def _listed(self, word: str, state: State) -> str:
        """All phases of a state in one sentence; none, none. What is waited for today is told apart."""
        listed = [stage for stage in self.stages if stage.state(self.today) == state and not self._is_waited_for(stage)]
        names = [stage.phase.name.in_(self.words.lang) for stage in listed]
        if any("," in name for name in names):
            return self.words.say(f"{word}-list", names="; ".join(map(_inside, names)))
        if not names:
            return ""
        begins = self.words.lang == "en"  # in English the names begin the sentence
        inside = [name if begins and not number else _inside(name) for number, name in enumerate(names)]
        before_i = inside[-1].lower().startswith(("i", "hi"))
        joined = self.words.joined(inside, "chart-road-and-i" if before_i else "and")
        return self.words.say(f"{word}-one" if len(names) == 1 else word, names=joined)

    def _is_waited_for(self, stage: Stage) -> bool:
        return stage.starts - timedelta(stage.waited) <= self.today < stage.starts

    def dated(self, stage: Stage) -> list[str]:
        """A phase in the legend: its state with its dates, what it waited for, and its holds."""
        return [self._dates(stage), *self._waits(stage), *self._holds(stage)]

    def _dates(self, stage: Stage) -> str:
        state, last = stage.state(self.today), stage.ends - timedelta(1)
        if state != "now":
            return self.words.say(f"chart-road-{state}-at", span=span(self.words, stage.starts, last))
        cycles = stage.phase.repeats
        block = next((block for block in stage.blocks if block.starts <= self.today < block.ends), None)
        if block is None:
            block = next(block for block in stage.blocks if block.starts > self.today)
            on = self.words.day(block.starts)
            return self.words.say("chart-road-between-at", cycle=block.at.cycle, cycles=cycles, on=on)
        where = self.where(block)
        if cycles > 1:
            where = self.words.say("chart-road-cycle-now", cycle=block.at.cycle, cycles=cycles, where=where)
        return self.words.say("chart-road-now-at", where=where, on=self.words.day(last))

    def _waits(self, stage: Stage) -> Iterator[str]:
        if stage.waited:
            yield self._days("chart-road-waited", stage.waited)
        for one, other in pairwise(stage.blocks):
            days = (other.starts - one.ends).days
            if days:
                yield self._days("chart-road-waited-cycle", days, cycle=other.at.cycle)

    def _holds(self, stage: Stage) -> Iterator[str]:
        for block in stage.blocks:
            for hold in block.holds:
                told = self._days("chart-road-held", hold.days, day=self.road.plan.printed_day(hold.from_day))
                reason = hold.reason.strip().rstrip(".")
                yield f"{told} {self.words.say('chart-road-why', reason=reason)}" if reason else told

    def _days(self, word: str, days: int, **values: object) -> str:
        return self.words.say(f"{word}-one" if days == 1 else word, days=days, **values)


def _inside(name: str) -> str:
    """A name inside a sentence: "Maintenance, cycles 1 to 4" → "maintenance, cycles 1 to 4"."""
    first, comma, rest = name.partition(",")
    return f"{lowered(first)}{comma}{rest}"


# --- as a picture --------------------------------------------------------------------------------------------------------


def road_picture(words: Wording, road: Road, today: date, wide: bool = False) -> str:
    """The road as SVG, for a phone, or `wide` for a desk and print."""
    told = _Told(words, road, today)
    title = words.say("chart-road-title", title=road.plan.title.in_(words.lang))
    dated = [f"{stage.phase.name.in_(words.lang)}. {' '.join(told.dated(stage))}" for stage in told.stages]
    described = " ".join([road_words(words, road, today), *dated])
    sheet = Sheet(title, described, words.lang, WIDE if wide else WIDTH, ink="")
    _Drawing(words, told, sheet).draw()
    if road.plan.origin == "published":
        sheet.y += 6
        sheet.paragraph(EDGE, words.say("road-example"), sheet.width - 2 * EDGE, SMALL, bold=True)
    return sheet.finished()


class _Ruler:
    """Where a date stands. Phases are as wide as they are long, but the longest are cut short and the shortest still seen."""

    def __init__(self, stages: tuple[Stage, ...], left: float, right: float):
        lengths = {stage.number: (stage.ends - stage.starts).days for stage in stages}
        usual = median_low(lengths.values())
        self.cut = {number for number, days in lengths.items() if days > _LONGEST * usual}
        days = {number: float(_LONGEST * usual if number in self.cut else days) for number, days in lengths.items()}
        waits = {stage.number: float(min(stage.waited, usual)) for stage in stages if stage.waited}
        pixel = (sum(days.values()) + sum(waits.values())) / (right - left)  # the days that a pixel stands for
        self._ends: list[tuple[date, float]] = [(stages[0].starts, 0.0)]
        for stage in stages:
            if stage.waited:
                self._reach(stage.starts, max(waits[stage.number], _LEAST_WAIT * pixel))
            self._reach(stage.ends, max(days[stage.number], _LEAST * pixel))
        self._left, self._scale = left, (right - left) / self._ends[-1][1]

    def _reach(self, end: date, drawn: float) -> None:
        self._ends.append((end, self._ends[-1][1] + drawn))

    def x(self, day: date) -> float:
        """A day before or after the road stands at its end."""
        day = max(self._ends[0][0], min(self._ends[-1][0], day))
        (first, start), (last, end) = next(pair for pair in pairwise(self._ends) if day <= pair[1][0])
        return self._left + (start + (end - start) * (day - first).days / (last - first).days) * self._scale


class _Drawing:
    """A road being drawn on a sheet."""

    def __init__(self, words: Wording, told: _Told, sheet: Sheet):
        self.words, self.told, self.sheet = words, told, sheet
        self.today, self.road = told.today, told.road
        self.is_wide = sheet.width > WIDTH
        self.left, self.right = EDGE, sheet.width - EDGE
        self.ruler = _Ruler(told.stages, self.left, self.right)
        self.top = sheet.y + 28

    def draw(self) -> None:
        for stage in self.told.stages:
            self._stage(stage)
        for one, other in pairwise(self.road.blocks):
            self._wait(one.ends, other.starts)
        if self.road.blocks[0].starts <= self.today < self.road.ends:
            self._mark_today()
        self._names()
        self._signs()
        self._legend()

    def x(self, day: date) -> float:
        return self.ruler.x(day)

    def _stage(self, stage: Stage) -> None:
        """The boxes of a phase: cycles in a row and in one state are one box."""
        boxes = [(self.x(run[0].starts), self.x(run[-1].ends), state) for state, run in self._runs(stage)]
        broken_at = self._break(boxes) if stage.number in self.ruler.cut else None
        for starts, ends, state in boxes:
            if broken_at and starts < broken_at < ends:
                self._box(starts, broken_at - _BREAK / 2, state)
                self._box(broken_at + _BREAK / 2, ends, state)
                self._slashes(broken_at)
            else:
                self._box(starts, ends, state)
        for block in stage.blocks:
            self._cycle(stage, block)
            self._holds(block)

    def _runs(self, stage: Stage) -> Iterator[tuple[State, list[Block]]]:
        """Blocks that follow each other without a wait and are in one state."""
        run: list[Block] = []
        for block in stage.blocks:
            state = _state(block.starts, block.ends, self.today)
            if run and (block.starts != run[-1].ends or state != _state(run[-1].starts, run[-1].ends, self.today)):
                yield _state(run[-1].starts, run[-1].ends, self.today), run
                run = []
            run.append(block)
        yield _state(run[-1].starts, run[-1].ends, self.today), run

    def _break(self, boxes: list[tuple[float, float, State]]) -> float:
        """Where a long phase is drawn broken: in its widest part, away from today."""
        at = self.x(self.today)
        parts = [(start, end) for starts, ends, _ in boxes for start, end in _parted(starts, ends, at)]
        start, end = max(parts, key=lambda part: part[1] - part[0])
        return (start + end) / 2

    def _box(self, starts: float, ends: float, state: State) -> None:
        x, width = starts + 1.5, max(1.0, ends - starts - 3)
        if state == "past":
            self.sheet.box(x, self.top, width, _BAR, _PAST, line=1.5, corner=3)
        elif state == "now":
            self.sheet.box(x, self.top - 2, width, _BAR + 4, line=3, corner=3)
        else:
            self.sheet.box(x, self.top, width, _BAR, line=1.5, dashed=True, corner=3)

    def _slashes(self, x: float) -> None:
        for beside in (-2.5, 2.5):
            self.sheet.line((x + beside - 3, self.top + _BAR + 5), (x + beside + 3, self.top - 5), line=1.5)

    def _cycle(self, stage: Stage, block: Block) -> None:
        """A short stroke where a cycle begins."""
        x = self.x(block.starts)
        if block is not stage.blocks[0] and x - self.x(stage.starts) > 1:
            self.sheet.line((x, self.top + _BAR - 6), (x, self.top + _BAR), line=1.5)

    def _holds(self, block: Block) -> None:
        """Days on hold, hatched."""
        for from_day in dict.fromkeys(hold.from_day for hold in block.holds):
            goes_on = block.date_of(from_day)
            days = sum(hold.days for hold in block.holds if hold.from_day == from_day)
            _hatched(self.sheet, self.x(goes_on - timedelta(days)), self.x(goes_on), self.top, self.top + _BAR)

    def _wait(self, starts: date, ends: date) -> None:
        if starts < ends:
            y = self.top + _BAR / 2
            self.sheet.line((self.x(starts) + 3, y), (self.x(ends) - 3, y), dotted=True)

    def _mark_today(self) -> None:
        """An arrow onto the day, and its date above it."""
        x = self.x(self.today)
        text = self.words.say("chart-road-today", on=short_day(self.words, self.today))
        middle = moved_in(x, text_width(text, SMALL), self.left, self.right)
        self.sheet.write(middle, self.top - 14, text, SMALL, bold=True, anchor="middle")
        self.sheet.path(f"M{x - 6:.1f} {self.top - 9:.1f}H{x + 6:.1f}L{x:.1f} {self.top + 1:.1f}Z", 1, line=0)
        self.sheet.line((x, self.top), (x, self.top + _BAR))

    def _names(self) -> None:
        """The number of each phase below it; its name too, where there is room."""
        self.sheet.y = self.top + _BAR + 6
        middles = [(self.x(stage.starts) + self.x(stage.ends)) / 2 for stage in self.told.stages]
        numbers = [(middle, str(stage.number)) for middle, stage in zip(middles, self.told.stages, strict=True)]
        write_in_rows(self.sheet, numbers, self.left, self.right, bold=True)
        lowest = self.sheet.y
        for middle, stage in zip(middles, self.told.stages, strict=True) if self.is_wide else ():
            name, room = stage.phase.name.in_(self.words.lang), self.x(stage.ends) - self.x(stage.starts) - 6
            if any(text_width(word, SMALL) > room for word in name.split()):
                continue
            for number, line in enumerate(broken(name, room, SMALL), 1):
                self.sheet.write(middle, self.sheet.y + number * SMALL * 1.2, line, SMALL, anchor="middle")
                lowest = max(lowest, self.sheet.y + number * SMALL * 1.2)
        self.sheet.y = lowest + 4

    def _signs(self) -> None:
        """What fillings and outlines mean: only those that the picture has."""
        x = self.left
        self.sheet.y += 20
        for sign in self._signs_shown():
            text = self.words.say(f"chart-road-sign-{sign}")
            wide = 30 + text_width(text, SMALL)
            if x > self.left and x + wide > self.right:
                x = self.left
                self.sheet.y += 22
            self._sign(sign, x)
            self.sheet.write(x + 30, self.sheet.y, text, SMALL)
            x += wide + 14
        self.sheet.y += 6

    def _signs_shown(self) -> Iterator[str]:
        states = {_state(block.starts, block.ends, self.today) for block in self.road.blocks}
        yield from (state for state in ("past", "now", "ahead") if state in states)
        if any(block.holds for block in self.road.blocks):
            yield "hold"
        if any(one.ends < other.starts for one, other in pairwise(self.road.blocks)):
            yield "wait"
        if self.ruler.cut:
            yield "short"

    def _sign(self, sign: str, x: float) -> None:
        sheet, y = self.sheet, self.sheet.y - 12
        if sign == "hold":
            _hatched(sheet, x + 1, x + 23, y, y + 14)
        elif sign == "wait":
            sheet.line((x + 2, y + 7), (x + 23, y + 7), dotted=True)
        elif sign == "short":
            for beside in (8, 14):
                sheet.line((x + beside - 3, y + 15), (x + beside + 3, y), line=1.5)
        elif sign == "past":
            sheet.box(x + 1, y, 22, 14, _PAST, line=1.5, corner=3)
        else:
            sheet.box(x + 1, y, 22, 14, line=3 if sign == "now" else 1.5, dashed=sign == "ahead", corner=3)

    def _legend(self) -> None:
        """Every phase by its number and name, with its state and dates; in two columns where there is room."""
        top, told = self.sheet.y, self.told.stages
        columns = [told[: (len(told) + 1) // 2], told[(len(told) + 1) // 2 :]] if self.is_wide else [told]
        width = (self.right - self.left) / len(columns)
        lowest = top
        for number, column in enumerate(columns):
            self.sheet.y = top
            for stage in column:
                self._explained(stage, self.left + number * width, width)
            lowest = max(lowest, self.sheet.y)
        self.sheet.y = lowest

    def _explained(self, stage: Stage, x: float, width: float) -> None:
        self.sheet.y += 6
        self.sheet.write(x, self.sheet.y + TEXT * 1.3, str(stage.number), TEXT, bold=True)
        self.sheet.paragraph(x + 26, stage.phase.name.in_(self.words.lang), width - 36, TEXT, bold=True)
        for line in self.told.dated(stage):
            self.sheet.paragraph(x + 26, line, width - 36, SMALL)


def _parted(starts: float, ends: float, at: float) -> list[tuple[float, float]]:
    """A stretch, or its two parts when a spot lies within it."""
    return [(starts, at), (at, ends)] if starts < at < ends else [(starts, ends)]


def _hatched(sheet: Sheet, left: float, right: float, top: float, bottom: float) -> None:
    """Slanted lines in a rectangle, between an upright line at each side."""
    right = max(right, left + 4)
    for x in (left, right):
        sheet.line((x, top), (x, bottom), line=1.2)
    high = bottom - top
    slant = left - high + 5
    while slant < right:
        start, end = max(left, slant), min(right, slant + high)
        if start < end:
            sheet.line((start, bottom - (start - slant)), (end, bottom - (end - slant)), line=1.2)
        slant += 5

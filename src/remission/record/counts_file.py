"""Counts from a file that a clinic gave: a table (CSV) or a FHIR file. Nothing is guessed, and what was left out is said."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal

from remission.knowledge.model import Frozen, Library, UnitFamily
from remission.knowledge.playbook import Field, NoteKind, Playbook
from remission.record.counts_cells import (
    SHARES,
    Column,
    DateStyle,
    DecimalStyle,
    When,
    column,
    decimal_style,
    is_nothing,
    is_unit,
    may_be_two,
    read_number,
    read_time,
    read_when,
    without_flag,
)
from remission.record.problems import InputProblem
from remission.record.units import unit_factor

Values = dict[str, str]

MOST_BYTES = 5_000_000
_MOST_LINES = 50_000
_DELIMITERS = ";\t,|"
_HEADER_WITHIN = 20  # lines; above it may stand the name of the hospital
_COMPARATORS = ("<", ">", "≤", "≥")
_COUNTS = ("wbc", "anc", "hemoglobin", "platelets", *SHARES)
_OTHER = ("where", "note")


class CountsFile(Frozen, frozen=True):
    """What a file holds: the values of a `count` note for each blood draw, oldest first, with the places each came from.

    `problems` says everything that was left out, converted or is to be looked at; `needs` names the questions whose answers
    (`dates`, `decimals`, `sure`) would let more of it be read. `read` and `left` together are all lines of the file.
    """

    rows: tuple[Values, ...] = ()
    places: tuple[tuple[str, ...], ...] = ()
    problems: tuple[InputProblem, ...] = ()
    needs: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def read_counts(
    data: bytes, name: str, library: Library, playbook: Playbook, today: date, born: date | None = None,
    dates: str = "", decimals: str = "", sure: Collection[str] = (),
) -> CountsFile:  # fmt: skip
    """The counts of a file. `dates` says which comes first in 03/04/2026 (dmy or mdy), `decimals` what the comma of 2,100 is
    (point or comma: the decimal sign), `sure` holds the ids of unusual values and of a strange date of birth that were confirmed.

    It never raises: a file that cannot be read at all is a problem, too.
    """
    taken = Taken(library, playbook.kinds["count"], today, born, sure)
    try:
        if len(data) > MOST_BYTES:
            raise InputProblem("structured-too-large", most=f"{MOST_BYTES // 1000:,}")
        text = _decoded(data)
        if name.casefold().endswith(".json") or text.lstrip()[:1] == "{":
            from remission.record.counts_fhir import take_fhir

            take_fhir(text, taken)
        else:
            date_style: DateStyle = "dmy" if dates == "dmy" else "mdy" if dates == "mdy" else ""
            style: DecimalStyle = "point" if decimals == "point" else "comma" if decimals == "comma" else ""
            _Table(text, taken, date_style, style).take()
    except InputProblem as problem:
        taken.say(problem)
    return taken.file()


class Taken:
    """Gathers what a file gives: checks each value as a form would, and brings together what belongs to one blood draw."""

    def __init__(self, library: Library, kind: NoteKind, today: date, born: date | None, sure: Collection[str]):
        self.library, self.kind, self.today, self.born, self.sure = library, kind, today, born, sure
        self.problems: list[InputProblem] = []
        self.needs: list[str] = []
        self.rows: list[tuple[Values, list[str]]] = []
        self.by_time: dict[tuple[str, str], list[tuple[Values, list[str]]]] = {}
        self.read: dict[str, None] = {}
        self.place_word = "count-file-line"
        self.left: dict[str, None] = {}

    def file(self) -> CountsFile:
        rows = sorted(self.rows, key=lambda row: (row[0]["on"], row[0].get("time", "")))
        left = tuple(place for place in self.left if place not in self.read)
        problems = tuple(self._placed(problem) for problem in self.problems)
        return CountsFile(
            tuple(values for values, _ in rows), tuple(tuple(places) for _, places in rows), problems,
            tuple(dict.fromkeys(self.needs)), tuple(self.read), left,
        )  # fmt: skip

    def _placed(self, problem: InputProblem) -> InputProblem:
        """A problem with its place in words: a line of a table, an Observation."""
        places = {
            name: InputProblem(self.place_word, place=problem.values[name])
            for name in ("place", "other_place")
            if name in problem.values
        }
        return InputProblem(problem.word, **(problem.values | places))

    def say(self, problem: InputProblem) -> None:
        self.problems.append(problem)

    def leave(self, place: str, word: str, **values: object) -> None:
        """Leaves a line out, and says why."""
        self.left[place] = None
        self.say(InputProblem(word, place=place, **values))

    def need(self, question: str) -> None:
        self.needs.append(question)

    def field(self, field_id: str) -> Field:
        return self.kind.field("neutrophils" if field_id == "segs" else field_id)

    def family(self, field: Field) -> UnitFamily:
        return self.library.units[field.family or "percent"]

    def row(self, place: str, when: When, values: Values) -> None:
        """Takes the values of a blood draw in, with those of the same time where they fit together."""
        on = when.on
        if on is None or not values:
            return self.leave(place, "count-file-nothing" if on else "count-file-no-date")
        if on > self.today or (self.born and on < self.born):
            return self.leave(place, "count-file-ahead" if on > self.today else "count-file-before-birth", on=on, born=self.born)
        self.read[place] = None
        values = {"on": on.isoformat()} | ({"time": when.time} if when.time else {}) | values
        same = self.by_time.setdefault((values["on"], when.time), [])
        for row, places in same:
            if all(row.get(field, value) == value for field, value in values.items()):
                row |= values
                places.append(place)
                return None
        if same:
            self.say(InputProblem("count-file-two-of-a-day", place=place, other_place=same[0][1][0], on=on))
        same.append((values, [place]))
        self.rows.append(same[-1])
        return None

    def value(self, place: str, field: Field, number: Decimal, unit: str) -> str:
        """A value as a note keeps it: in the unit as written where the form offers it. Raises `InputProblem`."""
        family = self.family(field)
        factor = unit_factor(family, unit)
        if factor is None:
            raise InputProblem("count-file-unit-unknown", place=place, label=field.label, unit=unit, units=", ".join(field.units))
        first = unit_factor(family, field.units[0]) or Decimal(1)
        in_first = number * factor / first
        if (field.low is not None and in_first < field.low) or (field.high is not None and in_first > field.high):
            raise InputProblem("count-file-out-of-range", place=place, label=field.label, value=f"{number:f} {unit}")
        known = next((one for one in field.units if unit_factor(family, one) == factor), "")
        kept = f"{number:f} {known}" if known else f"{in_first:f} {field.units[0]}"
        self._ask_if_unusual(place, field, number, kept)
        if not known:
            self.say(InputProblem("count-file-converted", place=place, label=field.label, value=f"{number:f} {unit}", kept=kept))
        return f"{number:f}" if field.kind == "number" else kept

    def _ask_if_unusual(self, place: str, field: Field, number: Decimal, kept: str) -> None:
        """Refuses a value that is so unusual that its unit may be meant otherwise, until it is confirmed."""
        if not self._is_unusual(field, kept) or f"{place}:{field.id}" in self.sure:
            return
        others = [other for unit in field.units if not self._is_unusual(field, other := f"{number:f} {unit}")]
        self.need("sure")
        word = "count-file-unusual-unit" if others else "count-file-unusual"
        raise InputProblem(word, place=place, label=field.label, value=kept, other=", ".join(others), id=f"{place}:{field.id}")

    def _is_unusual(self, field: Field, value: str) -> bool:
        if field.kind == "number":
            return False
        number, _, unit = value.partition(" ")
        family = self.family(field)
        amount = Decimal(number) * (unit_factor(family, unit) or 1) / (unit_factor(family, field.units[0]) or 1)
        return (field.ask_low is not None and amount < field.ask_low) or (field.ask_high is not None and amount > field.ask_high)


def _decoded(data: bytes) -> str:
    """The text of a file, as the programs of a clinic save it. Raises `InputProblem`."""
    is_utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    encodings = ["utf-16"] if is_utf_16 else ["utf-8-sig", "cp1252"]  # the last is what older Windows programs write
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputProblem("structured-not-text")


# --- a table --------------------------------------------------------------------------------------------------------------


class _Table:
    """A table with a blood draw on each line, or with one result on each line (test, result, unit)."""

    def __init__(self, text: str, taken: Taken, dates: DateStyle, decimals: DecimalStyle):
        self.taken, self.dates = taken, dates
        self.lines = _lines(text)
        units = taken.library.units
        self.at, self.columns = _header(self.lines, units)
        self.data = self.lines[self.at + 1 :]
        self.decimals = decimals or decimal_style(without_flag(cell) for _, cells in self.data for cell in cells)

    def take(self) -> None:
        for line, _ in self.lines[: self.at]:
            self.taken.leave(f"{line}", "count-file-above-header")
        self._refuse_several_people()
        self._say_columns()
        for line, cells in self.data:
            place = f"{line}"
            try:
                self._line(place, self._named(place, cells))
            except InputProblem as problem:
                self.taken.left[place] = None
                self.taken.say(problem)

    def _named(self, place: str, cells: list[str]) -> list[tuple[Column, str]]:
        """The cells under their columns; a line that ends early has nothing in the last ones."""
        if len(cells) > len(self.columns) and any(cell.strip() for cell in cells[len(self.columns) :]):
            raise InputProblem("count-file-cells", place=place, found=len(cells), expected=len(self.columns))
        return [(column, cell.strip()) for column, cell in zip(self.columns, cells, strict=False)]

    def _line(self, place: str, cells: list[tuple[Column, str]]) -> None:
        filled = [(column, cell) for column, cell in cells if column.field and not is_nothing(cell)]
        if not filled:
            return self.taken.leave(place, "count-file-empty-line")
        first = {column.field: cell for column, cell in reversed(filled)}
        when = self._when(place, first)
        if "test" in first:
            values = self._one_result(place, first)
        else:
            values = {}
            for column, cell in filled:
                if column.field in _COUNTS and column is self._first(column.field):
                    values |= self._value(place, column, cell)
            values = self._without_bands_twice(place, values, {column.field for column, _ in filled})
        values |= {field: first[field][:200] for field in _OTHER if field in first and values}
        return self.taken.row(place, when, values)

    def _when(self, place: str, cells: dict[str, str]) -> When:
        written = cells.get("on", cells.get("result-date", ""))
        when = read_when(written, self.dates)
        if when.two_ways:
            self.taken.need("dates")
            raise InputProblem("count-file-two-dates", place=place, value=written)
        if when.on is None and written:
            raise InputProblem("count-file-date-unreadable", place=place, value=written)
        time = read_time(cells["time"]) if "time" in cells else when.time
        return When(when.on, time, utc=when.utc)

    def _value(self, place: str, column: Column, cell: str) -> Values:
        """The value of one cell as a note keeps it; nothing, with a problem, when it cannot be kept."""
        field = self.taken.field(column.field)
        written = without_flag(cell)
        try:
            number, unit = self._split(place, column, field, written)
            return {field.id: self.taken.value(place, field, number, unit)}
        except InputProblem as problem:
            self.taken.say(problem)
            return {}

    def _split(self, place: str, column: Column, field: Field, written: str) -> tuple[Decimal, str]:
        """The number of a cell and its unit, its own before that of the header. Raises `InputProblem`."""
        if written.startswith(_COMPARATORS):
            raise InputProblem("count-file-comparator", place=place, label=field.label, value=written)
        end = next((at for at in range(len(written)) if is_unit(written[at:].strip(), self.taken.library.units)), len(written))
        text, own = written[:end].strip(), written[end:].strip()
        number = read_number(text, self.decimals)
        if number is None:
            two = may_be_two(text)
            if two:
                self.taken.need("decimals")
            word = "count-file-two-numbers" if two else "count-file-number"
            raise InputProblem(word, place=place, label=field.label, value=written)
        unit = own or column.unit
        if not unit:
            raise InputProblem("count-file-unit-missing", place=place, column=column.header, label=field.label, value=written)
        return number, unit

    def _one_result(self, place: str, cells: dict[str, str]) -> Values:
        """A line that holds one result: its test, its number and its unit in columns of their own."""
        test = column(cells["test"], self.taken.library.units)
        unit = cells.get("unit", test.unit)
        if test.field in SHARES and unit != "%":
            test = column(f"{cells['test']} ({unit})", self.taken.library.units)
        if test.field not in _COUNTS:
            raise InputProblem("count-file-test-unknown", place=place, test=cells["test"])
        if "value" not in cells:
            raise InputProblem("count-file-nothing", place=place)
        return self._value(place, Column(cells["test"], test.field, unit), cells["value"])

    def _without_bands_twice(self, place: str, values: Values, fields: Collection[str]) -> Values:
        """Neutrophils that are not said to be the segmented ones may hold the bands already: these are then left out."""
        if "neutrophils" not in fields or "segs" in fields or "bands" not in values:
            return values
        self.taken.say(InputProblem("count-file-bands", place=place))
        return {field: value for field, value in values.items() if field != "bands"}

    # --- the columns ----------------------------------------------------------------------------------------------------

    def _first(self, field: str) -> Column | None:
        """The column of a field; a second one of the same is not read. Segmented neutrophils go before neutrophils in all."""
        if field == "neutrophils" and any(column.field == "segs" for column in self.columns):
            return None
        return next((column for column in self.columns if column.field == field), None)

    def _refuse_several_people(self) -> None:
        where = next((number for number, column in enumerate(self.columns) if column.field == "person"), None)
        if where is None:
            return
        people = {cells[where].strip() for _, cells in self.data if where < len(cells)} - {""}
        if len(people) > 1:
            for line, _ in self.data:
                self.taken.left[f"{line}"] = None
            self.data = []
            raise InputProblem("count-file-several-people", column=self.columns[where].header, number=len(people))

    def _say_columns(self) -> None:
        """Columns that are not read, each named; and a date that is not said to be that of the blood draw."""
        fields = [column.field for column in self.columns]
        unread = [c.header for n, c in enumerate(self.columns) if c.header.strip() and (not c.field or fields.index(c.field) < n)]
        unread += [c.header for c in self.columns if c.field.startswith("absolute-")]
        if "segs" in fields:
            unread += [c.header for c in self.columns if c.field == "neutrophils"]
        if unread:
            self.taken.say(InputProblem("count-file-columns", columns=", ".join(dict.fromkeys(unread))))
        if "on" not in fields:
            self.taken.say(InputProblem("count-file-result-date", column=self.columns[fields.index("result-date")].header))


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The lines with their numbers, without empty ones. Raises `InputProblem`."""
    first, _, rest = text.partition("\n")
    told = first.strip().casefold().removeprefix("sep=") if first.casefold().startswith("sep=") else ""
    text, offset = (rest, 1) if told or first.casefold().startswith("sep=") else (text, 0)
    sample = "".join(text.splitlines(keepends=True)[:_HEADER_WITHIN])
    delimiter = told[:1] or max(_DELIMITERS, key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num + offset, cells))
            if len(lines) > _MOST_LINES:
                raise InputProblem("count-file-too-many-lines", most=f"{_MOST_LINES:,}")
    except csv.Error:
        raise InputProblem("count-file-not-table", line=reader.line_num + offset) from None
    return lines


def _header(lines: Sequence[tuple[int, list[str]]], units: dict[str, UnitFamily]) -> tuple[int, tuple[Column, ...]]:
    """The line that names the columns: the first that has a date and a count. Raises `InputProblem`."""
    for at, (_, cells) in enumerate(lines[:_HEADER_WITHIN]):
        columns = tuple(column(cell, units) for cell in cells)
        fields = {column.field for column in columns}
        if fields & {"on", "result-date"} and (fields & set(_COUNTS) or {"test", "value"} <= fields):
            return at, columns
    raise InputProblem("count-file-no-header", **dict(_seen(lines[:1])))


def _seen(lines: Sequence[tuple[int, list[str]]]) -> Iterator[tuple[str, str]]:
    """The header as it stands there, for the sentence that says that it was not understood."""
    yield "columns", ", ".join(cell.strip() for _, cells in lines for cell in cells)[:200]

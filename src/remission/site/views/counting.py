"""Counts: what was entered or brought in from a file, as charts and tables, with the team's own lines; MRD on its scale."""

from __future__ import annotations

import base64
import binascii
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from msgspec.structs import replace

from remission.care.child_road import road_of
from remission.care.counts import Reading, readings, team_lines
from remission.care.counts import TeamLine as Line
from remission.documents.charts import Band, CountChart, CountPoint, TeamLine, count_chart, count_words
from remission.documents.counts_told import both_units, formula_told
from remission.documents.mrd_chart import MrdPoint, mrd_chart, mrd_words
from remission.documents.notes_told import note_lines, note_title, quantity_told, unit_told
from remission.documents.today_told import block_name
from remission.home.notes import Note, Values
from remission.home.store import new_id
from remission.knowledge.model import Frozen
from remission.record.counts_file import CountsFile, read_counts
from remission.record.problems import InputProblem, InputProblems
from remission.record.reading import read_fact
from remission.rules.compiled import load_library, load_shelf
from remission.site.own import Own, own
from remission.site.views.today import COUNTS

_MOST_BYTES = 5_000_000  # read_counts says no to more than it takes itself
_SPANS = {"90": 90, "365": 365, "all": None}  # days back
_MRD_FACT = "mrd_eoi"  # any MRD fact: all are read alike
_PER_MICROLITER = ("anc", "wbc", "platelets")  # drawn per µL, as clinicians in the family's language of counts say them
_THOUSAND = Decimal(1000)


class RowShown(Frozen, frozen=True):
    when: str
    value: str
    written: str
    note: str
    formula: str = ""
    doubt: str = ""


class ChartShown(Frozen, frozen=True):
    kind: str
    title: str
    narrow: str
    wide: str
    told: str
    rows: tuple[RowShown, ...]


@own
def counts(own: Own) -> HttpResponse:
    """A chart and a table for each count that was ever entered."""
    asked = own.request.GET.get("span", "")
    span = asked if asked in _SPANS else "90"
    spans = [(name, own.words.say(f"counts-span-{name}")) for name in _SPANS]
    charts = [_chart(own, kind, _SPANS[span]) for kind in COUNTS]
    kind = load_shelf().playbook.kinds["line-of-team"]
    lines = [
        (note, note_title(own.words, kind, note), own.words.say("own-told-by", by=note.said("told-by")))
        for note in own.record.of(kind.id)
    ]
    return own.page(
        "my-counts", "counts", charts=[chart for chart in charts if chart], lines=lines, mrd=_mrd(own), spans=spans, span=span
    )


@own
def counts_file(own: Own) -> HttpResponse:
    """Brings in counts from a CSV or FHIR file: first what was found and what was not; once confirmed, the notes."""
    data, post = _sent_file(own.request), own.request.POST
    uploaded = own.request.FILES.get("file")
    name = str(uploaded.name) if uploaded else post.get("name", "")[:100]
    answers: dict[str, Any] = {"dates": post.get("dates", ""), "decimals": post.get("decimals", "")}
    if data is None:
        return own.page("counts-file", "counts_file", read=None, problems=[], **answers)
    read = _read_file(own, data, name)
    new = _new_rows(own, read)
    if post.get("confirm") and new:
        kept = own.home.write_all([Note(own.child, "count", new_id(), values) for values in new], own.writer)
        own.wrote(own.writer, [note.seq for note in kept])
        return own.go("my-counts")
    kind = load_shelf().playbook.kinds["count"]
    days = [own.words.day(date.fromisoformat(values["on"])) for values in new]
    rows = [
        (day, note_lines(own.words, kind, Note("", "count", "", values), without=("on",)))
        for day, values in zip(days, new, strict=True)
    ]
    told = [(_confirmed_as(problem), _sentence(own, problem)) for problem in read.problems]
    return own.page(
        "counts-file", "counts_file", read=read, rows=rows, told=told, already=len(read.rows) - len(new), problems=[],
        sure=post.getlist("sure"), carried=base64.b64encode(data).decode(), file_name=name, **answers,
    )  # fmt: skip


def _read_file(own: Own, data: bytes, name: str) -> CountsFile:
    """The file, read with the answers given so far to what it leaves open."""
    post = own.request.POST
    return read_counts(
        data, name, load_library(), load_shelf().playbook, date.today(), own.record.born,
        post.get("dates", ""), post.get("decimals", ""), post.getlist("sure"),
    )  # fmt: skip


def _confirmed_as(problem: InputProblem) -> str:
    """What `read_counts` is told when the family confirms this; nothing for what cannot be confirmed."""
    return "birth-date" if problem.word == "count-file-other-birth" else str(problem.values.get("id", ""))


def _sentence(own: Own, problem: InputProblem) -> str:
    return problem.sentence(load_library().words, own.lang)


def _new_rows(own: Own, read: CountsFile) -> list[Values]:
    """The rows that no note says already."""
    standing = [note.values for note in own.record.of("count")]
    return [values for values in read.rows if values not in standing]


def _sent_file(request: HttpRequest) -> bytes | None:
    uploaded = request.FILES.get("file")
    if uploaded:
        return bytes(uploaded.read(_MOST_BYTES + 1))
    try:
        return base64.b64decode(request.POST["carried"], validate=True) if request.POST.get("carried") else None
    except binascii.Error:
        return None


def _chart(own: Own, kind: str, back: int | None) -> ChartShown | None:
    found = readings(load_library(), load_shelf(), own.record, kind)
    if not found:
        return None
    first = max(found[0].on, date.today() - timedelta(days=back)) if back else found[0].on
    shown = [reading for reading in found if reading.on >= first]
    chart = _count_chart(own, kind, shown, first)
    rows = tuple(_row(own, kind, reading) for reading in reversed(shown))
    return ChartShown(
        kind,
        own.words.say(f"count-{kind}"),
        count_chart(own.words, chart),
        count_chart(own.words, chart, wide=True),
        count_words(own.words, chart),
        rows,
    )


def _count_chart(own: Own, kind: str, shown: list[Reading], first: date) -> CountChart:
    factor = _THOUSAND if kind in _PER_MICROLITER else Decimal(1)
    return CountChart(
        title=own.words.say(f"count-{kind}"),
        unit=unit_told(own.words, "/uL") if kind in _PER_MICROLITER else "g/dL",
        points=tuple(CountPoint(reading.on, reading.value * factor, reading.formula is not None) for reading in shown),
        first_day=first,
        last_day=date.today(),
        bands=_bands(own),
        lines=tuple(_line(line, factor) for line in team_lines(load_library(), load_shelf(), own.record, kind)),
    )


def _line(line: Line, factor: Decimal) -> TeamLine:
    note = line.note
    return TeamLine(line.value * factor, note.said("what-for"), note.said("told-by"), note.day("told-on"))


def _bands(own: Own) -> tuple[Band, ...]:
    laid = road_of(own.record)
    return tuple(Band(block_name(own.words, block), block.starts, block.ends) for block in laid.blocks) if laid else ()


def _row(own: Own, kind: str, reading: Reading) -> RowShown:
    return RowShown(
        when=own.words.day(reading.on),
        value=both_units(own.words, kind, reading.value),
        written=quantity_told(own.words, reading.as_written) if reading.as_written else own.words.say("counts-worked-out"),
        note=reading.note.id,
        formula=formula_told(own.words, reading) if reading.formula else "",
        doubt=formula_told(own.words, reading) if reading.disagrees else "",
    )


def _mrd(own: Own) -> dict[str, Any] | None:
    """MRD results on the scale; one that cannot be read as a result stands in the table alone."""
    kind = load_shelf().playbook.kinds["mrd"]
    notes = own.record.by_day("mrd", "on")
    if not notes:
        return None
    points = tuple(point for note in reversed(notes) if (point := _mrd_point(own, note)))
    rows = [
        (
            note,
            own.words.day(on),
            note.said("result"),
            "; ".join(line.value for line in note_lines(own.words, kind, note, without=("on", "result"))),
        )
        for note in notes
        if (on := note.day("on"))
    ]
    return {"picture": mrd_chart(own.words, points), "told": mrd_words(own.words, points), "rows": rows}


def _mrd_point(own: Own, note: Note) -> MrdPoint | None:
    try:
        fact = read_fact(load_library(), _MRD_FACT, note.said("result"))
    except (InputProblem, InputProblems):
        return None
    kind = load_shelf().playbook.kinds["mrd"]
    label = note_lines(own.words, replace(kind, fields=(kind.field("when"),)), note)
    return MrdPoint(label[0].value if label else "", fact, note.day("on"))

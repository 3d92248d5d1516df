"""Today: where on the road, what the day holds, what to watch this week, what comes next."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse

from remission.care.child_road import road_of
from remission.care.counts import readings
from remission.care.record import Record
from remission.care.today import Today, to_watch, today_of
from remission.documents.counts_told import both_units
from remission.documents.notes_told import note_lines, note_title
from remission.documents.packs import PACKS
from remission.documents.road_picture import road_words
from remission.documents.road_strip import road_strip
from remission.documents.road_told import drug_name
from remission.documents.today_told import coming_told, headline, planned_told, short_day
from remission.knowledge.playbook import NoteKind
from remission.rules.compiled import load_library, load_shelf
from remission.site.own import Own, own
from remission.site.shown import Shower
from remission.site.views.papers import PAPERS

COUNTS = ("anc", "wbc", "platelets", "hemoglobin")
_ELSEWHERE = ("plan", "road-change", "private", "dose", "count", "mrd", "line-of-team", "medicine")
_QUESTIONS = 5


@own
def today(own: Own) -> HttpResponse:
    """One day of one child."""
    shelf, day, words = load_shelf(), date.today(), own.words
    road = road_of(own.record)
    held = today_of(shelf, own.record, road, day)
    shower = Shower(own.lang, "family")
    watch = _watch(own, shower, to_watch(shelf, own.record, road, day))
    return own.page(
        "today", "today", held=held, headline=headline(words, held, road), road=road, counts=last_counts(own), watch=watch,
        terms=shower.terms, sources=shower.sources, road_words=road_words(words, road, day) if road else "",
        strip=road_strip(words, road, day) if road else "", **_lists(own, held), needs=_needs(own.record),
    )  # fmt: skip


@own
def more(own: Own) -> HttpResponse:
    """Everything there is about this child, with how much of it is written down."""
    kinds = [kind for kind in load_shelf().playbook.kinds.values() if kind.id not in _ELSEWHERE]
    written = [(kind, own.record.one(kind.id), len(own.record.of(kind.id))) for kind in kinds]
    single = [one for one in written if _is_single(one[0])]
    return own.page(
        "more", "more", single=single, many=[one for one in written if one not in single], papers=list(PAPERS), packs=list(PACKS)
    )


def _is_single(kind: NoteKind) -> bool:
    return kind.single or kind.id == "child"


def _lists(own: Own, held: Today) -> dict[str, Any]:
    words, shelf = own.words, load_shelf()
    appointment, question = shelf.playbook.kinds["appointment"], shelf.playbook.kinds["question"]
    return {
        "appointments": [
            (note, note_title(words, appointment, note), note_lines(words, appointment, note, without=("on", "what", "at")))
            for note in held.appointments
        ],
        "planned": [(planned, planned_told(words, shelf, planned)) for planned in held.planned],
        "coming": [(short_day(words, coming.on), coming_told(words, shelf, coming)) for coming in held.coming],
        "questions": [(note, note_title(words, question, note)) for note in held.questions[:_QUESTIONS]],
    }


def _watch(own: Own, shower: Shower, drugs: dict[str, tuple[str, ...]]) -> list[tuple[str, str, list[Any]]]:
    """What to read about each drug of these days: its id, its name, its claims."""
    return [
        (f"drug-{drug}", drug_name(load_shelf(), drug, own.lang), [c for name in read for c in shower.read(name)])
        for drug, read in drugs.items()
    ]


def last_counts(own: Own) -> list[tuple[str, str, str]]:
    """Of each count the last reading in both units, with its date."""
    told = []
    for kind in COUNTS:
        found = readings(load_library(), load_shelf(), own.record, kind)
        if found:
            told.append((own.words.say(f"count-{kind}"), both_units(own.words, kind, found[-1].value), own.words.day(found[-1].on)))
    return told


def _needs(record: Record) -> list[str]:
    """What is still missing that matters most when something happens at night."""
    return [kind for kind in ("centre", "fever-rule", "line", "plan") if not record.of(kind)]

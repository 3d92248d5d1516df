"""A form for one kind of note: what a template shows, what was sent, and what is to be asked twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import HttpRequest

from remission.care.drugs import drug_names
from remission.care.record import Record
from remission.documents.notes_told import value_told
from remission.documents.wording import Wording
from remission.home.notes import Note, Values
from remission.home.typed import Doubt
from remission.knowledge.model import Frozen, Lang
from remission.knowledge.playbook import Field, NoteKind
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library, load_shelf

_WITH_UNIT = ("quantity", "temperature")
_DEGREES = ("°C", "°F")


class Reading(Frozen, frozen=True):
    """One thing that a doubtful answer may have meant: as it is kept, and in words."""

    value: str
    told: str


class FieldShown(Frozen, frozen=True):
    """A field as a template shows it."""

    field: Field
    value: str
    unit: str = ""
    units: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    doubt: str = ""
    readings: tuple[Reading, ...] = ()
    suggestions: tuple[str, ...] = ()

    @property
    def chosen(self) -> list[str]:
        return self.value.split()

    @property
    def opens_fold(self) -> bool:
        return bool(self.value or self.problems or self.doubt)


def sent(request: HttpRequest, kind: NoteKind) -> Values:
    """What a form sent, by field, a quantity's unit apart; a reading that was chosen takes the place of what was typed."""
    typed: Values = {}
    for field in kind.fields:
        name = field.id
        typed[name] = " ".join(request.POST.getlist(name)) if field.kind == "choices" else request.POST.get(name, "")
        typed[f"{name}-unit"] = request.POST.get(f"{name}-unit", "")
        confirmed = request.POST.get(f"sure-{name}", "")
        if confirmed and request.POST.get(f"was-{name}", "") == _as_sent(typed, name):
            typed[name], typed[f"{name}-unit"] = confirmed, ""
    return {name: value for name, value in typed.items() if value}


def sure(request: HttpRequest, kind: NoteKind) -> Values:
    """What was read back and confirmed."""
    return {field.id: said for field in kind.fields if (said := request.POST.get(f"sure-{field.id}", ""))}


def typed_of(kind: NoteKind, note: Note | None) -> Values:
    """A note as it would have been typed."""
    typed: Values = {}
    for field in kind.fields:
        value = note.said(field.id) if note else ""
        if field.kind in _WITH_UNIT and value:
            value, _, typed[f"{field.id}-unit"] = value.partition(" ")
        if value:
            typed[field.id] = value
    return typed


def fields_shown(
    lang: Lang,
    kind: NoteKind,
    record: Record | None,
    typed: Mapping[str, str],
    problems: Mapping[str, list[str]],
    doubts: Iterable[Doubt] = (),
) -> list[FieldShown]:
    words = Wording(load_library(), lang)
    by_field = {doubt.field: doubt for doubt in doubts}
    return [_shown(words, kind, field, record, typed, problems, by_field.get(field.id)) for field in kind.fields]


def problems_by_field(lang: Lang, problems: Iterable[InputProblem]) -> dict[str, list[str]]:
    """Sentences by the field they are about."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        sentence = problem.sentence(load_library().words, lang)
        told.setdefault(str(problem.values.get("where", "")), []).append(sentence[:1].upper() + sentence[1:])
    return told


def _shown(
    words: Wording,
    kind: NoteKind,
    field: Field,
    record: Record | None,
    typed: Mapping[str, str],
    problems: Mapping[str, list[str]],
    doubt: Doubt | None,
) -> FieldShown:
    readings = () if doubt is None else tuple(Reading(value, _told(words, kind, field, value)) for value in doubt.readings)
    values = {} if doubt is None else doubt.values | {"value": readings[0].told if readings else ""}
    return FieldShown(
        field=field,
        value=typed.get(field.id, ""),
        unit=typed.get(f"{field.id}-unit", ""),
        units=_DEGREES if field.kind == "temperature" else field.units if field.kind == "quantity" else (),
        problems=tuple(problems.get(field.id, ())),
        doubt=words.say(doubt.word, **values) if doubt else "",
        readings=readings,
        suggestions=tuple(_suggestions(words.lang, field, record)),
    )


def _told(words: Wording, kind: NoteKind, field: Field, value: str) -> str:
    return value_told(words, field, Note("", kind.id, "", {field.id: value}))


def _suggestions(lang: Lang, field: Field, record: Record | None) -> list[str]:
    if field.suggest == "drug":
        return drug_names(load_shelf(), lang)
    if field.suggest == "person" and record:
        return [person.said("name") for person in record.of("person")]
    return []


def _as_sent(typed: Mapping[str, str], name: str) -> str:
    return f"{typed[name]} {typed[f'{name}-unit']}".strip()

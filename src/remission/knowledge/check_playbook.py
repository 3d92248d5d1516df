"""The editor's gate for `knowledge/playbook/`: forms that can be filled in, and references that lead to something."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import get_args

from remission.knowledge.check import english_in, wrong_with_cites
from remission.knowledge.model import LANGS, Lang, Library, Text
from remission.knowledge.playbook import Conversion, Field, NoteKind, Playbook, Watch, Weekly
from remission.knowledge.protocols import PhaseKind
from remission.knowledge.readability import is_readable
from remission.knowledge.shelf import Shelf

PHASES_OF_QUESTIONS = ("before", *get_args(PhaseKind), "after")
_CHOSEN = ("choice", "choices")
_MEASURED = ("number", "quantity")
_LONGEST_SENTENCE = 30  # words


def check_playbook(shelf: Shelf, library: Library) -> list[str]:
    """All problems of the playbook, as sentences."""
    playbook = shelf.playbook
    problems = [*_names_of_kinds(playbook)]
    for kind in playbook.kinds.values():
        problems += [*_kind(library, kind), *_texts(shelf, kind)]
    problems += [*_watches(shelf), *_conversions(library, playbook), *_questions(shelf), *_example(shelf), *_named(shelf)]
    for weekly in playbook.weekly:
        problems += _weekly(shelf, library, weekly)
    return problems


# --- kinds of notes ---------------------------------------------------------------------------------------------------


def _names_of_kinds(playbook: Playbook) -> Iterator[str]:
    """A kind's plural is its address in Spanish, so no two may share it."""
    if not playbook.kinds:
        yield "playbook: there are no kinds of notes. Look at knowledge/playbook/kinds.yaml."
    for lang in LANGS:
        for name in _twice(kind.many.in_(lang) for kind in playbook.kinds.values()):
            yield f"playbook: two kinds are called “{name}”. Rename one of them."


def _kind(library: Library, kind: NoteKind) -> Iterator[str]:
    ids = [field.id for field in kind.fields]
    yield from (f"kind {kind.id}: two fields are called {field}." for field in _twice(ids))
    yield from (f"kind {kind.id}: named_by names “{name}”, which is no field." for name in kind.named_by if name not in ids)
    if kind.dated_by and kind.dated_by not in [field.id for field in kind.fields if field.kind == "day"]:
        yield f"kind {kind.id}: dated_by names “{kind.dated_by}”, which is no day of it."
    for field in kind.fields:
        where = f"kind {kind.id}/{field.id}"
        yield from (f"{where}: {problem}" for problem in (*_options(field), *_units(library, field), *_range(field)))
        if f"{field.id}-unit" in ids:
            yield f"{where}: a form sends its unit as {field.id}-unit, and another field is called so."


def _options(field: Field) -> Iterator[str]:
    if (field.kind in _CHOSEN) != bool(field.options):
        yield f"a {field.kind} has {'no' if not field.options else 'needless'} options."
    yield from (f"two options are called {option}." for option in _twice(option.id for option in field.options))
    yield from (f"the option “{option.id}” has a space in its id." for option in field.options if " " in option.id)


def _units(library: Library, field: Field) -> Iterator[str]:
    family = library.units.get(field.family)
    if field.kind == "quantity" and family is None:
        yield f"“{field.family}” is no unit family of knowledge/facts/units.yaml."
    elif field.kind == "quantity" and not field.units:
        yield "a quantity needs units to choose from."
    elif family:
        known = [spelling.unit for spelling in family.spellings]
        yield from (f"“{unit}” is no unit of {field.family}; say {', '.join(known)}." for unit in field.units if unit not in known)
    if (field.kind == "number" and len(field.units) > 1) or (field.kind not in _MEASURED and field.units):
        yield f"a {field.kind} has too many units."


def _range(field: Field) -> Iterator[str]:
    limits = [limit for limit in (field.low, field.ask_low, field.ask_high, field.high) if limit is not None]
    if limits and field.kind not in _MEASURED:
        yield f"a {field.kind} has no range."
    if limits != sorted(limits) or (field.low is not None and field.low == field.high):
        yield "the range runs backwards: low, ask_low, ask_high, high must rise."


def _texts(shelf: Shelf, kind: NoteKind) -> Iterator[str]:
    """What a family reads in a form is short, easy, and in one language."""
    texts = [kind.lead, kind.empty, *(field.hint for field in kind.fields if field.hint)]
    for lang in LANGS:
        yield from (f"kind {kind.id}: a sentence is too long in {lang}: “{sentence}”. Split it." for sentence in _long(texts, lang))
        if not is_readable(" ".join(text.in_(lang) for text in texts), lang, shelf.reading.names):
            yield f"kind {kind.id}: its texts are too hard to read in {lang}. Use shorter words and sentences."
    answers = [option.label for field in kind.fields for option in field.options]
    told = [*texts, *answers, kind.one, kind.many, *(field.label for field in kind.fields)]
    for word in dict.fromkeys(word for text in told for word in english_in(text.es, shelf.reading.english_titles)):
        yield f"kind {kind.id}: “{word}” is English in a Spanish sentence. Say it in Spanish."


def _long(texts: Iterable[Text], lang: Lang) -> Iterator[str]:
    sentences = (sentence for text in texts for sentence in re.split(r"[.!?:]\s", text.in_(lang)))
    return (sentence for sentence in sentences if len(sentence.split()) > _LONGEST_SENTENCE)


# --- what to watch, what to ask twice, what to convert, what to ask -----------------------------------------------------


def _watches(shelf: Shelf) -> Iterator[str]:
    drugs = [topic.removeprefix("drug-") for topic in shelf.topics if topic.startswith("drug-")]
    watched = [watch.drug for watch in shelf.playbook.watch]
    yield from (f"watch {drug}: it stands twice." for drug in _twice(watched))
    yield from (f"watch {drug}: “drug-{drug}” is no topic." for drug in watched if drug not in drugs)
    unwatched = [drug for drug in drugs if drug not in watched]
    yield from (f"topic drug-{drug}: knowledge/playbook/watch.yaml does not say what to watch." for drug in unwatched)
    for watch in shelf.playbook.watch:
        yield from (f"watch {watch.drug}: {problem}" for problem in _watch(shelf, watch))


def _watch(shelf: Shelf, watch: Watch) -> Iterator[str]:
    claims = {f"{topic.id}/{claim.id}" for topic, claim in shelf.claims()}
    yield from (f"“{read}” is no claim." for read in watch.read if read not in claims)
    if not watch.read or watch.days < 1:
        yield "it needs a claim to read, and a day at least."


def _named(shelf: Shelf) -> Iterator[str]:
    """A name means one medicine, and every medicine with a page has its names."""
    names = shelf.playbook.names
    said = [(name.casefold(), named.medicine) for named in names for name in dict.fromkeys((named.medicine, *named.names))]
    yield from (f"names: “{name}” means two medicines." for name in _twice(name for name, _ in dict.fromkeys(said)))
    with_page = {topic.removeprefix("drug-") for topic in shelf.topics if topic.startswith("drug-")}
    missing = with_page - {named.medicine for named in names}
    yield from (f"names: “{drug}” has a page and no names." for drug in sorted(missing))


def _weekly(shelf: Shelf, library: Library, weekly: Weekly) -> Iterator[str]:
    where = f"weekly {weekly.drug}"
    topic = shelf.topics.get(f"drug-{weekly.drug}")
    if topic is None:
        yield f"{where}: “drug-{weekly.drug}” is no topic."
        return
    names = {name.casefold() for name in (topic.title.en, topic.title.es, *topic.also.en, *topic.also.es)}
    yield from (f"{where}: its topic does not know the name “{name}”." for name in weekly.names if name.casefold() not in names)
    medicine = shelf.playbook.kinds.get("medicine")
    routes = [option.id for option in medicine.field("route").options] if medicine else []
    yield from (f"{where}: “{route}” is no route of a medicine." for route in weekly.routes if route not in routes)
    if not weekly.names or not weekly.routes:
        yield f"{where}: it needs names and routes."
    yield from _cited(library, where, weekly)


def _conversions(library: Library, playbook: Playbook) -> Iterator[str]:
    yield from (f"conversion {table}: it stands twice." for table in _twice(table.id for table in playbook.conversions))
    for table in playbook.conversions:
        where = f"conversion {table.id}"
        yield from _cited(library, where, table)
        yield from (f"{where}: {drug} has two factors." for drug in _twice(factor.drug for factor in table.factors))
        yield from (f"{where}: the factor of {factor.drug} must be above 0." for factor in table.factors if factor.factor <= 0)
        if {factor.drug: factor.factor for factor in table.factors}.get("doxorubicin") != 1:
            yield f"{where}: doxorubicin must count 1, since all is told in doxorubicin."


def _questions(shelf: Shelf) -> Iterator[str]:
    for phase in set(PHASES_OF_QUESTIONS) ^ set(shelf.playbook.questions):
        yield f"questions {phase}: {'no kind of phase' if phase in shelf.playbook.questions else 'no sheets are named for it'}."
    for phase, sheets in shelf.playbook.questions.items():
        known = [guide.id for guide in shelf.guides.values() if guide.kind == "sheet"]
        yield from (f"questions {phase}: “{sheet}” is no sheet." for sheet in sheets if sheet not in known)


def _example(shelf: Shelf) -> Iterator[str]:
    """The invented child says that it is one, and has only notes that a family could write."""
    example, kinds = shelf.playbook.example, shelf.playbook.kinds
    first = example.notes[0] if example.notes else None
    if first is None or first.kind != "child" or first.values.get("invented") != "yes":
        yield "example: its first note must be of the child, and say `invented: yes`."
    if example.road.protocol not in shelf.protocols:
        yield f"example: “{example.road.protocol}” is no published road."
    for note in example.notes:
        where = f"example {note.kind} {note.id}"
        if note.kind not in kinds:
            yield f"{where}: there is no such kind of note."
            continue
        known = {field.id for field in kinds[note.kind].fields} | ({"invented"} if note.kind == "child" else set())
        yield from (f"{where}: “{value}” is no field." for value in note.values if value not in known)
        for text in note.values.values():
            spanish = text.es if isinstance(text, Text) else ""
            yield from (f"{where}: “{w}” is English." for w in english_in(spanish, shelf.reading.english_titles))
    yield from (f"example: two notes are {twice}." for twice in _twice(f"{note.kind} {note.id}" for note in example.notes))


def _cited(library: Library, where: str, entry: Weekly | Conversion) -> Iterator[str]:
    """What nobody has confirmed may cite nothing, and says so by its status; everything else says where it stands."""
    if not entry.cites and entry.status != "background":
        yield f"{where}: cites nothing. Say where it stands."
    yield from wrong_with_cites(library, where, entry.cites)


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]

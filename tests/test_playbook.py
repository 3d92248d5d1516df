"""The playbook: what a family can write down. The check finds each kind of broken field, and every word of the store is told."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from conftest import ROOT
from remission.care.child_road import child_road
from remission.care.example import example_notes
from remission.care.plan import unpacked
from remission.care.record import Record
from remission.care.today import to_watch, today_of
from remission.home.store import HomeFile
from remission.home.typed import read_typed
from remission.knowledge.check_all import check_folder
from remission.knowledge.check_playbook import PHASES_OF_QUESTIONS, check_playbook
from remission.knowledge.history import texts_of_shelf
from remission.knowledge.model import LANGS, Citation, Lang, Library, Text
from remission.knowledge.playbook import Factor, Field, NoteKind, Option, Playbook, Watch
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.read import read_shelf
from remission.record.problems import InputProblem, InputProblems
from remission.rules.compiled import load_library, load_shelf

TODAY = date(2026, 11, 21)
PLAYBOOK = load_shelf().playbook
COUNT = PLAYBOOK.kinds["count"]


def _problems(playbook: Playbook) -> list[str]:
    return check_playbook(replace(load_shelf(), playbook=playbook), load_library())


def _with_kind(kind: NoteKind) -> Playbook:
    return replace(PLAYBOOK, kinds=PLAYBOOK.kinds | {kind.id: kind})


def _with_field(kind_id: str, field_id: str, **changed: object) -> Playbook:
    kind = PLAYBOOK.kinds[kind_id]
    fields = tuple(replace(field, **changed) if field.id == field_id else field for field in kind.fields)
    return _with_kind(replace(kind, fields=fields))


def _with_watch(**changed: object) -> Playbook:
    first, *others = PLAYBOOK.watch
    return replace(PLAYBOOK, watch=(replace(first, **changed), *others))


def _with_weekly(**changed: object) -> Playbook:
    first, *others = PLAYBOOK.weekly
    return replace(PLAYBOOK, weekly=(replace(first, **changed), *others))


def _with_last_table(**changed: object) -> Playbook:
    *others, last = PLAYBOOK.conversions
    return replace(PLAYBOOK, conversions=(*others, replace(last, **changed)))


def _with_example(**changed: object) -> Playbook:
    return replace(PLAYBOOK, example=replace(PLAYBOOK.example, **changed))


def _with_example_note(**changed: object) -> Playbook:
    first, second, *others = PLAYBOOK.example.notes
    return _with_example(notes=(first, replace(second, **changed), *others))


HARD = "Hematopoietic differentiation characteristically necessitates multifactorial microenvironmental orchestration."
HARD_ES = "La diferenciación hematopoyética característicamente requiere orquestación microambiental multifactorial."
LONG = "This is a sentence that goes on and on " * 4 + "."
NOWHERE = (Citation("pdq-1924", "page 1"),)
WBC = COUNT.field("wbc")

BROKEN: dict[str, tuple[Callable[[], Playbook], str]] = {
    "no kinds": (lambda: replace(PLAYBOOK, kinds={}), "there are no kinds"),
    "two kinds of one name": (
        lambda: _with_kind(replace(COUNT, many=PLAYBOOK.kinds["mrd"].many)),
        "playbook: two kinds are called “Resultados de ERM”",
    ),
    "two fields of one name": (
        lambda: _with_kind(replace(COUNT, fields=(*COUNT.fields, WBC))),
        "kind count: two fields are called wbc",
    ),
    "a title from no field": (lambda: _with_kind(replace(COUNT, named_by=("size",))), "named_by names “size”, which is no field"),
    "a date from no field": (lambda: _with_kind(replace(COUNT, dated_by="when")), "dated_by names “when”, which is no day"),
    "a date from a number": (lambda: _with_kind(replace(COUNT, dated_by="wbc")), "dated_by names “wbc”, which is no day"),
    "a choice without options": (lambda: _with_field("child", "sex", options=()), "kind child/sex: a choice has no options"),
    "options without a choice": (
        lambda: _with_field("child", "name", options=(Option("a", Text("A", "A")),)),
        "kind child/name: a words has needless options",
    ),
    "an option twice": (
        lambda: _with_field("child", "sex", options=(Option("girl", Text("Girl", "Niña")),) * 2),
        "two options are called girl",
    ),
    "an option with a space": (
        lambda: _with_field("medicine", "weekdays", options=(Option("the moon", Text("Moon", "Luna")),)),
        "the option “the moon” has a space",
    ),
    "a quantity of no family": (lambda: _with_field("count", "wbc", family="cells"), "kind count/wbc: “cells” is no unit family"),
    "a unit of another family": (lambda: _with_field("count", "wbc", units=("g/dL",)), "“g/dL” is no unit of cell-count"),
    "a quantity without units": (lambda: _with_field("count", "wbc", units=()), "a quantity needs units"),
    "a number with two units": (lambda: _with_field("count", "bands", units=("%", "1")), "a number has too many units"),
    "a text with a unit": (lambda: _with_field("count", "note", units=("%",)), "a text has too many units"),
    "a range backwards": (lambda: _with_field("count", "wbc", low=Decimal(9), high=Decimal(3)), "the range runs backwards"),
    "a range without width": (lambda: _with_field("count", "bands", low=Decimal(9), high=Decimal(9)), "the range runs backwards"),
    "asked where it is refused": (lambda: _with_field("count", "wbc", ask_high=Decimal(5000)), "the range runs backwards"),
    "a text with a range": (lambda: _with_field("count", "note", low=Decimal(0)), "a text has no range"),
    "a field called like a unit": (
        lambda: _with_kind(replace(COUNT, fields=(*COUNT.fields, Field("wbc-unit", "words", Text("Unit", "Unidad"))))),
        "another field is called so",
    ),
    "a hard text": (
        lambda: _with_kind(replace(PLAYBOOK.kinds["line"], lead=Text(HARD, HARD))),
        "kind line: its texts are too hard to read in en",
    ),
    "a hard Spanish text": (
        lambda: _with_kind(replace(PLAYBOOK.kinds["line"], lead=Text("The line.", HARD_ES))),
        "kind line: its texts are too hard to read in es",
    ),
    "a long sentence": (lambda: _with_kind(replace(COUNT, lead=Text(LONG, LONG))), "a sentence is too long in en"),
    "English in Spanish": (
        lambda: _with_field("count", "note", label=Text("What for", "What es")),
        "kind count: “What” is English in a Spanish sentence",
    ),
    "English in a Spanish answer": (
        lambda: _with_field("child", "sex", options=(Option("girl", Text("Girl", "The niña")),)),
        "kind child: “The” is English",
    ),
    "watch over no drug": (lambda: _with_watch(drug="asparagus"), "watch asparagus: “drug-asparagus” is no topic"),
    "a drug nobody watches": (lambda: replace(PLAYBOOK, watch=PLAYBOOK.watch[1:]), "drug-asparaginase: knowledge/playbook/watch"),
    "a drug watched twice": (lambda: replace(PLAYBOOK, watch=(*PLAYBOOK.watch, PLAYBOOK.watch[0])), ": it stands twice"),
    "watch without a claim": (lambda: _with_watch(read=("drug-asparaginase/teeth",)), "“drug-asparaginase/teeth” is no claim"),
    "watch for nothing": (lambda: _with_watch(read=()), "it needs a claim to read"),
    "watch for no days": (lambda: _with_watch(days=0), "and a day at least"),
    "weekly for no drug": (lambda: _with_weekly(drug="asparagus"), "weekly asparagus: “drug-asparagus” is no topic"),
    "weekly by an unknown name": (lambda: _with_weekly(names=("mtxx",)), "its topic does not know the name “mtxx”"),
    "weekly by an unknown route": (lambda: _with_weekly(routes=("ear",)), "“ear” is no route of a medicine"),
    "weekly by no route": (lambda: _with_weekly(routes=()), "it needs names and routes"),
    "weekly from no source": (lambda: _with_weekly(cites=()), "weekly methotrexate: cites nothing"),
    "weekly from an unknown source": (lambda: _with_weekly(cites=NOWHERE), "“pdq-1924”, which is no source"),
    "two tables of one name": (lambda: _with_last_table(id="cog-5"), "conversion cog-5: it stands twice"),
    "a table from no source": (lambda: _with_last_table(cites=()), "conversion pooled-2019: cites nothing"),
    "a table from an unknown source": (lambda: _with_last_table(cites=NOWHERE), "“pdq-1924”, which is no source"),
    "a drug with two factors": (
        lambda: _with_last_table(factors=(Factor("doxorubicin", Decimal(1)),) * 2),
        "conversion pooled-2019: doxorubicin has two factors",
    ),
    "a factor of nothing": (
        lambda: _with_last_table(factors=(Factor("doxorubicin", Decimal(1)), Factor("daunorubicin", Decimal(0)))),
        "the factor of daunorubicin must be above 0",
    ),
    "a table without its measure": (
        lambda: _with_last_table(factors=(Factor("daunorubicin", Decimal("0.6")),)),
        "doxorubicin must count 1",
    ),
    "questions for no phase": (
        lambda: replace(PLAYBOOK, questions=PLAYBOOK.questions | {"holidays": ()}),
        "questions holidays: no kind of phase",
    ),
    "a phase without questions": (
        lambda: replace(PLAYBOOK, questions={phase: s for phase, s in PLAYBOOK.questions.items() if phase != "induction"}),
        "questions induction: no sheets are named for it",
    ),
    "an example that does not say that it is one": (
        lambda: _with_example(notes=PLAYBOOK.example.notes[1:]),
        "example: its first note must be of the child, and say `invented: yes`",
    ),
    "an example on no road": (
        lambda: _with_example(road=replace(PLAYBOOK.example.road, protocol="route-66")),
        "“route-66” is no published road",
    ),
    "an example note of no kind": (lambda: _with_example_note(kind="pet"), "example pet centre: there is no such kind of note"),
    "an example with no field": (lambda: _with_example_note(values={"size": "8"}), "example centre centre: “size” is no field"),
    "English in the Spanish example": (
        lambda: _with_example_note(values={"name": Text("The clinic", "The clínica")}),
        "example centre centre: “The” is English",
    ),
    "an example note twice": (
        lambda: _with_example(notes=(*PLAYBOOK.example.notes, PLAYBOOK.example.notes[1])),
        "example: two notes are centre centre",
    ),
    "questions on no sheet": (
        lambda: replace(PLAYBOOK, questions=PLAYBOOK.questions | {"induction": ("questions-about-cake",)}),
        "questions induction: “questions-about-cake” is no sheet",
    ),
}  # fmt: skip


def test_the_playbook_as_it_stands_has_no_problem() -> None:
    assert _problems(PLAYBOOK) == []
    assert len(PLAYBOOK.kinds) >= 22


@pytest.mark.parametrize("what", BROKEN)
def test_the_check_finds(what: str) -> None:
    broken, complaint = BROKEN[what]
    assert [problem for problem in _problems(broken()) if complaint in problem], _problems(broken())


# --- read from YAML ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge"))


def _change(folder: Path, name: str, old: str, new: str) -> int:
    """Changes the first place of a file; returns its line."""
    path = folder / "playbook" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_answers_shared_by_name_are_read_and_an_unknown_name_is_refused_with_its_line(folder: Path) -> None:
    assert [option.id for option in PLAYBOOK.kinds["appointment"].field("fasting").options] == ["yes", "no"]
    line = _change(folder, "kinds.yaml", "      options: yes-no", "      options: yes-or-no")
    with pytest.raises(KnowledgeError, match=rf"kinds\.yaml, line {line}: “yes-or-no” is not in options\.yaml"):
        read_shelf(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("kinds.yaml", "  named_by: [name, role]", "  named_by: [name, roll]", "named_by names “roll”"),
        ("kinds.yaml", 'en: "White blood cells (WBC)"', 'en: "4 white blood cells (WBC)"', "the numbers differ"),
        ("watch.yaml", "drug-bortezomib/when-to-call", "drug-bortezomib/when-to-fall", "is no claim"),
    ],
)  # fmt: skip
def test_a_problem_is_told_with_file_and_line(folder: Path, name: str, old: str, new: str, complaint: str) -> None:
    line = _change(folder, name, old, new)
    _, problems = check_folder(folder, TODAY)
    assert len(problems) == 1
    told = re.match(r"(?P<path>\S+), line (?P<line>\d+): ", problems[0])
    assert complaint in problems[0]
    assert told is not None
    assert Path(told["path"]).name == name
    assert abs(int(told["line"]) - line) <= 8, "an editor must find the place"


def test_a_changed_playbook_needs_no_new_version_of_the_knowledge(folder: Path) -> None:
    """Its texts are labels, not claims: the history of what was said does not hold them."""
    _change(folder, "kinds.yaml", "A nickname is enough.", "A first name or a nickname is enough.")
    assert check_folder(folder, TODAY)[1] == []
    assert not any("playbook" in key for key, _ in texts_of_shelf(load_shelf()))


# --- what the fields ask ----------------------------------------------------------------------------------------------


def _asked(field: str, value: str, unit: str) -> list[str]:
    """The readings offered for a count; nothing when it is taken as it is."""
    typed = read_typed(load_library(), COUNT, {"on": "2026-11-20", field: value, f"{field}-unit": unit}, TODAY)
    return list(typed.doubts[0].readings) if typed.doubts else []


def test_a_count_in_the_wrong_unit_is_asked_about_with_both_readings() -> None:
    assert _asked("wbc", "12", "/uL") == ["12 /uL", "12 10*9/L"]
    assert _asked("wbc", "80", "/uL") == ["80 /uL", "80 10*9/L"]
    assert _asked("platelets", "250", "/uL") == ["250 /uL", "250 10*9/L"]
    assert _asked("platelets", "2000", "10*9/L") == ["2000 10*9/L", "2000 /uL"]
    assert _asked("wbc", "1200", "10*9/L") == ["1200 10*9/L", "1200 /uL"]
    assert _asked("anc", "800", "10*9/L") == ["800 10*9/L", "800 /uL"]
    assert _asked("hemoglobin", "11", "g/L") == ["11 g/L", "11 g/dL"]


@pytest.mark.parametrize(
    ("field", "value", "unit"), [("wbc", "12000", "10*9/L"), ("hemoglobin", "110", "g/dL"), ("bands", "101", "")]
)
def test_a_slip_of_the_pen_is_refused(field: str, value: str, unit: str) -> None:
    with pytest.raises(InputProblems) as refused:
        _asked(field, value, unit)
    assert [problem.word for problem in refused.value.problems] == ["note-out-of-range"]


@pytest.mark.parametrize(
    ("field", "value", "unit"),
    [("wbc", "0.1", "10*9/L"), ("wbc", "12000", "/uL"), ("wbc", "3.2", "k/uL"), ("anc", "0", "/uL"), ("anc", "20", "/uL"),
     ("platelets", "4", "10*9/L"), ("hemoglobin", "78", "g/L"), ("wbc", "399", "10*9/L")],
)  # fmt: skip
def test_what_happens_to_children_in_treatment_is_never_asked_twice(field: str, value: str, unit: str) -> None:
    assert _asked(field, value, unit) == []


def test_the_fever_number_is_never_asked_for_nor_given() -> None:
    """Until it is copied it is empty: no field has a number of ours to start from."""
    rule = PLAYBOOK.kinds["fever-rule"]
    assert not rule.field("temperature").required
    assert rule.field("rule").required
    assert not any(re.search(r"\d", text) for kind in ("fever-rule", "diary") for text in _told(PLAYBOOK.kinds[kind]))


def _told(kind: NoteKind) -> list[str]:
    texts = [kind.one, kind.many, kind.lead, kind.empty, *(f.label for f in kind.fields), *(f.hint for f in kind.fields if f.hint)]
    return [text.in_(lang) for text in texts for lang in LANGS]


def test_a_medicine_asks_who_said_it_and_has_no_field_for_a_computed_dose() -> None:
    medicine = PLAYBOOK.kinds["medicine"]
    assert {field.id for field in medicine.fields if field.required} == {"name", "how-often", "told-by", "told-on", "signed"}
    assert medicine.field("amount").kind == "text"
    assert "never" in medicine.field("amount").hint.en  # type: ignore[union-attr]


def test_watch_shows_what_is_urgent_first_and_keeps_the_two_weeks_of_methotrexate() -> None:
    by_drug = {watch.drug: watch for watch in PLAYBOOK.watch}
    claims = {f"{topic.id}/{claim.id}" for topic, claim in load_shelf().claims()}
    for drug, watch in by_drug.items():
        urgent = f"drug-{drug}/when-to-call-the-emergency-number"
        assert watch.read[0] == urgent or urgent not in claims
        assert f"drug-{drug}/when-to-call" in watch.read
    assert by_drug["methotrexate"].days == 15, "day 14 after it belongs to the two weeks"
    assert Watch("x", ()).days == 7


def test_conversions_hold_the_factors_of_the_reference_with_their_status() -> None:
    tables = {table.id: (table.status, {f.drug: f.factor for f in table.factors}) for table in PLAYBOOK.conversions}
    assert tables["pooled-2019"] == (
        "verified",
        {"doxorubicin": 1, "daunorubicin": Decimal("0.6"), "epirubicin": Decimal("0.8"), "mitoxantrone": Decimal("10.5")},
    )
    assert tables["ighg-panel"] == (
        "secondary",
        {"doxorubicin": 1, "daunorubicin": Decimal("0.6"), "mitoxantrone": Decimal("10.5")},
    )
    assert tables["cog-5"][0] == tables["cog-6"][0] == "background"
    assert tables["cog-5"][1]["daunorubicin"] == Decimal("0.5")
    assert [tables[table][1]["mitoxantrone"] for table in ("cog-5", "cog-6")] == [4, 10]


def test_every_phase_of_every_plan_has_its_questions() -> None:
    phases = {phase.kind for protocol in load_shelf().protocols.values() for phase in protocol.phases}
    assert phases <= set(PHASES_OF_QUESTIONS)


# --- the invented child -----------------------------------------------------------------------------------------------

DAYS = [TODAY, date(2028, 2, 29), date(2027, 1, 1), date(2026, 3, 29), date(2026, 12, 31)]


def _record(today: date = TODAY, lang: Lang = "en") -> Record:
    notes = tuple(replace(note, seq=seq) for seq, note in enumerate(example_notes(load_shelf(), lang, today), 1))
    return Record(notes[0], notes)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("today", DAYS)
def test_every_note_of_the_invented_child_could_have_been_typed(lang: Lang, today: date) -> None:
    record = _record(today, lang)
    assert len(record.notes) > 150
    for note in record.notes:
        kind = PLAYBOOK.kinds[note.kind]
        kept = {
            field: value for field, value in note.values.items() if field != "invented" and (note.kind, field) != ("plan", "plan")
        }
        typed = read_typed(load_library(), kind, kept, today, None if note.kind == "child" else record.born)
        assert typed.values == kept, note
        assert typed.doubts == (), note


def test_the_invented_child_fills_every_kind_but_what_does_not_belong_to_its_story() -> None:
    left_out = {
        "radiation",
        "transplant",
        "private",
    }  # no part of standard risk; and the teen's lines are sealed by its own password
    assert {note.kind for note in _record().notes} == PLAYBOOK.kinds.keys() - left_out


@pytest.mark.parametrize("today", DAYS)
def test_the_road_of_the_invented_child_fits_and_is_in_early_maintenance(today: date) -> None:
    found = child_road(_record(today))
    assert found.road is not None
    assert found.unfitting == ()
    block = found.road.block_on(today)
    assert block is not None
    assert (block.at.phase, block.at.cycle, block.day_on(today)) == ("maintenance", 1, 29)
    assert sorted((hold.at.phase, hold.from_day, hold.days) for b in found.road.blocks for hold in b.holds) == [
        ("delayed-intensification", 29, 7),
        ("interim-maintenance-2", 21, 5),
    ]
    at_clinic = [planned for planned in found.road.planned() if planned.on < today and planned.item.route != "mouth"]
    assert all(planned.done for planned in at_clinic), "until yesterday everything is ticked"
    assert sum(1 for planned in at_clinic if planned.done and planned.done.skipped) == 3
    assert not [done for done in found.road.done if done.on >= today], "today is for the family to tick"


def test_today_of_the_invented_child_holds_something_of_everything() -> None:
    record, shelf = _record(), load_shelf()
    road = child_road(record).road
    held = today_of(shelf, record, road, TODAY)
    assert held.block
    assert held.planned
    assert held.appointments
    assert held.coming
    assert held.questions
    assert held.as_needed
    assert {due.medicine.id for due in held.due} == {"mercaptopurine", "methotrexate", "dexamethasone"}
    assert set(to_watch(shelf, record, road, TODAY)) == {"vincristine", "dexamethasone", "mercaptopurine", "methotrexate"}


def test_the_weekly_medicine_is_weekly_and_on_the_days_of_the_road() -> None:
    record = _record()
    road = child_road(record).road
    assert road is not None
    on_road = {planned.on for planned in road.planned() if planned.item.id == "methotrexate-oral" and planned.on <= TODAY}
    ticked = {note.day("on") for note in record.about("dose", "medicine", "methotrexate")}
    assert on_road == ticked | {TODAY}


def test_the_invented_child_is_marked_and_names_no_people_and_no_doses() -> None:
    for lang in LANGS:
        record = _record(lang=lang)
        assert record.is_invented
        assert record.notes[0] == record.child
        invented = "invent"
        for kind, field in (("centre", "name"), ("fever-rule", "rule"), ("team-said", "protocol")):
            assert invented in record.one(kind).said(field).casefold()  # type: ignore[union-attr]
        assert invented in unpacked(record.one("plan").said("plan")).title.in_(lang).casefold()  # type: ignore[union-attr]
        assert not [medicine for medicine in record.of("medicine") if re.search(r"\d", medicine.said("amount"))]
        phones = [value for note in record.notes for field, value in note.values.items() if "phone" in field]
        assert len(phones) >= 8
        assert all(re.fullmatch(r"555-01\d\d", phone) for phone in phones)


def test_the_totals_of_the_invented_child_are_those_of_no_plan() -> None:
    """The published amounts would read like a record of a real child."""
    amounts = {(note.said("drug"), note.said("amount")) for note in _record().of("given-total")}
    assert not amounts & {("doxorubicin", "75"), ("doxorubicin", "120"), ("cyclophosphamide", "1"), ("cyclophosphamide", "3")}


def test_the_counts_of_the_invented_child_come_in_both_units_and_once_only_as_shares() -> None:
    counts = _record().by_day("count", "on")
    days = [note.day("on") for note in counts]
    assert (days[0] - days[-1]).days >= 70  # type: ignore[operator]
    units = {note.said("wbc").split()[1] for note in counts} | {note.said("hemoglobin").split()[1] for note in counts}
    assert units == {"10*9/L", "/uL", "g/dL", "g/L"}
    assert counts[0].said("neutrophils")
    assert not counts[0].said("anc")


def test_the_invented_child_is_the_same_for_the_same_day_and_can_be_made_anew(tmp_path: Path) -> None:
    notes = example_notes(load_shelf(), "es", TODAY)
    assert notes == example_notes(load_shelf(), "es", TODAY)
    assert len({(note.kind, note.id) for note in notes}) == len(notes)
    with HomeFile(tmp_path) as home:
        for _ in range(2):
            home.write_all(notes, "")
            assert len(home.notes(notes[0].child)) == len(notes)
            home.erase(notes[0].child)


# --- the words of the store -------------------------------------------------------------------------------------------


def test_every_problem_of_the_file_and_of_the_forms_has_its_sentence() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "src" / "remission" / "home").glob("*.py")]
    used = {word for text in sources for word in re.findall(r'"((?:home|note|lock|backup|passphrase)-[a-z-]+)"', text)}
    used -= {"lock-tries"}  # a setting
    assert len(used) >= 25
    assert used - load_library().words.keys() == set()


@pytest.mark.parametrize("lang", LANGS)
def test_a_sentence_about_the_file_says_first_what_is_safe_and_then_what_to_do(lang: Lang) -> None:
    words = load_library().words
    for word in ("home-disk-full", "home-read-only", "home-busy", "home-cannot-write"):
        sentence = InputProblem(word, path="/home/a/playbook.sqlite3", reason="?").sentence(words, lang)
        assert ("No se perdió nada" if lang == "es" else "Nothing") in sentence
        assert "{" not in sentence
    assert ("copia" if lang == "es" else "backup") in words["home-damaged"].in_(lang)


@pytest.mark.parametrize("lang", LANGS)
def test_the_examples_of_an_mrd_result_can_be_typed(lang: Lang) -> None:
    hint = PLAYBOOK.kinds["mrd"].field("result").hint
    assert hint is not None
    for result in hint.in_(lang).partition(": ")[2].rstrip(".").split(", "):
        typed = read_typed(load_library(), PLAYBOOK.kinds["mrd"], {"on": "2026-11-01", "result": result}, TODAY)
        assert typed.values["result"] == result


def test_weight_is_read_in_pounds_exactly(library: Library) -> None:
    diary = PLAYBOOK.kinds["diary"]
    typed = read_typed(library, diary, {"on": "2026-11-20", "weight": "40", "weight-unit": "lb"}, TODAY)
    assert typed.values["weight"] == "40 lb"
    assert not typed.doubts
    pounds = next(spelling for spelling in library.units["weight"].spellings if spelling.unit == "lb")
    assert pounds.factor == Decimal("0.45359237")

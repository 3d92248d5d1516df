"""Everything that is handed over on paper: what stands on it, what must never stand on it, and the PDF itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from remission.care.example import example_notes
from remission.care.plan import Item, Phase, Plan, packed
from remission.care.record import Record
from remission.care.visit import gathered
from remission.documents.brief import brief_paper
from remission.documents.calendar_sheets import month_paper, week_paper
from remission.documents.card import card_paper
from remission.documents.exposure_told import exposure_paper
from remission.documents.fridge import fridge_paper
from remission.documents.guide_sheet import guide_paper
from remission.documents.packs import PACKS, PARTS, pack_contents, pack_paper
from remission.documents.paper import TICK, Drawing, Line, Paper, Section, Table
from remission.documents.paper_pdf import paper_pdf
from remission.documents.plan_page import plan_page_paper
from remission.documents.school import names_disease
from remission.documents.teller import shortened
from remission.home.notes import Note
from remission.knowledge.model import LANGS, Lang, Text
from remission.rules.compiled import load_library, load_shelf

TODAY = date(2026, 11, 21)  # a Saturday
NOT_RECORDED = {"en": "not recorded", "es": "sin registrar"}
PDFTOTEXT = shutil.which("pdftotext")

papers_in_both = pytest.mark.parametrize("lang", LANGS)


# --- children -------------------------------------------------------------------------------------------------------------


def note(kind: str, name: str, /, **values: str) -> Note:
    """A note; a field's underscores stand for hyphens."""
    return Note("child", kind, name, {field.rstrip("_").replace("_", "-"): value for field, value in values.items()}, seq=1)


def record(*notes: Note, **child: str) -> Record:
    who = note("child", "child", **({"name": "Sol", "born": "2020-01-05"} | child))
    return Record(who, (who, *notes))


def day(ahead: int) -> str:
    return (TODAY + timedelta(days=ahead)).isoformat()


CENTRE = note("centre", "centre", name="Example Hospital", urgent_phone="555 0100")
RULE = note(
    "fever-rule",
    "rule",
    rule="At the number below, once: call.",
    temperature="38.0 °C",
    told_by="Nurse Ana",
    told_on="2026-02-14",
    signed="copied",
)
PLAN = Plan(
    title=Text("Plan of the team", "Plan del equipo"),
    origin="copied",
    phases=(
        Phase(
            "first", Text("First block", "Primer bloque"), 35,
            (
                Item("vcr", "vincristine", "vein", (1, 8, 15)),
                Item("it", "methotrexate", "spinal-fluid", (8,)),
                Item("dex", "dexamethasone", "mouth", (1, 2, 3)),
            ),
        ),
        Phase("second", Text("Second block", "Segundo bloque"), 28, (Item("mp", "mercaptopurine", "mouth", (1,)),), repeats=2),
    ),
)  # fmt: skip


def on_road(starts: int, plan: Plan = PLAN) -> Note:
    return note("plan", "plan", plan=packed(plan), starts=day(starts))


def medicine(name: str, **values: str) -> Note:
    return note(
        "medicine",
        name,
        **({"name": name, "how_often": "daily", "told_by": "Dr. R", "told_on": "2026-10-01", "signed": "signed"} | values),
    )


def example(lang: Lang) -> Record:
    notes = example_notes(load_shelf(), lang, TODAY)
    return Record(notes[0], tuple(notes))


EMPTY = record()


# --- papers ---------------------------------------------------------------------------------------------------------------


def card(child: Record, lang: Lang = "en", **more: Any) -> Paper:
    return card_paper(load_library(), load_shelf(), child, lang, TODAY, **more)


def brief(child: Record, lang: Lang = "en") -> Paper:
    return brief_paper(load_library(), load_shelf(), child, lang, TODAY)


def fridge(child: Record, lang: Lang = "en") -> Paper:
    return fridge_paper(load_library(), load_shelf(), child, lang, TODAY)


def pack(name: str, child: Record, lang: Lang = "en", chosen: frozenset[str] | None = None) -> Paper:
    held = frozenset(PACKS[name].holds) if chosen is None else chosen
    return pack_paper(load_library(), load_shelf(), child, lang, TODAY, name, held)


def every_paper(child: Record, lang: Lang) -> Iterator[Paper]:
    about = (load_library(), load_shelf(), child, lang, TODAY)
    yield from (card(child, lang), card(child, lang, size="wallet"), brief(child, lang), fridge(child, lang))
    yield from (
        month_paper(*about, TODAY),
        week_paper(*about, TODAY - timedelta(days=5)),
        exposure_paper(*about),
        plan_page_paper(*about),
    )
    for name in PACKS:
        yield from (pack(name, child, lang), pack(name, child, lang, frozenset(PARTS)))


def texts(told: Any) -> Iterator[str]:
    """Every text of a paper."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for value in told.values():
            yield from texts(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from texts(value)


def said(paper: Paper) -> str:
    return "\n".join(texts(msgspec.to_builtins(paper)))


def facts(paper: Paper) -> dict[str, str]:
    return {line.label: line.value for section in paper.sections for line in section.facts}


def printed(pdf: bytes, folder: Path) -> str:
    """The text of a PDF, page by page (between form feeds)."""
    if PDFTOTEXT is None:
        pytest.skip("pdftotext is not installed")
    file = folder / "paper.pdf"
    file.write_bytes(pdf)
    return subprocess.run([PDFTOTEXT, "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout


def pages(pdf: bytes) -> int:
    found = re.search(rb"<xmpTPg:NPages>(\d+)</xmpTPg:NPages>", pdf)
    assert found
    return int(found[1])


# --- the PDF --------------------------------------------------------------------------------------------------------------


@papers_in_both
def test_every_paper_is_an_accessible_pdf_whose_bytes_repeat(lang: Lang) -> None:
    for paper in every_paper(example(lang), lang):
        pdf = paper_pdf(paper)
        assert pdf == paper_pdf(paper), paper.id
        assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf, paper.id
        assert f"/Lang({lang})".encode() in pdf, paper.id


@pytest.mark.parametrize(
    "written", ["#panic()", "$x$ @ref <label>", "\\u{41} \\ *b* _i_ `r`", "= h // c", '"quoted" [a](b)', "#{sys.inputs}"]
)
def test_what_somebody_typed_is_never_read_as_typst(written: str, tmp_path: Path) -> None:
    pdf = paper_pdf(card(record(CENTRE, allergies=written)))
    assert written in printed(pdf, tmp_path)


@given(st.text(max_size=60))
def test_whatever_somebody_typed_makes_a_pdf(written: str) -> None:
    section = Section(written, (written,), (written,), (Line(written, written, written),), (written,), (written,))
    table = Table(written, ("a", written), ((written, TICK), (TICK, written)))
    assert paper_pdf(Paper("any", "en", "Title", (section, Section(table=table)), written, written, written, written)).startswith(
        b"%PDF"
    )


def test_a_word_as_long_as_a_line_stays_on_the_sheet(tmp_path: Path) -> None:
    text = printed(paper_pdf(card(record(allergies="x" * 400))), tmp_path)
    assert text.count("x") >= 400
    assert max(len(line) for line in text.splitlines()) < 300


def test_a_drawing_is_told_in_words() -> None:
    circle = '<circle cx="4" cy="4" r="3" fill="currentColor"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9">{circle}</svg>'
    paper = Paper("any", "en", "Title", (Section(drawing=Drawing(svg, "A circle drawn as a circle")),), "notice")
    assert b"A circle drawn as a circle" in paper_pdf(paper)


@papers_in_both
def test_a_guide_is_a_list_to_tick(lang: Lang, tmp_path: Path) -> None:
    guide = load_shelf().guides["what-to-write-down"]
    paper = guide_paper(load_library(), load_shelf(), guide, lang)
    assert [len(section.ticks) for section in paper.sections] == [*(len(part.items) for part in guide.parts), 0]
    assert paper.sections[-1].blank == guide.blank
    text = printed(paper_pdf(paper), tmp_path)
    assert guide.title.in_(lang) in text
    assert load_library().words["heading-sources"].in_(lang) in text


# --- invented, Spanish, not recorded --------------------------------------------------------------------------------------


Printed = list[tuple[Paper, list[str]]]


@pytest.fixture(scope="module", params=LANGS)
def example_printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """Every paper of the example child with the text of each of its pages."""
    folder = tmp_path_factory.mktemp("printed")
    return [
        (paper, printed(paper_pdf(paper), folder).split("\f")[:-1]) for paper in every_paper(example(request.param), request.param)
    ]


def test_the_example_child_is_marked_as_invented_on_every_page(example_printed: Printed) -> None:
    for paper, all_pages in example_printed:
        mark = load_library().words["invented"].in_(paper.lang)
        assert paper.invented == mark, paper.id
        faces = 2 if paper.size == "wallet" else 0
        assert all(page.count(mark) == 1 + faces for page in all_pages), paper.id


@papers_in_both
def test_a_real_child_is_not_marked(lang: Lang) -> None:
    assert all(not paper.invented for paper in every_paper(EMPTY, lang))


def test_every_page_has_its_notice_and_number(example_printed: Printed) -> None:
    for paper, all_pages in example_printed:
        for number, page in enumerate(all_pages, 1):
            assert paper.notice.split(".")[0] in page, paper.id
            assert re.search(rf"\b{number} ?/ ?{len(all_pages)}\b", page), paper.id


def test_spanish_papers_hold_no_english_sentence_of_ours() -> None:
    library = load_library()
    pieces = {
        piece.strip()
        for word, text in library.words.items()
        if word.startswith("printed-")
        for piece in re.split(r"\{\w+\}", text.en)
        if len(piece.strip()) > 11 and piece.strip() not in text.es
    }
    assert len(pieces) > 90
    for child in (example("es"), EMPTY):
        for paper in every_paper(child, "es"):
            assert not [piece for piece in pieces if piece in said(paper)], paper.id


@papers_in_both
def test_what_nobody_wrote_down_is_never_no_or_none_or_zero(lang: Lang) -> None:
    for paper in every_paper(EMPTY, lang):
        values = [line.value for section in paper.sections for line in section.facts]
        values += [cell for section in paper.sections if section.table for row in section.table.rows for cell in row]
        assert not [value for value in values if re.fullmatch(r"(?i)(no|none|nada|ning\w+|sin|0)\W*", value)], paper.id
    told = facts(card(EMPTY, lang))
    assert [value for value in told.values() if value != NOT_RECORDED[lang]] == []
    assert len(told) == 6


@papers_in_both
def test_the_same_child_has_the_same_papers_with_empty_fields(lang: Lang) -> None:
    """A field that is there but empty is as little recorded as one that is not."""
    kinds = load_shelf().playbook.kinds
    empty = [note(kind.id, kind.id, **{field.id: "" for field in kind.fields}) for kind in kinds.values() if kind.single]
    assert said(card(record(*empty), lang)) == said(card(EMPTY, lang))


# --- the emergency card ---------------------------------------------------------------------------------------------------


def test_the_card_has_the_fever_rule_as_it_was_copied() -> None:
    strong = card(record(CENTRE, RULE)).sections[0].strong
    assert strong[0] == "Call 555 0100 for a fever or any worry, day or night"
    assert "At the number below, once: call." in strong[1]
    assert "38.0 °C" in strong[1]
    assert strong[2] == "Copied by the family, told by Nurse Ana, February 14, 2026"


@pytest.mark.parametrize("size", ["letter", "wallet"])
def test_without_a_rule_the_card_says_to_call_for_any_fever(size: Any) -> None:
    paper = card(record(CENTRE), size=size)
    assert paper.sections[0].strong[0] == "Call this number for any fever: 555 0100"
    assert "°" not in said(paper)
    assert card(record(CENTRE), "es", size=size).sections[0].strong[0] == "Llame a este número por cualquier fiebre: 555 0100"


@papers_in_both
def test_without_a_number_there_is_a_line_to_write_it_on(lang: Lang) -> None:
    first = card(record(RULE), lang).sections[0]
    assert first.strong == (load_library().words["printed-any-fever-no-number"].in_(lang),)
    assert first.blank == 1


def test_a_rule_is_on_the_wallet_whole_or_not_at_all() -> None:
    long = "If 38.0 for an hour, or 38.3 once, " * 12
    front = card(record(CENTRE, replace(RULE, values=RULE.values | {"rule": long})), size="wallet").sections[0]
    assert front.strong[0] == "Call this number for any fever: 555 0100"
    assert "38" not in " ".join(front.strong)
    assert "At the number below, once: call." in " ".join(card(record(CENTRE, RULE), size="wallet").sections[0].strong)


@papers_in_both
def test_the_wallet_is_one_page_with_two_faces_however_much_is_written(lang: Lang) -> None:
    much = [medicine(f"A very long name of a medicine number {number}" * 3) for number in range(20)]
    people = [
        note("person", f"p{number}", name="N" * 200, role="nurse", phone="5" * 40, what_for="w " * 900) for number in range(9)
    ]
    centre = note("centre", "centre", name="C" * 200, urgent_phone="555 0100", hospital="h " * 2500, what_to_say="s " * 2500)
    child = record(
        centre, replace(RULE, values=RULE.values | {"rule": "r " * 2500}), *much, *people, allergies="a " * 2500, name="Sol " * 50
    )
    paper = card(child, lang, size="wallet")
    assert len(paper.sections) == 2
    assert pages(paper_pdf(paper)) == 1
    names = next(
        line.value for line in paper.sections[1].facts if line.label == load_library().words["printed-medicines-short"].in_(lang)
    )
    assert re.search(r"\d+", names.rsplit(", ", 1)[1]), "what does not fit is counted"


@papers_in_both
def test_the_example_childs_card_and_brief_are_one_page(lang: Lang) -> None:
    for paper in (card(example(lang), lang), brief(example(lang), lang), fridge(example(lang), lang)):
        assert pages(paper_pdf(paper)) == 1, paper.id


def test_in_treatment_is_said_only_where_the_road_says_so() -> None:
    def treatment(*notes: Note) -> str:
        return facts(card(record(*notes)))["Treatment"]

    assert treatment() == "not recorded"
    assert treatment(medicine("mercaptopurine")) == "not recorded"
    assert treatment(on_road(-10)) == "In treatment: First block, day 11. Immune-suppressed."
    assert treatment(on_road(5)) == "The plan begins on November 26, 2026"
    assert treatment(on_road(-400)).startswith("The plan ended on")
    delayed = note("road-change", "late", what="delay", phase="second", cycle="1", days="7")
    assert treatment(on_road(-36), delayed) == "In treatment, waiting to begin: Second block, cycle 1 of 2. Immune-suppressed."


def test_a_published_example_is_never_told_as_the_teams_plan() -> None:
    child = record(on_road(-10, replace(PLAN, origin="published")))
    line = next(line for section in card(child).sections for line in section.facts if line.label == "Treatment")
    assert line.quiet == "From a published example, not from the team's own plan. Only the team's plan counts."
    assert line.quiet in said(month_paper(load_library(), load_shelf(), child, "en", TODAY, TODAY))


def test_a_line_that_was_taken_out_is_not_told_as_if_it_were_in() -> None:
    port = note("line", "port", kind="port", side="right", removed="2026-11-01")
    assert facts(card(record(port)))["Central line"] == "Port (under the skin), right: taken out on November 1, 2026"
    arm = note("line", "arm", kind="picc", side="left")
    assert facts(card(record(port, arm)))["Central line"] == "PICC line (comes out at the arm), left"


def test_the_last_counts_have_their_own_dates_and_both_units() -> None:
    counts = (
        note("count", "a", on="2026-11-01", wbc="2.8 10*9/L", platelets="180 10*9/L"),
        note("count", "b", on="2026-11-17", wbc="1900 /uL"),
    )
    ahead = note("count", "c", on="2027-01-01", wbc="9 10*9/L")
    table = next(section.table for section in card(record(*counts, ahead)).sections if section.table)
    assert [row[0] for row in table.rows] == ["November 17, 2026", "November 1, 2026"]
    assert table.rows[0][1:] == ("not recorded", "1.9 ×10⁹/L\n(1,900 per µL)", "not recorded", "not recorded")
    assert table.rows[1][3] == "180 ×10⁹/L\n(180,000 per µL)"


def test_only_what_was_given_is_told_as_given() -> None:
    given_on = note("road-change", "g", what="given", phase="first", cycle="1", item="vcr", day="1", on=day(-10))
    skipped = note("road-change", "s", what="skipped", phase="first", cycle="1", item="it", day="8", on=day(-3))
    told = facts(card(record(on_road(-10), given_on, skipped)))
    assert told["Last given, as ticked on the plan"] == "Vincristine: November 11, 2026"


# --- the visit brief ------------------------------------------------------------------------------------------------------


def test_the_brief_begins_with_the_last_visit_otherwise_14_days_ago() -> None:
    visits = [
        note("appointment", name, on=day(ahead), what="Visit")
        for name, ahead in (("old", -30), ("last", -6), ("today", 0), ("next", 5))
    ]
    visit = gathered(load_library(), load_shelf(), record(*visits), TODAY)
    assert (visit.since, visit.last and visit.last.id) == (TODAY - timedelta(days=6), "last")
    assert [one.id for one in visit.appointments] == ["today", "next"]
    assert gathered(load_library(), load_shelf(), EMPTY, TODAY).since == TODAY - timedelta(days=14)


def test_the_highest_temperature_comes_first_in_either_unit() -> None:
    taken = {"a": (-2, "38.1 °C"), "b": (-3, "100.9 °F"), "c": (-4, "37.9 °C"), "before": (-20, "40.0 °C"), "later": (1, "41.0 °C")}
    diary = [note("diary", name, on=day(ahead), temperature=value) for name, (ahead, value) in taken.items()]
    visit = gathered(load_library(), load_shelf(), record(*diary), TODAY)
    assert [one.id for one in visit.temperatures] == ["b", "a", "c"]
    assert facts(brief(record(*diary)))["Highest temperatures"].startswith("100.9 °F on November 18")


def test_the_brief_tells_symptoms_doses_weight_and_questions_as_they_were_written() -> None:
    diary = [
        note("diary", "a", on=day(-5), symptom_tired="a-lot", symptom_cough="some", weight="18.4 kg"),
        note("diary", "b", on=day(-4), symptom_tired="a-lot", symptom_pain="a-lot", symptom_rash="none"),
        note("diary", "c", on=day(-1), weight="39.9 lb"),
    ]
    doses = [note("dose", "d", medicine="mp", on=day(-3), slot="evening", what="vomited", note="after 20 minutes"),
             note("dose", "e", medicine="mp", on=day(-2), slot="evening", what="given")]  # fmt: skip
    questions = [
        note("question", "q1", text="Swimming?"),
        note("question", "q2", text="Vomited?", important="yes"),
        note("question", "q3", text="Old?", answer="Yes"),
    ]
    paper = brief(record(*diary, *doses, *questions, medicine("mp")))
    told = facts(paper)
    assert told["Marked “a lot”"] == "Tired: November 16, 17\nPain: November 17"
    assert told["Doses missed, vomited or held"] == "mp, vomited: November 18. after 20 minutes"
    assert told["Weight"] == "18.4 kg (November 16) → 39.9 lb (November 20)"
    assert [section.ticks for section in paper.sections if section.ticks] == [("First: Vomited?", "Swimming?")]
    assert "Rash" not in said(paper)


@papers_in_both
def test_the_brief_is_one_page_however_much_is_written(lang: Lang) -> None:
    symptoms = [field.id for field in load_shelf().playbook.kinds["diary"].fields if field.id.startswith("symptom-")]
    diary = [
        note(
            "diary",
            f"y{n}",
            on=day(-(n % 13) - 1),
            temperature="38.4 °C",
            weight="20 kg",
            note="n " * 2000,
            **dict.fromkeys(symptoms, "a-lot"),
        )
        for n in range(30)
    ]
    doses = [
        note("dose", f"d{n}", medicine=f"m{n % 9}", on=day(-(n % 13) - 1), what="missed", note="why " * 900) for n in range(40)
    ]
    questions = [note("question", f"q{n}", text="What about this " * 200, for_="Somebody") for n in range(30)]
    visits = [
        note("appointment", f"a{n}", on=day(n), what="Visit " * 30, where="W " * 90, bring="b " * 2000, note="n " * 900)
        for n in range(9)
    ]
    counts = [
        note("count", f"k{n}", on=day(-n), wbc="2 10*9/L", anc="1 10*9/L", platelets="100 10*9/L", hemoglobin="9 g/dL")
        for n in range(12)
    ]
    medicines = [medicine(f"m{n}", brand="brand " * 30) for n in range(9)]
    paper = brief(record(*diary, *doses, *questions, *visits, *counts, *medicines), lang)
    assert pages(paper_pdf(paper)) == 1
    assert load_library().words["printed-more-in-file"].in_(lang).format(count=25) in said(paper), "what is left out is counted"


# --- the fridge -----------------------------------------------------------------------------------------------------------


def rows(paper: Paper) -> dict[tuple[str, str], tuple[str, ...]]:
    table = next(section.table for section in paper.sections if section.table)
    return {(row[0].split("\n")[0], row[1]): row[2:] for row in table.rows}


def test_the_fridge_has_a_box_on_each_day_that_the_list_asks_for_and_on_no_other() -> None:
    child = record(
        medicine("daily", times="morning evening"),
        medicine("weekly", how_often="weekly", weekdays="tue", times="evening"),
        medicine("ends", until=day(1)),
    )
    told = rows(fridge(child))
    assert told["daily", "Morning"] == told["daily", "Evening"] == (TICK,) * 7
    assert told["weekly", "Evening"] == ("", "", "", TICK, "", "", "")  # the sheet begins on a Saturday
    assert told["ends", ""] == (TICK, TICK, "", "", "", "", "")


def test_a_weekly_medicine_has_its_weekday_in_words_and_first() -> None:
    child = record(medicine("methotrexate", how_often="weekly", weekdays="tue"))
    assert fridge(child).sections[0].strong == ("methotrexate: Once a week, only on Tuesday. Not every day.",)
    assert fridge(child, "es").sections[0].strong == ("methotrexate: Una vez por semana, solo el martes. No todos los días.",)


def test_a_medicine_without_a_day_is_not_lost() -> None:
    paper = fridge(
        record(
            medicine("methotrexate", how_often="weekly"),
            medicine("other", how_often="some-days"),
            medicine("clinic", how_often="in-clinic"),
        )
    )
    told = facts(paper)
    assert told["methotrexate"].startswith("On which day? Ask the team")
    assert told["other"].startswith("On which day? Ask the team")
    assert told["clinic"] == "Given in the clinic"


def test_amounts_stand_as_the_sheet_says_them_and_say_from_whom() -> None:
    child = record(medicine("mp", amount="1½ tablets of 50 mg", signed="copied"), medicine("other"))
    table = next(section.table for section in fridge(child).sections if section.table)
    assert table.rows[0][0] == "mp\n1½ tablets of 50 mg\nEvery day, once\nCopied, Dr. R, October 1, 2026"
    assert table.rows[1][0].split("\n")[1] == "How much: not recorded"
    assert "75" not in said(fridge(child))


# --- month and week -------------------------------------------------------------------------------------------------------


def test_the_month_holds_every_day_once_and_its_appointments() -> None:
    child = record(
        on_road(-10),
        note("appointment", "a", on=day(3), at="09:30", what="Blood draw", fasting="yes", fasting_from="midnight", spinal="yes"),
    )
    (section,) = month_paper(load_library(), load_shelf(), child, "en", TODAY, TODAY).sections
    assert section.weeks
    cells = [cell for row in section.weeks.rows for cell in row]
    assert [cell.day for cell in cells if not cell.outside] == [str(number) for number in range(1, 31)]
    assert [cell.day for cell in cells if cell.today] == ["21"]
    held = {cell.day: cell.lines for cell in cells if not cell.outside}
    assert held["11"] == ("First block, day 1", "Vincristine, into a vein", "Dexamethasone")
    assert "09:30 Blood draw\nFasting: midnight\nTreatment into the spinal fluid" in held["24"]
    assert held["10"] == ()


def test_the_week_tells_what_was_given_and_what_was_left_out() -> None:
    given_on = note("road-change", "g", what="given", phase="first", cycle="1", item="vcr", day="8", on=day(-2))
    skipped = note("road-change", "s", what="skipped", phase="first", cycle="1", item="it", day="8", on=day(-3))
    (section,) = week_paper(
        load_library(), load_shelf(), record(on_road(-10), given_on, skipped), "en", TODAY, date(2026, 11, 16)
    ).sections
    assert section.weeks
    held = {cell.day: cell.lines for cell in section.weeks.rows[0]}
    assert held["19"] == ("day 9", "Vincristine, into a vein: given")
    assert held["18"] == ("day 8", "Methotrexate, into the spinal fluid: left out")


# --- share packs ----------------------------------------------------------------------------------------------------------

MARKED = {  # where each part of a pack can be told by: a word that stands nowhere else
    "allergies": note("child", "child", allergies="MARKALLERGY", other_conditions="MARKCONDITION"),
    "line": note("line", "line", kind="port", where="MARKPLACE", care="MARKCARE"),
    "medicines": medicine("MARKMEDICINE", amount="MARKAMOUNT", note="MARKMEDNOTE"),
    "fever": note("fever-rule", "rule", rule="MARKRULE", told_by="MARKTELLER", told_on="2026-01-01"),
    "dates": note("appointment", "a", on=day(2), what="MARKVISIT", where="MARKROOM", bring="MARKBRING"),
    "team-said": note("team-said", "t", group="MARKGROUP", by="MARKSAYER", on="2026-01-01", rests_on="MARKRESTS"),
    "mrd": note("mrd", "m", on="2026-01-01", result="<0.123 %", note="MARKMRD"),
    "treatment-plan": note("treatment-plan", "tp", about="MARKABOUT", goal="MARKGOAL", on="2026-01-01", with_="MARKWITH"),
    "questions": note("question", "q", text="MARKQUESTION"),
    "diary": note("diary", "y", on=day(-1), temperature="38.77 °C", note="MARKDIARY", symptom_mood="a-lot"),
    "exposure": note("radiation", "r", site="MARKSITE"),
    "counts": note("count", "c", on=day(-1), wbc="7.77 10*9/L"),
}
PRIVATE = note("private", "p", text="MARKTEEN")


def marks(part: str) -> list[str]:
    values = MARKED[part].values.values()
    return [value for value in values if "MARK" in value or value in ("<0.123 %", "38.77 °C")] + (
        ["7.77"] if part == "counts" else []
    )


@pytest.fixture(scope="module")
def marked() -> Record:
    child = MARKED["allergies"].values
    notes = [one for part, one in MARKED.items() if part != "allergies"]
    person = note("person", "person", name="MARKPERSON", role="psychologist")
    dose = note("dose", "dose", medicine="MARKMEDICINE", on=day(-1), what="missed", note="MARKDOSE")
    return record(*notes, person, dose, PRIVATE, CENTRE, on_road(-10), **child, diagnosis="b-all", team_number="MARKNUMBER")


@papers_in_both
@pytest.mark.parametrize("name", PACKS)
def test_a_pack_leaves_out_what_it_says_it_leaves_out(name: str, lang: Lang, marked: Record, tmp_path: Path) -> None:
    contents = pack_contents(lang, name, marked)
    assert sorted(part.id for part in contents) == sorted(PARTS)
    assert all(part.title and part.why for part in contents)
    paper = pack(name, marked, lang, frozenset(part.id for part in contents if part.is_in))
    text, on_paper = said(paper), printed(paper_pdf(paper), tmp_path)
    for part in contents:
        if part.id in MARKED and not part.is_in:
            assert not [mark for mark in marks(part.id) if mark in text or mark in on_paper], part.id
    for never in ("MARKTEEN", "MARKDOSE", "MARKNUMBER"):
        assert never not in text


@pytest.mark.parametrize("name", PACKS)
def test_every_part_can_be_chosen_alone(name: str, marked: Record) -> None:
    for part in MARKED:
        text = said(pack(name, marked, "en", frozenset({part})))
        others = [other for other in MARKED if other != part]
        assert [mark for mark in marks(part) if mark in text], part
        assert not [mark for other in others for mark in marks(other) if mark in text], part
    assert "MARK" not in said(pack(name, marked, "en", frozenset()))


def test_nothing_private_goes_out_by_default_except_for_a_second_opinion() -> None:
    for name in PACKS:
        held = {part.id for part in pack_contents("en", name, EMPTY) if part.is_in}
        assert "diary" not in held
        assert held.isdisjoint({"mrd", "team-said", "questions"}) or name == "second-opinion"


@papers_in_both
def test_the_schools_letter_names_the_disease_only_when_chosen(lang: Lang, marked: Record) -> None:
    default = frozenset(PACKS["school"].holds)
    paper = pack("school", marked, lang)
    assert not names_disease(said(paper))
    assert not names_disease(paper_pdf(paper).decode("latin-1"))
    assert "Example Hospital" not in said(paper)
    assert "555 0100" in said(paper)
    assert names_disease(said(pack("school", marked, lang, default | {"diagnosis"})))


@papers_in_both
@pytest.mark.parametrize("name", PACKS)
def test_without_the_diagnosis_no_source_names_the_disease(name: str, lang: Lang) -> None:
    chosen = frozenset({"when-to-call", "infection", "exposure"})
    assert len(pack(name, EMPTY, lang, chosen).sources) < len(pack(name, EMPTY, lang, chosen | {"diagnosis"}).sources)
    assert not [source for source in pack(name, EMPTY, lang, chosen).sources if names_disease(source)]


def test_the_schools_letter_tells_days_and_never_what_for() -> None:
    visits = [note("appointment", f"v{ahead}", on=day(ahead), what="MARKVISIT") for ahead in (-1, 2, 3, 20, 400)]
    paper = pack("school", record(CENTRE, on_road(-10), *visits))
    away = next(section for section in paper.sections if section.heading == "Days away")
    assert away.items == ("November 2026: Monday 23, Tuesday 24, Wednesday 25", "December 2026: Friday 11")
    assert "MARKVISIT" not in said(paper)
    assert "incristine" not in said(paper)


def test_the_notice_on_infections_gives_way_when_its_review_is_overdue() -> None:
    shelf = load_shelf()
    topic = shelf.topics["infection-contact"]
    old = replace(topic, review=replace(topic.review, next_review="2020-01-01"))
    overdue = replace(shelf, topics=shelf.topics | {topic.id: old})
    told = said(pack_paper(load_library(), overdue, EMPTY, "en", TODAY, "school", frozenset({"infection"})))
    assert "Chickenpox" not in told
    assert load_library().words["read-overdue-safety"].en in told


def test_what_the_library_says_in_a_pack_has_its_sources() -> None:
    assert pack("grandparents", EMPTY).sources
    assert pack("school", EMPTY).sources
    assert not pack("travel", EMPTY).sources


# --- the treatment plan and what was given --------------------------------------------------------------------------------


@papers_in_both
def test_the_plan_page_has_four_parts_and_leaves_lines_where_one_is_missing(lang: Lang) -> None:
    plan = note("treatment-plan", "tp", about="B-cell ALL", goal="Cure", on="2026-02-15", with_="Dr. R")
    said_by_team = note("team-said", "t", group="Standard, they said", by="Dr. R", on="2026-03-01")
    paper = plan_page_paper(load_library(), load_shelf(), record(plan, said_by_team), lang, TODAY)
    assert [section.paragraphs[0] for section in paper.sections[:5]] == ["B-cell ALL", "Cure", *[NOT_RECORDED[lang]] * 3]
    assert [section.blank for section in paper.sections[:5]] == [0, 0, 3, 3, 3]
    assert "Standard, they said" in said(paper)
    assert paper.sources


def test_the_exposure_record_names_the_table_of_every_conversion() -> None:
    child = record(
        note("given-total", "a", drug="Doxorubicin", amount="25", unit="mg-m2", what="once", on="2026-06-12", told_by="Dr. R"),
        note("given-total", "b", drug="Doxorubicin", amount="30", unit="mg", what="once", on="2026-06-19"),
    )
    paper = exposure_paper(load_library(), load_shelf(), child, "en", TODAY)
    told = facts(paper)
    assert told["Doxorubicin"] == "25 mg/m²"
    tables = [one.name.en for one in load_shelf().playbook.conversions]
    assert [told[table].split("\n")[0] for table in tables] == ["25 mg/m² as doxorubicin"] * len(tables)
    assert "June 19, 2026: 30 mg (One dose). Not added: it is not told per square meter." in said(paper)
    order = [line.quiet.split(".")[0] for line in paper.sections[0].facts if line.label in tables]
    assert order == sorted(order, key=["Read in the source", "Read only in someone's restatement", "Confirmed by nobody"].index)


# --- shortening -----------------------------------------------------------------------------------------------------------


@given(st.text(max_size=300), st.integers(min_value=20, max_value=120))
def test_a_shortened_text_is_short_and_begins_like_the_whole(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    flat = " ".join(text.split())
    assert flat == short or (short.endswith("…") and flat.startswith(short.removesuffix("…")))

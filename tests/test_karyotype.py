"""Karyotypes: a string is read or refused with a place, written back the same, and says what follows and what it cannot tell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import ROOT, SHARED, Run, ends
from karyotype_writer import karyotypes, slips
from remission.knowledge import plain_yaml
from remission.knowledge.check import check_library
from remission.knowledge.karyotype import Form, karyotypes_of, wrong_with_karyotypes
from remission.knowledge.model import LANGS, Library
from remission.record.facts import Fact
from remission.record.karyotype.facts import KaryotypeFacts, facts_of
from remission.record.karyotype.groups import groups_of
from remission.record.karyotype.reading import LONGEST, read_karyotype
from remission.record.karyotype.shape import KaryotypeRead
from remission.record.karyotype.writing import written
from remission.record.problems import InputProblem

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((ROOT / "cases" / "karyotypes").glob("*.yaml"))
    for case in plain_yaml.read(path)
]
TEXTS = [str(param.values[0]["karyotype"]) for param in CASES]  # type: ignore[index]


def found_in(library: Library, text: str) -> KaryotypeFacts:
    return facts_of(library, read_karyotype(text).karyotype)


def read_or_refused(text: str) -> KaryotypeRead | None:
    """What was read; None when it was refused, with a place that lies in the text."""
    try:
        return read_karyotype(text)
    except InputProblem as problem:
        at = int(str(problem.values["at"]))
    assert 1 <= at <= len(text) + 1
    return None


def value_of(fact: Fact) -> str:
    return fact.absent_reason or fact.as_given


# --- cases ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_case(library: Library, case: dict[str, Any]) -> None:
    found = found_in(library, case["karyotype"])
    certain = {sighting.pattern for sighting in found.seen if sighting.is_certain}
    assert certain == set(case.get("seen", []))
    assert {sighting.pattern for sighting in found.seen} - certain == set(case.get("hinted", []))
    told = {name: value_of(found.facts[name]) for name in case.get("facts", {})}
    assert told == {name: str(value) for name, value in case.get("facts", {}).items()}
    reasons = {answer.fact: answer.why for answer in found.answers}
    assert {name: reasons[name] for name in case.get("why", {})} == case.get("why", {})
    assert set(case.get("notes", [])) <= {note.word for note in found.notes}


def test_every_pattern_that_chromosomes_can_show_has_a_case(library: Library) -> None:
    patterns = {pattern.id for pattern in karyotypes_of(library).patterns if pattern.forms}
    assert len(patterns) >= 40
    assert patterns == {name for case in CASES for name in _shown_by(case.values[0])}


def _shown_by(case: Any) -> Iterable[str]:
    return [*case.get("seen", []), *(name for name in case.get("hinted", []) if name == "jak2-other")]  # all its forms need FISH


def test_every_row_of_the_table_is_there(library: Library) -> None:
    """The reference table has 40 rows; row 40 (normal and failed karyotypes) holds for all: they rule nothing out."""
    assert {pattern.row for pattern in karyotypes_of(library).patterns} == set(range(1, 40))


def test_every_reason_is_met_by_a_case_and_has_words(library: Library) -> None:
    words = {word.removeprefix("karyotype-why-") for word in library.words if word.startswith("karyotype-why-")}
    found = [found_in(library, text) for text in TEXTS]
    met = {answer.why for each in found for answer in each.answers} | {sighting.doubt for each in found for sighting in each.seen}
    assert words - met == {"karyotype-never"}, "nothing follows from what chromosomes never show"


def test_a_pattern_is_found_where_the_table_writes_it(library: Library) -> None:
    for pattern in karyotypes_of(library).patterns:
        for iscn in pattern.iscn:
            if iscn[0].isalpha():
                sightings = found_in(library, f"46,XX,{iscn}[20]").seen
                assert pattern.id in {sighting.pattern for sighting in sightings}, iscn


def test_what_is_cryptic_is_never_answered_with_no(library: Library) -> None:
    hidden = {fact for p in karyotypes_of(library).patterns if p.karyotype != "visible" for fact in p.sets}
    assert "etv6_runx1" in hidden
    for text in TEXTS:
        told_no = {answer.fact for answer in found_in(library, text).answers if answer.tells == "not-seen" and not answer.by_fish}
        assert not told_no & hidden


def test_not_seen_always_rests_on_what_nobody_confirmed(library: Library) -> None:
    answers = found_in(library, "46,XX,del(6)(q21)[20]").answers
    assert {answer.status for answer in answers if answer.tells == "not-seen"} == {"background"}


# --- reading ----------------------------------------------------------------------------------------------------------


@given(karyotypes())
def test_what_is_written_as_it_should_be_is_read_without_repair_and_written_back(text: str) -> None:
    read = read_karyotype(text)
    assert not read.repairs
    assert written(read.karyotype) == text


@given(slips(karyotypes()))
@example("46,XY,del6)(q13q23)[3]")
@example("46,XX,t(9;22)(q34;q11.2[3]/47,idem,+8[2]")
@example("t(22t(5t(22")
@example("121,+8X0,,+14")
def test_what_was_mended_is_stable(text: str) -> None:
    """A mended string reads again without repair and means the same; a refused one says where."""
    read = read_or_refused(text)
    if read is not None:
        again = read_karyotype(written(read.karyotype))
        assert not again.repairs
        assert again.karyotype == read.karyotype


REPAIRED = {
    "capitals": ("46,XY,DEL(6)(Q13Q23),DER(14;21)(Q10;Q10)C[20]", "46,XY,del(6)(q13q23),der(14;21)(q10;q10)c[20]"),
    "IDEM in capitals": ("46,XX,T(4;11)(Q21;Q23)[3]/93,IDEMX2,+8[4]", "46,XX,t(4;11)(q21;q23)[3]/93,idemx2,+8[4]"),
    "small sex chromosomes": ("46,xx[20]", "46,XX[20]"),
    "a space for the comma": ("46 XY,+8[20]", "46,XY,+8[20]"),
    "spaces everywhere": ("46, XX, t(9;22) (q34;q11.2) [20] / 46, XX [3]", "46,XX,t(9;22)(q34;q11.2)[20]/46,XX[3]"),
    "no comma": ("46XX[20]", "46,XX[20]"),
    "typographic dashes": ("45–47,XX,−7,+8[cp5]", "45~47,XX,-7,+8[cp5]"),
    "hyphens for ranges": ("45-48,XX,+1-2mar,del(5)(q13-14)[cp2]", "45~48,XX,+1~2mar,del(5)(q13~14)[cp2]"),
    "an arrow": ("46,XX,der(1)(1pter→1p13::1q12→1qter)[2]", "46,XX,der(1)(1pter->1p13::1q12->1qter)[2]"),
    "a missing closing bracket": ("46,XX,del(13)(q14q22[10]", "46,XX,del(13)(q14q22)[10]"),
    "a missing opening bracket": ("46,XX,t(2;22)q13;p12)[10]", "46,XX,t(2;22)(q13;p12)[10]"),
    "a bracket too many": ("46,XX,der((9)t(9;22)(q34;q11)[10]", "46,XX,der(9)t(9;22)(q34;q11)[10]"),
    "a missing bracket before another group": ("45,X,-X,add(14)(p11.2[2]/46,XX[4]", "45,X,-X,add(14)(p11.2)[2]/46,XX[4]"),
    "a missing bracket at the end": ("46,XX[20", "46,XX[20]"),
    "two commas": ("46,idem,,i(21)(q10)[3]", "46,idem,i(21)(q10)[3]"),
    "a comma before the cells": ("47,XX,+8,[10]", "47,XX,+8[10]"),
    "a comma inside": ("45,XX,dic,(9;20)(p21;q11.2)[6]", "45,XX,dic(9;20)(p21;q11.2)[6]"),
    "commas for semicolons": ("46,XX,t(9,22)(q34,q11.2)[6]", "46,XX,t(9;22)(q34;q11.2)[6]"),
    "a colon for a semicolon": ("46,XX,t(9;22)(q34:q11.2)[6]", "46,XX,t(9;22)(q34;q11.2)[6]"),
    "no semicolon between bands": ("46,XX,t(4;12;9)(q13;p13q34)[6]", "46,XX,t(4;12;9)(q13;p13;q34)[6]"),
    "the chromosomes in two brackets": ("46,XX,t(2;7)(7;4)(q23;p13p13;q27)[6]", "46,XX,t(2;7;7;4)(q23;p13;p13;q27)[6]"),
    "no slash between groups": ("47,XX,+8[17]46,XX[3]", "47,XX,+8[17]/46,XX[3]"),
    "a full stop for a comma": ("47,XX,+8[17]/46.XX[3]", "47,XX,+8[17]/46,XX[3]"),
    "a letter beside the right one": ("46,XY,y(1;19)(q23;p13.3)[15]", "46,XY,t(1;19)(q23;p13.3)[15]"),
    "two letters swapped": ("46,XY,dle(6)(q21)[15]", "46,XY,del(6)(q21)[15]"),
    "a sex chromosome that does not exist": ("46,XT[38]", "46,X?[38]"),
    "an arm left out": ("46,XX,del(6)(13q23)[15]", "46,XX,del(6)(?13q23)[15]"),
    "del(6q21)": ("46,XX,del(6q21)[15]", "46,XX,del(6)(q21)[15]"),
    "a stray mark": ("46,XY[16]`", "46,XY[16]"),
    "a remark behind": ("46,XX,del(6)(q21)[15] detected by banding.", "46,XX,del(6)(q21)[15]"),
    "words before": ("Karyotype: 46,XX[20]", "46,XX[20]"),
    "words before, without a colon": ("Cariotipo 46,XX[20]", "46,XX[20]"),
    "the edition before": ("ISCN 2020: 46,XX[20]", "46,XX[20]"),
    "a remark in brackets": ("46,XX[20] (normal female)", "46,XX[20]"),
    "cells in words": ("46,XX [20 metafases]/46,XX[n=3]", "46,XX[20]/46,XX[3]"),
    "cells in round brackets": ("47,XX,+8[3]/46,XX(20)", "47,XX,+8[3]/46,XX[20]"),
    "cells in words in round brackets": ("46,XX,t(4;11)(q21;q23) (12 células)/46,XX(8)", "46,XX,t(4;11)(q21;q23)[12]/46,XX[8]"),
    "cells behind a band": ("46,XX,t(4;11)(q21;q23)(12)", "46,XX,t(4;11)(q21;q23)[12]"),
    "cp before its bracket": ("47,XX,+8 cp[15]", "47,XX,+8[cp15]"),
    "a web page's brackets": ("54&lt;2n&gt;,XX,+8[15]", "54<2n>,XX,+8[15]"),
    "the range behind the number": ("46(43-47)<2n>XY,del(6)(q21)[9]", "43~47<2n>,XY,del(6)(q21)[9]"),
    "semicolons between items": ("54,XX,+X;+4;+6;+10;+14;+17;+21;+21[9]", "54,XX,+X,+4,+6,+10,+14,+17,+21,+21[9]"),
    "no donor's cells": ("46,XX,+8[5]//", "46,XX,+8[5]"),
    "signs without commas": ("50,XX,+4+10+17+21[15]", "50,XX,+4,+10,+17,+21[15]"),
    "the arm twice": ("46,XX,t(4q;11q)(q21;q23),del(6q)(q15q21)[5]", "46,XX,t(4;11)(q21;q23),del(6)(q15q21)[5]"),
    "bands behind their chromosomes": ("46,XX,t(9q34;22q11.2)[5]", "46,XX,t(9;22)(q34;q11.2)[5]"),
    "an arm left out of an exchange": ("46,XX,t(4;11)(q21;23)[5]", "46,XX,t(4;11)(q21;?23)[5]"),
    "a comma between groups": ("47,XX,+8[17],46,XX[3]", "47,XX,+8[17]/46,XX[3]"),
    "about": ("~80<4n>,XXYY,+8[5]", "?80<4n>,XXYY,+8[5]"),
    "no second X": ("45,XO,+8,-7[20]", "45,X,+8,-7[20]"),
    "FISH behind a space": ("46,XX[20] nuc ish(ABL1,BCR)x2[200]", "46,XX[20].nuc ish(ABL1,BCR)x2[200]"),
    "FISH in capitals": ("46,XX[20].NUCISH(ETV6,RUNX1)X2[200]", "46,XX[20].nuc ish(ETV6,RUNX1)x2[200]"),
    "FISH of more cells": ("46,XX[20].nuc ish(ABL1,BCR)x2[9]/(KMT2Ax2)[20]", "46,XX[20].nuc ish(ABL1,BCR)x2[9],(KMT2Ax2)[20]"),
}  # fmt: skip


@pytest.mark.parametrize("what", REPAIRED)
def test_repaired_and_said(library: Library, what: str) -> None:
    typed, meant = REPAIRED[what]
    read = read_karyotype(typed)
    assert written(read.karyotype) == meant
    assert read.repairs, "every repair is reported"
    assert all(1 <= repair.at <= len(typed) + 1 for repair in read.repairs)


REFUSED = {
    "nothing": ("", "karyotype-empty", 1),
    "a number alone": ("46", "karyotype-no-sex-chromosomes", 3),
    "words": ("abc,XX", "karyotype-unknown-word", 1),
    "a word that is none of ISCN's": ("46,XX,+8,hello[3]", "karyotype-unknown-word", 10),
    "a word between two of ISCN's": ("46,XX,de(6)(q21)[3]", "karyotype-unknown-word", 7),
    "a mosaic that a child was born with": ("mos 47,XX,+21[12]/46,XX[18]", "karyotype-word-mos", 1),
    "cells of two people": ("chi 46,XX[10]/46,XY[10]", "karyotype-word-chi", 1),
    "two readings": ("46,XX or 46,XX,t(9;22)(q34;q11)", "karyotype-word-or", 7),
    "a failed culture beside a karyotype": ("46,XX,t(9;22)(q34;q11)[3], no metaphases in blood", "karyotype-unknown-word", 28),
    "sex chromosomes twice": ("46,XX,XY", "karyotype-unknown-word", 7),
    "a chromosome that does not exist": ("46,XX,t(9;25)(q34;q11)", "karyotype-no-such-chromosome", 11),
    "more cells than anybody counts": ("46,XX[99999]", "karyotype-number-too-large", 7),
    "a huge number": ("46,XX[1234567890123]", "karyotype-number-too-large", 7),
    "brackets in brackets": ("46,XX,t((((9;22))))", "karyotype-too-deep", 11),
    "a text that goes on and on": ("46,XX" + ",+8" * 700, "karyotype-too-long", LONGEST + 1),
    "a range from the larger number": ("57~53,XX,+8[4]", "karyotype-range-backwards", 1),
    "fewer chromosomes than a cell has": ("4,XX,t(9;22)(q34;q11)[4]", "karyotype-number-too-small", 1),
    "too many groups": ("46,XX[2]/" * 60 + "46,XX[2]", "karyotype-too-many-clones", 451),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_a_place_and_a_reason(library: Library, what: str) -> None:
    typed, word, at = REFUSED[what]
    with pytest.raises(InputProblem) as refused:
        read_karyotype(typed)
    assert (refused.value.word, refused.value.values["at"]) == (word, at)
    for lang in LANGS:
        assert "{" not in refused.value.sentence(library.words, lang)


PROBLEMS = {
    "48,XX,+8[20]": "karyotype-count-differs",
    "47,XX": "karyotype-count-differs",
    "46,XX,del(5)[20]": "karyotype-no-bands",
    "46,XX,t(9;22)": "karyotype-no-bands",
    "45,der(13;14)(q10;q10)c[20]": "karyotype-no-sex",
    "46,sl,+8[20]": "karyotype-nothing-before",
    "t(9;22)(q34;q11.2)": "karyotype-only-changes",
    "46,XX[20].arr[GRCh38] 9p21.3(21967752_22025000)x0": "karyotype-other-test",
    "arr(1-22)x2,(X)x1,(Y)x1": "karyotype-other-test",
    "46,XX,der(21)add(q22)[6]": "karyotype-no-chromosome-named",
    "46,XX,t(9;22)(q34)[6]": "karyotype-bands-uneven",
    "46,XX,add(5)(q31)oradd(6)(q21)[6]": "karyotype-item-unread",
}


@pytest.mark.parametrize("text", PROBLEMS)
def test_what_does_not_add_up_is_said_and_read_all_the_same(library: Library, text: str) -> None:
    problems = read_karyotype(text).problems
    assert PROBLEMS[text] in {problem.word for problem in problems}
    assert not [sentence for p in problems for lang in LANGS if "{" in (sentence := p.sentence(library.words, lang))]


@pytest.mark.parametrize(
    "text",
    [
        "46~48,XX,del(3)(p11)[2],-5[4],+8[2],+11[3][cp7]",
        "46,XX[20].ish 12p13(ETV6x2),21q22(RUNX1x2)[10]",
        "46,XX[20].nuc ish(RUNX1 amp)[180/200]",
        "46,XX,t(9;22)(q34;q11.2)[20].arr[GRCh38] 9p21.3(21967752_22025000)x0",
        "?47,XX,+8[3]",
    ],
)
def test_rarer_writing_is_read_as_it_stands(text: str) -> None:
    read = read_karyotype(text)
    assert not read.repairs
    assert written(read.karyotype) == text


@pytest.mark.parametrize(
    ("text", "number", "changes"),
    [
        ("46,XX,t(4;11)(q21;q23)[3]/47,idem,+8[5]", 47, 2),
        ("46,XX,t(4;11)(q21;q23)[3]/47,sl,+8[5]/48,sdl,+9[4]/48,sdl1,+21[2]", 48, 3),
        ("47,XX,+8,der(9)t(9;16)(p13;p11.2)[3]/46,idem,-der(9)t(9;16)[5]", 46, 2),
        ("47,XX,+mar1[3]/47,idem,-mar1,+mar2[5]", 47, 2),
    ],
)
def test_like_an_earlier_group_is_spelt_out(text: str, number: int, changes: int) -> None:
    read = read_karyotype(text)
    last = groups_of(read.karyotype)[-1]
    assert not read.problems
    assert last.clone.number is not None
    assert last.clone.number.low == number
    assert len(last.changes) == changes


HOSTILE = [
    "a" * 1_999, "aa " * 600, "46,XX[2] (" + "abc " * 400 + "1", "46,XX" + ",+4[3]" * 300, "46,XX,t(" + "9q34;" * 300 + ")",
    "(" * 1_999, "46,XX," + "t(" * 900, "46,XX" + ",+8" * 600, "46,XX," + "a" * 1_900, "46,XX," + "?" * 1_900, "1" * 2_000,
    "/" * 2_000, "46,XX,der(1)" + "t(1;2)(q1;q2)" * 140, "46,XX,t(" + "1;" * 900 + ")", "46,XX " * 300, "a b " * 500, "," * 2_000,
    "46,XX" + ",)" * 900, "46,XX,t(9;22)(q34;q11.2)" + " a" * 900, "46,XX[20].nuc ish(" + "A con " * 300,
    "46,XX" + ",DEL(6)(Q21)" * 160, "\0" * 2_000, "46,XX," + "-" * 1_900, "46,XX[" + "?" * 1_900 + "]", "🧬" * 2_000,
    "46,XX,del(6)(q21" + "q21" * 600, "46,XX[2]/" * 49, "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{text[:14]!r} × {len(text)}")
def test_hostile_input_is_answered(library: Library, text: str) -> None:
    with ends():
        read = read_or_refused(text)
        assert read is None or facts_of(library, read.karyotype)


@given(st.one_of(st.text(max_size=80), st.text("46,XYt(9;2)[]pq.+-/?cdermainsx~ ", max_size=120)))
def test_any_text_is_read_or_refused(library: Library, text: str) -> None:
    read = read_or_refused(text)
    assert read is None or facts_of(library, read.karyotype)


@given(slips(slips(slips(karyotypes()))))
def test_many_slips(library: Library, text: str) -> None:
    read = read_or_refused(text)
    assert read is None or facts_of(library, read.karyotype)


# --- knowledge --------------------------------------------------------------------------------------------------------


def test_a_wrong_pattern_is_refused(library: Library) -> None:
    from msgspec.structs import replace

    known = karyotypes_of(library)
    first = known.patterns[0]
    wrong = [
        replace(first, sets={"etv6_runx": "yes"}),
        replace(first, sets={"etv6_runx1": "maybe"}),
        replace(first, forms=(Form(change=("t",), at=("12z13",)),)),
        replace(first, forms=(Form(gains=("24x",)),)),
        replace(first, forms=()),
        replace(first, cites=()),
        replace(first, forms=(Form(change=("t",), at=("12p13",), exactly=("21q22",)),)),
    ]
    for pattern in wrong:
        assert list(wrong_with_karyotypes(replace(known, patterns=(pattern,)), library.facts)), pattern
    assert list(wrong_with_karyotypes(replace(known, patterns=(first, first)), library.facts))
    assert not [problem for problem in check_library(library) if "karyotype" in problem]


# --- command line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_the_command_tells_it_in_words(run: Run, lang: str) -> None:
    from test_cli import assert_same_as_golden

    text = "46,XX,t(9;22)(q34;q11.2)[18]/47,idem,+der(22)t(9;22)[3]/46,XX[2"
    result = run("karyotype", text, "--lang", lang)
    assert (result.code, result.err) == (0, "")
    assert_same_as_golden(f"karyotype.{lang}.txt", result.out)


@pytest.mark.parametrize("case", CASES)
def test_every_case_can_be_told_in_both_languages(run: Run, case: dict[str, Any]) -> None:
    for lang in LANGS:
        result = run("karyotype", case["karyotype"], "--lang", lang)
        assert result.code == 0
        assert "{" not in result.out


def test_json_has_the_agreed_shape(run: Run) -> None:
    told = json.loads(run("karyotype", "54<2n>,XX,+X,+4,+6,+10,+14,+17,+21,+21[15", "--json").out)
    assert list(told) == ["karyotype", "facts", "repairs", "problems"]
    assert {tuple(fact) for fact in told["facts"].values()} == {("value", "absent_reason", "status", "cites")}
    assert told["facts"]["double_trisomy"]["value"] == "yes"
    assert told["facts"]["chromosome_number"]["value"] == 54
    assert told["facts"]["etv6_runx1"] | {"cites": []} == {
        "value": None,
        "absent_reason": "unknown",
        "status": "verified",
        "cites": [],
    }
    assert told["repairs"][0]["became"] == "]"
    assert told["karyotype"]["written"] == "54<2n>,XX,+X,+4,+6,+10,+14,+17,+21,+21[15]"


def test_a_range_is_an_interval(run: Run) -> None:
    told = json.loads(run("karyotype", "48~50,XX,+8,+21[cp4]", "--json").out)
    assert told["facts"]["chromosome_number"]["value"] == {"low": 48, "high": 50}


def test_a_refused_string_exits_with_2(run: Run) -> None:
    plain, as_json = run("karyotype", "46,XX,hello"), run("karyotype", "46,XX,hello", "--json")
    assert (plain.code, plain.out) == (2, "")
    assert "character 7" in plain.err
    assert as_json.code == 2
    told = json.loads(as_json.out)
    assert (told["karyotype"], told["facts"], told["problems"][0]["at"]) == (None, {}, 7)


# --- beside what is known of a child ------------------------------------------------------------------------------------


def explained(run: Run, *arguments: str) -> dict[str, Any]:
    result = run("explain", "--age", "4y", "--lineage", "b", "--scheme", "cog-03b1", "--json", *arguments)
    assert result.code == 0, result.err
    told: dict[str, Any] = json.loads(result.out)
    return told


PH = "46,XX,t(9;22)(q34;q11.2)[18]/46,XX[2]"


def test_a_karyotype_adds_its_facts(run: Run) -> None:
    told = explained(run, "--karyotype", PH)
    assert told["facts"]["bcr_abl1"] == {"value": "yes", "method": "karyotype", "as_given": "yes"}
    assert told["facts"]["chromosome_number"]["value"] == 46
    assert "etv6_runx1" not in told["facts"], "what it cannot tell is no fact"
    assert any("cannot tell: ETV6::RUNX1" in remark for remark in told["remarks"])


@pytest.mark.parametrize("given_as", ["no", "no by FISH"])
def test_it_never_overrides_a_result_and_shows_both(run: Run, tmp_path: Path, given_as: str) -> None:
    child = tmp_path / "child.yaml"
    child.write_text("facts: {bcr_abl1: {value: no, method: fish}}\n" if "FISH" in given_as else "facts: {bcr_abl1: no}\n", "utf-8")
    told = explained(run, str(child), "--karyotype", PH)
    assert told["facts"]["bcr_abl1"]["value"] == "no"
    (remark,) = [remark for remark in told["remarks"] if "BCR::ABL1" in remark and "shows it" in remark]
    assert "child.yaml, bcr_abl1" in remark
    assert "t(9;22)(q34;q11.2)" in remark
    assert "--karyotype" in remark


def test_fish_finds_what_the_karyotype_did_not_show(run: Run) -> None:
    told = explained(run, "--karyotype", "46,XX,del(6)(q21)[20]", "--fact", "kmt2a_aff1=yes")
    assert told["facts"]["kmt2a_rearranged"]["value"] == "yes", "the karyotype's no steps back with its partner"
    assert any("did not show it" in remark for remark in told["remarks"])


def test_a_pending_result_stays_pending_unless_it_was_seen(run: Run) -> None:
    unseen = explained(run, "--karyotype", "46,XX,del(6)(q21)[20]", "--fact", "bcr_abl1=pending")
    seen = explained(run, "--karyotype", PH, "--fact", "bcr_abl1=pending")
    assert unseen["facts"]["bcr_abl1"]["absent_reason"] == "pending"
    assert seen["facts"]["bcr_abl1"]["value"] == "yes"


def test_trisomies_stand_or_fall_together(run: Run) -> None:
    told = explained(run, "--karyotype", "50,XX,+4,+10,+21,+21[9]", "--fact", "double_trisomy=no")
    assert told["facts"]["double_trisomy"]["value"] == "no"
    assert "trisomy_4" not in told["facts"]


def test_a_number_that_the_dna_index_contradicts_is_left_out(run: Run) -> None:
    told = explained(run, "--karyotype", "46,XX,del(6)(q21)[20]", "--fact", "dna_index=1.4")
    assert "chromosome_number" not in told["facts"]
    assert any("DNA index of 1.4 is far too high" in remark for remark in told["remarks"])


def test_two_numbers_of_chromosomes_are_refused(run: Run) -> None:
    result = run("explain", "--karyotype", PH, "--fact", "chromosome_number=54")
    assert result.code == 2
    assert "“54” in --fact chromosome_number=54, and “46” in --karyotype" in result.err


def test_a_narrower_number_that_fits_is_kept(run: Run) -> None:
    told = explained(run, "--karyotype", "48~52,XX,+8,+21[cp4]", "--fact", "chromosome_number=50")
    assert told["facts"]["chromosome_number"]["value"] == 50


def test_a_karyotype_in_the_childs_file(run: Run, tmp_path: Path) -> None:
    for content in (
        f'karyotype: "{PH}"\nwbc: 12000/uL\n',
        f'facts:\n  karyotype: "{PH}"\n',
        f'karyotype: "{PH}"\nfacts: {{sex: female}}\n',
    ):
        child = tmp_path / "child.yaml"
        child.write_text(content, "utf-8")
        assert explained(run, str(child))["facts"]["bcr_abl1"]["value"] == "yes"


def test_a_karyotype_that_is_not_there_yet(run: Run) -> None:
    assert "bcr_abl1" not in explained(run, "--karyotype", "pending")["facts"]


def test_an_unreadable_karyotype_is_refused_with_its_place(run: Run) -> None:
    result = run("explain", "--age", "4y", "--karyotype", "46,XX,hello")
    assert result.code == 2
    assert result.err.startswith("--karyotype: At character 7")


# --- real strings -------------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_real_strings_are_read(library: Library) -> None:
    """At least 99 % of the shared strings, each in a time of its length; the script in benchmarks/ says more."""
    import csv

    tables = sorted((SHARED / "data" / "iscn_karyotypes").glob("*.csv"))
    if not tables:
        pytest.skip("the shared karyotypes are not next to this checkout")
    with tables[0].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    refused, missed = [], []
    for row in rows:
        try:
            found = found_in(library, row["Karyotype"])
        except InputProblem as problem:
            refused.append((row["Karyotype"], problem))
            continue
        carries = "t(9;22)(q34" in row["Karyotype"].lower() and row["BCR ABL1 Status"] == "Positive"
        if carries and found.facts["bcr_abl1"].options != ("yes",):
            missed.append(row["Karyotype"])
    assert len(refused) <= len(rows) / 100
    assert not missed

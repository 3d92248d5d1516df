"""FHIR records: what is read, which of several results is taken, and that every resource is accounted for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from conftest import ROOT, SHARED, Run
from fsh import bundle_of
from remission.documents.fhir_report import report_json, report_text
from remission.knowledge import ages, plain_yaml
from remission.knowledge.check import check_library
from remission.knowledge.check_codes import check_codes
from remission.knowledge.model import LANGS, Citation, Library
from remission.record.facts import Fact
from remission.record.fhir.files import open_bytes, open_fhir
from remission.record.fhir.meanings import Meanings, find_meanings
from remission.record.fhir.moments import Moment, age_range, place_in, read_moment
from remission.record.fhir.reader import FhirRecord, Given, read_children, read_record
from remission.record.problems import InputProblem
from remission.rules.compiled import load_codes, load_library

GOLDEN = ROOT / "cases" / "fhir"
CASES = plain_yaml.read(GOLDEN / "expected.yaml")
LOINC = "http://loinc.org"
WBC, PLATELETS, CSF = "6690-2", "777-3", "26465-5"


def shown(fact: Fact) -> str:
    """A fact as `expected.yaml` writes it."""
    if fact.absent_reason:
        return f"absent {fact.absent_reason}"
    if fact.options:
        return "|".join(fact.options)
    if fact.is_exact_number:
        return f"{fact.low or Decimal(0):f}".rstrip("0").rstrip(".") if "." in f"{fact.low:f}" else f"{fact.low:f}"
    low, high = (("" if end is None else f"{end.normalize():f}") for end in (fact.low, fact.high))
    return f"{'>' if fact.low_open else '>='}{low} {'<' if fact.high_open else '<='}{high}"


def meanings_of(own: str | None = None) -> Meanings:
    return find_meanings(load_library(), load_codes(), own)


def read(*resources: dict[str, Any], given: Given | None = None) -> FhirRecord:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in resources]}
    return read_record(meanings_of(), open_bytes(json.dumps(bundle).encode(), "made.json"), given=given)


CHILD = {"resourceType": "Patient", "id": "child", "gender": "male", "birthDate": "2019-03-10"}
ALL = {
    "resourceType": "Condition", "id": "all", "subject": {"reference": "Patient/child"}, "onsetDateTime": "2023-09-04",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "277571004"}]},
}  # fmt: skip


def lab(code: str = WBC, value: Any = 12, unit: str = "10*9/L", on: str | None = "2023-09-04", **more: Any) -> dict[str, Any]:
    quantity = {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    made = {"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": LOINC, "code": code}]}}
    made |= {"subject": {"reference": "Patient/child"}, "valueQuantity": quantity}
    return made | ({"effectiveDateTime": on} if on else {}) | more


def dose(on: str) -> dict[str, Any]:
    drug = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "8640"}]}
    made = {"resourceType": "MedicationAdministration", "status": "completed", "medicationCodeableConcept": drug}
    return made | {"subject": {"reference": "Patient/child"}, "effectiveDateTime": on}


def left_of(record: FhirRecord, number: int) -> str:
    left = record.accounts[number - 1].left
    return left.word.removeprefix("fhir-left-") if left else ""


# --- the golden records -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['record']} {case.get('patient', '')}".strip())
def test_a_golden_record(case: dict[str, Any]) -> None:
    meanings = meanings_of(str(GOLDEN / case["mapping"]) if "mapping" in case else None)
    record = read_record(meanings, open_fhir(GOLDEN / case["record"]), case.get("patient", ""))
    assert {name: shown(fact) for name, fact in record.facts.items()} == case["facts"]
    still_open = {name: answer.rule.word.removeprefix("fhir-") for name, answer in record.answers.items() if not answer.fact}
    assert still_open == case.get("open", {})
    names = [held.name for held in record.resources]
    left = {
        held.name if names.count(held.name) == 1 else f"{held.name}@{held.number}": left_of(record, held.number)
        for held, account in zip(record.resources, record.accounts, strict=True) if not account.used_for
    }  # fmt: skip
    assert left == case["left"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['record']} {case.get('patient', '')}".strip())
@pytest.mark.parametrize("lang", LANGS)
def test_every_resource_has_one_account_that_both_languages_can_tell(case: dict[str, Any], lang: Any) -> None:
    meanings = meanings_of(str(GOLDEN / case["mapping"]) if "mapping" in case else None)
    record = read_record(meanings, open_fhir(GOLDEN / case["record"]), case.get("patient", ""))
    assert [account.number for account in record.accounts] == [held.number for held in record.resources]
    assert all(account.used_for or account.left for account in record.accounts)
    library = load_library()
    told = json.loads(report_json(library, record, "x.json", lang, full=True))
    assert told["counts"]["used"] + told["counts"]["not_used"] == told["counts"]["resources"] == len(told["resources"])
    assert sum(group["count"] for group in told["not_used"]) == told["counts"]["not_used"]
    text = report_text(library, record, "x.json", lang, full=True)
    assert "fhir-" not in text
    assert not re.search(r"\{\w*\}", text), "a place in a sentence was not filled in"


def test_every_reason_has_its_sentence(library: Library) -> None:
    """Each word that the reader can give stands in the library; none is there for nothing."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src/remission").rglob("*.py") if "fhir" in str(path))
    said = {f"fhir-{word}" for word in re.findall(r'why\("([a-z-]+)"', source)} | set(
        re.findall(r"[\"'](fhir-[a-z-]+)[\"']", source)
    )
    assert not said - set(library.words) - {"fhir-chosen", "fhir-r4", "fhir-rule-"}
    made = ("fhir-left-", "fhir-open-", "fhir-rule-", "fhir-chosen-", "fhir-line-", "fhir-place-")  # their end is filled in
    ours = {word for word in library.words if word.startswith("fhir-")}
    assert not {word for word in ours - said if not word.startswith(made)} - {"fhir-malformed", "fhir-deep", "fhir-heading-chosen"}


# --- which of several ---------------------------------------------------------------------------------------------------------


def test_the_highest_white_count_before_treatment_counts() -> None:
    record = read(CHILD, ALL, lab(value=40, on="2023-09-01"), lab(value=52, on="2023-09-04"), lab(value=90, on="2023-09-07"))
    assert shown(record.facts["wbc"]) == "52"
    assert left_of(record, 5) == "outside-diagnosis"
    assert [remark.word for remark in record.remarks] == ["fhir-chosen-highest"], "the answer must say that it chose"


def test_where_treatment_is_known_to_begin_later_later_counts_are_before_it() -> None:
    record = read(CHILD, ALL, lab(value=52), lab(value=90, on="2023-09-07"), lab(value=99, on="2023-09-10"), dose("2023-09-08"))
    assert shown(record.facts["wbc"]) == "90"
    assert record.treatment
    assert left_of(record, 5) == "after-treatment"


def test_a_medicine_long_after_the_diagnosis_is_not_the_first_one() -> None:
    record = read(CHILD, ALL, lab(value=52), lab(value=90, on="2023-09-20"), dose("2023-11-08"))
    assert shown(record.facts["wbc"]) == "52"
    assert record.treatment is None
    assert left_of(record, 5) == "dose-late"


def test_a_count_of_which_only_a_bound_is_known_may_be_the_highest() -> None:
    record = read(CHILD, ALL, lab(value=40), lab(value=30, on="2023-09-03", valueQuantity=_above(30)))
    assert shown(record.facts["wbc"]) == ">=40 <=3000"


def _above(value: int) -> dict[str, Any]:
    return {"value": value, "comparator": ">", "unit": "10*9/L"}


def test_the_first_of_two_on_one_day_without_a_time_stays_open() -> None:
    record = read(CHILD, ALL, lab(PLATELETS, 20), lab(PLATELETS, 30))
    assert record.answers["platelets"].fact is None
    assert record.answers["platelets"].rule.word == "fhir-open-first"
    timed = read(CHILD, ALL, lab(PLATELETS, 20, on="2023-09-04T10:00:00+02:00"), lab(PLATELETS, 30, on="2023-09-04T09:30:00+01:00"))
    assert shown(timed.facts["platelets"]) == "20", "half past nine in London is half past ten in Madrid"


def test_a_vague_date_that_could_change_the_answer_leaves_it_open() -> None:
    assert shown(read(CHILD, ALL, lab(value=40), lab(value=30, on="2023")).facts["wbc"]) == "40"
    record = read(CHILD, ALL, lab(value=40), lab(value=60, on="2023"))
    assert record.answers["wbc"].fact is None
    assert record.answers["wbc"].rule.word == "fhir-open-vague"


def test_results_that_contradict_each_other_are_both_shown_and_none_is_taken() -> None:
    found = {"coding": [{"system": LOINC, "code": "LA9633-4"}]}
    not_found = {"coding": [{"system": LOINC, "code": "LA9634-2"}]}
    code = {"coding": [{"system": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "code": "C124874"}]}
    one, other = (lab(code="", valueCodeableConcept=value) | {"code": code} for value in (found, not_found))
    for made in (one, other):
        del made["valueQuantity"]
    record = read(CHILD, ALL, one, other)
    assert record.answers["iamp21"].fact is None
    assert record.answers["iamp21"].rule.word == "fhir-open-agree"
    assert len(record.answers["iamp21"].considered) == 2


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "unknown", "", "nonsense"])
def test_a_result_that_does_not_hold_is_not_used(status: str) -> None:
    assert "wbc" not in read(CHILD, ALL, lab(status=status)).facts


@pytest.mark.parametrize("status", ["registered", "preliminary"])
def test_a_result_that_is_not_final_is_pending(status: str) -> None:
    assert shown(read(CHILD, ALL, lab(status=status)).facts["wbc"]) == "absent pending"
    assert shown(read(CHILD, ALL, lab(status=status), lab(value=9)).facts["wbc"]) == "9"


@pytest.mark.parametrize("status", ["refuted", "differential", "provisional", "unconfirmed", "entered-in-error"])
def test_a_diagnosis_that_is_not_confirmed_says_nothing(status: str) -> None:
    condition = ALL | {"verificationStatus": {"coding": [{"code": status}]}}
    record = read(CHILD, condition, lab())
    assert set(record.facts) == {"sex"}
    assert record.diagnosis is None


def test_nothing_is_known_of_results_without_a_diagnosis_date_until_it_is_given() -> None:
    assert "wbc" not in read(CHILD, lab()).facts
    record = read(CHILD, lab(), given=Given(diagnosed="2023-09-04"))
    assert shown(record.facts["wbc"]) == "12"
    assert shown(record.facts["age_days"]) == "1639"
    with pytest.raises(InputProblem, match="date-unreadable"):
        read(CHILD, given=Given(diagnosed="last spring"))


def test_a_recorded_date_alone_only_says_no_later_than() -> None:
    condition = {key: value for key, value in ALL.items() if key != "onsetDateTime"} | {"recordedDate": "2023-09-04"}
    record = read(CHILD, condition, lab())
    assert shown(record.facts["age_days"]) == ">=0 <=1639"
    assert record.answers["wbc"].fact is None


def test_a_diagnosis_before_the_birth_is_no_age() -> None:
    record = read(CHILD | {"birthDate": "2024-01-01"}, ALL)
    assert record.answers["age_days"].fact is None
    assert record.answers["age_days"].rule.word == "fhir-open-dates-reversed"


def test_two_sexes_are_none() -> None:
    extension = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"}
    assert "sex" not in read(CHILD | {"extension": [extension]}).facts


# --- values -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": 12.50, "code": "10*3/uL", "system": "http://unitsofmeasure.org", "unit": "K/uL"}, "12.5"),
        ({"value": 12500, "code": "{cells}/uL", "system": "http://unitsofmeasure.org"}, "12.5"),
        ({"value": 12500, "unit": "/mm3"}, "12.5"),
        ({"value": 12.5, "code": "10*3{cells}/uL", "system": "http://unitsofmeasure.org"}, "12.5"),
        ({"value": 1.25e1, "unit": "G/L"}, "12.5"),
        ({"value": 12.5, "unit": "K/cumm"}, "12.5"),
        ({"value": 12.5, "unit": "thou/mcL"}, "12.5"),
        ({"value": 12.5, "unit": "x10(3)/uL"}, "12.5"),
        ({"value": 12.5, "unit": "10x3/uL"}, "12.5"),
        ({"value": 12.5, "unit": "Tsd./µl"}, "12.5"),
        ({"value": 5, "unit": "103/uL"}, "5"),
        ({"value": 12.5, "unit": "10^9cells/L"}, "12.5"),
        ({"value": 12500, "unit": "cells per microliter"}, "12.5"),
        ({"value": 0.5, "unit": "10*9/L", "comparator": "<"}, ">=0.1 <0.5"),
    ],
)
def test_units_are_converted_exactly(quantity: dict[str, Any], expected: str) -> None:
    assert shown(read(CHILD, ALL, lab(valueQuantity=quantity)).facts["wbc"]) == expected


@pytest.mark.parametrize(
    ("quantity", "word"),
    [
        ({"value": 12}, "value"),
        ({"value": 12, "unit": "g/L"}, "value"),
        ({"value": 12, "unit": "mil/mm3"}, "value"),
        ({"value": 5, "unit": "100/uL"}, "value"),
        ({"value": 5, "unit": "RBC/uL"}, "value"),
        ({"value": 12, "unit": "10*9/L", "code": "/uL", "system": "http://unitsofmeasure.org"}, "two-units"),
        ({"value": 12, "unit": "10*9/L", "comparator": "ad"}, "comparator"),
        ({"unit": "10*9/L"}, "no-value"),
        ({"value": 1e300, "unit": "10*9/L"}, "number"),
        ({"value": -3, "unit": "10*9/L"}, "value"),
        ({"value": "NaN", "unit": "10*9/L"}, "number"),
        ({"value": [12], "unit": "10*9/L"}, "malformed"),
        ({"value": True, "unit": "10*9/L"}, "malformed"),
        (12, "malformed"),
        (None, "no-value"),
    ],
)
def test_a_value_that_cannot_be_taken_is_left_with_its_reason(quantity: Any, word: str) -> None:
    record = read(CHILD, ALL, lab(valueQuantity=quantity))
    assert "wbc" not in record.facts
    assert left_of(record, 3) == word


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("unknown", "unknown"),
        ("temp-unknown", "pending"),
        ("not-performed", "not-done"),
        ("asked-declined", "declined"),
        ("error", "failed"),
    ],
)
def test_a_reason_for_absence_is_kept(code: str, reason: str) -> None:
    made = lab(dataAbsentReason={"coding": [{"code": code}]})
    del made["valueQuantity"]
    assert shown(read(CHILD, ALL, made).facts["wbc"]) == f"absent {reason}"


def test_a_genetic_result_by_karyotyping_can_say_yes_but_not_no() -> None:
    genes = [
        {"code": {"coding": [{"system": LOINC, "code": "48018-6"}]}, "valueCodeableConcept": {"text": symbol}}
        for symbol in ("etv6", "RUNX1")
    ]
    method = {"coding": [{"system": LOINC, "code": "LA26406-1", "display": "Karyotyping"}]}
    made = lab("69548-6", component=genes, method=method)
    del made["valueQuantity"]
    yes = read(CHILD, ALL, made | {"valueCodeableConcept": {"text": "Present"}})
    assert shown(yes.facts["etv6_runx1"]) == "yes"
    remark = yes.answers["etv6_runx1"].considered[0].finding.remark
    assert remark is not None
    assert remark.word == "fhir-remark-karyotype-yes"
    no = read(CHILD, ALL, made | {"valueCodeableConcept": {"text": "Absent"}})
    assert "etv6_runx1" not in no.facts
    assert left_of(no, 3) == "karyotype-no"
    tested = read(
        CHILD, ALL, {key: value for key, value in made.items() if key != "method"} | {"valueCodeableConcept": {"text": "Absent"}}
    )
    assert shown(tested.facts["etv6_runx1"]) == "no"


# --- karyotypes in words ------------------------------------------------------------------------------------------------------

PH = "46,XX,t(9;22)(q34;q11.2)[18]/46,XX[2]"
OTHER = "46,XX,+8,-7[12]/46,XX[8]"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
FISH = "nuc ish(ABL1,BCR)x3(ABL1 con BCRx2)[180/200]"
TRISOMIES = "58,XX,+X,+X,+4,+5,+6,+8,+10,+14,+17,+18,+21,+21[12]/59,idem,+der(1)t(1;3)(q21;q26),del(6)(q15q21)[3]/58,idem,"


def words(text: str, **more: Any) -> dict[str, Any]:
    made = lab("x") | {"code": {"text": "Karyotype"}, "valueString": text} | more
    del made["valueQuantity"]
    return made


def looked_for(**more: Any) -> dict[str, Any]:
    """A variant result whose component names a karyotype."""
    made = lab("69548-6", component=[{"code": {"coding": [{"system": LOINC, "code": "81291-7"}]}, "valueString": PH}]) | more
    del made["valueQuantity"]
    return made


@pytest.mark.parametrize(("texts", "answer"), [((PH, PH), "yes"), ((PH, OTHER), None), ((OTHER, PH), None), ((OTHER, FISH), "yes")])
def test_several_karyotypes_must_agree_in_whatever_order_and_fish_goes_before(texts: tuple[str, str], answer: str | None) -> None:
    days = ["2023-09-04", "2023-09-05"]
    resources = [words(text, effectiveDateTime=day, id=f"k{day}") for text, day in zip(texts, days, strict=True)]
    for several in (resources, resources[::-1]):
        record = read(CHILD, ALL, *several)
        fact = record.facts.get("bcr_abl1")
        assert (shown(fact) if fact else None) == answer
        if answer is None:
            assert {one.left.word for one in record.answers["bcr_abl1"].considered if one.left} == {"fhir-open-agree"}
            assert "karyotype-two-differ" in {remark.word for remark in record.remarks}


@pytest.mark.parametrize(("in_record", "typed"), [(OTHER, PH), (PH, OTHER)])
def test_a_karyotype_of_the_record_and_a_typed_one_must_agree(run: Run, tmp_path: Path, in_record: str, typed: str) -> None:
    bundle = {"resourceType": "Bundle", "type": "collection"}
    bundle["entry"] = [{"resource": one} for one in (CHILD, ALL, words(in_record))]  # type: ignore[assignment]
    (tmp_path / "made.json").write_text(json.dumps(bundle), "utf-8")
    told = run("explain", str(tmp_path / "made.json"), "--karyotype", typed)
    assert "Philadelphia chromosome): two karyotypes do not say the same" in " ".join(told.out.split())
    assert "Philadelphia chromosome): not known" in told.out


@pytest.mark.parametrize(
    "negative",
    [
        {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA9634-2"}]}},
        {"code": {"text": "BCR::ABL1"}, "valueCodeableConcept": {"text": "Not detected."}},
        {"interpretation": [{"coding": [{"system": INTERPRETATION, "code": "ND"}]}]},
    ],
)  # fmt: skip
def test_the_karyotype_in_a_negative_result_is_what_was_looked_for(negative: dict[str, Any]) -> None:
    record = read(CHILD, ALL, looked_for(**negative))
    assert "bcr_abl1" not in record.facts
    assert left_of(record, 3) == "karyotype-none"
    assert shown(read(CHILD, ALL, looked_for()).facts["bcr_abl1"]) == "yes"


def test_a_long_karyotype_in_a_concept_is_read_whole() -> None:
    made = words("", valueCodeableConcept={"text": f"{TRISOMIES}t(9;22)(q34;q11.2)[2]"})
    del made["valueString"]
    assert shown(read(CHILD, ALL, made).facts["bcr_abl1"]) == "yes"


def test_a_karyotype_behind_its_name_is_one() -> None:
    assert shown(read(CHILD, ALL, words("Karyotype: 46,XX,t(9;22)(q34;q11.2)[20]")).facts["bcr_abl1"]) == "yes"


def test_what_a_child_may_be_born_with_rules_nothing_out() -> None:
    assert "bcr_abl1" not in read(CHILD, ALL, words("47,XY,+21[20]")).facts


def test_a_page_of_a_search_with_more_pages_is_said() -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": "x"}],
        "entry": [{"resource": CHILD}],
    }
    record = read_record(meanings_of(), open_bytes(json.dumps(bundle).encode(), "page.json"))
    assert [remark.word for remark in record.remarks] == ["fhir-goes-on"]
    assert not read(CHILD, ALL).remarks


# --- dates --------------------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))
CUTS = st.sampled_from([4, 7, 10])


@given(DAYS, st.integers(0, 8000), CUTS, CUTS)
def test_the_age_from_dates_in_part_holds_the_exact_age(born: date, days: int, cut: int, other_cut: int) -> None:
    day = born + timedelta(days=days)
    birth, found = read_moment(born.isoformat()[:cut]), read_moment(day.isoformat()[:other_cut])
    assert birth
    assert found
    span = age_range(birth, found)
    assert span
    exact = ages.age_between(born, day)
    assert span[0] <= exact <= span[1]
    assert span[0] == span[1] or (cut, other_cut) != (10, 10)


@given(DAYS, DAYS, CUTS, CUTS, st.integers(-30, 30), st.integers(0, 30))
def test_a_vaguer_date_is_never_more_certain(day: date, anchor: date, cut: int, other_cut: int, first: int, length: int) -> None:
    exact = place_in(Moment(day, day), Moment(anchor, anchor), first, first + length)
    moment, vague_anchor = read_moment(day.isoformat()[:cut]), read_moment(anchor.isoformat()[:other_cut])
    assert moment
    assert vague_anchor
    assert place_in(moment, vague_anchor, first, first + length) in (exact, "may")
    assert exact in ("in", "out")


@pytest.mark.parametrize(
    "written", ["", "2024-02-30", "24-01-01", "2024-1-1", "0000", "2024-01-01T25:00:00Z", "soon", "2024-01-01 10:00"]
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_moment(written) is None


# --- people, folders, the command line ----------------------------------------------------------------------------------------


def test_several_children_are_asked_about(run: Run) -> None:
    told = run("facts-from", str(GOLDEN / "two-children.json"))
    assert told.code == 2
    assert "--patient" in told.err
    assert "anna" in told.err
    assert run("explain", str(GOLDEN / "two-children.json"), "--lang", "es").code == 2
    assert run("facts-from", str(GOLDEN / "two-children.json"), "--patient", "nobody").code == 2
    assert "220" in run("facts-from", str(GOLDEN / "two-children.json"), "--patient", "ben").out


def test_each_child_of_a_record_can_be_read_in_turn() -> None:
    records = list(read_children(meanings_of(), open_fhir(GOLDEN / "two-children.json")))
    assert [shown(record.facts["wbc"]) for record in records] == ["4.4", "220"]


def test_explain_takes_a_bundle_a_folder_and_what_is_typed_beside(run: Run) -> None:
    told = json.loads(run("explain", str(GOLDEN / "girl-with-b-all.json"), "--scheme", "nci-rome", "--json").out)
    assert told["decisions"][0]["outcome"] == "high"
    assert told["invented"], "the record marks the child as test data"
    assert told["remarks"], "which count was taken matters here"
    folder = json.loads(run("explain", str(GOLDEN / "export"), "--scheme", "nci-rome", "--json").out)
    assert folder["facts"]["wbc"]["value"] == 72
    typed = run("explain", str(GOLDEN / "absent-and-bounds.json"), "--fact", "hemoglobin=7 g/dL", "--scheme", "nci-rome", "--json")
    assert json.loads(typed.out)["facts"]["hemoglobin"]["value"] == 7
    refused = run("explain", str(GOLDEN / "girl-with-b-all.json"), "--wbc", "4 10*9/L")
    assert refused.code == 2
    assert "51400 /uL" in refused.err
    aside = run("explain", str(GOLDEN / "girl-with-b-all.json"), "--fact", "wbc=unknown", "--scheme", "nci-rome", "--json")
    assert json.loads(aside.out)["decisions"][0]["status"] == "data-required"


def test_options_for_fhir_need_fhir(run: Run) -> None:
    for option in (["--fhir"], ["--patient", "x"], ["--mapping", "x"]):
        assert run("explain", "--age", "4y", *option).code == 2
    assert run("facts-from", str(GOLDEN / "expected.yaml")).code == 2


def test_a_code_map_that_cannot_be_used_is_refused(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    for text in (
        "id: x\nresults: [{system: a, code: b}]",
        "id: x\nresults: [{system: a, code: b, fact: no_such_fact}]",
        "nonsense: 1",
        "a: [",
    ):
        own.write_text(text)
        assert run("facts-from", str(GOLDEN / "local-codes.json"), "--mapping", str(own)).code == 2
    assert run("facts-from", str(GOLDEN / "local-codes.json"), "--mapping", "nowhere.yaml").code == 2


# --- what the knowledge may say -----------------------------------------------------------------------------------------------


def test_a_window_says_where_it_comes_from(library: Library) -> None:
    for fact in library.facts.values():
        if fact.takes:
            assert fact.takes.note or fact.takes.status != "background", fact.id
            assert fact.takes.first_day <= fact.takes.last_day


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"from_": "3 d", "to": "1 d"}, "backwards"),
        ({"status": "verified", "cites": ()}, "cites nothing"),
        ({"note": None}, "own reading"),
        ({"cites": (Citation("nowhere", "x"),)}, "no source"),
    ],
)
def test_a_window_that_cannot_be_is_refused(library: Library, wrong: dict[str, Any], says: str) -> None:
    fact = library.facts["wbc"]
    assert fact.takes
    broken = replace(fact, takes=replace(fact.takes, **wrong))
    assert any(says in problem for problem in check_library(replace(library, facts=library.facts | {"wbc": broken})))


def test_the_shipped_codes_name_their_sources(library: Library) -> None:
    maps = load_codes()
    assert check_codes(maps, library) == []
    shipped = maps["fhir-r4"]
    unseen = replace(shipped, results=(replace(shipped.results[0], source="", fact="no_such_fact"),), lists={})
    problems = check_codes({"fhir-r4": unseen}, library)
    assert any("cites" in problem for problem in problems)
    assert any("no_such_fact" in problem for problem in problems)
    assert any("germline is missing" in problem for problem in problems)


def test_a_range_of_chromosomes_is_read(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("id: x\nresults: [{system: 'urn:example:codes', code: chromosomes, fact: chromosome_number}]\n")
    record = read_record(meanings_of(str(own)), open_fhir(GOLDEN / "absent-and-bounds.json"))
    assert shown(record.facts["chromosome_number"]) == ">=54 <=56"


# --- real input, where a developer has it -------------------------------------------------------------------------------------


@pytest.mark.shared
def test_synthea_children_have_no_leukemia_and_nothing_is_made_up() -> None:
    folder = SHARED / "data" / "fhir_synthea_children"
    if not folder.exists():
        pytest.skip("the shared Synthea bundles are not next to this checkout")
    for path in sorted(folder.glob("*.json")):
        opened = open_fhir(path)
        record = read_record(meanings_of(), opened)
        assert set(record.facts) <= {"sex"}, "a count without a diagnosis is no count at diagnosis"
        assert record.diagnosis is None
        entries = len(json.loads(path.read_text("utf-8"))["entry"])
        assert len(record.accounts) == len(opened.resources) >= entries


@pytest.mark.shared
def test_the_mcode_child_is_read_and_its_traps_are_shown(run: Run, tmp_path: Path) -> None:
    path = SHARED / "data" / "fhir_mcode_pediatric" / "EX_ExtendedExample_Pediatric.fsh"
    if not path.exists():
        pytest.skip("the shared mCODE example is not next to this checkout")
    bundle = tmp_path / "brian.json"
    bundle.write_text(json.dumps(bundle_of(path.read_text("utf-8"))))
    record = read_record(meanings_of(), open_fhir(bundle))
    assert {name: shown(fact) for name, fact in record.facts.items()} == {
        "age_days": "1095.75", "sex": "male", "lineage": "b", "wbc": "88.5", "hemoglobin": "6.7", "etv6_runx1": "yes",
    }  # fmt: skip
    assert len(record.accounts) == path.read_text("utf-8").count("Instance:")
    assert record.treatment
    assert record.treatment.moment.written == "2024-01-09"
    told = run("facts-from", str(bundle), "--report").out
    assert "Standard Risk Acute Leukemia (2021-02-08)" in told, "the group that the record states is shown"
    assert json.loads(run("explain", str(bundle), "--scheme", "nci-rome", "--json").out)["decisions"][0]["outcome"] == "high"


@pytest.mark.shared
def test_a_bulk_export_gives_each_child_what_a_plain_reading_gives(tmp_path: Path) -> None:
    script = SHARED / "bench" / "fhir_export.py"
    if not script.exists():
        pytest.skip("the shared export script is not next to this checkout")
    subprocess.run([sys.executable, str(script), str(tmp_path), "60"], check=True)
    plain: dict[str, dict[str, Any]] = {}
    for line in (tmp_path / "Patient.ndjson").read_text("utf-8").splitlines():
        patient = json.loads(line)
        plain[patient["id"]] = {"born": date.fromisoformat(patient["birthDate"])}
    for line in (tmp_path / "Condition.ndjson").read_text("utf-8").splitlines():
        condition = json.loads(line)
        plain[condition["subject"]["reference"][8:]]["found"] = date.fromisoformat(condition["onsetDateTime"])
    for line in (tmp_path / "Observation.ndjson").read_text("utf-8").splitlines():
        _add_white_count(plain, json.loads(line))
    records = {record.resources[0].id: record for record in read_children(meanings_of(), open_fhir(tmp_path))}
    names = {held.number: held.id for held in open_fhir(tmp_path).resources if held.type == "Patient"}
    by_child = {names[record.patient]: record for record in records.values() if record.patient}
    assert set(by_child) == set(plain)
    for child, expected in plain.items():
        facts = by_child[child].facts
        assert facts["age_days"].low == ages.age_between(expected["born"], expected["found"])
        low = facts["wbc"].low if "wbc" in facts else None
        assert low == expected.get("wbc")


def _add_white_count(plain: dict[str, dict[str, Any]], seen: dict[str, Any]) -> None:
    child = plain[seen["subject"]["reference"][8:]]
    is_count = seen["code"]["coding"][0]["code"] in ("6690-2", "26464-8")
    if is_count and seen["status"] == "final" and seen["effectiveDateTime"][:10] == child["found"].isoformat():
        value = Decimal(str(seen["valueQuantity"]["value"]))
        count = value / 1000 if seen["valueQuantity"]["code"] == "/uL" else value
        if count >= Decimal("0.1"):  # below it the value is refused as a slip
            child["wbc"] = count

"""The answer written back as FHIR: valid R4, honest about what is missing, and traceable to rows and sources."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from conftest import ROOT, Run

GOLDEN = ROOT / "cases" / "fhir"
RECORDS = sorted(path.name for path in GOLDEN.glob("*.json"))
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-ALL-risk-assessment"


def answer(run: Run, *arguments: str) -> dict[str, Any]:
    told = run("explain", *arguments, "--fhir")
    assert told.code == 0, told.err
    bundle: dict[str, Any] = json.loads(told.out)
    return bundle


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def parameters(guidance: dict[str, Any], name: str) -> list[Any]:
    (outcome,) = guidance["contained"]
    return [
        next((value for key, value in one.items() if key.startswith("value")), one.get("part"))
        for one in outcome["parameter"] if one["name"] == name
    ]  # fmt: skip


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_it_is_valid_fhir_r4(run: Run, record: str, lang: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydantic's own, about names it gives its fields
        from fhir.resources.R4B.bundle import Bundle
    who = ["--patient", "anna"] if record == "two-children.json" else []
    bundle = answer(run, str(GOLDEN / record), *who, "--lang", lang)
    valid = Bundle.model_validate(bundle)
    assert len(valid.entry or ()) == len(bundle["entry"]) > 10


def test_each_reference_inside_the_answer_leads_somewhere(run: Run) -> None:
    bundle = answer(run, str(GOLDEN / "girl-with-b-all.json"))
    record = {
        f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for entry in json.loads((GOLDEN / "girl-with-b-all.json").read_text("utf-8"))["entry"]
    }
    known = {entry["fullUrl"] for entry in bundle["entry"]} | record | {"#outcome"}
    assert set(_references(bundle)) <= known
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(bundle["entry"])


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [reference for inner in value.values() for reference in _references(inner)]
    return [reference for inner in value for reference in _references(inner)] if isinstance(value, list) else []


def test_an_open_answer_is_data_required_and_says_what_to_look_for(run: Run) -> None:
    bundle = answer(run, str(GOLDEN / "girl-with-b-all.json"), "--scheme", "cog-08b1")
    (guidance,) = of_kind(bundle, "GuidanceResponse")
    assert guidance["status"] == "data-required"
    assert set(parameters(guidance, "possible")) == {"high", "very-high"}
    assert not parameters(guidance, "outcome")
    assert not of_kind(bundle, "RiskAssessment")
    asked = [filtered for need in guidance["dataRequirement"] for filtered in need.get("codeFilter", [])]
    assert {"system": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "code": "C124874"} in [
        {key: coding[key] for key in ("system", "code") if key in coding} for one in asked for coding in one["code"]
    ], "iAMP21 by its code"


def test_age_is_asked_of_the_patient(run: Run, tmp_path: Any) -> None:
    bare = tmp_path / "bare.json"
    bare.write_text('{"resourceType": "Patient", "id": "x"}')
    bundle = answer(run, str(bare), "--scheme", "nci-rome")
    (guidance,) = of_kind(bundle, "GuidanceResponse")
    assert {"type": "Patient", "mustSupport": ["birthDate"]} in guidance["dataRequirement"]
    assert {need["type"] for need in guidance["dataRequirement"]} == {"Patient", "Condition", "Observation"}


def test_a_certain_group_is_a_preliminary_assessment_with_its_rows_and_sources(run: Run) -> None:
    bundle = answer(run, str(GOLDEN / "girl-with-b-all.json"), "--scheme", "nci-rome")
    (guidance,), (risk,), (provenance,) = (of_kind(bundle, kind) for kind in ("GuidanceResponse", "RiskAssessment", "Provenance"))
    assert (guidance["status"], risk["status"]) == ("success", "preliminary")
    assert parameters(guidance, "row") == ["nci-rome/high-white-count"]
    assert parameters(guidance, "cite")
    assert len(parameters(guidance, "knowledgeHash")[0]) == 64
    assert risk["prediction"][0]["qualitativeRisk"]["text"] == "High risk"
    used = {reference["reference"] for reference in risk["basis"]}
    assert "Observation/wbc-admission" in used
    assert "Observation/wbc-family-doctor" not in used
    assert any("sha256" in entity["what"].get("display", "") for entity in provenance["entity"])
    assert "not clinically reviewed" in risk["note"][0]["text"].lower()
    assert bundle["meta"]["security"][0]["code"] == "HTEST", "the child is invented, and so is the answer"


@pytest.mark.parametrize(
    ("wbc", "code"), [(4, "C122457"), (49.9, "C122457"), (50, "C122458"), (None, None)]
)  # the two values that mCODE has
def test_mcode_says_the_group_only_where_one_of_its_two_values_is_it(
    run: Run, tmp_path: Any, wbc: float | None, code: str | None
) -> None:
    record = json.loads((GOLDEN / "girl-with-b-all.json").read_text("utf-8"))
    kept = [entry for entry in record["entry"] if not entry["resource"]["id"].startswith(("wbc", "blood-count"))]
    if wbc is not None:
        made = next(entry for entry in record["entry"] if entry["resource"]["id"] == "wbc-family-doctor")
        made["resource"]["valueQuantity"]["value"] = wbc
        kept.append(made)
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record | {"entry": kept}))
    written = [seen for seen in of_kind(answer(run, str(path)), "Observation") if MCODE in seen["meta"]["profile"]]
    assert [seen["valueCodeableConcept"]["coding"][0]["code"] for seen in written] == ([code] if code else [])
    for seen in written:
        assert seen["focus"] == [{"reference": "Condition/leukemia"}]
        assert seen["method"]["coding"][0]["code"] == "nci-rome"


def test_what_was_typed_is_named_in_the_provenance(run: Run) -> None:
    bundle = answer(run, str(GOLDEN / "girl-with-b-all.json"), "--fact", "iamp21=no", "--scheme", "cog-08b1")
    (provenance,) = of_kind(bundle, "Provenance")
    assert {"role": "source", "what": {"display": "iamp21 = no"}} in provenance["entity"]

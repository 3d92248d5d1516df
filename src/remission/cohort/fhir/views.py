"""SQL on FHIR v2 ViewDefinitions for the same raw table, generated from the data dictionary, for other tools.

Three flat views: the Patients, the Conditions that a code map knows, and the Observations whose codes answer a fact. Which of
several results counts is not in a view; the data dictionary says it (`takes`).
"""

from __future__ import annotations

from typing import Any

from remission.cohort.fhir.dictionary import BIRTH_SEX
from remission.knowledge.codes import CodeMap
from remission.knowledge.model import Code, Library
from remission.record.fhir.meanings import SHIPPED

_PROFILE = "http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/ViewDefinition"
View = dict[str, Any]


def view_definitions(library: Library, maps: dict[str, CodeMap]) -> dict[str, View]:
    """The views by the kind of resource that each is about, as JSON would hold them."""
    systems = maps[SHIPPED].systems
    results = [code for fact in library.facts.values() for code in fact.codes]
    illnesses = [(illness.system, illness.code) for illness in maps[SHIPPED].illnesses]
    return {
        "Patient": _view("Patient", "remission_patients", _PATIENT, ""),
        "Condition": _view("Condition", "remission_conditions", _CONDITION, _any_of(systems, illnesses)),
        "Observation": _view(
            "Observation", "remission_observations", _OBSERVATION, _any_of(systems, [_key(code) for code in results])
        ),
    }


def _key(code: Code) -> tuple[str, str]:
    return code.system, code.code


def _view(resource: str, name: str, columns: list[View], where: str) -> View:
    made: View = {
        "resourceType": "http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/ViewDefinition",
        "meta": {"profile": [_PROFILE]},
        "name": name,
        "status": "draft",
        "resource": resource,
        "fhirVersion": ["4.0.1"],
        "select": [{"column": columns}],
    }
    return made | ({"where": [{"path": where}]} if where else {})


def _any_of(systems: dict[str, tuple[str, ...]], codes: list[tuple[str, str]]) -> str:
    """Whether the resource has one of the codes, each in its terminology under any of its addresses."""
    by_system: dict[str, list[str]] = {}
    for system, code in codes:
        by_system.setdefault(system, []).append(code)
    tests = []
    for system, listed in by_system.items():
        addresses = " or ".join(f"system = '{address}'" for address in systems.get(system, (system,)))
        wanted = " or ".join(f"code = '{code}'" for code in dict.fromkeys(listed))
        tests.append(f"code.coding.where(({addresses}) and ({wanted})).exists()")
    return " or ".join(tests)


def _column(name: str, path: str, kind: str = "string") -> View:
    return {"name": name, "path": path, "type": kind}


_SUBJECT = _column("patient_id", "subject.getReferenceKey(Patient)")
_PATIENT = [
    _column("patient_id", "getResourceKey()"),
    _column("birth_date", "birthDate", "date"),
    _column("gender", "gender", "code"),
    _column("birth_sex", f"extension('{BIRTH_SEX}').value.ofType(code).first()", "code"),
]
_CONDITION = [
    _column("id", "getResourceKey()"), _SUBJECT,
    _column("system", "code.coding.system.first()", "uri"), _column("code", "code.coding.code.first()", "code"),
    _column("verification", "verificationStatus.coding.code.first()", "code"),
    _column("onset", "onset.ofType(dateTime)", "dateTime"), _column("recorded", "recordedDate", "dateTime"),
]  # fmt: skip
_OBSERVATION = [
    _column("id", "getResourceKey()"), _SUBJECT, _column("status", "status", "code"),
    _column("system", "code.coding.system.first()", "uri"), _column("code", "code.coding.code.first()", "code"),
    _column("effective", "effective.ofType(dateTime)", "dateTime"),
    _column("value", "value.ofType(Quantity).value", "decimal"), _column("comparator", "value.ofType(Quantity).comparator", "code"),
    _column("unit", "value.ofType(Quantity).unit"), _column("unit_code", "value.ofType(Quantity).code", "code"),
    _column("value_code", "value.ofType(CodeableConcept).coding.code.first()", "code"),
    _column("value_text", "value.ofType(string)"),
    _column("absent_reason", "dataAbsentReason.coding.code.first()", "code"),
]  # fmt: skip

"""Enough of FHIR Shorthand to turn the shared mCODE example into a Bundle: a test's own reader, for that file only."""

from __future__ import annotations

import re
from typing import Any

_SYSTEMS = {
    "LNC": "http://loinc.org", "SCT": "http://snomed.info/sct", "NCIT": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "HGNC": "http://www.genenames.org/geneId", "SO": "http://www.sequenceontology.org",
    "RXN": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "VerStatus": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
}  # fmt: skip
_TYPES = {
    "CancerPatient": "Patient", "USCoreCondition": "Condition", "PrimaryCancerCondition": "Condition",
    "USCoreObservationLab": "Observation", "GenomicVariant": "Observation", "LanskyPlayPerformanceStatus": "Observation",
    "CancerDiseaseStatus": "Observation", "BodySurfaceArea": "Observation", "ALLRiskAssessment": "Observation",
    "USCoreDiagnosticReportLab": "DiagnosticReport", "USCoreProcedure": "Procedure",
    "CancerRelatedMedicationRequest": "MedicationRequest", "CancerRelatedMedicationAdministration": "MedicationAdministration",
}  # fmt: skip
_FIXED = {"GenomicVariant": "LNC#69548-6", "ALLRiskAssessment": "NCIT#C167435"}
_SLICES = {"gene-studied": "48018-6", "coding-change-type": "48019-4", "genomic-source-class": "48002-0"}
_CODED = re.compile(r'(?P<system>[^\s"#]*)#(?P<code>[^\s"]+)(?:\s+"(?P<display>[^"]*)")?')
_QUANTITY = re.compile(r"(?P<value>[\d.]+)\s+'(?P<unit>[^']+)'.*")
_CONCEPTS = ("code", "valueCodeableConcept", "method", "category", "verificationStatus", "clinicalStatus", "interpretation")


def bundle_of(text: str) -> dict[str, Any]:
    """All instances of a file as the entries of a collection."""
    resources = [_resource(block) for block in re.split(r"^Instance:\s*", text, flags=re.MULTILINE)[1:]]
    types = {resource["id"]: resource["resourceType"] for resource in resources}
    for resource in resources:
        _with_types(resource, types)
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in resources]}


def _resource(block: str) -> dict[str, Any]:
    name, _, rest = block.partition("\n")
    profile = next(iter(re.findall(r"^InstanceOf:\s*(\S+)", rest, re.MULTILINE)))
    resource: dict[str, Any] = {"resourceType": _TYPES.get(profile, profile), "id": name.strip()}
    if profile in _FIXED:
        resource["code"] = _value("code", _FIXED[profile])
    for path, written in re.findall(r"^\* (\S+) = (.+?)\s*$", rest, re.MULTILINE):
        _put(resource, path, written)
    return resource


def _put(resource: dict[str, Any], path: str, written: str) -> None:
    if path.startswith("extension[USCoreBirthSex]"):
        url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
        resource.setdefault("extension", []).append({"url": url, "valueCode": written.lstrip("#")})
        return
    component = re.fullmatch(r"component\[([a-z-]+)\](?:\[\d\])?\.valueCodeableConcept(?:\.coding\[0\])?", path)
    if component:
        code = {"coding": [{"system": _SYSTEMS["LNC"], "code": _SLICES[component[1]]}]}
        resource.setdefault("component", []).append({"code": code, "valueCodeableConcept": _value("code", written)})
    elif "." not in path and "[" not in path:
        resource[path] = [_value(path, written)] if path in ("category", "interpretation", "performer") else _value(path, written)
        if path in ("focus", "partOf", "reasonReference"):
            resource[path] = [resource[path]]


def _value(path: str, written: str) -> Any:
    coded = _CODED.fullmatch(written)
    if written.startswith("Reference("):
        return {"reference": written[10:-1]}
    if coded and (path in _CONCEPTS or path.endswith("CodeableConcept")):
        system = _SYSTEMS.get(coded["system"], coded["system"])
        return {"coding": [{"system": system, "code": coded["code"], "display": coded["display"] or ""}]}
    if coded:
        return coded["code"]
    quantity = _QUANTITY.fullmatch(written)
    if quantity:
        unit = quantity["unit"]
        return {"value": float(quantity["value"]), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    return int(written) if written.isdigit() else written.strip('"')


def _with_types(value: Any, types: dict[str, str]) -> None:
    """References by name become relative references: "x" → "Patient/x"."""
    if isinstance(value, dict):
        if set(value) == {"reference"} and value["reference"] in types:
            value["reference"] = f"{types[value['reference']]}/{value['reference']}"
        for inner in value.values():
            _with_types(inner, types)
    elif isinstance(value, list):
        for inner in value:
            _with_types(inner, types)

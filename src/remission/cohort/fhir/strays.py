"""Whom resources are about that name their child in a roundabout way: by an identifier, or only through a visit."""

from __future__ import annotations

from remission.cohort.fhir.exports import ENCOUNTER, PATIENT, READ, Export, lines_of
from remission.cohort.fhir.looking import Whom, last_two
from remission.record.fhir.files import decoded
from remission.record.fhir.shapes import Identifier, Patient, Reference, Shape


class _Visit(Shape, frozen=True):
    resource_type: str = ""
    id: str = ""
    subject: Reference | None = None


class _Adrift(Shape, frozen=True):
    resource_type: str = ""
    subject: Reference | None = None
    encounter: Reference | None = None
    context: Reference | None = None


def resolve(export: Export, whom: Whom, strays: list[str]) -> tuple[set[str], bool]:
    """The Patients that were meant, and whether somebody is meant who is not there. `whom` learns what was found."""
    named: list[tuple[Reference | None, Reference | None]] = [(Reference(text), None) for text in strays if text]
    if "" in strays:
        named += _adrift(export)
    if any(subject and ("?identifier=" in subject.reference or subject.identifier) for subject, _ in named):
        whom.identified = dict(_identifiers(export))
    wanted = {last_two(visit.reference) for _, visit in named if visit}
    if wanted:
        _visits(export, whom, wanted)
    found = [whom.of(subject, visit) for subject, visit in named]
    return {one for one in found if one}, not all(found)


def _adrift(export: Export) -> list[tuple[Reference | None, Reference | None]]:
    """What the resources without a reference to a child say instead, each way once."""
    found: dict[tuple[Identifier | None, str], None] = {}
    for file in export.of(*READ):
        for _, raw in lines_of(file.path):
            seen = decoded(_Adrift, raw)
            if (
                seen
                and seen.resource_type in READ
                and seen.resource_type != PATIENT
                and not (seen.subject and seen.subject.reference)
            ):
                visit = seen.encounter or seen.context
                found[seen.subject.identifier if seen.subject else None, visit.reference if visit else ""] = None
    return [(Reference("", one) if one else None, Reference(visit) if visit else None) for one, visit in found]


def _identifiers(export: Export) -> list[tuple[tuple[str, str], str]]:
    found = []
    for file in export.of(PATIENT):
        for _, raw in lines_of(file.path):
            patient = decoded(Patient, raw)
            found += [((one.system, one.value), patient.id) for one in patient.identifier if one.value] if patient else []
    return found


def _visits(export: Export, whom: Whom, wanted: set[str]) -> None:
    for file in export.of(ENCOUNTER):
        for _, raw in lines_of(file.path):
            visit = decoded(_Visit, raw)
            if visit and visit.resource_type == ENCOUNTER and (name := f"{ENCOUNTER}/{visit.id}") in wanted and visit.subject:
                whom.visits[name] = whom.of(visit.subject, None)

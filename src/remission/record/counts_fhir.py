"""Counts from a FHIR R4 file: the Observations of a Bundle, known by their LOINC codes, exactly as the laboratory sent them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from remission.knowledge.playbook import Field
from remission.record.counts_cells import When, read_when
from remission.record.counts_file import Taken, Values
from remission.record.problems import InputProblem
from remission.record.structured import read_json

_LOINC = "http://loinc.org"
_WITHDRAWN = ("entered-in-error", "cancelled")
_UNFINISHED = ("registered", "preliminary", "unknown")
_MOST_ODD = 40  # digits before or after the point


def take_fhir(text: str, taken: Taken) -> None:
    """Takes in the counts of a Bundle or of one Observation. Raises `InputProblem` for any other file, and for another child's."""
    taken.place_word = "count-file-observation"
    content = read_json(text)
    resources = list(_resources(content))
    if not resources:
        raise InputProblem("count-file-no-fhir")
    observations = [resource for resource in resources if resource.get("resourceType") == "Observation"]
    fields = {field.code: field for field in taken.kind.fields if field.code}
    found = [(observation, list(_parts(observation, fields))) for observation in observations]
    _refuse_other_people(resources, [observation for observation, parts in found if parts], taken)
    others = sum(1 for _, parts in found if not parts)
    for number, (observation, parts) in enumerate(found, 1):  # a person counts them; their ids say nothing to one
        if parts:
            _take(taken, f"{number}", observation, parts)
    if any(parts and (when := _when(observation)).utc and when.time for observation, parts in found):
        taken.say(InputProblem("count-file-utc"))
    if others:
        taken.say(InputProblem("count-file-other-observations", number=others))
    if not any(parts for _, parts in found):
        raise InputProblem("count-file-no-counts")


def _resources(content: Any) -> Iterator[dict[str, Any]]:
    """The resources of a file, of a Bundle also those of the Bundles in it."""
    if not isinstance(content, dict) or not isinstance(content.get("resourceType"), str):
        return
    if content["resourceType"] != "Bundle":
        yield content
        return
    entries = content.get("entry")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            yield from _resources(entry.get("resource"))


def _parts(observation: dict[str, Any], fields: dict[str, Field]) -> Iterator[tuple[Field, dict[str, Any]]]:
    """The values of an Observation that a count has a field for: its own, and those of its components."""
    components = observation.get("component")
    for part in (observation, *(components if isinstance(components, list) else ())):
        field = next((fields[code] for code in _codes(part) if code in fields), None)
        if field:
            yield field, part


def _codes(part: Any) -> Iterator[str]:
    code = part.get("code") if isinstance(part, dict) else None
    codings = code.get("coding") if isinstance(code, dict) else None
    for coding in codings if isinstance(codings, list) else []:
        if isinstance(coding, dict) and coding.get("system") == _LOINC and isinstance(coding.get("code"), str):
            yield coding["code"]


def _take(taken: Taken, place: str, observation: dict[str, Any], parts: list[tuple[Field, dict[str, Any]]]) -> None:
    status = observation.get("status")
    if status in _WITHDRAWN:
        return taken.leave(place, "count-file-withdrawn", status=status)
    if status in _UNFINISHED:
        taken.say(InputProblem("count-file-unfinished", place=place, status=status))
    when = _when(observation)
    values: Values = {}
    for field, part in parts:
        try:
            values[field.id] = _value(taken, place, field, part)
        except InputProblem as problem:
            taken.say(problem)
    return taken.row(place, when, values)


def _when(observation: dict[str, Any]) -> When:
    """When the blood was drawn, as it is written. The time at which a result was sent says nothing about it."""
    period = observation.get("effectivePeriod")
    start = period.get("start") if isinstance(period, dict) else None
    written = observation.get("effectiveDateTime") or observation.get("effectiveInstant") or start
    return read_when(written, "") if isinstance(written, str) else When(None)


def _value(taken: Taken, place: str, field: Field, part: dict[str, Any]) -> str:
    """The value as a note keeps it. Raises `InputProblem`."""
    quantity = part.get("valueQuantity")
    number = quantity.get("value") if isinstance(quantity, dict) else None
    if not isinstance(quantity, dict) or isinstance(number, bool) or not isinstance(number, (int, Decimal)):
        raise InputProblem("count-file-no-value", place=place, label=field.label)
    unit = quantity.get("code") or quantity.get("unit")
    if quantity.get("comparator"):
        written = f"{quantity['comparator']}{number} {unit or ''}".strip()
        raise InputProblem("count-file-comparator", place=place, label=field.label, value=written)
    number = Decimal(number)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_ODD:
        raise InputProblem("count-file-number", place=place, label=field.label, value=number)
    if not isinstance(unit, str) or not unit:
        raise InputProblem("count-file-unit-missing-fhir", place=place, label=field.label, value=number)
    return taken.value(place, field, number, unit)


def _refuse_other_people(resources: list[dict[str, Any]], observations: list[dict[str, Any]], taken: Taken) -> None:
    """Raises `InputProblem` when the counts are about several people, or about somebody who was born on another day."""
    people = {str(subject.get("reference")) for one in observations if isinstance(subject := one.get("subject"), dict)}
    patients = [resource for resource in resources if resource.get("resourceType") == "Patient"]
    if len(people) > 1 or len(patients) > 1:
        raise InputProblem("count-file-several-patients", number=max(len(people), len(patients)))
    born = _born(patients[0]) if patients else None
    if born and taken.born and born != taken.born and "birth-date" not in taken.sure:
        taken.need("sure")
        raise InputProblem("count-file-other-birth", theirs=born, ours=taken.born)


def _born(patient: dict[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(patient.get("birthDate")))
    except ValueError:
        return None

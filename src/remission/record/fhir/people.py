"""The people of a record: who is in it, which child is meant, and what a Patient says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from remission.knowledge.model import Frozen
from remission.record.facts import Fact
from remission.record.fhir.files import Held, decoded
from remission.record.fhir.finding import Finding, Reading, unsafe, why
from remission.record.fhir.moments import Moment, read_moment
from remission.record.fhir.references import NOBODY, Directory, older_versions
from remission.record.fhir.shapes import Patient, Reference
from remission.record.problems import InputProblem

_ABOUT_SOMEBODY = frozenset({"Observation", "Condition", "MedicationAdministration", "MedicationStatement"})
_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_TEST_DATA = "HTEST"  # HL7 v3 ActReason: health data of nobody
_SEXES = {"male": "male", "female": "female", "M": "male", "F": "female"}
_MOST_LISTED = 8


class Person(Frozen, frozen=True):
    """What a Patient says: the day of birth, the facts, and whether it is marked as test data."""

    birth: Moment | None
    reading: Reading
    invented: bool = False


class People:
    """Whose resources a record holds. `keys` names the people: "#" and a number for a Patient, or a reference as written."""

    def __init__(self, resources: Sequence[Held]):
        self.older = older_versions(resources)
        self.current = [held for held in resources if held.number not in self.older and held.inside not in self.older]
        self.directory = Directory(self.current)
        self._said: dict[bytes, str] = {}
        self._of: dict[int, str] = {held.number: self._about(held) for held in self.current if held.type in _ABOUT_SOMEBODY}
        patients = {f"#{held.number}": held for held in self.current if held.type == "Patient"}
        self._patients = patients
        self.keys = tuple(dict.fromkeys([*patients, *(key for key in dict.fromkeys(self._of.values()) if self._is_person(key))]))

    def _about(self, held: Held) -> str:
        """The person, worked out once for resources that say it in the same words."""
        alone = held.address or (held.visit and not held.subject) or b"#" in held.subject
        if alone or held.subject not in self._said:
            subject, visit = (decoded(Reference, said) if said else None for said in (held.subject, held.visit))
            person = self.directory.person(held, subject, visit)
            if alone:
                return person
            self._said[held.subject] = person
        return self._said[held.subject]

    @staticmethod
    def _is_person(key: str) -> bool:
        """Whether a key may be a person: a Patient of the record or of another, and nothing that is surely none."""
        kind = key.rsplit("/", 2)[-2] if key.count("/") > 0 else ""
        return key != NOBODY and (key.startswith(("#", "urn:")) or kind in ("Patient", "") or "|" in key)

    def is_about(self, held: Held, person: str) -> bool:
        """Whether a resource is about this person. One that names nobody is about the only person there is."""
        if held.type == "Patient":
            return f"#{held.number}" == person
        about = self._of.get(held.number, NOBODY)
        return about == person or (about == NOBODY and len(self.keys) < 2)

    def is_about_nobody(self, held: Held) -> bool:
        """Whether a resource does not say whom it is about."""
        return held.type != "Patient" and self._of.get(held.number, NOBODY) == NOBODY

    def patient_of(self, person: str) -> Held | None:
        return self._patients.get(person)

    def apart(self) -> dict[str, list[Held]]:
        """The resources about each person, in their order. What is about nobody belongs to an only person."""
        mine: dict[str, list[Held]] = {key: [] for key in self.keys}
        for held in self.current:
            key = f"#{held.number}" if held.type == "Patient" else self._of.get(held.number, NOBODY)
            if key == NOBODY and len(self.keys) == 1:
                key = self.keys[0]
            if key in mine:
                mine[key].append(held)
        return mine

    def chosen(self, asked: str) -> str:
        """The person who is meant. Raises `InputProblem` when it must be asked, or is not there."""
        if asked:
            return self._named(asked)
        if len(self.keys) > 1:
            raise InputProblem("fhir-several-children", number=len(self.keys), children=self._listed())
        return self.keys[0] if self.keys else NOBODY

    def _named(self, asked: str) -> str:
        named = [key for key in self.keys if asked in self._names(key)]
        if len(named) != 1:
            raise InputProblem("fhir-no-such-child", asked=asked, children=self._listed())
        return named[0]

    def _names(self, key: str) -> set[str]:
        """What a person may be called: the id, the reference, the address, an identifier."""
        held = self._patients.get(key)
        if held is None:
            return {key, key.rsplit("/", 1)[-1], key.removeprefix("urn:uuid:")}
        patient = decoded(Patient, held.raw)
        identifiers = {identifier.value for identifier in patient.identifier} if patient else set()
        return {held.id, held.name, held.address, *identifiers} - {""}

    def _listed(self) -> str:
        """The people as one can name them: the id, and for the eye the day of birth."""
        told = []
        for key in self.keys[:_MOST_LISTED]:
            held = self._patients.get(key)
            patient = decoded(Patient, held.raw) if held else None
            name = (held.id or held.address) if held else key
            told.append(f"{name} (* {patient.birth_date})" if patient and patient.birth_date else name)
        return ", ".join(told) + (", …" if len(self.keys) > _MOST_LISTED else "")


def read_patient(held: Held) -> Person:
    """What a Patient says of the child. The sex it is known by and the one at birth are two findings, which must agree."""
    seen = decoded(Patient, held.raw)
    if seen is None:
        return Person(None, Reading(left=(why("left-malformed"),)))
    unfit = unsafe(held, seen.modifier_extension, seen.implicit_rules)
    if unfit:
        return Person(None, Reading(left=(unfit,)))
    born = next((added.value_code for added in seen.extension if added.url == _BIRTH_SEX), "")
    told = [sex for sex in (seen.gender, born) if sex in _SEXES]
    findings = tuple(Finding(Fact("sex", options=(_SEXES[sex],), as_given=sex), held.number, sex, timed=True) for sex in told)
    if not told and seen.gender:
        unknown = Fact("sex", absent_reason="unknown", as_given=seen.gender)
        findings = (Finding(unknown, held.number, seen.gender, timed=True),)
    invented = any(coding.code == _TEST_DATA for coding in (*seen.meta.security, *seen.meta.tag))
    return Person(read_moment(seen.birth_date) if seen.birth_date else None, Reading(findings), invented)

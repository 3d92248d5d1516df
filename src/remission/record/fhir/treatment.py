"""When treatment began: the first leukemia medicine that was really given."""

from __future__ import annotations

from remission.knowledge.model import Frozen
from remission.record.fhir.files import Held, decoded
from remission.record.fhir.finding import Why, unsafe, why
from remission.record.fhir.meanings import Meanings
from remission.record.fhir.moments import Moment, days_between, read_moment
from remission.record.fhir.references import Directory
from remission.record.fhir.shapes import Concept, Medication, Medicine
from remission.record.fhir.values import code_told

TYPES = frozenset({"MedicationAdministration", "MedicationStatement"})
_GIVEN = frozenset({"completed", "in-progress", "active", "stopped"})


class Dose(Frozen, frozen=True):
    """One medicine as it was given: when, or why it does not tell the start of treatment."""

    number: int
    moment: Moment | None
    name: str
    left: Why | None = None


def read_dose(meanings: Meanings, directory: Directory, held: Held) -> Dose:
    """What a MedicationAdministration or MedicationStatement says about the start of treatment."""
    seen = decoded(Medicine, held.raw)
    if seen is None:
        return Dose(held.number, None, "", why("left-malformed"))
    concept = seen.medication_codeable_concept or _referred(directory, held, seen)
    name = code_told(concept)
    if not any(meanings.key(coding) in meanings.medicines for coding in concept.coding):
        return Dose(held.number, None, name, why("left-medicine", code=name))
    if seen.status not in _GIVEN:
        return Dose(held.number, None, name, why("left-not-given", status=seen.status or "—"))
    unfit = unsafe(held, seen.modifier_extension, seen.implicit_rules)
    if unfit:
        return Dose(held.number, None, name, unfit)
    written = seen.effective_date_time or (seen.effective_period.start if seen.effective_period else "")
    moment = read_moment(written) if written else None
    return Dose(held.number, moment, name, None if moment else why("left-no-time"))


def _referred(directory: Directory, held: Held, seen: Medicine) -> Concept:
    found = directory.find(seen.medication_reference, held)
    medication = decoded(Medication, found.raw) if found and found.type == "Medication" else None
    if found is None or medication is None:
        return Concept()
    directory.followed[found.number] = held.number
    return medication.code


def start_of_treatment(meanings: Meanings, doses: list[Dose], diagnosis: Moment | None) -> Dose | None:
    """The first dose from the diagnosis on, when it is early enough to be the first one that was given.

    Without a diagnosis date nothing is told: a steroid years earlier was for something else.
    """
    given = [dose for dose in doses if dose.moment and diagnosis and not _is_before(dose.moment, diagnosis)]
    if not given or diagnosis is None:
        return None
    first = min(given, key=lambda dose: (dose.moment.last, dose.moment.first, dose.number) if dose.moment else ())
    return None if first.moment and _is_late(meanings, first.moment, diagnosis) else first


def _is_before(moment: Moment, diagnosis: Moment) -> bool:
    return days_between(diagnosis, moment)[1] < 0


def _is_late(meanings: Meanings, moment: Moment, diagnosis: Moment) -> bool:
    within = meanings.treatment.within.removesuffix(" d") if meanings.treatment else "0"
    return days_between(diagnosis, moment)[1] > int(within)


def why_not_first(meanings: Meanings, dose: Dose, diagnosis: Moment | None, started: bool) -> Why:
    """Why a dose does not tell when treatment began."""
    if dose.left or dose.moment is None:
        return dose.left or why("left-no-time")
    if diagnosis is None:
        return why("left-no-diagnosis")
    if _is_before(dose.moment, diagnosis):
        return why("left-dose-before")
    return why("left-dose-later" if started or not _is_late(meanings, dose.moment, diagnosis) else "left-dose-late")

"""One child's record: whose it is, when the leukemia was found, what each fact is, and what became of every resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from remission.knowledge.model import Frozen, Text
from remission.record.facts import Fact
from remission.record.fhir.choosing import Anchors, Answer, Considered, choose
from remission.record.fhir.chromosomes import agreed, differing, tell
from remission.record.fhir.files import Held, Opened
from remission.record.fhir.finding import Finding, Karyotype, Reading, Why, why
from remission.record.fhir.illness import Diagnosis, read_condition
from remission.record.fhir.meanings import Meanings
from remission.record.fhir.moments import Moment, age_range, earliest_of, read_moment
from remission.record.fhir.people import People, Person, read_patient
from remission.record.fhir.results import read_observation
from remission.record.fhir.treatment import TYPES as MEDICINES
from remission.record.fhir.treatment import Dose, read_dose, start_of_treatment, why_not_first
from remission.record.problems import InputProblem
from remission.record.remarks import Remark

DATES = "birth", "diagnosis", "treatment"  # what a resource may be used for besides facts; and "reference", for another one


class Account(Frozen, frozen=True, gc=False):
    """What became of one resource: the facts and dates it was used for, or why it was not used.

    A resource that was used may have a reason too: why some other part of it was left.
    """

    number: int
    used_for: tuple[str, ...] = ()
    left: Why | None = None


class Dated(Frozen, frozen=True):
    """A day that windows count from, and the resources that say it (none: it was given by the user)."""

    moment: Moment
    numbers: tuple[int, ...] = ()


class FhirRecord(Frozen, frozen=True):
    """Everything that was read for one child. Every resource of the files has exactly one account.

    `diagnosed_by` are the conditions that are the leukemia; `invented`: the record marks the child as test data; `remarks`
    say which of several results was taken, and what the karyotypes leave to be said.
    """

    resources: tuple[Held, ...]
    person: str
    patient: int | None
    birth: Dated | None
    diagnosis: Dated | None
    treatment: Dated | None
    answers: dict[str, Answer]
    accounts: tuple[Account, ...]
    other_files: tuple[str, ...] = ()
    diagnosed_by: tuple[int, ...] = ()
    invented: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def facts(self) -> dict[str, Fact]:
        """The facts, each with a value or with the reason for its absence."""
        return {answer.id: answer.fact for answer in self.answers.values() if answer.fact is not None}


class Given(Frozen, frozen=True):
    """Dates that the user gave; they count before the record's own."""

    born: str = ""
    diagnosed: str = ""


def read_record(meanings: Meanings, opened: Opened, asked: str = "", given: Given | None = None) -> FhirRecord:
    """The record of one child; `asked` names the child where there are several.

    Raises `InputProblem` when the files are about several children and none was named, or one that is not there.
    """
    given = given or Given()
    for written in (given.born, given.diagnosed):
        if written and read_moment(written) is None:
            raise InputProblem("date-unreadable", value=written, where="--born, --diagnosed")
    people = People(opened.resources)
    return _Reader(meanings, people, opened, given).read(people.chosen(asked))


def read_children(meanings: Meanings, opened: Opened) -> Iterator[FhirRecord]:
    """The record of each child of the files, one after the other. Resources about nobody are read for a single child only."""
    people = People(opened.resources)
    for person, resources in people.apart().items():
        yield _Reader(meanings, people, replace(opened, resources=tuple(resources)), Given()).read(person)


class _Reader:
    """Reads resource by resource, then chooses fact by fact."""

    def __init__(self, meanings: Meanings, people: People, opened: Opened, given: Given):
        self.meanings, self.people, self.opened, self.given = meanings, people, opened, given
        self.old = people.older
        self.findings: defaultdict[str, list[Finding]] = defaultdict(list)
        self.left: defaultdict[int, list[Why]] = defaultdict(list)
        self.unread: defaultdict[int, list[Why]] = defaultdict(list)
        self.used: defaultdict[int, list[str]] = defaultdict(list)
        self.karyotypes: list[Karyotype] = []
        self.diagnoses: list[Diagnosis] = []
        self.doses: list[Dose] = []
        self._patients: dict[int, Person] = {}

    def read(self, person: str) -> FhirRecord:
        birth = self._birth(person)
        for held in self.opened.resources:
            self._one(held, person, birth.moment if birth else None)
        diagnosis = self._diagnosis()
        first = start_of_treatment(self.meanings, self.doses, diagnosis.moment if diagnosis else None)
        treatment = Dated(first.moment, (first.number,)) if first and first.moment else None
        anchors = Anchors(diagnosis.moment if diagnosis else None, treatment.moment if treatment else None)
        answers = self._answers(anchors)
        pages = [Remark("fhir-goes-on")] if self.opened.goes_on else []
        remarks = (*pages, *self._chosen(answers), *self._karyotypes(answers, anchors))
        self._age(answers, birth, diagnosis)
        answers = {fact: answers[fact] for fact in self.meanings.library.facts if fact in answers}
        self._use(answers, birth, diagnosis, treatment)
        patient = self.people.patient_of(person)
        return FhirRecord(
            resources=self.opened.resources,
            person=person,
            patient=patient.number if patient else None,
            birth=birth,
            diagnosis=diagnosis,
            treatment=treatment,
            answers=answers,
            accounts=tuple(self._account(held) for held in self.opened.resources),
            other_files=self.opened.other_files,
            diagnosed_by=tuple(one.number for one in self.diagnoses),
            invented=bool(patient and self._patient(patient).invented),
            remarks=remarks,
        )

    # --- each resource --------------------------------------------------------------------------------------------------------

    def _birth(self, person: str) -> Dated | None:
        given = read_moment(self.given.born) if self.given.born else None
        if given:
            return Dated(given)
        patient = self.people.patient_of(person)
        seen = self._patient(patient) if patient else None
        return Dated(seen.birth, (patient.number,)) if patient and seen and seen.birth else None

    def _patient(self, held: Held) -> Person:
        """Read once, although it is asked twice: first for the birth, then for the rest."""
        if held.number not in self._patients:
            self._patients[held.number] = read_patient(held)
        return self._patients[held.number]

    def _one(self, held: Held, person: str, birth: Moment | None) -> None:
        reason = self._not_looked_at(held, person)
        if reason:
            self.left[held.number].append(reason)
        elif held.type == "Observation":
            self._take(held, read_observation(self.meanings, held))
        elif held.type == "Condition":
            illness = read_condition(self.meanings, held, birth)
            self._take(held, illness.reading)
            if illness.diagnosis:
                self.diagnoses.append(illness.diagnosis)
        elif held.type == "Patient":
            self._take(held, self._patient(held).reading)
        else:
            self.doses.append(read_dose(self.meanings, self.people.directory, held))

    def _not_looked_at(self, held: Held, person: str) -> Why | None:
        """Why a resource is not even read: its kind, a newer version of it, or another child."""
        if held.number in self.old or held.inside in self.old:
            return why(f"left-{self.old.get(held.number) or self.old[held.inside]}")
        if held.type == "?":
            return why("left-malformed")
        if held.type not in READ:
            return why("left-type", type=held.type)
        if self.people.is_about(held, person):
            return None
        return why("left-nobody" if self.people.is_about_nobody(held) else "left-other-person")

    def _take(self, held: Held, reading: Reading) -> None:
        for finding in reading.findings:
            self.findings[finding.fact.id].append(finding)
        self.karyotypes += reading.karyotypes
        if reading.left:
            self.unread[held.number] += reading.left

    # --- dates ----------------------------------------------------------------------------------------------------------------

    def _diagnosis(self) -> Dated | None:
        given = read_moment(self.given.diagnosed) if self.given.diagnosed else None
        if given:
            return Dated(given)
        dated = [one for one in self.diagnoses if one.moment]
        if not dated:
            return None
        moment = earliest_of([one.moment for one in dated if one.moment])
        ends = (moment.first, moment.last)
        said = [one.number for one in dated if one.moment and (one.moment.first == ends[0] or one.moment.last == ends[1])]
        return Dated(moment, tuple(said))

    def _age(self, answers: dict[str, Answer], birth: Dated | None, diagnosis: Dated | None) -> None:
        """The age at diagnosis from the two dates, which counts before an age that somebody wrote down."""
        if birth is None or diagnosis is None:
            return
        span = age_range(birth.moment, diagnosis.moment)
        told = f"{birth.moment.written} → {diagnosis.moment.written}"
        if span is None:
            rule = why("open-dates-reversed", born=birth.moment.written, diagnosed=diagnosis.moment.written)
            answers["age_days"] = Answer("age_days", None, rule, ())
            return
        fact = Fact("age_days", low=span[0], high=span[1], method="dates" if span[0] == span[1] else "", as_given=told)
        written = answers["age_days"].considered if "age_days" in answers else ()
        numbers = (*birth.numbers, *diagnosis.numbers)
        considered = [Considered(Finding(fact, number, told, timed=True)) for number in numbers]
        considered += [replace(one, left=one.left or why("left-age-from-dates")) for one in written]
        answers["age_days"] = Answer("age_days", fact, why("rule-dates"), tuple(considered))

    # --- facts ----------------------------------------------------------------------------------------------------------------

    def _answers(self, anchors: Anchors) -> dict[str, Answer]:
        """The answers in the order of the data dictionary."""
        facts = self.meanings.library.facts
        return {fact: choose(facts[fact], self.findings[fact], anchors) for fact in facts if fact in self.findings}

    def _chosen(self, answers: dict[str, Answer]) -> Iterator[Remark]:
        """Where results differ and the one taken counts by our own reading, the answer must say so."""
        for answer in answers.values():
            definition = self.meanings.library.facts[answer.id]
            which = answer.rule.word.removeprefix("fhir-rule-")
            others = [one.finding for one in answer.considered if one.left and one.left.word == f"fhir-left-not-{which}"]
            if answer.fact is None or not others or all(other.fact.means_the_same_as(answer.fact) for other in others):
                continue
            values: dict[str, str | Text] = {"label": definition.label, "told": answer.fact.as_given}
            values["others"] = "; ".join(dict.fromkeys(other.told for other in others))
            yield Remark(f"fhir-chosen-{which}", values)

    def _karyotypes(self, answers: dict[str, Answer], anchors: Anchors) -> tuple[Remark, ...]:
        """Adds to the answers what only a karyotype says."""
        karyotypes = sorted(self.karyotypes, key=_in_time)
        names = {held.number: held.name for held in self.opened.resources} if karyotypes else {}
        library = self.meanings.library
        told = [tell(library, karyotype, answers, anchors, names) for karyotype in karyotypes]
        together = agreed(told)
        if len(told) > 1:
            told = [tell(library, karyotype, answers, anchors, names, frozenset(together)) for karyotype in karyotypes]
        for karyotype, one in zip(karyotypes, told, strict=True):
            if one.left:
                self.left[karyotype.number].append(one.left)
        answers |= together
        remarks = [*differing(library, together, names), *(remark for one in told for remark in one.remarks)]
        return tuple(remark for place, remark in enumerate(remarks) if remark not in remarks[:place])

    # --- accounts -------------------------------------------------------------------------------------------------------------

    def _use(self, answers: dict[str, Answer], born: Dated | None, diagnosed: Dated | None, treated: Dated | None) -> None:
        for answer in answers.values():
            for one in answer.considered:
                if one.left is None:
                    self.used[one.finding.number].append(answer.id)
                else:
                    self.left[one.finding.number].append(one.left)
        for name, dated in zip(DATES, (born, diagnosed, treated), strict=True):
            for number in dated.numbers if dated else ():
                self.used[number].append(name)
        for diagnosis in [one for one in self.diagnoses if one.number not in self.used]:
            word = (
                "left-date-given"
                if self.given.diagnosed
                else "left-later-diagnosis"
                if diagnosis.moment
                else "left-undated-diagnosis"
            )
            self.left[diagnosis.number].append(why(word))
        for dose in [one for one in self.doses if one.number not in self.used]:
            day = diagnosed.moment if diagnosed else None
            self.left[dose.number].append(why_not_first(self.meanings, dose, day, treated is not None))

    def _account(self, held: Held) -> Account:
        number = held.number
        if self.people.directory.followed.get(number) in self.used:
            return Account(number, ("reference",))
        unread = self.unread.get(number)
        if number in self.used:
            return Account(number, tuple(dict.fromkeys(self.used[number])), unread[0] if unread else None)
        reasons = unread or self.left.get(number)
        return Account(number, (), reasons[0] if reasons else why("left-nothing"))


def _in_time(karyotype: Karyotype) -> tuple[date, str]:
    """The earliest first; the order of a file says nothing."""
    return karyotype.moment.last if karyotype.moment else date.max, karyotype.text


READ = frozenset({"Observation", "Condition", "Patient", *MEDICINES})

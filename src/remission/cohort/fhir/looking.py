"""A second look at an export, line by line: only where something is wrong, or where a child is read by the one-child reader.

It finds the lines that are no JSON, those of a wrong shape, and those about nobody known; and it brings the resources of marked
children together, a few hundred children at a time, in files of the work folder.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

import msgspec

from remission.cohort.columns import Value
from remission.cohort.fhir.dictionary import Dictionary, counted
from remission.cohort.fhir.exports import CONDITION, ENCOUNTER, MEDICATION, MEDICINES, OBSERVATION, PATIENT, READ, Export, lines_of
from remission.cohort.loaded import Reject
from remission.record.facts import Fact
from remission.record.fhir.files import Held, decoded, open_bytes
from remission.record.fhir.finding import unsafe
from remission.record.fhir.illness import read_condition
from remission.record.fhir.meanings import Meanings
from remission.record.fhir.reader import FhirRecord, read_children
from remission.record.fhir.references import older_versions
from remission.record.fhir.results import read_observation
from remission.record.fhir.shapes import Condition, Medicine, Observation, Patient, Reference, Shape
from remission.record.problems import InputProblem

_SHAPES: dict[str, type[Shape]] = {PATIENT: Patient, CONDITION: Condition, OBSERVATION: Observation}
_SHAPES |= dict.fromkeys(MEDICINES, Medicine)
_OF_NO_INTEREST = frozenset({"fhir-left-code", "fhir-left-condition", "fhir-left-medicine"})


class _Seen(Shape, frozen=True):
    """What says whom a line is about."""

    resource_type: str = ""
    id: str = ""
    subject: Reference | None = None
    encounter: Reference | None = None
    context: Reference | None = None
    medication_reference: Reference | None = None


class _Named(Shape, frozen=True):
    resource_type: str = ""
    id: str = ""
    subject: msgspec.Raw = msgspec.Raw()


class Whom:
    """Whom a reference names: the id of a Patient of the export, by FHIR's rules for references without a Bundle."""

    def __init__(self, known: Iterable[str] = ()):
        self.known = set(known)
        self.visits: dict[str, str] = {}  # the Patient of an Encounter, by the name of the Encounter
        self.identified: dict[tuple[str, str], str] = {}

    def of(self, subject: Reference | None, visit: Reference | None) -> str:
        """The id of the Patient, or an empty text."""
        if subject is not None and (subject.reference or subject.identifier):
            return self._named(subject)
        if visit is not None and visit.reference and (name := last_two(visit.reference)) in self.visits:
            return self.visits[name]
        return next(iter(self.known)) if len(self.known) == 1 else ""

    def _named(self, subject: Reference) -> str:
        written = subject.reference.partition("/_history/")[0]
        if "?identifier=" in written:
            system, _, value = unquote(written.partition("?identifier=")[2]).rpartition("|")
            return self.identified.get((system, value), "")
        if not written and subject.identifier:
            return self.identified.get((subject.identifier.system, subject.identifier.value), "")
        name = last_two(written)
        known = name.removeprefix("Patient/")
        return known if name.startswith("Patient/") and known in self.known else ""


def last_two(reference: str) -> str:
    return "/".join(reference.partition("/_history/")[0].split("/")[-2:])


class Damage(msgspec.Struct):
    """What a careful look at some files found: rejects, and the children about whom something is odd."""

    rejects: list[Reject] = msgspec.field(default_factory=list)
    marked: set[str] = msgspec.field(default_factory=set)
    counters: Counter[str] = msgspec.field(default_factory=Counter)


def damage_of(export: Export, names: set[str]) -> Damage:
    """Every line of the named files that cannot be read, and whom an odd line is about."""
    found = Damage()
    for file in export.files:
        if file.name in names:
            _look(file.path, file.name, found)
    return found


def _look(path: Path, name: str, found: Damage) -> None:
    for line, raw in lines_of(path):
        wrong = wrong_with(raw)
        if wrong:
            _reject(found, name, line, "", InputProblem(wrong, file=name, line=line))
            continue
        kind = msgspec.json.decode(raw, type=msgspec.Raw) and decoded(_Named, raw)
        if not kind or not kind.resource_type:
            _reject(found, name, line, "", InputProblem("cohort-fhir-no-resource", file=name, line=line))
        elif kind.resource_type in _SHAPES:
            _shape(found, line, kind, raw)


def _shape(found: Damage, line: int, kind: _Named, raw: bytes) -> None:
    """A resource of another form than FHIR gives it, or in which a key stands twice, is for the one-child reader to judge."""
    held = Held(1, kind.resource_type, kind.id, msgspec.Raw(raw), "", line)
    if decoded(_SHAPES[kind.resource_type], raw) is not None and unsafe(held, (), "") is None:
        return
    subject = decoded(Reference, kind.subject) if bytes(kind.subject) else None
    about = kind.id if kind.resource_type == PATIENT else last_two(subject.reference).removeprefix("Patient/") if subject else ""
    found.marked.add(about)


def _reject(found: Damage, name: str, line: int, about: str, problem: InputProblem) -> None:
    found.rejects.append(Reject(name, line, about, problem))
    found.counters[problem.word] += 1


def wrong_with(raw: bytes) -> str:
    """Why a line is no JSON, as the word of its sentence; empty when it is."""
    try:
        raw.decode("utf-8")
        msgspec.json.decode(raw, type=msgspec.Raw)
    except UnicodeDecodeError:
        return "cohort-fhir-not-text"
    except RecursionError:
        return "cohort-fhir-deep"
    except (msgspec.MsgspecError, ValueError):
        return "cohort-fhir-line-malformed"
    return ""


# --- resources that name nobody known -----------------------------------------------------------------------------------------


def nobody_known(export: Export, meanings: Meanings, whom: Whom, asked: set[str]) -> Iterator[Reject]:
    """The resources that would have been read, and are about nobody in the export."""
    for file in export.of(*READ):
        for line, raw in lines_of(file.path):
            seen = decoded(_Seen, raw)
            if seen is None or seen.resource_type not in asked:
                continue
            if not whom.of(seen.subject, seen.encounter or seen.context) and _is_asked(meanings, seen, raw):
                reference = seen.subject.reference if seen.subject else ""
                problem = InputProblem("cohort-fhir-nobody-known", file=file.name, line=line)
                yield Reject(file.name, line, f"{seen.resource_type}/{seen.id} {reference}".strip(), problem)


def _is_asked(meanings: Meanings, seen: _Seen, raw: bytes) -> bool:
    held = Held(1, seen.resource_type, seen.id, msgspec.Raw(raw), "", 1)
    if seen.resource_type == OBSERVATION:
        left = read_observation(meanings, held).left
    elif seen.resource_type == CONDITION:
        left = read_condition(meanings, held, None).reading.left
    else:
        medicine = decoded(Medicine, raw)
        concept = medicine.medication_codeable_concept if medicine else None
        return concept is not None and any(meanings.key(coding) in meanings.medicines for coding in concept.coding)
    return not (left and left[0].word in _OF_NO_INTEREST)


# --- children one by one ------------------------------------------------------------------------------------------------------

_AT_ONCE = 16_000_000  # bytes of resources that are read together
_MOST_PARTS = 200


class Apart:
    """The resources of marked children, set apart in files of the work folder: each child's all in one file."""

    def __init__(self, folder: Path, children: list[str], bytes_expected: int):
        number = min(_MOST_PARTS, max(1, bytes_expected // _AT_ONCE), max(1, len(children)))
        self.part = {child: place * number // len(children) for place, child in enumerate(children)}
        self.paths = [folder / f"apart-{place}.ndjson" for place in range(number)]
        self._files: list[BinaryIO] = [path.open("wb") for path in self.paths]

    def add(self, parts: Iterable[int], raw: bytes) -> None:
        for part in parts:
            self._files[part].write(raw + b"\n")

    @property
    def all(self) -> range:
        return range(len(self.paths))

    def close(self) -> None:
        for file in self._files:
            file.close()

    def remove(self) -> None:
        self.close()
        for path in self.paths:
            path.unlink(missing_ok=True)


def set_apart(export: Export, whom: Whom, twice: dict[str, bool], apart: Apart) -> Iterator[Reject]:
    """Sets every resource about a marked child apart, other versions of it, and what it refers to; gives those of a wrong shape.

    `twice` are the names that stand more than once, and whether they are about several people: those go everywhere.
    """
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for file in sorted(export.files, key=lambda file: not file.kinds.isdisjoint((MEDICATION, ENCOUNTER))):
        for line, raw in lines_of(file.path):
            seen = None if wrong_with(raw) else decoded(_Seen, raw) or _of_wrong_shape(raw)
            if seen is None:
                continue
            name = f"{seen.resource_type}/{seen.id}"
            if seen.resource_type in (MEDICATION, ENCOUNTER):
                apart.add(wanted.get(name, ()), raw)
            elif (
                seen.resource_type in READ
                and _one(whom, twice, apart, wanted, seen, raw)
                and decoded(_SHAPES[seen.resource_type], raw) is None
            ):
                yield Reject(file.name, line, name, InputProblem("cohort-fhir-malformed", file=file.name, line=line))


def _one(whom: Whom, twice: dict[str, bool], apart: Apart, wanted: defaultdict[str, set[int]], seen: _Seen, raw: bytes) -> bool:
    """Whether a resource was set apart for its child."""
    visit = seen.encounter or seen.context
    child = seen.id if seen.resource_type == PATIENT else whom.of(seen.subject, visit)
    part = apart.part.get(child)
    if twice.get(f"{seen.resource_type}/{seen.id}"):
        apart.add(apart.all, raw)
        return part is not None
    if part is None:
        return False
    apart.add((part,), raw)
    for reference in (visit, seen.medication_reference):
        if reference is not None and reference.reference:
            wanted[last_two(reference.reference)].add(part)
    return True


def _of_wrong_shape(raw: bytes) -> _Seen | None:
    """Whom a resource is about that is odd somewhere else."""
    named = decoded(_Named, raw)
    if named is None:
        return None
    return _Seen(named.resource_type, named.id, decoded(Reference, named.subject) if bytes(named.subject) else None)


class Told(msgspec.Struct):
    """What the one-child reader said of a child, and what it left."""

    child: str
    facts: dict[str, Fact]
    counters: Counter[str]


def one_by_one(meanings: Meanings, apart: Apart) -> Iterator[Told]:
    """The marked children, read by the one-child reader; other versions are counted under the child ""."""
    apart.close()
    for place, path in enumerate(apart.paths):
        data = path.read_bytes()
        if not data.strip():
            continue
        opened = open_bytes(data, path.name)
        counters = Counter(f"cohort-fhir-{why}" for why in older_versions(opened.resources).values())
        yield Told("", {}, counters)
        for record in read_children(meanings, opened):
            child = _child_of(record)
            if apart.part.get(child) == place:
                yield Told(child, record.facts, _left(record))


def _child_of(record: FhirRecord) -> str:
    if record.patient is not None:
        return next(held.id for held in record.resources if held.number == record.patient)
    return record.person.removeprefix("Patient/") if record.person.startswith("Patient/") else ""


def _left(record: FhirRecord) -> Counter[str]:
    """Every reason that is a problem of the data; what has a wrong shape is among the rejects already."""
    words = (counted(account.left) for account in record.accounts if account.left)
    return Counter(word for word in words if word and word != "cohort-fhir-malformed")


def long_rows(dictionary: Dictionary, numbers: dict[str, int], told: Told) -> Iterator[tuple[Value, ...]]:
    """A child's facts as rows of (child, fact, values)."""
    for name, fact in told.facts.items():
        yield numbers[told.child], dictionary.facts.index(name), *dictionary.compared(fact)

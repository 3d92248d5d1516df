"""Whom a resource is about: references followed by FHIR's rules, and the people of a record told apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote

from remission.record.fhir.files import Held, decoded
from remission.record.fhir.moments import read_moment
from remission.record.fhir.shapes import Encounter, Patient, Reference

_WEB = ("http://", "https://")
NOBODY = ""


class Directory:
    """All resources of a record by the names under which others may refer to them."""

    def __init__(self, resources: Iterable[Held]):
        self.held = {held.number: held for held in resources}
        self._by_address: dict[str, int] = {}
        self._by_name: defaultdict[str, list[Held]] = defaultdict(list)
        self._contained: dict[tuple[int, str], int] = {}
        self._known: dict[str, Held | None] = {}
        self.followed: dict[int, int] = {}  # a resource that was looked up, and for which one
        self._by_identifier: dict[tuple[str, str], int] | None = None
        for held in self.held.values():
            if held.inside:
                self._contained[held.inside, held.id] = held.number
                continue
            if held.address:
                self._by_address[held.address] = held.number
            if held.id:
                self._by_name[held.name].append(held)

    def find(self, reference: Reference | None, of: Held) -> Held | None:
        """The resource that `of` refers to, if it stands in this record: contained, by address, relative, or by identifier."""
        if reference is None:
            return None
        if of.address or reference.reference.startswith("#") or not reference.reference:
            return self._find(reference, of)
        if reference.reference not in self._known:  # the same for every resource without an address
            self._known[reference.reference] = self._find(reference, of)
        return self._known[reference.reference]

    def _find(self, reference: Reference, of: Held) -> Held | None:
        written = reference.reference.partition("/_history/")[0]
        if written.startswith("#"):
            return self._held(self._contained.get((of.inside or of.number, written[1:])))
        if "?identifier=" in written:
            system, _, value = unquote(written.partition("?identifier=")[2]).rpartition("|")
            return self._identified(system, value)
        if not written and reference.identifier:
            return self._identified(reference.identifier.system, reference.identifier.value)
        return self._held(self._by_address.get(written)) or self._by_place(written, of)

    def _by_place(self, written: str, of: Held) -> Held | None:
        """A relative reference from its own server, or a name that only one resource has and no other server claims."""
        absolute, from_web = written.startswith(_WEB), of.address.startswith(_WEB)
        if from_web and not absolute:
            base = of.address.rsplit("/", 2)[0]
            return self._held(self._by_address.get(f"{base}/{written}")) or self._only("/".join(written.split("/")[-2:]), True)
        return self._only("/".join(written.split("/")[-2:]), absolute)

    def _only(self, name: str, without_server: bool) -> Held | None:
        named = self._by_name.get(name, [])
        known = [held for held in named if not (without_server and held.address.startswith(_WEB))]
        return known[0] if len(known) == 1 else None

    def _held(self, number: int | None) -> Held | None:
        return self.held.get(number) if number else None

    def _identified(self, system: str, value: str) -> Held | None:
        if self._by_identifier is None:
            self._by_identifier = dict(self._identifiers())
        return self._held(self._by_identifier.get((system, value))) if value else None

    def _identifiers(self) -> Iterable[tuple[tuple[str, str], int]]:
        for held in self.held.values():
            patient = decoded(Patient, held.raw) if held.type == "Patient" else None
            for identifier in patient.identifier if patient else ():
                yield (identifier.system, identifier.value), held.number

    def person(self, of: Held, subject: Reference | None, encounter: Reference | None = None) -> str:
        """A key for the person a resource is about; `NOBODY` when it does not say.

        Somebody who is in the record has the key "#" and the number of the Patient; anybody else the reference as written.
        """
        if subject is None or not (subject.reference or subject.identifier):
            visit = self.find(encounter, of)
            met = decoded(Encounter, visit.raw) if visit and visit.type == "Encounter" else None
            if visit is None or met is None or met.subject is None:
                return NOBODY
            self.followed[visit.number] = of.number
            return self.person(visit, met.subject)
        found = self.find(subject, of)
        if found is not None:
            return f"#{found.number}" if found.type == "Patient" else f"{found.type}/"
        named = subject.identifier
        return subject.reference.partition("/_history/")[0] or (f"{named.system}|{named.value}" if named else NOBODY)


def older_versions(resources: Iterable[Held]) -> dict[int, str]:
    """Resources that are not the newest of their name, and why: "same-again", "older-version" or "two-versions".

    Where two differ and neither says that it is newer, none of them counts.
    """
    standing = [held for held in resources if held.id and not held.inside]
    names = [held.address if held.address.startswith(_WEB) else held.name for held in standing]
    if len(set(names)) == len(names):
        return {}
    named: defaultdict[str, list[Held]] = defaultdict(list)
    for name, held in zip(names, standing, strict=True):
        named[name].append(held)
    return {number: why for several in named.values() if len(several) > 1 for number, why in _older(several)}


def _older(several: list[Held]) -> Iterable[tuple[int, str]]:
    newest = max(several, key=_age_of)
    rivals = [held for held in several if _age_of(held) == _age_of(newest) and bytes(held.raw) != bytes(newest.raw)]
    if rivals:
        yield from ((held.number, "two-versions") for held in several)
        return
    for held in several:
        if held is not newest:
            yield held.number, "same-again" if bytes(held.raw) == bytes(newest.raw) else "older-version"


def _age_of(held: Held) -> tuple[str, int]:
    """What makes a version newer: when it was written, then its number. Times in other zones compare by their instant."""
    moment = read_moment(held.updated)
    at = (moment.instant.isoformat() if moment.instant else moment.first.isoformat()) if moment else ""
    return at, int(held.version) if held.version.isdecimal() and len(held.version) < 10 else 0

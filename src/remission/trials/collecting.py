"""Brings records of any format into one snapshot: places numbered once, cities located."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from remission.knowledge.model import Frozen
from remission.knowledge.trials import Opening, Place, Snapshot, Study, fingerprint
from remission.trials.geography import Gazetteer


class Sited(Frozen, frozen=True):
    """A site of one study as its record states it."""

    place: Place
    status: str = ""
    since: str = ""


class Record(Frozen, frozen=True):
    """A study as it was read, with its sites beside it."""

    study: Study
    sites: tuple[Sited, ...] = ()


def snapshot_of(records: Iterable[Record], registry: str, taken: str) -> Snapshot:
    """All records as one snapshot. A study that comes twice counts as it came last."""
    numbers: dict[Place, int] = {}
    studies: dict[str, Study] = {}
    for record in records:
        openings = [Opening(numbers.setdefault(each.place, len(numbers)), each.status, each.since) for each in record.sites]
        studies[record.study.id] = replace(record.study, sites=tuple(dict.fromkeys(openings)))
    return Snapshot(registry=registry, taken=taken, studies=tuple(studies[key] for key in sorted(studies)), places=tuple(numbers))


def records_of(snapshot: Snapshot) -> Iterable[Record]:
    """The records of a snapshot again, each with its sites beside it."""
    for study in snapshot.studies:
        sites = tuple(Sited(snapshot.places[opening.place], opening.status, opening.since) for opening in study.sites)
        yield Record(replace(study, sites=()), sites)


def located(record: Record, gazetteer: Gazetteer) -> Record:
    """The record with the city's coordinates at each site that has none of its own; a city nobody knows stays without.

    A site that is entered under a person's name loses that name.
    """
    return replace(record, sites=tuple(replace(each, place=_located(each.place, gazetteer)) for each in record.sites))


def _located(place: Place, gazetteer: Gazetteer) -> Place:
    if fingerprint(place.name) in gazetteer.withheld:
        place = replace(place, name="")
    if place.lat is not None and place.lon is not None:
        return place
    at = gazetteer.locate(place)
    return replace(place, lat=at[0], lon=at[1], exact=False) if at else replace(place, lat=None, lon=None)

"""Searches a snapshot: which studies, how far, and how each criterion stands. Nothing is hidden because it is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal

from msgspec.structs import replace

from remission.knowledge.model import Frozen, Library
from remission.knowledge.trials import Hospital, Opening, Place, Snapshot, Study, TrialKnowledge, folded
from remission.record.problems import InputProblem
from remission.trials.criteria import Asked, Comparison, Criterion, said_of
from remission.trials.geography import Gazetteer, Point, Spot, between_km, distance_km, point, spelt_out
from remission.trials.kinds import Disease, Kinds

StatusAsked = Literal["open", "recruiting", "soon", "closed", "all"]
STATUSES_ASKED: tuple[StatusAsked, ...] = ("open", "recruiting", "soon", "closed", "all")
_SHORTEST_NAME = 4  # of a center: a shorter one would be found in every other
_MOST_CITIES = 3  # in which one center may have houses
_SITE_OPEN = frozenset({"RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION", "AVAILABLE", "ACTIVE", ""})


class Query(Frozen, frozen=True):
    """What is asked. `within` is in kilometers; `words` must all stand in title, conditions or medicines of a study."""

    asked: Asked = Asked()
    near: Spot | None = None
    within: float | None = None
    status: StatusAsked = "open"
    words: str = ""


class SiteFound(Frozen, frozen=True):
    """A site of a study, how far it is (None: its place is not known, or nobody asked from where), and its own status."""

    place: Place
    opening: Opening
    km: float | None = None


class Found(Frozen, frozen=True, dict=True):
    """A study and how it stands. `places` are all of the snapshot, `distances` how far each is; `nearest` is the study's own."""

    study: Study
    disease: Disease
    criteria: tuple[Criterion, ...]
    places: tuple[Place, ...]
    distances: list[float | None]
    nearest: float | None

    @cached_property
    def sites(self) -> tuple[SiteFound, ...]:
        """Its sites, nearest first, those whose distance is not known last; in the order of the record where nobody asked."""
        sites = [SiteFound(self.places[each.place], each, self.distances[each.place]) for each in self.study.sites]
        return tuple(sorted(sites, key=lambda site: (site.km is None, site.km or 0.0)))

    def criterion(self, criterion_id: str) -> Criterion | None:
        return next((criterion for criterion in self.criteria if criterion.id == criterion_id), None)

    @property
    def is_ruled_out(self) -> bool:
        """Whether a stated condition does not fit. The status is not one: who asks for closed studies wants to see them."""
        return any(criterion.verdict == "not-met" for criterion in self.criteria if criterion.id != "status")


class Answer(Frozen, frozen=True):
    """What was found: first what nothing speaks against, then what a stated criterion speaks against. `asks` are the facts that
    would sharpen the answer, the one that most studies wait for first."""

    query: Query
    snapshot: Snapshot
    found: tuple[Found, ...]
    ruled_out: tuple[Found, ...]
    asks: tuple[str, ...]


class HospitalFound(Frozen, frozen=True):
    """A hospital that is listed for trials of childhood ALL. `open_now` are the ids of open studies that list it."""

    hospital: Hospital
    km: float | None
    open_now: tuple[str, ...]
    own: bool = False
    phone: str = ""


class Trials:
    """All that a search needs, built once: the compiled knowledge, the tables and a snapshot."""

    def __init__(self, library: Library, known: TrialKnowledge, snapshot: Snapshot | None = None):
        self.known = known
        self.snapshot = snapshot or known.snapshot
        self.kinds = Kinds(known.types)
        self.comparison = Comparison(library, known.criteria)
        self._by_id = {study.id: study for study in self.snapshot.studies}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The places that can be looked from. Only who names one needs it."""
        return Gazetteer(self.known)

    @cached_property
    def spanish_countries(self) -> Mapping[str, str]:
        """The Spanish name of a country as registries write it."""
        countries = [region for region in self.known.regions if region.es and not region.code]
        return {name: country.es for country in countries for name in (country.name, *country.also)}

    def study(self, study_id: str) -> Study:
        """The study with this number. Raises `InputProblem`."""
        found = self._by_id.get(study_id.strip().upper())
        if found is None:
            raise InputProblem("trials-study-unknown", id=study_id)
        return found

    def search(self, query: Query) -> Answer:
        """The studies that fit what is asked, in the order in which a family would want to read them."""
        distances = self._distances(query.near)
        words = [folded(word) for word in query.words.split()]
        found = [
            self._found(study, query, distances)
            for study in self.snapshot.studies
            if self._is_asked(study, query.status) and (not words or _mentions(study, words))
        ]
        kept = [each for each in found if query.within is None or not _is_far(each)]
        fitting = sorted((each for each in kept if not each.is_ruled_out), key=_order)
        ruled_out = sorted((each for each in kept if each.is_ruled_out), key=_order)
        return Answer(query, self.snapshot, tuple(fitting), tuple(ruled_out), _asks(fitting))

    def compare(self, study_id: str, query: Query) -> Found:
        """One study, whatever its status and distance."""
        return self._found(self.study(study_id), query, self._distances(query.near))

    def _is_asked(self, study: Study, status: StatusAsked) -> bool:
        if status in ("open", "closed"):
            return (study.status in self.known.registry.open_statuses) == (status == "open")
        return status == "all" or study.status == ("RECRUITING" if status == "recruiting" else "NOT_YET_RECRUITING")

    def _distances(self, near: Spot | None) -> list[float | None]:
        """How far each place of the snapshot is; the same coordinates are measured once."""
        if near is None:
            return [None] * len(self.snapshot.places)
        points, point_of = self._points
        here = point(near.lat, near.lon)
        measured = [None if there is None else between_km(here, there) for there in points]
        return [measured[number] for number in point_of]

    @cached_property
    def _points(self) -> tuple[list[Point | None], list[int]]:
        """All coordinates of the snapshot, each once, and which of them belongs to each place."""
        numbers: dict[tuple[float, float] | None, int] = {}
        pairs = (None if place.lat is None or place.lon is None else (place.lat, place.lon) for place in self.snapshot.places)
        point_of = [numbers.setdefault(pair, len(numbers)) for pair in pairs]
        return [point(*pair) if pair else None for pair in numbers], point_of

    def _found(self, study: Study, query: Query, distances: list[float | None]) -> Found:
        disease = self.kinds.study(study)
        known = [km for opening in study.sites if (km := distances[opening.place]) is not None]
        said = said_of(study, disease, query.asked.age, _place(study, query, distances))
        criteria = self.comparison.criteria(said, query.asked)
        return Found(study, disease, criteria, self.snapshot.places, distances, min(known, default=None))

    def hospitals(self, near: Spot | None, within: float | None = None, own: Iterable[str] = ()) -> tuple[HospitalFound, ...]:
        """Hospitals that are listed for trials of childhood ALL, nearest first; the family's own come before all others.

        A hospital listed under two spellings that differ in case and punctuation only is told once.
        """
        mine = {key for name in own for key in self.called(name) if not self.is_general(name)}
        openings = self._openings
        found = [_hospital(each, near, openings.get(key, ((), "")), key in mine) for key, each in self._hospitals.items()]
        kept = [each for each in found if each.own or within is None or (each.km is not None and each.km <= within)]
        return tuple(sorted(kept, key=lambda each: (not each.own, each.km is None, each.km or 0.0, each.hospital.name)))

    def is_general(self, name: str) -> bool:
        """Whether hospitals of many cities bear this name ("Children's Hospital"): then none of them is meant for sure."""
        return len({city for _, city in self.called(name)}) > _MOST_CITIES

    def called(self, name: str) -> list[tuple[str, str]]:
        """The hospitals that bear this name, alone or among other words; else one whose name and city it says."""
        words = spelt_out(folded(name))
        if len(words) < _SHORTEST_NAME:
            return []
        bear = [key for key in self._hospitals if f" {words} " in f" {spelt_out(key[0])} "]
        return bear or [key for key in self._hospitals if words == spelt_out(" ".join(key))]

    @cached_property
    def _hospitals(self) -> dict[tuple[str, str], Hospital]:
        """The hospitals by name and city, each once."""
        merged: dict[tuple[str, str], Hospital] = {}
        for hospital in self.known.hospitals:
            key = (folded(hospital.name), folded(hospital.city))
            merged[key] = _with_trials(merged[key], hospital.trials) if key in merged else hospital
        return merged

    @cached_property
    def _openings(self) -> Mapping[tuple[str, str], tuple[tuple[str, ...], str]]:
        """For each hospital of the snapshot the open studies that list it, and its phone where the registry gives one."""
        found: dict[tuple[str, str], tuple[tuple[str, ...], str]] = {}
        for study in self.snapshot.studies:
            if study.status not in self.known.registry.open_statuses:
                continue
            for opening in study.sites:
                place = self.snapshot.places[opening.place]
                if opening.status in _SITE_OPEN:
                    key = (folded(place.name), folded(place.city))
                    ids, phone = found.get(key, ((), ""))
                    found[key] = (tuple(dict.fromkeys((*ids, study.id))), phone or place.phone)
        return found


def _hospital(hospital: Hospital, near: Spot | None, openings: tuple[tuple[str, ...], str], is_own: bool) -> HospitalFound:
    known = near is not None and hospital.lat is not None and hospital.lon is not None
    km = distance_km(near.lat, near.lon, hospital.lat, hospital.lon) if known else None  # type: ignore[union-attr, arg-type]
    return HospitalFound(hospital, km, openings[0], is_own, openings[1])


def _with_trials(hospital: Hospital, trials: tuple[str, ...]) -> Hospital:
    return replace(hospital, trials=tuple(dict.fromkeys((*hospital.trials, *trials))))


def _place(study: Study, query: Query, distances: list[float | None]) -> str:
    """How the sites of a study stand to the place that was asked for."""
    if not study.sites:
        return "no-sites"
    if query.near is None or query.within is None:
        return "not-asked"
    near = [opening for opening in study.sites if (km := distances[opening.place]) is not None and km <= query.within]
    if near:
        return "near" if any(opening.status in _SITE_OPEN for opening in near) else "near-closed"
    return "not-located" if any(distances[opening.place] is None for opening in study.sites) else "far"


def _is_far(found: Found) -> bool:
    place = found.criterion("place")
    return place is not None and place.verdict == "not-met"


def _mentions(study: Study, words: list[str]) -> bool:
    text = folded(" ".join((study.id, study.title, study.official_title, study.acronym, *study.conditions, *study.interventions)))
    return all(word in text for word in words)


_FITS = {"lineage": 2, "state": 3, "ph": 1, "disease": 2}


def _order(found: Found) -> tuple[object, ...]:
    """Open before soon; what suits by what is stated or suggested before what does not; near before far; then by number."""
    status = found.criterion("status")
    is_open = status is not None and status.verdict == "met"
    against = sum(weight for name, weight in _FITS.items() if (c := found.criterion(name)) and _speaks_against(c))
    unnamed = found.disease.disease not in ("leukemia", "general")
    km = found.nearest
    return (not is_open, against + unnamed, km is None, round(km or 0.0, 1), len(found.study.conditions), found.study.id)


def _speaks_against(criterion: Criterion) -> bool:
    return criterion.verdict == "not-met" or "-other" in criterion.why or criterion.why.endswith("suggests-no")


def _asks(found: Iterable[Found]) -> tuple[str, ...]:
    """The facts that are not known and that most studies wait for, first."""
    counts: dict[str, int] = {}
    for each in found:
        for fact in dict.fromkeys(fact for criterion in each.criteria for fact in criterion.ask):
            counts[_asked_as(fact)] = counts.get(_asked_as(fact), 0) + 1
    return tuple(sorted(counts, key=lambda fact: -counts[fact]))


def _asked_as(fact: str) -> str:
    return "age_today" if fact.startswith("age_") else fact

"""Where a place is, how far away, and what to say when it is not on our list. Everything from files that ship; no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from math import asin, cos, dist, radians, sin, sqrt
from typing import TypeVar

from remission.knowledge.model import Frozen
from remission.knowledge.trials import City, Hospital, Place, Region, TrialKnowledge, folded
from remission.record.problems import InputProblem

EARTH_RADIUS_KM = 6371.0088  # mean radius
KM_PER_MILE = 1.609344
_ZIP = re.compile(r"(\d{5})(?:-\d{4})?")
_DISTANCE = re.compile(
    r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>mi|miles?|millas?|km|kilometers?|kilometres?|kil[oó]metros?)?\s*", re.IGNORECASE
)
_OFFERED = 5
_FAR_SMALLER, _ELSEWHERE_KM = 10, 30
T = TypeVar("T")


class Spot(Frozen, frozen=True):
    """Where somebody looks from: its name, its coordinates, and the country that says whether to tell miles or kilometers."""

    name: str
    lat: float
    lon: float
    country: str
    by_zip: bool = False


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The great-circle distance, by the haversine formula."""
    north, east = radians(other_lat - lat), radians(other_lon - lon)
    half = sin(north / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


Point = tuple[float, float, float]  # on a ball of radius 1


def point(lat: float, lon: float) -> Point:
    """A place as a point of the ball, so that many distances from one place are quickly measured."""
    north, east = radians(lat), radians(lon)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)


def between_km(one: Point, other: Point) -> float:
    """The same great-circle distance, from the chord between two points."""
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, dist(one, other) / 2))


def certain(cities: Sequence[T], of: Callable[[T], tuple[int, float, float]]) -> T | None:
    """The city that is meant by a name alone: the largest, unless another of the name lies elsewhere and is not far smaller.

    `of` tells a city's people, latitude and longitude. A distance that may be wrong by hundreds of kilometers is worse than none.
    """
    if not cities:
        return None
    largest = max(cities, key=lambda city: of(city)[0])
    people, *where = of(largest)
    for other in cities:
        its_people, *elsewhere = of(other)
        if its_people * _FAR_SMALLER > people and distance_km(*where, *elsewhere) > _ELSEWHERE_KM:
            return None
    return largest


def read_distance(written: str, in_miles: bool) -> float:
    """Kilometers of "100mi", "100 miles", "150 km", or "100" in the unit of the country. Raises `InputProblem`."""
    match = _DISTANCE.fullmatch(written)
    if match is None or float(match["number"]) <= 0:
        raise InputProblem("trials-distance-unreadable", value=written)
    unit = (match["unit"] or ("mi" if in_miles else "km")).lower()
    return float(match["number"]) * (KM_PER_MILE if unit.startswith("mi") else 1.0)


class Gazetteer:
    """Finds places by name or by ZIP. Built once from what is compiled."""

    def __init__(self, known: TrialKnowledge):
        self.cities = known.cities
        self.miles_in = frozenset(known.registry.miles_in)
        self.countries = {name: region.country for region in known.regions if not region.code for name in _names(region)}
        self.states = {(r.country, name): r.code for r in known.regions if r.code for name in (folded(r.code), *_names(r))}
        self.country_names = {region.country: region.name for region in known.regions if not region.code}
        self.by_name: dict[str, list[int]] = {}
        for number, city in enumerate(known.cities):
            for name in city.names:
                self.by_name.setdefault(name, []).append(number)
        self.by_zip = _zips(known)

    def find(self, written: str) -> Spot:
        """The place that was written: "Washington, DC", "Bogotá", "20010". Raises `InputProblem` with near spellings otherwise."""
        text = " ".join(written.split())
        if not text or len(text) > 100:
            raise InputProblem("trials-place-empty")
        if match := _ZIP.fullmatch(text):
            return self._by_zip(match[1])
        name, *rest = [part for part in map(folded, text.split(",")) if part] or [""]
        found = [number for number in self.by_name.get(name, []) if all(self._lies_in(self.cities[number], part) for part in rest)]
        if not found and not rest:
            found = self._with_state_behind(name)
        if not found:
            raise self._unknown(text, name, rest)
        return self._spot(self._largest(text, found, bool(rest)))

    def locate(self, place: Place) -> tuple[float, float] | None:
        """The coordinates of the city of a site; None when it is not certain which city. A state that is written must fit."""
        country = self.countries.get(folded(place.country), "")
        numbers = [n for n in self.by_name.get(folded(place.city), []) if self.cities[n].country == country]
        if place.state and country in ("US", "CA"):
            numbers = [n for n in numbers if self._lies_in(self.cities[n], folded(place.state))]
        if not numbers or (country == "US" and not place.state):
            return None
        city = certain([self.cities[number] for number in numbers], lambda each: (each.people, each.lat, each.lon))
        return (city.lat, city.lon) if city else None

    def in_miles(self, spot: Spot | None) -> bool:
        return spot is None or spot.country in self.miles_in

    def _lies_in(self, city: City, part: str) -> bool:
        """Whether a city lies in the state or country that this (folded) word names."""
        if self.states.get((city.country, part)) == city.region != "":
            return True
        return self.countries.get(part, part.upper() if len(part) == 2 else "") == city.country

    def _with_state_behind(self, name: str) -> list[int]:
        """ "washington dc" without a comma: the last words are tried as a state or a country."""
        words = name.split()
        for cut in range(len(words) - 1, 0, -1):
            head, tail = " ".join(words[:cut]), " ".join(words[cut:])
            found = [number for number in self.by_name.get(head, []) if self._lies_in(self.cities[number], tail)]
            if found:
                return found
        return []

    def _largest(self, written: str, found: list[int], was_narrowed: bool) -> City:
        """The one that is meant: the largest, if it is ten times as large as the next or was narrowed down; otherwise all are
        shown."""
        ranked = sorted((self.cities[number] for number in found), key=lambda city: -city.people)
        first, *others = ranked
        rivals = [
            city
            for city in others
            if city.people * 10 > first.people and (city.region, city.country) != (first.region, first.country)
        ]
        if rivals and not was_narrowed:
            raise InputProblem("trials-place-several", place=written, near="; ".join(map(self.told, [first, *rivals][:_OFFERED])))
        return first

    def told(self, city: City) -> str:
        """A city with its state and country, as it can be typed again."""
        country = "" if city.country == "US" else self.country_names.get(city.country, city.country)
        return ", ".join(part for part in (city.name, city.region, country) if part)

    def _spot(self, city: City) -> Spot:
        return Spot(self.told(city), city.lat, city.lon, city.country)

    def _by_zip(self, code: str) -> Spot:
        """A ZIP is known only where a hospital of our lists has it. Another is never placed by its neighbours: they are shown."""
        if code in self.by_zip:
            city, lat, lon = self.by_zip[code]
            return Spot(f"{city} {code}", lat, lon, "US", by_zip=True)
        near = sorted((other for other in self.by_zip if other[:3] == code[:3]), key=lambda other: abs(int(other) - int(code)))
        if not near:
            raise InputProblem("trials-zip-unknown", zip=code, count=len(self.by_zip))
        offered = "; ".join(dict.fromkeys(f"{self.by_zip[other][0]} ({other})" for other in near[:_OFFERED]))
        raise InputProblem("trials-zip-unknown-near", zip=code, count=len(self.by_zip), near=offered)

    def _unknown(self, written: str, name: str, rest: list[str]) -> InputProblem:
        """What could have been meant: places of that name elsewhere first, then names spelt nearly so."""
        same = sorted(self.by_name.get(name, []), key=lambda number: -self.cities[number].people)
        near = [number for word in self._near_names(name) for number in self.by_name[word]]
        within = [n for n in near if all(self._lies_in(self.cities[n], part) for part in rest)] if rest else near
        numbers = list(dict.fromkeys([*within, *same, *near]))[:_OFFERED]
        if not numbers:
            return InputProblem("trials-place-unknown", place=written)
        offered = "; ".join(dict.fromkeys(self.told(self.cities[number]) for number in numbers))
        return InputProblem("trials-place-unknown-near", place=written, near=offered)

    def _near_names(self, name: str) -> list[str]:
        candidates = [other for other in self.by_name if abs(len(other) - len(name)) <= 2 and set(name[:2]) & set(other[:2])]
        close = get_close_matches(name, candidates, n=_OFFERED, cutoff=0.75)
        return sorted(close, key=lambda word: -max(self.cities[number].people for number in self.by_name[word]))


def _names(region: Region) -> Iterable[str]:
    return {folded(region.name), *map(folded, region.also)}


def _zips(known: TrialKnowledge) -> dict[str, tuple[str, float, float]]:
    """Every ZIP of the United States under which a site or a hospital with coordinates is listed, with its city."""
    found: dict[str, tuple[str, float, float]] = {}
    listed: list[Hospital | Place] = [*known.hospitals, *known.snapshot.places]
    for site in listed:
        match = _ZIP.fullmatch(site.zip)
        if match and site.country == "United States" and site.lat is not None and site.lon is not None:
            found.setdefault(match[1], (f"{site.city}, {site.state}", site.lat, site.lon))
    return found

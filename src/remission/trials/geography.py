"""Where a place is, how far away, and what to say when it is not on our list. Everything from files that ship; no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from math import asin, cos, dist, radians, sin, sqrt
from typing import TypeVar

from remission.knowledge.model import Frozen, Lang, Text
from remission.knowledge.trials import City, Hospital, Place, Region, TrialKnowledge, folded
from remission.record.problems import InputProblem

EARTH_RADIUS_KM = 6371.0088  # mean radius
KM_PER_MILE = 1.609344
_ZIP = re.compile(r"(\d{5})(?:-\d{4})?")
# A postcode beside a city says no more than the city: "Denver, CO 80202", "Toronto, ON M5G 1X8", "28009 Madrid", "D-80331 München".
_CODE_BEHIND = re.compile(
    r"(?<=[^\W\d])[.,]*\s+(?:\d{4,5}(?:-\d{3,4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})(?=,|$)", re.IGNORECASE
)
_CODE_BEFORE = re.compile(r"^(?:(?:c\.? ?p\.?|[a-z]{1,2}) ?-?)?\d{4,5}(?:-\d{3})?,?\s+(?=[^\W\d])", re.IGNORECASE)
_DISTANCE = re.compile(
    r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>mi\.?|miles?|millas?|kms?\.?|kilometers?|kilometres?|kil[oó]metros?)?\s*",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(?<=\d)[.,](?=\d{3}(?!\d))")  # "1,000 km", "1.000 km": nobody says a distance to the meter
_OFFERED = 5
_FAR_SMALLER, _ELSEWHERE_KM = 10, 30
_KNOWN_BY_NAME = 500_000  # people of a city that is meant before the state or country of its name (Washington)
_LONG = {"st": "saint", "ft": "fort", "mt": "mount"}
_SHORT = {long: short for short, long in _LONG.items()}
_SAINTS = ("US", "CA")  # where these are written both ways
T = TypeVar("T")


class Spot(Frozen, frozen=True):
    """Where somebody looks from: its name, its coordinates, and the country that says whether to tell miles or kilometers."""

    name: Text
    lat: float
    lon: float
    country: str
    by_zip: bool = False


def on_earth(lat: float | None, lon: float | None) -> bool:
    """Whether these can be the coordinates of a hospital. Twice zero is what a registry writes that knew none."""
    return lat is not None and lon is not None and abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0)


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
    match = _DISTANCE.fullmatch(_THOUSANDS.sub("", written).replace(",", "."))
    if match is None or float(match["number"]) <= 0:
        raise InputProblem("trials-distance-unreadable", value=written)
    unit = (match["unit"] or ("mi" if in_miles else "km")).lower()
    return float(match["number"]) * (KM_PER_MILE if unit.startswith("mi") else 1.0)


class Gazetteer:
    """Finds places by name or by ZIP. Built once from what is compiled."""

    def __init__(self, known: TrialKnowledge):
        self.cities = known.cities
        self.withheld = known.withheld
        self.miles_in = frozenset(known.registry.miles_in)
        self.countries = {name: region.country for region in known.regions if not region.code for name in _names(region)}
        self.states = {(r.country, name): r.code for r in known.regions if r.code for name in (folded(r.code), *_names(r))}
        self.country_of = {region.country: region for region in known.regions if not region.code}
        self.by_name: dict[str, list[int]] = {}
        for number, city in enumerate(known.cities):
            names = city.names if city.country not in _SAINTS else dict.fromkeys(s for name in city.names for s in _spellings(name))
            for name in names:
                self.by_name.setdefault(name, []).append(number)
        self.by_zip = _zips(known)

    def find(self, written: str) -> Spot:
        """The place that was written: "Washington, DC", "Bogotá", "20010". Raises `InputProblem` with near spellings otherwise."""
        text = " ".join(written.split())
        if not text or len(text) > 100:
            raise InputProblem("trials-place-empty")
        if match := _ZIP.fullmatch(text):
            return self._by_zip(match[1])
        bare = _CODE_BEFORE.sub("", _CODE_BEHIND.sub("", text))
        name, *rest = [part for part in map(folded, bare.split(",")) if part] or [""]
        found = self._within(self.by_name.get(name, []), rest) or self._otherwise(name, rest)
        if not rest and not self._is_meant(name, found) and (inside := self._inside(name)):
            raise InputProblem("trials-place-wide", place=text, near=self._offered(inside))
        if not found:
            raise self._unknown(text, name, rest)
        return self._spot(self._largest(text, name, found))

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

    def has(self, city: str, country: str) -> bool:
        """Whether this is a city of that country, as a registry writes both."""
        code = self.countries.get(folded(country), "")
        return any(self.cities[number].country == code for number in self.by_name.get(folded(city), []))

    def in_miles(self, spot: Spot | None) -> bool:
        return spot is None or spot.country in self.miles_in

    def _lies_in(self, city: City, part: str) -> bool:
        """Whether a city lies in the state or country that this (folded) word names."""
        return self._is_in_state(city, part) or self.countries.get(part, part.upper() if len(part) == 2 else "") == city.country

    def _is_in_state(self, city: City, part: str) -> bool:
        return self.states.get((city.country, part)) == city.region != ""

    def _within(self, numbers: list[int], parts: list[str]) -> list[int]:
        """The cities that lie in all of these. What is short for both is a state before a country: "Salem, IN" is in Indiana."""
        for lies in (self._is_in_state, self._lies_in):
            if found := [number for number in numbers if all(lies(self.cities[number], part) for part in parts)]:
                return found
        return []

    def _otherwise(self, name: str, rest: list[str]) -> list[int]:
        """Read once more: the comma as a part of the name ("Bogotá, D.C."), a state without its comma ("washington dc"), and a
        district that is called like its city ("Lima, Lima")."""
        if rest and (found := self._within(self.by_name.get(f"{name} {rest[0]}", []), rest[1:])):
            return found
        words = name.split()
        for cut in range(len(words) - 1, 0, -1):
            if found := self._within(self.by_name.get(" ".join(words[:cut]), []), [" ".join(words[cut:]), *rest]):
                return found
        others = [part for part in rest if part != name]
        return self._within(self.by_name.get(name, []), others) if len(others) < len(rest) else []

    def _is_meant(self, name: str, found: list[int]) -> bool:
        """Whether a city is meant by the name of a state or country: one that lies in it (New York, Panama), or is that large."""
        return any(self._lies_in(self.cities[n], name) or self.cities[n].people >= _KNOWN_BY_NAME for n in found)

    def _inside(self, name: str) -> list[City]:
        """The cities of the state or country that bears this name, the largest first; none where it is no such name."""
        if len(name) <= 2:
            return []
        return sorted((city for city in self.cities if self._lies_in(city, name)), key=lambda city: -city.people)

    def _largest(self, written: str, name: str, found: list[int]) -> City:
        """The one that is meant: the largest, unless another of the name lies elsewhere and is not far smaller; then all are shown.

        One that goes by the name in other tongues or times only (Amman was Philadelphia) is no rival to one that bears it.
        """
        first, *others = sorted((self.cities[number] for number in found), key=lambda city: -city.people)
        rivals = [
            city
            for city in others
            if city.people * _FAR_SMALLER > first.people
            and (city.region, city.country) != (first.region, first.country)
            and (name in folded(city.name) or name not in folded(first.name))
        ]
        if rivals:
            raise InputProblem("trials-place-several", place=written, near=self._offered([first, *rivals]))
        return first

    def told(self, city: City, lang: Lang) -> str:
        """A city with its state and country, as it can be typed again."""
        country = self.country_of.get(city.country)
        named = "" if city.country == "US" else country.in_(lang) if country else city.country
        return ", ".join(part for part in (city.in_(lang), city.region, named) if part)

    def _offered(self, cities: Iterable[City]) -> Text:
        """The first few, each once."""
        each = {(self.told(city, "en"), self.told(city, "es")): None for city in cities}
        return Text(*("; ".join(told[:_OFFERED]) for told in zip(*each, strict=True)))

    def _spot(self, city: City) -> Spot:
        return Spot(Text(en=self.told(city, "en"), es=self.told(city, "es")), city.lat, city.lon, city.country)

    def _by_zip(self, code: str) -> Spot:
        """A ZIP is known only where a hospital of our lists has it. Another is never placed by its neighbours: they are shown."""
        if code in self.by_zip:
            city, lat, lon = self.by_zip[code]
            return Spot(Text(en=f"{city} {code}", es=f"{city} {code}"), lat, lon, "US", by_zip=True)
        near = sorted((other for other in self.by_zip if other[:3] == code[:3]), key=lambda other: abs(int(other) - int(code)))
        if not near:
            raise InputProblem("trials-zip-unknown", zip=code, count=len(self.by_zip))
        offered = "; ".join(dict.fromkeys(f"{self.by_zip[other][0]} ({other})" for other in near[:_OFFERED]))
        raise InputProblem("trials-zip-unknown-near", zip=code, count=len(self.by_zip), near=offered)

    def _unknown(self, written: str, name: str, rest: list[str]) -> InputProblem:
        """What could have been meant: places of that name elsewhere first, then names spelt nearly so."""
        same = self._by_size(name)
        near = [number for word in self._near_names(name) for number in self._by_size(word)]
        inside = self._within(near, rest)
        if same and rest and not inside and not self._is_region(rest[0]):
            return InputProblem("trials-place-behind", place=written, near=self._offered(self.cities[number] for number in same))
        numbers = [*inside, *same] or near
        if not numbers:
            return InputProblem("trials-place-unknown", place=written)
        return InputProblem(
            "trials-place-unknown-near", place=written, near=self._offered(self.cities[number] for number in numbers)
        )

    def _is_region(self, part: str) -> bool:
        return part in self.countries or any(part == name for _, name in self.states)

    def _by_size(self, name: str) -> list[int]:
        return sorted(self.by_name.get(name, []), key=lambda number: -self.cities[number].people)

    def _near_names(self, name: str) -> list[str]:
        candidates = [other for other in self.by_name if abs(len(other) - len(name)) <= 2 and set(name[:2]) & set(other[:2])]
        close = get_close_matches(name, candidates, n=_OFFERED, cutoff=0.75)
        return sorted(close, key=lambda word: -self.cities[self._by_size(word)[0]].people)


def spelt_out(name: str) -> str:
    """A folded name with "st" and the like as whole words."""
    return " ".join(_LONG.get(word, word) for word in name.split())


def _spellings(name: str) -> tuple[str, ...]:
    """A name as it stands, and with "Saint", "Fort" and "Mount" written short and long."""
    words = name.split()
    if _LONG.keys().isdisjoint(words) and _SHORT.keys().isdisjoint(words):
        return (name,)
    return (name, *(" ".join(other.get(word, word) for word in words) for other in (_LONG, _SHORT)))


def _names(region: Region) -> Iterable[str]:
    return {folded(region.name), *map(folded, region.also), *([folded(region.es)] if region.es else [])}


def _zips(known: TrialKnowledge) -> dict[str, tuple[str, float, float]]:
    """Every ZIP of the United States under which a site or a hospital with coordinates is listed, with its city."""
    found: dict[str, tuple[str, float, float]] = {}
    listed: list[Hospital | Place] = [*known.hospitals, *known.snapshot.places]
    for site in listed:
        match = _ZIP.fullmatch(site.zip)
        if match and site.country == "United States" and site.lat is not None and site.lon is not None:
            found.setdefault(match[1], (f"{site.city}, {site.state}", site.lat, site.lon))
    return found

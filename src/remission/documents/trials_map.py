"""A map without a map: where places lie around one place, north up, with rings at round distances.

Each place stands at its true distance and direction from the middle (the azimuthal equidistant projection). There are no tiles, no
roads and no coasts: nothing has to be fetched. Places that would touch share a mark. Everything on it stands beside it as a list.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import atan2, ceil, cos, log10, radians, sin

from remission.documents.drawing import SMALL, SOFT, WIDTH, Sheet, text_width
from remission.documents.wording import Wording, grouped
from remission.knowledge.model import Frozen
from remission.trials.geography import KM_PER_MILE, Spot

MOST_MARKS = 12
_RADIUS, _MARK, _TOUCH = 160.0, 11.0, 23.0  # pixels: the outermost ring, a mark, and how near two marks may stand
_FEWEST_RINGS, _MOST_RINGS = 1, 4
_LEAST_KM = 10.0  # a map shows at least this much around its middle
_ALWAYS, _LEAP = 4, 4  # so many cities are always shown; the next one must not be so many times as far as the one before
_MIDDLE = WIDTH / 2


class Place(Frozen, frozen=True):
    """Something to show: its name and city, how far (in words too), and what it stands for (studies of the page)."""

    name: str
    city: str
    lat: float
    lon: float
    km: float
    distance: str
    of: tuple[str, ...] = ()


class Mark(Frozen, frozen=True):
    """A number on the map and the places it stands for, nearest first. `of` is all that they stand for, each once."""

    number: int
    places: tuple[Place, ...]

    @property
    def cities(self) -> tuple[tuple[str, str], ...]:
        """Each city once, and how far it is: those that share a mark are not equally far."""
        return tuple({place.city: place.distance for place in reversed(self.places)}.items())[::-1]

    @property
    def of(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for place in self.places for one in place.of))


class Map(Frozen, frozen=True):
    """The drawing, what it says in words, its marks, and how many places are too far to be on it."""

    svg: str
    says: str
    marks: tuple[Mark, ...]
    left_out: int


def drawn_map(words: Wording, here: Spot, places: Iterable[Place], in_miles: bool, within: float | None = None) -> Map | None:
    """The places around `here`, the nearest ones; None when there is nothing to show. `within` (km) is as far as was asked for."""
    near = sorted(places, key=lambda place: (place.km, place.city, place.name))
    kept = _that_fit(near if within is None else [place for place in near if place.km <= within])
    if not kept:
        return None
    step, rings = _rings(max(kept[-1].km, _LEAST_KM), KM_PER_MILE if in_miles else 1.0)
    unit = KM_PER_MILE if in_miles else 1.0
    scale = _RADIUS / (step * unit * rings)
    marks = _marks(here, kept, scale)
    ring = _told(words, step, in_miles)
    says = words.say("map-says", place=here.name.in_(words.lang), ring=ring)
    listed = "; ".join(f"{mark.number}: {', '.join(f'{city} ({far})' for city, far in mark.cities)}" for mark in marks)
    sheet = Sheet(words.say("map-title", place=here.name.in_(words.lang)), f"{says} {listed}", words.lang, WIDTH, ink="")
    _draw(sheet, words, marks, [_at(here, mark.places[0], scale) for mark in marks], rings, ring)
    return Map(sheet.finished(), says, marks, len(near) - len(kept))


def _told(words: Wording, count: int, in_miles: bool) -> str:
    if in_miles and count == 1:
        return words.say("trial-distance-mi-one")
    return words.say("trial-distance-mi" if in_miles else "trial-distance-km", count=grouped(Decimal(count)))


def _that_fit(near: list[Place]) -> list[Place]:
    """The nearest places, as many cities as there may be marks; after the first few none so far that the others become one heap."""
    cities: dict[str, None] = {}
    for number, place in enumerate(near):
        is_far = len(cities) >= _ALWAYS and place.km > _LEAP * max(near[number - 1].km, _LEAST_KM)
        if place.city not in cities and (len(cities) == MOST_MARKS or is_far):
            return near[:number]
        cities[place.city] = None
    return near


def _rings(farthest: float, unit: float) -> tuple[int, int]:
    """How far apart the rings stand, in miles or kilometers (1, 2 or 5 times a power of ten), and how many there are."""
    reach = farthest / unit
    power = 10 ** int(max(0, log10(reach) - 1))
    step = next(times * power for times in (1, 2, 5, 10, 20, 50) if reach / (times * power) <= _MOST_RINGS)
    return step, max(_FEWEST_RINGS, ceil(reach / step))


def _at(here: Spot, place: Place, scale: float) -> tuple[float, float]:
    """Where a place stands, in pixels east and south of the middle."""
    north, other, east = radians(here.lat), radians(place.lat), radians(place.lon - here.lon)
    bearing = atan2(sin(east) * cos(other), cos(north) * sin(other) - sin(north) * cos(other) * cos(east))
    return place.km * scale * sin(bearing), -place.km * scale * cos(bearing)


def _marks(here: Spot, kept: list[Place], scale: float) -> tuple[Mark, ...]:
    """Places that would touch share a mark, which stands where the nearest of them is."""
    groups: list[tuple[tuple[float, float], list[Place]]] = []
    for place in kept:
        x, y = _at(here, place, scale)
        touching = next((group for at, group in groups if (at[0] - x) ** 2 + (at[1] - y) ** 2 < _TOUCH**2), None)
        if touching is None:
            groups.append(((x, y), [place]))
        else:
            touching.append(place)
    return tuple(Mark(number, tuple(group)) for number, (_, group) in enumerate(groups, 1))


def _draw(sheet: Sheet, words: Wording, marks: tuple[Mark, ...], spots: list[tuple[float, float]], rings: int, ring: str) -> None:
    middle = sheet.y + 16 + _RADIUS
    apart = _RADIUS / rings
    for number in range(1, rings + 1):
        sheet.circle(_MIDDLE, middle, apart * number, line=1)
    sheet.line((_MIDDLE, middle - _RADIUS), (_MIDDLE, middle + _RADIUS), line=1, dotted=True)
    sheet.line((_MIDDLE - _RADIUS, middle), (_MIDDLE + _RADIUS, middle), line=1, dotted=True)
    sheet.write(_MIDDLE, middle - _RADIUS - 6, words.say("map-north"), SMALL, bold=True, anchor="middle")
    sheet.circle(_MIDDLE, middle, _MARK + 5, dashed=True)
    for mark, (x, y) in zip(marks, spots, strict=True):
        sheet.circle(_MIDDLE + x, middle + y, _MARK, fill=SOFT)
        sheet.write(_MIDDLE + x, middle + y + 4.5, str(mark.number), SMALL, bold=True, anchor="middle")
    sheet.y = middle + _RADIUS + 24
    _foot(sheet, words, apart, ring)


def _foot(sheet: Sheet, words: Wording, apart: float, ring: str) -> None:
    """The scale, and what the dashed circle is."""
    left, y = 12.0, sheet.y
    sheet.line((left, y), (left + apart, y))
    for end in (left, left + apart):
        sheet.line((end, y - 5), (end, y + 5))
    sheet.write(left + apart + 8, y + 4.5, ring, SMALL)
    note = words.say("map-you")
    beside = left + apart + 8 + text_width(ring, SMALL) + 30
    if beside + text_width(note, SMALL) + 14 > WIDTH:
        sheet.y = y = y + 26
        beside = left + 8
    sheet.circle(beside, y, 7, dashed=True)
    sheet.write(beside + 14, y + 4.5, note, SMALL)
    sheet.y = y + 6

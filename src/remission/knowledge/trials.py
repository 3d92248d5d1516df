"""Trials and places as data: the shapes of a registry's records, the shipped snapshot, and what the words of a registry mean.

The snapshot and the gazetteer are written as tab-separated text below `knowledge/trials/`, so that a change can be read, and are
compiled into one file that loads in milliseconds. Nothing here decides anything.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from remission.knowledge.model import FactDefinition, Frozen, Lang, Text

T = TypeVar("T")
TRIALS_FILE = "trials.msgpack"
_WHOLE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_SEE = "docs/trials.md"

Unit = Literal["years", "months", "weeks", "days", "hours", "minutes"]
Stated = Literal["stated", "none", "unknown"]


class AgeLimit(Frozen, frozen=True):
    """A limit of age as a registry writes it. `none`: it says that there is no limit; `unknown`: it says nothing, or nothing that
    can be read (then `written` keeps it)."""

    state: Stated = "unknown"
    amount: Decimal = Decimal(0)
    unit: Unit = "years"
    written: str = ""


class Place(Frozen, frozen=True):
    """A site of a study. The coordinates are the registry's own (`exact`) or those of its city; None when neither is known."""

    name: str
    city: str
    state: str = ""
    zip: str = ""
    country: str = ""
    lat: float | None = None
    lon: float | None = None
    exact: bool = False
    phone: str = ""  # of the hospital, never of a person


class Opening(Frozen, frozen=True, array_like=True):
    """A study at a place (its number in the snapshot): its status there and since when, where the registry says so."""

    place: int
    status: str = ""
    since: str = ""


class CriterionLine(Frozen, frozen=True):
    """A line of what a registry writes about who may join. It is shown, never read as met."""

    kind: Literal["inclusion", "exclusion", "other"]
    text: str


class Study(Frozen, frozen=True):
    """A record of a registry, in its own values. A date may be known to the month or year only; an empty field was not stated."""

    id: str
    title: str
    status: str = ""
    status_date: str = ""
    status_date_is: Literal["", "status", "updated", "verified"] = ""
    official_title: str = ""
    acronym: str = ""
    conditions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()  # NCIt, where the registry codes its conditions
    interventions: tuple[str, ...] = ()
    summary: str = ""
    sponsor: str = ""
    phases: tuple[str, ...] = ()
    study_type: str = ""
    purpose: str = ""
    enrollment: int | None = None
    start: str = ""
    completion: str = ""
    sex: str = ""
    minimum_age: AgeLimit = AgeLimit()
    maximum_age: AgeLimit = AgeLimit()
    age_groups: tuple[str, ...] = ()
    healthy_volunteers: Literal["", "yes", "no"] = ""
    criteria: tuple[CriterionLine, ...] = ()
    sites: tuple[Opening, ...] = ()


class Snapshot(Frozen, frozen=True):
    """All records as they stood on a day (`taken`, which may be a month only)."""

    registry: str
    taken: str
    studies: tuple[Study, ...]
    places: tuple[Place, ...]
    shipped: bool = False


class Hospital(Frozen, frozen=True):
    """A hospital that is listed for trials of treatment of childhood ALL, with the coordinates of its city."""

    name: str
    city: str
    state: str
    zip: str
    country: str
    trials: tuple[str, ...]
    lat: float | None = None
    lon: float | None = None


class City(Frozen, frozen=True, array_like=True):
    """A city of GeoNames. `region` is the code of its state (United States, Canada), `names` all its names, folded; `es` is its
    Spanish name where `names.yaml` has one."""

    name: str
    region: str
    country: str
    lat: float
    lon: float
    people: int
    names: tuple[str, ...] = ()
    es: str = ""

    def in_(self, lang: Lang) -> str:
        return (self.es if lang == "es" else "") or self.name


class Region(Frozen, frozen=True, array_like=True):
    """A state or a country by code: its name, other ways to write it, and a country's Spanish name where it is another."""

    country: str
    code: str
    name: str
    also: tuple[str, ...] = ()
    es: str = ""

    def in_(self, lang: Lang) -> str:
        return (self.es if lang == "es" else "") or self.name


class Qualifier(Frozen, frozen=True):
    """Words before or after the name of a disease that say in which state it is ("recurrent") or nothing that matters here."""

    words: tuple[str, ...]
    state: Literal["", "first", "relapsed", "refractory", "remission"] = ""


class CancerType(Frozen, frozen=True):
    """A node of the subtree: its codes, where they were seen, and the names under which registries list it.

    `lineage`, `ph` and `disease` are what the node says; a child of a node says what its parent says as well.
    """

    id: str
    title: Text
    parent: str = ""
    oncotree: str = ""
    ncit: tuple[str, ...] = ()
    source: str = ""
    names: tuple[str, ...] = ()
    lineage: Literal["", "b", "t", "both", "ambiguous"] = ""
    ph: bool = False
    disease: Literal["", "leukemia", "general", "lymphoma"] = ""


class Hint(Frozen, frozen=True):
    """Words in a title or a condition that suggest something, and no more than that."""

    about: Literal["lineage", "state", "ph", "down", "infant", "disease"]
    value: str
    words: tuple[str, ...]


class Types(Frozen, frozen=True):
    """What the conditions of a registry mean."""

    nodes: tuple[CancerType, ...]
    qualifiers: tuple[Qualifier, ...]
    hints: tuple[Hint, ...]


class Registry(Frozen, frozen=True):
    """Where a refresh asks, for what, and how patiently."""

    name: str
    address: str
    record: str  # the address of one record, with {id}
    ask: dict[str, str]
    fields: tuple[str, ...]
    page: int
    timeout: float
    tries: int
    longest_wait: float
    old_after_days: int
    open_statuses: tuple[str, ...]
    statuses: tuple[str, ...]
    miles_in: tuple[str, ...]


class Criteria(Frozen, frozen=True):
    """The inputs of the tables that compare a child with a record, and the tables themselves as `rules` reads them (packed)."""

    facts: tuple[FactDefinition, ...]
    takes: tuple[str, ...]  # facts of the library's own
    tables: bytes


class TrialKnowledge(Frozen, frozen=True):
    """All of it, as it is compiled."""

    registry: Registry
    types: Types
    criteria: Criteria
    snapshot: Snapshot
    hospitals: tuple[Hospital, ...]
    cities: tuple[City, ...]
    regions: tuple[Region, ...]
    withheld: frozenset[str] = frozenset()  # sites that are entered under a person's name, as fingerprints


def folded(text: str) -> str:
    """A name without accents, case and punctuation, to be compared: "St. Jude Children’s" → "st jude childrens"."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)).translate(
        _WHOLE_LETTERS
    )
    return " ".join(re.sub(r"[^\w\s]", " ", re.sub(r"['’‘`.]", "", bare)).split())


def fingerprint(name: str) -> str:
    """A name as a hash, so that a list of names to leave out names nobody."""
    return hashlib.sha256(folded(name).encode()).hexdigest()[:16]


def read_trials(folder: Path, facts: dict[str, FactDefinition]) -> TrialKnowledge:
    """Everything below `knowledge/trials/`. Raises `KnowledgeError` with file and remedy.

    `facts` are the library's own: a table may name them.
    """
    from remission.knowledge.yaml_file import YamlFile

    def read(name: str, shape: type[T]) -> T:
        return YamlFile(folder / name, _SEE).convert(shape)

    places = [Place(**_known(row, Place)) for row in _rows(folder / "sites.tsv")]
    numbers = {row["id"]: number for number, row in enumerate(_rows(folder / "sites.tsv"))}
    about = read("snapshot.yaml", dict[str, str])
    names = YamlFile(folder / "names.yaml", _SEE).content
    return TrialKnowledge(
        registry=read("registry.yaml", Registry),
        types=read("cancer-types.yaml", Types),
        criteria=_read_criteria(folder / "criteria.yaml", facts),
        snapshot=Snapshot(
            registry=about["registry"], taken=about["taken"], shipped=True, places=tuple(places),
            studies=tuple(_study(row, numbers) for row in _rows(folder / "studies.tsv")),
        ),
        hospitals=tuple(_hospital(row) for row in _rows(folder / "hospitals.tsv")),
        cities=tuple(_city(row, names["spanish_cities"]) for row in _rows(folder / "cities.tsv")),
        regions=tuple(Region(r["country"], r["code"], r["name"], _list(r["also"]), r["es"]) for r in _rows(folder / "regions.tsv")),
        withheld=frozenset(names["withheld"]),
    )  # fmt: skip


def compile_trials(root: Path, facts: dict[str, FactDefinition], into: Path) -> tuple[Path, ...]:
    """Writes the trials below `root` (knowledge/) as one file below `into`; returns the files written."""
    written = into / TRIALS_FILE
    written.parent.mkdir(exist_ok=True)
    written.write_bytes(msgspec.msgpack.encode(read_trials(root / "trials", facts)))
    return (written,)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _list(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _coordinates(row: dict[str, str]) -> dict[str, float | None]:
    return {key: float(row[key]) if row[key] else None for key in ("lat", "lon")}


def _known(row: dict[str, str], shape: type[Any]) -> dict[str, Any]:
    fields = {field.name for field in msgspec.structs.fields(shape)}
    return {key: value for key, value in row.items() if key in fields} | _coordinates(row)


def _hospital(row: dict[str, str]) -> Hospital:
    return Hospital(**(_known(row, Hospital) | {"trials": _list(row["trials"])}))


def _city(row: dict[str, str], spanish: dict[str, str]) -> City:
    lat, lon = float(row["lat"]), float(row["lon"])
    names = (folded(row["name"]), *_list(row["names"]))
    return City(row["name"], row["region"], row["country"], lat, lon, int(row["people"]), names, spanish.get(row["id"], ""))


def _study(row: dict[str, str], numbers: dict[str, int]) -> Study:
    """A study of the snapshot. Its limits of age are not stated there, so they stay unknown."""
    given: dict[str, Any] = {
        key: row[key] for key in ("id", "title", "status", "sponsor", "study_type", "sex", "start", "completion")
    }
    given |= {key: _list(row[key]) for key in ("conditions", "phases", "age_groups")}
    sites = tuple(Opening(numbers[site]) for site in row["sites"].split())
    return Study(**given, enrollment=int(row["enrollment"]) if row["enrollment"] else None, sites=sites)


def _read_criteria(path: Path, facts: dict[str, FactDefinition]) -> Criteria:
    """The tables of `criteria.yaml`, written like any scheme, over facts of their own and those of the library that they take."""
    from remission.knowledge.read import CellReader, read_scheme
    from remission.knowledge.yaml_file import YamlFile

    file = YamlFile(path, _SEE)
    own = file.convert(tuple[FactDefinition, ...], file.content["facts"], "$.facts")
    takes = tuple(str(name) for name in file.content["takes"])
    if missing := [name for name in takes if name not in facts]:
        raise file.error("$.takes", f"“{missing[0]}” is no fact of the library.")
    cells = CellReader({name: facts[name] for name in takes} | {fact.id: fact for fact in own})
    tables = [read_scheme(file, _as_scheme(table), cells) for table in file.content["tables"]]
    return Criteria(own, takes, msgspec.msgpack.encode(tables))


def _as_scheme(table: dict[str, Any]) -> dict[str, Any]:
    """A table as a scheme of one table; what each of its rows says stands in `knowledge/words/trials.yaml`."""
    title = table["title"]
    rows = [row | {"status": "background", "cites": []} for row in table["rows"]]
    outcomes = [{"id": outcome, "name": title} for outcome in ("met", "not-met", "ask", "silent")]
    review = {"author": "remission project", "checked_by": None, "last_review": "2026-11-21", "next_review": "2027-11-21"}
    return {
        "id": table["id"], "kind": "supporting", "title": title, "short": title, "about": title, "phase": "diagnosis",
        "applies": [], "outcomes": outcomes, "notes": [], "review": review,
        "tables": [{"id": table["id"], "title": title, "rows": rows}],
    }  # fmt: skip


def main() -> None:
    """`python -m remission.knowledge.trials knowledge FOLDER`: compiles the trials alone."""
    from remission.knowledge.read import read_library

    root, into = Path(sys.argv[1]), Path(sys.argv[2])
    for path in compile_trials(root, read_library(root).facts, into):
        sys.stdout.write(f"{path.stat().st_size:>9,} bytes  {path.name}\n")


if __name__ == "__main__":
    main()

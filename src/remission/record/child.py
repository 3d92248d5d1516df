"""One child's facts, gathered from the command line and from a file, each kept with the words it was given in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from remission.knowledge import ages
from remission.knowledge.model import Frozen, Library
from remission.knowledge.problems import KnowledgeError
from remission.record.facts import Fact
from remission.record.problems import InputProblem, InputProblems
from remission.record.reading import definition_of, read_fact
from remission.record.remarks import Remark

_LARGEST_FILE = 1_000_000
_ABOUT_THE_CHILD = ("label", "invented", "birth_date", "diagnosis_date")
KARYOTYPE = "karyotype"  # no fact, but a string from which facts follow


class Entry(Frozen, frozen=True):
    """One fact as somebody wrote it, and where."""

    fact: str
    written: str
    where: str
    method: str = ""
    limit: str = ""


class ChildFile(Frozen, frozen=True):
    """A child's file: its entries, and whether it says that the child is invented."""

    entries: tuple[Entry, ...]
    label: str = ""
    invented: bool = False


class Gathered(Frozen, frozen=True):
    """The facts of a child, and what a reader should know about where they come from."""

    facts: dict[str, Fact]
    remarks: tuple[Remark, ...] = ()


def gather(library: Library, entries: Iterable[Entry]) -> dict[str, Fact]:
    """The facts of all entries, without what is to be said about them; see `gathered`."""
    return gathered(library, entries).facts


def gathered(library: Library, entries: Iterable[Entry]) -> Gathered:
    """The facts of all entries. Raises `InputProblems` with everything that is wrong, so that it can be mended in one go.

    A fact given twice with the same meaning is taken once; given with two meanings it is refused, showing both. A karyotype adds
    what follows from it and overrides nothing: where it differs from what was given, a remark shows both.
    """
    facts: dict[str, Fact] = {}
    places: dict[str, str] = {}
    problems: list[InputProblem] = []
    listed = list(entries)
    for entry in (entry for entry in listed if entry.fact != KARYOTYPE):
        try:
            fact = _read(library, entry)
            if fact.id in facts and not fact.means_the_same_as(facts[fact.id]):
                raise InputProblem(
                    "two-values", fact=fact.id, label=definition_of(library, fact.id).label,
                    first=facts[fact.id].as_given, first_place=places[fact.id], second=fact.as_given, second_place=entry.where,
                )  # fmt: skip
        except InputProblem as problem:
            problems.append(problem)
            continue
        facts.setdefault(fact.id, fact)
        places.setdefault(fact.id, entry.where)
    remarks = _with_karyotypes(library, facts, places, [entry for entry in listed if entry.fact == KARYOTYPE], problems)
    if problems:
        raise InputProblems(problems)
    return Gathered(facts, remarks)


def _with_karyotypes(
    library: Library, facts: dict[str, Fact], places: dict[str, str], entries: list[Entry], problems: list[InputProblem]
) -> tuple[Remark, ...]:
    """Adds what follows from each karyotype; what is wrong with one is added to the problems."""
    remarks: list[Remark] = []
    for entry in entries:
        from remission.record.karyotype.joining import joined  # only who gives a karyotype needs its reader

        try:
            more, said = joined(library, facts, places, entry.written, entry.where)
        except InputProblem as problem:
            problems.append(problem)
            continue
        facts |= more
        places |= dict.fromkeys(more, entry.where)
        remarks += said
    return tuple(remarks)


def _read(library: Library, entry: Entry) -> Fact:
    try:
        return read_fact(library, entry.fact, entry.written, entry.method, entry.limit)
    except InputProblem as problem:
        raise InputProblem(problem.word, **(problem.values | {"where": entry.where})) from problem


def entry_from_pair(pair: str) -> Entry:
    """An entry from `id=value` as typed after `--fact`."""
    name, equals, written = pair.partition("=")
    if not equals or not name.strip():
        raise InputProblems([InputProblem("pair-unreadable", pair=pair)])
    return Entry(fact=name.strip(), written=written, where=f"--fact {pair}")


def entry_from_dates(born: str, diagnosed: str, where: str) -> Entry:
    """The age at diagnosis from two dates written as 2024-05-01. Raises `InputProblems` when one cannot be read."""
    days = []
    for written in (born, diagnosed):
        try:
            days.append(date.fromisoformat(written.strip()))
        except ValueError:
            raise InputProblems([InputProblem("date-unreadable", value=written, where=where)]) from None
    try:
        age = ages.age_between(days[0], days[1])
    except ValueError:
        raise InputProblems([InputProblem("dates-reversed", born=born, diagnosed=diagnosed, where=where)]) from None
    return Entry(fact="age_days", written=f"{age.normalize():f}d", where=where, method="dates")


def read_child_file(path: Path) -> ChildFile:
    """The entries of a child's file in YAML or JSON. Raises `InputProblems` when it cannot be read as one.

    Facts stand under `facts:` or at the top, each as a plain value (`wbc: 12000/uL`) or as
    `{value, unit, method, limit}` or `{absent: pending}`. A `karyotype:` may stand among them or beside them.
    """
    content = _content_of(path)
    if not isinstance(content, dict):
        raise InputProblems([InputProblem("file-no-child", file=path.name)])
    about = content["child"] if isinstance(content.get("child"), dict) else content
    facts = content.get("facts", {key: value for key, value in content.items() if key not in (*_ABOUT_THE_CHILD, "child")})
    if not isinstance(facts, dict):
        raise InputProblems([InputProblem("file-no-child", file=path.name)])
    facts = {KARYOTYPE: content.get(KARYOTYPE, about.get(KARYOTYPE))} | facts
    entries = [_entry(name, value, path.name) for name, value in facts.items() if value is not None]
    born, diagnosed = about.get("birth_date"), about.get("diagnosis_date")
    if born and diagnosed:
        entries.append(entry_from_dates(str(born), str(diagnosed), f"{path.name}, birth_date"))
    return ChildFile(tuple(entries), str(about.get("label", "")), about.get("invented") is True)


def _content_of(path: Path) -> Any:
    from remission.knowledge import plain_yaml  # only a child who comes in a file needs it

    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputProblems([InputProblem("file-too-large", file=path.name)])
        return plain_yaml.read(path)
    except UnicodeDecodeError:
        raise InputProblems([InputProblem("file-not-text", file=path.name)]) from None
    except OSError as error:
        raise InputProblems([InputProblem("file-unreadable", file=str(path), reason=error.strerror or "")]) from None
    except KnowledgeError as error:
        raise InputProblems([InputProblem("file-malformed", file=error.where, reason=error.problem)]) from None


def _entry(name: Any, value: Any, file: str) -> Entry:
    where = f"{file}, {name}"
    if isinstance(value, dict):
        return _detailed_entry(str(name), value, where)
    if isinstance(value, list):
        return Entry(str(name), "|".join(_written(part) for part in value), where)
    return Entry(str(name), _written(value), where)


def _detailed_entry(name: str, value: dict[Any, Any], where: str) -> Entry:
    unknown = set(value) - {"value", "unit", "method", "limit", "absent"}
    if unknown or ("value" in value) == ("absent" in value):
        raise InputProblems([InputProblem("entry-unreadable", fact=name, where=where)])
    written = f"{_written(value.get('value', value.get('absent')))} {value.get('unit', '')}".strip()
    return Entry(name, written, where, str(value.get("method", "")), str(value.get("limit", "")))


def _written(value: Any) -> str:
    """A YAML value as a person would have typed it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)

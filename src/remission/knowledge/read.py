"""Reads the YAML of `knowledge/` into one frozen `Library`. Says no early, and says where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from remission.knowledge import ages
from remission.knowledge.codes import CodeMap
from remission.knowledge.guide import Count, Guide
from remission.knowledge.history import read_history
from remission.knowledge.karyotype import KaryotypeKnowledge
from remission.knowledge.mapping import Mapping
from remission.knowledge.model import (
    MRD_RESULTS,
    Contradiction,
    FactDefinition,
    Library,
    Licence,
    Scheme,
    Source,
    Text,
    UnitFamily,
)
from remission.knowledge.pictures import Picture
from remission.knowledge.playbook import Conversion, Example, Named, NoteKind, Option, Playbook, Watch, Weekly
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.protocols import Protocol
from remission.knowledge.shelf import GlossaryEntry, PlainWords, Reading, Shelf, Synonyms, Topic
from remission.knowledge.yaml_file import YamlFile

T = TypeVar("T")

_COUNTS = "counts.yaml"
_BOUNDS = {"at_least": ("low", False), "above": ("low", True), "below": ("high", True), "at_most": ("high", False)}


def read_library(root: Path) -> Library:
    """The whole library below `root`. Raises `KnowledgeError` with file, line and remedy at the first file that is wrong."""
    about = YamlFile(root / "library.yaml")
    facts = _by_id(fact for name in about.content["facts"] for fact in _read_all(root / "facts" / f"{name}.yaml", FactDefinition))
    cells = CellReader(facts)
    schemes = _by_id(scheme for path in _yaml_files(root / "schemes") for scheme in _read_schemes(YamlFile(path), cells))
    contradictions = _read_contradictions(YamlFile(root / "facts" / "contradictions.yaml"), cells)
    return Library(
        version=str(about.content["version"]),
        hash=_hash_of(root),
        sources=_by_id(_read_all(root / "sources", Source)),
        licences=YamlFile(root / "licences.yaml").convert(dict[str, Licence]),
        facts=facts,
        units=YamlFile(root / "facts" / "units.yaml").convert(dict[str, UnitFamily]),
        schemes=_in_order(about, schemes),
        contradictions=contradictions,
        mappings=_by_id(file.convert(Mapping) for file in _mapping_files(root) if "columns" in file.content),
        words=_read_words(root / "words") | {f"contradiction-{rule.id}": rule.says for rule in contradictions},
        karyotypes=msgspec.msgpack.encode(YamlFile(root / "karyotype" / "patterns.yaml").convert(KaryotypeKnowledge)),
    )


def read_code_maps(root: Path) -> dict[str, CodeMap]:
    """How the codes of a FHIR record become facts. Raises `KnowledgeError` with file, line and remedy."""
    return _by_id(file.convert(CodeMap) for file in _mapping_files(root) if "columns" not in file.content)


def read_code_map(path: Path) -> CodeMap:
    """A hospital's own code map. Raises `KnowledgeError`, and what opening a file raises."""
    return YamlFile(path).convert(CodeMap)


def _mapping_files(root: Path) -> Iterable[YamlFile]:
    """The files of `mappings/`: one with columns is about a table, any other about the codes of a FHIR record."""
    return [YamlFile(path) for path in _yaml_files(root / "mappings")]


def read_shelf(root: Path) -> Shelf:
    """Everything there is to read below `root`. Raises `KnowledgeError` with file, line and remedy."""
    shelf = Shelf(
        hash=_hash_of(root),
        systems=YamlFile(root / "systems.yaml").convert(dict[str, Text]),
        topics=_by_id(_read_all(root / "claims", Topic)),
        glossary=_by_id(_read_all(root / "glossary", GlossaryEntry)),
        pictures=_by_id(_read_all(root / "pictures", cast(type[Picture], Picture))),
        guides=_by_id(guide for path in _yaml_files(root / "guides") if path.name != _COUNTS for guide in _read_all(path, Guide)),
        counts=_by_id(_read_all(root / "guides" / _COUNTS, Count)),
        synonyms=YamlFile(root / "search" / "words.yaml").convert(Synonyms),
        protocols=_by_id(_read_all(root / "protocols", Protocol)),
        plain_words=YamlFile(root / "search" / "stop-words.yaml").convert(PlainWords),
        reading=YamlFile(root / "reading.yaml").convert(Reading),
        playbook=_read_playbook(root / "playbook"),
    )
    return msgspec.structs.replace(shelf, stale_spanish=read_history(root).stale_spanish(shelf))


def _read_playbook(folder: Path) -> Playbook:
    return Playbook(
        kinds=_by_id(_read_kinds(YamlFile(folder / "kinds.yaml"), YamlFile(folder / "options.yaml"))),
        watch=tuple(_read_all(folder / "watch.yaml", Watch)),
        weekly=tuple(_read_all(folder / "weekly.yaml", Weekly)),
        names=tuple(_read_all(folder / "names.yaml", Named)),
        conversions=tuple(_read_all(folder / "conversions.yaml", Conversion)),
        questions=YamlFile(folder / "questions.yaml").convert(dict[str, tuple[str, ...]]),
        example=YamlFile(folder / "example.yaml").convert(Example),
    )


def _read_kinds(file: YamlFile, shared: YamlFile) -> Iterable[NoteKind]:
    """The kinds of notes; a field that names answers of `options.yaml` is given them."""
    shared.convert(dict[str, tuple[Option, ...]])  # says no early, with the line in that file
    for number, kind in enumerate(file.content):
        fields = []
        for place, field in enumerate(kind.get("fields", [])):
            named = field.get("options")
            if isinstance(named, str) and named not in shared.content:
                known = ", ".join(shared.content)
                raise file.error(f"$[{number}].fields[{place}].options", f"“{named}” is not in options.yaml, which has {known}.")
            fields.append(field | {"options": shared.content[named]} if isinstance(named, str) else field)
        yield file.convert(NoteKind, kind | {"fields": fields}, f"$[{number}]")


def _in_order(about: YamlFile, schemes: dict[str, Scheme]) -> dict[str, Scheme]:
    """The schemes as `library.yaml` lists them, the supporting tables after them."""
    listed = list(about.content["schemes"])
    known = [scheme.id for scheme in schemes.values() if scheme.kind != "supporting"]
    if sorted(listed) != sorted(known):
        differing = ", ".join(sorted(set(listed) ^ set(known)))
        raise about.error("$.schemes", f"the list of schemes and the files differ: {differing}.")
    return {scheme_id: schemes[scheme_id] for scheme_id in [*listed, *(name for name in schemes if name not in listed)]}


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.yaml"))


def _read_all(place: Path, type_: type[T]) -> Iterable[T]:
    """Every entry of a file or of all files of a folder; a file holds one entry or a list of them."""
    for path in [place] if place.suffix else _yaml_files(place):
        file = YamlFile(path)
        entries = file.content if isinstance(file.content, list) else [file.content]
        for number, entry in enumerate(entries):
            yield file.convert(type_, entry, f"$[{number}]" if isinstance(file.content, list) else "$")


def _by_id(entries: Iterable[T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for entry in entries:
        entry_id: str = getattr(entry, "id")  # noqa: B009 - every entry type has one, the bound cannot say so
        if entry_id in found:
            raise KnowledgeError("knowledge", f"two entries are called “{entry_id}”.", "Rename one of them.")
        found[entry_id] = entry
    return found


def _hash_of(root: Path) -> str:
    digest = hashlib.sha256()
    for path in _yaml_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read_words(folder: Path) -> dict[str, Text]:
    words: dict[str, Text] = {}
    for path in _yaml_files(folder):
        file = YamlFile(path)
        read = file.convert(dict[str, Text])
        for word in read.keys() & words.keys():
            raise file.error(f"$.{word}", f"another file has the words “{word}” already.")
        words |= read
    return words


class CellReader:
    """Turns `input: condition` into cells; knows which inputs are facts and what they may be."""

    def __init__(self, facts: dict[str, FactDefinition]):
        self.facts = facts

    def read(self, file: YamlFile, when: Any, at: str) -> list[dict[str, Any]]:
        if not isinstance(when, dict):
            raise file.error(at, "`when` must name inputs and their conditions.")
        return [self._cell(file, name, condition, f"{at}.{name}") for name, condition in when.items()]

    def _cell(self, file: YamlFile, name: str, condition: Any, at: str) -> dict[str, Any]:
        fact = self.facts.get(name)
        try:
            if isinstance(condition, dict):
                return {"input": name} | self._number_condition(fact, condition)
            options = [str(option) for option in condition] if isinstance(condition, list) else [str(condition)]
            return {"input": name, "options": self._choices(fact, options)}
        except ValueError as error:
            raise file.error(at, f"{error}.") from error

    def _choices(self, fact: FactDefinition | None, options: list[str]) -> list[str]:
        if fact is None:  # another table: checked once all tables are known
            return options
        if fact.kind != "choice":
            raise ValueError(f"{fact.id} is a {fact.kind}; say at_least, above, below, at_most, exactly or result")
        groups = {group.id: list(group.of) for group in fact.groups}
        chosen = [choice for option in options for choice in groups.get(option, [option])]
        for choice in chosen:
            if choice not in fact.choice_ids:
                raise ValueError(f"{fact.id} has no choice “{choice}”; it has {', '.join(fact.choice_ids)}")
        return chosen

    def _number_condition(self, fact: FactDefinition | None, condition: dict[str, Any]) -> dict[str, Any]:
        if fact is None or fact.kind == "choice":
            raise ValueError("only a fact that is a number takes a range")
        cell: dict[str, Any] = {}
        for key, value in condition.items():
            if key == "result" and fact.kind == "mrd":
                cell["results"] = _results(value)
            elif key == "exactly":
                cell["low"] = cell["high"] = self._quantity(fact, value)
            elif key in _BOUNDS:
                side, is_open = _BOUNDS[key]
                cell[side] = self._quantity(fact, value)
                cell[f"{side}_open"] = is_open
            else:
                raise ValueError(f"“{key}” is no condition on {fact.id}")
        return cell

    @staticmethod
    def _quantity(fact: FactDefinition, value: Any) -> Decimal:
        if isinstance(value, str):
            if fact.unit != "d":
                raise ValueError(f"“{value}” is no number; {fact.id} is measured in {fact.unit}")
            return ages.days_of(value)
        if fact.unit == "d":
            raise ValueError(f"{value} needs its unit: y, mo or d")
        return Decimal(value)


def _results(value: Any) -> list[str]:
    results = [value] if isinstance(value, str) else list(value)
    for result in results:
        if result not in MRD_RESULTS:
            raise ValueError(f"“{result}” is no MRD result; say {', '.join(MRD_RESULTS)}")
    return results


def _read_schemes(file: YamlFile, cells: CellReader) -> list[Scheme]:
    """The scheme of a file, or one for each of its bindings."""
    content = dict(file.content)
    bindings = content.pop("bindings", None)
    if bindings is None:
        return [read_scheme(file, content, cells)]
    return [_bind(file, content, binding, cells) for binding in bindings]


def _bind(file: YamlFile, content: dict[str, Any], binding: dict[str, Any], cells: CellReader) -> Scheme:
    """The file's tables with their inputs renamed, serving the fact that the binding narrows."""
    rename: dict[str, str] = binding["rename"]
    suffix = f":{binding['narrows']}"
    table_ids = {table["id"]: table["id"] + suffix for table in content["tables"]}

    def renamed(part: Any) -> Any:
        if isinstance(part, dict):
            names = rename | table_ids
            return {names.get(key, key) if isinstance(key, str) else key: renamed(value) for key, value in part.items()}
        return [renamed(item) for item in part] if isinstance(part, list) else part

    bound = renamed(content) | {"id": content["id"] + suffix, "narrows": binding["narrows"]}
    bound["tables"] = [table | {"id": table_ids[table["id"]]} for table in bound["tables"]]
    return read_scheme(file, bound, cells)


def read_scheme(file: YamlFile, content: dict[str, Any], cells: CellReader) -> Scheme:
    """The scheme of a file whose `when:` conditions are turned into cells, and whose tables know their outcomes."""
    content = dict(content)
    for part in ("applies", "factors", "notes"):
        content[part] = [
            entry | ({"when": cells.read(file, entry["when"], f"$.{part}[{number}].when")} if "when" in entry else {})
            for number, entry in enumerate(content.get(part) or [])
        ]
    outcome_ids = [outcome["id"] for outcome in content.get("outcomes", [])]
    content["tables"] = [
        _table(file, table, cells, f"$.tables[{number}]", outcome_ids if table["id"] == content["id"] else None)
        for number, table in enumerate(content.get("tables", []))
    ]
    return file.convert(Scheme, content)


def _table(file: YamlFile, table: dict[str, Any], cells: CellReader, at: str, outcomes: list[str] | None) -> dict[str, Any]:
    hold = table.get("hold", "")
    items = table.get("items" if hold else "rows")
    if not items:
        raise file.error(at, f"the table {table.get('id')} has no {'items' if hold else 'rows'}.")
    part = "items" if hold else "rows"
    rows = [_row(file, row, cells, f"{at}.{part}[{number}]", bool(hold)) for number, row in enumerate(items)]
    declared = ["yes", "no"] if hold else table.get("outcomes") or outcomes
    found = list(dict.fromkeys(outcome for row in rows for outcome in row["then"]))
    if declared is not None and (extra := [outcome for outcome in found if outcome not in declared]):
        raise file.error(at, f"the outcome “{extra[0]}” is not declared.")
    return {"id": table["id"], "title": table["title"], "rows": rows, "outcomes": declared or found, "hold": hold}


def _row(file: YamlFile, row: dict[str, Any], cells: CellReader, at: str, is_item: bool) -> dict[str, Any]:
    if is_item == ("then" in row):
        raise file.error(at, "an item of a checklist has no `then`, and a row needs one.")
    then = row.get("then", "yes")
    read = cells.read(file, row.get("when"), f"{at}.when")
    return row | {"when": read, "then": then if isinstance(then, list) else [then]}


def _read_contradictions(file: YamlFile, cells: CellReader) -> tuple[Contradiction, ...]:
    entries = []
    for number, entry in enumerate(file.content):
        at = f"$[{number}]"
        unless = [cells.read(file, when, f"{at}.unless[{place}]") for place, when in enumerate(entry.get("unless", []))]
        when = cells.read(file, entry["when"], f"{at}.when") if "when" in entry else []
        if bool(when) == ("exceeds" in entry):
            raise file.error(at, "a contradiction has either `when` or `exceeds`.")
        entries.append(entry | {"when": when, "unless": unless})
    return file.convert(tuple[Contradiction, ...], entries)

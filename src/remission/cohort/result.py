"""The file in which a cohort's answers are kept: one row a child, and inside it the account of how it was made.

For each fact the columns of `cohort.columns`, with choices spelled out (`cns2a|cns2b`: one of the two); then what happened, when
the source says it; then four columns a scheme: its group, whether that is decided, the groups still possible, and the facts on
which it still depends. Parquet keeps the account of the run too, and is what a report is made from; CSV is for other programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from remission.cohort.columns import CHILD, OUTCOMES, Column, columns_of
from remission.cohort.engines import NO_ROOM, DuckEngine, Engine
from remission.cohort.loaded import Loaded
from remission.cohort.names import quoted, sql_name
from remission.knowledge.decoding import json_decoder
from remission.knowledge.mapping import Mapping
from remission.knowledge.model import FactDefinition, Frozen, Library, Text
from remission.record.problems import InputProblem
from remission.whole_file import whole_file

CONTRADICTION = "contradiction"  # which facts of a child cannot all be right; NULL as a rule
ACCOUNT = "remission"  # the key under which a Parquet file keeps the account
SAID = "said_"  # a column of the source that is kept as it was, to hold an answer against
_FORMATS = {
    ".parquet": f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, KV_METADATA {{{ACCOUNT}: ACCOUNT}}",
    ".csv": "FORMAT csv, HEADER",
}
PARTS = ("", "_status", "_possible", "_missing")  # the columns of one scheme, after its name


class Account(Frozen, frozen=True):
    """How a result was made: by which software and knowledge, from what, and what was left out."""

    software: str
    library_version: str
    library_hash: str
    engine: str
    mapping: str
    schemes: tuple[str, ...]
    loaded: Loaded
    notes: tuple[Text, ...] = ()  # what holds for the whole of the source
    table: Mapping | None = None  # what was what in a table; None for an export


def endings() -> tuple[str, ...]:
    """The endings of the names of files that can be written."""
    return tuple(_FORMATS)


def write_result(engine: DuckEngine, library: Library, account: Account, out: Path) -> None:
    """Writes tables `children` and `decided` to a file, whole or not at all. The same tables give the same bytes.

    Raises `InputProblem` when the name has an ending that is none of ours, or the file cannot be written.
    """
    select = f"SELECT {', '.join(_written(engine, library, account))} FROM children JOIN decided USING ({CHILD}) ORDER BY {CHILD}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(out) as half:
            engine.connection.execute(f"COPY ({select}) TO {quoted(half)} ({_format(out, account)})")
    except OSError as error:
        raise InputProblem("cannot-write", file=str(out), reason=error.strerror or "") from None
    except _duckdb_io() as error:
        raise InputProblem("cannot-write", file=str(out), reason=_reason(error)) from None


def read_result(engine: DuckEngine, library: Library, file: Path) -> Account:
    """Brings a result back as tables `children` and `decided`. Raises `InputProblem` when the file is none of ours."""
    account = _account(engine, file)
    if not (set(account.schemes) <= set(library.schemes) and set(account.loaded.facts) <= set(library.facts)):
        raise InputProblem("cohort-no-result", file=file.name)
    names = [name for name, *_ in engine.connection.execute(f"DESCRIBE FROM read_parquet({quoted(file)})").fetchall()]
    of_schemes = {CONTRADICTION} | {name for scheme in account.schemes for name in columns_of_scheme(scheme)}
    kept = [_from_text(library, name) for name in names if name not in of_schemes]
    decided = [CHILD, *(name for name in names if name in of_schemes)]
    source = f"read_parquet({quoted(file)})"
    engine.keep("children", f"SELECT {', '.join(kept)} FROM {source}")
    engine.keep("decided", f"SELECT {', '.join(decided)} FROM {source}")
    return account


def bring_over(away: Engine, here: DuckEngine, library: Library, table: str) -> None:
    """Copies a table of another engine into this process, batch by batch."""
    known = [*OUTCOMES, *(column for definition in library.facts.values() for column in columns_of(definition))]
    types = {column.name: column.type for column in known}
    columns = tuple(Column(name, types.get(name, "VARCHAR")) for name in away.columns(table))
    here.put(table, columns, away.rows(f"SELECT * FROM {table}"))


def columns_of_scheme(scheme: str) -> tuple[str, ...]:
    return tuple(f"{sql_name(scheme)}{part}" for part in PARTS)


def _written(engine: DuckEngine, library: Library, account: Account) -> Iterator[str]:
    there = engine.columns("children")
    yield CHILD
    for fact in account.loaded.facts:
        definition = library.facts[fact]
        for column in columns_of(definition):
            if column.name in there:
                yield _as_text(definition) if column.name == fact else column.name
    yield from (column.name for column in OUTCOMES if column.name in there)
    yield from (f'"{name}"' for name in there if name.startswith(SAID))
    yield CONTRADICTION
    for scheme in account.schemes:
        yield from columns_of_scheme(scheme)


def _as_text(definition: FactDefinition) -> str:
    """A set of choices in words."""
    words = ", ".join(
        f"CASE WHEN {definition.id} & {1 << place} <> 0 THEN {quoted(choice)} END" for place, choice in _places(definition)
    )
    listed = f"array_to_string(list_filter([{words}], lambda word: word IS NOT NULL), '|')"
    return f"CASE WHEN {definition.id} IS NOT NULL THEN {listed} END AS {definition.id}"


def _from_text(library: Library, name: str) -> str:
    definition = library.facts.get(name)
    if definition is None or definition.kind != "choice":
        return f'"{name}"'
    bits = " + ".join(f"CASE WHEN list_contains(string_split({name}, '|'), {quoted(choice)}) THEN {1 << place} ELSE 0 END"
                      for place, choice in _places(definition))  # fmt: skip
    return f"CASE WHEN {name} IS NOT NULL THEN ({bits})::INTEGER END AS {name}"


def _places(definition: FactDefinition) -> Iterator[tuple[int, str]]:
    return enumerate(definition.choice_ids)


def _format(out: Path, account: Account) -> str:
    if out.suffix not in _FORMATS:
        raise InputProblem("cohort-out-ending", file=out.name)
    return _FORMATS[out.suffix].replace("ACCOUNT", quoted(_packed(account)))


def _packed(account: Account) -> str:
    """The account without the place of a file, which says something of a machine and nothing of the children."""
    return msgspec.json.encode(replace(account, loaded=replace(account.loaded, rejects=None, notes=()))).decode()


def is_result(engine: DuckEngine, file: Path) -> bool:
    """Whether a Parquet file is the result of an earlier run, and not somebody's table."""
    try:
        asked = f"SELECT count(*) FROM parquet_kv_metadata({quoted(file)}) WHERE key = '{ACCOUNT}'"
        found = engine.connection.execute(asked).fetchone()
    except _duckdb_error():
        return False
    return bool(found and found[0])


def _account(engine: DuckEngine, file: Path) -> Account:
    if not file.is_file():
        raise InputProblem("file-unreadable", file=file.name, reason="no such file")
    try:
        asked = f"SELECT value FROM parquet_kv_metadata({quoted(file)}) WHERE key = '{ACCOUNT}'"
        found = engine.connection.execute(asked).fetchone()
        if found is None:
            raise InputProblem("cohort-no-result", file=file.name)
        return json_decoder(Account).decode(found[0])
    except (_duckdb_error(), msgspec.MsgspecError):
        raise InputProblem("cohort-no-result", file=file.name) from None


def _reason(error: Exception) -> str:
    """Why DuckDB could not write, without its own words around what the system said."""
    said = str(error).splitlines()[0]
    return next((sign for sign in NO_ROOM if sign in said), said)


def _duckdb_error() -> type[Exception]:
    import duckdb

    return duckdb.Error


def _duckdb_io() -> type[Exception]:
    import duckdb

    return duckdb.IOException

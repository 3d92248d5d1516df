"""A cohort of virtual children as files: a FHIR bulk export (NDJSON), or one Parquet table.

A run that was stopped goes on where it was: until the last child is written everything stands in a folder of its own,
`.unfinished`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import IO, Any

import numpy as np

from remission import __version__
from remission.documents.simulate_codes import mapping_yaml
from remission.documents.simulate_fhir import EVENTS, KINDS, Writer
from remission.documents.simulate_visits import SOME, Seeing, Seen
from remission.knowledge.model import Library
from remission.simulate.cohort import Cohort, Progress, Setting, checked, simulate
from remission.simulate.columns import COLUMNS, Column
from remission.simulate.keeping import Kept
from remission.simulate.model import load_simulation
from remission.simulate.problems import SimulationProblem
from remission.simulate.roads import LINES
from remission.whole_file import write_whole

UNFINISHED, ABOUT, TABLE, MAPPING, LEGEND = ".unfinished", "cohort.json", "children.parquet", "mapping.yaml", "columns.csv"
_AHEAD = 2  # parts simulated while one is written, for each thread


@dataclass(frozen=True)
class Wanted:
    """What is to be written, and where. `threads` changes nothing but the time."""

    folder: Path
    n: int
    setting: Setting
    threads: int = 0

    @property
    def unfinished(self) -> Path:
        return self.folder / UNFINISHED

    @property
    def hands(self) -> int:
        return self.threads or min(os.cpu_count() or 1, 16)


def refuse_finished(wanted: Wanted) -> None:
    """A folder that holds a finished cohort is not written over."""
    if (wanted.folder / ABOUT).exists():
        raise SimulationProblem("simcli-finished", folder=str(wanted.folder))


def write_table(library: Library, wanted: Wanted, progress: Progress) -> Cohort:
    """All children as `children.parquet`, with what its columns are in `columns.csv`. Raises `SimulationProblem`."""
    import duckdb  # noqa: F401 - missed before the work begins, not after it

    refuse_finished(wanted)
    it = wanted.setting
    progress(0, wanted.n)
    cohort = simulate(
        wanted.n, it.seed, arm=it.arm, adherence=it.adherence, days=it.days, changed=dict(it.changed), engine=it.engine,
        threads=wanted.threads or None, keep=wanted.unfinished, progress=progress,
    )  # fmt: skip
    _parquet(cohort, wanted.unfinished / TABLE)
    (wanted.unfinished / TABLE).replace(wanted.folder / TABLE)
    _legend(library, wanted.folder / LEGEND)
    _finish(wanted, [TABLE])
    return cohort


def _parquet(cohort: Cohort, file: Path) -> None:
    import duckdb

    named = _named(cohort)
    told = {"synthetic": "true", "model": cohort.version, "software": __version__, "seed": str(cohort.setting.seed)}
    listed = ", ".join(f"{name}: '{value}'" for name, value in told.items())
    with duckdb.connect(config={"threads": 1}) as connection:  # one thread: the same rows give the same bytes
        connection.register("cohort", named)
        columns = ", ".join(_selected(name) for name in named)
        text = str(file).replace("'", "''")
        rows = f"SELECT {columns} FROM cohort"  # noqa: S608 - names of our own
        connection.execute(f"COPY ({rows}) TO '{text}' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{listed}}})")


def _selected(name: str) -> str:
    """Codes as their words; a number that is not known, or a day that does not come, as nothing."""
    words = {"line": LINES, "event": EVENTS, "kind": tuple(one.id for one in load_simulation().classes)}
    if name in words:
        cases = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(words[name]))
        return f'CASE "{name}" {cases} END AS "{name}"'
    if COLUMNS[name].kept == "f8":
        return f'CASE WHEN isfinite("{name}") THEN "{name}" END AS "{name}"'
    return f'"{name}"'


def _named(cohort: Cohort) -> dict[str, Column]:
    return {name: np.ascontiguousarray(values) for name, values in cohort.columns.items()}


def _legend(library: Library, file: Path) -> None:
    """The columns with their units and what they are, in both languages."""
    lines = ["column,unit,english,spanish"]
    for name, told in COLUMNS.items():
        text = library.words[f"simulate-column-{name.replace('_', '-')}"]
        lines.append(f'{name},{told.unit},"{text.en}","{text.es}"')
    write_whole(file, ("\n".join(lines) + "\n").encode())


# --- FHIR -------------------------------------------------------------------------------------------------------------------------


def write_fhir(wanted: Wanted, progress: Progress) -> Cohort:
    """All children as NDJSON, a file for each kind of resource. Raises `SimulationProblem`."""
    refuse_finished(wanted)
    names = checked(wanted.n, wanted.setting, None)
    seeing = Seeing(wanted.setting)
    writer = Writer(seeing)
    kept = Kept(wanted.unfinished, wanted.setting, wanted.n, names, seeing.run.simulation.version)
    with _Growing(wanted) as files:
        progress(files.done, wanted.n)
        for first, columns, children in _parts(wanted, seeing, files.done):
            kept.write(first, columns)
            files.add(writer, children)
            progress(files.done, wanted.n)
    for kind in KINDS:
        file = wanted.unfinished / f"{kind}.ndjson"
        file.replace(wanted.folder / file.name)
    write_whole(wanted.folder / MAPPING, mapping_yaml(writer.limit_told).encode())
    cohort = _read_back(wanted, kept, names, seeing.run.simulation.version)
    _finish(wanted, [f"{kind}.ndjson" for kind in KINDS])
    return cohort


class _Growing:
    """The files of an export while they grow. `state.json` says how far each was when a part was whole."""

    def __init__(self, wanted: Wanted):
        self.wanted, self.folder = wanted, wanted.unfinished
        self.state = self.folder / "state.json"
        self.done = 0
        self.sizes = dict.fromkeys(KINDS, 0)
        self._open: dict[str, IO[bytes]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> _Growing:
        self._resume()
        for kind in KINDS:
            file = self._stack.enter_context((self.folder / f"{kind}.ndjson").open("ab"))
            file.truncate(self.sizes[kind])  # what an interrupted part left behind it
            self._open[kind] = file
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _resume(self) -> None:
        try:
            state = json.loads(self.state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        whole = all((self.folder / f"{kind}.ndjson").stat().st_size >= state["sizes"][kind] for kind in KINDS)
        if state["software"] != __version__ or not whole:
            raise SimulationProblem("simulate-other-run", folder=str(self.wanted.folder))
        self.done, self.sizes = state["done"], state["sizes"]

    def add(self, writer: Writer, children: list[Seen]) -> None:
        """Writes some children whole, and then says so."""
        lines: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for child in children:
            for kind, text in writer.lines(child):
                lines[kind].append(text)
        for kind, texts in lines.items():
            data = "\n".join([*texts, ""]).encode() if texts else b""
            self._open[kind].write(data)
            self._open[kind].flush()
            self.sizes[kind] += len(data)
        self.done += len(children)
        write_whole(self.state, json.dumps({"software": __version__, "done": self.done, "sizes": self.sizes}).encode())


def _parts(wanted: Wanted, seeing: Seeing, done: int) -> Iterator[tuple[int, dict[str, Column], list[Seen]]]:
    """The children from `done` on, some at a time and in order, made ahead by the other threads."""
    seeing.run.engine, seeing.short.engine  # noqa: B018 - compiled once, before there are threads

    def part(first: int) -> tuple[int, dict[str, Column], list[Seen]]:
        size = min(SOME, wanted.n - first)
        columns = seeing.columns(first, size)
        return first, columns, seeing.seen(first, size, columns)

    firsts = iter(range(done, wanted.n, SOME))
    with ThreadPoolExecutor(wanted.hands) as pool:
        waiting = [pool.submit(part, first) for _, first in zip(range(_AHEAD * wanted.hands), firsts, strict=False)]
        try:
            while waiting:
                made = waiting.pop(0).result()
                waiting.extend(pool.submit(part, first) for _, first in zip(range(1), firsts, strict=False))
                yield made
        finally:
            for one in waiting:
                one.cancel()


def _read_back(wanted: Wanted, kept: Kept, names: tuple[str, ...], version: str) -> Cohort:
    """The rows of all children, of those too that an earlier run wrote."""
    columns: dict[str, Column] = {name: np.empty(wanted.n, dtype=COLUMNS[name].kept) for name in names}
    for first in range(0, wanted.n, SOME):
        size = min(SOME, wanted.n - first)
        part = kept.read(first, size)
        if part is None:
            raise SimulationProblem("simulate-other-run", folder=str(wanted.folder))
        for name in names:
            columns[name][first : first + size] = part[name]
    return Cohort(wanted.setting, wanted.n, columns, version)


# --- both -------------------------------------------------------------------------------------------------------------------------


def _finish(wanted: Wanted, files: list[str]) -> None:
    """Says in `cohort.json` what this is, last of all: a folder with it is whole."""
    it = wanted.setting
    about: dict[str, Any] = {
        "synthetic": True,
        "says": "Every child in these files is invented by a model. They say nothing about any real child.",
        "children": wanted.n, "seed": it.seed, "arm": it.arm, "adherence": it.adherence, "days": it.days,
        "changed": dict(it.changed), "model": load_simulation().version, "software": f"remission {__version__}", "files": files,
    }  # fmt: skip
    write_whole(wanted.folder / ABOUT, (json.dumps(about, indent=1) + "\n").encode())
    rmtree(wanted.unfinished, ignore_errors=True)

"""Where children come from: a FHIR export, files of a table through a mapping, or a table on a user's own engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from remission.cohort.engines import DuckEngine, Engine
from remission.cohort.loaded import Loaded
from remission.cohort.result import is_result
from remission.knowledge.model import Frozen, Library
from remission.record.problems import InputProblem, InputProblems

Progress = Callable[[str, int, int], None]  # what is being read, how many of its bytes are done, and how many there are


def unwatched(what: str, done: int, of: int) -> None:
    """Nobody watches."""


class Source(Frozen, frozen=True):
    """What a user named: `paths`, or a `table` of the engine; and the `mapping` that says what is what in it."""

    paths: tuple[Path, ...] = ()
    mapping: str = ""
    table: str = ""

    def result(self, engine: DuckEngine) -> Path | None:
        """The file, when it is the result of an earlier run."""
        only = self.paths[0] if len(self.paths) == 1 else None
        return only if only and only.suffix == ".parquet" and is_result(engine, only) else None

    @property
    def is_export(self) -> bool:
        """Whether it is a folder, as bulk exports are."""
        return len(self.paths) == 1 and self.paths[0].is_dir()


def read_source(engine: Engine, library: Library, source: Source, work: Path, progress: Progress = unwatched) -> Loaded:
    """Fills table `children` of the engine. Raises `InputProblem` or `InputProblems` when it cannot be read at all."""
    for path in source.paths:
        if not path.exists():
            raise InputProblem("file-unreadable", file=str(path), reason="no such file or folder")
    loaded = (
        _export(engine, library, source, work, progress) if source.is_export else _table(engine, library, source, work, progress)
    )
    if not loaded.persons:
        raise InputProblems([InputProblem("cohort-empty", source=loaded.source, rejects=str(loaded.rejects or ""))])
    return loaded


def _export(engine: Engine, library: Library, source: Source, work: Path, progress: Progress) -> Loaded:
    from remission.cohort.fhir.reading import read_export
    from remission.record.fhir.meanings import find_meanings
    from remission.rules.compiled import load_codes

    if not isinstance(engine, DuckEngine):
        raise InputProblem("cohort-export-here", source=source.paths[0].name)
    meanings = find_meanings(library, load_codes(), source.mapping or None)
    folder = source.paths[0]
    return read_export(engine, meanings, folder, work=work, progress=partial(progress, folder.name))


def _table(engine: Engine, library: Library, source: Source, work: Path, progress: Progress) -> Loaded:
    from remission.cohort.flat import read_flat
    from remission.record.table import find_mapping

    if not source.mapping:
        named = source.table or ", ".join(path.name for path in source.paths)
        raise InputProblem("cohort-mapping-needed", file=named, known=", ".join(library.mappings))
    mapping = find_mapping(library, source.mapping)
    return read_flat(engine, library, mapping, source.table or source.paths, work=work, progress=progress)

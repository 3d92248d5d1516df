"""Compiles `knowledge/`: reads the YAML, checks it, proves every table, and writes the files that `compiled` loads."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from remission.knowledge.check import check_library
from remission.knowledge.check_codes import check_codes
from remission.knowledge.check_shelf import check_shelf
from remission.knowledge.model import Library
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.read import read_code_maps, read_library, read_shelf
from remission.knowledge.search import build_index
from remission.knowledge.shown_child import compile_shown
from remission.knowledge.simulate import compile_simulation
from remission.knowledge.trials import compile_trials
from remission.rules.compiled import CODES_FILE, INDEX_FILE, LIBRARY_FILE, PROGRAMS_FILE, SHELF_FILE, Programs
from remission.rules.program import Program, build_program
from remission.simulate.maintenance_prior import compile_prior


def build_programs(library: Library) -> dict[str, Program]:
    """One program for each scheme that has tables. Raises `KnowledgeError` when a table overlaps or leaves a hole."""
    return {scheme.id: build_program(library, scheme) for scheme in library.schemes.values() if scheme.tables}


def compile_knowledge(root: Path) -> tuple[Path, ...]:
    """Reads, checks, proves and writes the knowledge below `root`; returns the files written.

    Raises `KnowledgeError` with every problem found.
    """
    library, shelf, codes = read_library(root), read_shelf(root), read_code_maps(root)
    problems = check_library(library) + check_shelf(shelf, library) + check_codes(codes, library)
    if problems:
        raise KnowledgeError("knowledge", "\n" + "\n".join(problems), "")
    programs = Programs(library.hash, build_programs(library))
    LIBRARY_FILE.parent.mkdir(exist_ok=True)
    LIBRARY_FILE.write_bytes(msgspec.msgpack.encode(library))
    PROGRAMS_FILE.write_bytes(msgspec.msgpack.encode(programs))
    SHELF_FILE.write_bytes(msgspec.msgpack.encode(shelf))
    CODES_FILE.write_bytes(msgspec.msgpack.encode(codes))
    folder = LIBRARY_FILE.parent
    virtual = compile_simulation(root, folder), compile_prior(root, folder), compile_shown(root, folder)
    trials = compile_trials(root, library.facts, folder)
    return LIBRARY_FILE, PROGRAMS_FILE, SHELF_FILE, CODES_FILE, build_index(shelf, INDEX_FILE), *virtual, *trials


def main() -> None:
    """`python -m remission.rules.build knowledge/`"""
    try:
        written = compile_knowledge(Path(sys.argv[1]))
    except KnowledgeError as error:
        sys.exit(str(error))
    sys.stdout.write("".join(f"{path.stat().st_size:>9,} bytes  {path.name}\n" for path in written))


if __name__ == "__main__":
    main()

"""The library and its programs as two files that load in milliseconds, and the door through which everyone gets them.

`make library` (and building the wheel) compiles `knowledge/` once: it reads the YAML, proves every table, and writes the
result next to this package. Nothing parses YAML or proves anything to answer a question.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import msgspec

from remission.knowledge.model import Library
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.read import read_library
from remission.rules.program import Program, build_program

_FOLDER = Path(__file__).parent.parent / "_compiled"
_LIBRARY, _PROGRAMS = _FOLDER / "library.msgpack", _FOLDER / "programs.msgpack"


class Programs(msgspec.Struct, frozen=True):
    """All programs of one library."""

    library_hash: str
    programs: dict[str, Program]


def build_programs(library: Library) -> dict[str, Program]:
    """One program for each scheme that has tables. Raises `KnowledgeError` when a table overlaps or leaves a hole."""
    return {scheme.id: build_program(library, scheme) for scheme in library.schemes.values() if scheme.tables}


def compile_knowledge(root: Path) -> tuple[Path, Path]:
    """Reads, proves and writes the library below `root`; returns the two files written."""
    from remission.knowledge.check import check_library

    library = read_library(root)
    problems = check_library(library)
    if problems:
        raise KnowledgeError("knowledge", "\n" + "\n".join(problems), "")
    programs = Programs(library.hash, build_programs(library))
    _FOLDER.mkdir(exist_ok=True)
    _LIBRARY.write_bytes(msgspec.msgpack.encode(library))
    _PROGRAMS.write_bytes(msgspec.msgpack.encode(programs))
    return _LIBRARY, _PROGRAMS


@cache
def load_library() -> Library:
    """The library this copy of `remission` carries. Raises `KnowledgeError` when it was never compiled."""
    return msgspec.msgpack.decode(_read(_LIBRARY), type=Library)


@cache
def load_programs() -> dict[str, Program]:
    """The programs of that library."""
    loaded = msgspec.msgpack.decode(_read(_PROGRAMS), type=Programs)
    if loaded.library_hash != load_library().hash:
        raise KnowledgeError(str(_PROGRAMS), "belongs to another version of the library.", "Run `make library`.")
    return loaded.programs


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KnowledgeError(str(path), "is missing: the library was not compiled.", "Run `make library`.") from None


def main() -> None:
    """`python -m remission.rules.compiled knowledge/`"""
    try:
        written = compile_knowledge(Path(sys.argv[1]))
    except KnowledgeError as error:
        sys.exit(str(error))
    sys.stdout.write("".join(f"{path.stat().st_size:>9,} bytes  {path.name}\n" for path in written))


if __name__ == "__main__":
    main()

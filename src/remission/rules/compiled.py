"""The library, its programs, the reading shelf and its index as files that load in milliseconds, and the door to them.

`make library` (and building the wheel) writes them; see `build`. Nothing parses YAML or proves anything to answer a question.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from remission.knowledge.codes import CodeMap
from remission.knowledge.decoding import msgpack_decoder
from remission.knowledge.model import Library
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.search import SearchIndex
from remission.knowledge.shelf import Shelf
from remission.knowledge.shown_child import SHOWN_FILE, ShownChild
from remission.rules.program import Program

T = TypeVar("T")

_FOLDER = Path(__file__).parent.parent / "_compiled"
LIBRARY_FILE, PROGRAMS_FILE = _FOLDER / "library.msgpack", _FOLDER / "programs.msgpack"
SHELF_FILE, INDEX_FILE = _FOLDER / "shelf.msgpack", _FOLDER / "search.sqlite"
CODES_FILE = _FOLDER / "codes.msgpack"


class Programs(msgspec.Struct, frozen=True):
    """All programs of one library."""

    library_hash: str
    programs: dict[str, Program]


@cache
def load_library() -> Library:
    """The library this copy of `remission` carries. Raises `KnowledgeError` when it was never compiled."""
    return _load(LIBRARY_FILE, Library)


@cache
def load_programs() -> dict[str, Program]:
    """The programs of that library."""
    loaded = _load(PROGRAMS_FILE, Programs)
    if loaded.library_hash != load_library().hash:
        raise KnowledgeError(str(PROGRAMS_FILE), "belongs to another version of the library.", "Run `make library`.")
    return loaded.programs


@cache
def load_shelf() -> Shelf:
    """Everything there is to read. Raises `KnowledgeError` when it was never compiled."""
    return _load(SHELF_FILE, Shelf)


@cache
def load_codes() -> dict[str, CodeMap]:
    """How the codes of a FHIR record become facts. Raises `KnowledgeError` when it was never compiled."""
    return _load(CODES_FILE, dict[str, CodeMap])


@cache
def load_shown() -> ShownChild:
    """The invented child that the page on the marrow shows. Raises `KnowledgeError` when it was never compiled."""
    return _load(_FOLDER / SHOWN_FILE, ShownChild)


@cache
def load_index() -> SearchIndex:
    """The search index of that shelf."""
    if not INDEX_FILE.exists():
        raise KnowledgeError(str(INDEX_FILE), "is missing: the library was not compiled.", "Run `make library`.")
    return SearchIndex(INDEX_FILE)


def _load(path: Path, type_: type[T]) -> T:
    try:
        return msgpack_decoder(type_).decode(path.read_bytes())
    except FileNotFoundError:
        raise KnowledgeError(str(path), "is missing: the library was not compiled.", "Run `make library`.") from None
    except msgspec.DecodeError:
        raise KnowledgeError(str(path), "was written by another version of the software.", "Run `make library`.") from None

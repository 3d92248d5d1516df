"""The door to what is compiled about trials, and to a search over the list that counts: the family's own before the shipped one."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import msgspec

from remission.knowledge.decoding import msgpack_decoder
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.trials import TRIALS_FILE, TrialKnowledge
from remission.rules.compiled import LIBRARY_FILE, load_library
from remission.trials.search import Trials
from remission.trials.store import TrialStore

COMPILED = LIBRARY_FILE.parent / TRIALS_FILE


@cache
def load_trials(path: Path = COMPILED) -> TrialKnowledge:
    """What this copy of `remission` carries about trials. Raises `KnowledgeError` when it was never compiled."""
    try:
        return msgpack_decoder(TrialKnowledge).decode(path.read_bytes())
    except FileNotFoundError:
        raise KnowledgeError(str(path), "is missing: the trials were not compiled.", "Run `make library`.") from None
    except msgspec.DecodeError:
        raise KnowledgeError(str(path), "was written by another version of the software.", "Run `make library`.") from None


@cache
def shipped_trials() -> Trials:
    """A search over the list that ships."""
    return Trials(load_library(), load_trials())


def trials_of(store: TrialStore | None) -> Trials:
    """A search over the family's own list where there is one, otherwise over the one that ships. Built again only when the
    file changed. Raises `InputProblem` when the file cannot be read."""
    if store is None or not store.path.exists():
        return shipped_trials()
    file = store.path.stat()
    return _own(store.folder, (file.st_ino, file.st_mtime_ns, file.st_size))


@lru_cache(maxsize=2)
def _own(folder: Path, state: tuple[int, ...]) -> Trials:  # noqa: ARG001 - says which state of the file is meant
    return Trials(load_library(), load_trials(), TrialStore(folder).snapshot())

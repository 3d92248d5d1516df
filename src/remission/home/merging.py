"""What an archive adds to the family's file. It is compared change by change; nothing that is here is ever overwritten.

A child's history here and there can be the same, one can go on where the other ends, or they can part ways: then the archive's
child is added as a child of its own, under a marked name, and the family decides. What the teen sealed is compared by itself: when
its key differs, the page that is here is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from itertools import count
from typing import Literal

from msgspec.structs import replace

from remission.home.notes import SEALED, Change, Note
from remission.home.store import HomeFile, new_id
from remission.knowledge.model import Frozen, Lang, Text

Relation = Literal["same", "ahead", "behind", "apart"]  # how our history stands to theirs


class ArchivedChild(Frozen, frozen=True):
    """A child in an archive, with every change."""

    id: str
    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        """As it was called last."""
        return self._last_said("name") or self.id

    @property
    def is_invented(self) -> bool:
        return self._last_said("invented") == "yes"

    def _last_said(self, field: str) -> str:
        said = [change.after for change in self.changes if change.kind == "child" and change.after]
        return said[-1].get(field, "") if said else ""


class Archive(Frozen, frozen=True):
    children: tuple[ArchivedChild, ...]


class TakenChild(Frozen, frozen=True):
    """What became of one child of an archive. `sealed_kept`: the private page here has another key than there, and was kept."""

    id: str
    name: str
    how: Literal["added", "continued", "nothing", "apart"]
    changes: int = 0
    sealed_kept: bool = False

    def sentence(self, words: Mapping[str, Text], lang: Lang) -> str:
        told = words[f"taken-{self.how}"].in_(lang).format(name=self.name, changes=self.changes)
        return f"{told} {words['taken-sealed-kept'].in_(lang)}" if self.sealed_kept else told


class Taken(Frozen, frozen=True):
    """What an archive added."""

    children: tuple[TakenChild, ...]

    def sentence(self, words: Mapping[str, Text], lang: Lang, between: str = " ") -> str:
        """One sentence for each child."""
        told = [child.sentence(words, lang) for child in self.children]
        return between.join(told) or words["taken-empty"].in_(lang)


def take_in(home: HomeFile, archive: Archive) -> Taken:
    """Adds what is not here yet: every child of the archive, or none when anything fails."""
    with home.together():
        return Taken(tuple(_take_in(home, child) for child in archive.children))


def _take_in(home: HomeFile, theirs: ArchivedChild) -> TakenChild:
    ours = home.history(theirs.id)
    if not ours:
        return TakenChild(theirs.id, theirs.name, "added", home.take_in(theirs.changes))
    relation = _relation(_open(ours), _open(theirs.changes))
    if relation == "apart":
        return _take_apart(home, theirs)
    sealed = _relation(_sealed(ours), _sealed(theirs.changes))
    missing = [*_missing(relation, _open(ours), _open(theirs.changes)), *_missing(sealed, _sealed(ours), _sealed(theirs.changes))]
    pairs = [*zip(_open(theirs.changes), _open(ours), strict=False), *zip(_sealed(theirs.changes), _sealed(ours), strict=False)]
    added = home.take_in(sorted(missing, key=lambda change: change.seq), {their.seq: our.seq for their, our in pairs})
    return TakenChild(theirs.id, theirs.name, "continued" if added else "nothing", added, sealed == "apart")


def _take_apart(home: HomeFile, theirs: ArchivedChild) -> TakenChild:
    """Adds a child beside the one that is here, unless an earlier import did so already."""
    for other in home.child_ids():
        if _relation(home.history(other), theirs.changes) in ("same", "ahead"):
            return TakenChild(other, theirs.name, "nothing")
    fresh = new_id()
    moved = [_moved(change, theirs.id, fresh) for change in theirs.changes]
    added = home.take_in(moved)
    name = _free_name(theirs.name, {child.said("name") for child in home.children()})
    for who in home.notes(fresh, "child"):
        home.write(Note(fresh, who.kind, who.id, who.values | {"name": name}), "")
    return TakenChild(fresh, name, "apart", added)


def _moved(change: Change, old: str, new: str) -> Change:
    """The same change under another child; the note that says who it is bears the child's own id."""
    return replace(change, child=new, id=new if change.id == old else change.id)


def _free_name(name: str, taken: Iterable[str]) -> str:
    return next(marked for number in count(2) if (marked := f"{name} ({number})") not in taken)


def _open(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.kind not in SEALED]


def _sealed(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.kind in SEALED]


def _relation(ours: Iterable[Change], theirs: Iterable[Change]) -> Relation:
    here, there = [_said(change) for change in ours], [_said(change) for change in theirs]
    if here == there:
        return "same"
    if here[: len(there)] == there:
        return "ahead"
    return "behind" if there[: len(here)] == here else "apart"


def _said(change: Change) -> tuple[object, ...]:
    """What makes a change the same in two files; its number and its child may differ."""
    own = "" if change.id == change.child else change.id
    return (change.kind, own, change.after, change.at.astimezone(UTC).replace(microsecond=0), change.by)


def _missing(relation: Relation, ours: list[Change], theirs: list[Change]) -> list[Change]:
    return theirs[len(ours) :] if relation == "behind" else []

"""A text under repair that remembers where each of its characters stood in what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remission.knowledge.model import Frozen
from remission.record.karyotype.shape import Repair


class Draft(Frozen, frozen=True):
    """`places[i]` is the index at which character `i` stood; one more place says where the text ends."""

    text: str
    places: tuple[int, ...]

    @staticmethod
    def of(text: str) -> Draft:
        return Draft(text, tuple(range(len(text) + 1)))

    def part(self, start: int, end: int) -> Draft:
        return Draft(self.text[start:end], self.places[start : end + 1])

    def edited(self, start: int, end: int, new: str) -> Draft:
        """The same text with `new` in place of the characters from `start` to `end`."""
        text = self.text[:start] + new + self.text[end:]
        return Draft(text, self.places[:start] + (self.places[start],) * len(new) + self.places[end:])

    def repair(self, start: int, end: int, new: str) -> Repair:
        """What that edit is called in the report."""
        return Repair(self.places[start] + 1, self.text[start:end], new)

    def word(self, index: int) -> str:
        """The word of two letters or more that stands here, as far as it was typed in one."""
        end = index
        while end < len(self.text) and self.text[end].isalpha() and self.places[end] - self.places[index] == end - index:
            end += 1
        return self.text[index:end] if end > index + 1 else ""

    def at(self, index: int) -> int:
        """The character, counted from 1, that stood here in what was typed."""
        return self.places[min(index, len(self.text))] + 1


class Edits:
    """A draft and the list of what was done to it."""

    def __init__(self, draft: Draft):
        self.draft = draft
        self.repairs: list[Repair] = []

    @property
    def text(self) -> str:
        return self.draft.text

    def edit(self, start: int, end: int, new: str, told: bool = True) -> None:
        if told and self.text[start:end] != new:
            self.repairs.append(self.draft.repair(start, end, new))
        self.draft = self.draft.edited(start, end, new)


_CELLS_OF_CELLS = re.compile(r"\[\d+/\d+\]")
_BEGINS_A_GROUP = re.compile(r"/|\?*\d{1,3}[,.~<( -]|\?*\d{1,3}m?idem|non-?clonal|[a-z]", re.IGNORECASE)


def items(text: str) -> Iterator[tuple[int, int]]:
    """The pieces of `text` between commas that stand in no bracket, as start and end."""
    depth = start = 0
    for index, character in enumerate(text):
        depth = max(0, depth + (character in "([{") - (character in ")]}"))
        if character == "," and not depth:
            yield start, index
            start = index + 1
    yield start, len(text)


def groups(text: str) -> Iterator[tuple[int, int]]:
    """The pieces of `text` between slashes, as start and end.

    A slash in [150/200] is none, and one inside an open bracket only where a group of cells begins behind it: the bracket was
    left open by a slip.
    """
    spared = {found.start() + found[0].index("/") for found in _CELLS_OF_CELLS.finditer(text)}
    depth = start = 0
    for index, character in enumerate(text):
        depth = max(0, depth + (character in "([{") - (character in ")]}"))
        if character == "/" and index not in spared and (not depth or _BEGINS_A_GROUP.match(text, index + 1)):
            yield start, index
            start, depth = index + 1, 0
    yield start, len(text)

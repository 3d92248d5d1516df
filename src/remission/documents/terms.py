"""Glossary words in a text: where they stand, so that they can be explained there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from remission.knowledge.model import Frozen, Lang
from remission.knowledge.shelf import GlossaryEntry

_PLURAL: dict[Lang, str] = {"en": "(?:e?s)?", "es": "(?:e?s)?"}
_SHORTEST = 3  # letters: shorter names hide in other words, abbreviations excepted


class Place(Frozen, frozen=True):
    """A glossary word in a text, from `start` to `end`."""

    start: int
    end: int
    entry: str


class Terms:
    """Finds the words of a glossary in texts of one language."""

    def __init__(self, glossary: Iterable[GlossaryEntry], lang: Lang):
        self._entry_of: dict[str, str] = {}
        for entry in glossary:
            for name in _linkable(entry, lang):
                self._entry_of.setdefault(_key(name), entry.id)
        names = sorted(self._entry_of, key=len, reverse=True)
        self._pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))}){_PLURAL[lang]}\b", re.IGNORECASE) if names else None

    def places(self, text: str) -> Iterator[Place]:
        """Where glossary words stand, the longest first at each place; abbreviations only when written as such."""
        for match in self._pattern.finditer(text) if self._pattern else ():
            found = self._entry_of.get(_key(match[1])) or self._entry_of.get(match[1].lower())
            if found:
                yield Place(match.start(), match.end(), found)

    def entries(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The entries that texts need, in the order in which they are met."""
        return tuple(dict.fromkeys(place.entry for text in texts for place in self.places(text)))


def _linkable(entry: GlossaryEntry, lang: Lang) -> list[str]:
    """The names under which an entry is recognised in running text: not the lay words that are only for searching."""
    return [name for name in (entry.term.in_(lang), entry.short.in_(lang) if entry.short else "") if len(name) >= _SHORTEST]


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """Abbreviations keep their capitals ("ALL" is not "all"); other words lose them."""
    return name if name.isupper() else name.lower()

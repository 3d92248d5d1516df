"""Glossary words in a text: where they stand, so that they can be explained there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from remission.knowledge.model import Frozen, Lang
from remission.knowledge.search import words_of
from remission.knowledge.shelf import GlossaryEntry

_TOKEN = re.compile(r"\w+")
_TOKEN_OR_STOP = re.compile(r"\w+|[.,;:!?]")  # a name does not reach across a stop
_SHORTEST = 3  # letters: shorter names hide in other words


class Place(Frozen, frozen=True):
    """A glossary word in a text, from `start` to `end`."""

    start: int
    end: int
    entry: str


class Terms:
    """Finds the words of a glossary in texts of one language, in the singular and the plural."""

    def __init__(self, glossary: Iterable[GlossaryEntry], lang: Lang):
        self._by_first: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
        for entry in glossary:
            for name in _linkable(entry, lang):
                key = tuple(_folded(token) for token in _TOKEN.findall(name))
                self._by_first[key[0]].setdefault(key, entry.id)

    def places(self, text: str) -> Iterator[Place]:
        """Where glossary words stand, the longest first at each place; abbreviations only when written as such."""
        tokens = list(_TOKEN_OR_STOP.finditer(text))
        folded = [_folded(token[0]) for token in tokens]
        at = 0
        while at < len(tokens):
            length, entry = self._longest(folded, at)
            if entry:
                yield Place(tokens[at].start(), tokens[at + length - 1].end(), entry)
            at += length

    def _longest(self, folded: list[str], at: int) -> tuple[int, str]:
        """How many words the longest name beginning here has, and whose it is; one word and nothing when there is none."""
        names = self._by_first.get(folded[at], {})
        lengths = sorted({len(name) for name in names if at + len(name) <= len(folded)}, reverse=True)
        found = ((length, names.get(tuple(folded[at : at + length]), "")) for length in lengths)
        return next(((length, entry) for length, entry in found if entry), (1, ""))

    def entries(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The entries that texts need, in the order in which they are met."""
        return tuple(dict.fromkeys(place.entry for text in texts for place in self.places(text)))


def _linkable(entry: GlossaryEntry, lang: Lang) -> list[str]:
    """The names under which an entry is recognised in running text: not the lay words that are only for searching."""
    names = (entry.term.in_(lang), entry.short.in_(lang) if entry.short else "")
    return [name for name in names if len(name) >= _SHORTEST and _TOKEN.search(name)]


@lru_cache(maxsize=20_000)
def _folded(token: str) -> str:
    """A word without accents and plural; an abbreviation keeps its capitals ("ALL" is not "all")."""
    if token.isupper() and len(token) > 1:
        return token
    plain = "".join(words_of(token))
    return re.sub(r"(?<=\w{3})e?s$", "", plain)

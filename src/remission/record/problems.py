"""Input that cannot be used as given: which sentence to show, and with what in it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from remission.knowledge.model import Lang, Text


class InputProblem(ValueError):
    """Something a user gave cannot be read. `word` names a sentence in `knowledge/words/`; `values` fill it.

    Every such sentence says what is wrong, where, and what to do.
    """

    def __init__(self, word: str, **values: object):
        super().__init__(word, values)
        self.word = word
        self.values = values

    def sentence(self, words: Mapping[str, Text], lang: Lang) -> str:
        filled = {key: _in_language(value, words, lang) for key, value in self.values.items()}
        return words[self.word].in_(lang).format_map(_Forgiving(filled)).removeprefix(": ")

    def __str__(self) -> str:
        return f"{self.word}: {self.values}"


class _Forgiving(dict[str, object]):
    """A place that nobody filled in stays empty; a sentence about a mistake must never fail itself."""

    def __missing__(self, key: str) -> str:
        return ""


def _in_language(value: object, words: Mapping[str, Text], lang: Lang) -> object:
    if isinstance(value, InputProblem):
        return value.sentence(words, lang)
    return value.in_(lang) if isinstance(value, Text) else value


class InputProblems(ValueError):
    """All that is wrong with what was given, so that it can be mended in one go."""

    def __init__(self, problems: list[InputProblem]):
        super().__init__(*problems)
        self.problems = problems


def nearest(word: str, known: list[str]) -> str:
    """The known id that a user most likely meant, or the first few when nothing is close."""
    close = get_close_matches(word.lower().replace("-", "_"), known, n=1, cutoff=0.5) or get_close_matches(
        word.lower().replace("_", "-"), known, n=1, cutoff=0.5
    )
    return close[0] if close else ""

"""What cannot be simulated as asked: which sentence to show, and with what in it."""

from __future__ import annotations

from collections.abc import Mapping

from remission.knowledge.model import Lang, Text


class SimulationProblem(ValueError):
    """Something asked for makes no sense. `word` names a sentence in `knowledge/words/simulate.yaml`; `values` fill it."""

    def __init__(self, word: str, **values: object):
        super().__init__(word, values)
        self.word = word
        self.values = values

    def sentence(self, words: Mapping[str, Text], lang: Lang) -> str:
        filled = {key: value.in_(lang) if isinstance(value, Text) else value for key, value in self.values.items()}
        return words[self.word].in_(lang).format(**filled)

    def __str__(self) -> str:
        return f"{self.word}: {self.values}"

"""Something that a reader should be told beside the facts, as a word to be spoken and what fills it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from remission.knowledge.model import Frozen, Lang, Text
from remission.record.problems import InputProblem


class Remark(Frozen, frozen=True):
    """`word` names a sentence in `knowledge/words/`; `values` fill it, each a string or a text of two languages."""

    word: str
    values: Mapping[str, str | Text] = msgspec.field(default_factory=dict)

    def sentence(self, words: Mapping[str, Text], lang: Lang) -> str:
        return InputProblem(self.word, **self.values).sentence(words, lang)

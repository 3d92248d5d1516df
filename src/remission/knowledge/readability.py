"""How hard a text is to read: Flesch-Kincaid grade for English, INFLESZ (Szigriszt-Pazos) for Spanish.

English: 0.39 × words/sentences + 11.8 × syllables/words − 15.59; 8 is eighth grade.
Spanish: 206.835 − 62.3 × syllables/words − words/sentences; 55 and above is "normal", 65 "fairly easy".
Names that cannot be replaced by easier ones (of drugs, of the disease) count as one plain word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from remission.knowledge.model import Lang

EN_HARDEST_GRADE = 8.0
ES_LOWEST_INDEX = 55.0

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;]+(?:\s|$)")
_EN_VOWELS = re.compile(r"[aeiouy]+")
_ES_STRONG, _ES_WEAK, _ES_ACCENTED_WEAK = "aeoáéó", "iuü", "íú"


def grade_en(text: str, masked: Iterable[str] = ()) -> float:
    """Flesch-Kincaid grade level of an English text. Raises ValueError on a text without words."""
    words, sentences = _counted(_masked(text, masked))
    syllables = sum(syllables_en(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def index_es(text: str, masked: Iterable[str] = ()) -> float:
    """INFLESZ index of a Spanish text; higher is easier. Raises ValueError on a text without words."""
    words, sentences = _counted(_masked(text, masked))
    syllables = sum(syllables_es(word) for word in words)
    return 206.835 - 62.3 * syllables / len(words) - len(words) / sentences


def is_readable(text: str, lang: Lang, masked: Iterable[str] = ()) -> bool:
    """Whether a family can be expected to read the text."""
    return grade_en(text, masked) <= EN_HARDEST_GRADE if lang == "en" else index_es(text, masked) >= ES_LOWEST_INDEX


def syllables_en(word: str) -> int:
    """Syllables of an English word by its vowel groups; a silent final e is not counted.

    >>> [syllables_en(word) for word in ("bone", "marrow", "table", "cells", "treated", "missed")]
    [1, 2, 2, 1, 2, 1]
    """
    plain = word.lower().replace("'", "").replace("’", "")
    count = len(_EN_VOWELS.findall(plain))
    if re.search(r"[^aeiouy]e$", plain) and not re.search(r"[^aeiouy]le$", plain):
        count -= 1
    if re.search(r"[^aeioutd]ed$", plain) or re.search(r"[^aeioucgszx]es$", plain):
        count -= 1
    return max(count, 1)


def syllables_es(word: str) -> int:
    """Syllables of a Spanish word: strong vowels part, weak ones join, an accented weak one stands alone.

    >>> [syllables_es(word) for word in ("médula", "sangre", "día", "leucemia", "aéreo", "ciudad")]
    [3, 2, 2, 3, 4, 2]
    """
    plain = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word.lower())
    plain = re.sub(r"y$", "i", plain)
    count, before = 0, ""
    for letter in plain:
        is_vowel = letter in _ES_STRONG + _ES_WEAK + _ES_ACCENTED_WEAK
        joins = before and is_vowel and not _parts(before, letter)
        if is_vowel and not joins:
            count += 1
        before = letter if is_vowel else ""
    return max(count, 1)


def _parts(before: str, letter: str) -> bool:
    """Whether two neighbouring vowels belong to two syllables."""
    both_strong = before in _ES_STRONG and letter in _ES_STRONG
    return both_strong or before in _ES_ACCENTED_WEAK or letter in _ES_ACCENTED_WEAK


def _masked(text: str, masked: Iterable[str]) -> str:
    names = sorted(masked, key=len, reverse=True)
    return re.sub(rf"\b(?:{'|'.join(map(re.escape, names))})\b", "mas", text, flags=re.IGNORECASE) if names else text


def _counted(text: str) -> tuple[list[str], int]:
    words = _WORD.findall(text)
    if not words:
        raise ValueError("there is nothing to read")
    return words, max(len(_SENTENCE_END.findall(text)), 1)

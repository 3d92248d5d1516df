"""Slips that break the grammar: a bracket too few, a comma too many, a letter next to the right one on the keyboard.

Where a text stops being ISCN, the few single-character mends that are possible there are tried, and the one is taken after which
most of the text can be read. Nothing that carries meaning is ever left out: only punctuation is deleted, and a letter or a digit is
at most read as another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remission.record.karyotype.draft import Draft, Edits, items
from remission.record.karyotype.parsing import stops_at
from remission.record.karyotype.tidying import KINDS

MOST_REPAIRS = 6  # of one group of cells; a text that needs more is not a karyotype with slips
MOST_UNREAD = 3

_STRAY = frozenset(":.'`*\"_ ")
_CLOSING, _BEGINNING = (")", "]"), ("+", "-", "?")
_WORD = re.compile(r"[a-z]+")
_ANY_KIND = "|".join(sorted(KINDS, key=len, reverse=True))
_ITEM = re.compile(rf"[+-]?\??(?:psu |inv |dir )?(?:{_ANY_KIND})\([\w();:.,?~>'*+ -]*\)(?:x\d+|\??c|mat|pat|dn)*")

_DIGITS = re.compile(r"(?<=[(;])\d{2,4}(?=[;)])")
_TWO_LISTS = re.compile(r"\(([^()]*)\)\(([^()]*)\)")
_DIGIT = frozenset("0123456789")
_LONG_BAND = re.compile(r"[pq]\d{3}(?=[;)pq])")
_NUMBERED = frozenset(str(number) for number in range(1, 23))
_NUMBER_ONLY = re.compile(r"\?*\d+(?:~\d+)?(?:<\d?n[+-]?>)?")

Edit = tuple[int, int, str]


def mended(draft: Draft, start: str) -> tuple[Edits, int | None]:
    """The draft with its slips mended, and the index at which it still stops being ISCN, or None when all of it can be read."""
    edits = Edits(draft)
    place = _mend(edits, start)
    for _ in range(MOST_UNREAD):
        span = None if place is None or names_no_chromosome(edits.text, place) else _item_round(edits.text, place)
        if span is None:
            break
        edits.edit(span[0], span[1], "{" + edits.text[span[0] : span[1]] + "}", told=False)
        place = stops_at(edits.text, start)
    return edits, place


def names_no_chromosome(text: str, place: int) -> str:
    """The number that stands where a chromosome should, and is none (25); otherwise nothing."""
    number = re.match(r"\d+", text[place:])
    return number[0] if number and text[place - 1 : place] in ("(", ";", "+", "-") else ""


def _mend(edits: Edits, start: str) -> int | None:
    """Mends until nothing is left or nothing helps. A mend that only moved the trouble by a character is no help and is undone."""
    place = stops_at(edits.text, start)
    for _ in range(MOST_REPAIRS):
        best = None if place is None else _best(edits.text, place, start)
        if best is None or place is None:
            return place
        before, draft = place, edits.draft
        edits.edit(*best)
        place = stops_at(edits.text, start)
        if place is not None and place <= before + 1 + len(best[2]):
            edits.draft = draft
            edits.repairs.pop()
            return before
    return place


def _best(text: str, place: int, start: str) -> Edit | None:
    """The mend after which least is left unread. Mends that lead equally far are taken in the order in which they are listed."""
    left, found = len(text) - place, None
    for first, last, new in _mends(text, place):
        tried = text[:first] + new + text[last:]
        stop = stops_at(tried, start)
        rest = -1 if stop is None else len(tried) - stop
        if rest < left:
            left, found = rest, (first, last, new)
        if stop is None:
            break
    return found


def _mends(text: str, place: int) -> Iterator[Edit]:
    """What may be wrong where the text stops being ISCN."""
    yield from ((place, place, new) for new in _lacking(text))
    for index in (place, place - 1):
        if 0 <= index < len(text) and _may_go(text, index):
            yield index, index + 1, ""
    yield from ((index, index + 2, text[index + 1] + text[index]) for index in _swapped(text, place))
    yield from _misspelt(text, place)
    yield from _unknowns(text, place)
    yield from _run_together(text, place)
    here = text[place : place + 1]
    if here and here not in "[]()+-" and (not here.isalnum() or _NUMBER_ONLY.fullmatch(text[:place])):
        yield from ((place, place + 1, new) for new in (",", ";"))
    if text[place - 1 : place] in _STRAY:
        yield place - 1, place, ";"


def _swapped(text: str, place: int) -> Iterator[int]:
    """Where two neighbours may have changed places. No digit crosses the border of a count of cells: it would make a new number."""
    for index in (place, place - 1, place - 2):
        pair = text[max(index, 0) : index + 2]
        counts = bool(_DIGIT & set(pair)) and bool(set(pair) & set("[]/"))
        if index >= 0 and len(pair) > 1 and pair[0] != pair[1] and not pair.isalnum() and not counts:
            yield index


def _lacking(text: str) -> Iterator[str]:
    """Brackets of which one is missing, and a comma or a semicolon."""
    for opening, closing in ("()", "[]"):
        more = text.count(opening) - text.count(closing)
        if more:
            yield closing if more > 0 else opening
    yield from ",;"


def _may_go(text: str, index: int) -> bool:
    """Whether this character may be left out: a bracket of which there is one too many, punctuation that separates nothing."""
    character, before, behind = text[index], text[index - 1 : index], text[index + 1 : index + 2]
    for opening, closing in ("()", "[]"):
        if character in (opening, closing):
            return (text.count(opening) - text.count(closing)) * (1 if character == opening else -1) > 0
    if character in _BEGINNING and character in (before, behind):
        return True
    separates = before.isalnum() or before in _CLOSING or before == "?"
    return character in _STRAY or (character in ",;" and not (separates and (behind.isalnum() or behind in _BEGINNING)))


def _misspelt(text: str, place: int) -> Iterator[Edit]:
    """A word that is none of ISCN's, but one letter away from exactly one that reads on: "y(1;19)" can only be t."""
    word = next((found for found in _WORD.finditer(text) if found.start() <= place < found.end()), None)
    if word and text[word.end() : word.end() + 1] == "(" and word[0] not in KINDS:
        near = [kind for kind in sorted(KINDS) if _one_slip(word[0], kind)]
        several = ";" in text[word.end() :].partition(")")[0]
        fitting = [kind for kind in near if several == (kind in _OF_SEVERAL)] if len(near) > 1 else near
        if len(fitting) == 1:
            yield word.start(), word.end(), fitting[0]


_OF_SEVERAL = frozenset({"t", "dic", "psudic", "rob", "rcp", "tas"})


def _one_slip(word: str, kind: str) -> bool:
    """One letter changed, left out, added, or two neighbours swapped."""
    if abs(len(word) - len(kind)) > 1 or word == kind:
        return False
    if len(word) == len(kind):
        differing = [index for index in range(len(word)) if word[index] != kind[index]]
        swapped = len(differing) == 2 and differing[1] == differing[0] + 1 and sorted(word) == sorted(kind)
        return len(differing) == 1 or swapped
    short, long = sorted((word, kind), key=len)
    return any(short == long[:index] + long[index + 1 :] for index in range(len(long)))


def _unknowns(text: str, place: int) -> Iterator[Edit]:
    """What was left out: an arm or a sex chromosome (ISCN's question mark), the brackets of del(6q), a derivative's second t."""
    before = text[:place]
    no_arm = re.search(r"[(;](?=\d{2}(?:\.\d)?(?:[pq]\d[^();]*)?$)", before)
    if no_arm:
        yield no_arm.end(), no_arm.end(), "?"
    if re.search(r"\)\((?:[^()]*;)?$", before) and re.match(r"\d{2}(?:\.\d+)?[;)]", text[place:]):
        yield place, place, "?"
    if re.fullmatch(r"\?*\d+(?:~\d+)?(?:<\d?n[+-]?>)?,[XY]*", before) and text[place : place + 1].isalpha():
        yield place, place + 1, "?"
    run_together = re.search(r"\((?:\d{1,2}|[XY])(?=[pq][\d.]*$)", before)
    if run_together:
        yield run_together.end(), run_together.end(), ")("
    opened = before.rfind("(")
    if opened > 0 and before[opened - 1] == ")" and re.search(r"der\([^()]*\)$", before[:opened]):
        yield opened, opened, "t"
    if opened > 0 and re.search(r"(?<![a-z])t\([^()]*\)$", before[:opened]):
        yield opened - 1, opened + 1, ";"  # the chromosomes of one exchange in two brackets


def _run_together(text: str, place: int) -> Iterator[Edit]:
    """A semicolon or a point left out between digits, where only one way of putting it in makes sense; an empty place in a list."""
    for run in _DIGITS.finditer(text):
        if run.start() <= place <= run.end():
            splits = [at for at in range(1, len(run[0])) if {run[0][:at], run[0][at:]} <= _NUMBERED]
            lists = _TWO_LISTS.match(text, text.rfind("(", 0, run.start()))
            if len(splits) == 1 and lists and lists[1].count(";") + 1 == lists[2].count(";"):
                yield run.start() + splits[0], run.start() + splits[0], ";"
    for run in _LONG_BAND.finditer(text):
        if run.start() <= place <= run.end():
            yield run.end() - 1, run.end() - 1, "."
    if text[place : place + 1] in (";", ")") and text[place - 1 : place] in ("(", ";"):
        yield place, place, "?"


def _item_round(text: str, place: int) -> tuple[int, int] | None:
    """The item of the list that holds this place, when it is named by a word of ISCN: it can be kept unread, the rest read."""
    end = text.rfind("[") if text.endswith("]") else len(text)
    for first, last in items(text[: end if end > 0 else len(text)]):
        if first <= place <= last and _ITEM.fullmatch(text[first:last]):
            return first, last
    return None

"""Reads an ISCN string as people type it: tidy the spelling, cut it into groups of cells, mend slips, parse, see what adds up.

Everything is bounded: the length, how deep brackets stand in one another, the size of numbers, the number of groups and of repairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from msgspec.structs import replace

from remission.record.karyotype.adding_up import what_does_not_add_up
from remission.record.karyotype.draft import Draft, Edits, groups
from remission.record.karyotype.groups import with_references
from remission.record.karyotype.parsing import NotUnderstood, parse_clone, parse_in_situ
from remission.record.karyotype.repairing import mended, names_no_chromosome
from remission.record.karyotype.shape import Clone, InSitu, Karyotype, KaryotypeRead, Repair
from remission.record.karyotype.tidying import tidied
from remission.record.karyotype.writing import core_written
from remission.record.problems import InputProblem
from remission.record.reading import absent_reason

LONGEST = 2_000
DEEPEST = 3
MOST_CLONES = 50
_SHOWN = 20
_MADE_OF_PARTS = frozenset({"der", "ider", "idic", "psu idic", "dic", "psu dic", "r", "i", "rec"})

_IN_SITU = re.compile(r"(?:^|\.)((?:nuc )?ish(?=[ (]))")
_REFERS = re.compile(r"[^,/\[]*,(?:idem|sl|sdl)")
_OTHER_TEST = re.compile(r"(?:^|[\s.;,]+)(?:r?arr|ogm|s?seq)\s*[\[(].*", re.DOTALL | re.IGNORECASE)
_WORDS_WITH_A_SENTENCE = frozenset({"mos", "chi", "or"})
_LONG_NUMBER = re.compile(r"\d{7,}")
_WORDS_FOR_FAILED = re.compile(
    r"\b(?:(?:cell )?culture (?:failed|failure)|failed (?:cell )?culture|no growth"
    r"|(?:no|insufficient) (?:(?:analy[sz]able|evaluable|dividing|adequate) )?(?:metaphases?|mitos[ei]s|cells)"
    r"|cultivo (?:fallido|fracasado)|fracaso del cultivo|sin (?:metafases|mitosis|crecimiento|células en división))\b",
    re.IGNORECASE,
)
_A_KARYOTYPE = re.compile(r"\b\d{2}\b[^a-z]{0,8},? *[XYxy]{1,2}\b")


def read_karyotype(text: str) -> KaryotypeRead:
    """The karyotype that `text` writes, with every repair and everything in it that does not add up.

    Raises `InputProblem` with the character and the reason when it cannot be read as one.
    """
    if _says_failed(text[:LONGEST]):
        return KaryotypeRead(Karyotype((), failed=True))
    text, beside = _apart(text)
    repairs, clones = list[Repair](), list[Clone]()
    if text.strip() or not beside:
        _refuse_hostile(text)
        edits = tidied(Draft.of(text))
        repairs += edits.repairs
        for piece, donor in _pieces(edits.draft, repairs):
            clone, mends = _clone(piece)
            clones.append(replace(clone, donor=donor))
            repairs += mends
    karyotype = with_references(Karyotype(tuple(clones), beside=beside))
    problems = tuple(what_does_not_add_up(karyotype))
    return KaryotypeRead(karyotype, tuple(sorted(repairs, key=lambda repair: repair.at)), problems)


def _says_failed(text: str) -> bool:
    """Whether the words say that there is nothing to read; but not where a karyotype stands beside them."""
    return bool(_WORDS_FOR_FAILED.search(text) and not _A_KARYOTYPE.search(text)) or absent_reason(text) == "failed"


def _apart(text: str) -> tuple[str, str]:
    """The karyotype, and the result of another test behind it (`.arr[GRCh38] 9p21.3(…)x0`), which is kept and not read."""
    other = _OTHER_TEST.search(text) if len(text) <= LONGEST else None
    return (text[: other.start()], other[0]) if other else (text, "")


def _refuse_hostile(text: str) -> None:
    if not text.strip():
        raise InputProblem("karyotype-empty", at=1)
    if len(text) > LONGEST:
        raise InputProblem("karyotype-too-long", at=LONGEST + 1, length=len(text), most=LONGEST)
    depth = 0
    for index, character in enumerate(text):
        depth = 0 if character == "/" else max(0, depth + (character in "([{（") - (character in ")]}）"))
        if depth > DEEPEST:
            raise InputProblem("karyotype-too-deep", at=index + 1, most=DEEPEST)
    number = _LONG_NUMBER.search(text)
    if number:
        raise InputProblem("karyotype-number-too-large", at=number.start() + 1, value=number[0][:_SHOWN])


def _pieces(draft: Draft, doubled: list[Repair]) -> Iterator[tuple[Draft, bool]]:
    """The groups of cells, cut at the slashes; behind a double slash stand a donor's. A slash too many goes into `doubled`."""
    donor = False
    spans = list(groups(draft.text))
    if len(spans) > MOST_CLONES:
        raise InputProblem("karyotype-too-many-clones", at=draft.at(spans[MOST_CLONES][0]), most=MOST_CLONES)
    if draft.text.startswith("//"):  # only a donor's cells were seen
        donor, spans = True, spans[2:]
    elif draft.text.endswith("//") and len(spans) > 2:  # only the child's own
        doubled.append(draft.repair(spans[-3][1], len(draft.text), ""))
        spans = spans[:-2]
    for number, (start, end) in enumerate(spans):
        if start == end and 0 < number < len(spans) - 1 and not donor:
            donor = _REFERS.match(draft.text, end + 1) is None  # nothing of a donor is "like the first": one slash too many
            if not donor:
                doubled.append(draft.repair(end, end + 1, ""))
            continue
        yield draft.part(start, end), donor


def _clone(piece: Draft) -> tuple[Clone, list[Repair]]:
    """One group of cells with the in situ results behind it. Raises `InputProblem`."""
    starts = [found.start() for found in _IN_SITU.finditer(piece.text)]
    bounds = [*starts, len(piece.text)]
    repairs: list[Repair] = []
    results: list[InSitu] = []
    for start, end in zip(starts, bounds[1:], strict=True):
        start += piece.text[start] == "."
        edits = _readable(piece.part(start, end), "in_situ")
        results.append(_in_situ(edits))
        repairs += edits.repairs
    if starts and starts[0] == 0:
        return Clone(in_situ=tuple(results)), repairs
    edits = _readable(piece.part(0, bounds[0]), "clone")
    clone = _parsed(edits)
    return replace(clone, in_situ=tuple(results)), repairs + edits.repairs


def _readable(piece: Draft, start: str) -> Edits:
    edits, place = mended(piece, start)
    if place is None:
        return edits
    raise _refusal(edits.draft, place, start)


def _in_situ(edits: Edits) -> InSitu:
    try:
        return parse_in_situ(edits.text)
    except NotUnderstood as problem:
        raise InputProblem(problem.why, at=edits.draft.at(problem.place), value=problem.value) from None


def _parsed(edits: Edits) -> Clone:
    try:
        clone = parse_clone(edits.text)
        split = _bands_run_together(clone, edits) + _items_run_together(clone, edits)
        return parse_clone(edits.text) if split else clone
    except NotUnderstood as problem:
        raise InputProblem(problem.why, at=edits.draft.at(problem.place), value=problem.value) from None


def _bands_run_together(clone: Clone, edits: Edits) -> bool:
    """Puts in the semicolon that t(4;12;9)(q13;p13q34) lacks: three chromosomes, three bands, only two groups of them."""
    found = False
    for change in clone.abnormalities:
        for part in (change, *change.parts):
            bands = [band for group in part.breakpoints for band in group]
            if part.kind == "t" and len(part.breakpoints) < len(part.chromosomes) == len(bands):
                run = ";".join("".join(group) for group in part.breakpoints)
                start = edits.text.find(f"({run})")
                for index, semicolon in _semicolons_left_out(run, bands):
                    edits.edit(start + 1 + index, start + 1 + index, semicolon)
                    found = True
    return found


def _items_run_together(clone: Clone, edits: Edits) -> bool:
    """Puts in the comma that del(9)(p13)add(11)(p15) lacks: only what made up one derivative is written without commas."""
    found = False
    for change in clone.abnormalities:
        text, head = "", change
        for before, part in pairwise((change, *change.parts)):
            text += core_written(before)
            apart = head.kind not in _MADE_OF_PARTS and not set(head.chromosomes) & set(part.chromosomes) and part.chromosomes
            start = edits.text.find(text + core_written(part)) + len(text)
            if (part.kind == "der" or apart) and start >= len(text):
                edits.edit(start, start, ",")
                found, text, head = True, "", part
    return found


def _semicolons_left_out(run: str, bands: list[str]) -> list[tuple[int, str]]:
    """Where a semicolon is missing between two bands, the last place first."""
    missing, index = [], 0
    for band in bands[:-1]:
        index += len(band)
        if run[index] == ";":
            index += 1
        else:
            missing.append((index, ";"))
    return missing[::-1]


def _refusal(draft: Draft, place: int, start: str) -> InputProblem:
    """Why the text cannot be read, in the words that fit what stands there."""
    at, near = draft.at(place), draft.text[place : place + _SHOWN]
    word = draft.word(place)
    if start == "clone" and place >= len(draft.text):
        number_only = re.fullmatch(r"\?*\d+(?:~\d+)?(?:<\d?n[+-]?>)?,?", draft.text)
        return InputProblem("karyotype-no-sex-chromosomes" if number_only else "karyotype-cut-off", at=at)
    number = names_no_chromosome(draft.text, place)
    if number:
        return InputProblem("karyotype-no-such-chromosome", at=at, value=number)
    if word:
        own = f"karyotype-word-{word}" if word in _WORDS_WITH_A_SENTENCE else "karyotype-unknown-word"
        return InputProblem(own, at=at, value=word)
    return InputProblem("karyotype-unreadable", at=at, value=near or draft.text[-_SHOWN:])

"""The grammar (`grammar.lark`) applied: one group of cells, or one in situ result, becomes its structure.

Lark's LALR parser takes time in proportion to the length. It is loaded and built on first use only (about 0.1 s).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from remission.record.karyotype.shape import (
    LARGEST_CELL_COUNT,
    LARGEST_CHROMOSOME_NUMBER,
    SMALLEST_CHROMOSOME_NUMBER,
    Abnormality,
    Cells,
    Clone,
    Count,
    InSitu,
    Signal,
)

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

_COUNTED = re.compile(r"(\d+(?:~\d+)?)?([a-z]+)(\d*)")


class NotUnderstood(Exception):
    """Where the text stopped being ISCN (an index into it). `why` names the sentence that says so, `value` what stood there."""

    def __init__(self, place: int, why: str = "karyotype-unreadable", value: str = ""):
        super().__init__(place)
        self.place = place
        self.why = why
        self.value = value


def parse_clone(text: str) -> Clone:
    """The group of cells that `text` describes. Raises `NotUnderstood`."""
    clone = _shape(_parsed(text, "clone"))
    assert isinstance(clone, Clone)  # noqa: S101 - the grammar's first rule makes nothing else
    return clone


def parse_in_situ(text: str) -> InSitu:
    """The in situ result that `text` describes. Raises `NotUnderstood`."""
    tree = _parsed(text, "in_situ")
    parts = [_shape(child) for child in tree.children]
    if tree.data == "ish":
        changes, cells = _of(parts, Abnormality), next(iter(_of(parts, Cells)), None)
        return InSitu("ish", text, changes, tuple(_shown(parts)), cells)
    signals = tuple(signal for probes in parts for signal in probes[0])
    return InSitu("nuc ish", text, signals=signals, cells=next((probes[1] for probes in parts if probes[1]), None))


def stops_at(text: str, start: str) -> int | None:
    """The index at which `text` stops being ISCN (its length when something is missing at the end); None when it does not."""
    try:
        _parsed(text, start)
    except NotUnderstood as problem:
        return problem.place
    return None


@cache
def _parser() -> Lark:
    from lark import Lark

    grammar = (files("remission.record.karyotype") / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", start=["clone", "in_situ"], maybe_placeholders=False)


def _parsed(text: str, start: str) -> Tree[Token]:
    from lark.exceptions import UnexpectedInput

    try:
        return _parser().parse(text, start=start)
    except UnexpectedInput as error:
        at_the_end = getattr(getattr(error, "token", None), "type", "") == "$END"
        raise NotUnderstood(len(text) if at_the_end or error.pos_in_stream is None else error.pos_in_stream) from None


def _shape(tree: Any) -> Any:
    """A node of the parse tree as a part of the structure; a token stays what it is."""
    shaper = _SHAPERS.get(getattr(tree, "data", ""))
    return shaper([_shape(child) for child in tree.children]) if shaper else tree


def _of(parts: list[Any], type_: type[Any]) -> tuple[Any, ...]:
    return tuple(part for part in parts if isinstance(part, type_))


def _tokens(parts: list[Any], kind: str) -> Iterator[Any]:
    return (part for part in parts if getattr(part, "type", "") == kind)


def _token(parts: list[Any], kind: str) -> str:
    return str(next(_tokens(parts, kind), ""))


def _count(token: Any, largest: int) -> Count:
    digits = str(token).lstrip("x?")
    low, _, high = digits.partition("~")
    place = getattr(token, "start_pos", 0) or 0
    if len(digits) > 2 * len(str(largest)) or max(int(low), int(high or 0)) > largest:
        raise NotUnderstood(place, "karyotype-number-too-large", digits)
    if high and int(high) < int(low):
        raise NotUnderstood(place, "karyotype-range-backwards", digits)
    return Count(int(low), int(high or low), str(token).startswith("?"))


def _times(parts: list[Any]) -> Count:
    """How many times something is there: `x2`, `x2~4`; once where nothing is written. Raises `NotUnderstood` for none."""
    for token in _tokens(parts, "TIMES"):
        times = _count(token, LARGEST_CHROMOSOME_NUMBER)
        if times.low < 1:
            raise NotUnderstood(token.start_pos or 0, value=str(token))
        return times
    return Count(1, 1)


def _exactly(times: Count) -> int:
    if times.low != times.high:
        raise NotUnderstood(0, value=f"x{times.low}~{times.high}")
    return times.low


def _clone(parts: list[Any]) -> Clone:
    head, content = parts[0], parts[1]
    sex, reference = _token(content, "SEX"), next((part for part in content if isinstance(part, tuple)), ("", 1))
    return Clone(
        number=head[0], ploidy=head[1], sex=sex, same_as=reference[0], times=reference[1],
        abnormalities=_of(content, Abnormality) + _of(parts, Abnormality), cells=next(iter(_of(parts, Cells)), None),
    )  # fmt: skip


def _doubled(parts: list[Any]) -> Clone:
    inner = _clone(parts[1:3])
    number = _count(parts[0], LARGEST_CHROMOSOME_NUMBER)
    changes, cells = _of(parts, Abnormality), next(iter(_of(parts, Cells)), None)
    return Clone(number=number, doubled=inner, times=_exactly(_times(parts)), abnormalities=changes, cells=cells)


def _bare(parts: list[Any]) -> Clone:
    return Clone(abnormalities=_of(parts, Abnormality), cells=next(iter(_of(parts, Cells)), None))


def _nonclonal(parts: list[Any]) -> Clone:
    return Clone(nonclonal=True, cells=next(iter(_of(parts, Cells)), None))


def _head(parts: list[Any]) -> tuple[Count, str]:
    number = _count(parts[0], LARGEST_CHROMOSOME_NUMBER)
    if number.low < SMALLEST_CHROMOSOME_NUMBER:
        raise NotUnderstood(parts[0].start_pos or 0, "karyotype-number-too-small", str(parts[0]))
    return number, _token(parts, "PLOIDY")


def _reference(parts: list[Any]) -> tuple[str, int]:
    return str(parts[0]), _exactly(_times(parts))


def _item(parts: list[Any]) -> Abnormality:
    """One item of the list: what it is, and the marks before and behind it."""
    from msgspec.structs import replace

    rearranged = _of(parts, Abnormality)
    first = rearranged[0] if rearranged else _simple(parts)
    times = _times(parts)
    if times.low != times.high and first.count:
        raise NotUnderstood(parts[0].start_pos or 0, value=first.kind)
    return replace(
        first, sign=_token(parts, "SIGN"), doubtful=bool(_token(parts, "DOUBT")), parts=rearranged[1:],
        times=times.low if times.low == times.high else 1, count=first.count if times.low == times.high else times,
        born_with=_token(parts, "BORN_WITH"), origin=_token(parts, "ORIGIN"), cells=_own_cells(parts),
    )  # fmt: skip


def _own_cells(parts: list[Any]) -> int | None:
    return next((_count(token.strip("[]"), LARGEST_CELL_COUNT).low for token in _tokens(parts, "ITEM_CELLS")), None)


def _simple(parts: list[Any]) -> Abnormality:
    """A whole chromosome, something that is counted (markers, rings, double minutes), a variant, or an item nobody understood."""
    for kind, make in _SIMPLE.items():
        for token in _tokens(parts, kind):
            return make(token)
    raise AssertionError(parts)


def _counted(token: Any) -> Abnormality:
    match = _COUNTED.fullmatch(str(token))
    assert match is not None  # noqa: S101 - the lexer matched it already
    count = _count(match[1], LARGEST_CHROMOSOME_NUMBER) if match[1] else None
    return Abnormality(match[2], count=count, label=match[3])


def _variant(token: Any) -> Abnormality:
    return Abnormality("variant", label=str(token))


def _rearrangement(parts: list[Any]) -> Abnormality:
    where = [part for part in parts if isinstance(part, dict)]
    found: dict[str, Any] = {key: value for part in where for key, value in part.items() if key != "signals"}
    signals = tuple(part["signals"] for part in where if "signals" in part)
    kind = _token(parts, "KIND").replace("psudic", "psu dic").replace("psuidic", "psu idic")
    return Abnormality(kind, gene=_token(parts, "GENE"), signals=signals, **found)


def _segments(parts: list[Any]) -> dict[str, str]:
    return {"segments": _joined(parts)}


def _joined(parts: list[Any]) -> str:
    return "".join(str(part) for part in parts)


def _cells(parts: list[Any]) -> Cells:
    written = str(parts[0]).lstrip("?")
    count, _, of = written.removeprefix("cp").partition("/")
    for number in (count, of):
        if len(number) > len(str(LARGEST_CELL_COUNT)):
            raise NotUnderstood(parts[0].start_pos or 0, "karyotype-number-too-large", number)
    doubtful = str(parts[0]).startswith("?")
    return Cells(int(count) if count else None, written.startswith("cp"), doubtful, int(of) if of else None)


def _probes(parts: list[Any]) -> tuple[list[Signal], Cells | None]:
    return _shown(parts), next(iter(_of(parts, Cells)), None)


def _shown(parts: list[Any]) -> list[Signal]:
    return [signal for part in parts if isinstance(part, list) for signal in part]


def _group(parts: list[Any]) -> list[Signal]:
    """Probes in brackets; copies written behind the bracket, `(ABL1,BCR)x2`, are those of each."""
    from msgspec.structs import replace

    copies = next((_count(token, LARGEST_CHROMOSOME_NUMBER) for token in _tokens(parts, "TIMES")), None)
    return [replace(signal, copies=signal.copies or copies) for signal in _of(parts, Signal)]


def _signal(parts: list[Any]) -> Signal:
    copies = next((_count(token, LARGEST_CHROMOSOME_NUMBER) for token in _tokens(parts, "TIMES")), None)
    probes = tuple(str(token) for token in _tokens(parts, "PROBE"))
    said = _token(parts, "RELATION") or _token(parts, "AMPLIFIED")
    relation = "con" if said.startswith("+") else said.strip()
    return Signal(probes, relation, _joined(parts), copies)


_SIMPLE: dict[str, Callable[[Any], Abnormality]] = {
    "CHROMOSOME": lambda token: Abnormality("chromosome", chromosomes=(str(token),)),
    "COUNTED": _counted,
    "VARIANT": _variant,
    "UNREAD": lambda token: Abnormality("unread", label=str(token)[1:-1]),
}
_SHAPERS: dict[str, Callable[[list[Any]], Any]] = {
    "clone": _clone, "doubled": _doubled, "bare": _bare, "nonclonal": _nonclonal, "head": _head, "content": list,
    "reference": _reference, "item": _item, "rearrangement": _rearrangement,
    "chromosomes": lambda parts: {"chromosomes": tuple(str(part) for part in parts)},
    "bands": lambda parts: {"breakpoints": tuple(parts)},
    "band": lambda parts: tuple(str(part) for part in parts),
    "segments": _segments, "segment": _joined, "span": _joined,
    "signals": lambda parts: {"signals": str(parts[0])},
    "cells": _cells, "shown": _shown, "probes": _probes, "group": _group, "signal": _signal,
}  # fmt: skip

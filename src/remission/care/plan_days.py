"""The days of a block as a sheet writes them ("1, 8, 15, 22" or "1-28"), in the sheet's own counting (its first day is 0 or 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal

from remission.record.problems import InputProblem

LAST_DAY = 1000  # of a block; the longest published one has 548
_RANGE = re.compile(r"(\d{1,6})\s*(?:-|–|—|\bto\b|\ba\b|\bal\b)\s*(\d{1,6})", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;]+|(?<=[\s\d])(?:and|y|e)(?=[\s\d])", re.IGNORECASE)
_RUN = 3  # days in a row from which on they are written as a range


def days_of(written: str, first_day: Literal[0, 1]) -> tuple[int, ...]:
    """The days, counted from 1, in order, each once. Raises `InputProblem` when they cannot be read."""
    return tuple(sorted(set(written_days(written, first_day))))


def written_days(written: str, first_day: Literal[0, 1]) -> list[int]:
    """The days as they stand there, counted from 1: unsorted, and twice where they stand twice."""
    parts = [part for part in _BETWEEN.split(_RANGE.sub(r"\1-\2", written.strip(" ."))) if part]
    if not parts:
        raise InputProblem("plan-days-needed")
    return [day - first_day + 1 for part in parts for day in _days_of_part(part, written, first_day)]


def days_written(days: Iterable[int], first_day: Literal[0, 1]) -> str:
    """Days (counted from 1) as the sheet counts them: "1–28", "1, 8, 15". `days_of` reads it back."""
    runs = (list(run) for _, run in groupby(enumerate(sorted(set(days))), key=lambda pair: pair[1] - pair[0]))
    return ", ".join(part for run in runs for part in _run_written([day - 1 + first_day for _, day in run]))


def _days_of_part(part: str, written: str, first_day: int) -> Iterable[int]:
    """One day or one range, in the sheet's own counting."""
    low, _, high = part.partition("-")
    if not low.isdecimal() or not (high or low).isdecimal() or part.endswith("-"):
        raise InputProblem("plan-days-unreadable", days=written)
    first, last = int(low), int(high or low)
    if first > last:
        raise InputProblem("plan-days-reversed", days=part)
    if first < first_day:
        raise InputProblem("plan-days-before-first", days=part, first=first_day)
    if last > LAST_DAY:
        raise InputProblem("plan-days-too-late", days=part, most=LAST_DAY)
    return range(first, last + 1)


def _run_written(run: list[int]) -> Iterator[str]:
    if len(run) < _RUN:
        yield from map(str, run)
    else:
        yield f"{run[0]}–{run[-1]}"

"""What commands with long work share: a line that says how far it is, how fast it goes, and the file that comes of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from remission.documents.wording import Wording
from remission.knowledge.model import Lang
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.whole_file import ANYBODY, write_whole

_SHOWN_EVERY = 0.25  # seconds between two looks at the line
_CLEARED = "\r\x1b[2K"

Show = Callable[[Callable[[], str]], None]


def words_in(lang: Lang) -> Wording:
    return Wording(load_library(), lang)


def write_out(out: Path, data: bytes, mode: int = ANYBODY) -> None:
    """Writes what was asked for, whole or not at all. Raises `InputProblem` where nothing can be written."""
    try:
        write_whole(out, data, mode)
    except OSError as error:
        raise InputProblem("cannot-write", file=out, reason=error.strerror or "") from None


@contextmanager
def progress_line() -> Iterator[Show]:
    """Shows the line it is given in place of the last one, only where somebody watches; takes it away at the end."""
    is_watched, last = sys.stderr.isatty(), 0.0

    def show(line: Callable[[], str]) -> None:
        nonlocal last
        now = time.monotonic()
        if is_watched and now - last >= _SHOWN_EVERY:
            last = now
            click.echo(_CLEARED + line(), nl=False, err=True)

    try:
        yield show
    finally:
        if last:
            click.echo(_CLEARED, nl=False, err=True)


class Pace:
    """How fast work goes since it began, and how long what is left of it will take. What was done before does not count."""

    def __init__(self, done_before: int = 0):
        self.began, self.done_before = time.monotonic(), done_before

    def rate(self, done: int) -> float:
        """How much a second."""
        seconds = time.monotonic() - self.began
        return (done - self.done_before) / seconds if seconds else 0.0

    def left(self, done: int, of: int) -> str:
        """The time left, in words: 40 s, 12 min, 2.5 h; "…" as long as nothing was done by which to tell."""
        rate = self.rate(done)
        return span((of - done) / rate) if rate else "…"


def span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

"""The lines of a table in a text file: which encoding, which delimiter, and each line's cells or why they cannot be read.

A damaged line costs that line and no other: after a quote that is never closed, or a byte that is no text, reading goes on with
the next line.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem, InputProblems

_DELIMITERS = "\t,;|"
_AT_ONCE = 1 << 20  # bytes looked at together
_MOST_LINES = 100  # of one row, whose quoted cells may hold line breaks
LONGEST_CELL = 131_072  # characters; more in one cell means that something else is wrong
_STRAY = ("\udc80", "\udcff")  # what a byte that is no text is decoded to
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Sheet(Frozen, frozen=True):
    """A table in a text file. `damaged`: it has bytes that are no text; `accents`: it has letters beyond ASCII that are."""

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    damaged: bool
    accents: bool
    lines: int  # as many as end with a line feed, and a last one that does not

    @property
    def looks_latin(self) -> bool:
        """Whether it was most likely saved in an older encoding as a whole."""
        return self.damaged and not self.accents


Cells = list[str]


def look_at(path: Path) -> Sheet:
    """What kind of table the file is. Raises `InputProblems` when it is none that can be read."""
    try:
        encoding, damaged, accents, lines = _looked(path)
        sheet = Sheet(path, encoding, ",", (), damaged, accents, lines)
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            header = file.readline(LONGEST_CELL)
        delimiter = max(_DELIMITERS, key=re.sub(r'"[^"]*"', "", header).count)
        sheet = Sheet(path, encoding, delimiter, (), damaged, accents, lines)
        _, columns = next(_records(sheet), (1, []))
    except OSError as error:
        raise InputProblems([InputProblem("file-unreadable", file=str(path), reason=error.strerror or "")]) from None
    except UnicodeError:
        raise InputProblems([InputProblem("file-not-text", file=path.name)]) from None
    if isinstance(columns, InputProblem):
        word = "file-not-utf8" if columns.word == "row-not-text" else "file-malformed"
        raise InputProblems([InputProblem(word, file=path.name, reason=columns.values.get("reason", ""))])
    return Sheet(path, encoding, delimiter, tuple(name.strip() for name in columns), damaged, accents, lines)


def rows(sheet: Sheet) -> Iterator[tuple[int, Cells | InputProblem]]:
    """Every row below the header that is not blank: the line it begins on, and its cells or what is wrong with it."""
    try:
        records = _records(sheet)
        next(records, None)
        for line, cells in records:
            if not isinstance(cells, InputProblem) and len(cells) != len(sheet.columns):
                yield line, InputProblem("row-cells-missing", line=line, found=len(cells), expected=len(sheet.columns))
            else:
                yield line, cells
    except OSError as error:
        raise InputProblems([InputProblem("file-unreadable", file=str(sheet.path), reason=error.strerror or "")]) from None
    except UnicodeError:
        raise InputProblems([InputProblem("file-not-text", file=sheet.path.name)]) from None


def _looked(path: Path) -> tuple[str, bool, bool, int]:
    """The encoding, whether some bytes are no text in it, whether there are letters beyond ASCII, and the number of lines."""
    with path.open("rb") as file:
        chunk = file.read(_AT_ONCE)
        encoding = _encoding(chunk)
        if encoding.startswith("utf-16"):
            return encoding, False, False, 0
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        damaged, accents, lines, last = False, False, 0, b"\n"
        while chunk:
            lines, last = lines + chunk.count(b"\n"), chunk[-1:]
            stray, letters = _beyond_ascii(decoder.decode(chunk))
            damaged, accents = damaged or stray, accents or letters
            chunk = file.read(_AT_ONCE)
        stray, letters = _beyond_ascii(decoder.decode(b"", final=True))
        return encoding, damaged or stray, accents or letters, lines + (last != b"\n")


def _beyond_ascii(text: str) -> tuple[bool, bool]:
    """Whether the text has bytes that are none, and whether it has letters beyond ASCII. The mark at the start is neither."""
    if text.isascii():
        return False, False
    beyond = set(text) - {"\ufeff"}
    stray = {letter for letter in beyond if _STRAY[0] <= letter <= _STRAY[1]}
    return bool(stray), any(letter > "\x7f" for letter in beyond - stray)


def _encoding(start: bytes) -> str:
    """By the mark at the start; else a text in which every other byte is empty is UTF-16 without its mark."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    head = start[:200]
    if len(head) >= 4 and head[1::2].count(0) > len(head) // 3 and not head[0::2].count(0):
        return "utf-16-le"
    if len(head) >= 4 and head[0::2].count(0) > len(head) // 3 and not head[1::2].count(0):
        return "utf-16-be"
    return "utf-8"


class _TooManyLines(Exception):
    pass


class _Lines:
    """The lines of a file for one row after another; lines that turn out to belong to no row can be given back."""

    def __init__(self, file: Iterator[str]):
        self.file, self.number = file, 0  # the line before the row
        self.taken: list[str] = []
        self.back: list[str] = []  # last first

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) == _MOST_LINES:
            raise _TooManyLines
        line = self.back.pop() if self.back else next(self.file)
        self.taken.append(line)
        return line

    def next_row(self) -> int:
        """Goes behind the row just read; the number of the line on which the next begins."""
        self.number += len(self.taken)
        self.taken = []
        return self.number + 1

    def keep_first(self) -> None:
        """Gives back all lines of this row but the first."""
        self.back += reversed(self.taken[1:])
        del self.taken[1:]


def _records(sheet: Sheet) -> Iterator[tuple[int, Cells | InputProblem]]:
    with sheet.path.open(encoding=sheet.encoding, errors="surrogateescape", newline="") as file:
        lines = _Lines(iter(file))
        while True:
            line = lines.next_row()
            try:
                cells = next(_reader(sheet, lines))
            except StopIteration:
                return
            except (csv.Error, _TooManyLines) as error:
                if not lines.taken:
                    return
                lines.keep_first()
                mended = _without_stray_spaces(sheet, lines.taken[0])
                if mended is None:
                    yield line, _unreadable(line, lines.taken[0], error)
                    continue
                cells = mended
            if len(lines.taken) > 1 and sheet.columns and len(cells) != len(sheet.columns):
                lines.keep_first()
                yield line, _unreadable(line, lines.taken[0], _TooManyLines())
            elif sheet.damaged and not _is_text(lines.taken):
                yield line, InputProblem("row-not-text", line=line)
            elif cells:
                yield line, cells


def _reader(sheet: Sheet, lines: Iterable[str]) -> Iterator[Cells]:
    return csv.reader(lines, delimiter=sheet.delimiter, skipinitialspace=True, strict=True)


def _without_stray_spaces(sheet: Sheet, text: str) -> Cells | None:
    """The cells of a line in which spaces stand between a closing quote and the delimiter; None when that is not what is wrong."""
    tidied = re.sub(rf'(?<!")" +(?=[{re.escape(sheet.delimiter)}\r\n]|$)', '"', text)
    try:
        return None if tidied == text else next(_reader(sheet, [tidied]))
    except csv.Error:
        return None


def _unreadable(line: int, text: str, error: Exception) -> InputProblem:
    if not _is_text([text]):
        return InputProblem("row-not-text", line=line)
    reason = "" if isinstance(error, _TooManyLines) else f"{error}"
    return InputProblem("row-quotes", line=line, reason=reason)


def _is_text(lines: list[str]) -> bool:
    return not any(_STRAY[0] <= letter <= _STRAY[1] for line in lines if not line.isascii() for letter in line)

"""Reads a file that somebody downloaded: the registry's JSON or CSV, or NCI's JSON. Which one it is, the file itself says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem
from remission.trials.collecting import Record, Sited
from remission.trials.csv_export import read_csv
from remission.trials.nci_json import read_nci_record
from remission.trials.registry_json import read_record

LARGEST_FILE = 600_000_000
_NUMBER = re.compile(r"NCT\d{8}")


class FileRead(Frozen, frozen=True):
    """What a file holds: its records, how many could not be read, and the day on which it was last written."""

    records: tuple[Record, ...]
    unreadable: int
    written: str
    registry: str


def read_file(path: Path) -> FileRead:
    """All records of a file. Raises `InputProblem` when it cannot be opened, is no such file, or holds no record."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputProblem("trials-file-too-large", file=path.name)
        written = date.fromtimestamp(path.stat().st_mtime).isoformat()
        head = path.read_bytes()[:1] if path.stat().st_size else b""
        found = _json_records(path) if head in (b"{", b"[") else (_csv_records(path), 0, "ClinicalTrials.gov")
    except OSError as error:
        raise InputProblem("file-unreadable", file=str(path), reason=error.strerror or "") from None
    except UnicodeDecodeError:
        raise InputProblem("file-not-text", file=path.name) from None
    records, unreadable, registry = found
    if not records:
        raise InputProblem("trials-file-empty", file=path.name)
    return FileRead(records, unreadable, written, registry)


def _csv_records(path: Path) -> tuple[Record, ...]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(Record(study, tuple(Sited(place) for place in places)) for study, places in read_csv(file, path.name))


def _json_records(path: Path) -> tuple[tuple[Record, ...], int, str]:
    read: list[Record] = []
    unreadable, is_nci = 0, False
    for raw in _raws(path):
        is_nci = is_nci or b'"protocolSection"' not in bytes(raw)
        reader: Callable[[msgspec.Raw], Record] = read_nci_record if is_nci else read_record
        try:
            record = reader(raw)
        except msgspec.MsgspecError:
            unreadable += 1
            continue
        if _NUMBER.fullmatch(record.study.id):
            read.append(record)
        else:
            unreadable += 1
    return tuple(read), unreadable, "NCI" if is_nci else "ClinicalTrials.gov"


def _raws(path: Path) -> Iterator[msgspec.Raw]:
    """The records of a file as they stand: one object, a list, a page (`studies`, `data`, `trials`), or one on each line."""
    content = path.read_bytes()
    try:
        yield from _records_in(content)
    except msgspec.DecodeError:
        lines = [line for line in content.splitlines() if line.strip()]
        try:
            parts = [list(_records_in(line)) for line in lines]
        except msgspec.DecodeError:
            raise InputProblem("trials-file-malformed", file=path.name) from None
        for part in parts:
            yield from part


def _records_in(content: bytes) -> Iterator[msgspec.Raw]:
    if content.lstrip()[:1] == b"[":
        yield from msgspec.json.decode(content, type=list[msgspec.Raw])
        return
    page = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    for name in ("studies", "data", "trials"):
        if name in page:
            yield from msgspec.json.decode(page[name], type=list[msgspec.Raw])
            return
    yield msgspec.Raw(content)

"""Reads a file that somebody downloaded: the registry's JSON or CSV, or NCI's JSON. Which one it is, the file itself says."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import msgspec

from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem
from remission.trials.collecting import Record, Sited
from remission.trials.csv_export import IsCity, read_csv
from remission.trials.nci_json import read_nci_record
from remission.trials.registry_json import read_record

LARGEST_FILE = 600_000_000
_PACKED = b"PK\x03\x04"  # a zip, as which the registry offers many records too
_REGISTRY = "ClinicalTrials.gov"
_NUMBER = re.compile(r"NCT\d{8}")


class FileRead(Frozen, frozen=True):
    """What a file holds: its records, how many could not be read, and the day on which it was last written."""

    records: tuple[Record, ...]
    unreadable: int
    written: str
    registry: str


def read_file(path: Path, is_city: IsCity) -> FileRead:
    """All records of a file. Raises `InputProblem` when it cannot be opened, is no such file, or holds no record."""
    try:
        state = path.stat()
        if state.st_size > LARGEST_FILE:
            raise InputProblem("trials-file-too-large", file=path.name)
        content = path.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise InputProblem("file-unreadable", file=str(path), reason=error.strerror or "") from None
    records, unreadable, registry = _records(content, path.name, is_city)
    if not records:
        raise InputProblem("trials-file-empty", file=path.name)
    written = min(date.fromtimestamp(state.st_mtime), date.today()).isoformat()
    return FileRead(records, unreadable, written, registry)


def _records(content: bytes, name: str, is_city: IsCity) -> tuple[tuple[Record, ...], int, str]:
    """What the content itself says that it is, read."""
    if content.startswith(_PACKED):
        raise InputProblem("trials-file-packed", file=name)
    try:
        if content.lstrip()[:1] in (b"{", b"["):
            return _json_records(content)
        return (_csv_records(content, name, is_city) if content.strip() else ()), 0, _REGISTRY
    except (UnicodeDecodeError, csv.Error, msgspec.DecodeError, RecursionError):
        raise InputProblem("trials-file-malformed", file=name) from None


def _csv_records(content: bytes, name: str, is_city: IsCity) -> tuple[Record, ...]:
    file = StringIO(content.decode("utf-8"), newline="")
    return tuple(Record(study, tuple(Sited(place) for place in places)) for study, places in read_csv(file, name, is_city))


def _json_records(content: bytes) -> tuple[tuple[Record, ...], int, str]:
    """Each record by the reader of its own registry: one that is broken spoils no other."""
    read: list[Record] = []
    registries: set[str] = set()
    unreadable = 0
    for raw in _raws(content):
        is_nci = b'"protocolSection"' not in bytes(raw)
        try:
            record = read_nci_record(raw) if is_nci else read_record(raw)
        except msgspec.MsgspecError:
            unreadable += 1
            continue
        if _NUMBER.fullmatch(record.study.id):
            read.append(record)
            registries.add("NCI" if is_nci else _REGISTRY)
        else:
            unreadable += 1
    return tuple(read), unreadable, "NCI" if registries == {"NCI"} else _REGISTRY


def _raws(content: bytes) -> Iterator[msgspec.Raw]:
    """The records of a file as they stand: one object, a list, a page (`studies`, `data`, `trials`), or one on each line. Raises
    `msgspec.DecodeError`."""
    try:
        yield from _records_in(content)
    except msgspec.DecodeError:
        lines = [line for line in content.splitlines() if line.strip()]
        for part in [list(_records_in(line)) for line in lines]:
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

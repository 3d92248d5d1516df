"""The files of an export: which kinds of resources each holds, and a little of each to learn its codes from."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

import msgspec

from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem

PATIENT, CONDITION, OBSERVATION = "Patient", "Condition", "Observation"
MEDICINES = ("MedicationAdministration", "MedicationStatement")
MEDICATION, ENCOUNTER = "Medication", "Encounter"
READ = (PATIENT, CONDITION, OBSERVATION, *MEDICINES)
LOOKED_UP = (MEDICATION, ENCOUNTER)
_NDJSON = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_SAMPLE = 1 << 20  # bytes from the start, the middle and the end of a file
_LONGEST = 20_000_000
_START = b'{"resourceType":"'


class _Kind(msgspec.Struct, rename="camel", gc=False):
    resource_type: str = ""


class ExportFile(Frozen, frozen=True):
    """A file, and the kinds of resources that were seen in it."""

    path: Path
    size: int
    changed: int
    kinds: frozenset[str]

    @property
    def name(self) -> str:
        return self.path.name


class Export(Frozen, frozen=True):
    """A folder of NDJSON files, and the names of its other files, which are not read."""

    folder: Path
    files: tuple[ExportFile, ...]
    others: tuple[str, ...] = ()

    def of(self, *kinds: str) -> tuple[ExportFile, ...]:
        return tuple(file for file in self.files if not file.kinds.isdisjoint(kinds))

    def with_kind(self, names: Iterable[str], kind: str) -> Export:
        """The same export, where more is known of what some files hold."""
        named = set(names)
        files = (msgspec.structs.replace(f, kinds=f.kinds | {kind}) if f.name in named else f for f in self.files)
        return Export(self.folder, tuple(files), self.others)


def find_export(folder: Path) -> Export:
    """The files of a folder. Raises `InputProblem` when it is no folder, or holds no NDJSON."""
    if not folder.is_dir():
        raise InputProblem("cohort-fhir-no-folder", folder=str(folder))
    try:
        inside = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise InputProblem("file-unreadable", file=str(folder), reason=error.strerror or "") from None
    ours = [path for path in inside if path.name.lower().endswith(_NDJSON)]
    if not ours:
        raise InputProblem("cohort-fhir-no-ndjson", folder=folder.name)
    files = tuple(_file(path) for path in ours)
    read = tuple(file for file in files if not file.kinds.isdisjoint((*READ, *LOOKED_UP)))
    others = (*(path.name for path in inside if path not in ours), *(file.name for file in files if file not in read))
    if not any(PATIENT in file.kinds for file in read):
        raise InputProblem("cohort-fhir-no-patients", folder=folder.name)
    return Export(folder, read, others)


def _file(path: Path) -> ExportFile:
    state = path.stat()
    try:
        lines = list(sample_of(path))
    except (OSError, EOFError) as error:
        raise InputProblem("file-unreadable", file=path.name, reason=str(error)) from None
    return ExportFile(path, state.st_size, state.st_mtime_ns, frozenset(kind for line in lines if (kind := _kind_of(line))))


def _kind_of(line: bytes) -> str:
    if line.startswith(_START):  # as most lines begin
        return line[len(_START) :].partition(b'"')[0].decode("utf-8", "replace")
    try:
        return msgspec.json.decode(line, type=_Kind).resource_type
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""


def sample_of(path: Path) -> Iterator[bytes]:
    """Some whole lines of a file: from its start, and of one that is not compressed from its middle and its end as well."""
    with open_file(path) as file:
        yield from file.read(_SAMPLE).removeprefix(b"\xef\xbb\xbf").split(b"\n")[: -1 if path.stat().st_size > _SAMPLE else None]
        if path.suffix == ".gz" or path.stat().st_size < 4 * _SAMPLE:
            return
        for place in (path.stat().st_size // 2, path.stat().st_size - _SAMPLE):
            file.seek(place)
            yield from file.read(_SAMPLE).split(b"\n")[1:-1]


def open_file(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line that is not empty, with its number from 1."""
    with open_file(path) as file:
        number = 0
        while line := file.readline(_LONGEST):
            number += 1
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            while not line.endswith(b"\n") and (line := file.readline(_LONGEST)):
                text = b"?"  # longer than any resource: nothing of it is kept
            if text.strip():
                yield number, text.rstrip(b"\r\n")

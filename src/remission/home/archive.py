"""Everything in the family's file as one archive that a person can read without this program, and the way back.

A ZIP: a README in both languages; for each child a folder with the notes as they stand (JSON, and CSV for spreadsheets), every
change that was ever made (`history.jsonl`, the one part that is read back) and the printed sheets; and a manifest with the SHA-256
of each part. The same content gives the same bytes. Passphrases and other settings of this computer are not in it.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

import msgspec
from msgspec.structs import replace

from remission.home.merging import Archive, ArchivedChild, Taken, TakenChild, take_in
from remission.home.notes import Change, Values
from remission.home.problems import HomeProblem
from remission.home.sheets import file_name, record_json, standing, tables
from remission.home.store import HomeFile
from remission.knowledge.decoding import json_decoder
from remission.knowledge.model import Frozen, Text
from remission.knowledge.playbook import Field, NoteKind, Playbook

__all__ = ["Archive", "ArchivedChild", "Taken", "TakenChild", "export_archive", "read_archive", "take_in"]

FORMAT = 1
_MANIFEST, _README, _HISTORY = "manifest.json", "README.txt", "history.jsonl"
_MADE_BY = "remission"
_MOST_PARTS = 20_000
_MOST_BYTES = 500_000_000  # unpacked; a family's ten years are a few million
_ALWAYS = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP knows: none of its own
_READABLE_BY_OWNER = 0o100600 << 16


class _Part(Frozen, frozen=True):
    bytes: int
    sha256: str


class _ChildListed(Frozen, frozen=True):
    id: str
    name: str
    folder: str
    changes: int


class _Manifest(Frozen, frozen=True):
    made_by: str
    format: int
    children: tuple[_ChildListed, ...]
    parts: dict[str, _Part]


# --- out ----------------------------------------------------------------------------------------------------------------


def export_archive(home: HomeFile, playbook: Playbook, files: Mapping[str, bytes], words: Mapping[str, Text]) -> bytes:
    """All children with all history. `files` are printed sheets by name; "CHILD/NAME" goes into the folder of that child."""
    parts = {_README: _readme(words)}
    listed: list[_ChildListed] = []
    for child in (ArchivedChild(one, _numbered(home.history(one))) for one in home.child_ids()):
        folder = _folder(child, {one.folder for one in listed})
        listed.append(_ChildListed(child.id, child.name, folder, len(child.changes)))
        parts |= {f"{folder}/{name}": part for name, part in _parts_of(child, playbook.kinds, words).items()}
    parts |= _placed(files, {one.id: one.folder for one in listed})
    sums = {name: _Part(len(part), sha256(part).hexdigest()) for name, part in sorted(parts.items())}
    manifest = msgspec.json.encode(_Manifest(_MADE_BY, FORMAT, tuple(listed), sums))
    return _zipped({_MANIFEST: msgspec.json.format(manifest, indent=1) + b"\n"} | parts)


def _parts_of(child: ArchivedChild, kinds: Mapping[str, NoteKind], words: Mapping[str, Text]) -> dict[str, bytes]:
    notes = standing(child.changes)
    history = b"".join(msgspec.json.encode(change) + b"\n" for change in child.changes)
    return {"record.json": record_json(notes, kinds, words), _HISTORY: history} | tables(notes, kinds, words)


def _numbered(changes: list[Change]) -> tuple[Change, ...]:
    """Changes counted from 1 for each child: the numbers of one file say nothing in another."""
    numbers = {change.seq: number for number, change in enumerate(changes, 1)}
    return tuple(replace(change, seq=numbers[change.seq], undoes=numbers.get(change.undoes or 0)) for change in changes)


def _readme(words: Mapping[str, Text]) -> bytes:
    text = words["archive-readme"]
    return f"{text.en.strip()}\n\n---\n\n{text.es.strip()}\n".encode()


def _folder(child: ArchivedChild, taken: set[str]) -> str:
    """A folder's name: the nickname, so that a person finds it, and the id, so that two children never share one."""
    marked = ("invented", child.name, child.id) if child.is_invented else (child.name, child.id)
    name = "children/" + ("-".join(part for part in map(file_name, marked) if part) or "child")
    return name if name not in taken else f"{name}-{len(taken) + 1}"


def _placed(files: Mapping[str, bytes], folders: Mapping[str, str]) -> dict[str, bytes]:
    """The printed sheets where they belong."""
    placed = {}
    for name, data in files.items():
        child, _, own_name = name.partition("/")
        placed[f"{folders[child]}/printed/{own_name}" if own_name and child in folders else f"printed/{name}"] = data
    return placed


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, part in sorted(parts.items(), key=lambda named: (named[0] != _README, named[0])):
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE_BY_OWNER, 3
            file.writestr(entry, part)
    return packed.getvalue()


# --- in -----------------------------------------------------------------------------------------------------------------


def read_archive(data: bytes, playbook: Playbook | None = None) -> Archive:
    """What an archive holds, once every part was found whole. With the playbook, values are also read as their fields ask.

    Raises `HomeProblem` when it is damaged, newer, or not ours. Nothing is ever unpacked onto the disk.
    """
    with _opened(data) as file:
        return _read(file, playbook.kinds if playbook else {})


# Everything that Python's reader says of bytes that are no sound ZIP
_NO_SOUND_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, OverflowError)


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (*_NO_SOUND_ZIP, struct.error):
        raise HomeProblem("archive-not-ours") from None


def _read(file: zipfile.ZipFile, kinds: Mapping[str, NoteKind]) -> Archive:
    entries = {entry.filename: entry for entry in file.infolist()}
    if _MANIFEST not in entries:
        raise HomeProblem("archive-not-ours")
    _refuse_tricks(file.infolist())
    manifest = _manifest(_whole(file, entries.pop(_MANIFEST)))
    if manifest.parts.keys() != entries.keys():
        odd = sorted(manifest.parts.keys() ^ entries.keys())
        raise HomeProblem("archive-damaged", part=odd[0])
    histories: dict[str, bytes] = {}
    for name, part in manifest.parts.items():
        found = _whole(file, entries[name])
        if len(found) != part.bytes or sha256(found).hexdigest() != part.sha256:
            raise HomeProblem("archive-damaged", part=name)
        if name.endswith(f"/{_HISTORY}"):
            histories[name.removesuffix(f"/{_HISTORY}")] = found
    if len({one.id for one in manifest.children}) != len(manifest.children):
        raise HomeProblem("archive-damaged", part=_MANIFEST)
    return Archive(tuple(_child(one, histories.get(one.folder), kinds) for one in manifest.children))


def _refuse_tricks(entries: list[zipfile.ZipInfo]) -> None:
    """Before anything is unpacked: no part twice, none that asks for a place of its own on the disk, no more than can be held."""
    if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise HomeProblem("archive-too-big", most=_MOST_BYTES // 1_000_000)
    seen: set[str] = set()
    for entry in entries:
        if entry.filename in seen or not _is_plain(entry.filename) or _is_unusual(entry):
            raise HomeProblem("archive-damaged", part=entry.filename)
        seen.add(entry.filename)


def _is_plain(name: str) -> bool:
    """A name that stays where it is put, on every system."""
    return len(name) < 250 and not _has_control(name) and not {"\\", ":"} & set(name) and not {"", ".", ".."} & set(name.split("/"))


def _is_unusual(entry: zipfile.ZipInfo) -> bool:
    """Encrypted, or packed in a way that we never use."""
    return bool(entry.flag_bits & 1) or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def _whole(file: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A part, and never more of it than it says it is long."""
    try:
        with file.open(entry) as part:
            return part.read(entry.file_size)
    except _NO_SOUND_ZIP:
        raise HomeProblem("archive-damaged", part=entry.filename) from None


def _manifest(data: bytes) -> _Manifest:
    try:
        looked: Any = msgspec.json.decode(data)
        if not isinstance(looked, dict) or looked.get("made_by") != _MADE_BY or not isinstance(looked.get("format"), int):
            raise HomeProblem("archive-not-ours")
        if looked["format"] > FORMAT:
            raise HomeProblem("archive-newer")
        return json_decoder(_Manifest).decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise HomeProblem("archive-damaged", part=_MANIFEST) from None


def _child(listed: _ChildListed, history: bytes | None, kinds: Mapping[str, NoteKind]) -> ArchivedChild:
    part = f"{listed.folder}/{_HISTORY}"
    try:
        changes = tuple(json_decoder(Change).decode(line) for line in (history or b"").splitlines())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise HomeProblem("archive-damaged", part=part) from None
    if not changes or len(changes) != listed.changes or not all(_follows(changes, listed.id)):
        raise HomeProblem("archive-damaged", part=part)
    for change in changes:
        if change.kind in kinds and (odd := _unreadable(kinds[change.kind], change.after or {})):
            raise HomeProblem("archive-value-unreadable", part=part, line=change.seq, label=odd.label)
    return ArchivedChild(listed.id, changes)


def _follows(changes: tuple[Change, ...], child: str) -> Iterator[bool]:
    """Whether each change begins where the one before it ended, as they do in a file that this program wrote."""
    now: dict[tuple[str, str], Values | None] = {}
    numbers = {0}
    last = 0
    for change in changes:
        names = (change.child, change.kind, change.id)
        yield change.child == child and all(name and not _has_control(name) and len(name) <= 200 for name in names)
        yield change.before == now.get(names[1:]) and change.seq > last and (change.undoes or 0) in numbers
        yield change.at.tzinfo is not None and 1970 <= change.at.year < 9000
        yield not any(_has_control(text.translate(_LINES)) for text in (change.by, *(change.after or {}).values()))
        now[names[1:]], last = change.after, change.seq
        numbers.add(change.seq)


_LINES = dict.fromkeys(map(ord, "\n\t\r"))


def _has_control(text: str) -> bool:
    return any(sign < " " or sign == "\x7f" for sign in text)


def _unreadable(kind: NoteKind, values: Values) -> Field | None:
    """A field whose value could not be shown again: somebody wrote into the archive by hand."""
    return next((field for field in kind.fields if values.get(field.id) and not _reads(field, values[field.id])), None)


def _reads(field: Field, value: str) -> bool:
    number = value.split(" ")[0]
    try:
        if field.kind == "day":
            date.fromisoformat(value)
        elif field.kind == "time":
            time.fromisoformat(value)
        elif field.kind in ("number", "quantity", "temperature"):
            return Decimal(number).is_finite() and abs(Decimal(number).adjusted()) < 40
    except (ValueError, InvalidOperation):
        return False
    return True

"""The readable part of an export: a child's notes as one JSON document, and each kind as a table. Nothing is read back from it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping

import msgspec

from remission.home.notes import SEALED, Change, Note
from remission.knowledge.model import Text
from remission.knowledge.playbook import Field, NoteKind

_STARTS_A_FORMULA = (*"=+-@＝＋－＠", "\t", "\r", "\n")
_UTF8_MARK = "\ufeff"  # without it Excel reads "niña" as something else
_LONGEST_NAME = 40


def standing(changes: Iterable[Change]) -> list[Note]:
    """The notes as they stand after these changes, in the order in which they were begun. What is sealed is left out."""
    notes: dict[tuple[str, str], Note | None] = {}
    for change in changes:
        if change.kind not in SEALED:
            place = (change.kind, change.id)
            notes[place] = (
                None if change.after is None else Note(change.child, *place, change.after, change.seq, change.at, change.by)
            )
    return [note for note in notes.values() if note is not None]


def is_invented(notes: Iterable[Note]) -> bool:
    return any(note.kind == "child" and note.said("invented") == "yes" for note in notes)


def record_json(notes: list[Note], kinds: Mapping[str, NoteKind], words: Mapping[str, Text]) -> bytes:
    """Everything that stands now, each field with its label. A field that was left empty is not there: it is not recorded."""
    told = {
        "notice": words["archive-notice"],
        **({"invented": words["archive-invented"]} if is_invented(notes) else {}),
        "notes": [_note_told(note, kinds.get(note.kind)) for note in notes],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _note_told(note: Note, kind: NoteKind | None) -> dict[str, object]:
    fields = {field.id: field for field in kind.fields} if kind else {}
    return {
        "kind": note.kind,
        "label": kind.one if kind else Text(note.kind, note.kind),
        "id": note.id,
        "written_at": note.at,
        "written_by": note.by,
        "fields": [_field_told(field_id, value, fields.get(field_id)) for field_id, value in note.values.items()],
    }


def _field_told(field_id: str, value: str, field: Field | None) -> dict[str, object]:
    told: dict[str, object] = {"id": field_id, "label": field.label if field else Text(field_id, field_id), "value": value}
    if field and field.options:
        told["value_label"] = _chosen(field, value)
    return told


def _chosen(field: Field, value: str) -> Text:
    """The answers that were chosen, by their names; what is no answer any more as it is kept."""
    labels = {option.id: option.label for option in field.options}
    chosen = [labels.get(one, Text(one, one)) for one in value.split()]
    return Text("; ".join(label.en for label in chosen), "; ".join(label.es for label in chosen))


def tables(notes: list[Note], kinds: Mapping[str, NoteKind], words: Mapping[str, Text]) -> dict[str, bytes]:
    """A CSV file for each kind of which there is a note, by its name."""
    written = [kind for kind in kinds.values() if kind.id not in SEALED and any(note.kind == kind.id for note in notes)]
    return {f"{kind.id}.csv": _table(kind, notes, words) for kind in written}


def _table(kind: NoteKind, notes: list[Note], words: Mapping[str, Text]) -> bytes:
    """Heads in both languages. The last field of each row says who wrote it; an invented child is marked in every row."""
    mark = [_both(words["archive-invented"])] if is_invented(notes) else []
    heads = [*(field.label for field in kind.fields), words["archive-written-at"], words["archive-written-by"]]
    text = io.StringIO(_UTF8_MARK)
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*("" for _ in mark), *(_harmless(_both(head)) for head in heads)])
    for note in notes:
        if note.kind == kind.id:
            cells = [_cell(field, note.said(field.id)) for field in kind.fields]
            writer.writerow([*mark, *(_harmless(cell) for cell in (*cells, note.at.isoformat() if note.at else "", note.by))])
    return text.getvalue().encode()


def _cell(field: Field, value: str) -> str:
    return _both(_chosen(field, value)) if field.options else value


def _both(text: Text) -> str:
    return text.en if text.en == text.es else f"{text.en} / {text.es}"


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell


def file_name(text: str) -> str:
    """A name that every file system takes: "Ñandú ⭐" becomes "nandu"; nothing is left of a name in other letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_NAME].strip("-")

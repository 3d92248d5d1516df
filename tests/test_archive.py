"""The archive: readable without this program, the same bytes for the same content, and never half an import."""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from remission.home.archive import Archive, export_archive, read_archive, take_in
from remission.home.merging import Taken
from remission.home.notes import Change, Note
from remission.home.problems import HomeProblem
from remission.home.store import HomeFile
from remission.knowledge.model import Library
from remission.knowledge.playbook import Playbook
from remission.rules.compiled import load_shelf


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    return load_shelf().playbook


@pytest.fixture
def home(tmp_path: Path) -> Iterator[HomeFile]:
    with HomeFile(tmp_path / "here") as file:
        fill(file)
        yield file


@pytest.fixture
def there(tmp_path: Path) -> Iterator[HomeFile]:
    """Another computer."""
    with HomeFile(tmp_path / "there") as file:
        yield file


def fill(home: HomeFile) -> None:
    """Two invented families' worth of notes: written, changed, taken away, undone, by several people, in between each other."""
    home.write(Note("luca", "child", "luca", {"name": "Ñandú ⭐ / ..", "born": "2020-02-29", "sex": "boy"}), "Ana")
    home.write(Note("mara", "child", "mara", {"name": "Mara", "invented": "yes"}), "")
    home.write(
        Note("luca", "diary", "d1", {"day": "2026-03-01", "temperature": "38.1 °C", "note": "=SUM(A1)\nsecond line"}), "Papá"
    )
    home.write(Note("mara", "diary", "d1", {"day": "2026-03-02", "note": "+1 night"}), "")
    changed = home.write(Note("luca", "diary", "d1", {"day": "2026-03-01", "temperature": "101.3 °F", "note": "@home"}), "Ana")
    home.undo(changed.seq, "Papá")
    home.write(Note("luca", "person", "p1", {"name": "-Dr. Ruiz", "phone": "+51 1 555"}), "Ana")
    home.remove("luca", "person", "p1", "Ana")
    home.write(Note("luca", "of-a-later-version", "x", {"what": "kept though nobody here knows it"}), "Ana")


def exported(home: HomeFile, playbook: Playbook, library: Library, files: dict[str, bytes] | None = None) -> bytes:
    return export_archive(home, playbook, files or {}, library.words)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {entry.filename: file.read(entry) for entry in file.infolist()}


def facts(home: HomeFile, child: str) -> list[tuple[Any, ...]]:
    """Everything about a child that two files must agree on."""
    numbers = {change.seq: number for number, change in enumerate(home.history(child))}
    return [(c.kind, c.id, c.before, c.after, c.at, c.by, numbers.get(c.undoes or 0)) for c in home.history(child)]


# --- what is in it --------------------------------------------------------------------------------------------------------


def test_a_person_can_read_it(home: HomeFile, playbook: Playbook, library: Library) -> None:
    found = parts(exported(home, playbook, library, {"luca/card.pdf": b"%PDF", "all.pdf": b"%PDF"}))
    assert set(found) == {
        "README.txt", "manifest.json", "printed/all.pdf", "children/nandu-luca/printed/card.pdf",
        *(f"children/nandu-luca/{name}" for name in ("record.json", "history.jsonl", "child.csv", "diary.csv")),
        *(f"children/invented-mara-mara/{name}" for name in ("record.json", "history.jsonl", "child.csv", "diary.csv")),
    }  # fmt: skip
    readme = found["README.txt"].decode()
    assert "not encrypted" in readme
    assert "No está cifrada" in readme
    record = json.loads(found["children/nandu-luca/record.json"])
    assert [note["kind"] for note in record["notes"]] == ["child", "diary", "of-a-later-version"]
    diary = {field["id"]: field for field in record["notes"][1]["fields"]}
    assert diary["temperature"]["value"] == "101.3 °F" or diary["temperature"]["value"] == "38.1 °C"
    assert set(diary["temperature"]["label"]) == {"en", "es"}
    assert "sex" in {field["id"] for field in record["notes"][0]["fields"]}
    assert "invented" not in record
    assert len(found["children/nandu-luca/history.jsonl"].splitlines()) == 7


def test_a_table_is_a_table_and_no_program(home: HomeFile, playbook: Playbook, library: Library) -> None:
    data = parts(exported(home, playbook, library))["children/nandu-luca/diary.csv"]
    assert data.startswith(b"\xef\xbb\xbf"), "without it Excel reads another alphabet"
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert "'=SUM(A1)\nsecond line" in row.values()
    label = playbook.kinds["diary"].field("temperature").label
    assert row[f"{label.en} / {label.es}"] == "38.1 °C"
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
    assert "Papá" in row.values()


def test_an_invented_child_is_marked_in_its_name_its_record_and_every_row(
    home: HomeFile, playbook: Playbook, library: Library
) -> None:
    found = {name: part for name, part in parts(exported(home, playbook, library)).items() if "mara" in name}
    assert all("/invented-" in name for name in found)
    assert "INVENTED CHILD" in json.loads(found["children/invented-mara-mara/record.json"])["invented"]["en"]
    for name in found:
        if name.endswith(".csv"):
            rows = list(csv.reader(io.StringIO(found[name].decode("utf-8-sig"))))
            assert all(row[0].startswith("INVENTED CHILD") for row in rows[1:])


def test_the_same_content_gives_the_same_bytes(home: HomeFile, there: HomeFile, playbook: Playbook, library: Library) -> None:
    data = exported(home, playbook, library)
    assert data == exported(home, playbook, library)
    take_in(there, read_archive(data, playbook))
    assert exported(there, playbook, library) == data, "also on another computer, whose changes have other numbers"


def test_settings_stay_on_this_computer(home: HomeFile, playbook: Playbook, library: Library) -> None:
    home.keep_setting("lock", "Zebrafink-47")
    assert not any(b"Zebrafink-47" in part for part in parts(exported(home, playbook, library)).values())


def test_an_empty_file_has_an_archive_too(there: HomeFile, playbook: Playbook, library: Library) -> None:
    archive = read_archive(exported(there, playbook, library), playbook)
    assert archive == Archive(())
    assert "no child" in take_in(there, archive).sentence(library.words, "en")


def test_a_child_whose_own_note_was_taken_away_is_not_left_out(home: HomeFile, playbook: Playbook, library: Library) -> None:
    home.remove("luca", "child", "luca", "Ana")
    assert [child.id for child in read_archive(exported(home, playbook, library)).children] == ["luca", "mara"]


# --- taking in ------------------------------------------------------------------------------------------------------------


def hows(taken: Taken) -> list[str]:
    return [child.how for child in taken.children]


def test_an_empty_computer_gets_everything(home: HomeFile, there: HomeFile, playbook: Playbook, library: Library) -> None:
    taken = take_in(there, read_archive(exported(home, playbook, library), playbook))
    assert hows(taken) == ["added", "added"]
    assert taken.children[0].changes == 7
    for child in ("luca", "mara"):
        assert facts(there, child) == facts(home, child)
        assert [n.values for n in there.notes(child)] == [n.values for n in home.notes(child)]
    assert "Mara was added" in taken.sentence(library.words, "en")
    assert "Se agregó Mara" in taken.sentence(library.words, "es")


def test_a_second_time_adds_nothing(home: HomeFile, there: HomeFile, playbook: Playbook, library: Library) -> None:
    archive = read_archive(exported(home, playbook, library), playbook)
    take_in(there, archive)
    before = facts(there, "luca")
    assert hows(take_in(there, archive)) == ["nothing", "nothing"]
    assert facts(there, "luca") == before


def test_what_was_written_since_is_added(home: HomeFile, there: HomeFile, playbook: Playbook, library: Library) -> None:
    take_in(there, read_archive(exported(home, playbook, library)))
    newest = home.write(Note("luca", "diary", "d2", {"note": "later"}), "Ana")
    home.undo(newest.seq, "Ana")
    there.write(Note("else", "child", "else", {"name": "Zoe"}), "")
    taken = take_in(there, read_archive(exported(home, playbook, library)))
    assert [(child.how, child.changes) for child in taken.children] == [("continued", 2), ("nothing", 0)]
    assert facts(there, "luca") == facts(home, "luca")


def test_an_old_archive_takes_nothing_back(home: HomeFile, playbook: Playbook, library: Library) -> None:
    old = read_archive(exported(home, playbook, library))
    home.write(Note("luca", "diary", "d2", {"note": "later"}), "Ana")
    before = facts(home, "luca")
    assert hows(take_in(home, old)) == ["nothing", "nothing"]
    assert facts(home, "luca") == before


def test_ways_that_parted_stand_side_by_side(home: HomeFile, there: HomeFile, playbook: Playbook, library: Library) -> None:
    take_in(there, read_archive(exported(home, playbook, library)))
    home.write(Note("luca", "diary", "d2", {"note": "at home"}), "Ana")
    there.write(Note("luca", "diary", "d2", {"note": "at grandmother's"}), "Abuela")
    before = facts(there, "luca")
    archive = read_archive(exported(home, playbook, library))
    taken = take_in(there, archive)
    assert hows(taken) == ["apart", "nothing"]
    assert facts(there, "luca") == before, "nothing here is overwritten"
    fresh = taken.children[0].id
    assert fresh != "luca"
    assert [who.said("name") for who in there.children()] == ["Ñandú ⭐ / ..", "Mara", "Ñandú ⭐ / .. (2)"]
    assert [who.id for who in there.notes(fresh, "child")] == [fresh]
    assert there.notes(fresh, "diary")[-1].said("note") == "at home"
    assert taken.children[0].name in taken.sentence(library.words, "en")
    assert hows(take_in(there, archive)) == ["nothing", "nothing"], "not once more for each time it is brought back"


def test_a_child_that_was_erased_can_be_brought_back(home: HomeFile, playbook: Playbook, library: Library) -> None:
    archive, before = read_archive(exported(home, playbook, library)), facts(home, "luca")
    home.erase("luca")
    assert hows(take_in(home, archive)) == ["added", "nothing"]
    assert facts(home, "luca") == before
    home.write(Note("luca", "diary", "d9", {"note": "goes on"}), "Ana")


def test_all_children_or_none(there: HomeFile, home: HomeFile, playbook: Playbook, library: Library) -> None:
    archive = read_archive(exported(home, playbook, library))
    there._connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON change WHEN new.child = 'mara' BEGIN SELECT raise(ABORT, 'x'); END"
    )
    with pytest.raises(Exception, match="x"):
        take_in(there, archive)
    assert there.child_ids() == []


# --- what is refused ------------------------------------------------------------------------------------------------------


def zipped(found: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as file:
        for name, part in found.items():
            file.writestr(zipfile.ZipInfo(name), part, compression)
    return packed.getvalue()


def signed(found: dict[str, bytes]) -> dict[str, bytes]:
    """With a manifest that fits: what somebody would do who changes an archive on purpose."""
    manifest = json.loads(found["manifest.json"])
    manifest["parts"] = {
        name: {"bytes": len(part), "sha256": sha256(part).hexdigest()} for name, part in found.items() if name != "manifest.json"
    }
    return found | {"manifest.json": json.dumps(manifest).encode()}


HISTORY = "children/nandu-luca/history.jsonl"
CHILD_LISTED = {"id": "luca", "name": "", "folder": "children/nandu-luca", "changes": 6}
Mischief = Callable[[dict[str, bytes]], dict[str, bytes]]


def in_manifest(**changed: Any) -> Mischief:
    return lambda found: found | {"manifest.json": json.dumps(json.loads(found["manifest.json"]) | changed).encode()}


def in_history(old: str, new: str) -> Mischief:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        assert old.encode() in found[HISTORY]
        return signed(found | {HISTORY: found[HISTORY].replace(old.encode(), new.encode(), 1)})

    return change


def listed(found: dict[str, bytes]) -> list[Any]:
    return list(json.loads(found["manifest.json"])["children"])


def without_line(text: bytes, number: int) -> bytes:
    lines = text.splitlines(keepends=True)
    return b"".join(lines[:number] + lines[number + 1 :])


MISCHIEF: dict[str, tuple[str, Mischief]] = {
    "a part changed": ("archive-damaged", lambda found: found | {HISTORY: found[HISTORY].replace(b"38.1", b"37.1")}),
    "a part missing": ("archive-damaged", lambda found: {n: p for n, p in found.items() if n != HISTORY}),
    "a part added": ("archive-damaged", lambda found: found | {"children/extra.txt": b"x"}),
    "the history missing with its sum": ("archive-damaged", lambda found: signed({n: p for n, p in found.items() if n != HISTORY})),
    "a part outside": ("archive-damaged", lambda found: signed(found | {"../../etc/passwd": b"x"})),
    "an absolute part": ("archive-damaged", lambda found: signed(found | {"/etc/passwd": b"x"})),
    "a part of Windows": ("archive-damaged", lambda found: signed(found | {"c:\\windows\\x": b"x"})),
    "a newer one": ("archive-newer", in_manifest(format=2, more="things")),
    "of another program": ("archive-not-ours", in_manifest(made_by="another")),
    "no manifest": ("archive-not-ours", lambda found: {n: p for n, p in found.items() if n != "manifest.json"}),
    "a manifest of nonsense": ("archive-damaged", lambda found: found | {"manifest.json": b"{" * 5000}),
    "a manifest that is a list": ("archive-not-ours", lambda found: found | {"manifest.json": b"[]"}),
    "two of one child": ("archive-damaged", lambda found: in_manifest(children=listed(found)[:1] * 2)(found)),
    "a count that lies": ("archive-damaged", in_manifest(children=[CHILD_LISTED])),
    "a change left out": ("archive-damaged", lambda found: signed(found | {HISTORY: without_line(found[HISTORY], 3)})),
    "a past rewritten": ("archive-damaged", in_history('"before":{"day":"2026-03-01"', '"before":{"day":"2026-03-02"')),
    "of another child": ("archive-damaged", in_history('"child":"luca"', '"child":"mara"')),
    "an unknown key": ("archive-damaged", in_history('"by":"Papá"', '"by":"Papá","more":1')),
    "no time zone": ("archive-damaged", in_history('Z"', '"')),
    "a number that is none": ("archive-damaged", in_history('"seq":3', '"seq":"3"')),
    "undoing what was never done": ("archive-damaged", in_history('"undoes":3', '"undoes":44')),
    "a control character": ("archive-damaged", in_history('"by":"Ana"', '"by":"A\\u0000na"')),
    "half a letter": ("archive-damaged", in_history('"by":"Ana"', '"by":"\\ud800"')),
    "a day that is none": ("archive-value-unreadable", in_history('"born":"2020-02-29"', '"born":"2021-02-29"')),
}  # fmt: skip


@pytest.mark.parametrize("mischief", MISCHIEF)
def test_what_is_not_whole_is_refused_and_nothing_of_it_is_kept(
    mischief: str, home: HomeFile, playbook: Playbook, library: Library
) -> None:
    word, change = MISCHIEF[mischief]
    with pytest.raises(HomeProblem) as told:
        read_archive(zipped(change(parts(exported(home, playbook, library)))), playbook)
    assert told.value.word == word
    assert told.value.sentence(library.words, "es")


def test_a_changed_archive_whose_sums_fit_is_read_when_it_makes_sense(home: HomeFile, playbook: Playbook, library: Library) -> None:
    """The control for the cases above: the way of changing is not what is refused."""
    found = in_history('"by":"Ana"', '"by":"Anna"')(parts(exported(home, playbook, library)))
    assert read_archive(zipped(found), playbook).children[0].changes[0].by == "Anna"


def test_other_files_are_refused() -> None:
    for data in (
        b"",
        b"PK",
        b"PK\x03\x04 nonsense",
        b"age-encryption.org/v1\n",
        b"{}",
        zipped({}),
        zipped({"letter.txt": b"Dear"}),
    ):
        with pytest.raises(HomeProblem, match="archive-not-ours"):
            read_archive(data)


def test_a_bomb_is_not_unpacked(home: HomeFile, playbook: Playbook, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("remission.home.archive._MOST_BYTES", 5_000_000)
    monkeypatch.setattr("remission.home.archive._whole", lambda *_: pytest.fail("it was unpacked"))
    found = parts(exported(home, playbook, library))
    bomb = zipped(found | {f"children/nandu-luca/printed/{n}": bytes(1_000_000) for n in range(6)})
    assert len(bomb) < 50_000
    with pytest.raises(HomeProblem, match="archive-too-big"):
        read_archive(bomb)


def test_a_part_that_lies_about_its_length_is_not_unpacked(home: HomeFile, playbook: Playbook, library: Library) -> None:
    """The directory of the ZIP says 10 bytes; packed are 20 million."""
    name = "children/nandu-luca/printed/x"
    honest = zipped(parts(exported(home, playbook, library)) | {name: bytes(20_000_000)})
    lying = honest.replace((20_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(HomeProblem, match="archive-damaged"):
        read_archive(lying)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(home: HomeFile, playbook: Playbook, library: Library, compression: int) -> None:
    with pytest.raises(HomeProblem, match="archive-damaged"):
        read_archive(zipped(parts(exported(home, playbook, library)), compression))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused(home: HomeFile, playbook: Playbook, library: Library) -> None:
    packed = io.BytesIO(exported(home, playbook, library))
    with zipfile.ZipFile(packed, "a") as file:
        file.writestr(HISTORY, b"other")
    with pytest.raises(HomeProblem, match="archive-damaged"):
        read_archive(packed.getvalue())


def test_any_damage_is_refused_with_a_sentence_or_does_no_harm(home: HomeFile, playbook: Playbook, library: Library) -> None:
    data = exported(home, playbook, library)
    whole = read_archive(data, playbook)
    chance = random.Random(41)  # noqa: S311 - no secret
    told = []
    for _ in range(600):
        broken = bytearray(data[: chance.choice([len(data), chance.randrange(len(data))])])
        for _ in range(chance.randrange(4)):
            broken[chance.randrange(len(broken) or 1)] = chance.randrange(256)
        try:
            assert read_archive(bytes(broken), playbook) == whole
        except HomeProblem as problem:
            told.append(problem)
    assert len(told) > 300
    assert all(problem.sentence(library.words, "en") for problem in told)


def test_names_become_names_of_files(home: HomeFile, playbook: Playbook, library: Library) -> None:
    for number, name in enumerate(["../../x", "CON", "张伟", "a" * 300, ".hidden", "x\ty"]):
        home.write(Note(f"c{number}", "child", f"c{number}", {"name": name}), "")
    archive = read_archive(exported(home, playbook, library))
    assert len(archive.children) == 8
    folders = {name.split("/")[1] for name in parts(exported(home, playbook, library)) if name.startswith("children/")}
    assert {"x-c0", "con-c1", "c2", f"{'a' * 40}-c3", "hidden-c4", "x-y-c5"} < folders


def test_ids_that_look_alike_do_not_share_a_folder(there: HomeFile, playbook: Playbook, library: Library) -> None:
    for child in ("a:b", "a b", "a_b"):
        there.write(Note(child, "child", child, {"name": "Luca"}), "")
    assert len(read_archive(exported(there, playbook, library)).children) == 3


def test_a_change_says_the_same_after_a_round_trip(home: HomeFile, playbook: Playbook, library: Library) -> None:
    (luca, _) = read_archive(exported(home, playbook, library)).children
    first = home.history("luca")[0]
    assert luca.changes[0] == Change(1, "luca", "child", "luca", None, first.after, first.at, "Ana")

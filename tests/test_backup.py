"""The encrypted backup: rehearsed on an empty machine, readable by another program, honest about what cannot be opened."""

from __future__ import annotations

import os
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from conftest import ends
from remission.home.archive import export_archive, read_archive, take_in
from remission.home.backup import backup, restore
from remission.home.notes import Note
from remission.home.problems import HomeProblem
from remission.home.store import HomeFile, new_id
from remission.knowledge.model import Library
from remission.rules.compiled import load_shelf

PASSPHRASE = "cuatro palabras que solo sabe mamá"  # noqa: S105 - of invented children
MARKER = "Zebrafink-47"


def a_family(folder: Path) -> HomeFile:
    """Two children, a hundred notes, changed and taken away by several people."""
    home = HomeFile(folder)
    for child in ("luca", "mara"):
        home.write(Note(child, "child", child, {"name": child.title(), "born": "2020-02-29"}), "Ana")
        for number in range(50):
            note = Note(child, "diary", new_id(), {"day": "2026-03-01", "note": f"{MARKER} día {number}"})
            kept = home.write(note, "Papá")
            if number % 5 == 0:
                home.write(Note(child, "diary", note.id, note.values | {"mood": "1"}), "Ana")
            if number % 7 == 0:
                home.remove(child, "diary", note.id, "Ana")
            if number % 11 == 0:
                home.write(Note(child, "diary", note.id, {"note": "again"}), "Ana")
                home.undo(home.history(child)[-1].seq, kept.by)
    return home


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from remission.rules.compiled import load_library

    with a_family(tmp_path_factory.mktemp("family")) as home:
        return export_archive(home, load_shelf().playbook, {}, load_library().words)


@pytest.fixture(scope="module")
def sealed(archive: bytes) -> bytes:
    return backup(archive, PASSPHRASE)


def test_a_restore_on_an_empty_machine_brings_back_every_note_and_every_change(tmp_path: Path, library: Library) -> None:
    """The rehearsal: one machine is lost, on another there is nothing but the backup and the passphrase."""
    kinds = load_shelf().playbook
    with a_family(tmp_path / "lost machine") as lost:
        notes = {child: [(n.kind, n.id, n.values, n.at, n.by) for n in lost.notes(child)] for child in lost.child_ids()}
        changes = {
            child: [(c.kind, c.id, c.before, c.after, c.at, c.by) for c in lost.history(child)] for child in lost.child_ids()
        }
        kept = backup(export_archive(lost, kinds, {}, library.words), PASSPHRASE)
    shutil.rmtree(tmp_path / "lost machine")
    with HomeFile(tmp_path / "empty machine" / "data") as home:
        taken = take_in(home, read_archive(restore(kept, PASSPHRASE), kinds))
        assert [child.how for child in taken.children] == ["added", "added"]
        assert {child: [(n.kind, n.id, n.values, n.at, n.by) for n in home.notes(child)] for child in home.child_ids()} == notes
        assert {
            child: [(c.kind, c.id, c.before, c.after, c.at, c.by) for c in home.history(child)] for child in home.child_ids()
        } == changes
        assert sum(map(len, changes.values())) > 130
        assert home.damages() == []


def test_nothing_of_it_can_be_read(sealed: bytes) -> None:
    assert MARKER.encode() not in sealed
    assert b"manifest" not in sealed
    assert sealed.startswith(b"age-encryption.org/v1\n-> scrypt ")


def test_the_same_content_is_sealed_anew_each_time(archive: bytes, sealed: bytes) -> None:
    again = backup(archive, PASSPHRASE)
    assert again != sealed
    assert restore(again, PASSPHRASE) == archive


def refused(data: bytes, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(HomeProblem) as told:
        restore(data, passphrase)
    return told.value.word


def test_a_wrong_passphrase_is_said(sealed: bytes) -> None:
    assert refused(sealed, "cuatro palabras que solo sabe papa") == "passphrase-wrong"
    assert refused(sealed, "") == "passphrase-wrong"


def test_a_passphrase_is_the_same_on_every_keyboard(archive: bytes, sealed: bytes) -> None:
    assert unicodedata.normalize("NFD", PASSPHRASE) != PASSPHRASE
    assert restore(sealed, unicodedata.normalize("NFD", PASSPHRASE)) == archive


@pytest.mark.parametrize("length", [23, 60, 150, -1000, -1])
def test_a_backup_that_was_cut_off_is_damaged(sealed: bytes, length: int) -> None:
    assert refused(sealed[:length]) == "backup-damaged"


def test_a_backup_of_which_a_byte_changed_is_damaged(sealed: bytes) -> None:
    assert refused(sealed[:500] + bytes([sealed[500] ^ 1]) + sealed[501:]) == "backup-damaged"
    assert refused(sealed + b"more") == "backup-damaged"


def test_a_backup_that_would_take_for_ever_is_refused_at_once(sealed: bytes) -> None:
    head, salt, rest = sealed.split(b"\n", 2)
    slow = b"\n".join([head, salt.rsplit(b" ", 1)[0] + b" 30", rest])
    with ends():
        assert refused(slow) == "backup-too-slow"


def test_what_is_no_backup_is_refused(archive: bytes) -> None:
    import pyrage  # type: ignore[import-untyped]

    assert refused(archive) == "backup-is-archive"
    for data in (b"", b"Dear diary", b"age-encryption.org/v2\n"):
        assert refused(data) == "backup-not-age"
    key = pyrage.x25519.Identity.generate().to_public()
    assert refused(pyrage.encrypt(archive, [key])) == "backup-for-a-key"


def test_what_was_sealed_but_is_no_archive_is_refused() -> None:
    with pytest.raises(HomeProblem, match="archive-not-ours"):
        read_archive(restore(backup(b"holiday pictures", PASSPHRASE), PASSPHRASE))


TOO_SHORT = ("", "       x ", "1234567")


@pytest.mark.parametrize("passphrase", [*TOO_SHORT, "x" * 1001])
def test_a_passphrase_that_protects_nothing_is_refused(archive: bytes, passphrase: str) -> None:
    with pytest.raises(HomeProblem) as told:
        backup(archive, passphrase)
    assert told.value.word == ("passphrase-short" if passphrase in TOO_SHORT else "passphrase-long")
    assert passphrase not in map(str, told.value.values.values()), "a passphrase is never repeated"


# --- another program ------------------------------------------------------------------------------------------------------


def _terminal() -> bool:
    """Whether this machine can make a terminal: `age` asks for its passphrase on one."""
    try:
        master, slave = os.openpty()
    except OSError:
        return False
    os.close(master)
    os.close(slave)
    return True


AGE, SCRIPT = shutil.which("age"), shutil.which("script")
needs_age = pytest.mark.skipif(
    not (AGE and SCRIPT and _terminal()), reason="the program `age` (Debian: age), `script` or a terminal for them is missing"
)


def with_age(answers: str, *arguments: str) -> None:
    """Runs `age`, which asks for passphrases on a terminal only."""
    command = [str(SCRIPT), "--quiet", "--return", "--command", " ".join(["age", *arguments]), "/dev/null"]
    subprocess.run(command, input=answers.encode(), check=True, capture_output=True)


@needs_age
def test_another_program_opens_our_backup(archive: bytes, sealed: bytes, tmp_path: Path) -> None:
    (tmp_path / "ours.age").write_bytes(sealed)
    with_age(f"{PASSPHRASE}\n", "--decrypt", "--output", str(tmp_path / "opened.zip"), str(tmp_path / "ours.age"))
    assert (tmp_path / "opened.zip").read_bytes() == archive


@needs_age
def test_we_open_what_another_program_sealed(archive: bytes, tmp_path: Path) -> None:
    (tmp_path / "plain.zip").write_bytes(archive)
    for armor in ("", "--armor"):
        out = tmp_path / f"theirs{armor}.age"
        with_age(f"{PASSPHRASE}\n{PASSPHRASE}\n", "--passphrase", armor, "--output", str(out), str(tmp_path / "plain.zip"))
        assert restore(out.read_bytes(), PASSPHRASE) == archive

"""The lock of the pages, and the teen's own page: what they keep, from whom, and what a forgotten passphrase means."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from remission.home import private
from remission.home.archive import export_archive, read_archive, take_in
from remission.home.lock import is_locked, lock_mark, opens, remove_lock, set_lock
from remission.home.notes import SEALED, Note
from remission.home.problems import HomeProblem
from remission.home.store import HomeFile
from remission.knowledge.model import Library
from remission.rules.compiled import load_shelf

MARKER = "Zebrafink-47"
FAMILY, TEEN, NEWER = "la frase de casa", "only mine, luca", "mine again, luca"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[HomeFile]:
    with HomeFile(tmp_path / "data") as file:
        file.write(Note("luca", "child", "luca", {"name": "Luca"}), "Ana")
        yield file


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# --- the lock -------------------------------------------------------------------------------------------------------------


def test_only_the_passphrase_opens_the_pages(home: HomeFile) -> None:
    assert not is_locked(home)
    assert opens(home, "anything")
    set_lock(home, FAMILY)
    assert is_locked(home)
    assert opens(home, FAMILY)
    assert not opens(home, FAMILY.upper())
    assert not opens(home, "")
    assert FAMILY.encode() not in everything_in(home.path.parent)


def test_a_short_passphrase_is_refused_and_the_old_lock_stays(home: HomeFile) -> None:
    set_lock(home, FAMILY)
    with pytest.raises(HomeProblem, match="passphrase-short"):
        set_lock(home, "short")
    assert opens(home, FAMILY)


def test_a_forgotten_passphrase_loses_nothing(home: HomeFile) -> None:
    set_lock(home, FAMILY)
    assert remove_lock(home)
    assert not remove_lock(home)
    assert not is_locked(home)
    assert home.children()[0].said("name") == "Luca"


def test_a_session_under_another_lock_can_be_told(home: HomeFile) -> None:
    assert lock_mark(home) == ""
    set_lock(home, FAMILY)
    first = lock_mark(home)
    set_lock(home, FAMILY)
    assert first
    assert lock_mark(home) not in ("", first)


def test_wrong_tries_become_slow_also_after_a_restart(home: HomeFile, monkeypatch: pytest.MonkeyPatch, library: Library) -> None:
    set_lock(home, FAMILY)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    assert [opens(home, "wrong") for _ in range(5)] == [False] * 5
    with HomeFile(home.path.parent) as restarted, pytest.raises(HomeProblem) as told:
        opens(restarted, FAMILY)
    assert told.value.word == "lock-wait"
    assert 1 <= int(str(told.value.values["seconds"])) <= 3
    assert "Wait" in told.value.sentence(library.words, "en")
    now += 3
    assert opens(home, FAMILY), "after waiting the right one opens"
    assert not opens(home, "wrong"), "and counting begins anew"
    assert opens(home, FAMILY)


def test_the_wait_grows_and_has_an_end(home: HomeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    set_lock(home, FAMILY)
    monkeypatch.setattr("remission.home.lock._hashed", lambda *_: b"")  # only the counting matters here
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    waits = []
    for _ in range(16):
        try:
            opens(home, "wrong")
        except HomeProblem as problem:
            waits.append(int(str(problem.values["seconds"])))
            now += waits[-1] + 1
            opens(home, "wrong")
    assert waits == sorted(waits)
    assert waits[-1] == 300
    now -= 10_000_000  # the clock of the computer was set back
    with pytest.raises(HomeProblem) as told:
        opens(home, "wrong")
    assert int(str(told.value.values["seconds"])) <= 300


def test_killing_the_program_during_a_try_does_not_save_it(home: HomeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    set_lock(home, FAMILY)
    monkeypatch.setattr("remission.home.lock._hashed", _killed)
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            opens(home, "wrong")
    with pytest.raises(HomeProblem, match="lock-wait"):
        opens(home, "wrong")


def _killed(*_: object) -> bytes:
    raise KeyboardInterrupt


def test_a_full_disk_does_not_keep_a_family_out(home: HomeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    set_lock(home, FAMILY)
    monkeypatch.setattr("remission.home.lock._UNCOUNTED_PAUSE", 0.01)
    home._connection.execute("PRAGMA query_only = ON")  # every write is refused as on a read-only disk
    assert opens(home, FAMILY)
    assert not opens(home, "wrong")


# --- the teen's own page ----------------------------------------------------------------------------------------------------


def test_what_the_teen_writes_is_nowhere_in_the_clear(home: HomeFile, library: Library) -> None:
    private.begin(home, "luca", TEEN)
    first = private.write(home, "luca", f"{MARKER} tengo miedo")
    private.write(home, "luca", f"{MARKER} changed", first.id)
    private.write(home, "luca", f"{MARKER} ☂ second")
    archive = export_archive(home, load_shelf().playbook, {}, library.words)
    found = everything_in(home.path.parent)
    for hidden in (MARKER.encode(), TEEN.encode(), b"AGE-SECRET-KEY"):
        assert hidden not in found
    archived = [line for child in read_archive(archive).children for line in map(repr, child.changes)]
    assert not any(MARKER in line or "AGE-SECRET-KEY" in line for line in archived)
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        readable = {entry.filename: file.read(entry) for entry in file.infolist()}
    assert not any(MARKER.encode() in part for part in readable.values())
    assert all(b"BEGIN AGE" not in part for name, part in readable.items() if not name.endswith("history.jsonl"))
    identity = private.opened(home, "luca", TEEN)
    assert [entry.text for entry in private.entries(home, "luca", identity)] == [f"{MARKER} changed", f"{MARKER} ☂ second"]
    assert "SECRET" not in f"{identity!r} {identity} {vars(identity).keys()}"


def test_only_the_teens_passphrase_opens_it(home: HomeFile) -> None:
    with pytest.raises(HomeProblem, match="private-none"):
        private.opened(home, "luca", TEEN)
    with pytest.raises(HomeProblem, match="private-none"):
        private.write(home, "luca", "lost")
    with pytest.raises(HomeProblem, match="passphrase-short"):
        private.begin(home, "luca", "short")
    assert not private.has_begun(home, "luca")
    private.begin(home, "luca", TEEN)
    assert private.has_begun(home, "luca")
    with pytest.raises(HomeProblem, match="passphrase-wrong"):
        private.opened(home, "luca", FAMILY)
    with pytest.raises(HomeProblem, match="private-begun"):
        private.begin(home, "luca", NEWER)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases without the second of work that protects them, for tests of what is done with them."""
    monkeypatch.setattr("remission.home.sealing.seal", lambda data, passphrase, **_: data[::-1] + f" {passphrase}".encode())
    monkeypatch.setattr("remission.home.sealing.unseal", _unsealed)


def _unsealed(data: bytes, passphrase: str) -> bytes:
    text, _, fits = data.decode().partition(" ")
    if passphrase != fits:
        raise HomeProblem("passphrase-wrong")
    return text[::-1].encode()


@pytest.mark.usefixtures("quick")
def test_another_childs_key_opens_nothing(home: HomeFile) -> None:
    home.write(Note("mara", "child", "mara", {"name": "Mara"}), "Ana")
    for child, passphrase in (("luca", TEEN), ("mara", NEWER)):
        private.begin(home, child, passphrase)
        private.write(home, child, f"of {child}")
    mara = private.opened(home, "mara", NEWER)
    assert [entry.text for entry in private.entries(home, "luca", mara)] == [None]
    assert [entry.text for entry in private.entries(home, "mara", mara)] == ["of mara"]


def test_after_a_change_the_old_passphrase_opens_nothing_in_the_file(home: HomeFile) -> None:
    private.begin(home, "luca", TEEN)
    note = private.write(home, "luca", "one")
    old = private.opened(home, "luca", TEEN)
    old_secret = home.notes("luca", SEALED[0])[0].said("secret").encode()[200:260]
    private.change_passphrase(home, "luca", old, NEWER)
    with pytest.raises(HomeProblem, match="passphrase-wrong"):
        private.opened(home, "luca", TEEN)
    assert [entry.text for entry in private.entries(home, "luca", old)] == [None], "not even with a key kept from before"
    (entry,) = private.entries(home, "luca", private.opened(home, "luca", NEWER))
    assert (entry.id, entry.text, entry.at) == (note.id, "one", note.at)
    assert old_secret not in everything_in(home.path.parent), "an older copy of the key would still open what it opened"
    with pytest.raises(HomeProblem, match="private-unreadable"):
        private.change_passphrase(home, "luca", old, TEEN)
    assert len(private.entries(home, "luca", old)) == 1


@pytest.mark.usefixtures("quick")
def test_erasing_one_entry_or_the_whole_page(home: HomeFile) -> None:
    private.begin(home, "luca", TEEN)
    first, second = private.write(home, "luca", "one"), private.write(home, "luca", "two")
    private.erase(home, "luca", first.id)
    assert first.said("sealed").encode()[100:160] not in everything_in(home.path.parent)
    assert [note.id for note in home.notes("luca", "private")] == [second.id]
    private.erase(home, "luca", "")
    assert [note.id for note in home.notes("luca", "private")] == [second.id], "no name is not every name"
    private.erase_page(home, "luca")
    assert not private.has_begun(home, "luca")
    assert [note.kind for note in home.notes("luca")] == ["child"]
    private.begin(home, "luca", NEWER)


@pytest.mark.usefixtures("quick")
def test_it_goes_into_the_archive_and_comes_back_sealed(home: HomeFile, tmp_path: Path, library: Library) -> None:
    kinds = load_shelf().playbook
    private.begin(home, "luca", TEEN)
    private.write(home, "luca", "one")
    archive = read_archive(export_archive(home, kinds, {}, library.words), kinds)
    with HomeFile(tmp_path / "there") as there:
        take_in(there, archive)
        identity = private.opened(there, "luca", TEEN)
        assert [entry.text for entry in private.entries(there, "luca", identity)] == ["one"]
        private.write(home, "luca", "two")
        take_in(there, read_archive(export_archive(home, kinds, {}, library.words), kinds))
        assert [entry.text for entry in private.entries(there, "luca", identity)] == ["one", "two"]


@pytest.mark.usefixtures("quick")
def test_an_older_archive_never_brings_an_older_passphrase_back(home: HomeFile, library: Library) -> None:
    kinds = load_shelf().playbook
    private.begin(home, "luca", TEEN)
    private.write(home, "luca", "one")
    older = read_archive(export_archive(home, kinds, {}, library.words), kinds)
    private.change_passphrase(home, "luca", private.opened(home, "luca", TEEN), NEWER)
    home.write(Note("luca", "diary", "d1", {"note": "later"}), "Ana")
    taken = take_in(home, older)
    assert [(child.how, child.sealed_kept) for child in taken.children] == [("nothing", True)]
    assert "private page" in taken.sentence(library.words, "en")
    assert [e.text for e in private.entries(home, "luca", private.opened(home, "luca", NEWER))] == ["one"]
    assert len(home.notes("luca", SEALED[0])) == 1

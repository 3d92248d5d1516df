"""Pulling the plug: processes are killed in the middle of writing, the disk is full, the disk cannot be written."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conftest import ROOT
from remission.home.notes import Change, Note
from remission.home.problems import HomeProblem
from remission.home.sheets import standing
from remission.home.store import FILE_NAME, HomeFile

MARKER = "Zebrafink-47"


class Writer:
    """A process that writes until it is killed, and what it said was kept."""

    def __init__(self, what: str, folder: Path, argument: str):
        command = [sys.executable, str(ROOT / "tests" / "home_writer.py"), what, str(folder), argument]
        self.failed = folder.with_name(f"{folder.name}-{what}-{time.monotonic_ns()}.txt")
        with self.failed.open("wb") as failed:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=failed)
        self.acknowledged: list[list[Any]] = []
        self.began = threading.Event()
        self.listener = threading.Thread(target=self._listen)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            assert line.endswith(b"\n"), "a line is written at once, or not at all"
            self.acknowledged.append(json.loads(line))
            self.began.set()
        self.process.stdout.close()
        self.began.set()

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.listener.join()
        assert self.failed.read_text() == "", "it failed by itself"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_nothing_acknowledged_is_ever_lost(tmp_path: Path) -> None:
    """Two processes of three threads each write at once and are killed at random moments, again and again."""
    chance = random.Random(29)  # noqa: S311 - no secret
    acknowledged: dict[int, list[Any]] = {}
    turn, until = 0, time.monotonic() + 12
    while turn < 5 or (len(acknowledged) < 3000 and time.monotonic() < until):
        turn += 1
        writers = [Writer("write", tmp_path, str(turn * 2 + number)) for number in range(2)]
        for writer in writers:
            assert writer.began.wait(20)
        time.sleep(chance.uniform(0.05, 1))
        writers[0].kill()
        time.sleep(chance.choice([0, chance.uniform(0, 0.2)]))  # the other goes on alone, or is killed in the same moment
        writers[1].kill()
        for told in writers[0].acknowledged + writers[1].acknowledged:
            acknowledged[told[0]] = told
        with HomeFile(tmp_path) as home:
            assert home.damages() == []
            found = {change.seq: change for child in home.child_ids() for change in home.history(child)}
            for seq, child, note, values in acknowledged.values():
                assert (found[seq].child, found[seq].id, found[seq].after) == (child, note, values)
            for child in home.child_ids():
                assert home.notes(child) == standing(home.history(child))
    assert len(acknowledged) > 500, "too few writes to say anything"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_an_erasure_that_is_killed_is_whole_or_not_at_all(tmp_path: Path) -> None:
    chance = random.Random(31)  # noqa: S311 - no secret
    ended = set()
    for turn in range(8):
        folder = tmp_path / str(turn)
        with HomeFile(folder) as home:
            home.write_all([Note("c", "diary", f"n{number}", {"note": MARKER * 50}) for number in range(300)], MARKER)
            home.write(Note("other", "child", "other", {"name": "Mara"}), "")
            writer = Writer("erase", folder, "c")  # while another page is open
            assert writer.began.wait(20)
            time.sleep(chance.uniform(0, 0.03))
            writer.kill()
        with HomeFile(folder) as home:
            left = len(home.history("c"))
            assert left in (0, 300)
            assert (["done"] in writer.acknowledged) <= (left == 0)
            assert (MARKER.encode() in b"".join(path.read_bytes() for path in folder.iterdir())) == (left == 300)
            assert home.damages() == []
            assert len(home.children()) == 1
        ended.add((left, len(writer.acknowledged)))
    assert (0, 2) in ended or (0, 1) in ended, "it was always killed too early to say anything"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_an_import_that_is_killed_is_whole_or_not_at_all(tmp_path: Path) -> None:
    chance = random.Random(37)  # noqa: S311 - no secret
    change = Change(1, "c", "diary", "n", None, {"note": "x" * 300}, datetime(2026, 3, 1, tzinfo=UTC), "Ana")
    for turn in range(6):
        folder = tmp_path / str(turn)
        writer = Writer("import", folder, msgspec.json.encode(change).decode())
        assert writer.began.wait(20)
        time.sleep(chance.uniform(0, 0.06))
        writer.kill()
        with HomeFile(folder) as home:
            counts = [len(home.notes(child)) for child in ("c1", "c2")]
            assert counts in ([0, 0], [500, 500])
            assert (["done"] in writer.acknowledged) <= (counts == [500, 500])
            assert home.damages() == []


def test_a_write_that_was_torn_by_a_power_cut_is_dropped_whole(tmp_path: Path) -> None:
    """The disk holds what was acknowledged, and of the write after it any part, or garbage."""
    chance = random.Random(43)  # noqa: S311 - no secret
    with HomeFile(tmp_path / "data") as home:
        for number in range(30):
            home.write(a_note(number), "Ana")
        acknowledged = home.path.with_name(f"{FILE_NAME}-wal").stat().st_size
        home.write_all([a_note(number) for number in range(30, 60)], "Ana")
        file, beside = home.path.read_bytes(), home.path.with_name(f"{FILE_NAME}-wal").read_bytes()
    for turn in range(40):
        folder = tmp_path / str(turn)
        folder.mkdir()
        (folder / FILE_NAME).write_bytes(file)
        torn = beside[: chance.randrange(acknowledged, len(beside))]
        (folder / f"{FILE_NAME}-wal").write_bytes(torn + chance.randbytes(chance.choice([0, 3000])))
        with HomeFile(folder) as found:
            assert len(found.notes("c")) == 30
            assert found.damages() == []


# --- a full disk ----------------------------------------------------------------------------------------------------------


class Disk:
    """A really small disk."""

    def __init__(self, folder: Path):
        self.folder = folder

    def fill(self) -> None:
        try:
            with (self.folder / "filler").open("ab", buffering=0) as filler:
                while True:
                    filler.write(b"x" * 512)
        except OSError:
            return

    def make_room(self) -> None:
        (self.folder / "filler").unlink()

    def may_be_written(self, may: bool) -> None:
        _mount("-o", f"remount,{'rw' if may else 'ro'}", str(self.folder))


def _mount(*arguments: str) -> bool:
    try:
        return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _mount("-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", str(folder)):
        pytest.skip("mounting a small disk is not permitted here")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def a_note(number: int) -> Note:
    return Note("c", "diary", f"n{number}", {"note": f"{number} " + "x" * 900})


def write_until_refused(home: HomeFile, first: int = 0) -> tuple[int, str]:
    """How many were acknowledged, and what was said of the next."""
    for number in range(first, first + 5000):
        try:
            home.write(a_note(number), "Ana")
        except HomeProblem as problem:
            return number, problem.word
    raise AssertionError("the disk was never full")


def test_a_full_disk_is_said_and_loses_nothing(disk: Disk) -> None:
    folder = disk.folder / "data"
    with HomeFile(folder) as home:
        for number in range(20):
            home.write(a_note(number), "Ana")
        disk.fill()
        kept, word = write_until_refused(home, 20)
        assert word == "home-disk-full"
        with pytest.raises(HomeProblem, match="home-disk-full"):
            home.write_all([a_note(number) for number in range(9000, 9100)], "Ana")
        assert [note.id for note in home.notes("c")] == [f"n{number}" for number in range(kept)], "all of before, none of after"
        with HomeFile(folder) as another:
            assert len(another.notes("c")) == kept
        disk.make_room()
        home.write(a_note(kept), "Ana")
        assert home.damages() == []
    with HomeFile(folder) as home:
        assert len(home.notes("c")) == kept + 1


def test_on_a_full_disk_the_file_can_still_be_opened_and_read(disk: Disk) -> None:
    with HomeFile(disk.folder) as home:
        home.write(a_note(1), "Ana")
    disk.fill()
    with HomeFile(disk.folder) as home:
        assert [note.id for note in home.notes("c")] == ["n1"]
        _, word = write_until_refused(home, 2)
        assert word == "home-disk-full"
    disk.make_room()
    with HomeFile(disk.folder) as home:
        home.write(a_note(5), "Ana")
        home.erase("c")
        assert home.damages() == []


def test_a_new_file_on_a_full_disk_is_refused_with_the_same_sentence(disk: Disk) -> None:
    disk.fill()
    with pytest.raises(HomeProblem, match="home-disk-full"):
        HomeFile(disk.folder / "data")
    disk.make_room()
    with HomeFile(disk.folder / "data") as home:
        home.write(a_note(1), "Ana")


def test_a_file_that_may_grow_no_more_is_told_as_a_full_disk(tmp_path: Path) -> None:
    """The same where no small disk can be mounted: SQLite's own limit."""
    with HomeFile(tmp_path) as home:
        home._connection.execute("PRAGMA max_page_count = 40")
        kept, word = write_until_refused(home)
        assert (word, len(home.notes("c"))) == ("home-disk-full", kept)
        home._connection.execute("PRAGMA max_page_count = 4000")
        home.write(a_note(kept), "Ana")
        assert home.damages() == []


# --- a disk that cannot be written ------------------------------------------------------------------------------------------


def test_a_read_only_disk_can_be_read_and_says_what_it_is(disk: Disk) -> None:
    with HomeFile(disk.folder / "data") as home:
        home.write(a_note(1), "Ana")
    disk.may_be_written(False)
    with HomeFile(disk.folder / "data") as home:
        assert [note.id for note in home.notes("c")] == ["n1"]
        with pytest.raises(HomeProblem, match="home-read-only"):
            home.write(a_note(2), "Ana")
        assert len(home.history("c")) == 1
    with pytest.raises(HomeProblem, match="home-read-only"):
        HomeFile(disk.folder / "new")
    disk.may_be_written(True)
    with HomeFile(disk.folder / "data") as home:
        home.write(a_note(2), "Ana")
        assert len(home.notes("c")) == 2


def test_changes_that_lie_beside_the_file_are_never_left_out(disk: Disk) -> None:
    """On a read-only disk the file alone may be older than what was acknowledged: it is shown with all of that, or not at all."""
    writer = Writer("write", disk.folder, "1")
    assert writer.began.wait(20)
    writer.kill()
    assert (disk.folder / f"{FILE_NAME}-wal").stat().st_size > 0
    disk.may_be_written(False)
    with HomeFile(disk.folder) as home:
        found = {change.seq for child in home.child_ids() for change in home.history(child)}
        assert found >= {told[0] for told in writer.acknowledged}
    disk.may_be_written(True)
    (disk.folder / f"{FILE_NAME}-shm").unlink()  # as after copying the folder to another disk
    disk.may_be_written(False)
    assert refused_or_whole(disk.folder, {told[0] for told in writer.acknowledged})


def refused_or_whole(folder: Path, acknowledged: set[int]) -> bool:
    try:
        with HomeFile(folder) as home:
            return acknowledged <= {change.seq for child in home.child_ids() for change in home.history(child)}
    except HomeProblem as problem:
        return problem.word in ("home-no-folder", "home-read-only")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="for root no folder is read-only")
def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with HomeFile(folder) as home:
        home.write(a_note(1), "Ana")
    folder.chmod(0o500)
    try:
        with pytest.raises(HomeProblem) as told, HomeFile(folder) as home:
            home.write(a_note(2), "Ana")
        assert told.value.word in ("home-no-folder", "home-read-only")
    finally:
        folder.chmod(0o700)
    with HomeFile(folder) as home:
        assert len(home.notes("c")) == 1

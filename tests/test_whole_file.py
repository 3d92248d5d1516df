"""A file that is whole or not there at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from remission.whole_file import OWNER_ALONE, whole_file, write_whole


def test_a_file_is_written_whole_and_nothing_else_stays(tmp_path: Path) -> None:
    write_whole(tmp_path / "out.html", b"new")
    assert (tmp_path / "out.html").read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["out.html"]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_what_fails_in_between_leaves_the_old_file_as_it_was(tmp_path: Path, failure: type[BaseException]) -> None:
    out = tmp_path / "out.csv"
    out.write_bytes(b"old")

    def fail(half: Path) -> None:
        half.write_bytes(b"ne")
        raise failure

    with pytest.raises(failure), whole_file(out) as half:
        fail(half)
    assert out.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]


def test_what_a_killed_run_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".out.csv.half").write_bytes(b"a long half of something")
    write_whole(tmp_path / "out.csv", b"new")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"out.csv": b"new"}


def test_a_file_for_its_owner_alone_was_never_readable_by_others(tmp_path: Path) -> None:
    with whole_file(tmp_path / "backup.age", OWNER_ALONE) as half:
        assert stat.S_IMODE(half.stat().st_mode) == OWNER_ALONE
        half.write_bytes(b"sealed")
    assert stat.S_IMODE((tmp_path / "backup.age").stat().st_mode) == OWNER_ALONE


def test_a_folder_that_is_not_there_is_an_error_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_whole(tmp_path / "nowhere" / "out.csv", b"")

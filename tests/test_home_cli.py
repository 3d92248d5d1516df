"""`remission home`: what somebody at a terminal does with the family's file, and what is said when it cannot be done."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from conftest import Run
from remission.cli.home import home as home_command
from remission.home.lock import is_locked, set_lock
from remission.home.notes import Note
from remission.home.store import FILE_NAME, HomeFile

PASSPHRASE = "cuatro palabras que solo sabe mamá"  # noqa: S105 - of invented children
AGE = b"age-encryption.org/v1\n"
Types = Callable[..., None]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A family's folder, named by the environment as `remission serve --data` would; nobody's own folder is ever touched."""
    monkeypatch.setenv("REMISSION_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("REMISSION_PASSPHRASE", raising=False)
    return tmp_path / "data"


@pytest.fixture
def family(data: Path) -> Path:
    with HomeFile(data) as home:
        home.write(Note("c1", "child", "c1", {"name": "Luca"}), "Ana")
        home.write(Note("c1", "diary", "d1", {"day": "2026-03-01", "temperature": "38.1 °C"}), "Ana")
        home.write(Note("c1", "diary", "d1", {"day": "2026-03-01", "temperature": "38.4 °C"}), "Ana")
        home.write(Note("c2", "child", "c2", {"name": "Mara", "invented": "yes"}), "")
    return data


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Somebody at a terminal types these answers."""

    def _types(*answers: str) -> None:
        left = list(answers)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        monkeypatch.setattr(click, "prompt", lambda *_, **__: left.pop(0))

    return _types


def test_status_says_where_who_and_whether_it_is_sound(run: Run, family: Path) -> None:
    told = run("home", "status")
    assert told.code == 0
    assert str(family / FILE_NAME) in told.out
    assert "Luca. Notes: 2. Changes: 3, the last on" in told.out
    assert "Mara. Notes: 1. Changes: 1" in told.out
    assert "(invented example)" in told.out
    assert "ask for no passphrase" in told.out
    assert "sound" in told.out
    with HomeFile(family) as home:
        set_lock(home, PASSPHRASE)
        home.remove("c1", "child", "c1", "Ana")
    told = run("home", "status", "--lang", "es")
    assert "El archivo mismo no está cifrado" in told.out
    assert "c1: quitado" in told.out


@pytest.mark.parametrize(
    "command", [("status",), ("unlock",), ("erase", "Luca"), ("export", "--out", "x.zip"), ("backup", "--out", "x")]
)
def test_where_there_is_no_file_none_is_made(run: Run, data: Path, command: tuple[str, ...]) -> None:
    told = run("home", *command)
    assert told.code == 2
    assert str(data) in told.err
    assert "remission serve" in told.err
    assert not data.exists()


def test_folder_is_said_for_scripts(run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("home", "folder").out == f"{data}\n"
    assert run("home", "folder", "--data", str(tmp_path / "other")).out == f"{tmp_path / 'other'}\n"
    (tmp_path / "file").touch()
    assert "is a file" in run("home", "folder", "--data", str(tmp_path / "file")).err
    monkeypatch.delenv("REMISSION_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert "remission" in run("home", "folder").out
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert "remission[site]" in run("home", "folder").err


def test_a_copy_goes_out_and_comes_back(run: Run, family: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.zip"
    told = run("home", "export", "--out", str(out))
    assert told.code == 0
    assert "not encrypted" in told.err
    assert out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy.zip"]
    with zipfile.ZipFile(out) as copy:
        assert {"children/luca-c1/printed/card.en.pdf", "children/luca-c1/printed/card.es.pdf"} < set(copy.namelist())
    there = str(tmp_path / "there")
    told = run("home", "import", str(out), "--data", there, "--lang", "es")
    assert told.code == 0
    assert told.out == "".join(f"Se agregó {who}, con toda la historia (cambios: {n}).\n" for who, n in (("Luca", 3), ("Mara", 1)))
    assert "Luca is here already" in run("home", "import", str(out), "--data", there).out
    with HomeFile(tmp_path / "there") as home:
        assert home.notes("c1", "diary")[0].said("temperature") == "38.4 °C"


def test_nothing_is_written_over_unasked(run: Run, family: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.zip"
    out.write_text("something dear")
    told = run("home", "export", "--out", str(out))
    assert told.code == 2
    assert "--force" in told.err
    assert out.read_text() == "something dear"
    assert run("home", "export", "--out", str(out), "--force").code == 0
    assert out.read_bytes().startswith(b"PK")
    told = run("home", "export", "--out", str(tmp_path / "no" / "copy.zip"))
    assert told.code == 2
    assert "cannot be written" in told.err


def test_a_copy_that_cannot_be_written_leaves_the_old_one(
    run: Run, family: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "copy.zip"
    out.write_text("the old copy")
    monkeypatch.setattr("os.fsync", _disk_full)
    told = run("home", "export", "--out", str(out), "--force")
    assert told.code == 2
    assert "No space left" in told.err
    assert out.read_text() == "the old copy"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy.zip"]


def _disk_full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_backup_with_a_passphrase_and_back(run: Run, family: Path, tmp_path: Path, types: Types) -> None:
    out = tmp_path / "backup.age"
    types(PASSPHRASE, PASSPHRASE)
    told = run("home", "backup", "--out", str(out))
    assert told.code == 0
    assert "nobody can open it" in told.err, "what forgetting means is said first"
    assert "opened again" in told.err
    assert PASSPHRASE not in told.out + told.err
    assert b"Luca" not in out.read_bytes()
    there = tmp_path / "there"
    types("not the passphrase")
    told = run("home", "restore", str(out), "--data", str(there))
    assert told.code == 2
    assert "does not open it" in told.err
    assert not there.exists(), "nothing is made before everything was checked"
    types(PASSPHRASE)
    told = run("home", "restore", str(out), "--data", str(there), "--lang", "es")
    assert told.code == 0
    assert "Se agregó Luca" in told.out


def test_a_passphrase_is_typed_twice_and_long_enough(run: Run, family: Path, tmp_path: Path, types: Types) -> None:
    out = tmp_path / "backup.age"
    types(PASSPHRASE, PASSPHRASE + "x")
    assert "differ" in run("home", "backup", "--out", str(out)).err
    types("short")
    assert "at least 8" in run("home", "backup", "--out", str(out)).err
    assert not out.exists()


def test_scripts_give_the_passphrase_in_the_environment(
    run: Run, family: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "backup.age"
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    told = run("home", "backup", "--out", str(out))
    assert told.code == 2
    assert "REMISSION_PASSPHRASE" in told.err
    monkeypatch.setenv("REMISSION_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr("remission.cli.keeping.backup", lambda data, word: AGE + word.encode() + data)
    monkeypatch.setattr("remission.cli.keeping.restore", lambda data, word: data.removeprefix(AGE + word.encode()))
    assert run("home", "backup", "--out", str(out)).code == 0
    assert run("home", "restore", str(out), "--data", str(tmp_path / "there")).code == 0


def test_no_command_takes_a_passphrase_as_an_argument() -> None:
    """What is in an argument stands in the list of processes and in the shell's history."""
    options = {option for command in home_command.commands.values() for part in command.params for option in part.opts}
    assert {"--data", "--out", "--force", "--lang"} <= options
    assert not [option for option in options if "pass" in option]


def test_files_of_the_other_kind_are_pointed_to_the_right_command(run: Run, family: Path, tmp_path: Path) -> None:
    copy, sealed, letter = tmp_path / "copy.zip", tmp_path / "sealed.age", tmp_path / "letter.txt"
    run("home", "export", "--out", str(copy))
    sealed.write_bytes(b"age-encryption.org/v1\n-> scrypt")
    letter.write_text("Dear diary")
    assert "remission home restore" in run("home", "import", str(sealed)).err
    assert "remission home import" in run("home", "restore", str(copy)).err
    for command in ("import", "restore"):
        assert run("home", command, str(letter)).code == 2
        told = run("home", command, str(tmp_path / "missing"))
        assert told.code == 2
        assert "cannot be opened" in told.err


def test_a_damaged_copy_makes_no_file(run: Run, family: Path, tmp_path: Path) -> None:
    copy, there = tmp_path / "copy.zip", tmp_path / "there"
    run("home", "export", "--out", str(copy))
    copy.write_bytes(copy.read_bytes()[:-100])
    assert run("home", "import", str(copy), "--data", str(there)).code == 2
    assert not there.exists()


def test_erasing_asks_for_the_name(run: Run, family: Path, types: Types) -> None:
    types("luca")
    told = run("home", "erase", "Luca")
    assert told.code == 2
    assert "Nothing was erased" in told.err
    types("Luca")
    told = run("home", "erase", "Luca", "--lang", "es")
    assert told.code == 0
    assert "cambios: 3" in told.err
    assert b"Luca" not in b"".join(path.read_bytes() for path in family.iterdir())
    told = run("home", "erase", "Luca")
    assert told.code == 2
    assert "There are: Mara" in told.err


def test_erasing_without_an_answer_erases_nothing(run: Run, family: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run("home", "erase", "Luca").code == 130
    with HomeFile(family) as home:
        assert len(home.children()) == 2


def test_of_two_with_one_name_the_id_says_which(run: Run, family: Path, types: Types) -> None:
    with HomeFile(family) as home:
        home.write(Note("c3", "child", "c3", {"name": "Luca"}), "Ana")
    told = run("home", "erase", "Luca")
    assert told.code == 2
    assert "c1, c3" in told.err
    types("Luca")
    assert run("home", "erase", "c3").code == 0
    with HomeFile(family) as home:
        assert [who.child for who in home.children()] == ["c1", "c2"]


def test_a_forgotten_lock_is_taken_away(run: Run, family: Path) -> None:
    with HomeFile(family) as home:
        set_lock(home, PASSPHRASE)
    told = run("home", "unlock")
    assert told.code == 0
    assert "nothing is lost" in told.err
    assert "not locked" in run("home", "unlock").err
    with HomeFile(family) as home:
        assert not is_locked(home)
        assert len(home.children()) == 2


def test_a_file_of_another_program_is_refused_with_a_sentence(run: Run, data: Path) -> None:
    data.mkdir()
    (data / FILE_NAME).write_text("Dear diary " * 100)
    told = run("home", "status", "--lang", "es")
    assert told.code == 2
    assert "no es de este programa" in told.err
    assert "Traceback" not in told.err

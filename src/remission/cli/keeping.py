"""What `remission home` does: reads and writes the family's file and its copies, asks for passphrases, tells what it did."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from remission.cli.working import words_in, write_out
from remission.home.archive import export_archive, read_archive, take_in
from remission.home.backup import backup, restore
from remission.home.folder import data_folder
from remission.home.lock import is_locked, remove_lock
from remission.home.notes import Note
from remission.home.passphrase import chosen
from remission.home.sealing import is_sealed
from remission.home.sheets import is_invented
from remission.home.store import FILE_NAME, HomeFile
from remission.knowledge.model import Lang
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library, load_shelf
from remission.whole_file import OWNER_ALONE

_GIVEN_IN = "REMISSION_PASSPHRASE"
_MOST_BYTES = 500_000_000


class Keeping:
    """The commands, for one folder and in one language. Answers go to standard output, everything else to standard error."""

    def __init__(self, data: Path | None, lang: Lang):
        self.data, self.lang = data, lang
        self.words = words_in(lang)

    def status(self) -> None:
        with self._existing() as file:
            size = sum(one.stat().st_size for one in file.path.parent.glob(f"{FILE_NAME}*"))
            click.echo(self.words.say("homefile-path", path=file.path, size=_kilobytes(size)))
            click.echo("\n".join(self._children_told(file)) or self.words.say("homefile-no-child"))
            click.echo(self.words.say("homefile-locked" if is_locked(file) else "homefile-open"))
            if file.damages():
                raise InputProblem("home-damaged", path=file.path)
            click.echo(self.words.say("homefile-sound"))

    def _children_told(self, file: HomeFile) -> Iterator[str]:
        """A line for each child, whose own note may have been taken away."""
        standing = {who.child: who for who in file.children()}
        for child in file.child_ids():
            changes, last = len(file.history(child)), file.last_change(child)
            if child not in standing or last is None:
                yield f"  {self.words.say('homefile-taken-away', id=child, changes=changes)}"
                continue
            name, notes, day = _name(standing[child]), len(file.notes(child)), self.words.day(last.at.astimezone().date())
            mark = f" {self.words.say('homefile-invented')}" if is_invented([standing[child]]) else ""
            yield f"  {self.words.say('homefile-child', name=name, notes=notes, changes=changes, day=day)}{mark}"

    def export(self, out: Path, force: bool) -> None:
        _refuse_existing(out, force)
        with self._existing() as file:
            archive = self._archive(file, _printed(file))
        write_out(out, archive, OWNER_ALONE)
        self._tell("homefile-exported", file=out, size=_kilobytes(len(archive)))

    def backup(self, out: Path, force: bool) -> None:
        """Writes an encrypted backup, and opens it again."""
        _refuse_existing(out, force)
        with self._existing() as file:
            archive = self._archive(file, {})
        passphrase = self._new_passphrase()
        self._tell("homefile-sealing")
        write_out(out, backup(archive, passphrase), OWNER_ALONE)
        written = _read(out)
        if restore(written, passphrase) != archive:
            raise InputProblem("backup-damaged")
        self._tell("homefile-backed-up", file=out, size=_kilobytes(len(written)))

    def bring_back(self, file: Path) -> None:
        data = _read(file)
        if is_sealed(data):
            raise InputProblem("archive-is-backup", file=file)
        self._take_in(data)

    def restore(self, file: Path) -> None:
        data = _read(file)
        if not is_sealed(data):
            raise InputProblem("backup-is-archive" if data.startswith(b"PK") else "backup-not-age")
        passphrase = self._passphrase("passphrase-ask")
        self._tell("homefile-opening")
        self._take_in(restore(data, passphrase))

    def erase(self, child: str) -> None:
        with self._existing() as file:
            who = _called(file, child)
            self._tell("homefile-erase-honest", name=_name(who), changes=len(file.history(who.child)))
            typed = click.prompt(self.words.say("homefile-erase-ask", name=_name(who)), err=True)
            if typed.strip() != _name(who):
                raise InputProblem("homefile-erase-wrong", name=_name(who))
            file.erase(who.child)
        self._tell("homefile-erased")

    def unlock(self) -> None:
        with self._existing() as file:
            self._tell("homefile-unlocked" if remove_lock(file) else "homefile-not-locked")

    # --- inside -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _existing(self) -> Iterator[HomeFile]:
        """The file, when there is one: a command that only looks makes none."""
        folder = data_folder(self.data)
        if not (folder / FILE_NAME).exists():
            raise InputProblem("homefile-none", folder=folder)
        with HomeFile(folder) as file:
            yield file

    def _archive(self, file: HomeFile, printed: Mapping[str, bytes]) -> bytes:
        return export_archive(file, load_shelf().playbook, printed, self.words.library.words)

    def _take_in(self, data: bytes) -> None:
        """Reads and checks all of it before the file is opened, or made."""
        archive = read_archive(data, load_shelf().playbook)
        with HomeFile(data_folder(self.data)) as file:
            taken = take_in(file, archive)
        click.echo(taken.sentence(self.words.library.words, self.lang, between="\n"))

    def _new_passphrase(self) -> str:
        """Asked for twice, after what forgetting it means was said. It is never an argument: others could read that."""
        self._tell("passphrase-honest")
        first = chosen(self._passphrase("passphrase-ask"))
        if chosen(self._passphrase("passphrase-again")) != first:
            raise InputProblem("passphrases-differ")
        return first

    def _passphrase(self, word: str) -> str:
        if given := os.environ.get(_GIVEN_IN, ""):
            return given
        if not sys.stdin.isatty():
            raise InputProblem("passphrase-needed")
        return str(click.prompt(self.words.say(word), hide_input=True, err=True))

    def _tell(self, word: str, **values: object) -> None:
        click.echo(self.words.say(word, **values), err=True)


def _called(file: HomeFile, child: str) -> Note:
    """The child of this name or id. Raises `InputProblem` when there is none, or more than one."""
    everybody = file.children()
    found = [who for who in everybody if child in (who.child, who.said("name"))]
    if not found:
        raise InputProblem("homefile-child-unknown", child=child, known=", ".join(map(_name, everybody)))
    if len(found) > 1:
        raise InputProblem("homefile-child-several", child=child, known=", ".join(who.child for who in found))
    return found[0]


def _name(who: Note) -> str:
    return who.said("name") or who.child


def _printed(file: HomeFile) -> dict[str, bytes]:
    """The sheets as PDF. Where the part that draws them is not installed, the archive goes without."""
    try:
        from remission.documents.handed_over import printed_files

        return printed_files(load_library(), load_shelf(), file, date.today())
    except ImportError:
        return {}


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise InputProblem("archive-too-big", most=_MOST_BYTES // 1_000_000)
        return file.read_bytes()
    except OSError as error:
        raise InputProblem("file-unreadable", file=file, reason=error.strerror or "") from None


def _refuse_existing(out: Path, force: bool) -> None:
    if out.exists() and not force:
        raise InputProblem("homefile-exists", file=out)


def _kilobytes(size: int) -> str:
    return f"{max(1, round(size / 1000)):,}"

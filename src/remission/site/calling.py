"""What the call button says on every page: this centre's number and its own fever rule, once the family has written them down."""

from __future__ import annotations

import re
from pathlib import Path

from remission.home.folder import data_folder
from remission.home.notes import Note
from remission.home.store import FILE_NAME, HomeFile
from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem


class Call(Frozen, frozen=True):
    """A number to call, and the centre's fever rule with who gave it; each empty until it was copied."""

    phone: str = ""
    rule: str = ""
    told_by: str = ""

    @property
    def dialled(self) -> str:
        """The number as a telephone takes it."""
        return dialled(self.phone)


def dialled(phone: str) -> str:
    """A number without what is only there for the eye; an extension is left to be keyed in."""
    return "".join(sign for sign in re.split(r"(?i)ext|x|#|anexo|int", phone)[0] if sign.isdigit() or sign == "+")


def call_of(centre: Note | None, rule: Note | None) -> Call:
    if centre is None:
        return Call()
    said = (rule.said("temperature"), rule.said("told-by")) if rule else ("", "")
    return Call(centre.said("urgent-phone"), *said)


def family_call() -> Call:
    """The call button of pages that are about no child: that of the first child who is no example. No file is made for it."""
    folder: Path = data_folder(None)
    if not (folder / FILE_NAME).exists():
        return Call()
    try:
        with HomeFile(folder) as home:
            real = next((who.child for who in home.children() if who.said("invented") != "yes"), "")
            return call_of(*(next(iter(home.notes(real, kind)), None) for kind in ("centre", "fever-rule")))
    except InputProblem:  # a page to read never fails because of the file
        return Call()

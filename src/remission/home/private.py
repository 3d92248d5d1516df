"""The teen's own page: what is written there is encrypted in the file, and only the teen's own passphrase opens it.

Writing needs no passphrase: a text is sealed to the page's public half (age, X25519). The secret half lies in the file too,
encrypted with the passphrase. So the pages of the family, the history, the export and every backup hold only what is encrypted;
they do show that there are entries, how many and when. Nobody can recover a forgotten passphrase: that is said before one is set.
"""

from __future__ import annotations

from datetime import datetime

from remission.home.notes import SEALED, Change, Note
from remission.home.problems import HomeProblem
from remission.home.sealing import Identity as Identity
from remission.home.sealing import seal_to
from remission.home.store import HomeFile, new_id
from remission.knowledge.model import Frozen

_KEY, _ENTRY = SEALED


class Entry(Frozen, frozen=True):
    """What the teen wrote, and when it was last changed. `text` is None when it was sealed with a key that is no longer here."""

    id: str
    text: str | None
    at: datetime


def has_begun(home: HomeFile, child: str) -> bool:
    return _key(home, child) is not None


def begin(home: HomeFile, child: str, passphrase: str) -> None:
    """Opens a page for a child. Raises `HomeProblem` when it has one, or when the passphrase is too short."""
    key = _key_note(child, Identity.new(), passphrase)
    with home.together():
        if has_begun(home, child):
            raise HomeProblem("private-begun")
        home.write(key, "")


def opened(home: HomeFile, child: str, passphrase: str) -> Identity:
    """What reads the entries. Raises `HomeProblem` when there is no page, or when the passphrase is wrong."""
    return Identity.unsealed(_needed_key(home, child).said("secret"), passphrase)


def write(home: HomeFile, child: str, text: str, entry: str = "") -> Note:
    """Keeps an entry, a new one unless it is named. Nobody can read it without the passphrase, not even who wrote it."""
    with home.together():
        return home.write(_sealed(child, entry or new_id(), text, _needed_key(home, child).said("recipient")), "")


def entries(home: HomeFile, child: str, identity: Identity) -> list[Entry]:
    """What was written, oldest first."""
    return [Entry(note.id, identity.read(note.said("sealed")), note.at) for note in home.notes(child, _ENTRY) if note.at]


def change_passphrase(home: HomeFile, child: str, identity: Identity, passphrase: str) -> None:
    """Sets another passphrase, with another key, and seals every entry anew: the old passphrase opens nothing here any more.

    Earlier versions of the entries are deleted by this. A backup that was made before still opens with the old passphrase.
    """
    _all_readable(home, child, identity)
    fresh = Identity.new()
    key = _key_note(child, fresh, passphrase)
    with home.together():
        kept = _all_readable(home, child, identity)
        erase_page(home, child)
        home.write(key, "")
        home.take_in(_as_new(_sealed(child, entry.id, entry.text or "", fresh.recipient), entry.at) for entry in kept)


def erase(home: HomeFile, child: str, entry: str) -> None:
    """Deletes one entry with its history. No passphrase is needed to delete: the file is the family's."""
    if entry:  # of no entry nothing is deleted; for the store, no name would mean all of them
        home.erase(child, _ENTRY, entry)


def erase_page(home: HomeFile, child: str) -> None:
    """Deletes the whole page: its entries and its key."""
    with home.together():
        for kind in SEALED:
            home.erase(child, kind)


def _all_readable(home: HomeFile, child: str, identity: Identity) -> list[Entry]:
    """The entries, when the key reads every one of them; otherwise something would be lost."""
    found = entries(home, child, identity)
    if any(entry.text is None for entry in found):
        raise HomeProblem("private-unreadable")
    return found


def _key(home: HomeFile, child: str) -> Note | None:
    return next(iter(home.notes(child, _KEY)), None)


def _needed_key(home: HomeFile, child: str) -> Note:
    key = _key(home, child)
    if key is None:
        raise HomeProblem("private-none")
    return key


def _key_note(child: str, identity: Identity, passphrase: str) -> Note:
    return Note(child, _KEY, new_id(), {"recipient": identity.recipient, "secret": identity.sealed(passphrase)})


def _sealed(child: str, entry: str, text: str, recipient: str) -> Note:
    return Note(child, _ENTRY, entry, {"sealed": seal_to(recipient, text)})


def _as_new(note: Note, at: datetime) -> Change:
    """The first change of an entry that was sealed anew: it keeps its own time."""
    return Change(0, note.child, note.kind, note.id, None, note.values, at, "")

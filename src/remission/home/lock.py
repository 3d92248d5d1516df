"""An optional passphrase for the pages of the file.

It keeps somebody who sits down at this computer out of the pages. It does not encrypt the file: whoever can read the user's own
files can read this one too. So a forgotten passphrase loses nothing: `remission home unlock`, on this computer, takes it away.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from remission.home.passphrase import chosen, typed
from remission.home.problems import HomeProblem
from remission.home.store import HomeFile
from remission.knowledge.decoding import json_decoder
from remission.knowledge.model import Frozen

_LOCK, _TRIES = "lock", "lock-tries"
_FREE_TRIES = 4
_LONGEST_WAIT = 300  # seconds
_UNCOUNTED_PAUSE = 2.0  # seconds
_MOST_MEMORY = 2**27


class _Lock(Frozen, frozen=True):
    """The hash of a passphrase, and how it was made, so that a later version can still check it."""

    salt: str
    hash: str
    n: int = 2**15
    r: int = 8
    p: int = 3

    def fits(self, passphrase: str) -> bool:
        return hmac.compare_digest(bytes.fromhex(self.hash), _hashed(passphrase, self))


class _Tries(Frozen, frozen=True):
    """Wrong tries in a row. They are kept in the file, so that starting the program anew does not begin at none."""

    wrong: int = 0
    last: float = 0.0

    def wait(self, now: float) -> int:
        """For how many seconds no try is taken. A clock that was set back does not make it longer than it ever was."""
        pause = min(_LONGEST_WAIT, 2 ** min(self.wrong - _FREE_TRIES, 10)) if self.wrong > _FREE_TRIES else 0
        return max(0, min(pause, round(self.last + pause - now + 0.5)))


def is_locked(home: HomeFile) -> bool:
    return home.setting(_LOCK) is not None


def lock_mark(home: HomeFile) -> str:
    """Says which lock is set, and nothing about its passphrase: a session opened under another one is not open any more."""
    kept = home.setting(_LOCK)
    return json_decoder(_Lock).decode(kept).salt if kept else ""


def set_lock(home: HomeFile, passphrase: str) -> None:
    """Locks the pages, or changes the passphrase. Raises `HomeProblem` when it is too short."""
    new = _Lock(secrets.token_hex(16), "")
    hashed = _hashed(chosen(passphrase), new).hex()
    with home.together():
        home.keep_setting(_LOCK, msgspec.json.encode(_Lock(new.salt, hashed)).decode())
        home.keep_setting(_TRIES, None)


def remove_lock(home: HomeFile) -> bool:
    """Takes the lock away, and says whether there was one."""
    with home.together():
        was_locked = is_locked(home)
        home.keep_setting(_LOCK, None)
        home.keep_setting(_TRIES, None)
    return was_locked


def opens(home: HomeFile, passphrase: str) -> bool:
    """Whether a passphrase opens the pages. Raises `HomeProblem` while it is too soon for another try after several wrong ones.

    A try counts as wrong until it was right: many at once gain nothing, and neither does killing the program.
    """
    kept = home.setting(_LOCK)
    if kept is None:
        return True
    with _even_on_a_full_disk():
        _count_try(home)
    is_right = json_decoder(_Lock).decode(kept).fits(typed(passphrase))
    if is_right:
        with _even_on_a_full_disk():
            home.keep_setting(_TRIES, None)
    return is_right


@contextmanager
def _even_on_a_full_disk() -> Iterator[None]:
    """A disk that takes nothing more must not keep a family from its emergency card: the try is slow instead of counted."""
    try:
        yield
    except HomeProblem as problem:
        if problem.word not in ("home-disk-full", "home-read-only"):
            raise
        time.sleep(_UNCOUNTED_PAUSE)


def _count_try(home: HomeFile) -> None:
    now = time.time()
    with home.together():
        tries = json_decoder(_Tries).decode(home.setting(_TRIES) or "{}")
        if wait := tries.wait(now):
            raise HomeProblem("lock-wait", seconds=wait)
        home.keep_setting(_TRIES, msgspec.json.encode(_Tries(tries.wrong + 1, now)).decode())


def _hashed(passphrase: str, lock: _Lock) -> bytes:
    salt = bytes.fromhex(lock.salt)
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=lock.n, r=lock.r, p=lock.p, maxmem=_MOST_MEMORY)

"""An encrypted backup: the archive, sealed with a passphrase in the age format. Nobody can recover a forgotten passphrase."""

from __future__ import annotations

from remission.home.problems import HomeProblem
from remission.home.sealing import is_sealed, seal, unseal

_ZIP_BEGINS = b"PK"


def backup(archive: bytes, passphrase: str) -> bytes:
    """An archive as a backup that only the passphrase opens. Raises `HomeProblem` when the passphrase is too short."""
    return seal(archive, passphrase)


def restore(data: bytes, passphrase: str) -> bytes:
    """The archive in a backup. Raises `HomeProblem` for a wrong passphrase, a damaged file, and what is no backup."""
    if data.startswith(_ZIP_BEGINS):
        raise HomeProblem("backup-is-archive")
    if not is_sealed(data):
        raise HomeProblem("backup-not-age")
    return unseal(data, passphrase)

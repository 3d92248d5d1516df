"""Passphrases: what they must be at least, and how they are read alike on every keyboard."""

from __future__ import annotations

import unicodedata

from remission.home.problems import HomeProblem

LEAST = 8  # characters
_MOST = 1000


def chosen(passphrase: str) -> str:
    """A passphrase that somebody sets. Raises `HomeProblem` when it is too short to protect anything."""
    if len(passphrase.strip()) < LEAST:
        raise HomeProblem("passphrase-short", least=LEAST)
    return typed(passphrase)


def typed(passphrase: str) -> str:
    """A passphrase as it is used: "ñ" is one letter, whether a keyboard sends it as one sign or as two."""
    if len(passphrase) > _MOST:
        raise HomeProblem("passphrase-long", most=_MOST)
    return unicodedata.normalize("NFC", passphrase)

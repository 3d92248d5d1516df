"""Sealing with age (https://age-encryption.org): one format for backups and for the teen's own page; other programs read it too."""

from __future__ import annotations

from typing import Any

from remission.home.passphrase import chosen, typed
from remission.home.problems import HomeProblem

_HEADS = (b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----")
_TOLD_OF_WRONG = "Decryption failed"  # how pyrage says that the passphrase was wrong


def is_sealed(data: bytes) -> bool:
    return data.startswith(_HEADS)


def seal(data: bytes, passphrase: str, armored: bool = False) -> bytes:
    """Encrypts with a passphrase. It takes about a second, on purpose: so does every guess."""
    sealed: bytes = _pyrage().passphrase.encrypt(data, chosen(passphrase), armored)
    return sealed


def unseal(data: bytes, passphrase: str) -> bytes:
    """Raises `HomeProblem` when it is no such file, when the passphrase is wrong, or when something is missing."""
    pyrage = _pyrage()
    if not is_sealed(data):
        raise HomeProblem("backup-not-age")
    try:
        opened: bytes = pyrage.passphrase.decrypt(data, typed(passphrase))
    except pyrage.DecryptError as error:
        raise HomeProblem(_word_of(str(error)), reason=str(error)) from None
    return opened


def _word_of(told: str) -> str:
    if told == _TOLD_OF_WRONG:
        return "passphrase-wrong"
    if "No matching keys" in told:
        return "backup-for-a-key"
    return "backup-too-slow" if "work parameter" in told else "backup-damaged"


class Identity:
    """The secret half of a key. It never shows itself in a log or in the report of an error."""

    def __init__(self, secret: str):
        self._secret = secret

    @classmethod
    def new(cls) -> Identity:
        return cls(str(_pyrage().x25519.Identity.generate()))

    @classmethod
    def unsealed(cls, sealed: str, passphrase: str) -> Identity:
        return cls(unseal(sealed.encode(), passphrase).decode())

    def sealed(self, passphrase: str) -> str:
        return seal(self._secret.encode(), passphrase, armored=True).decode()

    @property
    def recipient(self) -> str:
        """The public half: to whom a text is sealed."""
        return str(self._key.to_public())

    @property
    def _key(self) -> Any:
        return _pyrage().x25519.Identity.from_str(self._secret)

    def read(self, sealed: str) -> str | None:
        """A text that was sealed to this key; None when it was sealed to another."""
        pyrage = _pyrage()
        try:
            opened: bytes = pyrage.decrypt(sealed.encode(), [self._key])
        except pyrage.DecryptError:
            return None
        return opened.decode()


def seal_to(recipient: str, text: str) -> str:
    """Encrypts a text so that only the owner of the recipient's secret can read it."""
    pyrage = _pyrage()
    sealed: bytes = pyrage.encrypt(text.encode(), [pyrage.x25519.Recipient.from_str(recipient)], armored=True)
    return sealed.decode()


def _pyrage() -> Any:
    try:
        import pyrage  # type: ignore[import-untyped]
    except ImportError:
        raise HomeProblem("home-extra-missing") from None
    return pyrage

"""What every part of the library is made of: frozen objects, and texts in both languages."""

from __future__ import annotations

from typing import Literal

import msgspec

Lang = Literal["en", "es"]
LANGS: tuple[Lang, ...] = ("en", "es")


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of everything in the library: immutable, and strict about keys it does not know."""


class Text(Frozen, frozen=True):
    """One text in both languages."""

    en: str
    es: str

    def in_(self, lang: Lang) -> str:
        return self.es if lang == "es" else self.en

"""Reads what a registry wrote, kindly: null is as good as absent, a number in quotes is a number.

No sign comes in that is not to be seen: a terminal would obey it.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def decoded(raw: bytes | msgspec.Raw, shape: type[T]) -> T:
    """JSON as this type. Raises `msgspec.MsgspecError` when it is something else."""
    try:
        return msgspec.convert(_bare(msgspec.json.decode(raw)), shape, strict=False)
    except RecursionError:
        raise msgspec.DecodeError("too deep") from None


def legible(text: str) -> str:
    """A text without signs that steer a terminal or turn the direction of writing."""
    return _UNSEEN.sub("", text)


def _bare(value: Any) -> Any:
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {key: _bare(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_bare(part) for part in value if part is not None]
    return value

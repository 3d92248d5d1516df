"""Decoders that are built one at a time: the door through which typed data comes in.

msgspec looks a type up when it first decodes it, and two threads that do so at once for the same nested type crash the whole
process (seen with the first two pages a freshly started server was asked for). So a decoder is built under a lock, once a type.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_BUILDING = Lock()
_JSON: dict[Any, msgspec.json.Decoder[Any]] = {}
_MSGPACK: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def json_decoder(shape: type[T]) -> msgspec.json.Decoder[T]:
    """A decoder of JSON for a type; its `decode` raises `msgspec.MsgspecError` when something else is there."""
    return _JSON.get(shape) or _built(_JSON, shape, msgspec.json.Decoder)


def msgpack_decoder(shape: type[T]) -> msgspec.msgpack.Decoder[T]:
    """A decoder of msgpack for a type; its `decode` raises `msgspec.MsgspecError` when something else is there."""
    return _MSGPACK.get(shape) or _built(_MSGPACK, shape, msgspec.msgpack.Decoder)


def _built(decoders: dict[Any, Any], shape: Any, build: Callable[[Any], Any]) -> Any:
    with _BUILDING:
        if shape not in decoders:
            decoders[shape] = build(shape)
        return decoders[shape]

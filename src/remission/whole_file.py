"""A file that is whole or not there at all: written beside its place, put on the disk for good, then moved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ANYBODY, OWNER_ALONE = 0o666, 0o600  # who may read it; the machine's own habit may take more away


@contextmanager
def whole_file(out: Path, mode: int = ANYBODY) -> Iterator[Path]:
    """A new, empty file beside `out` to write to. It takes the place of `out` when the block ends well, and goes away otherwise.

    Raises `OSError` where nothing can be written. What a killed run left there is written over by the next one.
    """
    half = out.with_name(f".{out.name}.half")
    half.unlink(missing_ok=True)
    os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    try:
        yield half
        _sync(half)
        half.replace(out)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    sync_folder(out.parent)


def write_whole(out: Path, data: bytes, mode: int = ANYBODY) -> None:
    with whole_file(out, mode) as half:
        half.write_bytes(data)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder last. Windows has no such thing, and some file systems refuse it."""
    with suppress(OSError):
        _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

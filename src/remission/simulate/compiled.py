"""Numba's door: functions compiled to machine code that keep to plain IEEE arithmetic, so that every machine gets the same bits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def forget_what_is_stale() -> None:
    """Numba keeps machine code by the file that a function stands in, and does not see when a file that it draws on has changed."""
    here = Path(__file__).parent
    newest = max(file.stat().st_mtime for file in here.glob("*.py") if not file.name.startswith("maintenance"))
    for kept in here.glob("__pycache__/fast*.nbi"):
        with suppress(OSError):
            if kept.stat().st_mtime < newest:
                kept.unlink()


forget_what_is_stale()


def compiled(function: F) -> F:
    """Compiled on first use and kept on disk; runs without Python's lock. No fast-math: no step may be fused or reordered."""
    return cast(F, numba.njit(nogil=True, cache=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """The same for a small function that is to melt into its loop."""
    return cast(F, numba.njit(nogil=True, cache=True, error_model="numpy", inline="always")(function))

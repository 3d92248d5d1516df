"""Which schemes somebody asks for."""

from __future__ import annotations

from collections.abc import Iterable

from remission.knowledge.model import Library, Scheme
from remission.record.problems import InputProblem, nearest


def chosen_schemes(library: Library, scheme_ids: Iterable[str]) -> list[Scheme]:
    """The named schemes; without names all but the supporting tables."""
    named = list(dict.fromkeys(scheme_ids))
    if not named:
        return [scheme for scheme in library.schemes.values() if scheme.kind != "supporting"]
    return [scheme_called(library, scheme_id) for scheme_id in named]


def scheme_called(library: Library, scheme_id: str) -> Scheme:
    """The scheme with this id; raises `InputProblem` with the nearest id when there is none."""
    if scheme_id in library.schemes:
        return library.schemes[scheme_id]
    near = nearest(scheme_id, list(library.schemes))
    raise InputProblem("scheme-unknown-near" if near else "scheme-unknown", scheme=scheme_id, near=near)

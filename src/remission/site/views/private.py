"""The teen's own page. Its notes are encrypted to a passphrase of their own; the family's pages never hold them in the clear."""

from __future__ import annotations

import time

from django.http import HttpResponse

from remission.home import private
from remission.home.problems import HomeProblem
from remission.home.sealing import Identity
from remission.rules.compiled import load_library
from remission.site.own import Own, own

_OPEN_FOR = 15 * 60  # seconds without a page
_LONGEST = 5000
_open: dict[tuple[str, str], tuple[Identity, float]] = {}  # in the memory of this process and nowhere else


@own
def page(own: Own) -> HttpResponse:
    """Begin, open, read and write, close; each step says what a forgotten passphrase means."""
    problem, typed = "", own.request.POST.get("text", "")[:_LONGEST]
    if own.request.method == "POST":
        try:
            _did(own, own.request.POST.get("do", ""), typed)
            return own.go("private")
        except HomeProblem as refused:
            problem = refused.sentence(load_library().words, own.lang)
    identity = _identity(own)
    entries = private.entries(own.home, own.child, identity) if identity else []
    told = [(own.words.day(entry.at.astimezone().date()), f"{entry.at.astimezone():%H:%M}", entry) for entry in reversed(entries)]
    return own.page(
        "private",
        "private",
        begun=private.has_begun(own.home, own.child),
        is_open=identity is not None,
        entries=told,
        problem=problem,
        typed=typed,
    )


def _did(own: Own, what: str, typed: str) -> None:
    post = own.request.POST
    if what == "begin":
        if post.get("passphrase", "") != post.get("again", ""):
            raise HomeProblem("passphrases-differ")
        private.begin(own.home, own.child, post.get("passphrase", ""))
    if what in ("begin", "open"):
        _keep_open(own, private.opened(own.home, own.child, post.get("passphrase", "")))
    if what == "write" and typed.strip() and _identity(own):
        private.write(own.home, own.child, typed.strip())
    if what == "erase-note" and _identity(own):
        private.erase(own.home, own.child, post.get("note", ""))
    if what == "close":
        _open.pop(_key(own), None)


def _keep_open(own: Own, identity: Identity) -> None:
    own.request.session.setdefault("private", True)
    if not own.request.session.session_key:
        own.request.session.save()
    _open[_key(own)] = (identity, time.monotonic())


def _identity(own: Own) -> Identity | None:
    """The key, while this browser's session has opened it and has not been away for long."""
    kept = _open.get(_key(own))
    if kept is None or time.monotonic() - kept[1] > _OPEN_FOR:
        _open.pop(_key(own), None)
        return None
    _open[_key(own)] = (kept[0], time.monotonic())
    return kept[0]


def _key(own: Own) -> tuple[str, str]:
    return own.request.session.session_key or "", own.child

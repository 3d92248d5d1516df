"""A child's own pages: the family's file is opened for a request, the lock is asked first, no answer is kept by a browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from remission.care.record import Record
from remission.documents.wording import Wording
from remission.home.folder import data_folder
from remission.home.lock import is_locked, lock_mark
from remission.home.store import HomeFile
from remission.knowledge.model import Frozen, Lang
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.site.addresses import address
from remission.site.calling import call_of
from remission.site.page import page

OPEN_FOR = 30 * 60  # seconds without a page after which a locked file is asked for its passphrase again
_OPENED = "opened-at"
_WRITER = "written-by"


class Own(Frozen, frozen=True):
    """What a page about one child is given."""

    request: HttpRequest
    lang: Lang
    home: HomeFile
    record: Record

    @property
    def child(self) -> str:
        return self.record.child.child

    @property
    def words(self) -> Wording:
        return Wording(load_library(), self.lang)

    def to(self, name: str, about: str = "", **more: str) -> str:
        """The address of another page of this child."""
        return address(name, self.lang, about, child=self.child, **more)

    def go(self, name: str, about: str = "", **more: str) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.to(name, about, **more))

    def page(self, name: str, template: str, about: str = "", status: int = 200, **shown: Any) -> HttpResponse:
        """A page of this child in one language."""
        shown |= {
            "own": self,
            "record": self.record,
            "call": call_of(self.record.one("centre"), self.record.one("fever-rule")),
            "saved": self.request.session.pop("saved", None),
        }
        more = {key: shown.pop(key) for key in ("note",) if isinstance(shown.get(key), str)}
        at = {"child": self.child, **more}
        return page(self.request, self.lang, name, f"own/{template}", about, status, at=at, **shown)

    @property
    def writer(self) -> str:
        """Who writes here: as said last in this session, otherwise as on the last change."""
        said = self.request.session.get(_WRITER)
        return self.home.last_writer(self.child) if said is None else str(said)

    def wrote(self, by: str, seqs: list[int]) -> None:
        """Remembers who writes, and what was saved just now, so that the next page can offer to undo it."""
        self.request.session[_WRITER] = by
        self.request.session["saved"] = seqs


OwnView = Callable[..., HttpResponse]


def own(view: OwnView) -> Callable[..., HttpResponse]:
    """A page about one child: opens the file, asks the lock, gathers the record, tells problems in words."""

    @wraps(view)
    def answer(request: HttpRequest, lang: Lang, child: str, **more: Any) -> HttpResponse:
        with opened(request, lang) as home:
            if isinstance(home, HttpResponse):
                return home
            return view(Own(request, lang, home, record_of(home, child)), **more)

    return told(answer)


def whole(view: OwnView) -> Callable[..., HttpResponse]:
    """A page about the whole file: all children, keeping safe, the lock."""

    @wraps(view)
    def answer(request: HttpRequest, lang: Lang, **more: Any) -> HttpResponse:
        with opened(request, lang) as home:
            return home if isinstance(home, HttpResponse) else view(request, lang, home, **more)

    return told(answer)


def told(view: OwnView) -> Callable[..., HttpResponse]:
    """What the file or the disk says becomes a page with a sentence; what was typed is still in the browser behind it."""

    @wraps(view)
    def answer(request: HttpRequest, lang: Lang, **more: Any) -> HttpResponse:
        try:
            return view(request, lang, **more)
        except InputProblem as problem:
            sentence = problem.sentence(load_library().words, lang)
            return page(request, lang, "mine", "own/problem", status=409, sentence=sentence)

    return answer


@contextmanager
def opened(request: HttpRequest, lang: Lang) -> Iterator[HomeFile | HttpResponse]:
    """The family's file, or the page that asks for its passphrase."""
    with HomeFile(data_folder(None)) as home:
        if is_locked(home):
            if not _is_open(request, home):
                yield HttpResponseRedirect(f"{address('locked', lang)}?next={request.path}")
                return
            _keep_open(request, home)
        yield home


def open_lock(request: HttpRequest, home: HomeFile) -> None:
    """From now on this session may read, until it was away for too long or another lock is set."""
    request.session.cycle_key()
    _keep_open(request, home)


def close_lock(request: HttpRequest) -> None:
    request.session.flush()


def next_page(request: HttpRequest, lang: Lang) -> str:
    """Where somebody wanted to go before the lock was in the way; never another host."""
    wanted = request.GET.get("next", "")
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None) else address("mine", lang)


def _keep_open(request: HttpRequest, home: HomeFile) -> None:
    request.session[_OPENED] = [time.time(), lock_mark(home)]


def _is_open(request: HttpRequest, home: HomeFile) -> bool:
    at, mark = request.session.get(_OPENED, (0.0, ""))
    return bool(mark == lock_mark(home) and time.time() - at < OPEN_FOR)


def record_of(home: HomeFile, child: str) -> Record:
    """All notes of a child. Raises `Http404` when there is no such child."""
    notes = home.notes(child)
    who = next((note for note in notes if note.kind == "child"), None)
    if who is None:
        raise Http404(child)
    return Record(who, tuple(notes))

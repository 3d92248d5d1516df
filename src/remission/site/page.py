"""One page: what every template is given, and how pages of the library are kept once made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.template import loader

from remission.documents.wording import Wording
from remission.knowledge.model import LANGS, Lang
from remission.knowledge.shelf import Level
from remission.rules.compiled import load_library
from remission.site.addresses import address, id_of
from remission.site.calling import Call, family_call

T = TypeVar("T")
View = Callable[..., HttpResponse]
_NAMES: dict[Lang, str] = {"en": "English", "es": "Español"}
_MOST_KEPT = 2000
_KEPT_ALONG = (("level", "professional"), ("numbers", "yes"))
_kept: dict[tuple[str, str, date, Call], HttpResponse] = {}


def page(
    request: HttpRequest, lang: Lang, name: str, template: str, about: str = "", status: int = 200, *,
    at: dict[str, str] | None = None, call: Call | None = None, **shown: Any,
) -> HttpResponse:  # fmt: skip
    """A page in one language. `name`, `about` and `at` say which page it is, so that it can be offered in the other language."""
    library = load_library()
    other: Lang = LANGS[1 - LANGS.index(lang)]
    context = {
        "lang": lang, "other": other, "other_name": _NAMES[other], "name": name,
        "elsewhere": address(name, other, about, **(at or {})) + _kept_query(request),
        "call": family_call() if call is None else call, "level": level_of(request), "words": Wording(library, lang),
        "version": library.version, "assets": _assets(),
        "here": request.path, **shown,
    }  # fmt: skip
    return HttpResponse(loader.render_to_string(f"site/{template}.html", context, request), status=status)


@cache
def _assets() -> str:
    """A word that changes when the look or the script does, so that browsers may keep them for long."""
    files = sorted((Path(__file__).parent / "static" / "remission").iterdir())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:10]


def level_of(request: HttpRequest) -> Level:
    """For whom the page is: a family unless professionals are asked for."""
    return "professional" if request.GET.get("level") == "professional" else "family"


def shows_numbers(request: HttpRequest) -> bool:
    return request.GET.get("numbers") == "yes"


def _kept_query(request: HttpRequest) -> str:
    """The level and the wish to see numbers go along to the other language; nothing else does."""
    kept = [f"{key}={value}" for key, value in _KEPT_ALONG if request.GET.get(key) == value]
    return f"?{'&'.join(kept)}" if kept else ""


def known(page_name: str, lang: Lang, slug: str, among: dict[str, T]) -> T:
    """What an address is about. Raises `Http404` when it is nothing we have."""
    found = id_of(page_name, lang, slug)
    if found is None or found not in among:
        raise Http404(slug)
    return among[found]


def library_page(view: View) -> View:
    """Keeps a page that depends on the library alone: made once, sent again only when the library has changed."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = (request.path, _kept_query(request), date.today(), family_call())  # a review may be overdue tomorrow
        if key not in _kept:
            if len(_kept) >= _MOST_KEPT:
                _kept.clear()
            _kept[key] = view(request, *args, **kwargs)
        kept = _kept[key]
        tag = f'"{hashlib.sha256(kept.content).hexdigest()[:20]}"'
        if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
            return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": "no-cache"})
        return HttpResponse(
            kept.content, kept.headers["Content-Type"], kept.status_code, headers={"ETag": tag, "Cache-Control": "no-cache"}
        )

    return answer

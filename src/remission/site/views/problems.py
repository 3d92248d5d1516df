"""Pages for what went wrong, in the language of the address, that say what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from remission.knowledge.model import Lang
from remission.site.page import page


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    return _problem(request, "not-found", 404)


def broken(request: HttpRequest) -> HttpResponse:
    return _problem(request, "broken", 500)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    return _problem(request, "refused", 400)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """A form sent from a page older than this run of the server: what was typed is still in the browser."""
    return _problem(request, "form-expired", 403)


def _problem(request: HttpRequest, word: str, status: int) -> HttpResponse:
    lang: Lang = "es" if request.path.startswith("/es/") else "en"
    return page(request, lang, "home", "problem", status=status, word=word)

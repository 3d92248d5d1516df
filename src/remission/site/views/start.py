"""The first page: where are you now?"""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from remission.knowledge.model import Lang
from remission.rules.compiled import load_library, load_shelf
from remission.site.addresses import address
from remission.site.page import library_page, page

_SCRIPT = Path(__file__).parent.parent / "offline.js"  # no static file: it carries the version of the library


def choose_language(request: HttpRequest) -> HttpResponse:
    """The first page in the reader's language: the one chosen last, otherwise the one that the browser asks for."""
    chosen = request.COOKIES.get("lang") or request.headers.get("Accept-Language", "")[:2].lower()
    return HttpResponseRedirect(address("home", "es" if chosen == "es" else "en"))


@library_page
def home(request: HttpRequest, lang: Lang) -> HttpResponse:
    paths = [guide for guide in load_shelf().guides.values() if guide.kind == "path"]
    return page(request, lang, "home", "home", paths=paths)


def offline_script(_: HttpRequest) -> HttpResponse:
    """The worker that keeps pages once opened readable with the server stopped. It stands at the root, which is its reach."""
    script = _SCRIPT.read_text("utf-8").replace("VERSION", load_library().hash[:12])
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})

"""What every answer carries: only this host, only our own script and style, no copy of a child's facts; the language read last."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from remission.knowledge.model import LANGS

_A_YEAR = 31_536_000  # seconds
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def safe_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuses a host that is not this machine, and adds what Django has no setting for. Nobody keeps a page unless it says so."""

    def answer(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return HttpResponse("This address is not this machine's own.", status=400, content_type="text/plain")
        response = get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        chosen = request.path[1:3]
        if request.path[3:4] == "/" and chosen in LANGS and request.COOKIES.get("lang") != chosen:
            response.set_cookie("lang", chosen, max_age=_A_YEAR, samesite="Strict", httponly=True)
        return response

    return answer

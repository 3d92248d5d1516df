"""A registry on this machine that speaks ClinicalTrials.gov API v2. It pages; on request it is slow, overloaded or cut off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Registry(ThreadingHTTPServer):
    """Answers with `studies`, a page at a time. `trouble` holds what goes wrong with the next answers, first come first served:

    a status (429, 503, 400 …), ("retry", status, "seconds or date"), "slow", "cut", "broken", "login",
    "other" (JSON), "hang-up", "empty", "circle", "drip".
    """

    daemon_threads = True

    def __init__(self, studies: list[dict[str, Any]], page: int = 3, total: int | None = None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.studies, self.page, self.total = studies, page, total
        self.trouble: list[Any] = []
        self.asked: list[dict[str, list[str]]] = []
        self.headers_seen: list[dict[str, str]] = []
        self.known_tokens = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/v2/studies"


class _Handler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        self.server.asked.append(asked)
        self.server.headers_seen.append(dict(self.headers))
        trouble = self.server.trouble.pop(0) if self.server.trouble else None
        if trouble == "slow":
            time.sleep(1.5)
        if isinstance(trouble, int | tuple):
            self._refuse(trouble)
            return
        if trouble == "hang-up":
            self.connection.close()
            return
        start = int(asked.get("pageToken", ["0"])[0])
        if start and not self.server.known_tokens:
            self._refuse(400)
            return
        self._answer(self._page(start, trouble), trouble)

    def _page(self, start: int, trouble: Any) -> bytes:
        end = start + self.server.page
        page: dict[str, Any] = {"studies": [] if trouble == "empty" else self.server.studies[start:end]}
        if start == 0:
            page["totalCount"] = len(self.server.studies) if self.server.total is None else self.server.total
        if end < len(self.server.studies) and trouble != "empty":
            page["nextPageToken"] = str(start or end) if trouble == "circle" else str(end)
        spoilt = {"broken": b'{"studies": [', "login": b"<!doctype html><title>Log in</title>", "other": b'{"message": "no"}'}
        return spoilt[trouble] if trouble in spoilt else json.dumps(page).encode()

    def _answer(self, body: bytes, trouble: Any) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if trouble == "drip":
            body = self._drop_by_drop(body)
        self.wfile.write(body[: len(body) // 2] if trouble == "cut" else body)

    def _drop_by_drop(self, body: bytes) -> bytes:
        """Sends a sign every 0.1 s for 2 s; returns the rest."""
        for place in range(20):
            self.wfile.write(body[place : place + 1])
            time.sleep(0.1)
        return body[20:]

    def _refuse(self, trouble: Any) -> None:
        status = trouble if isinstance(trouble, int) else trouble[1]
        self.send_response(status)
        if not isinstance(trouble, int):
            self.send_header("Retry-After", trouble[2])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the standard library
        """Says nothing."""


@contextmanager
def registry(studies: list[dict[str, Any]], page: int = 3, total: int | None = None) -> Iterator[Registry]:
    """A registry that runs while the block does."""
    server = Registry(studies, page, total)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

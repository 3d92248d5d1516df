"""Asks the registry anew, when somebody says so, and only then. The question is the same for all: nothing about a child is sent.

Pages come one after the other and are kept as they come. A slow, broken or overloaded server is asked again, later each time and
never earlier than it asks for; when it stays so, the old snapshot stays and the next refresh goes on from the last page.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage, HTTPResponse, IncompleteRead
from math import ceil
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec

from remission import __version__
from remission.knowledge.decoding import json_decoder
from remission.knowledge.model import Frozen
from remission.knowledge.trials import Registry, Snapshot
from remission.record.problems import InputProblem
from remission.trials.changes import Change, changes_between
from remission.trials.collecting import located
from remission.trials.files import FileRead
from remission.trials.geography import Gazetteer
from remission.trials.registry_json import Page, read_records
from remission.trials.store import Gathering, TrialStore

Progress = Callable[[int, int | None], None]
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_LARGEST_PAGE, _PIECE = 200_000_000, 1 << 16
_SLOWEST = 10  # times as long as the wait for a first sign: so long may a whole page take
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class Refreshed(Frozen, frozen=True):
    """What a refresh brought: how many studies, what is different from before, how many records could not be read."""

    studies: int
    changes: tuple[Change, ...]
    unreadable: int
    taken: str
    registry: str


class _Given(Frozen, frozen=True):
    """How a registry is asked, and what time is."""

    registry: Registry
    sleep: Callable[[float], None]
    progress: Progress


def refresh(
    store: TrialStore,
    registry: Registry,
    gazetteer: Gazetteer,
    before: Snapshot,
    today: date,
    address: str = "",
    progress: Progress = lambda done, total: None,  # noqa: ARG005 - nobody looks
    sleep: Callable[[float], None] = time.sleep,
) -> Refreshed:
    """Fetches every page and puts the new snapshot in the place of the old. Raises `InputProblem`; the old one stays then."""
    asked = address or registry.address
    _only_safe(asked)
    gathering = Gathering(store, {"registry": registry.name, "asked": f"{asked}?{_question(registry)}", "taken": today.isoformat()})
    try:
        _gather(gathering, _Given(registry, sleep, progress), asked, gazetteer)
        after = gathering.snapshot()
        if not after.studies:
            raise InputProblem("trials-refresh-empty", registry=registry.name)
        changes = tuple(changes_between(before, after, registry.open_statuses))
        unreadable = gathering.unreadable
        gathering.finish(today.isoformat(), changes)
    finally:
        gathering.close()
    return Refreshed(len(after.studies), changes, unreadable, after.taken, registry.name)


def take_file(
    store: TrialStore, read: FileRead, gazetteer: Gazetteer, before: Snapshot, registry: Registry, today: date, taken: str = ""
) -> Refreshed:
    """Puts the records of a downloaded file in the place of the old snapshot. `taken` is the day of the download, if said."""
    day = taken or read.written
    records = [located(record, gazetteer) for record in read.records]
    gathering = Gathering(store, {"registry": read.registry, "asked": "file", "taken": day}, start_anew=True)
    try:
        gathering.add(records)
        after = gathering.snapshot()
        changes = tuple(changes_between(before, after, registry.open_statuses))
        gathering.finish(today.isoformat(), changes)
    finally:
        gathering.close()
    return Refreshed(len(after.studies), changes, read.unreadable, day, read.registry)


def _gather(gathering: Gathering, given: _Given, address: str, gazetteer: Gazetteer) -> None:
    """Every page that is still missing."""
    total, renewed = None, False
    tokens: set[str | None] = set()
    while True:
        try:
            page = _page(given, address, gathering.token)
        except _TokenRefused:
            if renewed:
                raise InputProblem("trials-refresh-refused", status=400) from None
            renewed = True
            gathering.start_anew()
            continue
        total = page.total_count if page.total_count is not None else total
        records = [located(record, gazetteer) for record in read_records(page.studies) if record]
        gathering.add(records, page.next_page_token or "", len(page.studies) - len(records))
        given.progress(gathering.count(), total)
        if not page.next_page_token:
            return _only_whole(gathering, total)
        if page.next_page_token in tokens:
            gathering.start_anew()
            raise InputProblem("trials-refresh-circle", registry=given.registry.name)
        tokens.add(page.next_page_token)


def _only_whole(gathering: Gathering, total: int | None) -> None:
    """A list that is clearly shorter than the registry said is no whole list: the old snapshot is worth more."""
    if total is not None and gathering.count() + gathering.unreadable < total * 0.98:
        count = gathering.count()
        gathering.start_anew()
        raise InputProblem("trials-refresh-short", count=count, total=total)


class _TokenRefused(Exception):
    """The registry does not know the page any more at which an earlier refresh stopped."""


def _page(given: _Given, address: str, token: str) -> Page:
    """One page, however often it takes. Raises `InputProblem` when the registry refuses, or never answers with one."""
    registry, failed = given.registry, InputProblem("trials-refresh-failed", registry=given.registry.name, tries=0, reason="")
    for tried in range(1, registry.tries + 1):
        wait = None
        try:
            return _read(_fetched(_address_of(registry, address, token), registry.timeout), registry)
        except HTTPError as error:
            error.close()
            if error.code == 400 and token:
                raise _TokenRefused from None
            if error.code not in _AGAIN:
                raise InputProblem("trials-refresh-refused", status=error.code) from None
            wait = _as_long_as_asked(registry, error.headers)
            failed = _failed(registry, tried, f"HTTP {error.code}")
        except msgspec.DecodeError:
            failed = _no_list(registry)
        except (URLError, HTTPException, TimeoutError, ConnectionError, ssl.SSLError) as error:
            failed = _failed(registry, tried, _reason(error))
            if isinstance(getattr(error, "reason", None), socket.gaierror):  # no network, or no such host: asking again is no use
                raise failed from None
        if tried < registry.tries:
            given.sleep(min(registry.longest_wait, 2.0 ** (tried - 1)) if wait is None else wait)
    raise failed


def _read(body: bytes, registry: Registry) -> Page:
    """A page. JSON that breaks off may come whole the next time; a web page, or JSON of another kind, is an answer that stays."""
    try:
        return json_decoder(Page).decode(body)
    except msgspec.ValidationError:
        raise _no_list(registry) from None
    except msgspec.DecodeError:
        if body.lstrip().startswith(b"<"):
            raise _no_list(registry) from None
        raise


def _no_list(registry: Registry) -> InputProblem:
    return InputProblem("trials-refresh-no-list", registry=registry.name)


def _failed(registry: Registry, tries: int, reason: str) -> InputProblem:
    return InputProblem("trials-refresh-failed", registry=registry.name, tries=tries, reason=reason)


def _as_long_as_asked(registry: Registry, headers: Message) -> float | None:
    """The seconds that a server asks to be left alone. Raises `InputProblem` when nobody would sit and wait so long."""
    wait = _asked_to_wait(headers)
    if wait is not None and wait > registry.longest_wait:
        raise InputProblem("trials-refresh-wait", registry=registry.name, minutes=ceil(wait / 60))
    return wait


def _question(registry: Registry) -> str:
    return urlencode(
        dict(registry.ask) | {"fields": ",".join(registry.fields), "pageSize": str(registry.page), "countTotal": "true"}
    )


def _address_of(registry: Registry, address: str, token: str) -> str:
    return f"{address}?{_question(registry)}" + (f"&{urlencode({'pageToken': token})}" if token else "")


def _only_safe(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise InputProblem("trials-registry-unsafe", address=address)


class _SafeRedirects(HTTPRedirectHandler):
    """Follows a registry to another safe address only."""

    def redirect_request(self, req: Request, fp: object, code: int, msg: str, headers: HTTPMessage, newurl: str) -> Request | None:
        _only_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _fetched(address: str, timeout: float) -> bytes:
    """The whole body of an answer. An answer that ends before its length is no answer."""
    _only_safe(address)
    request = Request(address, headers={"Accept": "application/json", "User-Agent": f"remission/{__version__}"})  # noqa: S310 - checked above
    with build_opener(_SafeRedirects).open(request, timeout=timeout) as answer:
        body = _body(answer, time.monotonic() + timeout * _SLOWEST)
        length = answer.headers.get("Content-Length")
    if len(body) > _LARGEST_PAGE or (length and length.isdigit() and len(body) < int(length)):
        raise HTTPException("cut off")
    return body


def _body(answer: HTTPResponse, until: float) -> bytes:
    """What comes until then. Raises `TimeoutError` for a server that sends a little now and a little then, without end."""
    parts: list[bytes] = []
    size = 0
    while size <= _LARGEST_PAGE and (part := answer.read1(_PIECE)):
        parts.append(part)
        size += len(part)
        if time.monotonic() > until:
            raise TimeoutError("too slow")
    return b"".join(parts)


def _asked_to_wait(headers: Message) -> float | None:
    """The seconds of Retry-After, which is a number or a date."""
    written = (headers.get("Retry-After") or "").strip()
    if written.isdigit():
        return float(written)
    try:
        moment = parsedate_to_datetime(written)
    except (TypeError, ValueError):
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _reason(error: Exception) -> str:
    if isinstance(error, IncompleteRead):
        return "cut off"
    reason = error.reason if isinstance(error, URLError) else error
    return str(reason) or type(error).__name__

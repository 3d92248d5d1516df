"""What is handed over: papers on the screen and as PDF, share packs with a preview of what is left out, calendars."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse

from remission.care.child_road import road_of
from remission.documents.brief import brief_paper
from remission.documents.calendar_file import calendar_file
from remission.documents.calendar_sheets import month_paper, week_paper
from remission.documents.card import card_paper
from remission.documents.exposure_told import exposure_paper
from remission.documents.fridge import fridge_paper
from remission.documents.packs import PACKS, pack_contents, pack_paper
from remission.documents.paper import Paper
from remission.documents.paper_pdf import paper_pdf
from remission.documents.plan_page import plan_page_paper
from remission.home.folder import data_folder
from remission.home.store import HomeFile
from remission.knowledge.model import Lang
from remission.rules.compiled import load_library, load_shelf
from remission.site.addresses import address
from remission.site.own import Own, own, record_of, told

_FEED = "calendar-feed"


def _month(own: Own, today: date) -> Paper:
    return month_paper(load_library(), load_shelf(), own.record, own.lang, today, _asked_month(own, today))


def _week(own: Own, today: date) -> Paper:
    asked = _asked_day(own.request.GET.get("week", "")) or today
    return week_paper(load_library(), load_shelf(), own.record, own.lang, today, asked - timedelta(days=asked.weekday()))


PAPERS: dict[str, Callable[[Own, date], Paper]] = {
    "card": lambda own, today: card_paper(load_library(), load_shelf(), own.record, own.lang, today),
    "wallet": lambda own, today: card_paper(load_library(), load_shelf(), own.record, own.lang, today, size="wallet"),
    "visit": lambda own, today: brief_paper(load_library(), load_shelf(), own.record, own.lang, today),
    "fridge": lambda own, today: fridge_paper(load_library(), load_shelf(), own.record, own.lang, today),
    "month": _month,
    "week": _week,
    "exposure": lambda own, today: exposure_paper(load_library(), load_shelf(), own.record, own.lang, today),
    "treatment-plan": lambda own, today: plan_page_paper(load_library(), load_shelf(), own.record, own.lang, today),
}


@own
def paper(own: Own, slug: str) -> HttpResponse:
    """A paper as a page."""
    made = _paper(own, slug)
    query = own.request.GET.urlencode()
    return own.page("paper", "paper", slug, paper=made, slug=slug, query=query, turns=_turns(own, slug))


@own
def paper_as_pdf(own: Own, slug: str) -> HttpResponse:
    return pdf_answer(_paper(own, slug), slug)


@own
def pack(own: Own, slug: str) -> HttpResponse:
    """A pack to share: what goes in, what is left out, and the paper as it would be handed over."""
    if slug not in PACKS:
        raise Http404(slug)
    contents = pack_contents(own.lang, slug, own.record)
    asked = own.request.GET.getlist("with")
    chosen = frozenset(
        asked if "with" in own.request.GET or own.request.GET.get("chosen") else [part.id for part in contents if part.is_in]
    )
    made = pack_paper(load_library(), load_shelf(), own.record, own.lang, date.today(), slug, chosen)
    if own.request.GET.get("as") == "pdf":
        return pdf_answer(made, slug)
    left_out = [part for part in contents if part.id not in chosen]
    return own.page("pack", "pack", slug, paper=made, contents=contents, chosen=chosen, left_out=left_out, slug=slug)


@own
def calendar(own: Own) -> HttpResponse:
    """The calendar as a file, as a feed for a calendar program on this machine, and on paper."""
    token = own.home.setting(_feed_of(own.child))
    if own.request.method == "POST":
        token = secrets.token_urlsafe(24) if own.request.POST.get("feed") == "on" else None
        own.home.keep_setting(_feed_of(own.child), token)
        return own.go("calendar")
    feed = own.request.build_absolute_uri(address("feed", own.lang, token)) if token else ""
    return own.page("calendar", "calendar", feed=feed)


@own
def calendar_as_file(own: Own) -> HttpResponse:
    return _ics(_calendar_bytes(own.lang, own.record, own.request), "calendar.ics")


@told
def feed(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """The calendar for a calendar program, which has no session: only who knows the long address can read it."""
    with HomeFile(data_folder(None)) as home:
        for child in home.children():
            token = home.setting(_feed_of(child.child))
            if token and secrets.compare_digest(token, slug):
                return _ics(_calendar_bytes(lang, record_of(home, child.child), request), "")
    raise Http404(slug)


def pdf_answer(paper: Paper, name: str) -> HttpResponse:
    return HttpResponse(
        paper_pdf(paper), content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'}
    )


def _paper(own: Own, slug: str) -> Paper:
    if slug not in PAPERS:
        raise Http404(slug)
    return PAPERS[slug](own, date.today())


def _calendar_bytes(lang: Lang, record: object, request: HttpRequest) -> bytes:
    from remission.care.record import Record
    from remission.documents.wording import Wording

    assert isinstance(record, Record)  # noqa: S101 - both callers have one
    discreet = request.GET.get("titles") == "discreet"
    return calendar_file(
        Wording(load_library(), lang),
        load_shelf(),
        road_of(record),
        record.of("appointment"),
        record.child.child,
        discreet,
        record.is_invented,
    )


def _ics(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} if name else {}
    return HttpResponse(data, content_type="text/calendar; charset=utf-8", headers=headers)


def _feed_of(child: str) -> str:
    return f"{_FEED}-{child}"


def _asked_day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _asked_month(own: Own, today: date) -> date:
    return (_asked_day(f"{own.request.GET.get('month', '')}-01") or today).replace(day=1)


def _turns(own: Own, slug: str) -> tuple[str, str] | None:
    """The months or weeks before and after, as queries."""
    today = date.today()
    if slug == "month":
        first = _asked_month(own, today)
        before, after = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)
        return f"month={before:%Y-%m}", f"month={after:%Y-%m}"
    if slug == "week":
        monday = _asked_day(own.request.GET.get("week", "")) or today
        return f"week={monday - timedelta(days=7)}", f"week={monday + timedelta(days=7)}"
    return None

"""Trials and places: what is open, where, and what would have to be known. Nothing is fetched.

Every page comes twice: open to anybody, with what is typed in its address; and as a page of a child, which takes what is written
down about it from the family's own file, and puts nothing of that into an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from remission.documents.trials_map import Map, Place, drawn_map
from remission.documents.trials_paper import questions_always, study_paper
from remission.documents.trials_told import SITES_SHOWN, HospitalTold, StudyTold, TrialsTeller
from remission.documents.wording import Wording
from remission.home.folder import data_folder
from remission.home.store import HomeFile
from remission.knowledge.model import Frozen, Lang
from remission.knowledge.trials import Study
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.site.addresses import address
from remission.site.own import Own, own, whole
from remission.site.page import page
from remission.site.trial_form import TrialForm
from remission.site.views.papers import pdf_answer
from remission.trials.loaded import shipped_trials, trials_of
from remission.trials.search import Found, HospitalFound, Query, Trials
from remission.trials.store import TrialStore

PAGE = 20
_FOLDED, _CHANGES, _SITES = 20, 200, 12  # ruled-out studies, changes and sites that are shown at once
_NOT_ALONG = ("near", "within", "page", "show")  # asked anew, or no part of what is asked
_TOLD_MORE = 3  # questions that would tell more


class StudyShown(Frozen, frozen=True):
    """A study on a list: in words, and what speaks against it."""

    told: StudyTold
    against: tuple[str, ...]


class Desk:
    """What every page here starts from: the list that counts, in whose words, and for whom."""

    def __init__(self, request: HttpRequest, lang: Lang, whose: Own | None = None):
        self.request, self.lang, self.whose, self.today = request, lang, whose, date.today()
        self.words = Wording(load_library(), lang)
        self.store, self.trials, self.damaged = _list(lang)
        self.form = TrialForm(self.trials, self.words, request.GET, self.today, whose.record if whose else None)
        self.teller = TrialsTeller(load_library(), self.trials, lang, self.today, self.form.spot)

    def to(self, name: str, about: str = "", lang: Lang | None = None) -> str:
        """The address of one of these pages: the child's own where this is one."""
        return address(self.name(name), lang or self.lang, about, child=self.whose.child if self.whose else "")

    def name(self, name: str) -> str:
        return f"my-{name}" if self.whose else name

    def page(self, name: str, about: str = "", status: int = 200, **shown: Any) -> HttpResponse:
        """A page with what was typed kept in the address of the other language, and the age of the list."""
        query = self.asked()
        other: Lang = "es" if self.lang == "en" else "en"
        how = self.words.say("trial-old-how")
        snapshot = self.teller.snapshot()
        shown |= {
            "elsewhere": self.to(name, about, other) + query,
            "asked": query,
            "trials_page": self.name("trials"), "trial_page": self.name("trial"), "places_page": self.name("places"),
            "snapshot": snapshot,
            "list_age": self._list_age(snapshot.days),
            "warnings": [warning for warning in snapshot.warnings if warning != how],
            "damaged": self.damaged,
            "form": shown.get("form") or self.form.shown(),
            "news": bool(self.store and not self.damaged and self.store.changes()),
            "credit": self.words.say("trial-credit"), "trial_notice": self.words.say("trial-notice"),
        }  # fmt: skip
        if self.whose:
            return self.whose.page(self.name(name), name, about, status, **shown)
        return page(self.request, self.lang, name, f"trials/{name.removeprefix('trials-')}", about, status, **shown)

    def _list_age(self, days: int) -> str:
        if self.trials.snapshot.taken.count("-") < 2:
            return self.words.say("page-list-age-at-least", days=days)
        return self.words.say(f"page-list-age-{days}" if days < 2 else "page-list-age", days=days)

    def asked(self, **more: str) -> str:
        """What was asked as the query of an address, without which page of it is shown."""
        query = self.request.GET.copy()
        for name in ("page", "show", "as"):
            query.pop(name, None)
        for name in [name for name, value in query.items() if not value]:
            query.pop(name)
        query.update(more)
        return f"?{query.urlencode()}" if query else ""


def _list(lang: Lang) -> tuple[TrialStore | None, Trials, str]:
    """The family's own list or the one that ships; when the own one cannot be read, the shipped one and the sentence about it."""
    store: TrialStore | None = None
    try:
        store = TrialStore(data_folder(None))
        return store, trials_of(store), ""
    except InputProblem as problem:
        return store, shipped_trials(), problem.sentence(load_library().words, lang)


# --- the list -------------------------------------------------------------------------------------------------------------


def trials(request: HttpRequest, lang: Lang) -> HttpResponse:
    """Studies for what was typed."""
    return _trials(Desk(request, lang))


@own
def my_trials(own: Own) -> HttpResponse:
    """Studies for a child, from what is written down about it."""
    return _trials(Desk(own.request, own.lang, own))


def _trials(desk: Desk) -> HttpResponse:
    query = desk.form.query()
    answer = desk.trials.search(query)
    shows_ruled_out = desk.request.GET.get("show") == "ruled-out"
    found = answer.ruled_out if shows_ruled_out else answer.found
    number, pages, slice_ = _page(desk.request, len(found))
    shown = [_shown(desk, each) for each in found[slice_]]
    told = desk.teller.answer(answer, 0)
    return desk.page(
        "trials",
        form=desk.form.shown(),
        heading=desk.words.say("page-ruled-out", count=len(found)) if shows_ruled_out else told.heading,
        from_where=told.asked,
        studies=shown,
        first_number=slice_.start + 1,
        shows_ruled_out=shows_ruled_out,
        ruled_out=[] if shows_ruled_out else [_against(desk, each) for each in answer.ruled_out[:_FOLDED]],
        ruled_out_count=len(answer.ruled_out),
        to_ruled_out=desk.asked(show="ruled-out") if len(answer.ruled_out) > _FOLDED else "",
        questions=[(desk.teller.question(fact), desk.form.asks(fact)) for fact in answer.asks if desk.form.asks(fact)][:_TOLD_MORE],
        before_treatment=_before(desk, found),
        turns=_turns(desk, number, pages, "ruled-out" if shows_ruled_out else ""),
        map=_map_of_studies(desk, query, found[slice_]),
        children=desk.whose is None,
    )


def _shown(desk: Desk, found: Found) -> StudyShown:
    told = desk.teller.study(found, found_from(desk))
    return StudyShown(told, tuple(c.why for c in told.criteria if c.verdict == "not-met" and c.id != "status"))


def _against(desk: Desk, found: Found) -> tuple[Study, tuple[str, ...]]:
    """A study that is ruled out, and by what."""
    against = [c for c in found.criteria if c.verdict == "not-met" and c.id != "status"]
    return found.study, tuple(desk.teller.criterion(criterion, found.study).why for criterion in against)


def found_from(desk: Desk) -> bool:
    return desk.form.spot is not None


def _before(desk: Desk, found: Iterable[Found]) -> str:
    """That some trials are only open before treatment starts, where one of them may be; not once it is known to have begun."""
    may_be = any((c := each.criterion("before")) is not None and c.why != "trial-why-before-begun" for each in found)
    return desk.words.say("trial-before-first") if may_be else ""


def _page(request: HttpRequest, count: int) -> tuple[int, int, slice]:
    pages = max(1, -(-count // PAGE))
    asked = request.GET.get("page", "")
    number = min(int(asked), pages) if asked.isdecimal() and len(asked) < 6 and int(asked) else 1
    return number, pages, slice((number - 1) * PAGE, number * PAGE)


def _turns(desk: Desk, number: int, pages: int, show: str) -> dict[str, Any] | None:
    """The pages before and after; None where there is only one."""
    if pages == 1:
        return None
    more = {"show": show} if show else {}
    return {
        "number": number,
        "pages": pages,
        "before": desk.asked(**more, page=str(number - 1)) if number > 1 else "",
        "after": desk.asked(**more, page=str(number + 1)) if number < pages else "",
    }


# --- the map --------------------------------------------------------------------------------------------------------------


def _map_of_studies(desk: Desk, query: Query, found: Iterable[Found]) -> Map | None:
    """The nearest places of the studies on this page."""
    if query.near is None:
        return None
    return _map(desk, [place for each in found for place in _places_of(desk, each, SITES_SHOWN)], query.within)


def _map(desk: Desk, places: Iterable[Place], within: float | None) -> Map | None:
    spot = desk.form.spot
    return drawn_map(desk.words, spot, places, desk.teller.in_miles, within) if spot else None


def _places_of(desk: Desk, found: Found, most: int) -> list[Place]:
    """The nearest sites of a study whose place is known."""
    near = [site for site in found.sites if site.km is not None][:most]
    return [
        Place(
            name=site.place.name or desk.words.say("trial-site-nameless"),
            city=_city(site.place.city, site.place.state, site.place.country),
            lat=site.place.lat or 0.0,
            lon=site.place.lon or 0.0,
            km=site.km or 0.0,
            distance=desk.teller.distance(site.km, True),
            of=(found.study.id,),
        )
        for site in near
    ]


def _city(city: str, state: str, country: str) -> str:
    return ", ".join(part for part in (city, state or country) if part)


# --- one study ------------------------------------------------------------------------------------------------------------


def trial(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """One study whole."""
    return _trial(Desk(request, lang), slug)


@own
def my_trial(own: Own, slug: str) -> HttpResponse:
    """One study whole, beside what is written down about a child."""
    return _trial(Desk(own.request, own.lang, own), slug)


def trial_as_pdf(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """The questions about a study, to print."""
    return _pdf(Desk(request, lang), slug)


@own
def my_trial_as_pdf(own: Own, slug: str) -> HttpResponse:
    return _pdf(Desk(own.request, own.lang, own), slug)


def _trial(desk: Desk, slug: str) -> HttpResponse:
    found = _found(desk, slug)
    told = desk.teller.study(found, found_from(desk), whole=True)
    study = found.study
    return desk.page(
        "trial",
        study.id,
        form=desk.form.shown(only_place=True),
        told=told,
        study=study,
        sites=told.sites[:_SITES],
        more_sites=told.sites[_SITES:],
        has_phones=any(site.phone for site in told.sites),
        has_statuses=any(site.status for site in told.sites),
        has_distances=found_from(desk),
        no_sites=desk.words.say("trial-sites-none") if not told.sites else "",
        always=questions_always(desk.words, study, told.line),
        map=_map(desk, _places_of(desk, found, _SITES), None),
        record_at=desk.trials.known.registry.record.format(id=study.id),
        registry=desk.trials.snapshot.registry,
        others=_others(desk),
        back=desk.to("trials") + desk.asked(),
        pdf=desk.to("trial-pdf", study.id) + desk.asked(),
    )


def _others(desk: Desk) -> list[tuple[str, str]]:
    """What was asked besides the place: it goes along when the place is changed."""
    return [
        (name, value) for name, value in desk.request.GET.items() if name not in _NOT_ALONG and isinstance(value, str) and value
    ]


def _found(desk: Desk, slug: str) -> Found:
    """The study of an address. Raises `Http404`."""
    query = desk.form.query()
    try:
        return desk.trials.compare(slug, query)
    except InputProblem:
        raise Http404(slug) from None


def _pdf(desk: Desk, slug: str) -> HttpResponse:
    found = _found(desk, slug)
    told = desk.teller.study(found, found_from(desk), whole=True)
    invented = desk.words.say("invented") if desk.whose and desk.whose.record.is_invented else ""
    return pdf_answer(
        study_paper(load_library(), desk.words, found.study, told, desk.teller.snapshot(), invented), found.study.id.lower()
    )


# --- places ---------------------------------------------------------------------------------------------------------------


class HospitalShown(Frozen, frozen=True):
    """A hospital on the list, and the open studies of the list that name it."""

    told: HospitalTold
    open_now: tuple[str, ...]


def places(request: HttpRequest, lang: Lang) -> HttpResponse:
    """Hospitals by distance."""
    return _places(Desk(request, lang))


@own
def my_places(own: Own) -> HttpResponse:
    """Hospitals by distance, the family's own first."""
    return _places(Desk(own.request, own.lang, own))


def _places(desk: Desk) -> HttpResponse:
    form = desk.form
    mine = [note for note in desk.whose.record.of("centre") if note.said("name")] if desk.whose else []
    hospitals = desk.trials.hospitals(form.spot, form.within, [note.said("name") for note in mine])
    number, pages, slice_ = _page(desk.request, len(hospitals))
    told = desk.teller.places(hospitals, form.spot, form.within, 0)
    return desk.page(
        "places",
        form=form.shown(only_place=True),
        from_where=told.asked,
        places_note=told.note,
        count=len(hospitals),
        hospitals=[HospitalShown(desk.teller.hospital(each), each.open_now) for each in hospitals[slice_]],
        first_number=slice_.start + 1,
        mine=mine,
        is_listed=any(each.own for each in hospitals),
        turns=_turns(desk, number, pages, ""),
        map=_map(desk, _places_on_map(desk, hospitals[slice_]), form.within),
        children=desk.whose is None,
    )


def _places_on_map(desk: Desk, hospitals: Iterable[HospitalFound]) -> list[Place]:
    return [
        Place(
            name=each.hospital.name,
            city=_city(each.hospital.city, each.hospital.state, each.hospital.country),
            lat=each.hospital.lat or 0.0,
            lon=each.hospital.lon or 0.0,
            km=each.km,
            distance=desk.teller.distance(each.km, True),
        )
        for each in hospitals
        if each.km is not None
    ]


# --- for whom -------------------------------------------------------------------------------------------------------------


@whole
def trials_mine(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    """From the open page to that of the child: straight there when there is one, otherwise a choice."""
    return _mine(request, lang, home, "my-trials")


@whole
def places_mine(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    return _mine(request, lang, home, "my-places")


def _mine(request: HttpRequest, lang: Lang, home: HomeFile, name: str) -> HttpResponse:
    children = home.children()
    real = [child for child in children if child.said("invented") != "yes"]
    if len(real) == 1:
        return HttpResponseRedirect(address(name, lang, child=real[0].child))
    listed = [(child, address(name, lang, child=child.child), child.said("invented") == "yes") for child in children]
    return page(request, lang, "places-mine" if name == "my-places" else "trials-mine", "trials/mine", listed=listed)


# --- what changed, and how to refresh --------------------------------------------------------------------------------------


def changes(request: HttpRequest, lang: Lang) -> HttpResponse:
    """What refreshes found different: since the last look, or all of it. Looking alone marks nothing."""
    desk = Desk(request, lang)
    shows_all = request.GET.get("show") == "all"
    usable = desk.store if desk.store and not desk.damaged and desk.store.path.exists() else None
    found = usable.changes(only_unseen=not shows_all) if usable else ()
    latest = found[::-1][:_CHANGES]
    days = {day: [each.change for each in latest if each.day == day] for day in dict.fromkeys(each.day for each in latest)}
    told = [
        (desk.teller.day(day), [(desk.teller.change(change), _link(desk, change.study)) for change in changed])
        for day, changed in days.items()
    ]
    more = desk.words.say("news-more", shown=len(latest), count=len(found)) if len(found) > len(latest) else ""
    return desk.page("trials-changes", days=told, more=more, shows_all=shows_all, never=usable is None)


def _link(desk: Desk, study_id: str) -> str:
    """Where a study can be read; nothing where the list has it no more."""
    try:
        return address("trial", desk.lang, desk.trials.study(study_id).id)
    except InputProblem:
        return ""


@require_POST
def changes_seen(request: HttpRequest, lang: Lang) -> HttpResponse:
    """Marks what was found as looked at."""
    desk = Desk(request, lang)
    if desk.store and not desk.damaged:
        desk.store.mark_seen()
    return HttpResponseRedirect(address("trials-changes", lang))


def refresh(request: HttpRequest, lang: Lang) -> HttpResponse:
    """How the list is brought up to date. No page does it."""
    desk = Desk(request, lang)
    return desk.page("trials-refresh", shipped=desk.trials.snapshot.shipped, folder=desk.store.folder if desk.store else "")

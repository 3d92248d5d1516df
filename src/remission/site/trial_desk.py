"""The desk of the pages about trials and places: the list that counts, what was asked of it, and the way from page to page.

Every page comes twice: open to anybody, with what is typed in its address; and as a page of a child, which takes what is written
down about it from the family's own file, and puts nothing of that into an address. Nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from remission.documents.trials_map import Map, Place, drawn_map
from remission.documents.trials_told import TrialsTeller
from remission.documents.wording import Wording
from remission.home.folder import data_folder
from remission.home.store import HomeFile
from remission.knowledge.model import Frozen, Lang
from remission.knowledge.trials import Hospital
from remission.knowledge.trials import Place as Site
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.site.addresses import address
from remission.site.own import Own
from remission.site.page import page
from remission.site.trial_form import TrialForm
from remission.trials.loaded import shipped_trials, trials_of
from remission.trials.search import Found, Trials
from remission.trials.store import TrialStore

PAGE = 20


class Turn(Frozen, frozen=True):
    """Which page of a list is shown, and the addresses of those before and after it."""

    number: int
    pages: int
    shown: slice
    before: str = ""
    after: str = ""


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

    def turn(self, count: int, **kept: str) -> Turn:
        """The page that is asked for of a list that long."""
        pages = max(1, -(-count // PAGE))
        asked = self.request.GET.get("page", "")
        number = min(int(asked), pages) if asked.isdecimal() and len(asked) < 6 and int(asked) else 1
        return Turn(
            number,
            pages,
            slice((number - 1) * PAGE, number * PAGE),
            before=self.asked(**kept, page=str(number - 1)) if number > 1 else "",
            after=self.asked(**kept, page=str(number + 1)) if number < pages else "",
        )

    def map(self, places: Iterable[Place], within: float | None) -> Map | None:
        spot = self.form.spot
        return drawn_map(self.words, spot, places, self.teller.in_miles, within) if spot else None

    def city_on_map(self, at: Site | Hospital) -> str:
        """A city as a map names it: with its state, or where none is known with its country."""
        return self.teller.city(at.city, at.state, country="" if at.state else at.country)

    def sites_on_map(self, found: Found, most: int) -> list[Place]:
        """The nearest sites of a study whose place is known."""
        return [
            Place(
                name=site.place.name or self.words.say("trial-site-nameless"),
                city=self.city_on_map(site.place),
                lat=site.place.lat or 0.0,
                lon=site.place.lon or 0.0,
                km=site.km or 0.0,
                distance=self.teller.distance(site.km, True),
                of=(found.study.id,),
            )
            for site in [site for site in found.sites if site.km is not None][:most]
        ]


def _list(lang: Lang) -> tuple[TrialStore | None, Trials, str]:
    """The family's own list or the one that ships; when the own one cannot be read, the shipped one and the sentence about it."""
    store: TrialStore | None = None
    try:
        store = TrialStore(data_folder(None))
        return store, trials_of(store), ""
    except InputProblem as problem:
        return store, shipped_trials(), problem.sentence(load_library().words, lang)


def for_whom(request: HttpRequest, lang: Lang, home: HomeFile, name: str) -> HttpResponse:
    """From an open page to that of the child: straight there when there is one, otherwise a choice."""
    children = home.children()
    real = [child for child in children if child.said("invented") != "yes"]
    if len(real) == 1:
        return HttpResponseRedirect(address(name, lang, child=real[0].child))
    listed = [(child, address(name, lang, child=child.child), child.said("invented") == "yes") for child in children]
    return page(request, lang, "places-mine" if name == "my-places" else "trials-mine", "trials/mine", listed=listed)

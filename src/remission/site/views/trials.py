"""Trials: what is open, and what would have to be known."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse

from remission.documents.trials_map import Map
from remission.documents.trials_told import SITES_SHOWN, StudyTold
from remission.home.store import HomeFile
from remission.knowledge.model import Frozen, Lang
from remission.knowledge.trials import Study
from remission.site.own import Own, own, whole
from remission.site.trial_desk import Desk, for_whom
from remission.trials.search import Found, Query

_FOLDED = 20  # ruled-out studies that are shown beside the others
_TOLD_MORE = 3  # questions that would tell more


class StudyShown(Frozen, frozen=True):
    """A study on a list: in words, and what speaks against it."""

    told: StudyTold
    against: tuple[str, ...]


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
    turn = desk.turn(len(found), **({"show": "ruled-out"} if shows_ruled_out else {}))
    told = desk.teller.answer(answer, 0)
    return desk.page(
        "trials",
        form=desk.form.shown(),
        heading=desk.words.say("page-ruled-out", count=len(found)) if shows_ruled_out else told.heading,
        from_where=told.asked,
        studies=[_shown(desk, each) for each in found[turn.shown]],
        shows_ruled_out=shows_ruled_out,
        ruled_out=[] if shows_ruled_out else [_against(desk, each) for each in answer.ruled_out[:_FOLDED]],
        ruled_out_count=len(answer.ruled_out),
        to_ruled_out=desk.asked(show="ruled-out") if len(answer.ruled_out) > _FOLDED else "",
        questions=[(desk.teller.question(fact), desk.form.asks(fact)) for fact in answer.asks if desk.form.asks(fact)][:_TOLD_MORE],
        before_treatment=desk.teller.before_treatment(found),
        turn=turn,
        map=_map_of_studies(desk, query, found[turn.shown]),
        children=desk.whose is None,
    )


def _shown(desk: Desk, found: Found) -> StudyShown:
    told = desk.teller.study(found, desk.form.spot is not None)
    return StudyShown(told, tuple(c.why for c in told.criteria if c.verdict == "not-met" and c.id != "status"))


def _against(desk: Desk, found: Found) -> tuple[Study, tuple[str, ...]]:
    """A study that is ruled out, and by what."""
    against = [c for c in found.criteria if c.verdict == "not-met" and c.id != "status"]
    return found.study, tuple(desk.teller.criterion(criterion, found.study).why for criterion in against)


def _map_of_studies(desk: Desk, query: Query, found: Iterable[Found]) -> Map | None:
    """The nearest places of the studies on this page."""
    return desk.map([place for each in found for place in desk.sites_on_map(each, SITES_SHOWN)], query.within)


@whole
def trials_mine(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    """From the open page to the trials for the child."""
    return for_whom(request, lang, home, "my-trials")

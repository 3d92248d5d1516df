"""What changed in the list of trials, and how it is brought up to date. No page asks the network."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from remission.knowledge.model import Lang
from remission.record.problems import InputProblem
from remission.site.addresses import address
from remission.site.trial_desk import Desk
from remission.trials.changes import Change

_CHANGES = 200  # that are shown at once


def changes(request: HttpRequest, lang: Lang) -> HttpResponse:
    """What refreshes found different: since the last look, or all of it. Looking alone marks nothing."""
    desk = Desk(request, lang)
    shows_all = request.GET.get("show") == "all"
    usable = desk.store if desk.store and not desk.damaged and desk.store.path.exists() else None
    found = usable.changes(only_unseen=not shows_all) if usable else ()
    latest = found[::-1][:_CHANGES]
    days = {day: [each.change for each in latest if each.day == day] for day in dict.fromkeys(each.day for each in latest)}
    told = [
        (desk.teller.day(day), [(_told(desk, change), _link(desk, change.study)) for change in found_then])
        for day, found_then in days.items()
    ]
    more = desk.words.say("news-more", shown=len(latest), count=len(found)) if len(found) > len(latest) else ""
    return desk.page("trials-changes", days=told, more=more, shows_all=shows_all, never=usable is None)


def _told(desk: Desk, change: Change) -> tuple[str, str, str]:
    """A change: what stands before the title, the title in the registry's English, and what stands behind it."""
    return desk.teller.change(change).partition(change.title)


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
    return desk.page("trials-refresh", shipped=desk.trials.snapshot.shipped)

"""What happens in the marrow: an invented child over time. Every view is made here; the script only asks for the next one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from remission.documents import marrow_told
from remission.documents.marrow_pictures import marrow_road, marrow_window
from remission.documents.marrow_told import View
from remission.documents.wording import Wording
from remission.knowledge.model import LANGS, Frozen, Lang
from remission.knowledge.shown_child import ShownChild
from remission.rules.compiled import load_library, load_shelf, load_shown
from remission.site.addresses import address
from remission.site.page import page
from remission.site.shown import Shower

_LIMITS = ("child", "medicine", "smooth", "missed", "plan", "reviewed")


def marrow(request: HttpRequest, lang: Lang) -> HttpResponse:
    """The page at the moment and with the choices that the address asks for; `part` asks for what changes alone."""
    child = load_shown()
    view = asked(request.GET, child)
    is_part = request.GET.get("part") == "yes"
    answer = page(
        request, lang, "marrow", "marrow_parts" if is_part else "marrow",
        elsewhere=address("marrow", LANGS[1 - LANGS.index(lang)]) + _query(view, view.step),
        **_shown(Wording(load_library(), lang), view, lang),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store" if is_part else "no-cache"
    return answer


def asked(given: Any, child: ShownChild) -> View:
    """The view that an address asks for; what it does not say, or says strangely, is as on the first visit."""
    plan = child.plan
    step = given.get("step", "")
    usual = plan.days.index(plan.opens_at)
    missed, spinal = given.get("missed", ""), given.get("spinal", "")
    return View(
        child,
        missed if missed in child.missed else plan.missed[0].id,
        spinal if spinal in child.spinal else plan.spinal[0].id,
        int(step) if step.isascii() and step.isdigit() and len(step) < 6 else usual,
    )


def _query(view: View, step: int) -> str:
    return "?" + urlencode({"step": step, "missed": view.missed, "spinal": view.spinal})


def _shown(words: Wording, view: View, lang: Lang) -> dict[str, Any]:
    shower = Shower(lang, "family")
    plan, told = view.child.plan, view.child.told
    return {
        "view": view,
        "last_step": len(plan.days) - 1,
        "when": marrow_told.when_and_phase(words, view),
        "sees": [shower.marked(said) for said in marrow_told.sees(words, view)],
        "why": [shower.marked(said) for said in marrow_told.why(words, view)],
        "counts": marrow_told.counts(words, view),
        "missed_told": marrow_told.missed_told(words, view),
        "spinal_told": marrow_told.spinal_told(words, view),
        "missed": [(one.id, words.say(f"marrow-missed-{one.id}")) for one in plan.missed],
        "spinal": [(one.id, words.say(f"marrow-spinal-{one.id}")) for one in plan.spinal],
        "misses": view.missed != plan.missed[0].id,
        "rows": marrow_told.table(words, view),
        "window": marrow_window(words, view),
        "road": marrow_road(words, view),
        "wide_road": marrow_road(words, view, wide=True),
        "claims": [claim for name in _to_read(view) for claim in shower.read(name)],
        "marrow_terms": shower.terms,
        "topics": [load_shelf().topics[topic] for topic in plan.read_more],
        "limits": [words.say(f"marrow-limits-{limit}") for limit in _LIMITS],
        "which": words.say("marrow-which", number=plan.number, seed=plan.seed, age=int(told["age"])),
        **_moments(words, view),
    }


def _to_read(view: View) -> tuple[str, ...]:
    """What stands in the library about this phase, and about what was chosen."""
    plan = view.child.plan
    missed = plan.read_missed if view.missed != plan.missed[0].id else ()
    spinal = plan.read_spinal if view.spinal != plan.spinal[0].id else ()
    return (*plan.read[view.phase], *missed, *spinal)


class Link(Frozen, frozen=True):
    """A link to a moment with the choices as they are."""

    step: int
    name: str
    to: str
    here: bool


def _link(words: Wording, view: View, moment: str, step: int) -> Link:
    return Link(step, words.say(f"marrow-moment-{moment}"), _query(view, step), step == view.step)


def _moments(words: Wording, view: View) -> dict[str, Any]:
    """Links to the moments worth one, and to those just before and after the one shown."""
    days = view.child.plan.days
    found = [_link(words, view, moment.id, days.index(moment.day)) for moment in view.child.plan.moments]
    earlier = [link for link in found if link.step < view.step]
    later = [link for link in found if link.step > view.step]
    return {"moments": found, "earlier": earlier[-1] if earlier else None, "later": later[0] if later else None}

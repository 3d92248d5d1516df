"""One study: what its record says, how it stands to a child, and the questions to print."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from remission.documents.trials_paper import questions_always, study_paper
from remission.knowledge.model import Lang
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library
from remission.site.own import Own, own
from remission.site.trial_desk import Desk
from remission.site.views.papers import pdf_answer
from remission.trials.search import Found

_SITES = 12  # places that are shown at once
_NOT_ALONG = ("near", "within", "page", "show")  # asked anew, or no part of what is asked


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
    told = desk.teller.study(found, desk.form.spot is not None, whole=True)
    study = found.study
    return desk.page(
        "trial",
        study.id,
        form=desk.form.shown(only_place=True),
        told=told,
        study=study,
        names=[named for named in (told.tests, told.about, told.run_by) if named],
        sites=told.sites[:_SITES],
        more_sites=told.sites[_SITES:],
        no_sites=desk.words.say("trial-sites-none") if not told.sites else "",
        always=questions_always(desk.words, study, told.line),
        map=desk.map(desk.sites_on_map(found, _SITES), None),
        record_at=desk.trials.known.registry.record.format(id=study.id),
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
    told = desk.teller.study(found, desk.form.spot is not None, whole=True)
    invented = desk.words.say("invented") if desk.whose and desk.whose.record.is_invented else ""
    from_where = desk.teller.from_where(desk.form.spot, None)
    paper = study_paper(load_library(), desk.words, found.study, told, desk.teller.snapshot(), from_where, invented)
    return pdf_answer(paper, found.study.id.lower())

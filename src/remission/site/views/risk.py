"""Which risk group? Questions, one a page or all on one; what follows under each scheme; the rules themselves.

The facts are kept in the session, in the memory of this server: never in an address, never on disk, forgotten with one tap.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from remission.care.questions import FIRST, next_question
from remission.care.risk import Assessment, assess_child
from remission.documents.answer_told import answer_told
from remission.documents.rules_told import questions_told, tables_told
from remission.documents.wording import Wording
from remission.knowledge.model import FactDefinition, Lang
from remission.record.child import Entry, gather
from remission.record.problems import InputProblem, InputProblems
from remission.rules.compiled import load_library
from remission.site.addresses import address
from remission.site.page import library_page, page
from remission.site.shown import Shower

_TYPED, _LEFT_OPEN = "typed", "left-open"
_UNKNOWN = "unknown"
_LONGEST = 100
_WHEN = ("any", "diagnosis", "day-8", "day-15", "end-of-induction", "end-of-consolidation", "relapse")
_IN_ORDER = ("first", *(f"facts-{when}" for when in _WHEN))


def all_questions(request: HttpRequest, lang: Lang) -> HttpResponse:
    """Every question on one page; what cannot be used is said beside its field, and nothing typed is lost."""
    typed = _sent(request) if request.method == "POST" else _typed(request)
    problems = _problems(lang, typed)
    if request.method == "POST":
        _keep(request, typed)
        if not problems:
            return HttpResponseRedirect(address("risk-answer", lang))
    groups: dict[str, list[dict[str, Any]]] = {}
    for fact in load_library().facts.values():
        where = "first" if fact.id in FIRST else f"facts-{fact.when}"
        groups.setdefault(where, []).append(_field(lang, fact, typed, problems))
    ordered = [(where, groups[where]) for where in _IN_ORDER if where in groups]
    return page(request, lang, "risk", "risk", groups=ordered, problems=_listed(problems), has_facts=bool(typed))


def question(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """One question; "I don't know" is an answer too. The next one is the one that would tell most."""
    library = load_library()
    if slug == "next":
        return _to_next(request, lang)
    if slug not in library.facts:
        raise Http404(slug)
    typed = _typed(request)
    others = {fact: said for fact, said in typed.items() if fact != slug}
    if _problems(lang, others):  # what was typed elsewhere is mended there
        return HttpResponseRedirect(address("risk", lang))
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        typed = others | _sent(request, only=slug)
        problems = _problems(lang, typed)
        if not problems:
            _keep(request, typed, left_open=[*_left_open(request), slug])
            return _to_next(request, lang)
    field = _field(lang, library.facts[slug], typed, problems)
    answered = len(set(typed) | set(_left_open(request)))
    return page(request, lang, "risk-question", "risk_question", slug, field=field, problems=_listed(problems), answered=answered)


def _to_next(request: HttpRequest, lang: Lang) -> HttpResponse:
    if _problems(lang, _typed(request)):
        return HttpResponseRedirect(address("risk", lang))
    asked = set(_left_open(request)) | set(_typed(request))
    following = next_question(load_library(), _assessed(_typed(request)), asked)
    return HttpResponseRedirect(address("risk-question", lang, following) if following else address("risk-answer", lang))


def answer(request: HttpRequest, lang: Lang) -> HttpResponse:
    """The group, or the groups still possible, under each scheme; what would settle it; what to ask."""
    typed = _typed(request)
    if not typed or _problems(lang, typed):
        return HttpResponseRedirect(address("risk", lang))
    library, words = load_library(), Wording(load_library(), lang)
    assessment = _assessed(typed)
    decisions = {decision.scheme: decision for decision in assessment.decisions}
    told = answer_told(library, assessment, lang)
    schemes = [(d, tables_told(words, library.schemes[d.scheme], decisions[d.scheme])) for d in told.decisions]
    asks = tuple(questions_told(words, assessment.decisions))
    return page(request, lang, "risk-answer", "risk_answer", told=told, schemes=schemes, asks=asks)


@require_POST
def forget(request: HttpRequest, lang: Lang) -> HttpResponse:
    request.session.flush()
    return HttpResponseRedirect(address("risk", lang))


@library_page
def schemes(request: HttpRequest, lang: Lang) -> HttpResponse:
    """The published schemes, by the time at which they speak."""
    shown = [scheme for scheme in load_library().schemes.values() if scheme.kind == "scheme"]
    groups = [(f"phase-{phase}", [s for s in shown if s.phase == phase]) for phase in ("diagnosis", "response", "relapse")]
    sheets = [scheme for scheme in load_library().schemes.values() if scheme.kind == "factor-sheet"]
    return page(request, lang, "schemes", "schemes", groups=[*groups, ("kind-factor-sheet", sheets)])


@library_page
def scheme(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """One scheme: for whom it is, its tables, and where each row is written."""
    library = load_library()
    found = library.schemes.get(slug)
    if found is None or found.kind == "supporting":
        raise Http404(slug)
    shower = Shower(lang, "professional")
    tables = tables_told(Wording(library, lang), found) if found.tables else ()
    for table in tables:
        for row in table.rows:
            shower.cite(row.cites)
    notes = [(note.text.in_(lang), shower.cite(note.cites)) for note in found.notes]
    factors = [(factor.says.in_(lang), shower.cite(factor.cites)) for factor in found.factors]
    domains = [(domain.text.in_(lang), shower.cite(domain.cites)) for domain in found.applies]
    shown: dict[str, Any] = {"tables": tables, "notes": notes, "factors": factors, "domains": domains, "sources": shower.sources}
    return page(request, lang, "scheme", "scheme", found.id, scheme=found, **shown)


def _typed(request: HttpRequest) -> dict[str, str]:
    return dict(request.session.get(_TYPED, {}))


def _left_open(request: HttpRequest) -> list[str]:
    return list(request.session.get(_LEFT_OPEN, []))


def _keep(request: HttpRequest, typed: dict[str, str], left_open: list[str] | None = None) -> None:
    request.session[_TYPED] = typed
    request.session[_LEFT_OPEN] = [fact for fact in dict.fromkeys(left_open or []) if fact not in typed]


def _sent(request: HttpRequest, only: str = "") -> dict[str, str]:
    """What was typed or chosen, by fact; a number and its unit are one answer. "I don't know" and nothing are the same here."""
    facts = [only] if only else list(load_library().facts)
    said = {fact: request.POST.get(fact, "").strip()[:_LONGEST] for fact in facts}
    units = {fact: request.POST.get(f"{fact}-unit", "").strip()[:_LONGEST] for fact in facts}
    return {fact: f"{value} {units[fact]}".strip() for fact, value in said.items() if value and value != _UNKNOWN}


def _assessed(typed: dict[str, str]) -> Assessment:
    return assess_child(load_library(), gather(load_library(), _entries(typed)))


def _entries(typed: dict[str, str]) -> list[Entry]:
    return [Entry(fact, written, where=fact) for fact, written in typed.items()]


def _problems(lang: Lang, typed: dict[str, str]) -> dict[str, list[str]]:
    """What is wrong with what was typed, by fact, in whole sentences; what concerns several facts stands under ""."""
    found: list[InputProblem] = []
    try:
        _assessed(typed)
    except InputProblems as refused:
        found = refused.problems
    except InputProblem as refused_one:
        found = [refused_one]
    told: dict[str, list[str]] = {}
    for problem in found:
        told.setdefault(str(problem.values.get("where", "")), []).append(_in_words(lang, problem))
    return told


def _in_words(lang: Lang, problem: InputProblem) -> str:
    """The sentence without ids: a page says the name of a fact where the command line says its id."""
    values = problem.values | {"where": "", "label": ""}
    if "label" in problem.values:
        values["fact"] = problem.values["label"]
    sentence = InputProblem(problem.word, **values).sentence(load_library().words, lang).replace(" ()", "")
    return sentence[:1].upper() + sentence[1:]


def _listed(problems: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(fact, sentence) for fact, sentences in problems.items() for sentence in sentences]


def _field(lang: Lang, fact: FactDefinition, typed: dict[str, str], problems: dict[str, list[str]]) -> dict[str, Any]:
    """What a template needs to ask for a fact."""
    written = typed.get(fact.id, "")
    units = _units(fact)
    value, unit = _apart(written, units)
    return {
        "fact": fact, "question": fact.question.in_(lang), "plain": fact.plain.in_(lang), "value": value, "unit": unit,
        "units": units, "choices": _choices(lang, fact), "problems": problems.get(fact.id, []), "kind": _kind(fact),
    }  # fmt: skip


def _kind(fact: FactDefinition) -> str:
    return "choice" if fact.kind == "choice" else "mrd" if fact.kind == "mrd" else "age" if fact.unit == "d" else "number"


def _units(fact: FactDefinition) -> list[str]:
    """The units a number may be given in; none where it can only be meant in one way."""
    if fact.kind != "number" or fact.unit == "d":
        return []
    return [spelling.unit for spelling in load_library().units[fact.units].spellings if spelling.unit != "1"]


def _apart(written: str, units: list[str]) -> tuple[str, str]:
    """A number and the unit that was chosen for it."""
    unit = next((unit for unit in sorted(units, key=len, reverse=True) if written.endswith(f" {unit}")), "")
    return written.removesuffix(unit).strip(), unit


def _choices(lang: Lang, fact: FactDefinition) -> list[tuple[str, str]]:
    words = Wording(load_library(), lang)
    groups = [(group.id, group.label.in_(lang)) for group in fact.groups]
    return [(choice.id, words.choice(fact, choice.id)) for choice in fact.choices] + groups

"""The report on a cohort: one self-contained page, and the same as a PDF.

Both are made from the frozen values of `cohort.reporting` and say the same words; the same report gives the same bytes. Nothing
in it is fetched from anywhere, and nothing in it names a child.
"""

from __future__ import annotations

from msgspec.structs import replace

from remission.cohort.reporting import Report
from remission.documents import cohort_curves, cohort_sections
from remission.documents.cohort_page import page
from remission.documents.cohort_sections import Part
from remission.documents.cohort_words import CohortWords
from remission.documents.paper import Line, Paper, Section
from remission.knowledge.model import Lang, Library

_LIMITS = ("trial", "rules", "selection", "later", "follow-up", "missing", "looks", "child", "review")
_METHODS = ("groups", "km", "cif", "late", "test")


def report_html(library: Library, report: Report, lang: Lang) -> str:
    """The report as one page with everything in it, for the screen and for print."""
    told = CohortWords(library, lang, report)
    return page(told, _title(told), _lead(told), _parts(told, wide=True), _parts(told, wide=False))


def report_pdf(library: Library, report: Report, lang: Lang) -> bytes:
    """The same as a tagged PDF."""
    from remission.documents.paper_pdf import paper_pdf

    return paper_pdf(report_paper(library, report, lang))


def report_paper(library: Library, report: Report, lang: Lang) -> Paper:
    """The same as a paper."""
    told = CohortWords(library, lang, report)
    parts = _parts(told, wide=True)
    return Paper(
        id="cohort-report", lang=lang, title=_title(told), lead=_lead(told), notice=told.say("rep-notice"),
        sections=tuple(section for number, part in enumerate(parts, 1) for section in _numbered(part, number)),
        invented=told.say("rep-invented") if report.about.invented else "",
    )  # fmt: skip


def _numbered(part: Part, number: int) -> list[Section]:
    """The sections of a part under its heading; a caption that only says the heading again is left out."""
    named = {part.heading, *(section.heading for section in part.sections)}
    sections = [
        replace(section, table=replace(section.table, caption=""))
        if section.table and (section.heading or section.table.caption in named)
        else section
        for section in part.sections
    ]
    first = sections[0]
    heading = f"{number}. {part.heading}"
    return [replace(first, heading=heading), *sections[1:]] if not first.heading else [Section(heading=heading), *sections]


def _title(told: CohortWords) -> str:
    return told.say("rep-title", source=told.report.about.source)


def _lead(told: CohortWords) -> str:
    return told.say("rep-kind")


def _parts(told: CohortWords, wide: bool) -> list[Part]:
    parts = [
        cohort_sections.short(told),
        cohort_sections.flow(told, wide),
        cohort_sections.baseline(told),
        cohort_sections.groups(told, wide),
        cohort_sections.why(told) if told.report.undecided else None,
        cohort_sections.crossings(told, wide),
        cohort_sections.compared(told),
        cohort_curves.survival(told, wide) if told.report.curves else None,
        cohort_curves.incidence(told, wide),
        _limits(told),
        _methods(told),
    ]
    return [part for part in parts if part]


def _limits(told: CohortWords) -> Part:
    items = tuple(told.say(f"rep-limit-{limit}", tests=told.report.tests) for limit in _LIMITS)
    sections = [Section(items=items)]
    notes = tuple(note.in_(told.lang) for note in told.report.about.notes)
    if notes:
        sections.append(Section(heading=told.say("rep-limit-source"), items=notes))
    return Part("limits", told.say("rep-limits"), tuple(sections))


def _methods(told: CohortWords) -> Part:
    about = told.report.about
    items = [told.say(f"rep-method-{method}") for method in _METHODS]
    if about.hide_below >= 2:
        items.append(told.say("rep-hiding", limit=about.hide_below, most=about.hide_below - 1))
    version = told.say("rep-library-value", version=about.library_version, hash=about.library_hash[:12])
    facts = [
        Line(told.say("rep-source"), about.source),
        *([Line(told.say("rep-mapping"), about.mapping.in_(told.lang))] if about.mapping else []),
        Line(told.say("rep-flow-records"), told.count(told.report.flow.records)),
        Line(told.say("rep-schemes"), "; ".join(told.scheme(scheme) for scheme in about.schemes)),
        Line(told.say("rep-made-with"), about.software),
        Line(told.say("rep-library"), version),
        Line(told.say("rep-engine"), about.engine),
    ]
    return Part("methods", told.say("rep-methods"), (Section(items=tuple(items)), Section(facts=tuple(facts))))

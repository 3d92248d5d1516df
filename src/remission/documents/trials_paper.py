"""The questions about one study, to print and to take along: ours about what is open, those that hold for any study, and lines."""

from __future__ import annotations

from remission.documents.paper import Line, Paper, Section
from remission.documents.trials_told import SnapshotTold, StudyTold
from remission.documents.wording import Wording
from remission.knowledge.model import Library
from remission.knowledge.trials import Study

_ALWAYS = ("instead", "more", "harm", "consent", "assent", "leave", "data", "who")
_PLACES, _LINES = 3, 10


def questions_always(words: Wording, study: Study, kind: str) -> tuple[str, ...]:
    """What to ask about any study. `kind` is what the record says of kind and phase, in words."""
    phased = any(phase.startswith(("PHASE", "EARLY")) for phase in study.phases)
    phase = words.say("study-ask-phase", phase=kind) if phased else words.say("study-ask-phase-none")
    return (phase, *(words.say(f"study-ask-{name}") for name in _ALWAYS))


def study_paper(
    library: Library,
    words: Wording,
    study: Study,
    told: StudyTold,
    snapshot: SnapshotTold,
    from_where: tuple[str, ...] = (),
    invented: str = "",
) -> Paper:
    """The paper. It says which study, where it is, how old the list is, and asks; it holds nothing about a child."""
    named = [Line(each.label.removesuffix(":"), each.value, lang="en") for each in (told.tests, told.about, told.run_by) if each]
    which = [Line(words.say("study-kind"), told.line), *named, _split(told.status), _split(told.ages)]
    places = tuple(", ".join(part for part in (site.name, site.city, site.distance) if part) for site in told.sites[:_PLACES])
    always = questions_always(words, study, told.line)
    sections = (
        Section(facts=tuple(which), paragraphs=(told.record,)),
        Section(
            heading=words.say("study-places"), paragraphs=from_where, items=(*places, *_more(words, told)) or (told.sites_more,)
        ),
        *([Section(heading=words.say("study-ask-open"), ticks=told.questions)] if told.questions else []),
        Section(heading=words.say("study-ask-always"), ticks=always, paragraphs=(words.say("study-ask-note"),)),
        Section(heading=words.say("study-answers"), blank=_LINES),
    )
    notice = f"{words.say('site-notice')} {words.say('site-version', version=library.version)}"
    aged = " ".join((snapshot.told, *snapshot.warnings[:1])) if snapshot.is_old else snapshot.told
    return Paper(
        id=study.id,
        lang=words.lang,
        title=words.say("study-paper"),
        lead=f"{told.title} ({told.id})",
        lead_lang="en",
        about=words.say("study-paper-lead"),
        sections=sections,
        notice=f"{aged} {notice}",
        invented=invented,
    )


def _more(words: Wording, told: StudyTold) -> tuple[str, ...]:
    """That the record lists more places than those on the paper."""
    rest = len(told.sites) - _PLACES
    return (words.say("trial-sites-more-all", count=rest),) if rest > 0 else ()


def _split(said: str) -> Line:
    """ "Ages: no limit" as a label and its value."""
    label, _, value = said.partition(": ")
    return Line(label, value)

"""The sources: what each is, what of it may be carried, and how to cite it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date

from remission.documents.answer_text import WIDTH, Style, plain
from remission.documents.wording import Wording, source_told
from remission.knowledge.model import Lang, Library, Source
from remission.knowledge.shelf import Shelf


def citation(words: Wording, source: Source, accessed: date) -> str:
    """How to cite a source: as it asks for itself, otherwise who, what, where, when, its address and the day it was read."""
    read_on = dated(words.lang, accessed)
    if source.cite_as:
        return source.cite_as.in_(words.lang).format(revised=_revised(words, source), accessed=read_on)
    by = (source.authors or source.publisher).rstrip(".")
    known = " ".join((by, source.title, source.journal))
    year = words.say("undated") if source.year is None else "" if str(source.year) in known else str(source.year)
    parts = [part.rstrip(".") for part in (by, source.title, source.journal, year) if part]
    if source.doi:
        parts.append(f"doi:{source.doi}")
    if source.address:
        parts.append(words.say("cite-address", address=source.address, accessed=read_on))
    return ". ".join(parts) + "."


def excerpt(words: Wording, source: Source) -> str | None:
    """The sentence that introduces a quotation, where the source says how that is to be done."""
    return source.excerpt.in_(words.lang).format(revised=_revised(words, source)) if source.excerpt else None


def dated(lang: Lang, day: date) -> str:
    """A day as citations write it: month/day/year in English as the National Cancer Institute asks, day/month/year in Spanish."""
    return day.strftime("%d/%m/%Y" if lang == "es" else "%m/%d/%Y")


def sources_text(library: Library, lang: Lang, style: Style = plain) -> str:
    """Every source, a paragraph each, by its id."""
    words = Wording(library, lang)
    lines = [
        line for source in library.sources.values() for line in (style(source.id, "heading"), *_wrapped(source_told(words, source)))
    ]
    return "\n".join(lines) + "\n"


def source_text(library: Library, shelf: Shelf, source: Source, lang: Lang, accessed: date, style: Style = plain) -> str:
    """All about one source: what was read, what may be carried, how to cite it, and where it is cited here."""
    return "\n".join(_about(Wording(library, lang), library, shelf, source, accessed, style)) + "\n"


def _about(words: Wording, library: Library, shelf: Shelf, source: Source, accessed: date, style: Style) -> Iterator[str]:
    yield style(source.title, "heading")
    yield from _wrapped(source_told(words, source))
    yield from _wrapped(source.address or words.say("source-no-address"))
    if source.note:
        yield from _wrapped(source.note.in_(words.lang))
    licence = library.licences[source.licence]
    told = {
        "source-licence": f"{licence.name.in_(words.lang)}. {licence.may_carry.in_(words.lang)}",
        "source-cite": citation(words, source, accessed),
        "source-excerpt": excerpt(words, source),
        "source-cited-in": ", ".join(_citing(library, shelf, source)) or words.say("state-none"),
    }
    for word, text in told.items():
        if text:
            yield from ("", style(words.say(word), "heading"), *_wrapped(text))


def _citing(library: Library, shelf: Shelf, source: Source) -> Iterator[str]:
    """The schemes and topics that rest on a source."""
    for scheme in library.schemes.values():
        cites = [row.cites for table in scheme.tables for row in table.rows]
        cites += [factor.cites for factor in scheme.factors] + [note.cites for note in scheme.notes]
        if any(cite.source == source.id for cited in cites for cite in cited):
            yield scheme.id
    for topic in shelf.topics.values():
        if any(cite.source == source.id for claim in topic.claims for cite in claim.cites):
            yield topic.id


def _revised(words: Wording, source: Source) -> str:
    return dated(words.lang, date.fromisoformat(source.revised))


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)

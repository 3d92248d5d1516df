"""What is known, to be read: topics, words, pictures."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse

from remission.documents.pictures import svg
from remission.knowledge.model import Lang
from remission.knowledge.pictures import Cell, Tree
from remission.knowledge.search import words_of
from remission.knowledge.shelf import GROUPS, GlossaryEntry
from remission.rules.compiled import load_shelf
from remission.site.page import known, level_of, library_page, page, shows_numbers
from remission.site.shown import Shower

# Topics that a page of its own goes on from: the page, and what the way there is called.
_GOES_ON = {
    "clinical-trials": ("trials", "page-trials-says"),
    "joining-a-trial": ("trials", "page-trials-says"),
    "find-a-doctor": ("places", "page-places-says"),
    "second-opinion": ("places", "page-places-says"),
}


@library_page
def topics(request: HttpRequest, lang: Lang) -> HttpResponse:
    """All topics by group."""
    shelf = load_shelf()
    groups = [(f"group-{group}", [topic for topic in shelf.topics.values() if topic.group == group]) for group in GROUPS]
    return page(request, lang, "topics", "topics", groups=[(word, found) for word, found in groups if found])


@library_page
def topic(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """One topic: its claims, each with its source; figures on the outlook only when asked for."""
    shelf = load_shelf()
    found = known("topic", lang, slug, shelf.topics)
    shown = Shower(lang, level_of(request), shows_numbers(request)).topic(found)
    pictures = [picture for picture in shelf.pictures.values() if picture.topic == found.id]
    goes_on = _GOES_ON.get(found.id)
    return page(
        request, lang, "topic", "topic", found.id, shown=shown, pictures=pictures, numbers=shows_numbers(request), goes_on=goes_on
    )


@library_page
def cells(request: HttpRequest, lang: Lang) -> HttpResponse:
    """The tree of blood cells: each cell opens to what it does and what is seen when too few are made."""
    shelf = load_shelf()
    tree = next(picture for picture in shelf.pictures.values() if isinstance(picture, Tree))
    shower = Shower(lang, level_of(request))
    told = {cell.id: shower.read(cell.read) for cell in tree.cells if cell.read}
    return page(request, lang, "cells", "cells", tree=tree, first=_branch(tree, tree.cells[0], told), terms=shower.terms)


def _branch(tree: Tree, cell: Cell, told: Mapping[str, object]) -> dict[str, object]:
    """A cell with what is told of it and the cells that come from it."""
    below = [_branch(tree, other, told) for other in tree.cells if other.of == cell.id]
    return {"cell": cell, "claims": told.get(cell.id, ()), "below": below}


@library_page
def words(request: HttpRequest, lang: Lang) -> HttpResponse:
    """The words of the glossary, by the alphabet of the language."""
    return page(request, lang, "words", "words", letters=[(first, entries) for first, entries in by_letter(lang).items()])


@library_page
def letter(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """The words that begin with a letter, explained."""
    letters = by_letter(lang)
    if slug not in letters:
        raise Http404(slug)
    return page(request, lang, "words", "letter", first=slug, entries=letters[slug], letters=list(letters))


def by_letter(lang: Lang) -> dict[str, list[GlossaryEntry]]:
    """The glossary by first letter, without accents."""
    letters: dict[str, list[GlossaryEntry]] = {}
    for entry in sorted(load_shelf().glossary.values(), key=lambda entry: words_of(entry.term.in_(lang))):
        letters.setdefault(words_of(entry.term.in_(lang))[0][0], []).append(entry)
    return letters


@library_page
def picture(_: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    return HttpResponse(svg(known("picture", lang, slug, load_shelf().pictures), lang), content_type="image/svg+xml")

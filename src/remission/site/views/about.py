"""About: sources, review, licences, how to cite, privacy, intended use."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse

from remission.documents.citing import citation, excerpt
from remission.documents.wording import Wording, source_told
from remission.knowledge.model import Lang
from remission.rules.compiled import load_library, load_shelf
from remission.site.page import known, library_page, page


@library_page
def about(request: HttpRequest, lang: Lang) -> HttpResponse:
    library, shelf = load_library(), load_shelf()
    reviews = [topic.review for topic in shelf.topics.values()] + [scheme.review for scheme in library.schemes.values()]
    state = {
        "topics": len(shelf.topics), "claims": sum(1 for _ in shelf.claims()), "terms": len(shelf.glossary),
        "sources": len(library.sources), "unreviewed": sum(1 for review in reviews if review.checked_by is None),
        "reviews": len(reviews), "hash": library.hash[:12],
    }  # fmt: skip
    return page(request, lang, "about", "about", state=state, licences=library.licences.values())


@library_page
def sources(request: HttpRequest, lang: Lang) -> HttpResponse:
    words = Wording(load_library(), lang)
    told = [(source, source_told(words, source)) for source in load_library().sources.values()]
    return page(request, lang, "sources", "sources", told=told)


@library_page
def source(request: HttpRequest, lang: Lang, slug: str) -> HttpResponse:
    """One source: what was read of it, what may be carried, how to cite it."""
    library = load_library()
    found = known("source", lang, slug, library.sources)
    words = Wording(library, lang)
    cites = [topic for topic in load_shelf().topics.values() if any(c.source == found.id for k in topic.claims for c in k.cites)]
    return page(
        request, lang, "source", "source", found.id, source=found, told=source_told(words, found), topics=cites,
        licence=library.licences[found.licence], citation=citation(words, found, date.today()), excerpt=excerpt(words, found),
    )  # fmt: skip

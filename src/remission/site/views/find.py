"""Search: the claim itself, why it was found, and its source."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from remission.documents.reading import found, is_hit_folded
from remission.documents.wording import Wording, source_short
from remission.knowledge.model import Lang
from remission.knowledge.search import Hit
from remission.rules.compiled import load_index, load_library, load_shelf
from remission.site.addresses import address_of_hit
from remission.site.page import level_of, page

_SHOWN = 10
_LONGEST = 200


def search(request: HttpRequest, lang: Lang) -> HttpResponse:
    """The claims that answer the words typed; the topics to look through when nothing does."""
    query = request.GET.get("q", "").strip()[:_LONGEST]
    hits = load_index().search(query, lang, _SHOWN) if query else []
    return page(request, lang, "search", "search", query=query, hits=[_shown(request, lang, hit) for hit in hits])


def _shown(request: HttpRequest, lang: Lang, hit: Hit) -> dict[str, object]:
    library, shelf, words = load_library(), load_shelf(), Wording(load_library(), lang)
    title, text, cites = found(shelf, hit, lang, level_of(request))
    folded = is_hit_folded(shelf, hit, level_of(request), numbers=False)
    return {
        "title": title,
        "text": words.say("site-search-folded") if folded else text,
        "why": ", ".join(f"“{word}”" for word in hit.why),
        "address": address_of_hit(hit, lang),
        "sources": [source_short(words, library.sources[source]) for source in dict.fromkeys(cite.source for cite in cites)],
    }

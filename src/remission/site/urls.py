"""Every page in both languages; the words of the addresses stand in `addresses`."""

from __future__ import annotations

from django.urls import URLPattern, path

from remission.knowledge.model import LANGS
from remission.site.addresses import PATHS, path_of
from remission.site.page import View
from remission.site.views import about, find, guides, problems, read, risk, start

_VIEWS: dict[str, View] = {
    "home": start.home,
    "start": guides.path,
    "topics": read.topics,
    "topic": read.topic,
    "search": find.search,
    "risk": risk.all_questions,
    "risk-question": risk.question,
    "risk-answer": risk.answer,
    "risk-forget": risk.forget,
    "schemes": risk.schemes,
    "scheme": risk.scheme,
    "cells": read.cells,
    "tests": guides.tests,
    "test": guides.test,
    "counts": guides.counts,
    "urgent": guides.urgent,
    "treatment": guides.treatment,
    "outlook": guides.outlook,
    "after": guides.after,
    "prepare": guides.prepare,
    "sheet": guides.sheet,
    "sheet-pdf": guides.sheet_pdf,
    "words": read.words,
    "letter": read.letter,
    "about": about.about,
    "sources": about.sources,
    "source": about.source,
    "picture": read.picture,
}


def _patterns() -> list[URLPattern]:
    return [
        path(path_of(name, lang).replace("{}", "<str:slug>"), _VIEWS[name], {"lang": lang}, name=f"{name}-{lang}")
        for lang in LANGS
        for name in PATHS
    ]


urlpatterns = [
    path("", start.choose_language),
    path("offline.js", start.offline_script),
    *_patterns(),
]
handler404 = problems.not_found
handler500 = problems.broken
handler400 = problems.refused

"""Every page in both languages; the words of the addresses stand in `addresses`."""

from __future__ import annotations

from django.urls import URLPattern, path

from remission.knowledge.model import LANGS, Lang
from remission.site.addresses import PATHS, path_of
from remission.site.page import View
from remission.site.views import (
    about,
    counting,
    find,
    guides,
    keeping,
    marrow,
    medicines,
    mine,
    notes,
    papers,
    places,
    plan,
    private,
    problems,
    read,
    risk,
    road,
    start,
    study,
    today,
    trial_news,
    trials,
)  # fmt: skip

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
    "marrow": marrow.marrow,
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
    "trials": trials.trials,
    "trials-changes": trial_news.changes,
    "trials-seen": trial_news.changes_seen,
    "trials-refresh": trial_news.refresh,
    "trial": study.trial,
    "trial-pdf": study.trial_as_pdf,
    "places": places.places,
    "mine": mine.mine,
    "trials-mine": trials.trials_mine,
    "places-mine": places.places_mine,
    "mine-new": mine.new,
    "mine-example": mine.example,
    "keep": keeping.keep,
    "keep-file": keeping.keep_file,
    "locked": mine.locked,
    "feed": papers.feed,
    "today": today.today,
    "more": today.more,
    "road": road.road,
    "road-change": road.change,
    "block": road.block,
    "plan": plan.plan,
    "plan-file": plan.plan_file,
    "plan-block": plan.plan_block,
    "calendar": papers.calendar,
    "calendar-file": papers.calendar_as_file,
    "medicines": medicines.medicines,
    "tick": medicines.tick,
    "my-counts": counting.counts,
    "counts-file": counting.counts_file,
    "notes": notes.notes,
    "note-new": notes.new,
    "note": notes.note,
    "note-remove": notes.remove,
    "question-take": notes.take_questions,
    "undo": notes.undo,
    "history": notes.history,
    "private": private.page,
    "pack": papers.pack,
    "paper": papers.paper,
    "paper-pdf": papers.paper_as_pdf,
    "my-trials": trials.my_trials,
    "my-trial": study.my_trial,
    "my-trial-pdf": study.my_trial_as_pdf,
    "my-places": places.my_places,
    "erase": keeping.erase,
}


def _pattern(name: str, lang: Lang) -> str:
    return path_of(name, lang).replace("{}", "<str:slug>").replace("{child}", "<str:child>").replace("{note}", "<str:note>")


def _patterns() -> list[URLPattern]:
    return [path(_pattern(name, lang), _VIEWS[name], {"lang": lang}, name=f"{name}-{lang}") for lang in LANGS for name in PATHS]


urlpatterns = [
    path("", start.choose_language),
    path("offline.js", start.offline_script),
    *_patterns(),
]
handler404 = problems.not_found
handler500 = problems.broken
handler400 = problems.refused

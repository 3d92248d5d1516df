"""Every page's address, in words of the page's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache

from remission.knowledge.model import LANGS, Lang
from remission.knowledge.search import Hit, words_of
from remission.rules.compiled import load_library, load_shelf

# page: its path in English and in Spanish; `{}` is what the page is about, `{child}` whose page it is, `{note}` which note.
PATHS: dict[str, tuple[str, str]] = {
    "home": ("", ""),
    "start": ("start/{}/", "inicio/{}/"),
    "topics": ("read/", "leer/"),
    "topic": ("read/{}/", "leer/{}/"),
    "search": ("search/", "buscar/"),
    "risk": ("risk-group/", "grupo-de-riesgo/"),
    "risk-question": ("risk-group/question/{}/", "grupo-de-riesgo/pregunta/{}/"),
    "risk-answer": ("risk-group/answer/", "grupo-de-riesgo/respuesta/"),
    "risk-forget": ("risk-group/forget/", "grupo-de-riesgo/olvidar/"),
    "schemes": ("rules/", "reglas/"),
    "scheme": ("rules/{}/", "reglas/{}/"),
    "cells": ("blood-cells/", "celulas-de-la-sangre/"),
    "marrow": ("in-the-marrow/", "en-la-medula/"),
    "tests": ("tests/", "pruebas/"),
    "test": ("tests/{}/", "pruebas/{}/"),
    "counts": ("blood-count/", "hemograma/"),
    "urgent": ("when-to-call/", "cuando-llamar/"),
    "treatment": ("treatment/", "tratamiento/"),
    "outlook": ("outlook/", "pronostico/"),
    "after": ("after-treatment/", "despues-del-tratamiento/"),
    "prepare": ("prepare/", "preparar/"),
    "sheet": ("prepare/{}/", "preparar/{}/"),
    "sheet-pdf": ("prepare/{}.pdf", "preparar/{}.pdf"),
    "words": ("words/", "palabras/"),
    "letter": ("words/{}/", "palabras/{}/"),
    "about": ("about/", "acerca-de/"),
    "sources": ("about/sources/", "acerca-de/fuentes/"),
    "source": ("about/sources/{}/", "acerca-de/fuentes/{}/"),
    "picture": ("pictures/{}.svg", "imagenes/{}.svg"),
    "trials": ("trials/", "ensayos/"),
    "trials-changes": ("trials/changes/", "ensayos/cambios/"),
    "trials-seen": ("trials/changes/seen/", "ensayos/cambios/vistos/"),
    "trials-refresh": ("trials/refresh/", "ensayos/actualizar/"),
    "trial": ("trials/{}/", "ensayos/{}/"),
    "trial-pdf": ("trials/{}.pdf", "ensayos/{}.pdf"),
    "places": ("places/", "hospitales/"),
    "mine": ("my-child/", "mi-hijo/"),
    "trials-mine": ("my-child/trials/", "mi-hijo/ensayos/"),
    "places-mine": ("my-child/places/", "mi-hijo/hospitales/"),
    "mine-new": ("my-child/new/", "mi-hijo/nuevo/"),
    "mine-example": ("my-child/example/", "mi-hijo/ejemplo/"),
    "keep": ("my-child/keep-safe/", "mi-hijo/a-salvo/"),
    "keep-file": ("my-child/keep-safe/{}/", "mi-hijo/a-salvo/{}/"),
    "locked": ("my-child/locked/", "mi-hijo/cerrado/"),
    "feed": ("my-child/calendar/{}.ics", "mi-hijo/calendario/{}.ics"),
    "today": ("my-child/{child}/", "mi-hijo/{child}/"),
    "more": ("my-child/{child}/all/", "mi-hijo/{child}/todo/"),
    "road": ("my-child/{child}/road/", "mi-hijo/{child}/camino/"),
    "road-change": ("my-child/{child}/road/change/", "mi-hijo/{child}/camino/cambio/"),
    "block": ("my-child/{child}/road/{}/", "mi-hijo/{child}/camino/{}/"),
    "plan": ("my-child/{child}/plan/", "mi-hijo/{child}/plan/"),
    "plan-file": ("my-child/{child}/plan/file/", "mi-hijo/{child}/plan/archivo/"),
    "plan-block": ("my-child/{child}/plan/{}/", "mi-hijo/{child}/plan/{}/"),
    "calendar": ("my-child/{child}/calendar/", "mi-hijo/{child}/calendario/"),
    "calendar-file": ("my-child/{child}/calendar.ics", "mi-hijo/{child}/calendario.ics"),
    "medicines": ("my-child/{child}/medicines/", "mi-hijo/{child}/medicinas/"),
    "tick": ("my-child/{child}/medicines/tick/", "mi-hijo/{child}/medicinas/marcar/"),
    "my-counts": ("my-child/{child}/counts/", "mi-hijo/{child}/hemogramas/"),
    "counts-file": ("my-child/{child}/counts/file/", "mi-hijo/{child}/hemogramas/archivo/"),
    "notes": ("my-child/{child}/notes/{}/", "mi-hijo/{child}/notas/{}/"),
    "note-new": ("my-child/{child}/notes/{}/new/", "mi-hijo/{child}/notas/{}/nueva/"),
    "note": ("my-child/{child}/notes/{}/{note}/", "mi-hijo/{child}/notas/{}/{note}/"),
    "note-remove": ("my-child/{child}/notes/{}/{note}/remove/", "mi-hijo/{child}/notas/{}/{note}/quitar/"),
    "question-take": ("my-child/{child}/questions/take/", "mi-hijo/{child}/preguntas/tomar/"),
    "undo": ("my-child/{child}/undo/", "mi-hijo/{child}/deshacer/"),
    "history": ("my-child/{child}/history/", "mi-hijo/{child}/historia/"),
    "private": ("my-child/{child}/private/", "mi-hijo/{child}/privado/"),
    "pack": ("my-child/{child}/share/{}/", "mi-hijo/{child}/compartir/{}/"),
    "paper": ("my-child/{child}/print/{}/", "mi-hijo/{child}/imprimir/{}/"),
    "paper-pdf": ("my-child/{child}/print/{}.pdf", "mi-hijo/{child}/imprimir/{}.pdf"),
    "my-trials": ("my-child/{child}/trials/", "mi-hijo/{child}/ensayos/"),
    "my-trial": ("my-child/{child}/trials/{}/", "mi-hijo/{child}/ensayos/{}/"),
    "my-trial-pdf": ("my-child/{child}/trials/{}.pdf", "mi-hijo/{child}/ensayos/{}.pdf"),
    "my-places": ("my-child/{child}/places/", "mi-hijo/{child}/hospitales/"),
    "erase": ("my-child/{child}/erase/", "mi-hijo/{child}/borrar/"),
}


def path_of(page: str, lang: Lang) -> str:
    """The path of a page as a pattern, with `{}` for the thing it is about, `{child}` and `{note}` for whose and which."""
    return f"{lang}/{PATHS[page][LANGS.index(lang)]}"


def address(page: str, lang: Lang, about: str = "", **at: str) -> str:
    """The address of a page. `about` is the id of what it shows: its word in that language stands in the address. `at` names whose
    page it is and which note, by ids that say nothing."""
    return "/" + path_of(page, lang).format(slug_of(page, lang, about), **at)


def address_of_hit(hit: Hit, lang: Lang) -> str:
    """Where a search result can be read: the claim on its topic's page, the word on its letter's."""
    owner, _, name = hit.id.partition("/")
    if owner != "glossary":
        return f"{address('topic', lang, owner)}#{name}"
    term = load_shelf().glossary[name].term.in_(lang)
    return f"{address('letter', lang, words_of(term)[0][0])}#word-{name}"


def slug_of(page: str, lang: Lang, about: str) -> str:
    """The word that stands for `about` in addresses of this page."""
    return _slugs(page, lang).get(about, about)


def id_of(page: str, lang: Lang, slug: str) -> str | None:
    """What a word in an address stands for."""
    return {word: about for about, word in _slugs(page, lang).items()}.get(slug)


@cache
def _slugs(page: str, lang: Lang) -> dict[str, str]:
    if page not in _NAMED:
        return {}
    named = _NAMED[page]()
    return {about: about if lang == "en" else _slug(title, about) for about, title in named}


def _slug(title: str, about: str) -> str:
    return "-".join(words_of(unicodedata.normalize("NFC", title))) or about


def _topics() -> Iterable[tuple[str, str]]:
    return ((topic.id, topic.title.es) for topic in load_shelf().topics.values())


def _kinds() -> Iterable[tuple[str, str]]:
    return ((kind.id, kind.many.es) for kind in load_shelf().playbook.kinds.values())


def _guides(kind: str) -> Callable[[], Iterable[tuple[str, str]]]:
    return lambda: ((guide.id, guide.title.es) for guide in load_shelf().guides.values() if guide.kind == kind)


_NAMED: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
    "topic": _topics,
    "start": _guides("path"),
    "test": _guides("test"),
    "sheet": _guides("sheet"),
    "sheet-pdf": _guides("sheet"),
    "scheme": lambda: ((scheme.id, scheme.id) for scheme in load_library().schemes.values() if scheme.kind != "supporting"),
    "source": lambda: ((source, source) for source in load_library().sources),
    "notes": _kinds,
    "note-new": _kinds,
    "note": _kinds,
    "note-remove": _kinds,
    "picture": lambda: ((picture.id, picture.title.es) for picture in load_shelf().pictures.values()),
}

"""What templates say: words of the library, addresses of pages, texts in the page's language."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from remission.documents.notes_told import unit_told
from remission.documents.wording import Wording
from remission.home.notes import Note
from remission.knowledge.model import Lang, Text
from remission.rules.compiled import load_library
from remission.site.addresses import address

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: RequestContext, word: str, **values: object) -> str:
    """A sentence of knowledge/words/, filled in."""
    return str(context["words"].say(word, **values))


@register.simple_tag(takes_context=True)
def to(context: RequestContext, page: str, about: str = "", lang: Lang | None = None, note: str = "") -> str:
    """The address of a page in the page's language; on a child's pages, of the same child."""
    child = context["own"].child if "own" in context else ""
    return address(page, lang or context["lang"], about, child=child, note=note)


@register.simple_tag(takes_context=True)
def text(context: RequestContext, told: Text | None) -> str:
    """A bilingual text in the page's language."""
    return told.in_(context["lang"]) if told else ""


@register.filter
def marked(parts: Any) -> SafeString:
    """Text with its glossary words as buttons that open their meaning; `parts` are pairs of text and entry id."""
    told = "".join(_part(said, entry) for said, entry in parts)
    return mark_safe(_BEFORE_A_POINT.sub(r'<span class="together">\1\2</span>', told))  # noqa: S308 - each part is escaped


@register.filter
def said(note: Note, field: str) -> str:
    """What a note says in a field whose name no template can spell ("told-by")."""
    return note.said(field)


@register.filter
def key(values: dict[str, str], name: str) -> str:
    return values.get(name, "") if values else ""


@register.filter
def today_of(child: Note, lang: Lang) -> str:
    """The address of a child's own first page."""
    return address("today", lang, child=child.child)


@register.filter
def nice_unit(unit: str, lang: Lang) -> str:
    return unit_told(Wording(load_library(), lang), unit)


@register.filter
def lines(count: int) -> range:
    """As many turns as there are lines to draw."""
    return range(count)


# A button is laid out as a block, so a point after it would begin a line of its own.
_BEFORE_A_POINT = re.compile(r"(<button[^>]*>[^<]*</button>)([.,;:!?)]+)")


def _part(said: str, entry: str) -> str:
    told = conditional_escape(said)
    return f'<button type="button" class="term" popovertarget="word-{entry}">{told}</button>' if entry else told

"""What templates say: words of the library, addresses of pages, texts in the page's language."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from remission.knowledge.model import Lang, Text
from remission.site.addresses import address

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: RequestContext, word: str, **values: object) -> str:
    """A sentence of knowledge/words/, filled in."""
    return str(context["words"].say(word, **values))


@register.simple_tag(takes_context=True)
def to(context: RequestContext, page: str, about: str = "", lang: Lang | None = None) -> str:
    """The address of a page in the page's language."""
    return address(page, lang or context["lang"], about)


@register.simple_tag(takes_context=True)
def text(context: RequestContext, told: Text | None) -> str:
    """A bilingual text in the page's language."""
    return told.in_(context["lang"]) if told else ""


@register.filter
def marked(parts: Any) -> SafeString:
    """Text with its glossary words as buttons that open their meaning; `parts` are pairs of text and entry id."""
    told = "".join(_part(said, entry) for said, entry in parts)
    return mark_safe(_BEFORE_A_POINT.sub(r'<span class="together">\1\2</span>', told))  # noqa: S308 - each part is escaped


# A button is laid out as a block, so a point after it would begin a line of its own.
_BEFORE_A_POINT = re.compile(r"(<button[^>]*>[^<]*</button>)([.,;:!?)]+)")


def _part(said: str, entry: str) -> str:
    told = conditional_escape(said)
    return f'<button type="button" class="term" popovertarget="word-{entry}">{told}</button>' if entry else told

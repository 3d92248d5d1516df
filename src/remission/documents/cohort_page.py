"""A cohort's report as one page that needs nothing else: its look, its type and its pictures are in it, and it runs no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from remission.documents.cohort_sections import Part
from remission.documents.cohort_words import CohortWords
from remission.documents.lone_page import Frame, lone_page
from remission.documents.paper import Drawing, Section, Table

_NUMBER = re.compile(r"^[-−<]?[\d,.]+([\u00a0 ]%|$| \()")  # a cell that is set to the right
_LONG = 18  # signs; a count with its share is shorter


def page(told: CohortWords, title: str, lead: str, wide: list[Part], narrow: list[Part]) -> str:
    """The page. The pictures of both lists are in it: one set for a desk and print, one for a phone."""
    parts = "\n".join(_part(told, one, other) for one, other in zip(wide, narrow, strict=True))
    frame = Frame(
        lang=told.lang, title=title, lead=lead, skip=told.say("rep-skip"), notice=told.say("rep-notice"),
        invented=told.say("rep-invented") if told.report.about.invented else "",
    )  # fmt: skip
    return lone_page(frame, f"{_contents(told, wide)}\n{parts}")


def _contents(told: CohortWords, parts: list[Part]) -> str:
    entries = "".join(f'<li><a href="#{part.id}">{escape(part.heading)}</a></li>' for part in parts)
    label = escape(told.say("rep-contents"))
    return f'<nav aria-label="{label}"><ol>{entries}</ol></nav>'


def _part(told: CohortWords, wide: Part, narrow: Part) -> str:
    inside = "\n".join(
        html
        for one, other in zip(wide.sections, narrow.sections, strict=True)
        for html in _section(told, one, other.drawing, {wide.heading, *(section.heading for section in wide.sections)})
    )
    heading = f'<h2 id="{wide.id}-h">{escape(wide.heading)}</h2>'
    return f'<section id="{wide.id}" aria-labelledby="{wide.id}-h">\n{heading}\n{inside}\n</section>'


def _section(told: CohortWords, section: Section, narrow: Drawing | None, named: set[str]) -> Iterator[str]:
    if section.heading:
        yield f"<h3>{escape(section.heading)}</h3>"
    yield from (f"<p>{escape(words)}</p>" for words in section.paragraphs)
    if section.items:
        yield "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in section.items) + "</ul>"
    if section.drawing and narrow:
        yield f'<figure><div class="wide">{section.drawing.svg}</div><div class="narrow">{narrow.svg}</div></figure>'
    if section.table:
        yield _table(told, section.table, bool(section.heading) or section.table.caption in named)
    if section.facts:
        rows = "".join(f"<div><dt>{escape(line.label)}</dt><dd>{escape(line.value)}</dd></div>" for line in section.facts)
        yield f"<dl>{rows}</dl>"


def _table(told: CohortWords, table: Table, is_named: bool) -> str:
    """A table that scrolls by itself where it is wider than the screen, so that the page never does. `is_named`: a heading above it
    says its caption already."""
    numeric = [False, *(_is_numeric([row[column] for row in table.rows]) for column in range(1, len(table.head)))]
    head = "".join(
        f'<th scope="col"{_class(number)}>{escape(words)}</th>' for words, number in zip(table.head, numeric, strict=True)
    )
    rows = "".join(f"<tr>{_cells(row, numeric)}</tr>" for row in table.rows)
    caption = f"<caption{' class=unseen' * is_named}>{escape(table.caption)}</caption>"
    label = escape(told.say("rep-page-label", caption=table.caption))
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{label}"><table>{caption}'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _is_numeric(cells: list[str]) -> bool:
    said = [cell for cell in cells if cell]
    return bool(said) and sum(bool(_NUMBER.match(cell)) for cell in said) * 2 > len(said)


def _class(is_number: bool, cell: str = "") -> str:
    """A number stands to the right on one line; an estimate with its interval may take two."""
    if not is_number:
        return ""
    return ' class="n long"' if len(cell) > _LONG else ' class="n"'


def _cells(row: tuple[str, ...], numeric: list[bool]) -> str:
    """The first cell names the row; where it is empty it belongs to the row above, and the second one names it."""
    first, *rest = row
    cells = f'<th scope="row">{escape(first)}</th>' if first else '<td class="same"></td>'
    return cells + "".join(f"<td{_class(number, cell)}>{escape(cell)}</td>" for cell, number in zip(rest, numeric[1:], strict=True))

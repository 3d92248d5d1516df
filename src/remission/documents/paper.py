"""A paper: something that is read on the screen, printed, or handed over. One shape, so that screen and print say the same.

The site shows it as a page, `paper_pdf` makes it a tagged PDF; neither adds or leaves out a word.
"""

from __future__ import annotations

from typing import Literal

from remission.knowledge.model import Frozen, Lang

Size = Literal["letter", "wallet"]
TICK = "☐"  # a table's cell with nothing else in it is a box to tick


class Line(Frozen, frozen=True):
    """A label and what is known; `quiet` says when and by whom; `lang` is the language of the value, where it is another."""

    label: str
    value: str
    quiet: str = ""
    lang: str = ""


class Table(Frozen, frozen=True):
    """Rows under heads; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Drawing(Frozen, frozen=True):
    """A picture as SVG, and what it shows in words."""

    svg: str
    says: str


class Cell(Frozen, frozen=True):
    """A day of a month's or a week's sheet. `outside`: it belongs to another month."""

    day: str
    lines: tuple[str, ...] = ()
    outside: bool = False
    today: bool = False


class Weeks(Frozen, frozen=True):
    """Days in rows of seven under the names of the weekdays."""

    caption: str
    weekdays: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Section(Frozen, frozen=True):
    """A part of a paper; what is empty is not shown. `strong` stands in a frame: what somebody must see first."""

    heading: str = ""
    strong: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    facts: tuple[Line, ...] = ()
    items: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    table: Table | None = None
    drawing: Drawing | None = None
    weeks: Weeks | None = None
    blank: int = 0  # empty lines to write on


class Paper(Frozen, frozen=True):
    """`invented` marks the example child's papers; `notice` is the line at the foot of each sheet; `about` whom it is about."""

    id: str
    lang: Lang
    title: str
    sections: tuple[Section, ...]
    notice: str
    lead: str = ""
    about: str = ""
    invented: str = ""
    sources: tuple[str, ...] = ()
    size: Size = "letter"
    wide: bool = False  # landscape
    one_page: bool = False  # meant to be read at one glance: set as tight as it must be to stand on one page
    lead_lang: Lang | Literal[""] = ""  # where the lead is in another language than the paper

"""What leads a reader through the library: where to begin, what a test is like, lists to tick and print, blood counts by age."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from remission.knowledge.model import Citation, Frozen, Review, Status, Text

Kind = Literal["path", "test", "sheet", "page"]


class Item(Frozen, frozen=True):
    """A line of a guide: words of its own, or what is to be read (`topic` or `topic/claim`), or a page of the site."""

    text: Text | None = None
    read: str = ""
    page: str = ""
    cites: tuple[Citation, ...] = ()


class Part(Frozen, frozen=True):
    heading: Text
    items: tuple[Item, ...]
    lead: Text | None = None


class Guide(Frozen, frozen=True):
    """A short ordered way through something. `blank` is how many empty lines a printed sheet leaves to write on."""

    id: str
    kind: Kind
    title: Text
    says: Text
    parts: tuple[Part, ...]
    review: Review
    lead: Text | None = None
    blank: int = 0
    safety: bool = False  # not told any more once its review is overdue


class Band(Frozen, frozen=True):
    """What is usual at an age: `low` to `high`, either end open where the source gives none."""

    age: Text
    cites: tuple[Citation, ...]
    status: Status
    low: Decimal | None = None
    high: Decimal | None = None
    note: Text | None = None


class Count(Frozen, frozen=True):
    """A line of a blood count: its names on a report, its units, what it is (claims to read), what is usual by age."""

    id: str
    name: Text
    short: Text
    unit: str
    also_in: tuple[str, ...]
    read: tuple[str, ...]
    bands: tuple[Band, ...]
    code: str = ""
    says: Text | None = None

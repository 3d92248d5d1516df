"""Pictures as data: what is drawn, how it is described to somebody who cannot see it, and where it is written.

How it is drawn is the business of `remission.documents.pictures`.
"""

from __future__ import annotations

from remission.knowledge.model import Citation, Frozen, Status, Text


class _Picture(Frozen, frozen=True):
    id: str
    topic: str
    title: Text
    description: Text
    status: Status
    cites: tuple[Citation, ...]


class Cell(Frozen, frozen=True):
    """A cell of the tree: from which one it comes (`of`), what it does, what is seen when too few are made."""

    id: str
    look: str
    name: Text
    does: Text
    of: str = ""
    when_few: Text | None = None
    marked: Text | None = None
    read: str = ""


class Tree(_Picture, frozen=True, tag_field="kind", tag="tree", kw_only=True):
    cells: tuple[Cell, ...]


class View(Frozen, frozen=True):
    """A look into the marrow: `young` of the hundred cells drawn are leukemia cells."""

    label: Text
    says: Text
    young: int


class Legend(Frozen, frozen=True):
    young: Text
    healthy: Text
    drawn: Text


class Marrow(_Picture, frozen=True, tag_field="kind", tag="marrow", kw_only=True):
    views: tuple[View, ...]
    legend: Legend


class Stage(Frozen, frozen=True):
    """A stage of the road; `share` is how long it is drawn beside the others."""

    name: Text
    aim: Text
    share: int


class Road(_Picture, frozen=True, tag_field="kind", tag="road", kw_only=True):
    stages: tuple[Stage, ...]
    note: Text


class Step(Frozen, frozen=True):
    one_in: int
    percent: str
    mark: Text | None = None


class Scale(_Picture, frozen=True, tag_field="kind", tag="scale", kw_only=True):
    steps: tuple[Step, ...]
    heading: Text
    note: Text


class Place(Frozen, frozen=True):
    """A place on the body; the drawing knows where `at` is."""

    at: str
    name: Text
    says: Text


class Body(_Picture, frozen=True, tag_field="kind", tag="body", kw_only=True):
    places: tuple[Place, ...]
    note: Text


Picture = Tree | Marrow | Road | Scale | Body

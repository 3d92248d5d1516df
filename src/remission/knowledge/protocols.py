"""Published treatment roads as data: phases, their days and what is given, as somebody published it. Never a child's own plan.

Day 1 is the first day of a phase, whatever the publication counts from; a dose is text with its source, shown only as "what a
published protocol used".
"""

from __future__ import annotations

from typing import Literal

from remission.knowledge.model import Citation, Frozen, Review, Status, Text

PhaseKind = Literal["prephase", "induction", "consolidation", "interim-maintenance", "delayed-intensification", "maintenance"]
Route = Literal["mouth", "vein", "muscle", "skin", "spinal-fluid", "vein-or-muscle", "vein-or-skin", "mouth-or-vein", "not-stated"]


class Given(Frozen, frozen=True):
    """What is given in a phase, by which route, on which days of it, and the dose that the publication used."""

    id: str
    drug: str
    route: Route
    days: tuple[int, ...]
    dose: Text
    status: Status
    cites: tuple[Citation, ...]
    note: Text | None = None
    only: Text | None = None  # for whom, where not for everybody


class Phase(Frozen, frozen=True):
    """A phase of `lasts` days until the next one begins. `starts_when` says in words what a plan waits for."""

    id: str
    kind: PhaseKind
    name: Text
    lasts: int
    given: tuple[Given, ...]
    status: Status
    cites: tuple[Citation, ...]
    starts_when: Text | None = None
    repeats: int = 1
    note: Text | None = None


class Protocol(Frozen, frozen=True):
    """A published road. `first_day` is the number that the publication itself gives the first day of a phase."""

    id: str
    title: Text
    about: Text
    phases: tuple[Phase, ...]
    review: Review
    cites: tuple[Citation, ...]
    first_day: int = 1
    for_whom: Text | None = None

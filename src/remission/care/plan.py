"""A family's own plan: the roadmap that its team gave it, copied block by block, or opened from a file.

It holds no dose that anybody computed: `amount` is what the team's sheet says, in the sheet's own words.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from remission.knowledge.decoding import json_decoder
from remission.knowledge.model import Frozen, Text
from remission.knowledge.protocols import Protocol, Route

Origin = Literal["copied", "signed", "published"]


class Item(Frozen, frozen=True):
    """Something given in a block: what, by which way, on which days of the block (day 1 is its first day)."""

    id: str
    what: str
    route: Route
    days: tuple[int, ...]
    amount: str = ""  # as the team's sheet says it; never computed
    only: Text | None = None  # for whom, where not for everybody


class Phase(Frozen, frozen=True):
    """A block of `lasts` days, `repeats` times in a row."""

    id: str
    name: Text
    lasts: int
    items: tuple[Item, ...] = ()
    repeats: int = 1
    kind: str = ""
    starts_when: Text | None = None


class Plan(Frozen, frozen=True):
    """A road before it has dates. `first_day` is the number that its sheet gives the first day of a block (0 or 1)."""

    title: Text
    phases: tuple[Phase, ...]
    origin: Origin
    first_day: Literal[0, 1] = 1
    based_on: str = ""  # the published road it was begun from

    def printed_day(self, day: int) -> int:
        """A day of a block (counted from 1 here) as the plan's own sheet counts it."""
        return day - 1 + self.first_day


def published(protocol: Protocol) -> Plan:
    """A published road as a plan, without its doses: those are never a child's own."""
    phases = [
        Phase(
            phase.id, phase.name, phase.lasts, tuple(Item(g.id, g.drug, g.route, g.days, only=g.only) for g in phase.given),
            phase.repeats, phase.kind, phase.starts_when,
        )
        for phase in protocol.phases
    ]  # fmt: skip
    return Plan(protocol.title, tuple(phases), "published", 0 if protocol.first_day == 0 else 1, protocol.id)


def packed(plan: Plan) -> str:
    """The plan as it is kept in a note."""
    return msgspec.json.encode(plan).decode()


def unpacked(kept: str) -> Plan:
    return json_decoder(Plan).decode(kept)

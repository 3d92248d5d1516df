"""The one table that every source is brought into: a row a child, and for each fact the columns that keep what is known of it.

A number is the interval it lies in (`wbc_low`, `wbc_high`, and whether an end itself is excluded), an MRD test also whether cells
were found (`mrd_eoi_result`). A choice is the set of choices it may still be, as bits in the order of the data dictionary: 1
is the first choice, 3 the first or the second. Everything unknown is NULL. `wbc_absent` says why a value is not there.

A table needs only the columns of the facts it knows something about; a fact without columns is not known for any child.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from remission.knowledge.model import FactDefinition, Frozen
from remission.record.facts import Fact

CHILD = "child"
Value = float | int | bool | str | None
ColumnType = Literal["DOUBLE", "BOOLEAN", "INTEGER", "BIGINT", "VARCHAR"]


class Column(Frozen, frozen=True):
    """A column of the children table; `type` is DuckDB's name for it."""

    name: str
    type: ColumnType


# When something happened to a child, in days from the time zero that the source declares.
OUTCOMES = (
    Column("first_event", "VARCHAR"),  # one of EVENTS, "none" up to the last contact, NULL when not recorded
    Column("first_event_days", "DOUBLE"),
    Column("died", "BOOLEAN"),
    Column("death_days", "DOUBLE"),  # until death or last contact
    Column("entered_days", "DOUBLE"),  # observed only from here on (left truncation); NULL: from time zero
)
# "other" is an event of another kind, or of a kind that the source does not tell: it ends the event-free time as the others do, but
# whose cumulative incidence it belongs to is not known.
EVENTS = ("induction-failure", "relapse", "second-cancer", "death", "other")


def columns_of(definition: FactDefinition) -> tuple[Column, ...]:
    """The columns of one fact, in the order in which `values_of` fills them."""
    name = definition.id
    absent = Column(f"{name}_absent", "VARCHAR")
    if definition.kind == "choice":
        return Column(name, "INTEGER"), absent
    ends = (Column(f"{name}_low", "DOUBLE"), Column(f"{name}_high", "DOUBLE"))
    opens = (Column(f"{name}_low_open", "BOOLEAN"), Column(f"{name}_high_open", "BOOLEAN"))
    result = (Column(f"{name}_result", "VARCHAR"),) if definition.kind == "mrd" else ()
    return (*ends, *opens, *result, absent)


def values_of(definition: FactDefinition, fact: Fact | None) -> tuple[Value, ...]:
    """What those columns hold for one child."""
    absent = fact.absent_reason if fact else None
    if definition.kind == "choice":
        return _bits(definition, fact), absent
    low, low_open = _end(fact.low, fact.low_open, below=True) if fact else (None, False)
    high, high_open = _end(fact.high, fact.high_open, below=False) if fact else (None, False)
    result = (fact.result if fact else None,) if definition.kind == "mrd" else ()
    return (low, high, low_open, high_open, *result, absent)


def fact_of(definition: FactDefinition, row: Mapping[str, Value]) -> Fact | None:
    """The fact that a row of the children table says, as far as columns can keep it; None when it says nothing."""
    values = {column.name.removeprefix(definition.id).removeprefix("_"): row.get(column.name) for column in columns_of(definition)}
    if values["absent"]:
        return Fact(definition.id, absent_reason=str(values["absent"]), as_given=str(values["absent"]))
    if definition.kind == "choice":
        return _choice(definition, values[""])
    if values["low"] is None and values["high"] is None and not values.get("result"):
        return None
    return Fact(
        definition.id, low=_decimal(values["low"]), high=_decimal(values["high"]), low_open=bool(values["low_open"]),
        high_open=bool(values["high_open"]), result=str(values["result"]) if values.get("result") else None,
        as_given=_told(definition, values),
    )  # fmt: skip


def _choice(definition: FactDefinition, bits: Value) -> Fact | None:
    if bits is None:
        return None
    options = tuple(choice for place, choice in enumerate(definition.choice_ids) if int(bits) >> place & 1)
    return Fact(definition.id, options=options, as_given="|".join(options))


def _told(definition: FactDefinition, values: Mapping[str, Value]) -> str:
    """An interval as a person would write it."""
    low, high = values["low"], values["high"]
    unit = f" {definition.unit}".replace(" 1", "") if definition.unit else ""
    if low is not None and low == high:
        return f"{float(low):g}{unit}"
    ends = [f"{'>' if values['low_open'] else '≥'} {float(low):g}"] if low is not None else []
    ends += [f"{'<' if values['high_open'] else '≤'} {float(high):g}"] if high is not None else []
    return " ".join([*ends, str(values.get("result") or "")]).strip() + unit


def _bits(definition: FactDefinition, fact: Fact | None) -> int | None:
    if fact is None or not fact.options:
        return None
    return sum(1 << definition.choice_ids.index(option) for option in set(fact.options))


def _end(number: Decimal | None, is_open: bool, below: bool) -> tuple[float | None, bool]:
    """An end of an interval as a float. A number with more digits than a float has becomes the open end next to it, so that it
    stays on its side of every limit."""
    if number is None:
        return None, False
    nearest = float(number)
    if Decimal(repr(nearest)) == number:
        return nearest, is_open
    is_outside = nearest < number if below else nearest > number
    return (nearest if is_outside else math.nextafter(nearest, -math.inf if below else math.inf)), True


def _decimal(value: Value) -> Decimal | None:
    return None if value is None else Decimal(repr(float(value)))

"""What happened to a child and when: event-free and overall survival, and who cannot be followed, with the reason.

Event-free survival ends at the first of induction failure, relapse, second cancer and death; overall survival at death. A child in
whom none of it happened counts up to the last contact. Nothing is filled in: a child whose event or time is not recorded, or whose
record contradicts itself, stays out of the curve and is counted with the reason.
"""

from __future__ import annotations

from typing import Literal

from remission.cohort.columns import EVENTS, OUTCOMES

Endpoint = Literal["efs", "os"]
ENDPOINTS: tuple[Endpoint, ...] = ("efs", "os")
FOLLOWED = ""  # the reason of a child who is followed

# Why a child stays out of a curve, the first that holds. Each has its sentence: `cohort-out-…`.
LEFT_OUT: dict[Endpoint, tuple[str, ...]] = {
    "efs": (
        "event-not-recorded", "event-unreadable", "time-not-recorded", "time-negative", "entry-unreadable",
        "event-after-last-contact", "died-without-event", "death-but-alive", "two-death-days", "not-yet-entered",
    ),
    "os": (
        "death-not-recorded", "time-not-recorded", "time-negative", "entry-unreadable",
        "event-after-last-contact", "death-but-alive", "two-death-days", "not-yet-entered",
    ),
}  # fmt: skip

# What is worth knowing about children who are followed all the same: `cohort-mind-…`.
REMARKS = ("event-on-day-zero", "death-on-day-zero", "entered-later")

_HAPPENED = f"first_event IN ({', '.join(repr(event) for event in EVENTS)})"
_HOLDS = {
    "event-not-recorded": "first_event IS NULL",
    "event-unreadable": f"NOT ({_HAPPENED} OR first_event = 'none')",
    "death-not-recorded": "died IS NULL",
    "entry-unreadable": "NOT isfinite(entered_days)",
    "event-after-last-contact": f"{_HAPPENED} AND first_event_days > death_days",
    "died-without-event": "first_event = 'none' AND died",
    "death-but-alive": "first_event = 'death' AND NOT died",
    "two-death-days": "first_event = 'death' AND died AND first_event_days < death_days",
}
_DAYS: dict[Endpoint, str] = {"efs": "first_event_days", "os": "death_days"}


def left_out_sql(endpoint: Endpoint) -> str:
    """Why a child stays out of a curve, as an expression over the children table; `FOLLOWED` for one who does not."""
    cases = " ".join(f"WHEN {_condition(reason, _DAYS[endpoint])} THEN '{reason}'" for reason in LEFT_OUT[endpoint])
    return f"CASE {cases} ELSE '{FOLLOWED}' END"


def days_sql(endpoint: Endpoint) -> str:
    """Days from time zero to the event or the last contact."""
    return _DAYS[endpoint]


def event_sql(endpoint: Endpoint) -> str:
    """What ended the time: one of `EVENTS`, or none for a child followed to the last contact."""
    return "first_event" if endpoint == "efs" else "CASE WHEN died THEN 'death' ELSE 'none' END"


def entered_sql() -> str:
    """From which day a child is observed; 0 is from time zero on, also for one observed before it."""
    return "CASE WHEN entered_days > 0 THEN entered_days ELSE 0 END"


def remark_sql(remark: str) -> str:
    """Whether a remark holds for a child who is followed."""
    return {
        "event-on-day-zero": f"({_HAPPENED} AND first_event_days = 0)",
        "death-on-day-zero": "(died AND death_days = 0)",
        "entered-later": "(entered_days > 0)",
    }[remark]


def outcome_columns() -> tuple[str, ...]:
    """The columns that all of this reads; a source without them has no curves."""
    return tuple(column.name for column in OUTCOMES)


def _condition(reason: str, days: str) -> str:
    return {
        "time-not-recorded": f"{days} IS NULL OR NOT isfinite({days})",
        "time-negative": f"{days} < 0",
        "not-yet-entered": f"entered_days > 0 AND entered_days >= {days}",
    }.get(reason) or _HOLDS[reason]

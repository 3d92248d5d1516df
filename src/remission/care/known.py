"""What a family wrote down that a search of studies can use: as it stands, nothing concluded from what is missing."""

from __future__ import annotations

from datetime import date

from remission.care.record import Record

_LINEAGES = {"b-all": "b", "t-all": "t"}
_SEXES = {"girl": "female", "boy": "male"}


def known_for_trials(record: Record, today: date) -> dict[str, str]:
    """Facts by id, each only if it was written down. That treatment has begun follows from something that was ticked as given;
    that nothing was ticked says nothing."""
    child = record.child
    found = {
        "lineage": _LINEAGES.get(child.said("diagnosis"), ""),
        "sex": _SEXES.get(child.said("sex"), ""),
        "treatment_started": "yes" if _was_given(record, today) else "",
    }
    return {fact: value for fact, value in found.items() if value}


def _was_given(record: Record, today: date) -> bool:
    ticked = [note for note in record.of("road-change") if note.said("what") == "given"]
    return any((on := note.day("on")) and on <= today for note in ticked)

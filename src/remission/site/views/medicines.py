"""Medicines: the team's list as signed or copied, and what was ticked. "Missed" is a note for the team, nothing more."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from remission.care.medicines import current, due_on
from remission.documents.notes_told import note_lines
from remission.documents.today_told import short_day
from remission.home.notes import Note, Values
from remission.home.store import new_id
from remission.home.typed import read_typed
from remission.record.problems import InputProblem, InputProblems
from remission.rules.compiled import load_library, load_shelf
from remission.site.own import Own, own

_DAYS_BACK = 7
_NAMED = ("name", "brand")


@own
def medicines(own: Own) -> HttpResponse:
    """What is due on a day (today, or one of the last days), and the whole list."""
    today = date.today()
    day = _asked_day(own, today)
    kind = load_shelf().playbook.kinds["medicine"]
    now = current(own.record, today)
    listed = [(note, note_lines(own.words, kind, note, without=_NAMED)) for note in now]
    past = [note for note in own.record.of("medicine") if note not in now]
    days = [(back.isoformat(), short_day(own.words, back)) for back in (today - timedelta(days=n) for n in range(_DAYS_BACK))]
    last = [dose for dose in own.record.by_day("dose", "on") if dose.said("what") != "given"][:5]
    by_id = {note.id: note for note in own.record.of("medicine")}
    notes = [
        (short_day(own.words, on), by_id[dose.said("medicine")], dose)
        for dose in last
        if (on := dose.day("on")) and dose.said("medicine") in by_id
    ]
    return own.page(
        "medicines",
        "medicines",
        day=day,
        today=today,
        day_told=short_day(own.words, day),
        days=days,
        due=due_on(own.record, day),
        listed=listed,
        past=past,
        missed=notes,
    )


@require_POST
@own
def tick(own: Own) -> HttpResponse:
    """Says of a medicine at a time of a day that it was given, missed, vomited or held back. Said again, the last one counts."""
    typed = {name: own.request.POST.get(name, "") for name in ("medicine", "on", "slot", "what", "by", "note")}
    values = _checked(own, typed)
    kept = own.home.write(Note(own.child, "dose", new_id(), values), values.get("by", ""))
    own.wrote(values.get("by", ""), [kept.seq])
    back = own.request.POST.get("back", "")
    return HttpResponseRedirect(back if back.startswith(own.to("today")) else own.to("medicines"))


def _checked(own: Own, typed: Values) -> Values:
    kind = load_shelf().playbook.kinds["dose"]
    try:
        values = read_typed(load_library(), kind, typed, date.today(), own.record.born).values
    except InputProblems as refused:
        raise refused.problems[0] from None
    if own.home.note(own.child, "medicine", values["medicine"]) is None:
        raise InputProblem("medicine-unknown")
    return values


def _asked_day(own: Own, today: date) -> date:
    """The day to tick: today unless another of the last days is asked for."""
    asked = own.request.GET.get("day", "")
    days = {(today - timedelta(days=back)).isoformat(): today - timedelta(days=back) for back in range(_DAYS_BACK)}
    return days.get(asked, today)

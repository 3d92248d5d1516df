"""The road: a dated plan that moves when a block is delayed, keeps its older versions, and never moves what was given."""

from __future__ import annotations

import sys
from datetime import date

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST
from msgspec.structs import replace

from remission.care.child_road import as_first_planned, road_before, road_of, unfitting
from remission.care.record import Record
from remission.care.road import Block, Planned, Road
from remission.documents.road_picture import road_picture, road_words
from remission.documents.today_told import block_name, planned_told, short_day
from remission.home.notes import Note, Values
from remission.home.store import new_id
from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library, load_shelf
from remission.site.forms import problems_by_field
from remission.site.own import Own, own

_LONGEST_DELAY = 366  # days
_NEWEST = sys.maxsize  # a change that is only tried comes after all others


class BlockShown(Frozen, frozen=True):
    """A block of the road as a list shows it; `planned_for` is its first day before anything moved, where that differs."""

    block: Block
    slug: str
    name: str
    starts: str
    ends: str
    state: str
    planned_for: str = ""
    holds: tuple[str, ...] = ()


class DayShown(Frozen, frozen=True):
    """A thing to be given on a day of a block."""

    planned: Planned
    on: str
    number: int
    told: str
    state: str
    amount: str


class ChangeShown(Frozen, frozen=True):
    note: Note
    told: str
    by: str
    when: str


@own
def road(own: Own) -> HttpResponse:
    """The whole road: a picture, the blocks with their dates, what was changed and when."""
    laid = road_of(own.record)
    if laid is None:
        return own.go("plan")
    return _road_page(own, laid, {})


@require_POST
@own
def change(own: Own) -> HttpResponse:
    """Delays a block, holds it, or says that something was given or skipped."""
    values = _change_values(own)
    note = Note(own.child, "road-change", new_id(), values)
    try:
        _try(own, note)
    except InputProblem as problem:
        laid = road_of(own.record)
        if laid is None:
            return own.go("plan")
        return _road_page(own, laid, values, problems_by_field(own.lang, [problem]))
    kept = own.home.write(note, own.writer)
    own.wrote(own.writer, [kept.seq])
    back = own.request.POST.get("back", "")
    return HttpResponseRedirect(back) if back.startswith(own.to("today")) else own.go("road")


@own
def block(own: Own, slug: str) -> HttpResponse:
    """One block day by day: what is planned, what was given, what was skipped."""
    laid = road_of(own.record)
    found = next((b for b in laid.blocks if slug_of_block(b) == slug), None) if laid else None
    if laid is None or found is None:
        raise Http404(slug)
    words, shelf = own.words, load_shelf()
    days = [
        DayShown(p, short_day(words, p.on), laid.plan.printed_day(p.day), planned_told(words, shelf, p), _state(p), p.item.amount)
        for p in laid.planned()
        if p.at == found.at
    ]
    example = _published_doses(own, laid, found)
    return own.page(
        "block",
        "block",
        slug,
        shown=_shown(own, found, date.today(), None),
        days=days,
        today=date.today(),
        example=example,
        laid=laid,
    )


def slug_of_block(block: Block) -> str:
    return f"{block.at.phase}-{block.at.cycle}"


def _road_page(own: Own, laid: Road, typed: Values, problems: dict[str, list[str]] | None = None) -> HttpResponse:
    words, today = own.words, date.today()
    older = own.request.GET.get("before", "")
    shown = (road_before(own.record, int(older)) if older.isdigit() else None) or laid
    first = as_first_planned(own.record)
    starts = {b.at: b.starts for b in first.blocks} if first else {}
    return own.page(
        "road", "road", status=200, laid=shown, is_older=shown is not laid, picture=road_picture(words, shown, today, wide=False),
        wide_picture=road_picture(words, shown, today, wide=True), told=road_words(words, shown, today),
        blocks=[_shown(own, b, today, starts.get(b.at)) for b in shown.blocks], changes=_changes(own, laid), typed=typed,
        problems=[(f, s) for f, found in (problems or {}).items() for s in found], unfitting=_unfitting(own, laid),
        ahead=[_shown(own, b, today, None) for b in laid.blocks if b.ends > today],
    )  # fmt: skip


def _shown(own: Own, block: Block, today: date, was: date | None) -> BlockShown:
    words = own.words
    state = "done" if block.ends <= today else "now" if block.starts <= today else "ahead"
    holds = tuple(words.say("road-held", day=hold.from_day, days=hold.days, reason=hold.reason) for hold in block.holds)
    return BlockShown(
        block, slug_of_block(block), block_name(words, block), words.day(block.starts), words.day(block.ends), state,
        words.day(was) if was and was != block.starts else "", holds,
    )  # fmt: skip


def _unfitting(own: Own, laid: Road) -> list[tuple[ChangeShown, str]]:
    """Changes that the plan has no place for any more, with the reason."""
    apart = unfitting(own.record)
    return [(_told(own, laid, unfit.note), unfit.problem.sentence(load_library().words, own.lang)) for unfit in apart]


def _state(planned: Planned) -> str:
    if planned.done is None:
        return ""
    return "skipped" if planned.done.skipped else "given"


def _changes(own: Own, laid: Road) -> list[ChangeShown]:
    """Delays and holds, the latest first."""
    notes = [note for note in own.record.of("road-change") if note.said("what") in ("delay", "hold")]
    return [_told(own, laid, note) for note in sorted(notes, key=lambda note: note.seq, reverse=True)]


def _told(own: Own, laid: Road, note: Note) -> ChangeShown:
    words = own.words
    named = {(b.at.phase, str(b.at.cycle)): block_name(words, b) for b in laid.blocks}
    name = named.get((note.said("phase"), note.said("cycle") or "1"), note.said("phase"))
    what = note.said("what")
    told = words.say(
        f"road-did-{what}",
        block=name,
        days=note.said("days"),
        day=note.said("from-day") or note.said("day"),
        item=note.said("item"),
    )
    reason = f" ({note.said('reason')})" if note.said("reason") else ""
    return ChangeShown(note, told + reason, note.by, words.day(note.at.astimezone().date()) if note.at else "")


def _change_values(own: Own) -> Values:
    """What was sent, field by field; a block is sent as "phase cycle"."""
    said = {
        name: own.request.POST.get(name, "").strip()
        for name in ("what", "block", "days", "from-day", "item", "day", "on", "reason")
    }
    phase, _, cycle = said.pop("block").partition(" ")
    return {name: value[:200] for name, value in (said | {"phase": phase, "cycle": cycle or "1"}).items() if value}


def _try(own: Own, note: Note) -> None:
    """Refuses a change that cannot be read or that the road refuses. Raises `InputProblem`."""
    kind = load_shelf().playbook.kinds["road-change"]
    what = note.said("what")
    if what not in ("delay", "hold", "given", "skipped"):
        raise InputProblem("note-choice-unknown", value=what, label=kind.one)
    if what in ("delay", "hold") and not (note.said("days").isdigit() and 0 < int(note.said("days")) <= _LONGEST_DELAY):
        raise InputProblem("road-days-needed", most=_LONGEST_DELAY)
    if what == "hold" and not note.said("from-day").isdigit():
        raise InputProblem("road-from-day-needed")
    if what in ("given", "skipped"):
        _try_done(note)
    for unfit in unfitting(Record(own.record.child, (*own.record.notes, replace(note, seq=_NEWEST)))):
        if unfit.note.id == note.id:
            raise unfit.problem


def _try_done(note: Note) -> None:
    try:
        on = date.fromisoformat(note.said("on"))
    except ValueError:
        raise InputProblem("note-day-unreadable", value=note.said("on")) from None
    if on > date.today():
        raise InputProblem("note-day-ahead", value=on)


def _published_doses(own: Own, laid: Road, block: Block) -> list[tuple[str, str]]:
    """What the published example used, shown folded and named as such; never for a plan of the family's own medicines."""
    protocol = load_shelf().protocols.get(laid.plan.based_on)
    phase = next((p for p in protocol.phases if p.id == block.at.phase), None) if protocol else None
    if phase is None:
        return []
    from remission.documents.road_told import drug_name

    return [(drug_name(load_shelf(), given.drug, own.lang), given.dose.in_(own.lang)) for given in phase.given]

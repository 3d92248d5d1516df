"""The plan: begun from a published example or a blank one, copied block by block from the team's sheet, or opened from a file."""

from __future__ import annotations

import base64
import binascii
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from msgspec.structs import replace

from remission.care.child_road import change_values
from remission.care.drugs import drug_named, drug_names
from remission.care.plan import Item, Phase, Plan, packed, published, unpacked
from remission.care.plan_check import PlanProblem, check_plan
from remission.care.plan_days import days_of, days_written
from remission.care.plan_file import PlanFile, confirmed, dates_of, read_plan_file
from remission.documents.road_told import drug_name
from remission.home.notes import Note, Values
from remission.home.problems import ChangedMeanwhile
from remission.home.store import new_id
from remission.knowledge.model import Frozen, Text
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library, load_shelf
from remission.site.own import Own, own

ROUTES = ("mouth", "vein", "muscle", "skin", "spinal-fluid", "vein-or-muscle", "vein-or-skin", "mouth-or-vein", "not-stated")
_EMPTY_ROWS = 3
_LONGEST_BLOCK = 400  # days
_MOST_CYCLES = 40
_MOST_BYTES = 200_000


class Row(Frozen, frozen=True):
    """A medicine of a block as a form shows it."""

    id: str
    what: str = ""
    route: str = ""
    days: str = ""
    amount: str = ""
    problem: str = ""


@own
def plan(own: Own) -> HttpResponse:
    """The plan as it stands; without one, the ways to begin."""
    note = own.record.one("plan")
    problems: list[str] = []
    if own.request.method == "POST":
        try:
            return _saved(own, note, *_posted_plan(own, note))
        except InputProblem as problem:
            problems = [problem.sentence(load_library().words, own.lang)]
    if note is None:
        return own.page("plan", "plan_begin", protocols=load_shelf().protocols.values(), problems=problems, typed=own.request.POST)
    standing = unpacked(note.said("plan"))
    doubts = [_sentence(own, problem) for problem in check_plan(standing, load_shelf())]
    return own.page("plan", "plan", plan=standing, starts=note.said("starts"), problems=problems, doubts=doubts, seen=note.seq)


@own
def plan_block(own: Own, slug: str) -> HttpResponse:
    """One block of the plan: its name, its length, what is given on which days."""
    note = own.record.one("plan")
    standing = unpacked(note.said("plan")) if note else None
    phase = _phase(standing, slug) if standing else None
    if note is None or standing is None or phase is None:
        raise Http404(slug)
    rows, problems = [_row(own, standing, item) for item in phase.items], []
    if own.request.method == "POST":
        rows = _posted_rows(own.request)
        try:
            changed = _posted_phase(own, standing, phase, rows)
            return _saved(own, note, _with(standing, slug, changed), note.said("starts"))
        except _RowProblems as refused:
            rows, problems = refused.rows, refused.sentences
        except InputProblem as problem:
            problems = [problem.sentence(load_library().words, own.lang)]
    rows = [*rows, *(Row(new_id()) for _ in range(_EMPTY_ROWS))]
    routes = [(route, own.words.say(f"route-{route}")) for route in ROUTES]
    return own.page(
        "plan-block", "plan_block", slug, plan=standing, phase=phase, rows=rows, routes=routes, problems=problems,
        drugs=drug_names(load_shelf(), own.lang), typed=own.request.POST, seen=note.seq, is_new=slug == "new",
    )  # fmt: skip


@own
def plan_file(own: Own) -> HttpResponse:
    """Opens a plan file: every problem at once, and only what the family confirms comes in."""
    data = _sent_file(own.request)
    if data is None:
        return own.page("plan-file", "plan_file", read=None, problems=[])
    read = read_plan_file(data, load_shelf())
    problems = []
    if own.request.POST.get("confirm") and not read.unreadable:
        try:
            return _taken_in(own, read)
        except InputProblem as problem:
            problems = [problem.sentence(load_library().words, own.lang)]
    return _plan_file_page(own, read, data, problems)


def _taken_in(own: Own, read: PlanFile) -> HttpResponse:
    """Keeps what was confirmed; dates that the file gives its blocks become the delays that they are."""
    chosen = confirmed(read, set(own.request.POST.getlist("accept")))
    if not chosen.phases:
        raise InputProblem("plan-nothing-confirmed")
    starts = _first_day(own.request.POST.get("starts", ""))
    standing = own.record.one("plan")
    plan_note = Note(own.child, "plan", standing.id if standing else new_id(), {"plan": packed(chosen), "starts": starts})
    first, delays = dates_of(read, chosen)
    late = [
        Note(own.child, "road-change", new_id(), change_values(delay)) for delay in delays if first and first.isoformat() == starts
    ]
    kept = own.home.write_all([plan_note, *late], own.writer)
    own.wrote(own.writer, [note.seq for note in kept])
    return own.go("plan")


def _plan_file_page(own: Own, read: PlanFile, data: bytes, problems: list[str]) -> HttpResponse:
    first, _ = dates_of(read, read.plan)
    errors = [_sentence(own, p) for p in read.problems if not p.is_doubt]
    doubts = [(p.id, _sentence(own, p)) for p in read.problems if p.is_doubt]
    blocks = [(phase, [_row(own, read.plan, item) for item in phase.items]) for phase in read.plan.phases]
    starts = own.request.POST.get("starts") or (first.isoformat() if first else "")
    return own.page(
        "plan-file", "plan_file", read=read, errors=errors, doubts=doubts, blocks=blocks, problems=problems,
        carried=base64.b64encode(data).decode(), starts=starts, accepted=own.request.POST.getlist("accept"),
    )  # fmt: skip


def _sent_file(request: HttpRequest) -> bytes | None:
    """The file that was chosen, or the one carried along while its problems were looked at."""
    if "file" in request.FILES:
        return bytes(request.FILES["file"].read(_MOST_BYTES + 1))  # type: ignore[union-attr]
    try:
        return base64.b64decode(request.POST["carried"], validate=True) if request.POST.get("carried") else None
    except binascii.Error:
        return None


def _sentence(own: Own, problem: PlanProblem) -> str:
    return problem.problem.sentence(load_library().words, own.lang)


def _posted_plan(own: Own, note: Note | None) -> tuple[Plan, str]:
    """The plan after one of the page's buttons: begun from a template, its name, first day or counting changed, a block moved."""
    post = own.request.POST
    starts = _first_day(post.get("starts", ""))
    if note is None:
        protocol = load_shelf().protocols.get(post.get("template", ""))
        if protocol is None:
            raise InputProblem("plan-choose-one")
        made = published(protocol)
        return (
            replace(made, origin="copied", title=_same(own.words.say("plan-own-title"))) if protocol.id == "blank" else made
        ), starts
    standing = unpacked(note.said("plan"))
    title = post.get("title", "").strip()[:200]
    changed = replace(
        standing, first_day=0 if post.get("first-day") == "0" else 1, origin=_origin(post.get("origin", ""), standing)
    )
    if title and title != standing.title.in_(own.lang):
        changed = replace(changed, title=_same(title))
    return changed, starts


def _origin(said: str, plan: Plan) -> str:
    return said if said in ("copied", "signed", "published") else plan.origin


def _first_day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise InputProblem("plan-first-day-needed") from None


def _same(said: str) -> Text:
    """What a family wrote stands in its own words in both languages."""
    return Text(said, said)


def _phase(plan: Plan, slug: str) -> Phase | None:
    """A block by its id; "new" is an empty one."""
    if slug == "new":
        return Phase(f"own-{new_id()}", _same(""), 28)
    return next((phase for phase in plan.phases if phase.id == slug), None)


def _row(own: Own, plan: Plan, item: Item) -> Row:
    return Row(
        item.id, drug_name(load_shelf(), item.what, own.lang), item.route, days_written(item.days, plan.first_day), item.amount
    )


class _RowProblems(Exception):
    """What is wrong in the rows of a block; the rows come back as they were typed."""

    def __init__(self, rows: list[Row], sentences: list[str]):
        super().__init__(sentences)
        self.rows, self.sentences = rows, sentences


def _posted_rows(request: HttpRequest) -> list[Row]:
    post = request.POST
    columns = zip(
        post.getlist("item"),
        post.getlist("what"),
        post.getlist("route"),
        post.getlist("days"),
        post.getlist("amount"),
        strict=False,
    )
    return [Row(i, w.strip()[:200], r, d.strip()[:400], a.strip()[:200]) for i, w, r, d, a in columns if w.strip() or d.strip()]


def _posted_phase(own: Own, plan: Plan, phase: Phase, rows: list[Row]) -> Phase:
    """The block as typed. Raises `InputProblem` and `_RowProblems`."""
    post = own.request.POST
    lasts, repeats = _whole(post.get("lasts", ""), 1, _LONGEST_BLOCK), _whole(post.get("repeats", "1"), 1, _MOST_CYCLES)
    if lasts is None or repeats is None:
        raise InputProblem("plan-length-needed", most=_LONGEST_BLOCK, cycles=_MOST_CYCLES)
    name = post.get("name", "").strip()[:200]
    if not name:
        raise InputProblem("plan-name-needed")
    items, marked, sentences = [], [], []
    for row in rows:
        try:
            items.append(_item(plan, row, lasts))
            marked.append(row)
        except InputProblem as problem:
            sentences.append(problem.sentence(load_library().words, own.lang))
            marked.append(replace(row, problem=sentences[-1]))
    if sentences:
        raise _RowProblems(marked, sentences)
    return replace(
        phase,
        name=phase.name if name == phase.name.in_(own.lang) else _same(name),
        lasts=lasts,
        repeats=repeats,
        items=tuple(items),
    )


def _item(plan: Plan, row: Row, lasts: int) -> Item:
    if not row.what:
        raise InputProblem("plan-what-needed", days=row.days)
    days = days_of(row.days, plan.first_day)
    if any(not 1 <= day <= lasts for day in days):
        raise InputProblem("plan-day-outside", what=row.what, days=row.days, last=plan.printed_day(lasts))
    route = row.route if row.route in ROUTES else "not-stated"
    return Item(row.id or new_id(), drug_named(load_shelf(), row.what) or row.what, route, days, row.amount)  # type: ignore[arg-type]


def _whole(written: str, low: int, high: int) -> int | None:
    return int(written) if written.strip().isdigit() and low <= int(written) <= high else None


def _with(plan: Plan, slug: str, phase: Phase) -> Plan:
    """The plan with a block changed, added at the chosen place, moved, or taken out."""
    if slug == "new":
        return replace(plan, phases=(*plan.phases, phase), origin="copied" if plan.origin == "published" else plan.origin)
    return replace(plan, phases=tuple(phase if one.id == slug else one for one in plan.phases))


def _saved(own: Own, note: Note | None, plan: Plan, starts: str) -> HttpResponse:
    """Keeps the plan; a block may have been taken out or moved by the same form."""
    values: Values = {"plan": packed(_rearranged(own.request, plan)), "starts": starts}
    was = own.request.POST.get("was", "")
    seen = int(was) if was.isdigit() else (note.seq if note else 0)
    if note and seen != note.seq:
        raise ChangedMeanwhile(note, values)
    kept = own.home.write(Note(own.child, "plan", note.id if note else new_id(), values), own.writer, was=seen if note else None)
    own.wrote(own.writer, [kept.seq])
    return own.go("plan")


def _rearranged(request: HttpRequest, plan: Plan) -> Plan:
    """`move` is "up ID", "down ID" or "out ID"."""
    what, _, which = request.POST.get("move", "").partition(" ")
    phases = list(plan.phases)
    place = next((number for number, phase in enumerate(phases) if phase.id == which), None)
    if place is None or what not in ("up", "down", "out"):
        return plan
    phase = phases.pop(place)
    if what != "out":
        phases.insert(max(0, place - 1) if what == "up" else place + 1, phase)
    return replace(plan, phases=tuple(phases)) if phases else plan

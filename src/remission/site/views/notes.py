"""Notes of every kind: lists, forms, taking away, undoing, and the history of all of it."""

from __future__ import annotations

import re
from datetime import date

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from remission.care.child_road import road_of
from remission.care.today import question_sheets
from remission.care.weekly import medicine_checked
from remission.documents.history_told import history_told
from remission.documents.notes_told import note_lines, note_title
from remission.documents.paper import Line
from remission.home.notes import Note, Values
from remission.home.problems import ChangedMeanwhile, HomeProblem
from remission.home.store import new_id
from remission.home.typed import Doubt, Typed, read_typed
from remission.knowledge.guide import Guide
from remission.knowledge.model import Frozen
from remission.knowledge.playbook import NoteKind
from remission.record.problems import InputProblems
from remission.rules.compiled import load_library, load_shelf
from remission.site.calling import dialled
from remission.site.forms import fields_shown, problems_by_field, sent, sure, typed_of
from remission.site.own import Own, own
from remission.site.page import known

# Kinds that are written through pages of their own, not through a form of fields.
_NOT_BY_FORM = ("plan", "road-change", "private", "dose")
_ID = re.compile(r"[0-9a-f]{12}")
# After saving, these lead back to the page on which they are seen together.
_SEEN_ON = {
    "count": "my-counts",
    "mrd": "my-counts",
    "line-of-team": "my-counts",
    "medicine": "medicines",
    "child": "more",
    "fever-rule": "more",
    "centre": "more",
}
_WHOLE = ("trial",)  # shown with what is not recorded: what nobody wrote down is what to ask for
_CHANGES_A_PAGE = 100
_OF_A_DAY = ("diary", "line-log", "count")


class Told(Frozen, frozen=True):
    """A note as a list shows it; `phone` is what a tap on its title dials."""

    note: Note
    title: str
    lines: tuple[Line, ...]
    phone: str = ""


def kind_of(own: Own, page_name: str, slug: str) -> NoteKind:
    """The kind an address is about. Raises `Http404` for none, and for those that have pages of their own."""
    kind = known(page_name, own.lang, slug, load_shelf().playbook.kinds)
    if kind.id in _NOT_BY_FORM:
        raise Http404(slug)
    return kind


def told(own: Own, kind: NoteKind, note: Note) -> Told:
    lines = note_lines(own.words, kind, note, without=kind.named_by, whole=kind.id in _WHOLE)
    return Told(note, note_title(own.words, kind, note), tuple(lines), dialled(note.said("phone")))


@own
def notes(own: Own, slug: str) -> HttpResponse:
    """The notes of one kind, the latest first."""
    kind = kind_of(own, "notes", slug)
    if kind.single:
        standing = own.record.one(kind.id)
        return own.go("note", kind.id, note=standing.id) if standing else own.go("note-new", kind.id)
    listed = own.record.by_day(kind.id, kind.dated_by) if kind.dated_by else own.record.of(kind.id)
    listed += [note for note in own.record.of(kind.id) if note not in listed]
    shown = [told(own, kind, note) for note in listed]
    return own.page("notes", "notes", kind.id, kind=kind, listed=shown, suggested=_suggested(own) if kind.id == "question" else [])


@own
def new(own: Own, slug: str) -> HttpResponse:
    kind = kind_of(own, "note-new", slug)
    standing = own.record.one(kind.id) if kind.single else None
    sent_id = own.request.POST.get("id", "")  # the id the form was made with: sent twice, it is one note
    fresh = sent_id if _ID.fullmatch(sent_id) else new_id()
    return _form(own, kind, standing or Note(own.child, kind.id, fresh, {}), "note-new")


@own
def note(own: Own, slug: str, note: str) -> HttpResponse:
    kind = kind_of(own, "note", slug)
    standing = own.home.note(own.child, kind.id, note)
    if standing is None:
        raise Http404(note)
    return _form(own, kind, standing, "note")


@require_POST
@own
def remove(own: Own, slug: str, note: str) -> HttpResponse:
    """Takes a note away; one tap brings it back."""
    kind = kind_of(own, "note-remove", slug)
    if kind.id == "child":
        return own.go("erase")
    change = own.home.remove(own.child, kind.id, note, own.writer)
    own.wrote(own.writer, [change.seq] if change else [])
    return _after(own, kind)


@require_POST
@own
def take_questions(own: Own) -> HttpResponse:
    """Questions of a sheet become the family's own."""
    offered = {line for _, lines in _suggested(own) for line in lines}
    asked = [text for text in own.request.POST.getlist("text") if text in offered]
    kept = own.home.write_all([Note(own.child, "question", new_id(), {"text": text}) for text in asked], own.writer)
    own.wrote(own.writer, [note.seq for note in kept])
    return own.go("notes", "question")


def _suggested(own: Own) -> list[tuple[str, list[str]]]:
    """The questions that belong to where the child is on the road, without those that were taken already."""
    shelf = load_shelf()
    sheets = question_sheets(shelf, road_of(own.record), date.today())
    taken = {note.said("text") for note in own.record.of("question")}
    told = [(shelf.guides[sheet].title.in_(own.lang), _lines(own, shelf.guides[sheet])) for sheet in sheets]
    return [(title, [line for line in lines if line not in taken]) for title, lines in told]


def _lines(own: Own, guide: Guide) -> list[str]:
    return [item.text.in_(own.lang) for part in guide.parts for item in part.items if item.text]


@require_POST
@own
def undo(own: Own) -> HttpResponse:
    """Undoes what was just saved, or a change chosen in the history."""
    seqs = [int(seq) for seq in own.request.POST.getlist("seq") if seq.isdigit()]
    changes = [own.home.undo(seq, own.writer) for seq in sorted(seqs, reverse=True)]
    own.wrote(own.writer, [change.seq for change in changes])
    back = own.request.POST.get("back", "")
    return HttpResponseRedirect(back if back.startswith(own.to("today")) else own.to("history"))


@own
def history(own: Own) -> HttpResponse:
    """The changes, the latest first and a page at a time: who, when, from what, to what."""
    changes = own.home.history(own.child)
    last = {(change.kind, change.id): change.seq for change in changes}
    before = own.request.GET.get("before", "")
    reached = [change for change in changes if not before.isdigit() or change.seq < int(before)]
    shown = reached[-_CHANGES_A_PAGE:]
    older = shown[0].seq if len(reached) > len(shown) else None
    days = history_told(own.words, load_shelf().playbook, shown, set(last.values()))
    return own.page("history", "history", days=days, older=older)


def _form(own: Own, kind: NoteKind, standing: Note, name: str) -> HttpResponse:
    """The form: shown, refused with what is to be mended, asked back, or kept."""
    posted = own.request.method == "POST"
    typed = sent(own.request, kind) if posted else _prefilled(kind, standing) | typed_of(kind, standing)
    problems: dict[str, list[str]] = {}
    doubts: tuple[Doubt, ...] = ()
    meanwhile: Told | None = None
    was = own.request.POST.get("was", "")
    seen = int(was) if was.isdigit() else standing.seq
    if posted:
        try:
            read = _read(own, kind, typed)
            doubts = read.doubts
            if not doubts:
                return _kept(own, kind, Note(own.child, kind.id, standing.id, read.values), seen)
        except InputProblems as refused:
            problems = problems_by_field(own.lang, refused.problems)
        except ChangedMeanwhile as changed:
            problems = problems_by_field(own.lang, [changed])
            meanwhile, seen = (told(own, kind, changed.now), changed.now.seq) if changed.now else (None, 0)
        except HomeProblem as problem:
            problems = problems_by_field(own.lang, [problem])
    fields = fields_shown(own.lang, kind, own.record, typed, problems, doubts)
    folded = [shown for shown in fields if shown.field.fold]
    return own.page(
        name, "note", kind.id, note=standing.id, has_folded=bool(folded), opens_folded=any(shown.opens_fold for shown in folded),
        writer=own.request.POST.get("by-whom", own.writer), status=409 if meanwhile else 200, kind=kind, standing=standing,
        meanwhile=meanwhile, seen=seen, fields=fields, doubts=doubts, new_id=standing.id,
        problems=[(field, sentence) for field, sentences in problems.items() for sentence in sentences],
    )  # fmt: skip


def _read(own: Own, kind: NoteKind, typed: Values) -> Typed:
    confirmed = sure(own.request, kind)
    born = None if kind.id == "child" else own.record.born
    read = read_typed(load_library(), kind, typed, date.today(), born, confirmed)
    return medicine_checked(load_shelf(), read, confirmed) if kind.id == "medicine" else read


def _kept(own: Own, kind: NoteKind, note: Note, seen: int) -> HttpResponse:
    by = own.request.POST.get("by-whom", "").strip()[:80]
    if kind.id == "child":
        note = Note(note.child, note.kind, note.id, note.values | _hidden(own.record.child))
    kept = own.home.write(note, by, was=seen)
    own.wrote(by, [kept.seq])
    return _after(own, kind)


def _hidden(child: Note) -> Values:
    """What a form does not show and must not lose: that a child is invented."""
    return {name: child.said(name) for name in ("invented", "made-in") if child.said(name)}


def _after(own: Own, kind: NoteKind) -> HttpResponse:
    if kind.id in _SEEN_ON:
        return own.go(_SEEN_ON[kind.id])
    return own.go("more") if kind.single else own.go("notes", kind.id)


def _prefilled(kind: NoteKind, standing: Note) -> Values:
    """Today's date where a new note of a day is begun; nothing else is ever filled in for anybody."""
    return {kind.dated_by: date.today().isoformat()} if kind.id in _OF_A_DAY and not standing.seq else {}

"""The front door of a family's own pages: begin, choose a child, look at the example, the lock."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST
from msgspec.structs import replace

from remission.care.example import example_notes
from remission.home.folder import data_folder
from remission.home.lock import is_locked, opens
from remission.home.notes import Note, Values
from remission.home.problems import HomeProblem
from remission.home.store import HomeFile, new_id
from remission.home.typed import read_typed
from remission.knowledge.model import Frozen, Lang
from remission.knowledge.playbook import NoteKind
from remission.record.problems import InputProblem, InputProblems
from remission.rules.compiled import load_library, load_shelf
from remission.site.addresses import address
from remission.site.forms import FieldShown, fields_shown, problems_by_field
from remission.site.own import next_page, open_lock, told, whole
from remission.site.page import page

# What the first page asks: enough for the call button and for a first road; all of it can be changed and added to later.
_ASKED: dict[str, tuple[str, ...]] = {"child": ("name", "born"), "centre": ("name", "urgent-phone")}


class Asked(Frozen, frozen=True):
    kind: str
    fields: tuple[FieldShown, ...]


@whole
def mine(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    """The children of this file, and how to begin."""
    children = home.children()
    real = [child for child in children if child.said("invented") != "yes"]
    return page(request, lang, "mine", "own/mine", children=real, locked=is_locked(home), folder=home.path.parent)


@whole
def new(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    """Four questions; whatever is left out can be added at any time."""
    kinds = _asked_kinds()
    typed: dict[str, Values] = {kind.id: _sent(request, kind) for kind in kinds}
    problems: dict[str, dict[str, list[str]]] = {}
    if request.method == "POST":
        try:
            return _begun(request, lang, home, _read(kinds, typed))
        except _Refused as refused:
            problems = {kind: problems_by_field(lang, found) for kind, found in refused.problems.items()}
    asked = [Asked(k.id, tuple(fields_shown(lang, k, None, typed[k.id], problems.get(k.id, {})))) for k in kinds]
    listed = [(f"{kind}-{field}", told) for kind, found in problems.items() for field, tolds in found.items() for told in tolds]
    return page(request, lang, "mine-new", "own/new", asked=asked, problems=listed)


@require_POST
@whole
def example(_: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    """The invented example child: every page filled, and marked as invented. In the other language it is made anew."""
    standing = next((child for child in home.children() if child.said("invented") == "yes"), None)
    if standing and standing.said("made-in") == lang:
        return HttpResponseRedirect(address("today", lang, child=standing.child))
    if standing:
        home.erase(standing.child)
    notes = example_notes(load_shelf(), lang, date.today())
    who, *others = (replace(note, values=note.values | {"made-in": lang}) if note.kind == "child" else note for note in notes)
    home.write_all([who, *others], "")
    return HttpResponseRedirect(address("today", lang, child=who.child))


@told
def locked(request: HttpRequest, lang: Lang) -> HttpResponse:
    """Asks for the passphrase of the file."""
    wrong = ""
    if request.method == "POST":
        with HomeFile(data_folder(None)) as home:
            try:
                if opens(home, request.POST.get("passphrase", "")):
                    open_lock(request, home)
                    return HttpResponseRedirect(next_page(request, lang))
                wrong = load_library().words["lock-wrong"].in_(lang)
            except HomeProblem as problem:
                wrong = problem.sentence(load_library().words, lang)
    return page(request, lang, "locked", "own/locked", status=403 if wrong else 200, wrong=wrong, back=request.GET.get("next", ""))


class _Refused(Exception):
    """What is wrong with what was typed, by kind of note."""

    def __init__(self, problems: dict[str, list[InputProblem]]):
        super().__init__(problems)
        self.problems = problems


def _asked_kinds() -> list[NoteKind]:
    """The kinds with only the fields that are asked at the start."""
    kinds = load_shelf().playbook.kinds
    return [_only(kinds[kind], fields) for kind, fields in _ASKED.items()]


def _only(kind: NoteKind, fields: tuple[str, ...]) -> NoteKind:
    """A kind with some of its fields. Of the centre nothing is needed yet: half of it is better than none on a bad day."""
    asked = [kind.field(field) for field in fields]
    return replace(kind, fields=tuple(field if kind.id == "child" else replace(field, required=False) for field in asked))


def _sent(request: HttpRequest, kind: NoteKind) -> Values:
    """The fields of one kind; two kinds stand in one form, so the kind is in the name of the field."""
    return {field.id: said for field in kind.fields if (said := request.POST.get(f"{kind.id}-{field.id}", ""))}


def _read(kinds: list[NoteKind], typed: dict[str, Values]) -> dict[str, Values]:
    """The values of each kind. A centre of which nothing was typed is left for later. Raises `_Refused`."""
    values: dict[str, Values] = {}
    problems: dict[str, list[InputProblem]] = {}
    for kind in kinds:
        if kind.id != "child" and not typed[kind.id]:
            continue
        try:
            values[kind.id] = read_typed(load_library(), kind, typed[kind.id], date.today()).values
        except InputProblems as refused:
            problems[kind.id] = refused.problems
    if problems:
        raise _Refused(problems)
    return values


def _begun(request: HttpRequest, lang: Lang, home: HomeFile, values: dict[str, Values]) -> HttpResponse:
    child = new_id()
    by = request.POST.get("by-whom", "").strip()[:80]
    home.write_all([Note(child, kind, child if kind == "child" else new_id(), said) for kind, said in values.items()], by)
    request.session["written-by"] = by
    return HttpResponseRedirect(address("plan", lang, child=child))

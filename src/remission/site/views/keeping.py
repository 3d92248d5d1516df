"""Keeping it safe: a copy of everything, an encrypted backup, bringing one back, the lock, and erasing for good."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from remission.documents.handed_over import printed_files
from remission.home.archive import export_archive, read_archive, take_in
from remission.home.backup import backup, restore
from remission.home.lock import is_locked, opens, remove_lock, set_lock
from remission.home.problems import HomeProblem
from remission.home.store import HomeFile
from remission.knowledge.model import Lang
from remission.rules.compiled import load_library, load_shelf
from remission.site.addresses import address
from remission.site.own import Own, close_lock, open_lock, own, whole
from remission.site.page import page

_MOST_BYTES = 50_000_000


@whole
def keep(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    return _keep_page(request, lang, home)


@require_POST
@whole
def keep_file(request: HttpRequest, lang: Lang, home: HomeFile, slug: str) -> HttpResponse:
    """One of the page's buttons; what is refused is said on the same page."""
    if slug not in _DOES:
        raise Http404(slug)
    try:
        return _DOES[slug](request, lang, home)
    except HomeProblem as problem:
        return _keep_page(request, lang, home, slug, problem.sentence(load_library().words, lang))


@own
def erase(own: Own) -> HttpResponse:
    """Deletes a child with all history, after its name was typed."""
    wrong = False
    if own.request.method == "POST":
        if own.request.POST.get("name", "").strip() == own.record.name:
            own.home.erase(own.child)
            return HttpResponseRedirect(address("mine", own.lang))
        wrong = True
    return own.page("erase", "erase", wrong=wrong)


def _keep_page(request: HttpRequest, lang: Lang, home: HomeFile, part: str = "", sentence: str = "") -> HttpResponse:
    done = request.session.pop("kept", "")
    return page(
        request, lang, "keep", "own/keep", locked=is_locked(home), part=part, sentence=sentence, done=done, folder=home.path
    )


def _export(_: HttpRequest, _lang: Lang, home: HomeFile) -> HttpResponse:
    data = _archive(home, printed_files(load_library(), load_shelf(), home, date.today()))
    return _download(data, f"remission-{date.today()}.zip", "application/zip")


def _archive(home: HomeFile, files: dict[str, bytes]) -> bytes:
    return export_archive(home, load_shelf().playbook, files, load_library().words)


def _backup(request: HttpRequest, _lang: Lang, home: HomeFile) -> HttpResponse:
    return _download(backup(_archive(home, {}), _twice(request)), f"remission-{date.today()}.zip.age", "application/octet-stream")


def _restore(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    """Brings back an encrypted backup or an export; children who are here already are never overwritten."""
    uploaded = request.FILES.get("file")
    if uploaded is None:
        raise HomeProblem("keep-no-file")
    data = uploaded.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise HomeProblem("keep-too-big")
    is_sealed = not data.startswith(b"PK")
    archive = read_archive(restore(data, request.POST.get("passphrase", "")) if is_sealed else data, load_shelf().playbook)
    request.session["kept"] = take_in(home, archive).sentence(load_library().words, lang)
    return HttpResponseRedirect(address("keep", lang))


def _lock(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    set_lock(home, _twice(request))
    open_lock(request, home)
    request.session["kept"] = load_library().words["lock-set"].in_(lang)
    return HttpResponseRedirect(address("keep", lang))


def _unlock(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    if not opens(home, request.POST.get("passphrase", "")):
        raise HomeProblem("lock-wrong")
    remove_lock(home)
    request.session["kept"] = load_library().words["lock-removed"].in_(lang)
    return HttpResponseRedirect(address("keep", lang))


def _close(request: HttpRequest, lang: Lang, _home: HomeFile) -> HttpResponse:
    close_lock(request)
    return HttpResponseRedirect(address("home", lang))


def _twice(request: HttpRequest) -> str:
    first, again = request.POST.get("passphrase", ""), request.POST.get("again", "")
    if first != again:
        raise HomeProblem("passphrases-differ")
    return first


def _download(data: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


_DOES = {"export": _export, "backup": _backup, "restore": _restore, "lock": _lock, "unlock": _unlock, "close": _close}

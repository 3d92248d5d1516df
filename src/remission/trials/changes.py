"""What became different between two snapshots, study by study."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from remission.knowledge.model import Frozen
from remission.knowledge.trials import Place, Snapshot, Study, folded

_Sites = dict[tuple[str, str], tuple[str, str]]  # name and city, folded → how it is told, and its status
What = Literal["new", "opened", "closed", "status", "gone", "new-site", "site-opened", "site-closed"]


class Change(Frozen, frozen=True):
    """One thing that changed. `before` and `after` are statuses of the registry; `site` is named where it is about one."""

    study: str
    what: What
    title: str
    before: str = ""
    after: str = ""
    site: str = ""


def changes_between(old: Snapshot, new: Snapshot, open_statuses: Collection[str]) -> Iterator[Change]:
    """All changes, in the order of the studies' numbers. A study that only left the list is `gone`: nothing is said of why."""
    before = {study.id: study for study in old.studies}
    for study in new.studies:
        known = before.pop(study.id, None)
        if known is None:
            yield Change(study.id, "new", study.title, after=study.status)
            continue
        if known.status != study.status:
            yield Change(study.id, _turn(known.status, study.status, open_statuses), study.title, known.status, study.status)
        yield from _sites(study, _sites_of(old, known), _sites_of(new, study), open_statuses)
    for study in () if old.shipped else before.values():  # the shipped list was asked for otherwise
        yield Change(study.id, "gone", study.title, before=study.status)


def _turn(before: str, after: str, open_statuses: Collection[str]) -> What:
    was_open, is_open = before in open_statuses, after in open_statuses
    if was_open and not is_open:
        return "closed"
    return "opened" if is_open and (not was_open or after == "RECRUITING") else "status"


def _sites(study: Study, old: _Sites, new: _Sites, open_: Collection[str]) -> Iterator[Change]:
    """New sites and sites that opened or closed. A site that is new on a study that takes nobody any more is no news."""
    for key, (name, status) in new.items():
        was = old.get(key)
        if was is None and study.status in open_:
            yield Change(study.id, "new-site", study.title, after=status, site=name)
        elif was and was[1] and status and was[1] != status and (was[1] in open_) != (status in open_):
            yield Change(study.id, "site-opened" if status in open_ else "site-closed", study.title, was[1], status, name)


def _sites_of(snapshot: Snapshot, study: Study) -> _Sites:
    found: _Sites = {}
    for opening in study.sites:
        place = snapshot.places[opening.place]
        found[folded(place.name), folded(place.city)] = (site_name(place), opening.status)
    return found


def site_name(place: Place) -> str:
    """A site in one line: its name and its city."""
    return ", ".join(part for part in (place.name, place.city, place.state or place.country) if part)

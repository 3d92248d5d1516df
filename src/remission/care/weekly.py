"""Medicines that published plans give once a week or less often: entered as daily, such a medicine is asked twice.

It knows no dose and decides nothing. A name written a little wrong is still asked about: asking once too often does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Set
from difflib import SequenceMatcher

from remission.care.drugs import drug_named, plain
from remission.home.notes import Values
from remission.home.typed import Doubt, Typed
from remission.knowledge.playbook import Weekly
from remission.knowledge.shelf import Shelf
from remission.record.problems import InputProblem, InputProblems

DAILY = ("daily", "twice-daily")
_UNKNOWN_ROUTES = ("", "other", "not-stated")
_ALIKE = 0.85  # from which share on two words of a name count as the same word written wrong
_LONG = 6  # letters from which on a word is long enough to be recognised in spite of a slip


def daily_doubt(shelf: Shelf, name: str, route: str, how_often: str) -> Weekly | None:
    """What the library knows of a medicine that is entered as daily though published plans give it weekly; None when nothing."""
    return weekly_by(shelf, name, route) if how_often in DAILY else None


def medicine_checked(shelf: Shelf, read: Typed, sure: Values) -> Typed:
    """A medicine as it was typed, with what its fields say together: a weekly one names its one weekday, and one that published
    plans give weekly is asked twice when it is entered as daily, or on several days of the week. `sure` holds what was confirmed.

    Raises `InputProblems`.
    """
    often, weekdays = read.values["how-often"], read.values.get("weekdays", "").split()
    if often in ("weekly", "some-days") and not weekdays:
        raise InputProblems([InputProblem("medicine-weekday-needed", where="weekdays")])
    if often == "weekly" and len(weekdays) > 1:
        raise InputProblems([InputProblem("medicine-one-weekday", where="weekdays")])
    as_daily = "daily" if len(weekdays) > 1 else often
    name = read.values["name"]
    if sure.get("how-often") == often or daily_doubt(shelf, name, read.values.get("route", ""), as_daily) is None:
        return read
    return Typed(read.values, (*read.doubts, Doubt("how-often", "medicine-doubt-daily", {"name": name}, (often, "weekly"))))


def weekly_by(shelf: Shelf, name: str, route: str) -> Weekly | None:
    """The weekly medicine that a name and a route mean.

    A route that was not said could be any of them; one that no published road uses for this medicine is no reason to ask less.
    """
    drug = drug_named(shelf, name)
    meant = [weekly for weekly in shelf.playbook.weekly if _is_meant(weekly, name, drug)]
    if not meant or route in _UNKNOWN_ROUTES:
        return meant[0] if meant else None
    used = published_routes(shelf).get(meant[0].drug, set())
    by_each = [_by_one_route(meant, used, one) for one in routes_of(route)]
    return by_each[0] if None not in by_each else None


def _by_one_route(meant: list[Weekly], used: Set[str], route: str) -> Weekly | None:
    found = next((weekly for weekly in meant if route in weekly.routes), None)
    return found or (None if route in used else meant[0])


def published_routes(shelf: Shelf) -> dict[str, set[str]]:
    """By which ways the published roads of the library give each medicine."""
    routes: dict[str, set[str]] = {}
    for protocol in shelf.protocols.values():
        for phase in protocol.phases:
            for given in phase.given:
                routes.setdefault(given.drug, set()).update(routes_of(given.route))
    return routes


def routes_of(route: str) -> tuple[str, ...]:
    """The single routes that a route may be: "vein-or-muscle" is a vein or a muscle."""
    return tuple(route.split("-or-"))


def _is_meant(weekly: Weekly, name: str, drug: str | None) -> bool:
    """Whether a name is that of a weekly medicine; one that is no known name is looked at word by word, with slips of the pen."""
    return weekly.drug == drug if drug else any(_names(name, known) for known in weekly.names)


def _names(written: str, known: str) -> bool:
    """Whether a known name stands in what was written, among a strength or a form, or nearly so."""
    words, wanted = _words(written), _words(known)
    places = range(len(words) - len(wanted) + 1)
    return any(all(map(_same, words[place : place + len(wanted)], wanted)) for place in places)


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", plain(name))


def _same(word: str, known: str) -> bool:
    if word == known:
        return True
    long_enough = min(len(word), len(known)) >= _LONG
    return long_enough and SequenceMatcher(None, word, known).ratio() >= _ALIKE

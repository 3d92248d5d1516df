"""Places: hospitals that are listed for trials of childhood ALL, the family's own first."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse

from remission.documents.trials_map import Place
from remission.documents.trials_told import HospitalTold
from remission.home.store import HomeFile
from remission.knowledge.model import Frozen, Lang
from remission.site.own import Own, own, whole
from remission.site.trial_desk import Desk, for_whom
from remission.trials.search import HospitalFound


class HospitalShown(Frozen, frozen=True):
    """A hospital on the list, and the open studies of the list that name it."""

    told: HospitalTold
    open_now: tuple[str, ...]


def places(request: HttpRequest, lang: Lang) -> HttpResponse:
    """Hospitals by distance."""
    return _places(Desk(request, lang))


@own
def my_places(own: Own) -> HttpResponse:
    """Hospitals by distance, the family's own first."""
    return _places(Desk(own.request, own.lang, own))


def _places(desk: Desk) -> HttpResponse:
    form = desk.form
    mine = [note for note in desk.whose.record.of("centre") if note.said("name")] if desk.whose else []
    hospitals = desk.trials.hospitals(form.spot, form.within, [note.said("name") for note in mine])
    turn = desk.turn(len(hospitals))
    told = desk.teller.places(hospitals, form.spot, form.within, 0)
    return desk.page(
        "places",
        form=form.shown(only_place=True),
        from_where=told.asked,
        places_note=told.note,
        count=len(hospitals),
        hospitals=[HospitalShown(desk.teller.hospital(each), each.open_now) for each in hospitals[turn.shown]],
        first_number=turn.shown.start + 1,
        mine=[(note, desk.teller.own_note(note.said("name"))) for note in mine],
        turn=turn,
        map=desk.map(_places_on_map(desk, hospitals[turn.shown]), form.within),
        children=desk.whose is None,
    )


def _places_on_map(desk: Desk, hospitals: Iterable[HospitalFound]) -> list[Place]:
    return [
        Place(
            name=each.hospital.name,
            city=desk.city_on_map(each.hospital),
            lat=each.hospital.lat or 0.0,
            lon=each.hospital.lon or 0.0,
            km=each.km,
            distance=desk.teller.distance(each.km, True),
        )
        for each in hospitals
        if each.km is not None
    ]


@whole
def places_mine(request: HttpRequest, lang: Lang, home: HomeFile) -> HttpResponse:
    """From the open page to the hospitals for the child."""
    return for_whom(request, lang, home, "my-places")

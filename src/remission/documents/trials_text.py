"""Studies and hospitals as plain text for a terminal, and as JSON for programs (docs/trials.md; schema: trials.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from remission.documents.answer_text import Style, plain
from remission.documents.show import wrapped
from remission.documents.trials_told import AnswerTold, CriterionTold, HospitalTold, PlacesTold, SnapshotTold, StudyTold
from remission.documents.wording import Wording
from remission.knowledge.model import Lang, Library
from remission.trials.search import Answer, Found, HospitalFound

SCHEMA_FILE = Path(__file__).with_name("trials.schema.json")
_ROLE = {"met": "decided", "not-met": "warning", "ask": "open"}


def answer_text(library: Library, told: AnswerTold, lang: Lang, style: Style = plain, changes: Iterable[str] = ()) -> str:
    """A whole answer: how old the list is first, then what changed, the studies, and what would tell more."""
    return _joined(_Printed(Wording(library, lang), style).answer(told, list(changes)))


def study_text(library: Library, told: StudyTold, snapshot: SnapshotTold, notice: str, lang: Lang, style: Style = plain) -> str:
    """One study with everything: all its places, and what the registry writes about who can join."""
    return _joined(_Printed(Wording(library, lang), style).whole(told, snapshot, notice))


def places_text(library: Library, told: PlacesTold, lang: Lang, style: Style = plain) -> str:
    """The hospitals near a place."""
    return _joined(_Printed(Wording(library, lang), style).places(told))


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


class _Printed:
    def __init__(self, words: Wording, style: Style):
        self.words, self.style = words, style

    def answer(self, told: AnswerTold, changes: list[str]) -> Iterator[str]:
        yield from self._snapshot(told.snapshot)
        yield from self._paragraphs(told.asked)
        yield from self._list(self.words.say("trial-changes"), changes)
        if told.before_treatment:
            yield from (*(self.style(line, "open") for line in wrapped(told.before_treatment, "", "")), "")
        yield from (*(self.style(line, "heading") for line in wrapped(told.heading, "", "")), "")
        for study in told.studies:
            yield from self.study(study)
        yield from self._paragraphs((told.shown_of, told.ruled_out_note))
        if told.ruled_out:
            yield from (self.style(self.words.say("trial-heading-ruled-out"), "heading"), "")
        for study in told.ruled_out:
            yield from self.study(study)
        questions = [f"{each.question} {each.how}" for each in told.questions]
        yield from self._list(self.words.say("trial-heading-questions"), questions)
        yield from self._paragraphs((self.words.say("trial-questions-how") if questions else "", told.notice, told.credit))

    def study(self, told: StudyTold) -> Iterator[str]:
        yield from (self.style(line, "heading") for line in wrapped(f"{told.id}  {told.title}", "  ", ""))
        for line in (f"{told.line}.", told.tests, f"{told.status}.", f"{told.ages}.", told.about, told.run_by):
            yield from wrapped(str(line), "      ", "  ") if line else ()
        for site in told.sites:
            where = ", ".join(part for part in (site.name, site.city) if part)
            rest = "; ".join(part for part in (site.distance, site.status, site.phone) if part)
            yield from wrapped(f"{where} – {rest}" if rest else where, "      ", "  · ")
        yield from wrapped(told.sites_more, "      ", "    ") if told.sites_more else ()
        for criterion in told.criteria:
            yield from self._criterion(criterion)
        yield from (*wrapped(told.record, "      ", "  "), "")

    def _criterion(self, told: CriterionTold) -> Iterator[str]:
        first, *rest = wrapped(f"{told.title}: {told.says}. {told.why}", "        ", f"    {_SIGN[told.verdict]} ")
        yield self.style(first, _ROLE[told.verdict])
        yield from rest

    def whole(self, told: StudyTold, snapshot: SnapshotTold, notice: str) -> Iterator[str]:
        yield from self._snapshot(snapshot)
        yield from self.study(told)
        yield from self._list(self.words.say("trial-heading-ask"), list(told.questions))
        yield self.style(self.words.say("trial-text"), "heading")
        yield from wrapped(self.words.say("trial-text-note" if told.text else "trial-text-none"), "", "")
        for part in told.text:
            yield from ("", self.style(part.heading, "heading"))
            for line in part.lines:
                yield from wrapped(line, "    ", "  · ")
        yield from ("", *wrapped(notice, "", ""))

    def places(self, told: PlacesTold) -> Iterator[str]:
        yield from self._snapshot(told.snapshot)
        yield from self._paragraphs(told.asked)
        yield from (self.style(told.heading, "heading"), *wrapped(told.note, "", ""), "")
        for hospital in told.hospitals:
            yield from self._hospital(hospital)
        yield from self._paragraphs((told.shown_of, self.words.say("places-second"), told.notice, told.credit))

    def _hospital(self, told: HospitalTold) -> Iterator[str]:
        name = f"{told.name} ({told.own})" if told.own else told.name
        yield from (self.style(line, "heading") for line in wrapped(name, "    ", "  "))
        for line in (" – ".join(part for part in (told.city, told.distance) if part), told.listed + ".", told.open_now, told.phone):
            yield from wrapped(line, "      ", "    ") if line else ()
        yield ""

    def _snapshot(self, told: SnapshotTold) -> Iterator[str]:
        yield from wrapped(told.told, "", "")
        for warning in told.warnings:
            yield from (self.style(line, "warning") if told.is_old else line for line in wrapped(warning, "", ""))
        yield ""

    def _list(self, heading: str, items: list[str]) -> Iterator[str]:
        if not items:
            return
        yield self.style(heading, "heading")
        for item in items:
            yield from wrapped(item, "    ", "  · ")
        yield ""

    def _paragraphs(self, told: Iterable[str]) -> Iterator[str]:
        lines = [line for each in told if each for line in wrapped(each, "", "")]
        yield from (*lines, "") if lines else ()


_SIGN = {"met": "+", "not-met": "–", "ask": "?"}


def answer_json(answer: Answer, told: AnswerTold) -> str:
    """An answer for programs: the values of the record beside the words, in the order in which they are shown."""
    studies = [_study(found, told_) for found, told_ in zip(answer.found, told.studies, strict=False)]
    ruled_out = [_study(found, told_) for found, told_ in zip(answer.ruled_out, told.ruled_out, strict=False)]
    near = answer.query.near
    return _json(
        {
            "snapshot": _snapshot(answer.snapshot.registry, answer.snapshot.taken, answer.snapshot.shipped, told.snapshot),
            "near": {"name": near.name.en, "lat": near.lat, "lon": near.lon, "by_zip": near.by_zip} if near else None,
            "within_km": _rounded(answer.query.within),
            "found": len(answer.found),
            "ruled_out": len(answer.ruled_out),
            "studies": studies,
            "ruled_out_studies": ruled_out,
            "asks": [msgspec.to_builtins(question) for question in told.questions],
            "before_treatment": told.before_treatment,
            "notice": told.notice,
            "credit": told.credit,
        }
    )


def study_json(found: Found, told: StudyTold, snapshot: dict[str, Any], notice: str) -> str:
    """One study for programs."""
    return _json({"snapshot": snapshot, "study": _study(found, told), "notice": notice})


def places_json(hospitals: tuple[HospitalFound, ...], told: PlacesTold, snapshot: dict[str, Any]) -> str:
    """Hospitals for programs."""
    listed = [
        {
            "name": found.hospital.name, "city": found.hospital.city, "state": found.hospital.state, "zip": found.hospital.zip,
            "country": found.hospital.country, "km": _rounded(found.km), "lat": found.hospital.lat, "lon": found.hospital.lon,
            "trials": list(found.hospital.trials), "open_studies": list(found.open_now), "phone": found.phone, "own": found.own,
            "distance": each.distance,
        }
        for found, each in zip(hospitals, told.hospitals, strict=False)
    ]  # fmt: skip
    return _json(
        {
            "snapshot": snapshot,
            "found": len(hospitals),
            "hospitals": listed,
            "note": told.note,
            "notice": told.notice,
            "credit": told.credit,
        }
    )


def snapshot_json(registry: str, taken: str, shipped: bool, told: SnapshotTold) -> dict[str, Any]:
    return _snapshot(registry, taken, shipped, told)


def _snapshot(registry: str, taken: str, shipped: bool, told: SnapshotTold) -> dict[str, Any]:
    return {
        "registry": registry, "taken": taken, "shipped": shipped, "days_old_at_least": told.days, "is_old": told.is_old,
        "told": told.told, "warnings": list(told.warnings),
    }  # fmt: skip


def _study(found: Found, told: StudyTold) -> dict[str, Any]:
    study, disease = found.study, found.disease
    return {
        "id": study.id, "title": study.title, "line": told.line, "status": study.status, "status_date": study.status_date or None,
        "status_date_is": study.status_date_is or None, "status_told": told.status, "phases": list(study.phases),
        "study_type": study.study_type, "conditions": list(study.conditions), "interventions": list(study.interventions),
        "minimum_age": _limit(study.minimum_age), "maximum_age": _limit(study.maximum_age), "age_groups": list(study.age_groups),
        "ages_told": told.ages, "sex": study.sex,
        "types": msgspec.to_builtins(disease),
        "criteria": [msgspec.to_builtins(criterion) for criterion in told.criteria], "questions": list(told.questions),
        "sites": [_site(site, told_) for site, told_ in zip(found.sites, told.sites, strict=False)],
        "sites_count": len(found.sites),
        "text": [msgspec.to_builtins(part) for part in told.text], "record": told.record,
    }  # fmt: skip


def _limit(limit: Any) -> dict[str, Any]:
    stated = limit.state == "stated"
    return {
        "state": limit.state, "amount": float(limit.amount) if stated else None, "unit": limit.unit if stated else None,
        "written": limit.written or None,
    }  # fmt: skip


def _site(site: Any, told: Any) -> dict[str, Any]:
    place = site.place
    return {
        "name": place.name, "city": place.city, "state": place.state, "zip": place.zip, "country": place.country,
        "km": _rounded(site.km), "distance": told.distance, "status": site.opening.status or None,
        "lat": place.lat, "lon": place.lon, "exact": place.exact, "phone": place.phone,
    }  # fmt: skip


def _rounded(km: float | None) -> float | None:
    return None if km is None else round(km, 1)


def _json(content: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"

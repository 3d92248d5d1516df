"""Studies and hospitals in words, in either language: what text, JSON and pages show. Nothing is added to what a record says."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from remission.documents.wording import Wording, grouped
from remission.knowledge.model import Frozen, Lang, Library
from remission.knowledge.trials import AgeLimit, Snapshot, Study
from remission.trials.changes import Change
from remission.trials.criteria import Criterion, Verdict
from remission.trials.geography import KM_PER_MILE, Spot
from remission.trials.search import Answer, Found, HospitalFound, SiteFound, Trials

_SAME_CITY_KM = 0.5
_PHASES = {"PHASE1": "1", "PHASE2": "2", "PHASE3": "3", "PHASE4": "4"}
SITES_SHOWN = 3
_CONDITIONS = 6


class CriterionTold(Frozen, frozen=True):
    """One criterion: how it stands, the reason, and what would settle it."""

    id: str
    title: str
    verdict: Verdict
    says: str
    why: str
    ask: tuple[str, ...] = ()


class SiteTold(Frozen, frozen=True):
    """A place: its name and city, how far, and its own status where the record has one."""

    name: str
    city: str
    distance: str = ""
    status: str = ""
    phone: str = ""
    lat: float | None = None
    lon: float | None = None


class LinesTold(Frozen, frozen=True):
    """The registry's own lines of one kind, as they stand."""

    heading: str
    lines: tuple[str, ...]


class Named(Frozen, frozen=True):
    """What the registry names in its own English, and the label in front of it in the language of the reader."""

    label: str
    value: str

    def __str__(self) -> str:
        return f"{self.label} {self.value}"


class StudyTold(Frozen, frozen=True):
    """A study in words. `line` says in plain words what it is; the title is the registry's own."""

    id: str
    title: str
    line: str
    tests: Named | None
    about: Named | None
    run_by: Named | None
    status: str
    ages: str
    sites: tuple[SiteTold, ...]
    sites_more: str
    criteria: tuple[CriterionTold, ...]
    questions: tuple[str, ...]
    record: str
    text: tuple[LinesTold, ...] = ()


class SnapshotTold(Frozen, frozen=True):
    """Which list this is, how old, and what it lacks. `is_old` marks the warning that must stand first."""

    told: str
    warnings: tuple[str, ...]
    days: int
    is_old: bool


class QuestionTold(Frozen, frozen=True):
    """A fact that would tell more: the question, why it is asked, and how the command takes it."""

    fact: str
    question: str
    plain: str
    how: str


class AnswerTold(Frozen, frozen=True):
    """A whole answer."""

    snapshot: SnapshotTold
    asked: tuple[str, ...]
    heading: str
    studies: tuple[StudyTold, ...]
    shown_of: str
    ruled_out_note: str
    ruled_out: tuple[StudyTold, ...]
    questions: tuple[QuestionTold, ...]
    before_treatment: str
    notice: str
    credit: str


class HospitalTold(Frozen, frozen=True):
    """A hospital in words."""

    name: str
    city: str
    distance: str
    listed: str
    open_now: str
    phone: str
    own: str = ""
    lat: float | None = None
    lon: float | None = None


class PlacesTold(Frozen, frozen=True):
    """The hospitals near a place."""

    snapshot: SnapshotTold
    asked: tuple[str, ...]
    heading: str
    note: str
    hospitals: tuple[HospitalTold, ...]
    shown_of: str
    notice: str
    credit: str


def snapshot_age(snapshot: Snapshot, today: date) -> int:
    """How many days old a snapshot is at least: from the last day that its date can mean."""
    parts = [int(part) for part in snapshot.taken.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    last = date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])
    return max(0, (today - last).days)


class TrialsTeller:
    """Tells in one language what was found in one snapshot, today. `near` says whether distances are in miles or in kilometers."""

    def __init__(self, library: Library, trials: Trials, lang: Lang, today: date, near: Spot | None = None):
        self.library, self.trials, self.lang, self.today = library, trials, lang, today
        self.in_miles = near is None or near.country in trials.known.registry.miles_in
        self.words = Wording(library, lang)
        self.facts = trials.comparison.library.facts

    def snapshot(self) -> SnapshotTold:
        """Which list it is. Past the days that the knowledge allows, a warning comes first."""
        snapshot, registry = self.trials.snapshot, self.trials.known.registry
        days = snapshot_age(snapshot, self.today)
        is_old = days > registry.old_after_days
        word = "trial-from-day" if snapshot.taken.count("-") == 2 else "trial-from"
        warnings = [self.words.say("trial-old", days=days), self.words.say("trial-old-how")] if is_old else []
        warnings += [self.words.say("trial-day-unknown")] * (snapshot.taken.count("-") < 2)
        warnings += [self.words.say("trial-no-limits-here")] * snapshot.shipped
        told = self.words.say(word, registry=snapshot.registry, taken=self.day(snapshot.taken))
        return SnapshotTold(told, tuple(warnings), days, is_old)

    def answer(self, answer: Answer, limit: int, with_ruled_out: bool = False) -> AnswerTold:
        """Everything about a search: at most `limit` studies, those that are ruled out only when asked for."""
        shown = answer.found[:limit]
        count, ruled_out = len(answer.found), answer.ruled_out[:limit] if with_ruled_out else ()
        some = len(answer.ruled_out) and not with_ruled_out
        return AnswerTold(
            snapshot=self.snapshot(),
            asked=self.from_where(answer.query.near, answer.query.within),
            heading=self._heading(count),
            studies=tuple(self.study(found, answer.query.near is not None) for found in shown),
            shown_of=self.words.say("trial-shown", shown=len(shown), count=count) if len(shown) < count else "",
            ruled_out_note=self.words.say("trial-ruled-out", count=len(answer.ruled_out)) if some else "",
            ruled_out=tuple(self.study(found, answer.query.near is not None) for found in ruled_out),
            questions=tuple(self.question(fact) for fact in answer.asks),
            before_treatment=self.before_treatment(shown),
            notice=self.words.say("trial-notice"),
            credit=self.words.say("trial-credit"),
        )

    def places(
        self, hospitals: tuple[HospitalFound, ...], near: Spot | None, within: float | None, limit: int, own: Iterable[str] = ()
    ) -> PlacesTold:
        """The hospitals, the family's own first; of a name in `own` that none bears, or many do, that."""
        shown = hospitals[:limit]
        return PlacesTold(
            snapshot=self.snapshot(),
            asked=(*self.from_where(near, within), *filter(None, map(self.own_note, own))),
            heading=self.words.say("places-heading"),
            note=self.words.say("places-note") if hospitals else self.words.say("places-none"),
            hospitals=tuple(map(self.hospital, shown)),
            shown_of=self.words.say("trial-shown", shown=len(shown), count=len(hospitals)) if len(shown) < len(hospitals) else "",
            notice=self.words.say("trial-notice"),
            credit=self.words.say("trial-credit"),
        )

    def own_note(self, name: str) -> str:
        """Why no hospital stands first as the family's own of this name; empty when one does."""
        if self.trials.is_general(name):
            return self.words.say("places-own-general", name=name)
        return "" if self.trials.called(name) else self.words.say("places-own-none", name=name)

    def hospital(self, found: HospitalFound) -> HospitalTold:
        hospital, count = found.hospital, len(found.hospital.trials)
        listed = self.words.say("places-listed-one") if count == 1 else self.words.say("places-listed", count=count)
        return HospitalTold(
            name=hospital.name,
            city=self.city(hospital.city, hospital.state, hospital.zip, country=hospital.country),
            distance=self.distance(found.km, hospital.lat is not None),
            listed=listed,
            open_now=self.words.say("places-open", studies=", ".join(found.open_now)) if found.open_now else "",
            phone=self.words.say("places-phone", phone=found.phone) if found.phone else self.words.say("places-phone-none"),
            own=self.words.say("places-own") if found.own else "",
            lat=hospital.lat,
            lon=hospital.lon,
        )

    def study(self, found: Found, with_distances: bool, whole: bool = False) -> StudyTold:
        """A study; `whole` adds every place and what the registry writes about who can join."""
        study = found.study
        sites = found.sites if whole else found.sites[:SITES_SHOWN]
        criteria = tuple(self.criterion(criterion, study) for criterion in found.criteria)
        return StudyTold(
            id=study.id,
            title=study.title,
            line=self.kind(study),
            tests=self._named("trial-tests", study.interventions),
            about=self._named("trial-about", study.conditions[:_CONDITIONS]),
            run_by=self._named("trial-run-by", (study.sponsor,)),
            status=self.status(study),
            ages=self.words.say("trial-ages", ages=self.ages(study)),
            sites=tuple(map(self._site, sites)),
            sites_more=self._more(found, len(sites), with_distances),
            criteria=criteria,
            questions=tuple(self.words.say(f"trial-question-{told.id}") for told in criteria if told.verdict == "ask"),
            record=self.words.say("trial-record", address=self.trials.known.registry.record.format(id=study.id)),
            text=self._text(study) if whole else (),
        )

    def _named(self, word: str, names: Iterable[str]) -> Named | None:
        value = ", ".join(filter(None, names))
        return Named(self.words.say(word), value) if value else None

    def city(self, *parts: str, country: str) -> str:
        """A city with its state, and its country in the language of the reader."""
        named = self.trials.spanish_countries.get(country, country) if self.lang == "es" else country
        return ", ".join(part for part in (*parts, named) if part)

    def criterion(self, criterion: Criterion, study: Study) -> CriterionTold:
        asked = dict.fromkeys("age_today" if fact.startswith("age_") else fact for fact in criterion.ask)
        return CriterionTold(
            id=criterion.id,
            title=self.words.say(f"trial-criterion-{criterion.id}"),
            verdict=criterion.verdict,
            says=self.words.say(f"trial-{criterion.verdict}"),
            why=self.words.say(criterion.why, limits=self.ages(study)),
            ask=tuple(self.facts[fact].question.in_(self.lang) for fact in asked),
        )

    def question(self, fact: str) -> QuestionTold:
        """A fact that is not known yet, as a question."""
        word = f"trial-tell-{fact}"
        how = self.words.say(word) if word in self.library.words else self.words.say("trial-tell-other", fact=fact)
        definition = self.facts[fact]
        return QuestionTold(fact, definition.question.in_(self.lang), definition.plain.in_(self.lang), how)

    def kind(self, study: Study) -> str:
        """What kind of study it is, and its phase, in plain words."""
        known = f"trial-type-{study.purpose}" if study.study_type == "INTERVENTIONAL" and study.purpose else ""
        word = known if known in self.library.words else f"trial-type-{study.study_type}"
        kind = self.words.say(word if word in self.library.words else "trial-type-")
        return f"{kind}, {self._phase(study)}" if study.study_type != "OBSERVATIONAL" else kind

    def _phase(self, study: Study) -> str:
        if "EARLY_PHASE1" in study.phases:
            return self.words.say("trial-phase-early")
        numbers = [_PHASES[phase] for phase in study.phases if phase in _PHASES]
        return self.words.say("trial-phase", phase="/".join(numbers)) if numbers else self.words.say("trial-phase-none")

    def status(self, study: Study) -> str:
        """The status with its date; where the record has none, the list's own date is said instead."""
        word = f"trial-status-{study.status}"
        named = self.words.say(word) if word in self.library.words else self.words.say("trial-status-other", status=study.status)
        if study.status_date:
            dated = self.words.say(f"trial-dated-{study.status_date_is or 'updated'}", day=self.day(study.status_date))
        else:
            dated = self.words.say("trial-dated-none", taken=self.day(self.trials.snapshot.taken))
        return self.words.say("trial-status", status=f"{named} ({dated})")

    def site_status(self, status: str) -> str:
        word = f"trial-status-{status}"
        return self.words.say(word) if word in self.library.words else self.words.say("trial-status-other", status=status)

    def ages(self, study: Study) -> str:
        """The limits of age: what the record says, and where it says nothing, that."""
        low, high = study.minimum_age, study.maximum_age
        odd = next((limit.written for limit in (low, high) if limit.state == "unknown" and limit.written), "")
        if low.state == high.state == "none":
            return self.words.say("trial-ages-any")
        if low.state == high.state == "unknown":
            return self._no_limits(study, odd)
        told = f"{self._low(low)}, {self._high(high)}"
        return f"{told}; {self.words.say('trial-ages-odd', written=odd)}" if odd else told

    def _no_limits(self, study: Study, odd: str) -> str:
        if odd:
            return self.words.say("trial-ages-odd", written=odd)
        groups = [
            self.words.say(f"trial-group-{group}") for group in study.age_groups if f"trial-group-{group}" in self.library.words
        ]
        return self.words.say("trial-ages-group", groups=", ".join(groups)) if groups else self.words.say("trial-ages-unknown")

    def _low(self, limit: AgeLimit) -> str:
        if limit.state != "stated":
            return self.words.say("trial-ages-no-low" if limit.state == "none" else "trial-ages-low-unknown")
        return self.words.say("trial-ages-low", low=self._span(limit))

    def _high(self, limit: AgeLimit) -> str:
        if limit.state != "stated":
            return self.words.say("trial-ages-no-high" if limit.state == "none" else "trial-ages-high-unknown")
        if limit.unit == "years":
            whole = int(limit.amount)
            return self.words.say("trial-ages-high-years", high=whole, next=whole + 1)
        return self.words.say("trial-ages-high", high=self._span(limit))

    def _span(self, limit: AgeLimit) -> str:
        unit = limit.unit.removesuffix("s") if limit.amount == 1 else limit.unit
        return f"{grouped(limit.amount)} {self.words.say(f'unit-{unit}')}"

    def day(self, written: str) -> str:
        """A date that may be known to the month or year only."""
        parts = [int(part) for part in written.split("-")] if written else []
        if len(parts) == 3:
            return self.words.day(date(*parts))
        if len(parts) == 2:
            return f"{self.words.say('months').split()[parts[1] - 1]} {parts[0]}" if self.lang == "en" else self._month(parts)
        return written

    def _month(self, parts: list[int]) -> str:
        return f"{self.words.say('months').split()[parts[1] - 1]} de {parts[0]}"

    def distance(self, km: float | None, is_located: bool) -> str:
        """A distance in the unit of the place that was asked from; that it is not known, where the site has no coordinates."""
        if km is None:
            return "" if is_located else self.words.say("trial-site-not-located")
        if km < _SAME_CITY_KM:
            return self.words.say("trial-site-same-city")
        return self.length(km, self.in_miles)

    def length(self, km: float, in_miles: bool) -> str:
        count = round(km / KM_PER_MILE if in_miles else km)
        if count < 1:
            return self.words.say("trial-distance-short", distance=self.length(KM_PER_MILE if in_miles else 1.0, in_miles))
        if in_miles and count == 1:
            return self.words.say("trial-distance-mi-one")
        return self.words.say("trial-distance-mi" if in_miles else "trial-distance-km", count=grouped(Decimal(count)))

    def change(self, change: Change) -> str:
        """One change as a sentence."""
        return self.words.say(
            f"trial-changed-{change.what}", title=change.title, study=change.study, site=change.site,
            after=self.site_status(change.after), before=self.site_status(change.before),
        )  # fmt: skip

    def _site(self, found: SiteFound) -> SiteTold:
        place = found.place
        return SiteTold(
            name=place.name or self.words.say("trial-site-nameless"),
            city=self.city(place.city, place.state, country=place.country),
            distance=self.distance(found.km, place.lat is not None),
            status=self.site_status(found.opening.status) if found.opening.status else "",
            phone=place.phone,
            lat=place.lat,
            lon=place.lon,
        )

    def _more(self, found: Found, shown: int, with_distances: bool) -> str:
        if not found.sites:
            return self.words.say("trial-sites-none")
        rest = len(found.sites) - shown
        return self.words.say("trial-sites-more" if with_distances else "trial-sites-more-all", count=rest) if rest else ""

    def _text(self, study: Study) -> tuple[LinesTold, ...]:
        kinds = ("inclusion", "exclusion", "other")
        by_kind = {kind: tuple(line.text for line in study.criteria if line.kind == kind) for kind in kinds}
        return tuple(LinesTold(self.words.say(f"trial-text-{kind}"), lines) for kind, lines in by_kind.items() if lines)

    def _heading(self, count: int) -> str:
        if count < 2:
            return self.words.say("trial-found-one" if count else "trial-found-none")
        return self.words.say("trial-found", count=count)

    def from_where(self, near: Spot | None, within: float | None) -> tuple[str, ...]:
        """The place from which distances are told, and how they are measured; nothing where none was asked for."""
        if near is None:
            return ()
        word, distance = "trial-near-any", ""
        if within is not None:
            word, distance = "trial-near", self.length(within, self.in_miles)
        zip_note = [self.words.say("trial-zip-is-city")] if near.by_zip else []
        return (
            self.words.say(word, place=near.name.in_(self.lang), distance=distance),
            *zip_note,
            self.words.say("trial-city-distance"),
        )

    def before_treatment(self, shown: Iterable[Found]) -> str:
        """That some trials are only open before treatment starts, where one of them may be; not once it is known to have begun."""
        may_be = any((c := found.criterion("before")) is not None and c.why != "trial-why-before-begun" for found in shown)
        return self.words.say("trial-before-first") if may_be else ""

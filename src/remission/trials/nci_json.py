"""The JSON of NCI's Clinical Trials Search API: conditions with NCIt codes, the status of each site, age limits in figures.

Only what belongs to a house is read. A telephone number is taken where NCI enters it for the public or for the hospital, never one
that stands beside a person's name.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from remission.knowledge.trials import AgeLimit, CriterionLine, Place, Study
from remission.trials.ages import read_limit
from remission.trials.collecting import Record, Sited
from remission.trials.csv_export import day_of, house, organisation
from remission.trials.geography import on_earth
from remission.trials.lenient import decoded

_STATUS = {
    "active": "RECRUITING", "approved": "NOT_YET_RECRUITING", "in review": "NOT_YET_RECRUITING",
    "enrolling by invitation": "ENROLLING_BY_INVITATION", "closed to accrual": "ACTIVE_NOT_RECRUITING",
    "closed to accrual and intervention": "ACTIVE_NOT_RECRUITING", "temporarily closed to accrual": "SUSPENDED",
    "temporarily closed to accrual and intervention": "SUSPENDED",
    "administratively complete": "TERMINATED", "complete": "COMPLETED",
    "completed": "COMPLETED", "withdrawn": "WITHDRAWN",
}  # fmt: skip
_PHASES = {
    "0": ("EARLY_PHASE1",), "i": ("PHASE1",), "ii": ("PHASE2",), "iii": ("PHASE3",), "iv": ("PHASE4",),
    "i_ii": ("PHASE1", "PHASE2"), "ii_iii": ("PHASE2", "PHASE3"),
}  # fmt: skip
_TYPES = {"interventional": "INTERVENTIONAL", "non-interventional": "OBSERVATIONAL", "observational": "OBSERVATIONAL"}
_PUBLIC = "site public contact"
_OLDEST = 999  # the figure by which NCI says that there is no limit


class _Coordinates(msgspec.Struct, frozen=True):
    lat: float | None = None
    lon: float | None = None


class _Site(msgspec.Struct, frozen=True):
    org_name: str | None = None
    org_city: str | None = None
    org_state_or_province: str | None = None
    org_country: str | None = None
    org_postal_code: str | None = None
    org_phone: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    org_coordinates: _Coordinates | None = None
    recruitment_status: str | None = None
    recruitment_status_date: str | None = None


class _Disease(msgspec.Struct, frozen=True):
    name: str | None = None
    display_name: str | None = None
    preferred_name: str | None = None
    nci_thesaurus_concept_id: str | None = None
    inclusion_indicator: str | None = None


class _Structured(msgspec.Struct, frozen=True):
    gender: str | None = None
    sex: str | None = None
    min_age: str | None = None
    max_age: str | None = None
    min_age_number: float | None = None
    max_age_number: float | None = None
    min_age_unit: str | None = None
    max_age_unit: str | None = None
    accepts_healthy_volunteers: bool | None = None


class _Line(msgspec.Struct, frozen=True):
    description: str = ""
    inclusion_indicator: bool | None = None
    display_order: int = 0


class _Eligibility(msgspec.Struct, frozen=True):
    structured: _Structured | None = None
    unstructured: tuple[_Line, ...] | None = None


class _NciStudy(msgspec.Struct, frozen=True):
    nct_id: str
    brief_title: str = ""
    official_title: str | None = None
    acronym: str | None = None
    brief_summary: str | None = None
    current_trial_status: str | None = None
    current_trial_status_date: str | None = None
    start_date: str | None = None
    completion_date: str | None = None
    lead_org: str | None = None
    phase: Any = None
    primary_purpose: Any = None
    study_protocol_type: str | None = None
    accepts_healthy_volunteers_indicator: str | None = None
    minimum_target_accrual_number: int | None = None
    diseases: tuple[_Disease, ...] | None = None
    eligibility: _Eligibility | None = None
    arms: Any = None
    sites: tuple[_Site, ...] | None = None


def read_nci_record(raw: bytes | msgspec.Raw) -> Record:
    """One record of NCI. Raises `msgspec.MsgspecError` when it is none."""
    given = decoded(raw, _NciStudy)
    diseases = [disease for disease in given.diseases or () if (disease.inclusion_indicator or "TRIAL").upper() == "TRIAL"]
    eligibility = given.eligibility or _Eligibility()
    limits = eligibility.structured
    since = day_of((given.current_trial_status_date or "")[:10])
    study = Study(
        id=given.nct_id, title=given.brief_title or given.official_title or given.nct_id, official_title=given.official_title or "",
        acronym=given.acronym or "", status=_STATUS.get((given.current_trial_status or "").lower(), "UNKNOWN"), status_date=since,
        status_date_is="status" if since else "", conditions=tuple(dict.fromkeys(filter(None, map(_name, diseases)))),
        codes=tuple(dict.fromkeys(d.nci_thesaurus_concept_id for d in diseases if d.nci_thesaurus_concept_id)),
        interventions=_interventions(given.arms), summary=(given.brief_summary or "").strip(),
        sponsor=organisation(given.lead_org or "", ""), phases=_phases(given.phase),
        study_type=_TYPES.get((given.study_protocol_type or "").lower(), ""), purpose=_purpose(given.primary_purpose),
        enrollment=given.minimum_target_accrual_number, start=day_of((given.start_date or "")[:10]),
        completion=day_of((given.completion_date or "")[:10]), sex=_sex(limits), minimum_age=_limit(limits, "min"),
        maximum_age=_limit(limits, "max"), healthy_volunteers=_healthy(given, limits), criteria=_lines(eligibility.unstructured),
    )  # fmt: skip
    return Record(study, tuple(_sited(site) for site in given.sites or ()))


def _name(disease: _Disease) -> str:
    return disease.name or disease.display_name or disease.preferred_name or ""


def _limit(limits: _Structured | None, end: str) -> AgeLimit:
    """A limit from its number and unit, or as it is written. 999 years (0 at the lower end) is how NCI says that there is none."""
    number = getattr(limits, f"{end}_age_number", None)
    unit = getattr(limits, f"{end}_age_unit", None)
    written = f"{number:g} {unit}" if number is not None and unit else getattr(limits, f"{end}_age", None)
    if number is not None and (number >= _OLDEST or (end == "min" and number == 0)):
        return AgeLimit(state="none", written=written or "")
    return read_limit(written)


def _sex(limits: _Structured | None) -> str:
    said = ((limits and (limits.sex or limits.gender)) or "").upper()
    return "ALL" if said in ("BOTH", "ALL") else said if said in ("MALE", "FEMALE") else ""


def _healthy(given: _NciStudy, limits: _Structured | None) -> Any:
    said = limits.accepts_healthy_volunteers if limits else None
    if said is None:
        return {"YES": "yes", "NO": "no"}.get((given.accepts_healthy_volunteers_indicator or "").upper(), "")
    return "yes" if said else "no"


def _lines(lines: tuple[_Line, ...] | None) -> tuple[CriterionLine, ...]:
    ordered = sorted(lines or (), key=lambda line: line.display_order)
    return tuple(
        CriterionLine(_kind(line.inclusion_indicator), " ".join(line.description.split()))
        for line in ordered
        if line.description.strip()
    )


def _kind(included: bool | None) -> Any:
    return "other" if included is None else "inclusion" if included else "exclusion"


def _phases(phase: Any) -> tuple[str, ...]:
    name = phase.get("phase") if isinstance(phase, dict) else phase
    return _PHASES.get(str(name or "").lower().replace("/", "_"), ())


def _purpose(purpose: Any) -> str:
    name = purpose.get("primary_purpose_code") if isinstance(purpose, dict) else purpose
    return str(name or "").upper().replace(" ", "_")


def _interventions(arms: Any) -> tuple[str, ...]:
    listed = (
        [each for arm in arms if isinstance(arm, dict) for each in arm.get("interventions") or ()] if isinstance(arms, list) else []
    )
    names = [each.get("intervention_name") or each.get("name") for each in listed if isinstance(each, dict)]
    return tuple(dict.fromkeys(str(name) for name in names if name))


def _sited(site: _Site) -> Sited:
    at = site.org_coordinates or _Coordinates()
    is_sound = on_earth(at.lat, at.lon)
    is_public = (site.contact_name or "").strip().lower() == _PUBLIC
    place = Place(
        name=house(site.org_name or ""), city=site.org_city or "", state=site.org_state_or_province or "",
        zip=site.org_postal_code or "",
        country=site.org_country or "", lat=at.lat if is_sound else None, lon=at.lon if is_sound else None, exact=is_sound,
        phone=site.org_phone or (site.contact_phone if is_public else "") or "",
    )  # fmt: skip
    status = re.sub(r"\s+", " ", site.recruitment_status or "").lower().replace("_", " ")
    return Sited(place, _STATUS.get(status, "UNKNOWN" if status else ""), day_of((site.recruitment_status_date or "")[:10]))

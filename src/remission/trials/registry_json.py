"""ClinicalTrials.gov's own JSON (API v2): one record to one study. What names a person, contacts above all, is not even read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from remission.knowledge.trials import AgeLimit, CriterionLine, Place, Study
from remission.trials.ages import read_limit
from remission.trials.collecting import Record, Sited
from remission.trials.csv_export import day_of, house, organisation
from remission.trials.geography import on_earth
from remission.trials.lenient import decoded


class _Loose(msgspec.Struct, frozen=True, rename="camel"):
    """A part of a record: what is not named here is passed over."""


class _Dated(_Loose, frozen=True):
    date: str = ""


class _Identification(_Loose, frozen=True):
    nct_id: str
    brief_title: str = ""
    official_title: str = ""
    acronym: str = ""


class _Status(_Loose, frozen=True):
    overall_status: str = ""
    status_verified_date: str = ""
    start_date_struct: _Dated = _Dated()
    completion_date_struct: _Dated = _Dated()
    last_update_post_date_struct: _Dated = _Dated()


class _Sponsor(_Loose, frozen=True):
    name: str = ""
    class_: str = msgspec.field(default="", name="class")


class _Sponsors(_Loose, frozen=True):
    lead_sponsor: _Sponsor = _Sponsor()


class _Description(_Loose, frozen=True):
    brief_summary: str = ""


class _Conditions(_Loose, frozen=True):
    conditions: tuple[str, ...] = ()


class _DesignInfo(_Loose, frozen=True):
    primary_purpose: str = ""


class _Enrollment(_Loose, frozen=True):
    count: int | None = None


class _Design(_Loose, frozen=True):
    study_type: str = ""
    phases: tuple[str, ...] = ()
    design_info: _DesignInfo = _DesignInfo()
    enrollment_info: _Enrollment = _Enrollment()


class _Intervention(_Loose, frozen=True):
    name: str = ""


class _Arms(_Loose, frozen=True):
    interventions: tuple[_Intervention, ...] = ()


class _Eligibility(_Loose, frozen=True):
    eligibility_criteria: str = ""
    healthy_volunteers: bool | None = None
    sex: str = ""
    minimum_age: str | None = None
    maximum_age: str | None = None
    std_ages: tuple[str, ...] = ()


class _Point(_Loose, frozen=True):
    lat: float | None = None
    lon: float | None = None


class _Location(_Loose, frozen=True):
    facility: str = ""
    status: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    geo_point: _Point | None = None


class _Locations(_Loose, frozen=True):
    locations: tuple[_Location, ...] = ()


class _Protocol(_Loose, frozen=True):
    identification_module: _Identification
    status_module: _Status = _Status()
    sponsor_collaborators_module: _Sponsors = _Sponsors()
    description_module: _Description = _Description()
    conditions_module: _Conditions = _Conditions()
    design_module: _Design = _Design()
    arms_interventions_module: _Arms = _Arms()
    eligibility_module: _Eligibility | None = None
    contacts_locations_module: _Locations = _Locations()


class _RegistryStudy(_Loose, frozen=True):
    protocol_section: _Protocol


class Page(_Loose, frozen=True):
    """A page of an answer: its records unread, so that one that is broken does not spoil the others."""

    studies: tuple[msgspec.Raw, ...]
    next_page_token: str | None = None
    total_count: int | None = None


def read_record(raw: bytes | msgspec.Raw) -> Record:
    """One record. Raises `msgspec.MsgspecError` when it is none."""
    protocol = decoded(raw, _RegistryStudy).protocol_section
    identification, status, design = protocol.identification_module, protocol.status_module, protocol.design_module
    sponsor, eligibility = protocol.sponsor_collaborators_module.lead_sponsor, protocol.eligibility_module or _Eligibility()
    updated, verified = day_of(status.last_update_post_date_struct.date), day_of(status.status_verified_date)
    study = Study(
        id=identification.nct_id, title=identification.brief_title or identification.official_title or identification.nct_id,
        official_title=identification.official_title, acronym=identification.acronym, status=status.overall_status,
        status_date=updated or verified, status_date_is="updated" if updated else "verified" if verified else "",
        conditions=protocol.conditions_module.conditions, summary=protocol.description_module.brief_summary.strip(),
        interventions=tuple(dict.fromkeys(each.name for each in protocol.arms_interventions_module.interventions if each.name)),
        sponsor=organisation(sponsor.name, sponsor.class_), phases=tuple(phase for phase in design.phases if phase != "NA"),
        study_type=design.study_type, purpose=design.design_info.primary_purpose, enrollment=design.enrollment_info.count,
        start=day_of(status.start_date_struct.date), completion=day_of(status.completion_date_struct.date), sex=eligibility.sex,
        minimum_age=_limit(eligibility.minimum_age, "CHILD", eligibility.std_ages),
        maximum_age=_limit(eligibility.maximum_age, "OLDER_ADULT", eligibility.std_ages),
        age_groups=eligibility.std_ages, healthy_volunteers=_said(eligibility.healthy_volunteers),
        criteria=criterion_lines(eligibility.eligibility_criteria),
    )  # fmt: skip
    return Record(study, tuple(map(_sited, protocol.contacts_locations_module.locations)))


def _limit(written: str | None, group: str, groups: tuple[str, ...]) -> AgeLimit:
    """A limit. The registry leaves the field out where there is none; that is believed only if its age groups agree."""
    return AgeLimit(state="none") if written is None and group in groups else read_limit(written)


def _said(answer: bool | None) -> Literal["", "yes", "no"]:
    return "" if answer is None else "yes" if answer else "no"


def _sited(location: _Location) -> Sited:
    point = location.geo_point or _Point()
    is_sound = on_earth(point.lat, point.lon)
    place = Place(
        name=house(location.facility), city=location.city, state=location.state, zip=location.zip, country=location.country,
        lat=point.lat if is_sound else None, lon=point.lon if is_sound else None, exact=is_sound,
    )  # fmt: skip
    return Sited(place, location.status)


_HEADING = re.compile(r"(?i)^\W*(?:key |main |major |general )?(?P<kind>inclusion|exclusion)\b[^.]{0,60}?:?\W*$")
_ESCAPED = re.compile(r"\\([<>\[\]()*_~#+.-])")  # the registry's markup puts a backslash before signs that are meant
_BULLET = re.compile(r"^\s*(?:[*•·▪‣–-]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")


def criterion_lines(text: str) -> tuple[CriterionLine, ...]:
    """What a registry writes about who may join, line by line under its headings. Nothing in it is read as met or not met."""
    kind, lines = "other", []
    for line in text.replace("\r", "\n").split("\n"):
        bare = line.strip()
        heading = _HEADING.match(bare)
        if heading:
            kind = heading["kind"].lower()
        elif bare:
            lines.append((kind, _ESCAPED.sub(r"\1", _BULLET.sub("", bare))))
    return tuple(CriterionLine(kind, line) for kind, line in lines)  # type: ignore[arg-type]


def read_records(raws: tuple[msgspec.Raw, ...]) -> Iterator[Record | None]:
    """Each record of a page, None for one that cannot be read."""
    for raw in raws:
        try:
            record = read_record(raw)
        except msgspec.MsgspecError:
            yield None
            continue
        yield record if re.fullmatch(r"NCT\d{8}", record.study.id) else None

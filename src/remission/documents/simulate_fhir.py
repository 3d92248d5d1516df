"""Virtual children as FHIR R4: lines of NDJSON by kind of resource, or one child's Bundle. Every resource is marked as test data.

A resource that is written by the million is a line put together from parts made once; the others are built and encoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import isfinite, isnan
from typing import Any

import msgspec

from remission import __version__
from remission.documents import simulate_codes as codes
from remission.documents.simulate_codes import Coding, OwnCode
from remission.documents.simulate_visits import Phase, Seeing, Seen
from remission.simulate.outcomes import MARROW, RELAPSE, SPINAL, TESTIS
from remission.simulate.roads import DAYS_A_YEAR

Json = dict[str, Any]
KINDS = ("Patient", "Condition", "Observation", "MedicationRequest", "MedicationStatement", "CarePlan", "Provenance")
EVENTS = ("none", "induction-failure", "relapse", "death-of-treatment", "other-event")
RECORDED = "2026-01-01T00:00:00Z"  # one fixed moment: the same seed gives the same bytes
_META = {"security": [codes.TEST_DATA]}
_COUNTED = ((codes.WHITE, "10*9/L"), (codes.NEUTROPHILS, "10*9/L"), (codes.PLATELETS, "10*9/L"), (codes.HEMOGLOBIN, "g/dL"))
_CONDITION = "http://terminology.hl7.org/CodeSystem/condition-"
_ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
_MONTH = DAYS_A_YEAR / 12
_VALUE = '","valueQuantity":{"value":'
_MARROW = ((codes.MARROW_START, "blasts_start", 0), (codes.MARROW_8, "blasts_8", 7), (codes.MARROW_15, "blasts_15", 14),
           (codes.MARROW_29, "blasts_29", 28))  # fmt: skip


class Writer:
    """Writes the children of one run."""

    def __init__(self, seeing: Seeing):
        self.seeing = seeing
        self.limit = seeing.run.numbers.mrd_limit * 100
        self.version = seeing.run.simulation.version
        schedule = seeing.run.simulation.schedule
        self.names = {phase.id: phase.name.en for phase in schedule.phases}
        self.roads = {road.id: road.name.en for road in schedule.roads}
        self._counts = [_count_parts(coding, unit) for coding, unit in _COUNTED]

    @property
    def limit_told(self) -> str:
        """What the MRD test can find, as a person would write it."""
        return f"{_plain(self.limit)} %"

    def lines(self, child: Seen) -> Iterator[tuple[str, str]]:
        """Every resource of a child as its kind and its JSON."""
        who = self.name(child)
        yield "Patient", _json(self._patient(child, who))
        for condition in self._conditions(child, who):
            yield "Condition", _json(condition)
        yield "Observation", "\n".join((*(_json(one) for one in self._findings(child, who)), *self._blood(child, who)))
        for kind, resource in self._medicine(child, who):
            yield kind, _json(resource)
        yield "CarePlan", _json(self._plan(child, who))
        yield "Provenance", _json(self._provenance(child, who))

    def bundle(self, child: Seen) -> str:
        """A Bundle (a collection) with everything of one child."""
        texts = [line for _, text in self.lines(child) for line in text.split("\n")]
        entries = []
        for text in texts:
            head = msgspec.json.decode(text, type=_Head)
            entries.append({"fullUrl": f"{codes.OWN}/{head.resource_type}/{head.id}", "resource": msgspec.Raw(text.encode())})
        bundle = {"resourceType": "Bundle", "meta": _META, "type": "collection", "timestamp": RECORDED, "entry": entries}
        return msgspec.json.format(msgspec.json.encode(bundle), indent=1).decode() + "\n"

    def name(self, child: Seen) -> str:
        """The id of a child: the seed and its number."""
        return f"virtual-{self.seeing.setting.seed}-{child.number}"

    # --- who, and what it has ---------------------------------------------------------------------------------------------------

    def _patient(self, child: Seen, who: str) -> Json:
        patient: Json = _resource("Patient", who) | {
            "text": _narrative("An invented child of a model; no real child is meant."),
            "name": [{"text": f"Virtual child {child.number}"}],
            "gender": "male" if child.told["male"] else "female",
            "birthDate": child.born.isoformat(),
        }
        died = child.told["death_day"]
        if isfinite(died) and died <= self.seeing.last_day:
            patient["deceasedDateTime"] = child.on(died).isoformat()
        return patient

    def _conditions(self, child: Seen, who: str) -> Iterator[Json]:
        told, relapsed = child.told, child.told["event"] == RELAPSE
        cell = codes.T_ALL if told["t_cell"] else codes.B_ALL
        more = [codes.MORE_OF[child.kind]] if child.kind in codes.MORE_OF else []
        status = "relapse" if relapsed else "active" if told["event"] == 1 else "remission"
        yield self._condition(f"{who}-all", who, [cell, *more, codes.ALL], status, child.diagnosed)
        if told["down"]:
            yield self._condition(f"{who}-down", who, [codes.DOWN], "active", child.born)
        if relapsed:
            yield self._condition(f"{who}-relapse", who, [codes.IN_RELAPSE], "relapse", child.on(told["event_day"]))

    @staticmethod
    def _condition(own: str, who: str, codings: list[Coding], status: str, since: date) -> Json:
        on = since.isoformat()
        return _resource("Condition", own) | {
            "extension": [{"url": _ASSERTED, "valueDateTime": on}],
            "clinicalStatus": {"coding": [{"system": f"{_CONDITION}clinical", "code": status}]},
            "verificationStatus": {"coding": [{"system": f"{_CONDITION}ver-status", "code": "confirmed"}]},
            "code": {"coding": [_coding(one) for one in codings]},
            "subject": _patient_reference(who),
            "onsetDateTime": on,
            "recordedDate": on,
        }

    # --- results ------------------------------------------------------------------------------------------------------------------

    def _blood(self, child: Seen, who: str) -> list[str]:
        """The counts of the visit days, as text: most of an export is this."""
        dates = [child.on(day).isoformat() for day in child.days]
        lines: list[str] = []
        for (coding, _), (start, subject, after, end), column in zip(_COUNTED, self._counts, child.counts, strict=True):
            head, middle = f"{start}{who}-{coding.code}-", f"{subject}{who}{after}"
            lines += [
                f"{head}{day}{middle}{on}{_VALUE}{value}{end}" for day, on, value in zip(child.days, dates, column, strict=True)
            ]
        return lines

    def _findings(self, child: Seen, who: str) -> Iterator[Json]:
        told, start = child.told, child.diagnosed
        for own, column, day in _MARROW:
            if not isnan(told[column]):
                yield _own(own, who, child.on(day), valueQuantity=_percent(round(told[column] * 100, 1)))
        yield from self._mrd(child, who)
        yield _observation(
            codes.CNS.code, who, [codes.CNS], start, valueCodeableConcept=_concept(codes.CNS_STATUS[told["cns"] - 1])
        )
        if told["male"]:
            yield _own(codes.TESTICULAR, who, start, valueCodeableConcept=_present(told["overt_testis"]))
        yield _own(codes.DOWN_SYNDROME, who, start, valueCodeableConcept=_present(told["down"]))
        for gene, found in codes.GENES[child.kind].items():
            yield _observation(gene.code, who, [gene], start, valueCodeableConcept=_present(found))
        yield from self._outcome(child, who)

    def _mrd(self, child: Seen, who: str) -> Iterator[Json]:
        consolidation = next((phase.ends for phase in child.road.phases if phase.id == "consolidation"), 0)
        for own, column, day in (
            (codes.MRD_INDUCTION, "mrd_29", 28),
            (codes.MRD_CONSOLIDATION, "mrd_consolidation", consolidation),
        ):
            value = child.told[column]
            if isnan(value):
                continue
            below = value == 0.0
            percent = _percent(self.limit if below else float(f"{value * 100:.4g}"))
            yield _own(own, who, child.on(day), valueQuantity={"comparator": "<"} | percent if below else percent)

    def _outcome(self, child: Seen, who: str) -> Iterator[Json]:
        """The first event, and of a relapse where and when it was; where none came, that there was none by the last day."""
        told = child.told
        on = child.on(told["event_day"])
        event = EVENTS[told["event"]]
        yield _own(
            codes.FIRST_EVENT, who, on, valueCodeableConcept={"coding": [{"system": codes.OWN, "code": event}], "text": event}
        )
        relapsed = told["event"] == RELAPSE
        yield _own(codes.RELAPSE_SITE, who, on, valueCodeableConcept={"text": _site(told["sites"]) if relapsed else "none"})
        if not relapsed:
            return
        if told["sites"] in (SPINAL, TESTIS, MARROW | SPINAL, MARROW | TESTIS):
            place = "cns" if told["sites"] & SPINAL else "testis"
            yield _own(codes.RELAPSE_OUTSIDE, who, on, valueCodeableConcept={"text": place})
        months, off = told["event_day"] / _MONTH, max(0.0, told["event_day"] - told["treatment_ends"]) / _MONTH
        yield _own(codes.RELAPSE_MONTHS, who, on, valueQuantity=_months(months))
        yield _own(codes.RELAPSE_MONTHS_OFF, who, on, valueQuantity=_months(off))

    # --- treatment ----------------------------------------------------------------------------------------------------------------

    def _medicine(self, child: Seen, who: str) -> Iterator[tuple[str, Json]]:
        """Mercaptopurine, the one medicine that has a path of its own in the model, with the share of it that was taken."""
        told = child.told
        if isnan(told["taken_share"]):
            return
        last = min(told["event_day"], child.road.ends)
        starts, ends = child.on(child.road.maintenance).isoformat(), child.on(last).isoformat()
        status = "completed" if last == child.road.ends else "stopped"
        asked = _resource("MedicationRequest", f"{who}-mercaptopurine") | {
            "status": status,
            "intent": "order",
            "medicationCodeableConcept": _concept(codes.MERCAPTOPURINE),
            "subject": _patient_reference(who),
            "authoredOn": starts,
        }
        yield "MedicationRequest", asked
        shares = ((codes.TAKEN_SHARE, told["taken_share"]), (codes.DOSE_SHARE, told["dose_share"]))
        yield (
            "MedicationStatement",
            _resource("MedicationStatement", f"{who}-mercaptopurine")
            | {
                "extension": [{"url": url, "valueDecimal": round(share, 4)} for url, share in shares],
                "basedOn": [{"reference": f"MedicationRequest/{who}-mercaptopurine"}],
                "status": status,
                "medicationCodeableConcept": _concept(codes.MERCAPTOPURINE),
                "subject": _patient_reference(who),
                "effectivePeriod": {"start": starts, "end": ends},
            },
        )

    def _plan(self, child: Seen, who: str) -> Json:
        """The phases, as far as the child went."""
        last = min(child.told["event_day"], child.road.ends)
        done = last >= child.road.ends
        return _resource("CarePlan", f"{who}-road") | {
            "status": "completed" if done else "revoked",
            "intent": "plan",
            "title": self.roads[child.road.id],
            "subject": _patient_reference(who),
            "period": {"start": child.diagnosed.isoformat(), "end": child.on(last).isoformat()},
            "activity": [{"detail": self._phase(child, phase, last)} for phase in child.road.phases],
        }

    def _phase(self, child: Seen, phase: Phase, last: float) -> Json:
        status = "completed" if phase.ends <= last else "stopped" if phase.starts <= last else "cancelled"
        period = {"start": child.on(phase.starts).isoformat(), "end": child.on(phase.ends).isoformat()}
        return {"status": status, "scheduledPeriod": period, "description": self.names[phase.id]}

    def _provenance(self, child: Seen, who: str) -> Json:
        """Which model, which seed, which child, and what was asked to be otherwise."""
        setting = self.seeing.setting
        made = {
            "model-version": self.version, "software": f"remission {__version__}", "seed": setting.seed, "child": child.number,
            "arm": setting.arm, "adherence": setting.adherence, "days": setting.days,
        }  # fmt: skip
        told = [*made.items(), *setting.changed]
        return _resource("Provenance", f"{who}-made") | {
            "extension": [{"url": f"{codes.OWN}/{name}", "valueString": str(value)} for name, value in told if value is not None],
            "target": [_patient_reference(who), {"reference": f"Condition/{who}-all"}],
            "recorded": RECORDED,
            "activity": {"text": "Made by a model. Says nothing about any real child."},
            "agent": [{"who": {"display": f"remission {__version__}, virtual children, model {self.version}"}}],
        }


class _Head(msgspec.Struct, rename="camel"):
    resource_type: str
    id: str


# --- parts -----------------------------------------------------------------------------------------------------------------------


def _json(resource: Json) -> str:
    return msgspec.json.encode(resource).decode()


def _resource(kind: str, own: str) -> Json:
    return {"resourceType": kind, "id": own, "meta": _META}


def _narrative(text: str) -> Json:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}


def _patient_reference(who: str) -> Json:
    return {"reference": f"Patient/{who}"}


def _coding(one: Coding) -> Json:
    return {"system": one.system, "code": one.code, "display": one.display}


def _concept(one: Coding) -> Json:
    return {"coding": [_coding(one)]}


def _present(found: bool) -> Json:
    return _concept(codes.PRESENT if found else codes.ABSENT)


def _observation(code: str, who: str, codings: list[Coding], on: date, **value: Json) -> Json:
    return _resource("Observation", f"{who}-{code}") | {
        "status": "final",
        "code": {"coding": [_coding(one) for one in codings]},
        "subject": _patient_reference(who),
        "effectiveDateTime": on.isoformat(),
        **value,
    }


def _own(own: OwnCode, who: str, on: date, **value: Json) -> Json:
    return _observation(own.code, who, [Coding(codes.OWN, own.code, own.display)], on, **value)


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": codes.UCUM, "code": unit}


def _percent(value: float) -> Json:
    return _quantity(value, "%")


def _months(value: float) -> Json:
    return _quantity(round(value, 2), "mo")


def _site(sites: int) -> str:
    return codes.SITES.get(sites, codes.COMBINED)


def _plain(number: float) -> str:
    return f"{number:.10f}".rstrip("0").rstrip(".")


def _count_parts(coding: Coding, unit: str) -> tuple[str, str, str, str]:
    """The text of a count around the child's id, the day, the date and the value."""
    whole = _json(_observation("\x00", "\x01", [coding], date(1, 1, 1), valueQuantity=_quantity(0, unit)))
    whole = whole.replace("\\u0001-\\u0000", "\x00")
    start, rest = whole.split("\x00")
    subject, rest = rest.split("\\u0001")
    after, end = rest.split(f"0001-01-01{_VALUE}0")
    return start, subject, after, end


__all__ = ["EVENTS", "KINDS", "RECORDED", "Writer"]

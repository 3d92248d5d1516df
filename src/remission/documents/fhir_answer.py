"""The answer written back as FHIR R4: one GuidanceResponse for each scheme, and a RiskAssessment where a group is certain.

Nothing here is final: no clinician has checked the rules, so every assessment is `preliminary` and carries the notice. mCODE's
risk assessment for ALL has two values only; it is written where a scheme's outcome is one of them by its code.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from remission import __version__
from remission.care.risk import Assessment
from remission.documents.wording import Wording
from remission.knowledge.codes import CodeMap
from remission.knowledge.model import Code, Frozen, Lang, Library, Scheme
from remission.record.fhir.reader import FhirRecord
from remission.rules.decision import Decision, Missing

_MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-ALL-risk-assessment"
_LEUKEMIA_FINDING = Code(system="NCIt", code="C167435", display="Leukemia Finding")
_OBSERVATION_KINDS = "http://terminology.hl7.org/CodeSystem/observation-category"
_PARTICIPANTS = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_TEST_DATA = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
_STATUS = {"decided": "success", "not-applicable": "success", "data-required": "data-required"}
_FROM_PATIENT = {"age_days": "birthDate", "sex": "gender"}

Json = dict[str, Any]


class Written(Frozen, frozen=True):
    """What the answer is about: the record it was read from, what was typed beside it, and the moment of writing."""

    record: FhirRecord
    typed: tuple[str, ...]
    at: datetime


def fhir_answer(library: Library, codes: CodeMap, assessment: Assessment, written: Written, lang: Lang) -> str:
    """A Bundle (a collection) as indented JSON."""
    resources = list(_Writer(library, codes, assessment, written, lang).resources())
    entries = [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources]
    bundle: Json = {"resourceType": "Bundle", "type": "collection", "timestamp": _instant(written.at), "entry": entries}
    if assessment.invented:
        bundle["meta"] = {"security": [_TEST_DATA]}
    return msgspec.json.format(msgspec.json.encode(bundle), indent=2).decode() + "\n"


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


class _Writer:
    def __init__(self, library: Library, codes: CodeMap, assessment: Assessment, written: Written, lang: Lang):
        self.library, self.codes, self.assessment, self.written, self.lang = library, codes, assessment, written, lang
        self.words, self.at = Wording(library, lang), _instant(written.at)
        self._unclear = {(result.system, result.code) for result in codes.results if result.reads == "unclear"}
        self.subject = self._reference_of(written.record.patient) or (
            {"reference": key} if (key := _named(written.record)) else None
        )

    def resources(self) -> Iterator[Json]:
        """The device that answers, each answer, and where all of it comes from."""
        yield self._device()
        made = [resource for decision in self.assessment.decisions for resource in self._of(decision)]
        yield from made
        yield self._provenance(made)

    def _of(self, decision: Decision) -> Iterator[Json]:
        yield self._guidance(decision)
        if decision.status == "decided":
            yield self._risk(decision)
            code = next((o.code for o in self._scheme(decision).outcomes if o.id == decision.outcome), None)
            if code and self.subject:
                yield self._mcode(decision, code)

    # --- what is said of one scheme ---------------------------------------------------------------------------------------------

    def _guidance(self, decision: Decision) -> Json:
        scheme = self._scheme(decision)
        guidance: Json = self._resource("GuidanceResponse", decision.scheme) | {
            "contained": [{"resourceType": "Parameters", "id": "outcome", "parameter": list(self._parameters(decision))}],
            "moduleCodeableConcept": self._scheme_concept(scheme),
            "status": _STATUS[decision.status],
            "occurrenceDateTime": self.at,
            "performer": self._link("Device", "remission"),
            "note": self._notes(),
            "outputParameters": {"reference": "#outcome"},
        }
        needed = [missing for missing in decision.missing if missing.effect != "changes-nothing" or missing.matters_with_others]
        if decision.status == "data-required" and needed:
            guidance["dataRequirement"] = [self._requirement(missing) for missing in needed]
        return self._about(guidance)

    def _parameters(self, decision: Decision) -> Iterator[Json]:
        """The decision in parts: what it is, what is still possible, the rows it rests on and where they are written."""
        yield {"name": "decision", "valueCode": decision.status}
        if decision.outcome:
            yield {"name": "outcome", "valueCode": decision.outcome}
        yield from ({"name": "possible", "valueCode": outcome} for outcome in decision.possible)
        yield {"name": "verification", "valueCode": decision.verification}
        yield from ({"name": "row", "valueString": row} for row in decision.rows)
        yield from ({"name": "missing", "part": list(_missing_parts(missing))} for missing in decision.missing)
        for cite in decision.cites:
            source = self.library.sources[cite.source]
            parts: list[Json] = [{"name": "title", "valueString": source.title}, {"name": "locator", "valueString": cite.locator}]
            if source.address:
                parts.append({"name": "address", "valueUri": source.address})
            yield {"name": "cite", "part": parts}
        yield {"name": "knowledgeVersion", "valueString": self.library.version}
        yield {"name": "knowledgeHash", "valueString": self.library.hash}

    def _requirement(self, missing: Missing) -> Json:
        """What to look for in a record, so that the scheme can say more."""
        definition = self.library.facts[missing.fact]
        if missing.fact in _FROM_PATIENT:
            return {"type": "Patient", "mustSupport": [_FROM_PATIENT[missing.fact]]}
        results = [self._coding(code) for code in definition.codes if (code.system, code.code) not in self._unclear]
        illnesses = [illness for illness in self.codes.illnesses if definition.id in illness.facts]
        if illnesses and not results:
            codes = [Code(illness.system, illness.code, illness.display) for illness in illnesses]
            return {"type": "Condition", "codeFilter": [{"path": "code", "code": [self._coding(code) for code in codes]}]}
        asked = results or [{"display": definition.label.in_(self.lang)}]
        return {"type": "Observation", "codeFilter": [{"path": "code", "code": asked}]}

    def _risk(self, decision: Decision) -> Json:
        scheme = self._scheme(decision)
        name = self.words.outcome(scheme, decision.outcome or "")
        basis = [self._link("GuidanceResponse", decision.scheme), *self._used()]
        return self._about(
            self._resource("RiskAssessment", decision.scheme)
            | {
                "status": "preliminary", "method": self._scheme_concept(scheme), "occurrenceDateTime": self.at,
                "performer": self._link("Device", "remission"), "basis": basis,
                "prediction": [{"qualitativeRisk": {"text": name}, "rationale": scheme.title.in_(self.lang)}],
                "note": self._notes(),
            }
        )  # fmt: skip

    def _mcode(self, decision: Decision, code: Code) -> Json:
        """mCODE's risk assessment for ALL, with the one of its two values that the outcome is."""
        focus = [reference for number in self.written.record.diagnosed_by[:1] if (reference := self._reference_of(number))]
        seen = self._resource("Observation", decision.scheme) | {
            "meta": {"profile": [_MCODE]}, "status": "preliminary",
            "category": [{"coding": [{"system": _OBSERVATION_KINDS, "code": "exam", "display": "Exam"}]}],
            "code": {"coding": [self._coding(_LEUKEMIA_FINDING)]}, "effectiveDateTime": self.at,
            "valueCodeableConcept": {"coding": [self._coding(code)]}, "note": self._notes(),
            "method": self._scheme_concept(self._scheme(decision)),
        }  # fmt: skip
        return self._about(seen | ({"focus": focus} if focus else {}))

    # --- where it comes from ----------------------------------------------------------------------------------------------------

    def _device(self) -> Json:
        versions = [("software", __version__), ("knowledge", self.library.version), ("knowledge hash", self.library.hash)]
        return self._resource("Device", "remission") | {
            "deviceName": [{"name": "remission", "type": "model-name"}],
            "version": [{"type": {"text": name}, "value": value} for name, value in versions],
            "note": self._notes(),
        }

    def _provenance(self, made: list[Json]) -> Json:
        sources = [{"role": "source", "what": reference} for reference in self._used()]
        sources += [{"role": "source", "what": {"display": typed}} for typed in self.written.typed]
        knowledge = f"remission knowledge {self.library.version}, sha256 {self.library.hash}"
        who = {"coding": [{"system": _PARTICIPANTS, "code": "assembler", "display": "Assembler"}]}
        return self._resource("Provenance", "all") | {
            "target": [{"reference": f"urn:uuid:{resource['id']}"} for resource in made] or [self._link("Device", "remission")],
            "recorded": self.at,
            "agent": [{"type": who, "who": self._link("Device", "remission")}],
            "entity": [*sources, {"role": "source", "what": {"display": knowledge}}],
        }

    def _used(self) -> list[Json]:
        """The record's own resources that facts were taken from."""
        numbers = [account.number for account in self.written.record.accounts if account.used_for]
        return [reference for number in numbers if (reference := self._reference_of(number))]

    # --- small parts ------------------------------------------------------------------------------------------------------------

    def _resource(self, kind: str, name: str) -> Json:
        return {"resourceType": kind, "id": self._id(kind, name), "language": self.lang}

    def _id(self, kind: str, name: str) -> str:
        """The same answer to the same record at the same moment has the same ids."""
        about = f"{self.library.hash}/{self.written.record.person}/{self.at}/{kind}/{name}"
        return str(uuid5(NAMESPACE_URL, about))

    def _link(self, kind: str, name: str) -> Json:
        return {"reference": f"urn:uuid:{self._id(kind, name)}"}

    def _about(self, resource: Json) -> Json:
        """With the child it is about. A RiskAssessment must name somebody, even when the record does not."""
        if self.subject:
            return resource | {"subject": self.subject}
        return resource | (
            {"subject": {"display": self.words.say("fhir-nobody")}} if resource["resourceType"] == "RiskAssessment" else {}
        )

    def _reference_of(self, number: int | None) -> Json | None:
        """How the record itself refers to one of its resources; one without a name cannot be referred to."""
        held = next((held for held in self.written.record.resources if held.number == number), None)
        if held is None or held.inside or not (held.address or held.id):
            return None
        return {"reference": held.address or held.name}

    def _scheme(self, decision: Decision) -> Scheme:
        return self.library.schemes[decision.scheme]

    def _scheme_concept(self, scheme: Scheme) -> Json:
        title = scheme.title.in_(self.lang)
        return {"coding": [{"code": scheme.id, "display": title, "version": self.library.version}], "text": title}

    def _coding(self, code: Code) -> Json:
        addresses = self.codes.systems.get(code.system, ())
        coding: Json = {"system": addresses[0]} if addresses else {}
        return coding | {"code": code.code} | ({"display": code.display} if code.display else {})

    def _notes(self) -> list[Json]:
        return [{"text": self.library.words["notice"].in_(self.lang)}]


def _named(record: FhirRecord) -> str:
    """The reference by which a record names a child whose Patient is not in it."""
    return "" if record.person.startswith("#") or "|" in record.person else record.person


def _missing_parts(missing: Missing) -> Iterator[Json]:
    yield {"name": "fact", "valueCode": missing.fact}
    yield {"name": "effect", "valueCode": missing.effect}
    if missing.matters_with_others:
        yield {"name": "mattersWithOthers", "valueBoolean": True}
    if missing.of:
        yield {"name": "of", "valueCode": missing.of}

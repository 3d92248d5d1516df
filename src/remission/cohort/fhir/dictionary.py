"""Distinct texts of an export, each read once by the one-child reader: codes, units, coded values, conditions, dates.

Nothing here knows what a code or a word means. What was read becomes rows of small tables, which SQL joins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from remission.cohort.columns import Column, Value, values_of
from remission.knowledge.codes import CodedResult
from remission.knowledge.model import FactDefinition, Frozen, Takes
from remission.record.facts import Fact
from remission.record.fhir.choosing import Anchors, choose
from remission.record.fhir.files import Held, decoded
from remission.record.fhir.finding import Reading, Unread, Why
from remission.record.fhir.illness import read_condition
from remission.record.fhir.meanings import Meanings
from remission.record.fhir.moments import read_moment, read_period
from remission.record.fhir.people import read_patient
from remission.record.fhir.results import read_observation
from remission.record.fhir.shapes import Concept, Period, Quantity
from remission.record.fhir.values import value_of
from remission.record.problems import InputProblem

BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
MORPHOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
_WORDS = {  # what the one-child reader says of a value, and the counter for it
    "unit-missing": "cohort-fhir-unit-missing",
    "unit-unknown": "cohort-fhir-unit-unknown",
    "value-impossible": "cohort-fhir-value-impossible",
    "fhir-left-two-units": "cohort-fhir-unit-unknown",
    "fhir-left-withdrawn": "cohort-fhir-withdrawn",
    "fhir-left-unconfirmed": "cohort-fhir-unconfirmed",
    "fhir-left-modified": "cohort-fhir-modified",
    "fhir-left-unclear": "cohort-fhir-unclear",
    "fhir-left-malformed": "cohort-fhir-malformed",
    "fhir-left-status": "cohort-fhir-status",
    "fhir-left-not-given": "",
    "fhir-left-code": "",
    "fhir-left-condition": "",
    "fhir-left-medicine": "",
    "fhir-left-group": "cohort-fhir-group",
    "fhir-left-unclear-code": "cohort-fhir-unclear-code",
}
_VALUE_WORDS = (
    "fhir-left-value", "fhir-left-no-value", "fhir-left-several-values", "fhir-left-several-answers", "fhir-left-answer-code",
    "fhir-left-absent-reason", "fhir-left-kind", "fhir-left-number-for-choice", "fhir-left-comparator", "fhir-left-range",
    "fhir-left-number", "fhir-left-karyotype-no", "fhir-left-germline", "fhir-left-change", "fhir-left-change-unsaid",
    "fhir-left-genes", "fhir-left-focus",
)  # fmt: skip
PENDING = "cohort-fhir-unfinished"
_SAMPLES = tuple(Decimal(digits).scaleb(power) for power in range(-6, 7) for digits in ("1.25", "7"))


class Ask(Frozen, frozen=True):
    """A fact as a code answers it, with its window: what makes two results of one fact comparable."""

    fact: str
    takes: Takes | None
    timed: bool


class Coded(Frozen, frozen=True):
    """What the codes of a result mean to the pass over the Observations."""

    slot: int
    text: str
    asks: tuple[int, ...] = ()
    native: int | None = None  # the one ask whose plain numbers SQL may read
    one_by_one: bool = False  # a karyotype or a genetic variant: only the one-child reader can tell

    @property
    def is_asked(self) -> bool:
        return bool(self.asks) or self.one_by_one


class Sized(Frozen, frozen=True):
    """A unit in which numbers from `least` to `most` are plain: times `factor`, or where that is below 0 divided by it."""

    slot: int
    unit: str
    system: str
    code: str
    factor: float
    least: float
    most: float


def counted(reason: Why) -> str:
    """The counter for a reason why something was left, or nothing where that is no problem of the data."""
    if reason.word == "fhir-left-value" and isinstance(problem := reason.values.get("problem"), InputProblem):
        return _WORDS.get(problem.word, "cohort-fhir-value-unread")
    return _WORDS.get(reason.word, "cohort-fhir-value-unread" if reason.word in _VALUE_WORDS else "")


class Dictionary:
    """Reads distinct texts, and numbers what it learns. The tables are small, whatever the size of the export."""

    def __init__(self, meanings: Meanings):
        self.meanings = meanings
        self.facts = list(meanings.library.facts)
        self.asks: list[Ask] = []
        self.codes: dict[str, Coded] = {}
        self._number: dict[Ask, int] = {}

    def definition(self, ask: int) -> FactDefinition:
        return self.meanings.library.facts[self.asks[ask].fact]

    def ask(self, fact: str, takes: Takes | None, timed: bool) -> int:
        asked = Ask(fact, takes, timed)
        if asked not in self._number:
            self._number[asked] = len(self.asks)
            self.asks.append(asked)
        return self._number[asked]

    # --- codes ----------------------------------------------------------------------------------------------------------------

    def coded(self, text: str) -> Coded:
        """What the codes of an Observation answer; `text` is its `code` as JSON."""
        if text not in self.codes:
            self.codes[text] = self._coded(len(self.codes) + 1, text)
        return self.codes[text]

    def _coded(self, slot: int, text: str) -> Coded:
        concept = _concept(text)
        if concept is None:  # of another form than FHIR gives it: the resource is left, and told to be
            return Coded(slot, text, one_by_one=True)
        results = self.meanings.results_of(concept)
        variant = self.meanings.has_code("variant", concept)
        asks = tuple(self._asked(result) for result in results if result.fact and not result.reads)
        told = any(result.reads == "karyotype" for result in results)
        native = asks[0] if len(results) == 1 and asks and not variant and self._is_plain(asks[0], results[0]) else None
        return Coded(slot, text, asks, native, variant or told)

    def _asked(self, result: CodedResult) -> int:
        definition = self.meanings.library.facts[result.fact]
        takes = result.takes or definition.takes
        return self.ask(result.fact, takes, result.timed or (takes is None and definition.when == "any"))

    def _is_plain(self, ask: int, result: CodedResult) -> bool:
        definition = self.definition(ask)
        return definition.kind in ("number", "mrd") and definition.unit != "d" and not result.answers

    def known_codes(self) -> list[str]:
        """Every code that may make an Observation, or a component of one, matter."""
        listed = (
            key for name in ("variant", "gene", "iscn") for key in self.meanings.lists.get(name, ()) if isinstance(key, tuple)
        )
        return sorted({code for _, code in (*self.meanings.results, *listed)} - {""})

    # --- units ----------------------------------------------------------------------------------------------------------------

    def sized(self, coded: Coded, unit: str, system: str, code: str) -> Sized | None:
        """How numbers in this unit become the fact's own unit; None unless they do so by a power of ten, every time."""
        if coded.native is None:
            return None
        definition, result = self.definition(coded.native), self._result(coded)
        tried = [self._value(definition, result, Quantity(number, "", unit, system, code)) for number in _SAMPLES]
        factors = {fact.low / number for fact, number in zip(tried, _SAMPLES, strict=True) if fact and fact.low is not None}
        if len(factors) != 1 or sum(fact is not None for fact in tried) < 3:
            return None
        factor = factors.pop().normalize()
        if factor.as_tuple().digits != (1,):
            return None
        power = int(factor.adjusted())
        least, most = self._bounds(definition, next(fact for fact in tried if fact))
        return Sized(coded.slot, unit, system, code, float(10**power) if power >= 0 else -float(10**-power), least, most)

    def _result(self, coded: Coded) -> CodedResult:
        concept = _concept(coded.text) or Concept()
        return self.meanings.results_of(concept)[0]

    def _value(self, definition: FactDefinition, result: CodedResult, quantity: Quantity) -> Fact | None:
        from remission.record.fhir.shapes import Valued

        try:
            fact = value_of(self.meanings, definition, Valued(value_quantity=quantity), result)
        except Unread:
            return None
        return fact if fact.is_exact_number else None

    @staticmethod
    def _bounds(definition: FactDefinition, fact: Fact) -> tuple[float, float]:
        """Between which values a number is plain. An MRD result of zero, or below what the test can find, is not."""
        plausible = definition.plausible
        least, most = (float(plausible.low), float(plausible.high)) if plausible else (0.0, 1e9)
        if definition.kind == "mrd":
            least = max(least, float(fact.limit) if fact.limit else math.nextafter(0.0, 1.0))
        return least, most

    # --- values ---------------------------------------------------------------------------------------------------------------

    def reading(self, key: str) -> Reading | None:
        """What an Observation says that is written as `key`: JSON of its code and value, without the child and the date."""
        held = _held("Observation", key)
        return read_observation(self.meanings, held) if held else None

    def illness(self, key: str) -> tuple[Reading, bool, bool] | None:
        """What a Condition says, whether it is the leukemia, and whether its date is that of the diagnosis."""
        held = _held("Condition", key, _DATED)
        if held is None:
            return None
        read = read_condition(self.meanings, held, None)
        return read.reading, read.diagnosis is not None, bool(read.diagnosis and read.diagnosis.exact)

    def sex(self, gender: str | None, at_birth: str | None) -> tuple[Value, ...]:
        """The columns of the sex, from what a Patient calls it."""
        said: dict[str, Any] = {"resourceType": "Patient"} | ({"gender": gender} if gender is not None else {})
        if at_birth is not None:
            said["extension"] = [{"url": BIRTH_SEX, "valueCode": at_birth}]
        person = read_patient(_made("Patient", msgspec.json.encode(said)))
        definition = self.meanings.library.facts["sex"]
        if not person.reading.findings:
            return values_of(definition, None)
        return values_of(definition, choose(definition, person.reading.findings, Anchors()).fact)

    def is_medicine(self, text: str) -> bool:
        """Whether a medicine's code, as JSON, is one of those that begin the treatment."""
        concept = _concept(text)
        return concept is not None and any(self.meanings.key(coding) in self.meanings.medicines for coding in concept.coding)

    def rows(self, reading: Reading) -> Iterator[tuple[int, tuple[Value, ...]]]:
        """Each finding as the number of what it answers and the values that SQL compares."""
        for finding in reading.findings:
            yield self.ask(finding.fact.id, finding.takes, finding.timed), self.compared(finding.fact)

    def compared(self, fact: Fact) -> tuple[Value, ...]:
        """A fact in the columns of `COMPARED`, whatever its kind."""
        definition = self.meanings.library.facts[fact.id]
        values = values_of(definition, fact)
        if definition.kind == "choice":
            return None, None, False, False, values[0], None, values[1]
        return *values[:4], None, values[4] if definition.kind == "mrd" else None, values[-1]


COMPARED = (
    Column("low", "DOUBLE"), Column("high", "DOUBLE"), Column("low_open", "BOOLEAN"), Column("high_open", "BOOLEAN"),
    Column("bits", "INTEGER"), Column("result", "VARCHAR"), Column("absent", "VARCHAR"),
)  # fmt: skip


_DATED = {
    "onsetDateTime": b'"2000-01-01"',
    "recordedDate": b'"2000-01-01"',
}
_ASSERTED = msgspec.json.encode({"url": ASSERTED, "valueDateTime": "2000-01-01"})


def _held(kind: str, key: str, more: dict[str, bytes] | None = None) -> Held | None:
    """A resource of the parts that SQL put together; parts that are null were not there."""
    try:
        parts = {name: bytes(raw) for name, raw in msgspec.json.decode(key, type=dict[str, msgspec.Raw]).items()}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    kept = {name: _without_nulls(raw) if name == "valueQuantity" else raw for name, raw in parts.items() if raw != b"null"}
    kept |= more or {}
    if kind == "Condition":
        looks = bytes(kept.pop("looks", b"[]"))[1:-1].strip()
        kept["extension"] = b"[" + b",".join(part for part in (_ASSERTED, looks) if part) + b"]"
    written = b",".join(b'"%s":%s' % (name.encode(), raw) for name, raw in kept.items())
    return _made(kind, b'{"resourceType":"%s",%s}' % (kind.encode(), written))


def _without_nulls(raw: bytes) -> bytes:
    parts = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({name: part for name, part in parts.items() if bytes(part) != b"null"})


def _made(kind: str, raw: bytes) -> Held:
    return Held(1, kind, "", msgspec.Raw(raw), "", 1)


def _concept(text: str) -> Concept | None:
    try:
        return msgspec.json.decode(text, type=Concept)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


class Dated(Frozen, frozen=True):
    """A date text as days, and as seconds since 1970 where the exact time is known."""

    text: str
    first: int | None
    last: int | None
    instant: int | None


def dated(texts: Iterable[str]) -> Iterator[tuple[Value, ...]]:
    """The days of date texts that are not plain: a year, a month, a period, an odd time, or nothing that can be read."""
    for text in texts:
        moment = read_moment(text) if not text.startswith("{") else None
        if text.startswith("{") and (period := decoded(Period, _period(text))):
            moment = read_period(period)
        instant = moment.instant if moment else None
        seconds = int(instant.timestamp()) if instant else None
        yield (text, moment.first.isoformat() if moment else None, moment.last.isoformat() if moment else None, seconds)


def _period(text: str) -> bytes:
    return _without_nulls(text.encode())


__all__ = ["ASSERTED", "BIRTH_SEX", "COMPARED", "MORPHOLOGY", "Ask", "Coded", "Dictionary", "Sized", "counted", "dated"]

"""One pass over each kind of resource, in DuckDB: what is asked is kept in a few narrow columns, everything else is left at once.

Columns are declared, never inferred. A pass is strict: whatever has another shape than was declared, or a key that stands
twice in what is read, stops it, and the file is looked at line by line (`damage`) before it is read again leniently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from remission.cohort.fhir.dictionary import ASSERTED, BIRTH_SEX, MORPHOLOGY
from remission.cohort.fhir.exports import ExportFile
from remission.cohort.names import quoted

_COMMON = {
    "resourceType": "VARCHAR",
    "id": "VARCHAR",
    "modifierExtension": "JSON",
    "implicitRules": "JSON",
    "contained": "JSON",
}
_ABOUT = {"subject": "STRUCT(reference VARCHAR)"}
_JSON_VALUES = (
    "valueCodeableConcept", "valueString", "valueBoolean", "valueInteger", "valueRange", "valueRatio", "valueSampledData",
    "valueTime", "valueDateTime", "valuePeriod", "dataAbsentReason", "method",
)  # fmt: skip
PATIENT = _COMMON | {
    "gender": "VARCHAR",
    "birthDate": "VARCHAR",
    "extension": "STRUCT(url VARCHAR, valueCode VARCHAR)[]",
    "meta": "STRUCT(security STRUCT(code VARCHAR)[], tag STRUCT(code VARCHAR)[])",
}
CONDITION = (
    _COMMON
    | _ABOUT
    | {
        "extension": "STRUCT(url VARCHAR, valueDateTime VARCHAR, valueCodeableConcept JSON)[]",
        "verificationStatus": "JSON",
        "code": "JSON",
        "onsetDateTime": "VARCHAR",
        "onsetAge": "JSON",
        "onsetPeriod": 'STRUCT("start" VARCHAR, "end" VARCHAR)',
        "recordedDate": "VARCHAR",
    }
)
OBSERVATION = (
    _COMMON
    | _ABOUT
    | {
        "status": "VARCHAR",
        "code": "JSON",
        "valueQuantity": "STRUCT(value DOUBLE, comparator VARCHAR, unit VARCHAR, system VARCHAR, code VARCHAR)",
        "effectiveDateTime": "VARCHAR",
        "effectiveInstant": "VARCHAR",
        "effectivePeriod": "JSON",
        "component": "JSON",
        "focus": "JSON",
        "interpretation": "JSON",
    }
    | dict.fromkeys(_JSON_VALUES, "JSON")
)
MEDICINE = _COMMON | {
    "subject": _ABOUT["subject"],
    "status": "VARCHAR",
    "medicationCodeableConcept": "JSON",
    "medicationReference": "STRUCT(reference VARCHAR, identifier JSON)",
    "effectiveDateTime": "VARCHAR",
    "effectivePeriod": 'STRUCT("start" VARCHAR, "end" VARCHAR)',
}
MEDICATION = {"resourceType": "VARCHAR", "id": "VARCHAR", "code": "JSON"}

# What a text must look like for SQL to read it as a day and a time; every other text is read by the one-child reader.
_PLAIN_TIME = r"[12]\d{3}-\d\d-\d\d(T([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):\d\d))?"
MACROS = (
    f"""CREATE OR REPLACE MACRO day_of(t) AS
        CASE WHEN regexp_full_match(t, '{_PLAIN_TIME}') THEN TRY_CAST(t AS TIMESTAMP)::DATE END""",
    f"""CREATE OR REPLACE MACRO instant_of(t) AS
        CASE WHEN length(t) > 10 AND regexp_full_match(t, '{_PLAIN_TIME}')
             THEN CAST(floor(epoch(TRY_CAST(t AS TIMESTAMPTZ))) AS BIGINT) END""",
    """CREATE OR REPLACE MACRO vague_of(t) AS CASE WHEN t <> '' AND day_of(t) IS NULL THEN t END""",
    """CREATE OR REPLACE MACRO ref_of(r) AS
        CASE WHEN r LIKE 'Patient/%' AND NOT contains(r, '/_') THEN r
             ELSE regexp_extract(split_part(r, '/_history/', 1), '[^/]*/[^/]*$') END""",
    """CREATE OR REPLACE MACRO twice(t) AS TABLE
        SELECT h FROM query_table(t) WHERE h <> hash(NULL::VARCHAR) AND h <> hash('') GROUP BY h HAVING count(*) > 1""",
)


def read_ndjson(files: Iterable[ExportFile], columns: dict[str, str], lenient: bool) -> str:
    """The table function over some files. Lines may be long: a resource with a document inside is one line."""
    paths = ", ".join(quoted(file.path) for file in files)
    declared = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items())
    more = ", ignore_errors = true" if lenient else ""
    return f"read_ndjson([{paths}], columns = {{{declared}}}, maximum_object_size = 20000000{more})"


def pattern_of(codes: Sequence[str]) -> str:
    """A pattern that finds any of these codes in JSON. It may find too much: what it finds is read properly."""
    return "|".join(re.sub(r"([^A-Za-z0-9_])", r"\\\1", code) for code in codes) or "$^"


_KARYOTYPE = r'(?i)^"?[\s\p{Z}\pC]*(\p{Nd}{2,3}[^,]*,[\s\p{Z}\pC]*[xyui?]|(nuc[\s\p{Z}\pC]+)?ish[\s\p{Z}\pC(])'
_IN_PARTS = r'"valueString":"[^"]*(\d\d[^",]*,|[Ii][Ss][Hh])'
_ODD = "(modifierExtension IS NOT NULL OR implicitRules IS NOT NULL)"
_STRAY = "coalesce(subject.reference, '')"  # empty: it is about nobody, or names the child in a roundabout way
_FINAL = "(status = 'final' OR status = 'amended' OR status = 'corrected')"
_KNOWN_STATUS = f"({_FINAL} OR status = 'registered' OR status = 'preliminary')"
_TYPE = "CASE WHEN resourceType IS DISTINCT FROM '{kind}' THEN coalesce(resourceType, '?') END AS type"


def patients(source: str) -> str:
    """Every Patient by its id: what it says of its birth and sex."""
    return f"""
    SELECT {_TYPE.format(kind="Patient")}, id, gender, birthDate AS born,
        list_filter(extension, lambda e: e.url = '{BIRTH_SEX}')[1].valueCode AS at_birth,
        {_ODD} OR contained IS NOT NULL AS odd,
        coalesce(list_contains(list_transform(list_concat(meta.security, meta.tag), lambda c: c.code), 'HTEST'), false) AS invented
    FROM {source}"""


def _written(*names: str) -> str:
    """Parts of a resource as they stand in its JSON; nothing, where they are not there."""
    return ", ".join(f"""',"{name}":' || {name}::VARCHAR""" for name in names)


def conditions(source: str, pattern: str) -> str:
    """Conditions with a code that is known, wherever in the code or the look of the cells it stands."""
    return f"""
    SELECT type, h, CASE WHEN asked THEN child END AS child, CASE WHEN asked THEN stray END AS stray, asked,
        CASE WHEN asked THEN key END AS key, CASE WHEN asked THEN asserted END AS asserted, CASE WHEN asked THEN onset END AS onset,
        CASE WHEN asked THEN recorded END AS recorded, CASE WHEN asked THEN started END AS started, coalesce(odd, false) AS odd
    FROM (
        SELECT s.*, p.child, CASE WHEN p.child IS NULL THEN {_STRAY} END AS stray
        FROM (
            SELECT *, {_TYPE.format(kind="Condition")}, hash(id) AS h,
                list_filter(extension, lambda e: e.url = '{ASSERTED}')[1].valueDateTime AS asserted,
                concat('{{"code":', coalesce(code::VARCHAR, 'null'), {_written("verificationStatus", "onsetAge", "looks")},
                    '}}') AS key,
                onsetDateTime AS onset, recordedDate AS recorded, onsetPeriod."start" AS started,
                regexp_matches(code::VARCHAR, {pattern}) OR coalesce(regexp_matches(looks::VARCHAR, {pattern}), false)
                    OR coalesce(regexp_matches(contained::VARCHAR, {pattern}), false) AS asked,
                {_ODD} OR coalesce(regexp_matches(contained::VARCHAR, {pattern}), false) AS odd
            FROM (
                SELECT *, CASE WHEN len(list_filter(extension, lambda e: e.url = '{MORPHOLOGY}')) > 0 THEN
                    to_json(list_transform(list_filter(extension, lambda e: e.url = '{MORPHOLOGY}'),
                        lambda e: {{url: e.url, valueCodeableConcept: e.valueCodeableConcept}})) END AS looks
                FROM {source}
            )
        ) s LEFT JOIN fhir_persons p ON p.ref = CASE WHEN asked THEN ref_of(subject.reference) END
    )"""


class Unit(NamedTuple):
    """A unit as a quantity gives it; for each code (from slot 1 on) by what its numbers are multiplied, or below 0 divided."""

    unit: str
    system: str
    code: str
    factors: list[float | None]


def _factor(units: Sequence[Unit]) -> str:
    """What a number in a known unit is multiplied with, as SQL; NULL where the unit is not plain for the code."""
    cases = "".join(
        f" WHEN {_is('q_code', unit.code)} AND {_is('q_unit', unit.unit)} AND {_is('q_system', unit.system)}"
        f" THEN list_extract([{', '.join('NULL' if one is None else repr(one) for one in unit.factors)}]::DOUBLE[], c.slot)"
        for unit in units
    )
    return f"(CASE WHEN c.asked IS NOT TRUE THEN NULL{cases} END)"


def _is(column: str, text: str) -> str:
    return f"{column} = {quoted(text)}" if text else f"{column} IS NULL"


def observations(source: str, pattern: str, units: Sequence[Unit] = ()) -> str:
    """Observations with a code that is asked: a plain number in a known unit, or the parts of its value to be read once.

    What is used twice is worked out below a join, so that it is worked out once. Of all others only the name is kept.
    """
    karyotype, in_parts = quoted(_KARYOTYPE), quoted(_IN_PARTS)
    values = [name for name in _JSON_VALUES if name != "method"]
    parts = ("value", "comparator", "unit", "system", "code")
    quantity = f"to_json({{{', '.join(f'{part}: q_{part}' for part in parts)}}})"
    written = f"""CASE WHEN has_quantity THEN ',"valueQuantity":' || {quantity}::VARCHAR ELSE {_written("interpretation")} END"""
    return f"""
    SELECT CASE WHEN resourceType = 'Observation' THEN NULL ELSE coalesce(resourceType, '?') END AS type, h,
        CASE WHEN asked THEN slot END AS slot, CASE WHEN asked AND slot IS NULL THEN code END AS code, child,
        CASE WHEN asked AND child IS NULL THEN coalesce(about, '') END AS stray,
        t, day_of(t) AS day, CASE WHEN plain THEN v END AS value,
        CASE WHEN asked AND NOT plain THEN '{{"status":' || coalesce(to_json(status)::VARCHAR, 'null')
            || CASE WHEN {_KNOWN_STATUS} THEN concat({written}, {_written(*_JSON_VALUES)}) ELSE '' END || '}}' END AS other,
        asked AND odd AS odd
    FROM (
        SELECT s.*, p.child, CASE WHEN asked THEN coalesce(nullif(effectiveDateTime, ''), nullif(effectiveInstant, ''),
                effectivePeriod::VARCHAR) END AS t,
            CASE WHEN factor = 1 THEN q_value
                 WHEN factor IS NOT NULL AND CAST(format('{{:.15g}}', q_value) AS DOUBLE) = q_value
                 THEN CAST(format('{{:.15g}}', CASE WHEN factor < 0 THEN q_value / -factor ELSE q_value * factor END) AS DOUBLE)
                 END AS v,
            CASE WHEN v BETWEEN least_value AND most_value THEN {_FINAL} AND NOT odd AND NOT more
                AND (NOT whole OR v = floor(v)) AND coalesce(q_comparator, '') = '' ELSE false END AS plain
        FROM (
            SELECT o.*, c.slot, c.whole, c.least_value, c.most_value, {_factor(units)} AS factor,
                coalesce(c.asked, regexp_matches(o.code, {pattern}) OR o.code NOT LIKE '{{%', false) OR hints
                    OR coalesce(regexp_matches(valueString::VARCHAR, {karyotype}), false) AS asked,
                coalesce(c.one_by_one, o.code NOT LIKE '{{%', false) OR odd_itself OR hints
                    OR (has_parts AND coalesce(c.asked, true))
                    OR (NOT coalesce(c.asked, false) AND coalesce(regexp_matches(valueString::VARCHAR, {karyotype}), false)) AS odd
            FROM (
                SELECT resourceType, hash(id) AS h, status, code::VARCHAR AS code, subject.reference AS about, effectiveDateTime,
                    effectiveInstant, effectivePeriod, valueQuantity IS NOT NULL AS has_quantity,
                    {", ".join(f"valueQuantity.{part} AS q_{part}" for part in parts)}, {", ".join(_JSON_VALUES)}, interpretation,
                    {" OR ".join(f"{name} IS NOT NULL" for name in values)} AS more,
                    component IS NOT NULL AS has_parts,
                    modifierExtension IS NOT NULL OR implicitRules IS NOT NULL OR focus IS NOT NULL AS odd_itself,
                    coalesce(regexp_matches(component::VARCHAR, {pattern} || '|' || {in_parts}), false)
                        OR coalesce(regexp_matches(contained::VARCHAR, {pattern}), false) AS hints
                FROM {source}
            ) o LEFT JOIN fhir_codes c ON c.text = o.code
        ) s LEFT JOIN fhir_refs p ON p.ref = CASE WHEN asked THEN coalesce(ref_of(about), '?') ELSE '' END
    )"""


def doses(source: str, kind: str, pattern: str) -> str:
    """Medicines that were given, or are said to be taken, with a code that is known or in a resource of its own."""
    return f"""
    SELECT type, h, CASE WHEN asked THEN child END AS child, CASE WHEN asked THEN stray END AS stray, asked, code,
        medicine, given, t, odd
    FROM (
        SELECT s.*, p.child, CASE WHEN p.child IS NULL THEN {_STRAY} END AS stray
        FROM (
            SELECT *, {_TYPE.format(kind=kind)}, hash(id) AS h, medicationCodeableConcept::VARCHAR AS code,
                CASE WHEN medicationCodeableConcept IS NULL THEN medicationReference.reference END AS medicine,
                coalesce(status IN ('completed', 'in-progress', 'active', 'stopped'), false) AS given,
                CASE WHEN effectiveDateTime <> '' THEN effectiveDateTime ELSE effectivePeriod."start" END AS t,
                coalesce(regexp_matches(medicationCodeableConcept::VARCHAR, {pattern}), false)
                    OR (medicationCodeableConcept IS NULL AND medicationReference IS NOT NULL)
                    OR coalesce(regexp_matches(contained::VARCHAR, {pattern}), false) AS asked,
                {_ODD} OR coalesce(regexp_matches(contained::VARCHAR, {pattern}), false)
                    OR (medicationCodeableConcept IS NULL AND medicationReference.identifier IS NOT NULL) AS odd
            FROM {source}
        ) s LEFT JOIN fhir_persons p ON p.ref = CASE WHEN asked THEN ref_of(subject.reference) END
    )"""

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

SAMPLED = {"code": "JSON", "valueQuantity": "STRUCT(unit VARCHAR, system VARCHAR, code VARCHAR)", "resourceType": "VARCHAR"}

# What the passes keep. `h` is a number made of the id; `odd` sends a child to the one-child reader; `stray` names nobody plainly.
PATIENTS = {
    "type": "VARCHAR", "id": "VARCHAR", "gender": "VARCHAR", "born": "VARCHAR", "at_birth": "VARCHAR", "odd": "BOOLEAN",
    "invented": "BOOLEAN",
}  # fmt: skip
_ANY = {"type": "VARCHAR", "h": "UBIGINT", "child": "INTEGER", "stray": "VARCHAR", "odd": "BOOLEAN"}
CONDITION_DATES = ("asserted", "onset", "recorded", "started")
CONDITIONS = _ANY | {"key": "VARCHAR"} | dict.fromkeys(CONDITION_DATES, "VARCHAR")
CONDITIONS |= {f"{name}_day": "DATE" for name in CONDITION_DATES}
FOUND = _ANY | {"slot": "INTEGER", "code": "VARCHAR", "t": "VARCHAR", "day": "DATE", "value": "DOUBLE", "other": "VARCHAR"}
DOSES = _ANY | {
    "asked": "BOOLEAN", "code": "VARCHAR", "medicine": "VARCHAR", "given": "BOOLEAN", "t": "VARCHAR", "day": "DATE",
}  # fmt: skip

# What a text must look like for SQL to read it as a day and a time; every other text is read by the one-child reader.
_PLAIN_TIME = r"[12]\d{3}-\d\d-\d\d(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):\d\d))?"
MACROS = (
    f"""CREATE OR REPLACE MACRO day_of(t) AS
        CASE WHEN regexp_full_match(t, '{_PLAIN_TIME}') THEN TRY_CAST(left(t, 10) AS DATE) END""",
    f"""CREATE OR REPLACE MACRO instant_of(t) AS
        CASE WHEN length(t) > 10 AND regexp_full_match(t, '{_PLAIN_TIME}')
             THEN CAST(floor(epoch(TRY_CAST(t AS TIMESTAMPTZ))) AS BIGINT) END""",
    """CREATE OR REPLACE MACRO ref_of(r) AS
        CASE WHEN r LIKE 'Patient/%' AND NOT contains(r, '/_') THEN r
             ELSE regexp_extract(split_part(r, '/_history/', 1), '[^/]*/[^/]*$') END""",
    """CREATE OR REPLACE MACRO twice(t) AS TABLE
        SELECT h FROM query_table(t) WHERE h <> hash(NULL::VARCHAR) AND h <> hash('') GROUP BY h HAVING count(*) > 1""",
)


_LONG = ", maximum_object_size = 20000000"


def read_ndjson(files: Iterable[ExportFile], columns: dict[str, str], lenient: bool, long: bool = True) -> str:
    """The table function over some files. `long`: a line may be longer than 16 MB, with a document in it; that is slower."""
    paths = ", ".join(quoted(file.path) for file in files)
    declared = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items())
    return f"read_ndjson([{paths}], columns = {{{declared}}}{_LONG * long}{', ignore_errors = true' * lenient})"


def pattern_of(codes: Sequence[str]) -> str:
    """A pattern that finds any of these codes in JSON. It may find too much: what it finds is read properly."""
    return "|".join(re.sub(r"([^A-Za-z0-9_])", r"\\\1", code) for code in codes) or "$^"


_KARYOTYPE = r'(?i)^"?[\s\p{Z}\pC]*(\p{Nd}{2,3}[^,]*,[\s\p{Z}\pC]*[xyui?]|(nuc[\s\p{Z}\pC]+)?ish[\s\p{Z}\pC(])'
_IN_PARTS = r'"valueString":"[^"]*(\d\d[^",]*,|[Ii][Ss][Hh])'
_ODD = "(modifierExtension IS NOT NULL OR implicitRules IS NOT NULL)"
_FINAL = "(status = 'final' OR status = 'amended' OR status = 'corrected')"
_KNOWN_STATUS = f"({_FINAL} OR status = 'registered' OR status = 'preliminary')"
_TYPE = "CASE WHEN resourceType IS DISTINCT FROM '{kind}' THEN coalesce(resourceType, '?') END AS type"


def patients(source: str) -> str:
    """Every Patient by its id: what it says of its birth and sex."""
    return f"""
    SELECT {_TYPE.format(kind="Patient")}, id, gender, birthDate AS born,
        list_filter(extension, lambda e: e.url = '{BIRTH_SEX}')[1].valueCode AS at_birth,
        {_ODD} OR contained IS NOT NULL AS odd,
        CASE WHEN meta.security IS NULL AND meta.tag IS NULL THEN false ELSE coalesce(
            list_contains(list_transform(list_concat(meta.security, meta.tag), lambda c: c.code), 'HTEST'), false) END AS invented
    FROM {source}"""


# Each child once, with a number that does not depend on the order of the files.
PERSONS = """
    SELECT *, day_of(born) AS born_day, 'Patient/' || id AS ref, (row_number() OVER (ORDER BY id))::INTEGER AS child
    FROM (
        SELECT id, any_value(gender) AS gender, any_value(born) AS born, any_value(at_birth) AS at_birth,
            count(*) > 1 OR bool_or(odd) AS marked, bool_or(invented) AS invented
        FROM fhir_patients WHERE type IS NULL AND id <> '' GROUP BY id
    )"""


def _written(*names: str) -> str:
    """Parts of a resource as they stand in its JSON; nothing, where they are not there."""
    return ", ".join(f"""',"{name}":' || {name}::VARCHAR""" for name in names)


def _inside(pattern: str, *names: str) -> str:
    """Whether a pattern is found in parts that are seldom there."""
    there = " OR ".join(f"{name} IS NOT NULL" for name in names)
    return f"(CASE WHEN {there} THEN regexp_matches(concat_ws(' ', {', '.join(names)}), {pattern}) ELSE false END)"


def _child_of(asked: str, about: str) -> str:
    """The join to the child. What is not asked has no child, and finds the row of nobody: an unmatched row costs more."""
    nobody = "(SELECT ref, child FROM fhir_persons UNION ALL SELECT '', NULL)"
    return f"LEFT JOIN {nobody} p ON p.ref = CASE WHEN {asked} THEN coalesce(ref_of({about}), '?') ELSE '' END"


_STRAY = "CASE WHEN asked AND p.child IS NULL THEN coalesce(about, '') END AS stray"  # empty: it is about nobody


def conditions(source: str, pattern: str) -> str:
    """Conditions with a code that is known, wherever in the code or the look of the cells it stands."""
    dates = {"asserted": "asserted", "onset": "onsetDateTime", "recorded": "recordedDate", "started": 'onsetPeriod."start"'}
    return f"""
    SELECT type, h, p.child, {_STRAY}, odd, key,
        {", ".join(dates)}, {", ".join(f"day_of({name}) AS {name}_day" for name in dates)}
    FROM (
        SELECT type, h, about, asked, asked AND odd AS odd,
            {", ".join(f"CASE WHEN asked THEN {path} END AS {name}" for name, path in dates.items())},
            CASE WHEN asked THEN concat('{{"code":', coalesce(code::VARCHAR, 'null'),
                {_written("verificationStatus", "onsetAge", "looks")}, '}}') END AS key
        FROM (
            SELECT *, {_TYPE.format(kind="Condition")}, hash(id) AS h, subject.reference AS about, {_ODD} OR inside AS odd,
                list_filter(extension, lambda e: e.url = '{ASSERTED}')[1].valueDateTime AS asserted,
                coalesce(regexp_matches(code::VARCHAR, {pattern}), false) OR inside OR {_inside(pattern, "looks")} AS asked
            FROM (
                SELECT *, {_inside(pattern, "contained")} AS inside,
                    CASE WHEN len(shown) > 0 THEN to_json(list_transform(shown,
                        lambda e: {{url: e.url, valueCodeableConcept: e.valueCodeableConcept}})) END AS looks
                FROM (SELECT *, list_filter(extension, lambda e: e.url = '{MORPHOLOGY}') AS shown FROM {source})
            )
        )
    ) {_child_of("asked", "about")}"""


class Unit(NamedTuple):
    """A unit as a quantity gives it."""

    unit: str
    system: str
    code: str


def _number_of(units: Sequence[Unit]) -> str:
    """The number of the unit that a plain quantity has, from 1 on; 0 for every other value."""
    several = " OR ".join(f"{name} IS NOT NULL" for name in _JSON_VALUES if name != "method")
    cases = "".join(
        f" WHEN {_is('valueQuantity.code', one.code)} AND {_is('valueQuantity.unit', one.unit)} "
        f"AND {_is('valueQuantity.system', one.system)} THEN {number}"
        for number, one in enumerate(units, 1)
    )
    return f"CASE WHEN {several} OR coalesce(valueQuantity.comparator, '') <> '' THEN 0{cases} ELSE 0 END"


def _is(column: str, text: str) -> str:
    return f"{column} = {quoted(text)}" if text else f"{column} IS NULL"


# A number in the fact's own unit. 15 digits are what a hospital wrote; a number with more is left to the one-child reader.
_IN_UNIT = """
    CASE WHEN factor = 1 THEN number
        WHEN factor IS NOT NULL AND CAST(format('{:.15g}', number) AS DOUBLE) = number
        THEN CAST(format('{:.15g}', CASE WHEN factor < 0 THEN number / -factor ELSE number * factor END) AS DOUBLE) END"""


def observations(source: str, pattern: str, units: Sequence[Unit] = ()) -> str:
    """Observations with a code that is asked: a plain number in a known unit, or the parts of its value to be read once.

    Of all others only the name is kept. `fhir_codes` says by what a number in a unit is multiplied (or, below 0, divided).
    """
    karyotype, hints = quoted(_KARYOTYPE), f"{pattern} || '|' || {quoted(_IN_PARTS)}"
    quantity = """',"valueQuantity":' || to_json(valueQuantity)::VARCHAR"""
    written = f"""CASE WHEN valueQuantity IS NOT NULL THEN {quantity} ELSE {_written("interpretation")} END"""
    return f"""
    SELECT type, h, p.child, {_STRAY}, odd, slot, code, t, day_of(t) AS day, value, other
    FROM (
        SELECT type, h, about, asked, asked AND odd AS odd, CASE WHEN asked THEN slot END AS slot,
            CASE WHEN asked AND slot IS NULL THEN code END AS code,
            CASE WHEN asked THEN coalesce(nullif(effectiveDateTime, ''), nullif(effectiveInstant, ''),
                effectivePeriod::VARCHAR) END AS t,
            CASE WHEN plain THEN v END AS value,
            CASE WHEN asked AND NOT plain THEN '{{"status":' || coalesce(to_json(status)::VARCHAR, 'null')
                || CASE WHEN {_KNOWN_STATUS} THEN concat({written}, {_written(*_JSON_VALUES)}) ELSE '' END || '}}' END AS other
        FROM (
            SELECT *, CASE WHEN v BETWEEN least_value AND most_value
                THEN coalesce({_FINAL}, false) AND NOT odd AND (NOT whole OR v = floor(v)) ELSE false END AS plain
            FROM (
                SELECT o.*, c.slot, c.whole, c.least_value, c.most_value, {_IN_UNIT} AS v,
                    coalesce(c.asked, regexp_matches(o.code, {pattern}) OR o.code NOT LIKE '{{%', false) OR hints OR told AS asked,
                    coalesce(c.one_by_one, o.code NOT LIKE '{{%', false) OR strange OR hints
                        OR (has_parts AND coalesce(c.asked, true)) OR (told AND NOT coalesce(c.asked, false)) AS odd
                FROM (
                    SELECT {_TYPE.format(kind="Observation")}, hash(id) AS h, status, code::VARCHAR AS code,
                        subject.reference AS about, effectiveDateTime, effectiveInstant, effectivePeriod, valueQuantity,
                        valueQuantity.value AS number, {_number_of(units)} AS unit, {", ".join(_JSON_VALUES)}, interpretation,
                        component IS NOT NULL AS has_parts, {_ODD} OR focus IS NOT NULL AS strange,
                        {_inside(karyotype, "valueString")} AS told, {_inside(hints, "component", "contained")} AS hints
                    FROM {source}
                ) o LEFT JOIN fhir_codes c ON c.text = o.code AND c.unit = o.unit
            )
        )
    ) {_child_of("asked", "about")}"""


def doses(source: str, kind: str, pattern: str) -> str:
    """Medicines that were given, or are said to be taken, with a code that is known or in a resource of its own."""
    return f"""
    SELECT type, h, p.child, {_STRAY}, odd, asked, code, medicine, given, t, day_of(t) AS day
    FROM (
        SELECT type, h, about, odd, asked, CASE WHEN asked THEN medicationCodeableConcept::VARCHAR END AS code,
            CASE WHEN asked AND medicationCodeableConcept IS NULL THEN medicationReference.reference END AS medicine,
            coalesce(status IN ('completed', 'in-progress', 'active', 'stopped'), false) AS given,
            CASE WHEN asked THEN CASE WHEN effectiveDateTime <> '' THEN effectiveDateTime ELSE effectivePeriod."start" END END AS t
        FROM (
            SELECT *, {_TYPE.format(kind=kind)}, hash(id) AS h, subject.reference AS about,
                coalesce(regexp_matches(medicationCodeableConcept::VARCHAR, {pattern}), false) OR inside
                    OR (medicationCodeableConcept IS NULL AND medicationReference IS NOT NULL) AS asked,
                {_ODD} OR inside OR (medicationCodeableConcept IS NULL AND medicationReference.identifier IS NOT NULL) AS odd
            FROM (SELECT *, {_inside(pattern, "contained")} AS inside FROM {source})
        )
    ) {_child_of("asked", "about")}"""

"""Which of several results answers a fact, in SQL: the rules of `record.fhir.choosing` wherever they are plain to tell.

Where they are not (results of which one may or may not lie in the window, values that are intervals and differ), the child is
marked, and the one-child reader decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from remission.cohort.fhir.dictionary import COMPARED
from remission.cohort.fhir.passes import CONDITION_DATES

WAYS = ("first", "last", "highest", "lowest", "agree")  # which of several results counts, by its number
FIRST, LAST, HIGHEST, LOWEST, AGREE = range(len(WAYS))
_LONG = 100_000
_NAMES = [column.name for column in COMPARED]
_SAME = [f"min({name}) IS NOT DISTINCT FROM max({name}) AND count({name}) IN (0, count(*))" for name in _NAMES]


def diagnosed(dates: Sequence[str], latest: Sequence[str]) -> str:
    """When each child's leukemia was diagnosed: the earliest of what its conditions say, as narrowly as they say it."""
    joins = "".join(
        f" LEFT JOIN fhir_dates d_{name} ON d_{name}.text = CASE WHEN c.{name}_day IS NULL THEN c.{name} END"
        for name in CONDITION_DATES
    )
    ends = {}
    for end in ("first_day", "last_day"):
        one = {name: f"c.{name}_day, d_{name}.{end}" for name in CONDITION_DATES}
        one["onset"] += f", {one.pop('started')}"
        ends[end] = (_first_of(one, dates), _first_of(one, latest))
    return f"""
    WITH said AS (
        SELECT c.child, i.exact, {ends["first_day"][0]} AS exact_first, {ends["last_day"][0]} AS exact_last,
            coalesce({ends["last_day"][0]}, {ends["last_day"][1]}) AS latest, b.first_day AS born
        FROM fhir_conditions c JOIN fhir_illnesses i ON i.key = c.key AND i.leukemia{joins}
        LEFT JOIN fhir_births b ON b.child = c.child WHERE c.child IS NOT NULL
    ), moments AS (
        SELECT child, CASE WHEN exact AND exact_first IS NOT NULL THEN exact_first
                WHEN born <= latest THEN born ELSE DATE '0001-01-01' END AS first_day,
            CASE WHEN exact AND exact_first IS NOT NULL THEN exact_last ELSE latest END AS last_day
        FROM said WHERE latest IS NOT NULL
    ), ends AS (SELECT child, min(last_day) AS last_day FROM moments GROUP BY child)
    SELECT child, max(m.first_day) FILTER (m.first_day <= e.last_day) AS first_day, any_value(e.last_day) AS last_day
    FROM moments m JOIN ends e USING (child) GROUP BY child"""


def _first_of(one: dict[str, str], names: Sequence[str]) -> str:
    return f"coalesce({', '.join([one[name] for name in names if name in one] or ['NULL::DATE'])}, NULL)"


def treated(within: int) -> str:
    """When each child's treatment began: the first dose from the diagnosis on, when it is early enough. `ties`: two times on it."""
    return f"""
    WITH given AS (
        SELECT d.child, coalesce(d.day, v.first_day) AS first_day, coalesce(d.day, v.last_day) AS last_day,
            coalesce(instant_of(t), v.instant) AS instant, g.first_day AS diagnosed
        FROM fhir_doses d JOIN fhir_diagnoses g ON g.child = d.child
        LEFT JOIN fhir_medications m ON m.ref = ref_of(d.medicine)
        JOIN fhir_medicines k ON k.code = coalesce(d.code, m.code)
        LEFT JOIN fhir_dates v ON v.text = CASE WHEN d.day IS NULL THEN d.t END
        WHERE d.child IS NOT NULL AND d.given
    ), first AS (
        SELECT child, min(struct_pack(l := last_day, f := first_day)) AS ends, any_value(diagnosed) AS diagnosed
        FROM given WHERE first_day IS NOT NULL AND last_day >= diagnosed GROUP BY child
    )
    SELECT child, any_value(ends.f) AS first_day, any_value(ends.l) AS last_day, any_value(instant) AS instant,
        count(DISTINCT coalesce(instant, -9e15::BIGINT)) > 1 AS ties
    FROM first JOIN given USING (child)
    WHERE given.last_day = ends.l AND given.first_day = ends.f AND ends.l - first.diagnosed <= {within}
    GROUP BY child"""


ANCHORS = """
    SELECT g.child, g.first_day AS diagnosed_first, g.last_day AS diagnosed_last, t.first_day AS treated_first,
        t.last_day AS treated_last, t.instant AS treated_at
    FROM fhir_diagnoses g LEFT JOIN fhir_treatments t ON t.child = g.child"""
# What the place of a result depends on: `r` is the result, `a` what it answers, `n` when the child was diagnosed and treated.
_SITUATION = f"""a.timed, a.has_window, a.first_day AS from_day,
    CASE WHEN a.of_treatment THEN n.treated_first ELSE n.diagnosed_first END AS anchor_first,
    CASE WHEN a.of_treatment THEN n.treated_last ELSE n.diagnosed_last END AS anchor_last,
    a.before_treatment AND n.treated_first IS NOT NULL AS ends_early,
    CASE WHEN ends_early THEN {_LONG} ELSE a.last_day END AS to_day,
    n.treated_first, n.treated_last, CASE WHEN ends_early THEN n.treated_at END AS treated_at,
    CASE WHEN ends_early AND n.treated_at IS NOT NULL THEN coalesce(instant_of(r.t), r.instant) END AS found_at"""
_BASE = """CASE WHEN from_day <= first_day - anchor_last AND last_day - anchor_first <= to_day THEN 1
    WHEN last_day - anchor_first < from_day OR first_day - anchor_last > to_day THEN 0 ELSE 2 END"""
_AFTER = f"""CASE WHEN NOT ends_early THEN 1
    WHEN treated_at IS NOT NULL AND found_at IS NOT NULL THEN CASE WHEN treated_at < found_at THEN 0 ELSE 1 END
    WHEN last_day - treated_first <= 0 AND first_day - treated_last >= -{_LONG} THEN 1
    WHEN last_day - treated_first < -{_LONG} OR first_day - treated_last > 0 THEN 0 ELSE 2 END"""


def _placed(columns: str, rows: str) -> str:
    """Whether results lie in their windows, as `place`: 1 in it, 2 perhaps, 0 not."""
    return f"""
    SELECT {columns}, CASE WHEN timed THEN 1 WHEN NOT has_window OR anchor_first IS NULL OR first_day IS NULL THEN 2
        WHEN base = 0 OR after = 1 THEN base ELSE after END AS place
    FROM (SELECT *, {_BASE} AS base, {_AFTER} AS after FROM ({rows}))"""


# A plain number is one row of the pass; nothing else was found of most facts of most children.
_PLAIN_ROWS = _placed(
    "child, fact, which, is_mrd, value, first_day, last_day, t, instant",
    f"""
    SELECT r.child, a.fact, a.which, a.is_mrd, r.value, r.first_day, r.last_day, r.t, r.instant, {_SITUATION}
    FROM (
        SELECT f.child, f.slot, f.value, coalesce(f.day, d.first_day) AS first_day, coalesce(f.day, d.last_day) AS last_day,
            f.t, d.instant
        FROM fhir_found f LEFT JOIN fhir_dates d ON d.text = CASE WHEN f.day IS NULL THEN f.t END
        WHERE f.value IS NOT NULL AND f.child IS NOT NULL
    ) r JOIN fhir_native a ON a.slot = r.slot LEFT JOIN fhir_anchors n ON n.child = r.child""",
)
_SAID = ", ".join(f"v.{name}" for name in _NAMES)
OTHER_ROWS = _placed(
    f"child, fact, which, first_day, last_day, t, instant, {', '.join(_NAMES)}",
    f"""
    SELECT r.*, a.fact, a.which, {_SITUATION}
    FROM (
        SELECT f.child, v.ask, coalesce(f.day, d.first_day) AS first_day, coalesce(f.day, d.last_day) AS last_day,
            f.t, d.instant, {_SAID}
        FROM fhir_found f JOIN fhir_keys k ON k.slot IS NOT DISTINCT FROM f.slot AND k.code IS NOT DISTINCT FROM f.code
            AND k.other = f.other JOIN fhir_values v ON v.key = k.key
        LEFT JOIN fhir_dates d ON d.text = CASE WHEN f.day IS NULL THEN f.t END
        WHERE f.other IS NOT NULL AND f.child IS NOT NULL
        UNION ALL
        SELECT c.child, v.ask, NULL::DATE, NULL::DATE, NULL::VARCHAR, NULL::BIGINT, {_SAID}
        FROM fhir_conditions c JOIN fhir_illnesses i ON i.key = c.key JOIN fhir_illness_values v ON v.key = i.number
        WHERE c.child IS NOT NULL
    ) r JOIN fhir_asks a ON a.ask = r.ask LEFT JOIN fhir_anchors n ON n.child = r.child""",
)
PLAIN = f"""
    SELECT child, fact, count_if(place = 1) AS n, count_if(place = 2) AS m, any_value(is_mrd) AS is_mrd,
        min(value) FILTER (place = 1) AS least, max(value) FILTER (place = 1) AS most, min(which) AS which,
        min(which) <> max(which) AS ways
    FROM ({_PLAIN_ROWS}) WHERE place > 0 GROUP BY child, fact"""
_IN = "FILTER (place = 1 AND absent IS NULL)"
OTHER = f"""
    SELECT child, fact, count(*) {_IN} AS n, count_if(place = 2 AND absent IS NULL) AS m,
        count_if(place = 1 AND absent IS NOT NULL) AS a, min(which) {_IN} AS which, min(which) {_IN} <> max(which) {_IN} AS ways,
        min(absent) FILTER (place = 1) AS absent, count(DISTINCT absent) FILTER (place = 1) AS reasons,
        {", ".join(f"any_value({name}) {_IN} AS {name}" for name in _NAMES if name != "absent")},
        {" AND ".join(f"(count(DISTINCT {n}) {_IN} < 2 AND count({n}) {_IN} IN (0, count(*) {_IN}))" for n in _NAMES[:-1])} AS same,
        bit_and(bits) {_IN} AS both_bits, count(bits) {_IN} = count(*) {_IN} AS are_choices
    FROM fhir_other_rows WHERE place > 0 GROUP BY child, fact"""
_PLAIN_DIFFER = "n > 1 AND least <> most"
_OTHER_DIFFER = "n > 1 AND NOT same"
_IN_ORDER = f"which IN ({FIRST}, {LAST})"


def differing(others: bool) -> str:
    """The facts that are known, as a list; how often several results differ; and how often the first or last of them counts."""
    tables = [("plain", _PLAIN_DIFFER)] + [("other", _OTHER_DIFFER)] * others
    rows = " UNION ALL ".join(f"SELECT fact, {test} AS differ, {_IN_ORDER} AS ordered FROM fhir_{name}" for name, test in tables)
    return f"SELECT list(DISTINCT fact), count(*) FILTER (differ), count(*) FILTER (differ AND ordered) FROM ({rows})"


def again(others: bool) -> str:
    """Where the first or the last counts and they differ: by their exact times, or by their days when no time is known."""
    several = [f"SELECT child, fact, which FROM fhir_plain WHERE {_PLAIN_DIFFER} AND {_IN_ORDER}"]
    listed = [f"""
        SELECT s.which, r.child, r.fact, r.first_day, r.last_day, coalesce(instant_of(r.t), r.instant) AS instant,
            r.value AS low, r.value AS high, false AS low_open,
            false AS high_open, NULL::INTEGER AS bits, CASE WHEN r.is_mrd THEN 'positive' END AS result, NULL::VARCHAR AS absent
        FROM ({_PLAIN_ROWS}) r JOIN several s USING (child, fact) WHERE r.place = 1"""]  # fmt: skip
    if others:
        several.append(f"SELECT child, fact, which FROM fhir_other WHERE {_OTHER_DIFFER} AND {_IN_ORDER}")
        listed.append(f"""
        SELECT s.which, r.child, r.fact, r.first_day, r.last_day, coalesce(instant_of(r.t), r.instant), {", ".join(_NAMES)}
        FROM fhir_other_rows r JOIN several s USING (child, fact) WHERE r.place = 1 AND r.absent IS NULL""")
    return f"""
    WITH several AS ({" UNION ALL ".join(several)}), listed AS ({" UNION ALL ".join(listed)}),
    told AS (
        SELECT child, fact, bool_and(first_day IS NOT NULL AND first_day = last_day) AND count(instant) IN (0, count(*)) AS ordered
        FROM listed GROUP BY child, fact
    ), placed AS (
        SELECT listed.*, ordered,
            coalesce(instant, first_day - DATE '1970-01-01') * CASE WHEN which = {FIRST} THEN 1 ELSE -1 END AS counts
        FROM listed JOIN told USING (child, fact)
    ), best AS (SELECT child, fact, min(counts) AS counts FROM placed GROUP BY child, fact)
    SELECT child, fact, any_value(ordered) AS ordered, {" AND ".join(_SAME[:-1])} AS same,
        {", ".join(f"any_value({name}) AS {name}" for name in _NAMES)}
    FROM placed JOIN best USING (child, fact, counts) GROUP BY child, fact"""


def unclear(sex: int, others: bool, ordered: bool) -> list[str]:
    """The children about whom it is not plain what counts, and those whose sex a result tells: the one-child reader reads them."""
    found = ["SELECT child FROM fhir_plain WHERE ways OR (n > 0 AND m > 0)"]
    if others:
        found += [
            f"""SELECT child FROM fhir_other WHERE ways OR (n > 0 AND m > 0) OR (n = 0 AND m = 0 AND reasons > 1)
            OR (n > 1 AND NOT same AND (which IN ({HIGHEST}, {LOWEST}) OR (which = {AGREE} AND NOT are_choices)))
            OR fact = {sex}""",
            "SELECT o.child FROM fhir_other o JOIN fhir_plain p ON p.child = o.child AND p.fact = o.fact WHERE o.n + o.m > 0",
        ]
    return found + ["SELECT child FROM fhir_again WHERE NOT ordered"] * ordered


_NOTHING = "NULL AS low, NULL AS high, false AS low_open, false AS high_open"


def known(age: int, sex: int, others: bool, ordered: bool, aged: bool) -> str:
    """What is known of every child, a row for each fact. The age from two dates counts before one that somebody wrote down."""
    told = [f"""
    SELECT child, fact, CASE WHEN which = {LOWEST} THEN least ELSE most END AS low,
        CASE WHEN which = {LOWEST} THEN least ELSE most END AS high, false AS low_open, false AS high_open,
        NULL::INTEGER AS bits, CASE WHEN is_mrd THEN 'positive' END AS result, NULL::VARCHAR AS absent
    FROM fhir_plain WHERE n > 0 AND (least = most OR which IN ({HIGHEST}, {LOWEST}))"""]  # fmt: skip
    if others:
        told.append(f"""
    SELECT child, fact, {", ".join("both_bits AS bits" if n == "bits" else n for n in _NAMES[:-1])}, NULL
    FROM fhir_other WHERE n > 0 AND (same OR (which = {AGREE} AND are_choices AND both_bits > 0))
    UNION ALL SELECT o.child, o.fact, {_NOTHING}, NULL, NULL, o.absent FROM fhir_other o
        LEFT JOIN fhir_plain p ON p.child = o.child AND p.fact = o.fact
        WHERE o.n = 0 AND o.m = 0 AND o.a > 0 AND p.child IS NULL""")
    if ordered:
        told.append(f"SELECT child, fact, {', '.join(_NAMES)} FROM fhir_again WHERE same")
    results = " UNION ALL ".join(told)
    if aged:
        both = "SELECT b.child FROM fhir_births b JOIN fhir_diagnoses g ON g.child = b.child"
        results = f"SELECT * FROM ({results}) WHERE fact <> {age} OR child NOT IN ({both})"
    sexes = f"""
    SELECT child, {sex}, {_NOTHING}, s.bits, NULL, s.absent
    FROM fhir_persons p JOIN fhir_sexes s ON s.gender IS NOT DISTINCT FROM p.gender AND s.at_birth IS NOT DISTINCT FROM p.at_birth
    WHERE s.bits IS NOT NULL OR s.absent IS NOT NULL"""
    return " UNION ALL ".join((results, sexes, _ages(age)))


_BEFORE_BIRTHDAY = "CASE WHEN month({d}) * 32 + day({d}) < month({b}) * 32 + day({b}) THEN 1 ELSE 0 END"


def _ages(fact: int) -> str:
    """The age at diagnosis as rows of what is known: completed years of 365.25 days and the days since the last birthday."""
    ends = {"least": ("last_born", "first_day"), "most": ("first_born", "last_day")}
    years = [f"year({d}) - year({b}) - {_BEFORE_BIRTHDAY.format(b=b, d=d)} AS {end}_years" for end, (b, d) in ends.items()]
    birthdays = [f"({b} + to_years(CAST({end}_years AS INTEGER)))::DATE AS {end}_birthday" for end, (b, _) in ends.items()]
    least, most = (f"({end}_years * 365.25 + ({d} - {end}_birthday) - {_moved(b, end)})::DOUBLE" for end, (b, d) in ends.items())
    return f"""
    SELECT child, {fact}, CASE WHEN last_born <= first_day THEN {least} ELSE 0 END, {most}, false, false, NULL, NULL, NULL
    FROM (SELECT *, {", ".join(birthdays)} FROM (SELECT *, {", ".join(years)} FROM (
        SELECT b.child, b.first_day AS first_born, b.last_day AS last_born, g.first_day, g.last_day
        FROM fhir_births b JOIN fhir_diagnoses g ON g.child = b.child
        WHERE g.last_day >= b.first_day)))"""


def _moved(born: str, end: str) -> str:
    """The birthday of a 29th of February is the 1st of March where there is no 29th; DuckDB takes the 28th."""
    return f"CASE WHEN day({born}) = 29 AND day({end}_birthday) = 28 THEN 1 ELSE 0 END"

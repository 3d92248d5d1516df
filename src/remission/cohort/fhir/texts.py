"""Distinct texts of an export, read once each and brought back as small tables: dates, medicines, conditions, values."""

from __future__ import annotations

from collections.abc import Sequence

from remission.cohort.columns import Value
from remission.cohort.fhir.choosing import WAYS
from remission.cohort.fhir.dictionary import COMPARED, counted, dated
from remission.cohort.fhir.passes import CONDITION_DATES
from remission.cohort.fhir.run import Run
from remission.cohort.fhir.tables import some_of
from remission.knowledge.model import Takes
from remission.record.fhir.finding import Reading

COMPARED_COLUMNS: dict[str, str] = {column.name: column.type for column in COMPARED}
_KEYS = {"key": "INTEGER", "slot": "INTEGER", "code": "VARCHAR", "other": "VARCHAR", "unread": "BOOLEAN"}
_VALUES = {"key": "INTEGER", "ask": "INTEGER"} | COMPARED_COLUMNS
_ILLNESSES = {"number": "INTEGER", "key": "VARCHAR", "leukemia": "BOOLEAN", "exact": "BOOLEAN", "unread": "BOOLEAN"}
_TOLD_DATES = {"text": "VARCHAR", "first_day": "VARCHAR", "last_day": "VARCHAR", "instant": "DOUBLE"}
_DATES = {"text": "VARCHAR", "first_day": "DATE", "last_day": "DATE", "instant": "BIGINT"}
_ASKS = {
    "ask": "INTEGER", "fact": "INTEGER", "of_treatment": "BOOLEAN", "first_day": "INTEGER", "last_day": "INTEGER",
    "before_treatment": "BOOLEAN", "which": "INTEGER", "timed": "BOOLEAN", "has_window": "BOOLEAN", "is_mrd": "BOOLEAN",
}  # fmt: skip
_SEXES = {"gender": "VARCHAR", "at_birth": "VARCHAR", "bits": "INTEGER", "absent": "VARCHAR"}


class Texts:
    """Fills the tables medicines, dates, births, illnesses, illness_values, keys, values, asks, native and sexes."""

    def __init__(self, run: Run):
        self.run, self.tables, self.dictionary = run, run.tables, run.dictionary
        self.unread: list[str] = []  # the children of texts that only the one-child reader can read, as queries
        self.others = False  # whether anything was said that is no plain number

    def read(self) -> None:
        self._medicines()
        self._dates()
        self._illnesses()
        self._keys()
        self._asks()
        self._sexes()

    def _medicines(self) -> None:
        texts = self.tables.column(
            "SELECT code FROM fhir_doses WHERE code IS NOT NULL UNION SELECT code FROM fhir_medications WHERE code IS NOT NULL"
        )
        self.tables.put("medicines", {"code": "VARCHAR"}, [(text,) for text in texts if self.dictionary.is_medicine(text)])

    def _dates(self) -> None:
        """Dates that are not plain. A text that is empty says nothing."""
        asked = [f"SELECT {name} FROM fhir_conditions WHERE {name}_day IS NULL AND {name} <> ''" for name in CONDITION_DATES]
        asked.append("SELECT born FROM fhir_persons WHERE born_day IS NULL AND born <> ''")
        asked += [f"SELECT t FROM fhir_{name} WHERE day IS NULL AND t <> '' AND child IS NOT NULL" for name in ("doses", "found")]
        texts = self.tables.engine.rows(f"SELECT DISTINCT * FROM ({' UNION ALL '.join(asked)})")
        self.tables.empty("dates", _DATES)
        for some in some_of(dated(row[0] for row in texts), 50_000):
            self.tables.add("dates", _TOLD_DATES, some)
        self.tables.keep("births", """
            SELECT child, coalesce(born_day, first_day) AS first_day, coalesce(born_day, last_day) AS last_day
            FROM fhir_persons LEFT JOIN fhir_dates ON text = CASE WHEN born_day IS NULL THEN born END
            WHERE coalesce(born_day, first_day) IS NOT NULL""")  # fmt: skip

    def _illnesses(self) -> None:
        """What each distinct way to write a condition says."""
        illnesses: list[tuple[Value, ...]] = []
        values: list[tuple[Value, ...]] = []
        rows = self.tables.listed("SELECT key, count(*) FROM fhir_conditions WHERE child IS NOT NULL GROUP BY key ORDER BY key")
        for number, (key, times) in enumerate(rows):
            told = self.dictionary.illness(key)
            illnesses.append((number, key, *(told[1:] if told else (False, False)), told is None))
            if told:
                values += [(number, ask, *value) for ask, value in self.dictionary.rows(told[0])]
                self._count(told[0], times)
            else:
                self.unread = ["SELECT child FROM fhir_conditions c JOIN fhir_illnesses i USING (key) WHERE i.unread"]
        self.tables.put("illnesses", _ILLNESSES, illnesses)
        self.tables.put("illness_values", _VALUES, values)
        self.others = bool(values)

    def _count(self, reading: Reading, times: int) -> None:
        for word in {counted(reason) for reason in reading.left} - {""}:
            self.run.counters[word] += times
        if any(finding.remark and finding.remark.word == "fhir-remark-unfinished" for finding in reading.findings):
            self.run.counters["cohort-fhir-unfinished"] += times

    def _keys(self) -> None:
        """What each distinct value says that is no plain number; one that is a karyotype sends its children one by one."""
        self.tables.empty("keys", _KEYS)
        self.tables.empty("values", _VALUES)
        number = unread = 0
        codes = {one.slot: one.text for one in self.dictionary.codes.values()}
        rows = self.tables.engine.rows("""
            SELECT slot, code, other, count(*) FROM fhir_found WHERE other IS NOT NULL AND child IS NOT NULL AND NOT odd
            GROUP BY slot, code, other""")
        for some in some_of(rows, 20_000):
            keys: list[tuple[Value, ...]] = []
            values: list[tuple[Value, ...]] = []
            for slot, code, other, times in some:
                number += 1
                reading = self.dictionary.reading(f'{{"code":{codes[slot] if slot else code},{other[1:]}')
                keys.append((number, slot, code, other, reading is None or bool(reading.karyotypes)))
                unread += bool(keys[-1][-1])
                if reading:
                    values += [(number, ask, *value) for ask, value in self.dictionary.rows(reading)]
                    self._count(reading, times)
            self.tables.add("keys", _KEYS, keys)
            self.tables.add("values", _VALUES, values)
            self.others = self.others or bool(values)
        if unread:
            self.unread.append("""
                SELECT child FROM fhir_found f JOIN fhir_keys k ON k.slot IS NOT DISTINCT FROM f.slot
                    AND k.code IS NOT DISTINCT FROM f.code AND k.other = f.other WHERE k.unread""")

    def _asks(self) -> None:
        """What the codes answer, and which of it a plain number of a code answers."""
        rows: list[tuple[Value, ...]] = []
        for number, ask in enumerate(self.dictionary.asks):
            definition = self.dictionary.definition(number)
            known = (ask.timed, ask.takes is not None, definition.kind == "mrd")
            rows.append((number, self.dictionary.facts.index(ask.fact), *_window(ask.takes), *known))
        self.tables.put("asks", _ASKS, rows)
        native = [(one.slot, *rows[one.native]) for one in self.dictionary.codes.values() if one.native is not None]
        self.tables.put("native", {"slot": "INTEGER"} | _ASKS, native)

    def _sexes(self) -> None:
        said: Sequence[tuple[str | None, str | None]] = self.tables.listed("SELECT DISTINCT gender, at_birth FROM fhir_persons")
        self.tables.put("sexes", _SEXES, [(gender, at_birth, *self.dictionary.sex(gender, at_birth)) for gender, at_birth in said])


def _window(takes: Takes | None) -> tuple[Value, ...]:
    if takes is None:
        return False, 0, 0, False, WAYS.index("agree")
    return takes.of == "treatment", takes.first_day, takes.last_day, takes.before_treatment, WAYS.index(takes.which)

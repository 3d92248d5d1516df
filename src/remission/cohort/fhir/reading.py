"""A folder of NDJSON files to the children table: the passes, the distinct texts, the choice, and the children read one by one."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from remission.cohort.columns import CHILD, Column, Value, columns_of
from remission.cohort.fhir import choosing, passes
from remission.cohort.fhir.dictionary import COMPARED, Dictionary, counted, dated
from remission.cohort.fhir.exports import (
    CONDITION,
    ENCOUNTER,
    MEDICATION,
    MEDICINES,
    OBSERVATION,
    PATIENT,
    READ,
    Export,
    ExportFile,
    find_export,
    sample_of,
)
from remission.cohort.fhir.looking import Apart, Damage, Whom, damage_of, long_rows, nobody_known, one_by_one, set_apart
from remission.cohort.loaded import Loaded, Reject, write_rejects
from remission.cohort.names import quoted
from remission.knowledge.model import Lang
from remission.record.fhir.finding import Reading
from remission.record.fhir.meanings import Meanings
from remission.record.problems import InputProblem

if TYPE_CHECKING:
    from remission.cohort.engines import DuckEngine

T = TypeVar("T")
Progress = Callable[[int, int], None]  # bytes read, bytes in all
CHILDREN = "children"
LARGE = 4_000_000_000  # a file of this size is worth a copy of what was found in it, to go on from after an interruption
_PLANNED = "build_side_probe_side,join_order"  # a table read from a file has no size yet: ours is always the smaller one
_TABLES = (
    "patients", "persons", "refs", "births", "conditions", "found", "doses", "medications", "medicines", "codes", "asks", "keys",
    "values", "dates", "illnesses", "illness_values", "diagnoses", "treatments", "plain_rows", "other_rows", "plain", "other",
    "again", "known", "marks", "told", "anchors", "native", "found_small",
)  # fmt: skip


def read_export(
    engine: DuckEngine, meanings: Meanings, folder: Path, *, work: Path, progress: Progress | None = None, lang: Lang = "en",
    large: int = LARGE,
) -> Loaded:  # fmt: skip
    """Fills the table `children` from the NDJSON files of a folder. `work` keeps what is needed to go on after an interruption.

    Raises `InputProblem` when the folder holds no export. What cannot be read of it is told in what comes back.
    """
    work.mkdir(parents=True, exist_ok=True)
    return _Export(engine, meanings, find_export(folder), work, progress or _silent, lang, large).read()


def _some(rows: Iterable[T], number: int) -> Iterator[list[T]]:
    """The rows, some at a time."""
    left = iter(rows)
    while some := list(islice(left, number)):
        yield some


def _silent(done: int, total: int) -> None:
    """No progress is told."""


class _Export:
    """One run. Tables whose names begin with `fhir_` are its own, and are gone at the end."""

    def __init__(
        self, engine: DuckEngine, meanings: Meanings, export: Export, work: Path, progress: Progress, lang: Lang, large: int
    ):  # fmt: skip
        self.engine, self.meanings, self.export, self.work = engine, meanings, export, work
        self.progress, self.lang, self.large = progress, lang, large
        self.sql = engine.connection
        self.dictionary = Dictionary(meanings)
        self.counters: Counter[str] = Counter()
        self.rejects: list[Reject] = []
        self.marked: set[str] = set()  # ids that a careful look found
        self.records = 0
        self.done = 0
        self.kept: set[Path] = set()
        self.units: list[passes.Unit] = []
        self.looked_at: set[str] = set()
        self.views: set[str] = set()
        self.made: set[str] = set()  # tables of a pass that are there

    def read(self) -> Loaded:
        self.sql.execute(f"SET disabled_optimizers = '{_PLANNED}'")
        try:
            self._passes()
            self.sql.execute("RESET disabled_optimizers")
            self._texts()
            self._choose()
            self._one_by_one()
            facts = self._children()
            return self._loaded(facts)
        finally:
            self.sql.execute("RESET disabled_optimizers")
            self._drop(*(f"fhir_{name}" for name in _TABLES))

    def _drop(self, *names: str) -> None:
        """Lets go of tables and views, where they are there."""
        for name in names:
            self.sql.execute(f"DROP {'VIEW' if name in self.views else 'TABLE'} IF EXISTS {name}")
            self.views.discard(name)

    def _see(self, name: str, query: str) -> None:
        self.sql.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
        self.views.add(name)

    # --- the passes -----------------------------------------------------------------------------------------------------------

    def _passes(self) -> None:
        for statement in passes.MACROS:
            self.sql.execute(statement)
        for _ in range(len(READ)):  # a file may turn out to hold another kind as well; then all is read again
            self.counters.clear()
            self.rejects.clear()
            self.looked_at.clear()
            self.records = self.done = 0
            if not self._pass_all():
                return

    def _pass_all(self) -> bool:
        """Reads every kind; whether some file held a kind that was not looked for in it."""
        self._pass("patients", [PATIENT], passes.PATIENT, lambda source, _: passes.patients(source))
        self._persons()
        illnesses = quoted(passes.pattern_of(sorted({code for _, code in self.meanings.illnesses})))
        self._pass("conditions", [CONDITION], passes.CONDITION, lambda source, _: passes.conditions(source, illnesses))
        drugs = quoted(passes.pattern_of(sorted({code for _, code in self.meanings.medicines})))
        self._pass("doses", list(MEDICINES), passes.MEDICINE, lambda source, kind: passes.doses(source, kind, drugs))
        self._medications()
        self._codes()
        codes = quoted(passes.pattern_of(self.dictionary.known_codes()))
        self._pass("found", [OBSERVATION], passes.OBSERVATION, lambda source, _: passes.observations(source, codes, self.units))
        self._no_resources()
        return self._surprised()

    def _no_resources(self) -> None:
        """A line may be JSON and no resource; which one it is is looked for only where there is one."""
        for table, kinds in _KINDS.items():
            if self._number(f"SELECT count(*) FROM fhir_{table} WHERE type = '?'"):
                for file in self.export.of(*kinds):
                    self._careful(file)

    def _surprised(self) -> bool:
        """Whether a file holds resources of a kind that was not looked for there. The export then says so."""
        surprised = False
        for table, kinds in _KINDS.items():
            others = {
                row[0] for row in self.sql.execute(f"SELECT DISTINCT type FROM fhir_{table} WHERE type IS NOT NULL").fetchall()
            }
            files = self.export.of(*kinds)
            for kind in others & set(READ) - set(kinds):
                missing = [file.name for file in files if kind not in file.kinds]
                surprised = surprised or bool(missing)
                self.export = self.export.with_kind(missing, kind)
        return surprised

    def _pass(self, table: str, kinds: Sequence[str], columns: dict[str, str], select: Callable[[str, str], str]) -> None:
        parts: list[Path] = []
        self._drop(f"fhir_{table}")
        self.made.discard(table)
        for kind in kinds:
            files = self.export.of(kind)
            small = [file for file in files if file.size < self.large]
            for group in ([small] if small else []) + [[file] for file in files if file.size >= self.large]:
                self._group(table, kind, group, columns, select, parts)
        if table not in self.made:  # there is no file of this kind, or only large ones
            empty = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
            self._add_to(table, select(f"(SELECT {empty} WHERE false)", kinds[0]))
        if parts:
            self._with_parts(table, parts)

    def _add_to(self, table: str, query: str) -> None:
        self.sql.execute(f"INSERT INTO fhir_{table} {query}" if table in self.made else f"CREATE TABLE fhir_{table} AS {query}")
        self.made.add(table)

    def _group(
        self, table: str, kind: str, files: list[ExportFile], columns: dict[str, str], select: Callable[[str, str], str],
        parts: list[Path],
    ) -> None:  # fmt: skip
        """Some files in one go. Where something is wrong, one after the other; the one it is in is looked at carefully."""
        import duckdb

        try:
            self._run(table, files, select(passes.read_ndjson(files, columns, lenient=False), kind), parts)
        except duckdb.InvalidInputException:
            if len(files) > 1:
                for file in files:
                    self._group(table, kind, [file], columns, select, parts)
                return
            self._careful(files[0])
            lenient = (
                f"SELECT * FROM ({select(passes.read_ndjson(files, columns, lenient=True), kind)}) WHERE type IS DISTINCT FROM '?'"
            )
            self._run(table, files, lenient, parts)
        except (duckdb.IOException, duckdb.SerializationException) as error:
            raise InputProblem("cohort-fhir-file-broken", file=files[0].name, reason=str(error).split("\n")[0]) from None
        self.done += sum(file.size for file in files)
        self.progress(self.done, sum(file.size for file in self.export.files))

    def _run(self, table: str, files: list[ExportFile], query: str, parts: list[Path]) -> None:
        if table != "found" or files[0].size < self.large:
            self._add_to(table, query)
            return
        part = self.work / f"found-{self._digest(files[0], query)}.parquet"
        if not part.exists():
            half = part.with_suffix(".half")
            self.sql.execute(f"COPY ({query}) TO {quoted(half)} (FORMAT parquet, COMPRESSION zstd)")
            half.replace(part)
        parts.append(part)
        self.kept.add(part)

    def _digest(self, file: ExportFile, query: str) -> str:
        """What a part depends on: the file, the children, what the codes mean, and the software."""
        known = [(one.name, one.size, one.changed) for one in (file, *self.export.of(PATIENT))]
        meant = self.sql.execute("SELECT * FROM fhir_codes ORDER BY slot").fetchall()
        parts = (known, meant, self.dictionary.asks, query, self.meanings.library.hash, version("remission"))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]

    def _with_parts(self, table: str, parts: list[Path]) -> None:
        self._drop(f"fhir_{table}_small")
        self.sql.execute(f"ALTER TABLE fhir_{table} RENAME TO fhir_{table}_small")
        listed = ", ".join(quoted(part) for part in parts)
        self._see(f"fhir_{table}", f"SELECT * FROM fhir_{table}_small UNION ALL BY NAME SELECT * FROM read_parquet([{listed}])")

    def _careful(self, file: ExportFile) -> None:
        found: Damage = damage_of(self.export, {file.name})
        if file.name not in self.looked_at:  # one file may be read for several kinds
            self.looked_at.add(file.name)
            self.rejects += found.rejects
            self.counters.update(found.counters)
        self.marked |= found.marked

    # --- small tables ---------------------------------------------------------------------------------------------------------

    def _persons(self) -> None:
        self.sql.execute("""
            CREATE OR REPLACE TABLE fhir_persons AS
            SELECT (row_number() OVER (ORDER BY id))::INTEGER AS child, id, 'Patient/' || id AS ref, any_value(gender) AS gender,
                any_value(born) AS born, any_value(at_birth) AS at_birth, count(*) > 1 OR bool_or(odd) AS marked,
                bool_or(invented) AS invented
            FROM fhir_patients WHERE type IS NULL AND id <> '' GROUP BY id""")
        self.sql.execute("CREATE OR REPLACE TABLE fhir_refs AS SELECT ref, child FROM fhir_persons UNION ALL SELECT '', NULL")

    def _medications(self) -> None:
        asked = self.sql.execute("SELECT count(medicine) FROM fhir_doses WHERE asked").fetchone()
        files = self.export.of(MEDICATION)
        columns = {"ref": "VARCHAR", "code": "VARCHAR"}
        if not asked or not asked[0] or not files:
            self._put("medications", columns, [])
            return
        source = passes.read_ndjson(files, passes.MEDICATION, lenient=True)
        self.sql.execute(f"""
            CREATE OR REPLACE TABLE fhir_medications AS
            SELECT 'Medication/' || id AS ref, CASE WHEN count(*) = 1 THEN any_value(code::VARCHAR) END AS code
            FROM {source} WHERE resourceType = '{MEDICATION}' AND id <> '' GROUP BY id""")

    def _put(self, name: str, columns: dict[str, str], rows: Iterable[Sequence[Value]]) -> None:
        self.engine.put(f"fhir_{name}", [Column(column, kind) for column, kind in columns.items()], rows)  # type: ignore[arg-type]

    def _codes(self) -> None:
        """What the codes and units of the first few thousand Observations mean. Others are read as they are met, more slowly."""
        sample = self.work / "sample.ndjson"
        with sample.open("wb") as file:
            for source in self.export.of(OBSERVATION):
                file.writelines(line + b"\n" for line in sample_of(source.path))
        columns = {"code": "JSON", "valueQuantity": "STRUCT(unit VARCHAR, system VARCHAR, code VARCHAR)", "resourceType": "VARCHAR"}
        seen = self.sql.execute(f"""
            SELECT DISTINCT code::VARCHAR, coalesce(valueQuantity.unit, ''), coalesce(valueQuantity.system, ''),
                coalesce(valueQuantity.code, '')
            FROM read_ndjson({quoted(sample)}, columns = {columns},
                maximum_object_size = 20000000, ignore_errors = true)
            WHERE resourceType = '{OBSERVATION}' AND code IS NOT NULL ORDER BY ALL""").fetchall()
        sample.unlink()
        coded = {text: self.dictionary.coded(text) for text, *_ in seen}
        sized = [one for text, *unit in seen if (one := self.dictionary.sized(coded[text], *unit))]
        self._put_codes({one.slot: (one.least, one.most) for one in sized})
        slots = len(self.dictionary.codes)
        factors: dict[tuple[str, str, str], list[float | None]] = {}
        for one in sized:
            factors.setdefault((one.unit, one.system, one.code), [None] * slots)[one.slot - 1] = one.factor
        self.units = [passes.Unit(*unit, by_slot) for unit, by_slot in factors.items()][:_MOST_UNITS]

    def _put_codes(self, bounds: dict[int, tuple[float, float]]) -> None:
        rows = []
        for one in self.dictionary.codes.values():
            whole = one.native is not None and self.dictionary.definition(one.native).whole
            rows.append((one.text, one.slot, one.is_asked, one.one_by_one, whole, one.native, *bounds.get(one.slot, (None, None))))
        self._put("codes", _CODES, rows)

    # --- distinct texts -------------------------------------------------------------------------------------------------------

    def _texts(self) -> None:
        self._mark_table()
        self._medicines()
        self._dates()
        self._illnesses()
        self._keys()
        self._asks()

    def _mark_table(self) -> None:
        """The children that are read one by one, for a reason that a pass has already seen."""
        self.sql.execute("CREATE OR REPLACE TABLE fhir_marks AS SELECT child FROM fhir_persons WHERE marked")
        for table in ("conditions", "found", "doses"):
            self.sql.execute(f"INSERT INTO fhir_marks SELECT DISTINCT child FROM fhir_{table} WHERE odd AND child IS NOT NULL")
            self.sql.execute(f"""
                INSERT INTO fhir_marks SELECT DISTINCT child FROM fhir_{table}
                WHERE child IS NOT NULL AND h IN (SELECT h FROM twice('fhir_{table}'))""")
        self.sql.execute("""
            INSERT INTO fhir_marks SELECT DISTINCT child FROM fhir_doses d JOIN fhir_medications m ON m.ref = ref_of(d.medicine)
            WHERE child IS NOT NULL AND m.code IS NULL""")
        self._mark_ids(self.marked)

    def _mark_ids(self, ids: Iterable[str]) -> None:
        self._put("told", {"id": "VARCHAR"}, [(one,) for one in ids])
        self.sql.execute("INSERT INTO fhir_marks SELECT child FROM fhir_persons JOIN fhir_told USING (id)")

    def _medicines(self) -> None:
        texts = self._column(
            "SELECT code FROM fhir_doses WHERE code IS NOT NULL UNION SELECT code FROM fhir_medications WHERE code IS NOT NULL"
        )
        self._put("medicines", {"code": "VARCHAR"}, [(text,) for text in texts if self.dictionary.is_medicine(text)])

    def _dates(self) -> None:
        names = ("asserted", "onset", "recorded", "started")
        asked = [f"SELECT {name} FROM fhir_conditions WHERE vague_of({name}) IS NOT NULL" for name in names]
        asked += [
            "SELECT born FROM fhir_persons WHERE vague_of(born) IS NOT NULL",
            "SELECT t FROM fhir_doses WHERE vague_of(t) IS NOT NULL",
        ]
        asked += ["SELECT t FROM fhir_found WHERE day IS NULL AND t IS NOT NULL AND child IS NOT NULL"]
        texts = self.engine.rows(f"SELECT DISTINCT * FROM ({' UNION ALL '.join(asked)})")
        columns = {"text": "VARCHAR", "first_day": "VARCHAR", "last_day": "VARCHAR", "instant": "DOUBLE"}
        self._put("dates", columns, [])
        for some in _some(dated(row[0] for row in texts), 50_000):
            self._put("told", columns, some)
            self.sql.execute("INSERT INTO fhir_dates FROM fhir_told")
        self.sql.execute("""
            CREATE OR REPLACE TABLE fhir_dates AS SELECT text, first_day::DATE AS first_day, last_day::DATE AS last_day,
                instant::BIGINT AS instant FROM fhir_dates""")
        self.sql.execute("""
            CREATE OR REPLACE TABLE fhir_births AS SELECT child, coalesce(day_of(born), first_day) AS first_day,
                coalesce(day_of(born), last_day) AS last_day
            FROM fhir_persons LEFT JOIN fhir_dates ON text = vague_of(born) WHERE coalesce(day_of(born), first_day) IS NOT NULL""")

    def _column(self, query: str) -> list[Any]:
        return [row[0] for row in self.sql.execute(query).fetchall()]

    def _illnesses(self) -> None:
        """What each distinct way to write a condition says."""
        illnesses: list[tuple[Value, ...]] = []
        values: list[tuple[Value, ...]] = []
        rows = self.sql.execute(
            "SELECT key, count(*) FROM fhir_conditions WHERE child IS NOT NULL GROUP BY key ORDER BY key"
        ).fetchall()
        for number, (key, times) in enumerate(rows):
            told = self.dictionary.illness(key)
            illnesses.append((number, key, *(told[1:] if told else (False, False)), told is None))
            if told:
                values += [(number, ask, *value) for ask, value in self.dictionary.rows(told[0])]
                self._count(told[0], times)
        columns = {"number": "INTEGER", "key": "VARCHAR", "leukemia": "BOOLEAN", "exact": "BOOLEAN", "unread": "BOOLEAN"}
        self._put("illnesses", columns, illnesses)
        self._put("illness_values", {"key": "INTEGER", "ask": "INTEGER"} | _COMPARED, values)
        self.sql.execute("""
            INSERT INTO fhir_marks SELECT DISTINCT child FROM fhir_conditions c JOIN fhir_illnesses i USING (key)
            WHERE i.unread AND child IS NOT NULL""")

    def _count(self, reading: Reading, times: int) -> None:
        for word in {counted(reason) for reason in reading.left} - {""}:
            self.counters[word] += times
        if any(finding.remark and finding.remark.word == "fhir-remark-unfinished" for finding in reading.findings):
            self.counters["cohort-fhir-unfinished"] += times

    def _keys(self) -> None:
        """What each distinct value says that is no plain number; one that is a karyotype sends its children one by one."""
        self._put("keys", _KEYS, [])
        self._put("values", _VALUES, [])
        number = 0
        codes = {one.slot: one.text for one in self.dictionary.codes.values()}
        rows = self.engine.rows("""
            SELECT slot, code, other, count(*) FROM fhir_found WHERE other IS NOT NULL AND child IS NOT NULL AND NOT odd
            GROUP BY slot, code, other""")
        for some in _some(rows, 20_000):
            keys, values = [], []
            for slot, code, other, times in some:
                number += 1
                reading = self.dictionary.reading(f'{{"code":{codes[slot] if slot else code},{other[1:]}')
                keys.append((number, slot, code, other, reading is None or bool(reading.karyotypes)))
                if reading:
                    values += [(number, ask, *value) for ask, value in self.dictionary.rows(reading)]
                    self._count(reading, times)
            self._add("keys", _KEYS, keys)
            self._add("values", _VALUES, values)
        self.sql.execute("""
            INSERT INTO fhir_marks SELECT DISTINCT child FROM fhir_found f JOIN fhir_keys k ON k.slot IS NOT DISTINCT FROM f.slot
                AND k.code IS NOT DISTINCT FROM f.code AND k.other = f.other
            WHERE k.unread AND child IS NOT NULL""")

    def _add(self, name: str, columns: dict[str, str], rows: Sequence[Sequence[Value]]) -> None:
        self._put("told", columns, rows)
        self.sql.execute(f"INSERT INTO fhir_{name} FROM fhir_told")

    def _asks(self) -> None:
        rows = []
        for number, ask in enumerate(self.dictionary.asks):
            takes, definition = ask.takes, self.dictionary.definition(number)
            window = (
                (takes.of == "treatment", takes.first_day, takes.last_day, takes.before_treatment, takes.which)
                if takes
                else _NO_WINDOW
            )
            rows.append(
                (number, self.dictionary.facts.index(ask.fact), *window, ask.timed, takes is not None, definition.kind == "mrd")
            )
        self._put("asks", _ASKS, rows)

    # --- the choice -----------------------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        within = int(self.meanings.treatment.within.removesuffix(" d")) if self.meanings.treatment else 0
        self._keep("diagnoses", choosing.diagnosed(self.meanings.diagnosis_dates, self.meanings.diagnosis_latest))
        self._keep("treatments", choosing.treated(within))
        self._keep("anchors", choosing.ANCHORS)
        self._keep("native", choosing.NATIVE)
        self._see("fhir_plain_rows", choosing.PLAIN_ROWS)
        self._keep("other_rows", choosing.OTHER_ROWS)
        for name, query in (
            ("plain", choosing.PLAIN),
            ("other", choosing.OTHER),
            ("again", choosing.AGAIN),
            ("known", choosing.KNOWN),
        ):
            self._keep(name, query)
        self.sql.execute(f"INSERT INTO fhir_marks {choosing.MARKED}")
        self.sql.execute("INSERT INTO fhir_marks SELECT child FROM fhir_treatments WHERE ties")
        sex = self.dictionary.facts.index("sex")
        self.sql.execute(f"INSERT INTO fhir_marks SELECT child FROM fhir_known WHERE fact = {sex}")
        self._strays()
        self.sql.execute("CREATE OR REPLACE TABLE fhir_marks AS SELECT DISTINCT child FROM fhir_marks WHERE child IS NOT NULL")
        self.sql.execute("DELETE FROM fhir_known WHERE child IN (SELECT child FROM fhir_marks)")
        self._ages()
        self._sexes()

    def _keep(self, name: str, query: str) -> None:
        self.sql.execute(f"CREATE OR REPLACE TABLE fhir_{name} AS {query}")

    def _ages(self) -> None:
        """The age from the two dates counts before one that somebody wrote down."""
        fact = self.dictionary.facts.index("age_days")
        both = "fhir_births b JOIN fhir_diagnoses g USING (child)"
        self.sql.execute(f"DELETE FROM fhir_known WHERE fact = {fact} AND child IN (SELECT child FROM {both})")
        self.sql.execute(f"INSERT INTO fhir_known {choosing.ages(fact)}")

    def _sexes(self) -> None:
        fact = self.dictionary.facts.index("sex")
        said = self.sql.execute("SELECT DISTINCT gender, at_birth FROM fhir_persons").fetchall()
        rows = [(gender, at_birth, *self.dictionary.sex(gender, at_birth)) for gender, at_birth in said]
        self._put("told", dict.fromkeys(("gender", "at_birth"), "VARCHAR") | {"bits": "INTEGER", "absent": "VARCHAR"}, rows)
        self.sql.execute(f"""
            INSERT INTO fhir_known SELECT child, {fact}, NULL, NULL, false, false, t.bits, NULL, t.absent
            FROM fhir_persons p
            JOIN fhir_told t ON t.gender IS NOT DISTINCT FROM p.gender AND t.at_birth IS NOT DISTINCT FROM p.at_birth
            WHERE (t.bits IS NOT NULL OR t.absent IS NOT NULL) AND child NOT IN (SELECT child FROM fhir_marks)""")

    # --- what names nobody, and the children one by one -----------------------------------------------------------------------

    def _strays(self) -> None:
        """Resources whose child is not found at once: by an identifier, by a visit, or not at all."""
        query = " UNION ".join(
            f"SELECT stray FROM fhir_{table} WHERE stray IS NOT NULL" for table in ("conditions", "found", "doses")
        )
        strays = self._column(query)
        self.whom = Whom()
        if not strays:
            return
        from remission.cohort.fhir.strays import resolve

        self.whom = Whom(self._column("SELECT id FROM fhir_persons"))
        found, lost = resolve(self.export, self.whom, strays)
        self._mark_ids(found)
        if lost:
            known = nobody_known(self.export, self.meanings, self.whom, {CONDITION, OBSERVATION, *MEDICINES})
            listed = list(known)
            self.rejects += listed
            self.counters["cohort-fhir-nobody-known"] += len(listed)

    def _one_by_one(self) -> None:
        """Reads the marked children with the one-child reader itself; what it says takes the place of what SQL said."""
        children = {
            row[1]: row[0]
            for row in self.sql.execute("SELECT child, id FROM fhir_persons JOIN fhir_marks USING (child)").fetchall()
        }
        if not children:
            return
        self.whom.known = self.whom.known or set(children)
        size = (
            sum(file.size for file in self.export.files)
            * len(children)
            // max(1, self._number("SELECT count(*) FROM fhir_persons"))
        )
        apart = Apart(self.work, sorted(children), size)
        try:
            malformed = list(set_apart(self.export, self.whom, self._twice(), apart))
            self.rejects += malformed
            self.counters["cohort-fhir-malformed"] += len(malformed)
            done: set[str] = set()
            for some in _some(one_by_one(self.meanings, apart), 2_000):
                rows = []
                for told in some:
                    self.counters.update(told.counters)
                    if told.child and told.child not in done:
                        done.add(told.child)
                        rows += list(long_rows(self.dictionary, children, told))
                self._add("known", {"child": "INTEGER", "fact": "INTEGER"} | _COMPARED, rows)
        finally:
            apart.remove()
        self.counters["cohort-fhir-one-by-one"] += len(children)

    def _twice(self) -> dict[str, bool]:
        """The names that stand more than once, and whether they are about several people."""
        twice: dict[str, bool] = {}
        columns = {"resourceType": "VARCHAR", "id": "VARCHAR", "subject": "STRUCT(reference VARCHAR)"}
        for table, kinds in (("conditions", [CONDITION]), ("found", [OBSERVATION]), ("doses", MEDICINES)):
            if not self._number(f"SELECT count(*) FROM twice('fhir_{table}')"):
                continue
            source = passes.read_ndjson(self.export.of(*kinds), columns, lenient=True)
            for name, several in self.engine.rows(f"""
                SELECT resourceType || '/' || id, count(DISTINCT coalesce(subject.reference, '')) > 1 FROM {source}
                WHERE hash(id) IN (SELECT h FROM twice('fhir_{table}'))
                GROUP BY resourceType, id HAVING count(*) > 1"""):
                twice[name] = several
        return twice

    def _number(self, query: str) -> int:
        found = self.sql.execute(query).fetchone()
        return int(found[0]) if found else 0

    # --- the table ------------------------------------------------------------------------------------------------------------

    def _children(self) -> tuple[str, ...]:
        """One row a child, with the columns of every fact that something is known of."""
        numbers = sorted(self._column("SELECT DISTINCT fact FROM fhir_known"))
        facts = [self.meanings.library.facts[self.dictionary.facts[number]] for number in numbers]
        shown, joins = [], []
        for number, definition in zip(numbers, facts, strict=True):
            joins.append(f" LEFT JOIN fhir_known k{number} ON k{number}.child = p.child AND k{number}.fact = {number}")
            for column in columns_of(definition):
                part = column.name.removeprefix(definition.id).removeprefix("_") or "bits"
                value = f"k{number}.{part}"
                shown.append(f'{f"coalesce({value}, false)" if column.type == "BOOLEAN" else value} AS "{column.name}"')
        self.sql.execute(f"""
            CREATE OR REPLACE TABLE {CHILDREN} AS SELECT p.id AS {CHILD}{"".join(f", {one}" for one in shown)}
            FROM fhir_persons p{"".join(joins)}""")
        return tuple(definition.id for definition in facts)

    def _loaded(self, facts: tuple[str, ...]) -> Loaded:
        self._counters()
        rejects = self.work / "rejects.csv"
        spoken = ((one, one.problem.sentence(self.meanings.library.words, self.lang)) for one in self.rejects)
        rejects.unlink(missing_ok=True)
        if self.rejects:
            write_rejects(rejects, spoken)
        for stale in {*self.work.glob("found-*.parquet"), *self.work.glob("found-*.half")} - self.kept:
            stale.unlink()
        return Loaded(
            children=CHILDREN,
            source=self.export.folder.name,
            format="fhir",
            records=self._records() + len([one for one in self.rejects if one.problem.word in _LINES]),
            persons=self._number(f"SELECT count(*) FROM {CHILDREN}"),
            rejected=len(self.rejects),
            facts=facts,
            counters={word: number for word, number in sorted(self.counters.items()) if number},
            rejects=rejects if self.rejects else None,
            notes=tuple(self._notes()),
        )

    def _records(self) -> int:
        return sum(self._number(f"SELECT count(*) FROM fhir_{table} WHERE type IS DISTINCT FROM '?'") for table in _KINDS)

    def _counters(self) -> None:
        count = {
            "cohort-fhir-invented": "SELECT count_if(invented) FROM fhir_persons",
            "cohort-fhir-no-id": "SELECT count(*) FROM fhir_patients WHERE type IS NULL AND coalesce(id, '') = ''",
            "cohort-fhir-no-diagnosis": "SELECT (SELECT count(*) FROM fhir_persons) - (SELECT count(*) FROM fhir_diagnoses)",
            "cohort-fhir-several-results": "SELECT (SELECT count(*) FROM fhir_plain WHERE n > 1 AND least <> most) + "
            "(SELECT count(*) FROM fhir_other WHERE n > 1 AND NOT same)",
            "cohort-fhir-same-patient": "SELECT count(*) - count(DISTINCT id) FROM fhir_patients WHERE type IS NULL AND id <> ''",
        }
        for word, query in count.items():
            self.counters[word] += self._number(query)

    def _notes(self) -> Iterator[InputProblem]:
        if self.export.others:
            yield InputProblem("cohort-fhir-other-files", files=", ".join(self.export.others))


_COMPARED: dict[str, str] = {column.name: column.type for column in COMPARED}
_KEYS = {"key": "INTEGER", "slot": "INTEGER", "code": "VARCHAR", "other": "VARCHAR", "unread": "BOOLEAN"}
_VALUES = {"key": "INTEGER", "ask": "INTEGER"} | _COMPARED
_CODES = {
    "text": "VARCHAR", "slot": "INTEGER", "asked": "BOOLEAN", "one_by_one": "BOOLEAN", "whole": "BOOLEAN", "native_ask": "INTEGER",
    "least_value": "DOUBLE", "most_value": "DOUBLE",
}  # fmt: skip
_MOST_UNITS = 40  # plain units of an export; numbers in others are read by the one-child reader, each once
_NO_WINDOW = (False, 0, 0, False, "agree")
_ASKS = {
    "ask": "INTEGER", "fact": "INTEGER", "of_treatment": "BOOLEAN", "first_day": "INTEGER", "last_day": "INTEGER",
    "before_treatment": "BOOLEAN", "which": "VARCHAR", "timed": "BOOLEAN", "has_window": "BOOLEAN", "is_mrd": "BOOLEAN",
}  # fmt: skip
_KINDS: dict[str, Sequence[str]] = {"patients": [PATIENT], "conditions": [CONDITION], "doses": MEDICINES, "found": [OBSERVATION]}
_LINES = frozenset({"cohort-fhir-not-text", "cohort-fhir-deep", "cohort-fhir-line-malformed", "cohort-fhir-no-resource"})
__all__ = ["CHILDREN", "ENCOUNTER", "LARGE", "Progress", "read_export"]

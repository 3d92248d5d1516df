"""The passes over the files of an export: what is kept of each kind of resource. Of large files it is kept on the disk as well."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from remission.cohort.fhir import passes
from remission.cohort.fhir.exports import MEDICATION, OBSERVATION, PATIENT, READ, ExportFile, sample_of
from remission.cohort.fhir.looking import damage_of
from remission.cohort.fhir.run import KINDS, Run
from remission.cohort.fhir.tables import Columns
from remission.cohort.names import quoted
from remission.record.problems import InputProblem

Select = Callable[[str, str], str]  # what is kept of a source, as SQL, for a kind of resource
_MOST_UNITS = 40  # plain units of an export; numbers in others are read by the one-child reader, each once
_TOO_LONG = "maximum_object_size"  # what DuckDB says of a line that is longer than it expects
_PLANNED = "build_side_probe_side,join_order"  # a table read from a file has no size yet: ours is always the smaller one
_CODES = {
    "text": "VARCHAR", "unit": "INTEGER", "slot": "INTEGER", "asked": "BOOLEAN", "one_by_one": "BOOLEAN", "whole": "BOOLEAN",
    "factor": "DOUBLE", "least_value": "DOUBLE", "most_value": "DOUBLE",
}  # fmt: skip


class Gathering:
    """Fills the tables patients, persons, conditions, doses, medications, codes and found."""

    def __init__(self, run: Run):
        self.run, self.tables = run, run.tables
        self.marked: set[str] = set()  # ids that a careful look found
        self.kept: set[Path] = set()  # parts of this export, to go on from
        self.records = 0
        self._done = 0
        self._units: list[passes.Unit] = []
        self._looked_at: set[str] = set()

    def gather(self) -> None:
        """Reads the export; once more where a file turns out to hold a kind that was not looked for in it."""
        self.tables.run(f"SET disabled_optimizers = '{_PLANNED}'", *passes.MACROS)
        try:
            for _ in READ:
                self.run.counters.clear()
                self.run.rejects.clear()
                self._looked_at.clear()
                self._done = 0
                self._pass_all()
                if not self._surprised():
                    return
        finally:
            self.tables.run("RESET disabled_optimizers")

    def _pass_all(self) -> None:
        meanings = self.run.meanings
        self._pass("patients", passes.PATIENT, passes.PATIENTS, lambda source, _: passes.patients(source))
        self.tables.keep("persons", passes.PERSONS)
        illnesses = quoted(passes.pattern_of(sorted({code for _, code in meanings.illnesses})))
        self._pass("conditions", passes.CONDITION, passes.CONDITIONS, lambda source, _: passes.conditions(source, illnesses))
        drugs = quoted(passes.pattern_of(sorted({code for _, code in meanings.medicines})))
        self._pass("doses", passes.MEDICINE, passes.DOSES, lambda source, kind: passes.doses(source, kind, drugs))
        self._medications()
        self._codes()
        codes = quoted(passes.pattern_of(self.run.dictionary.known_codes()))
        self._pass(
            "found", passes.OBSERVATION, passes.FOUND, lambda source, _: passes.observations(source, codes, self._units)
        )  # fmt: skip

    def _surprised(self) -> bool:
        """Whether a file holds resources of a kind that was not looked for there. The export then says so.

        A line may also be JSON and no resource; which one it is is looked for only where there is one.
        """
        counted = " UNION ALL ".join(f"SELECT '{table}', type, count(*) FROM fhir_{table} GROUP BY type" for table in KINDS)
        listed = self.tables.listed(counted)
        self.records = sum(number for _, kind, number in listed if kind != "?")
        surprised = False
        for table, kind, _ in listed:
            files = self.run.export.of(*KINDS[table])
            if kind == "?":
                for file in files:
                    self._careful(file)
            elif kind in READ and kind not in KINDS[table]:
                missing = [file.name for file in files if kind not in file.kinds]
                surprised = surprised or bool(missing)
                self.run.export = self.run.export.with_kind(missing, kind)
        return surprised

    # --- files ----------------------------------------------------------------------------------------------------------------

    def _pass(self, table: str, declared: Columns, kept: Columns, select: Select) -> None:
        """Reads the files of some kinds into a table of what is kept of them."""
        parts: list[Path] = []
        self.tables.drop(table)
        for kind in KINDS[table]:
            files = self.run.export.of(kind)
            small = [file for file in files if file.size < self.run.large]
            for group in ([small] if small else []) + [[file] for file in files if file.size >= self.run.large]:
                self._group(table, kind, group, declared, select, parts)
        if table not in self.tables:  # there is no file of this kind, or only large ones
            self.tables.empty(table, kept)
        if parts:
            self._with_parts(table, parts)

    def _group(
        self, table: str, kind: str, files: list[ExportFile], declared: Columns, select: Select, parts: list[Path],
        long: bool = False,
    ) -> None:  # fmt: skip
        """Some files in one go. Where something is wrong, one after the other; the one it is in is looked at carefully."""
        import duckdb

        try:
            self._read(table, files, select(passes.read_ndjson(files, declared, lenient=False, long=long), kind), parts)
        except duckdb.InvalidInputException as error:
            if _TOO_LONG in str(error) and not long:
                self._group(table, kind, files, declared, select, parts, long=True)
                return
            if len(files) > 1:
                for file in files:
                    self._group(table, kind, [file], declared, select, parts)
                return
            self._careful(files[0])
            lenient = select(passes.read_ndjson(files, declared, lenient=True), kind)
            self._read(table, files, f"SELECT * FROM ({lenient}) WHERE type IS DISTINCT FROM '?'", parts)
        except (duckdb.IOException, duckdb.SerializationException) as error:
            raise InputProblem("cohort-fhir-file-broken", file=files[0].name, reason=str(error).split("\n")[0]) from None
        self._done += sum(file.size for file in files)
        self.run.progress(self._done, sum(file.size for file in self.run.export.files))

    def _read(self, table: str, files: list[ExportFile], query: str, parts: list[Path]) -> None:
        if table == "found" and files[0].size >= self.run.large:
            parts.append(self._part(files[0], query))
        elif table in self.tables:
            self.tables.run(f"INSERT INTO fhir_{table} {query}")
        else:
            self.tables.keep(table, query)

    def _careful(self, file: ExportFile) -> None:
        """What is damaged in a file, line by line."""
        found = damage_of(self.run.export, {file.name})
        if file.name not in self._looked_at:  # one file may be read for several kinds
            self._looked_at.add(file.name)
            self.run.rejects += found.rejects
            self.run.counters.update(found.counters)
        self.marked |= found.marked

    # --- parts to go on from --------------------------------------------------------------------------------------------------

    def _part(self, file: ExportFile, query: str) -> Path:
        """What was found in a large file. A part that is there is whole."""
        part = self.run.work / f"found-{self._digest(file, query)}.parquet"
        if not part.exists():
            half = part.with_suffix(".half")
            self.tables.run(f"COPY ({query}) TO {quoted(half)} (FORMAT parquet, COMPRESSION zstd)")
            half.replace(part)
        self.kept.add(part)
        return part

    def _digest(self, file: ExportFile, query: str) -> str:
        """What a part depends on: the file, the children, what the codes mean, and the software."""
        known = [(one.name, one.size, one.changed) for one in (file, *self.run.export.of(PATIENT))]
        meant = self.tables.listed("SELECT * FROM fhir_codes ORDER BY slot, unit")
        parts = (known, meant, self.run.dictionary.asks, query, self.run.meanings.library.hash, version("remission"))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]

    def _with_parts(self, table: str, parts: list[Path]) -> None:
        self.tables.rename(table, "small")
        listed = ", ".join(quoted(part) for part in parts)
        self.tables.see(table, f"SELECT * FROM fhir_small UNION ALL BY NAME SELECT * FROM read_parquet([{listed}])")

    def remove_stale(self) -> None:
        """Parts of another export or another version are of no more use."""
        for stale in {*self.run.work.glob("found-*.parquet"), *self.run.work.glob("found-*.half")} - self.kept:
            stale.unlink()

    # --- what codes and medicines mean ----------------------------------------------------------------------------------------

    def _medications(self) -> None:
        files = self.run.export.of(MEDICATION)
        if not files or not self.tables.number("SELECT count(medicine) FROM fhir_doses WHERE asked"):
            self.tables.empty("medications", {"ref": "VARCHAR", "code": "VARCHAR"})
            return
        source = passes.read_ndjson(files, passes.MEDICATION, lenient=True)
        self.tables.keep("medications", f"""
            SELECT 'Medication/' || id AS ref, CASE WHEN count(*) = 1 THEN any_value(code::VARCHAR) END AS code
            FROM {source} WHERE resourceType = '{MEDICATION}' AND id <> '' GROUP BY id""")  # fmt: skip

    def _codes(self) -> None:
        """What the codes and units of the first few thousand Observations mean. Others are read as they are met, more slowly."""
        dictionary = self.run.dictionary
        seen = self._sampled()
        coded = {text: dictionary.coded(text) for text, *_ in seen}
        sized = [one for text, *unit in seen if (one := dictionary.sized(coded[text], *unit))]
        units = list(dict.fromkeys((one.unit, one.system, one.code) for one in sized))[:_MOST_UNITS]
        self._units = [passes.Unit(*unit) for unit in units]
        plain = {(one.slot, one.unit, one.system, one.code): (one.factor, one.least, one.most) for one in sized}
        rows = []
        for code in dictionary.codes.values():
            whole = code.native is not None and dictionary.definition(code.native).whole
            for number, unit in enumerate((None, *units)):  # 0: a value of another form, or in another unit
                told = plain.get((code.slot, *unit)) if unit else None
                rows.append((code.text, number, code.slot, code.is_asked, code.one_by_one, whole, *(told or (None, None, None))))
        self.tables.put("codes", _CODES, rows)

    def _sampled(self) -> Sequence[tuple[str, str, str, str]]:
        """The codes, with their units, in a little of every file."""
        sample = self.run.work / "sample.ndjson"
        with sample.open("wb") as file:
            for source in self.run.export.of(OBSERVATION):
                file.write(b"\n".join([*sample_of(source.path), b""]))
        seen = self.tables.listed(f"""
            SELECT DISTINCT code::VARCHAR, coalesce(valueQuantity.unit, ''), coalesce(valueQuantity.system, ''),
                coalesce(valueQuantity.code, '')
            FROM read_ndjson({quoted(sample)}, columns = {passes.SAMPLED}, maximum_object_size = 20000000, ignore_errors = true)
            WHERE resourceType = '{OBSERVATION}' AND code IS NOT NULL ORDER BY ALL""")
        sample.unlink()
        return seen

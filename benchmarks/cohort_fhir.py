"""From a FHIR export of many children to the children table: CPU time against what one would write by hand, and against CQL.

`make bench` prints a table; nothing here is a test. All run on one thread, on the same bytes, in processes of their own, and the
best of several runs counts. The peers:

- SQL for DuckDB as a good engineer would write it for exactly these columns and this export: no damaged line, no vague date, no
  second unit for a fact, no version of a resource, nothing coded is expected by it. Of the invented children, those born on the
  29th of February are a day too old in it; ages are told by `knowledge.ages` only.
- cql-execution with the NCI/Rome rule (`../shared/bench/cql_peer.cjs`), where `NODE_PATH` names a folder that has it. It does less:
  two inputs and one rule.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "bench"
CHILDREN = int(os.environ.get("BENCH_CHILDREN", "20000"))
CQL_CHILDREN = 2_000
RUNS = 3
MOST_RATIO, LEAST_RATIO = 1.25, 50
_FACTS = {  # the codes, the numbers that can be, which of several, and per unit what the number is divided by
    "wbc": (("6690-2", "26464-8"), (0.1, 3000), "max(v)", {"/uL": 1000}),
    "hemoglobin": (("718-7",), (1, 25), "arg_min(v, moment)", {}),
    "platelets": (("777-3",), (0, 2000), "arg_min(v, moment)", {"/uL": 1000}),
    "anc": (("751-8",), (0, 500), "arg_min(v, moment)", {"/uL": 1000}),
    "peripheral_blasts": (("26446-5",), (0, 100), "arg_min(v, moment)", {}),
}


def by_hand(folder: Path) -> str:
    """One statement: the same columns as ours, from the same window, for an export without surprises."""
    codes = ", ".join(f"('{code}', '{fact}')" for fact, (codes, *_) in _FACTS.items() for code in codes)
    in_unit = (
        "CASE q.code WHEN '/uL' THEN q.value / 1000 WHEN '10*3/uL' THEN q.value WHEN '10*9/L' THEN q.value WHEN 'g/dL' THEN q.value"
    )
    possible = " OR ".join(f"(fact = '{fact}' AND v BETWEEN {low} AND {high})" for fact, (_, (low, high), *_) in _FACTS.items())
    columns = []
    for fact, (_, _, which, _) in _FACTS.items():
        value = f"{which} FILTER (fact = '{fact}')"
        columns.append(
            f"{value} AS {fact}_low, {value} AS {fact}_high, false AS {fact}_low_open, "
            f"false AS {fact}_high_open, NULL::VARCHAR AS {fact}_absent"
        )
    years = "(year(dx) - year(born) - CASE WHEN (month(dx), day(dx)) < (month(born), day(born)) THEN 1 ELSE 0 END)"
    age = f"({years} * 365.25 + (dx - (born + to_years({years}::INTEGER))::DATE))"
    return f"""
    WITH codes(code, fact) AS (VALUES {codes}),
    diagnoses AS (
        SELECT subject.reference AS ref, min(onsetDateTime[:10]::DATE) AS dx
        FROM read_ndjson('{folder}/Condition.ndjson', columns = {{
            code: 'STRUCT(coding STRUCT(system VARCHAR, code VARCHAR)[])',
            verificationStatus: 'STRUCT(coding STRUCT(code VARCHAR)[])',
            subject: 'STRUCT(reference VARCHAR)', onsetDateTime: 'VARCHAR'}})
        WHERE code.coding[1].code IN ('C91.00', 'C91.01') AND coalesce(verificationStatus.coding[1].code, 'confirmed') = 'confirmed'
        GROUP BY ref
    ),
    persons AS (
        SELECT id, 'Patient/' || id AS ref, birthDate::DATE AS born, gender, extension[1].valueCode AS at_birth
        FROM read_ndjson('{folder}/Patient.ndjson', columns = {{
            id: 'VARCHAR', birthDate: 'VARCHAR', gender: 'VARCHAR', extension: 'STRUCT(url VARCHAR, valueCode VARCHAR)[]'}})
    ),
    results AS (
        SELECT ref, fact, effectiveDateTime::TIMESTAMPTZ AS moment, {in_unit} WHEN '%' THEN q.value END AS v
        FROM (
            SELECT code.coding[1].code AS code, status, subject.reference AS ref, effectiveDateTime, valueQuantity AS q
            FROM read_ndjson('{folder}/Observation.ndjson', columns = {{
                status: 'VARCHAR', code: 'STRUCT(coding STRUCT(system VARCHAR, code VARCHAR)[])',
                subject: 'STRUCT(reference VARCHAR)',
                effectiveDateTime: 'VARCHAR', valueQuantity: 'STRUCT(value DOUBLE, code VARCHAR)'}})
            WHERE status IN ('final', 'amended', 'corrected')
        ) JOIN codes USING (code)
    ),
    chosen AS (
        SELECT ref, {", ".join(columns)}
        FROM results JOIN diagnoses USING (ref)
        WHERE moment::DATE BETWEEN dx - 14 AND dx + 1 AND ({possible})
        GROUP BY ref
    )
    SELECT id AS child, {age} AS age_days_low, {age} AS age_days_high, false AS age_days_low_open, false AS age_days_high_open,
        NULL::VARCHAR AS age_days_absent,
        CASE WHEN gender = 'female' AND at_birth = 'F' THEN 1 WHEN gender = 'male' AND at_birth = 'M'
        THEN 2 END AS sex, NULL::VARCHAR AS sex_absent, chosen.* EXCLUDE (ref)
    FROM persons LEFT JOIN diagnoses USING (ref) LEFT JOIN chosen USING (ref)"""


def run_by_hand(folder: Path) -> None:
    import duckdb

    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE children AS {by_hand(folder)}")


def run_ours(folder: Path, threads: int = 1) -> None:
    from remission.cohort.engines import DuckEngine
    from remission.cohort.fhir.reading import read_export
    from remission.record.fhir.meanings import find_meanings
    from remission.rules.compiled import load_codes, load_library

    with tempfile.TemporaryDirectory() as work:
        engine = DuckEngine(Path(work), threads=threads)
        read_export(engine, find_meanings(load_library(), load_codes()), folder, work=Path(work))
        engine.close()


def _differing(folder: Path) -> int:
    """Children about whom the two do not say the same; the benchmark is worth nothing when there are any."""
    from remission.cohort.engines import DuckEngine
    from remission.cohort.fhir.reading import read_export
    from remission.record.fhir.meanings import find_meanings
    from remission.rules.compiled import load_codes, load_library

    with tempfile.TemporaryDirectory() as work:
        engine = DuckEngine(Path(work), threads=1)
        read_export(engine, find_meanings(load_library(), load_codes()), folder, work=Path(work))
        names = ", ".join(f'"{name}"' for name in engine.columns("children"))
        engine.connection.execute("SET TimeZone = 'UTC'")
        engine.keep("by_hand", by_hand(folder))
        found = next(iter(engine.rows(f"SELECT count(*) FROM (SELECT {names} FROM children EXCEPT SELECT {names} FROM by_hand)")))
        engine.close()
        return int(found[0])


def measured(what: str, folder: Path) -> tuple[float, float, float]:
    """CPU seconds, seconds and peak MiB of one run in a process of its own, without start and imports."""
    done = subprocess.run([sys.executable, __file__, what, str(folder)], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["cpu"], told["wall"], told["peak"]


def _inside(what: str, folder: Path) -> None:
    import duckdb  # noqa: F401 - the start is not measured

    from remission.cohort.fhir import reading  # noqa: F401

    run = run_by_hand if what == "hand" else run_ours
    cpu, wall = time.process_time(), time.perf_counter()
    run(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "peak": peak}))


def main() -> None:
    script = SHARED / "fhir_export.py"
    if not script.exists():
        print("cohort_fhir: skipped; it needs ../shared/bench/fhir_export.py, which makes the export")
        return
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(os.environ.get("BENCH_EXPORT", "") or Path(kept) / "export")
        if not folder.exists():
            subprocess.run([sys.executable, str(script), str(folder), str(CHILDREN)], check=True)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(
            f"{CHILDREN} children, {CHILDREN * 17} resources, {size / 1e6:.0f} MB, one thread; "
            f"children told differently: {_differing(folder)}"
        )
        runs = [(measured("hand", folder), measured("ours", folder)) for _ in range(RUNS)]
        hand, ours = min(one[0][0] for one in runs), min(one[1][0] for one in runs)
        print(f"  {'by hand, CPU s':<48} {hand:>9.2f}   {size / hand / 1e6:>6.0f} MB a CPU-second")
        print(
            f"  {'ours, CPU s':<48} {ours:>9.2f}   {size / ours / 1e6:>6.0f} MB a CPU-second, "
            f"peak {max(one[1][2] for one in runs):.0f} MiB"
        )
        print(f"  {'ours as a multiple of by hand':<48} {ours / hand:>9.2f} {MOST_RATIO:>9.2f}")
        _against_cql(Path(kept), script, ours / CHILDREN)


def _against_cql(kept: Path, script: Path, ours: float) -> None:
    if not os.environ.get("NODE_PATH"):
        print(
            "  cql-execution: skipped; install cql-execution and cql-exec-fhir with npm, and give their node_modules as NODE_PATH"
        )
        return
    folder = kept / "small"
    subprocess.run([sys.executable, str(script), str(folder), str(CQL_CHILDREN)], check=True)
    done = subprocess.run(["node", str(SHARED / "cql_peer.cjs"), str(folder)], check=True, capture_output=True, text=True)  # noqa: S607 - whichever node the user has
    told = json.loads(done.stdout.splitlines()[-1])
    theirs = (told["load_cpu_s"] + told["exec_cpu_s"]) / CQL_CHILDREN
    print(f"  {'cql-execution, microseconds of CPU a child':<48} {theirs * 1e6:>9.0f}")
    print(f"  {'ours':<48} {ours * 1e6:>9.0f}")
    print(f"  {'how many times less':<48} {theirs / ours:>9.0f} {LEAST_RATIO:>9}")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _inside(sys.argv[1], Path(sys.argv[2]))
    else:
        main()

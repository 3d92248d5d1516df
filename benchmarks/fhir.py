"""Speed and memory of reading FHIR: an export of many children to facts, one Synthea bundle. `make bench` prints a table.

Times on a busy machine vary, so nothing here is a test. Each figure is the best of several runs, in CPU time of one core. The
peers read the same bytes in the same run and do nothing with them: `json.loads` (a dict of everything) and `msgspec` (the same).
Without the shared script that invents an export, the golden export of `cases/fhir/` is read again and again instead.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec

from remission.record.fhir.files import open_bytes, open_fhir
from remission.record.fhir.meanings import Meanings, find_meanings
from remission.record.fhir.reader import read_children, read_record
from remission.rules.compiled import load_codes, load_library

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
CHILDREN = 500
LEAST, MOST_MS = 20_000, 50  # resources a second; milliseconds for a bundle
LOCAL = """
id: shared-export
results:
  - {system: LOINC, code: cns-status, fact: cns}
  - {system: LOINC, code: mrd-eoi, fact: mrd_eoi, timed: true}
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        export = _export(Path(folder) / "export")
        own = Path(folder) / "own.yaml"
        own.write_text(LOCAL, "utf-8")
        _measure_export(None, export, "the shipped codes")
        _measure_export(str(own), export, "with local codes for CNS and MRD")
    _measure_bundle()


def _export(folder: Path) -> Path:
    script = SHARED / "bench" / "fhir_export.py"
    if script.exists():
        subprocess.run([sys.executable, str(script), str(folder), str(CHILDREN)], check=True)
        return folder
    folder.mkdir()
    for path in sorted((ROOT / "cases" / "fhir" / "export").glob("*.ndjson")):
        text = path.read_text("utf-8").replace("child", "child-{n}").replace('"id": "', '"id": "{n}-')
        (folder / path.name).write_text("".join(text.replace("{n}", str(number)) for number in range(CHILDREN)), "utf-8")
    return folder


def _meanings(own: str | None = None) -> Meanings:
    """New for every run, so that nothing is remembered from the one before."""
    return find_meanings(load_library(), load_codes(), own)


def _measure_export(own: str | None, folder: Path, what: str) -> None:
    lines = [line for path in sorted(folder.glob("*.ndjson")) for line in path.read_bytes().splitlines()]
    number, size = len(lines), sum(map(len, lines))
    ours = _best(lambda: list(read_children(_meanings(own), open_fhir(folder))))
    plain = _best(lambda: [json.loads(line) for line in lines])
    quick = _best(lambda: [msgspec.json.decode(line) for line in lines])
    print(f"{number} resources of {CHILDREN} children, {size / 1e6:.1f} MB, {what}")
    _report("  NDJSON to facts, resources a second", number / ours, LEAST)
    _report("  the same as a multiple of json.loads", ours / plain, 3.0)
    print(f"  {'json.loads alone, resources a second':<56} {number / plain:>9,.0f}")
    print(f"  {'msgspec alone, resources a second':<56} {number / quick:>9,.0f}")
    _report(
        "  memory, as a multiple of the bytes", _peak(lambda: list(read_children(_meanings(own), open_fhir(folder)))) / size, 12.0
    )


def _measure_bundle() -> None:
    bundles = sorted((SHARED / "data" / "fhir_synthea_children").glob("*.json")) or [ROOT / "cases/fhir/girl-with-b-all.json"]
    path = max(bundles, key=lambda path: path.stat().st_size)
    data = path.read_bytes()
    ours = _best(lambda: read_record(_meanings(), open_bytes(data, path.name)), 20)
    plain = _best(lambda: json.loads(data), 20)
    print(f"{path.name}, {len(data) / 1e3:.0f} kB")
    _report("  one bundle to facts, ms", ours * 1e3, MOST_MS)
    _report("  the same as a multiple of json.loads", ours / plain, 4.0)


def _report(what: str, measured: float, bound: float) -> None:
    print(f"{what:<58} {measured:>9,.1f} {bound:>9,.0f} {measured / bound:>7.2f}")


def _best(work: Callable[[], object], times: int = 5) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    print(f"{'what':<58} {'measured':>9} {'bound':>9} {'ratio':>7}")
    main()

"""Speed and memory of one explained child, one compiled decision, and a table of children. `make bench` prints a table.

Bounds come with the issue that asked for them; times on a busy machine vary, so nothing here is a test. Each figure is the
median of several runs. "A table" counts those of the scheme's chain, its domain, and the supporting tables asked
because a fact they tell is open. "bare Python" is the peer in the same run: what an empty interpreter costs on this machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from remission.record.child import Entry, gather
from remission.record.facts import Fact
from remission.rules.compiled import load_library, load_programs
from remission.rules.explain import explain
from remission.rules.narrow import narrowed
from remission.rules.program import tables_on_the_way

ROOT = Path(__file__).parent.parent
REMISSION = str(Path(sys.executable).with_name("remission"))
CHILD = ["--age", "4y", "--wbc", "12000/uL", "--lineage", "b"]
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
FULL = {
    "age_days": "4y", "wbc": "12000/uL", "lineage": "b", "cns": "cns1", "etv6_runx1": "yes", "double_trisomy": "no",
    "kmt2a_rearranged": "no", "chromosome_number": "46", "dna_index": "1", "iamp21": "no", "marrow_eoi": "m1",
    "mrd_day8_blood": "0.005%", "mrd_eoi": "0.001%",
}  # fmt: skip


def main() -> None:
    print(f"{'what':<58} {'measured':>12} {'bound':>12} {'ratio':>7}")
    cold_start()
    one_child()


def report(what: str, measured: float, bound: float, unit: str) -> None:
    print(f"{what:<58} {measured:>9.1f} {unit:<2} {bound:>9.0f} {unit:<2} {measured / bound:>7.2f}")


def cold_start() -> None:
    bare, _ = _process([sys.executable, "-c", "pass"])
    took, peak = _process([REMISSION, "explain", *CHILD])
    report("cold `remission explain`, wall", took * 1e3, 300, "ms")
    report("cold `remission explain`, peak memory", peak / 1024, 60, "MB")
    print(f"{'  the same as a multiple of bare Python':<58} {took / bare:>9.1f} x")


def _process(command: list[str]) -> tuple[float, float]:
    """Median wall seconds of ten runs, and the peak resident size in KiB over them."""
    times = []
    for _ in range(10):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    peak = subprocess.run([sys.executable, "-c", PEAK, *command], capture_output=True, text=True, check=True)
    return statistics.median(times), float(peak.stdout)


def one_child() -> None:
    library, programs = load_library(), load_programs()
    scheme = library.schemes["cog-08b1"]
    program = programs["cog-08b1"]
    in_the_chain = len(tables_on_the_way(library, scheme)) + 1  # and the domain
    unknown = {"everything known": (), "day-8 MRD missing": ("mrd_day8_blood",), "only age and count": tuple(FULL)[2:]}
    for name, left_out in unknown.items():
        given = {fact: value for fact, value in FULL.items() if fact not in left_out}
        child = narrowed(library, programs, gather(library, [Entry(fact, value, "") for fact, value in given.items()]))
        took = _median(partial(explain, library, programs, scheme, child))
        open_axes = [place for place, axis in enumerate(program.axes) if axis.fact not in child]
        tables = in_the_chain + len({table for place in open_axes for table in program.taught_by[place]})
        report(f"explained, cog-08b1, {name} ({tables} tables): a table", took * 1e6 / tables, 100, "us")
        compiled(child, name)


def compiled(child: dict[str, Fact], name: str) -> None:
    program = load_programs()["cog-08b1"]
    masks = [axis.mask_of(child.get(axis.fact)) for axis in program.axes]
    took = _median(partial(program.diagram.possible, masks), 2_000)
    report(f"compiled decision, cog-08b1, {name}", took * 1e6, 5, "us")


def _median(work: Callable[[], object], times: int = 200) -> float:
    runs = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(times):
            work()
        runs.append((time.perf_counter() - start) / times)
    return statistics.median(runs)


if __name__ == "__main__":
    main()

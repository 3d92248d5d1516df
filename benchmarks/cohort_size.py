"""Does the time grow in step with the cohort, and does the memory stay? The whole command on exports of several sizes.

    python benchmarks/cohort_size.py 10000 100000 1000000 [--picture docs/pictures/cohort-size.svg]

The exports are made by `../shared/bench/fhir_export.py` where it is at hand; a million children need 20 GB of disk. Prints a table
with CPU time, time and peak memory, and draws the times on two logarithmic scales beside a straight line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from math import log10
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
EXPORT = ROOT.parent / "shared" / "bench" / "fhir_export.py"
REMISSION = Path(sys.executable).with_name("remission")
MOST_MIB = 2048


class Run(NamedTuple):
    """One run of the whole command: read, all schemes, what is missing, written."""

    children: int
    cpu: float
    seconds: float
    peak_mib: float


def measured(children: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="remission-size-") as folder:
        export = Path(folder) / "export"
        subprocess.run([sys.executable, str(EXPORT), str(export), str(children)], check=True)
        began = time.perf_counter()
        command = [str(REMISSION), "cohort", "assess", str(export), "--out", f"{folder}/result.parquet"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"the run of {children} children failed")
        return Run(children, used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024)


def table(runs: list[Run]) -> str:
    lines = ["children     CPU s    seconds   CPU us a child   peak MiB"]
    lines += [
        f"{r.children:>9,} {r.cpu:>8.1f} {r.seconds:>10.1f} {r.cpu / r.children * 1e6:>16.0f} {r.peak_mib:>10.0f}" for r in runs
    ]
    return "\n".join(lines)


def picture(runs: list[Run]) -> str:
    """The times as dots, beside the line of a time that grows exactly with the number of children."""
    largest = max(runs, key=lambda run: run.children)

    def at(children: float, seconds: float) -> tuple[float, float]:
        return 70 + 130 * (log10(children) - 4), 250 - 70 * log10(max(seconds, 1))

    ends = [at(n, largest.cpu * n / largest.children) for n in (1e4, 1e6)]
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#0b4f6c"/><text x="{x + 9:.1f}" y="{y + 16:.1f}">{run.cpu:.1f} s</text>'
        for run in runs
        for x, y in [at(run.children, run.cpu)]
    )
    across = "".join(f'<text x="{at(n, 1)[0]:.0f}" y="275" text-anchor="middle">{n:,}</text>' for n in (10_000, 100_000, 1_000_000))
    up = "".join(f'<text x="58" y="{at(1e4, s)[1] + 4:.0f}" text-anchor="end">{s}</text>' for s in (1, 10, 100))
    (x1, y1), (x2, y2) = ends
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 310" font-family="sans-serif" font-size="12" role="img" '
        'aria-label="CPU seconds against the number of children, on logarithmic scales">'
        '<rect width="420" height="310" fill="#fff"/><path d="M66 40V254H370" fill="none" stroke="#444"/>'
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#999" stroke-dasharray="5 4"/>'
        f'{marks}{across}{up}<text x="218" y="298" text-anchor="middle">children</text><text x="14" y="30">CPU seconds</text>'
        '<text x="365" y="30" text-anchor="end" fill="#666">dashed: exactly in step with the children</text></svg>\n'
    )


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:] if word.isdigit()] or [10_000, 100_000]
    if not EXPORT.exists():
        sys.exit("The maker of exports is not next to this checkout: nothing was measured.")
    runs = [measured(size) for size in sizes]
    print(table(runs))
    print(f"peak memory as a share of {MOST_MIB} MiB: {max(run.peak_mib for run in runs) / MOST_MIB:.2f}")
    if "--picture" in sys.argv:
        Path(sys.argv[sys.argv.index("--picture") + 1]).write_text(picture(runs), "utf-8")


if __name__ == "__main__":
    main()

"""Neutrophil counts in maintenance: how well the next one is told, on the shared 58 children. Nothing real is kept.

`python benchmarks/maintenance_anc.py` measures the prior of the library; `--left-out` learns it anew five times, each time without
the children it is then tried on (with `--no-marrow` also without any effect of 6-MP: what the mechanism is worth); `--learn` prints
what all 58 teach, to be written into knowledge/simulate/maintenance.yaml.
A path to another table or folder of the same format may follow. `--rounds N` sets how long learning takes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from remission.simulate.maintenance_fit import NEUTRAL, cross_validated, learn
from remission.simulate.maintenance_forecast import DosesKnown, History
from remission.simulate.maintenance_prior import Prior, load_prior
from remission.simulate.maintenance_report import evaluate, read_histories, told_as_table

SHARED = Path(__file__).parent.parent.parent / "shared" / "data" / "maintenance_anc_jost2020"
NOTHING = (1e-9, 0.0)
KNOWN: tuple[DosesKnown, ...] = ("so-far", "given")
TITLES = {
    "so-far": "Doses known up to the count before, then as in the week before it",
    "given": "Doses known up to the count asked about",
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--learn", action="store_true")
    parser.add_argument("--left-out", action="store_true")
    parser.add_argument("--no-marrow", action="store_true")
    parser.add_argument("--rounds", type=int, default=30)
    asked = parser.parse_args(arguments)
    if not asked.source.exists():
        print("The shared counts are not next to this checkout; nothing was measured.")
        return
    histories, prior = read_histories(asked.source), load_prior()
    if asked.learn:
        learning(histories, prior, asked.rounds)
    elif asked.left_out:
        start = NEUTRAL | ({"sensitivity": NOTHING} if asked.no_marrow else {})
        for known, report in cross_validated(histories, prior, KNOWN, start, rounds=asked.rounds).items():
            print(f"## Children left out of the learning. {TITLES[known]}\n\n{told_as_table(report)}")
    else:
        measuring(histories)


def learning(histories: Sequence[History], prior: Prior, rounds: int) -> None:
    learnt = learn(
        histories, prior.with_values(NEUTRAL), rounds, progress=lambda each, told: print(f"# round {each}: {told:.1f}", flush=True)
    )
    for one in learnt.prior.parameters:
        if one.id in NEUTRAL:
            print(f"  {one.id}: value {one.value:.4g}, spread {one.spread or 0:.3g}")


def measuring(histories: Sequence[History]) -> None:
    for known in KNOWN:
        started = time.process_time()
        report = evaluate(histories, known)
        took = (time.process_time() - started) / len(histories)
        print(f"## {TITLES[known]}\n\n{told_as_table(report)}")
        print(f"{report.children} children, {report.counts} counts, {took:.2f} CPU-seconds for a child's whole history.\n")


if __name__ == "__main__":
    main()

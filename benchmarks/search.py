"""How long a warm search takes, over all queries of `cases/search/`. The bound comes with the issue that asked for it."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from remission.knowledge import plain_yaml
from remission.knowledge.model import LANGS
from remission.rules.compiled import load_index

CASES = Path(__file__).parent.parent / "cases" / "search"


def main() -> None:
    index = load_index()
    times = []
    for lang in LANGS:
        queries = list(plain_yaml.read(CASES / f"{lang}.yaml"))
        for query in queries:
            index.search(query, lang)
        for query in queries:
            start = time.perf_counter()
            index.search(query, lang)
            times.append((time.perf_counter() - start) * 1e3)
    print(f"{'what':<58} {'measured':>12} {'bound':>12} {'ratio':>7}")
    p99 = statistics.quantiles(times, n=100)[98]
    for name, took in (("median", statistics.median(times)), ("99th percentile", p99), ("slowest", max(times))):
        print(f"{f'warm search, {name} of {len(times)} queries':<58} {took:>9.2f} ms {10:>9} ms {took / 10:>7.2f}")


if __name__ == "__main__":
    main()

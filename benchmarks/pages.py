"""The site under load: 50 requests a second for 20 seconds, and what a visit weighs. Each number stands beside its bound."""

from __future__ import annotations

import gzip
import http.client
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median, quantiles

from remission.rules.compiled import load_shelf

RATE, SECONDS, BOUND_MS = 50, 20, 30.0
TRIALS_BOUND_MS = 250.0
FIRST_VISIT_KB, LATER_KB = 60.0, 15.0
STATIC = Path(__file__).parent.parent / "src" / "remission" / "site" / "static" / "remission"


def main() -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "remission.cli.main", "serve", "--no-browser", "--lang", "en"], stdout=subprocess.PIPE, text=True
    )
    try:
        said = server.stdout.readline() if server.stdout else ""
        host = re.findall(r"127\.0\.0\.1:\d+", said)[0]
        report_speed(host)
        report_trials(host)
        report_weight(host)
    finally:
        server.terminate()
        server.wait(10)


def report_speed(host: str) -> None:
    """p95 of answers sent on a fixed schedule, so that a slow answer does not slow down the asking."""
    from remission.site.addresses import address

    paths = [address("topic", lang, topic) for topic in load_shelf().topics for lang in ("en", "es")]
    paths += [
        "/en/",
        "/es/",
        address("search", "en") + "?q=red+dots",
        address("search", "es") + "?q=leusemia",
        address("risk", "en"),
    ]
    took: list[float] = []
    threads = []
    start = time.perf_counter()
    for number in range(RATE * SECONDS):
        due = start + number / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        thread = threading.Thread(target=ask, args=(host, paths[number % len(paths)], due, took))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    p95 = quantiles(took, n=20)[-1] * 1000
    print(f"{len(took)} of {RATE * SECONDS} requests answered, at {RATE} a second")
    print(f"median {median(took) * 1000:.1f} ms, p95 {p95:.1f} ms of {BOUND_MS:.0f} ms, ratio {p95 / BOUND_MS:.2f}")


def report_trials(host: str) -> None:
    """The longest page: studies near a place for a child, one request after another."""
    from remission.site.addresses import address

    path = address("trials", "en") + "?near=Washington%2C+DC&within=100mi&age=4+years&lineage=b"
    took: list[float] = []
    for _ in range(20):
        ask(host, path, time.perf_counter(), took)
    middle = median(took) * 1000
    ratio = middle / TRIALS_BOUND_MS
    print(f"a search for studies with its page: median {middle:.0f} ms of {TRIALS_BOUND_MS:.0f} ms, ratio {ratio:.2f}")


def ask(host: str, path: str, due: float, took: list[float]) -> None:
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status == 200:
        took.append(time.perf_counter() - due)


def report_weight(host: str) -> None:
    """What the heaviest pages transfer, compressed, without headers."""
    from remission.site.addresses import address

    shared = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in {".css", ".js", ".woff2", ".svg"}}
    together = sum(len(content) if name.endswith("woff2") else len(gzip.compress(content)) for name, content in shared.items())
    pages = [
        address("topic", lang, topic) + level
        for topic in load_shelf().topics
        for lang in ("en", "es")
        for level in ("", "?level=professional")
    ]
    pages += [
        address(page, lang)
        for page in ("home", "topics", "words", "sources", "cells", "counts", "risk", "about")
        for lang in ("en", "es")
    ]
    weights = sorted(((weight(host, page), page) for page in pages), reverse=True)
    heaviest, page = weights[0]
    print(f"heaviest page of {len(pages)}: {heaviest / 1000:.1f} kB of {LATER_KB:.0f} kB after the first visit ({page})")
    print(f"first visit: {(heaviest + together) / 1000:.1f} kB of {FIRST_VISIT_KB:.0f} kB, type and style included")


def weight(host: str, path: str) -> int:
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    size = len(connection.getresponse().read())
    connection.close()
    return size


if __name__ == "__main__":
    main()

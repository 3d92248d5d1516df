"""How long a search over the shipped list takes, cold and warm, and a refresh of 1,000 studies from a server on this machine."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from copy import deepcopy
from datetime import date
from pathlib import Path

from remission.knowledge.trials import Snapshot
from remission.rules.compiled import load_library
from remission.trials.ages import age_from_span
from remission.trials.asking import asked_of
from remission.trials.criteria import Asked
from remission.trials.loaded import load_trials
from remission.trials.refresh import refresh
from remission.trials.search import Query, Trials
from remission.trials.store import TrialStore

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
TODAY = date(2026, 11, 21)
PLACES = ("Washington, DC", "Denver, CO", "Guadalajara, México", "Madrid, España", "20010")


def main() -> None:
    begun = time.perf_counter()
    library, known = load_library(), load_trials()
    trials = Trials(library, known)
    trials.search(Query())
    ready = time.perf_counter() - begun
    print(f"{'what':<58} {'measured':>12} {'bound':>12} {'ratio':>7}")
    _told("load, build and first search", ready * 1e3, 300)
    times = _warm(trials)
    _told(f"warm search, median of {len(times)}", statistics.median(times), 20)
    _told("warm search, 95th percentile", statistics.quantiles(times, n=20)[18], 20)
    _told("refresh of 1,000 studies", _refresh(trials), 10_000)


def _warm(trials: Trials) -> list[float]:
    """Searches as a family asks them: with and without facts, near and anywhere, open ones and all."""
    facts = asked_of(trials.comparison, load_library(), TODAY, "4y", lineage="b", relapsed="no", treated="no")
    spots = [trials.gazetteer.find(place) for place in PLACES]
    children = (Asked(), Asked(age_from_span("4y", "")), facts)
    queries = [Query(asked=each, near=spot, within=within) for each in children for spot in spots for within in (None, 160.0)]
    for query in queries:
        trials.search(query)
    times = []
    for query in queries * 5:
        start = time.perf_counter()
        trials.search(query)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def _refresh(trials: Trials) -> float:
    from registry_server import registry

    studies = json.loads((ROOT / "cases" / "trials" / "registry-page.json").read_text("utf-8"))["studies"]
    many = []
    for number in range(1000):
        study = deepcopy(studies[number % len(studies)])
        study["protocolSection"]["identificationModule"]["nctId"] = f"NCT88{number:06d}"
        many.append(study)
    before = Snapshot("ClinicalTrials.gov", "2026-04", (), (), shipped=True)
    with tempfile.TemporaryDirectory() as folder, registry(many, page=100) as server:
        begun = time.perf_counter()
        refresh(TrialStore(Path(folder)), trials.known.registry, trials.gazetteer, before, TODAY, address=server.address)
        return (time.perf_counter() - begun) * 1e3


def _told(name: str, took: float, bound: float) -> None:
    print(f"{name:<58} {took:>9.2f} ms {bound:>9g} ms {took / bound:>7.2f}")


if __name__ == "__main__":
    main()

"""The lists of studies that several tests search: the one that ships, and invented records."""

from __future__ import annotations

from pathlib import Path

import pytest

from remission.rules.compiled import load_library
from remission.trials.collecting import located, snapshot_of
from remission.trials.files import read_file
from remission.trials.loaded import load_trials
from remission.trials.search import Trials

CASES = Path(__file__).parent.parent / "cases" / "trials"


@pytest.fixture(scope="session")
def shipped() -> Trials:
    """A search over the list that ships."""
    return Trials(load_library(), load_trials())


@pytest.fixture(scope="session")
def invented(shipped: Trials) -> Trials:
    """A search over the invented records."""
    read = read_file(CASES / "registry-page.json", shipped.gazetteer.has)
    records = [located(record, shipped.gazetteer) for record in read.records]
    return Trials(load_library(), load_trials(), snapshot_of(records, "ClinicalTrials.gov", "2026-11-20"))

"""What the tests share: the compiled library, and the shared data where a developer has it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from postgres import postgres_address as postgres_address
from remission.cli.main import main
from remission.knowledge.model import Library
from remission.rules.compiled import load_library, load_programs
from remission.rules.program import Program
from trial_lists import invented as invented
from trial_lists import shipped as shipped

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
collect_ignore = ["fuzz_readers.py"]  # needs atheris; `make fuzz` runs it

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own for each test: nobody's family file is ever touched."""
    folder = tmp_path / "data"
    monkeypatch.setenv("REMISSION_DATA", str(folder))
    return folder


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="session")
def programs() -> dict[str, Program]:
    return load_programs()


@pytest.fixture(scope="session")
def target_table() -> Path:
    """The shared half of the TARGET clinical table. It is real data and never part of this repository."""
    found = sorted((SHARED / "data" / "target_all_p2").glob("*.tsv"))
    if not found:
        pytest.skip("the shared TARGET table is not next to this checkout")
    return found[0]


@contextmanager
def ends(cpu_seconds: float = 20.0) -> Iterator[None]:
    """Fails what would go on for ever. It counts processor time, so a busy machine changes nothing; it measures no speed."""

    def fail(*_: object) -> None:
        pytest.fail(f"no end after {cpu_seconds:.0f} seconds of work")

    before = signal.signal(signal.SIGPROF, fail)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`remission …` in this process: exit code, standard output, standard error."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "REMISSION_LANG"):
        monkeypatch.delenv(name, raising=False)

    def _run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["remission", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        return Result(int(stopped.value.code or 0), captured.out, captured.err)

    return _run

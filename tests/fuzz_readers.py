"""Coverage-guided fuzzing of what reads other people's text: `python tests/fuzz_readers.py karyotype -max_total_time=60`.

Atheris makes up the bytes and keeps those that reach new code. A string is read or refused with a place that lies in it; anything
else stops the run and leaves the bytes in a file. It is no part of `make test`: `make fuzz` runs it where atheris is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["remission.record"]):
    from remission.record.fhir.files import open_bytes
    from remission.record.fhir.meanings import find_meanings
    from remission.record.fhir.reader import read_children
    from remission.record.karyotype.facts import facts_of
    from remission.record.karyotype.reading import read_karyotype
    from remission.record.karyotype.writing import written
    from remission.record.problems import InputProblem

from remission.documents.fhir_report import report_text
from remission.rules.compiled import load_codes, load_library


def karyotype(data: bytes) -> None:
    """Reads bytes as a karyotype; what was read must be written back to a string that reads the same."""
    text = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(300)
    try:
        read = read_karyotype(text)
    except InputProblem as problem:
        if not 1 <= int(str(problem.values["at"])) <= len(text) + 1:
            raise AssertionError(f"a refusal without a place in the text: {problem}") from problem
        return
    facts_of(load_library(), read.karyotype)
    if not read.karyotype.failed and read_karyotype(written(read.karyotype)).karyotype != read.karyotype:
        raise AssertionError(f"not the same when read again: {text!r}")


def fhir(data: bytes) -> None:
    """Reads bytes as a FHIR record; every resource must be accounted for, and everything about it can be told."""
    meanings = find_meanings(load_library(), load_codes())
    try:
        records = list(read_children(meanings, open_bytes(data, "made.ndjson" if data[:1] == b"\n" else "made.json")))
    except InputProblem as problem:
        problem.sentence(load_library().words, "en")
        return
    for record in records:
        if [account.number for account in record.accounts] != [held.number for held in record.resources]:
            raise AssertionError("a resource without an account")
        report_text(load_library(), record, "made.json", "es", full=True)


READERS: dict[str, Callable[[bytes], None]] = {"karyotype": karyotype, "fhir": fhir}


def main() -> None:
    reader, *rest = sys.argv[1:]
    atheris.Setup([sys.argv[0], *rest], READERS[reader])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

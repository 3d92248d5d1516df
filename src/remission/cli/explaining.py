"""`remission explain`: from what was typed to the printed answer."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from remission.care.risk import assess_child
from remission.documents.answer_text import Style, answer_text
from remission.knowledge.model import Lang, Library
from remission.record.child import (
    KARYOTYPE,
    ChildFile,
    Entry,
    entry_from_dates,
    entry_from_pair,
    gathered,
    read_child_file,
)
from remission.record.problems import InputProblem, InputProblems


def gather_child(
    file: Path | None, typed: dict[str, tuple[str, str | None]], born: str | None, diagnosed: str | None,
    pairs: tuple[str, ...], karyotypes: tuple[str, ...] = (),
) -> ChildFile:  # fmt: skip
    """All entries, from the file first. Raises `InputProblems` when an entry cannot be read."""
    child = read_child_file(file) if file else ChildFile(())
    entries = [*child.entries]
    entries += [Entry(fact, value, f"{option} {value}") for fact, (option, value) in typed.items() if value is not None]
    if born and diagnosed:
        entries.append(entry_from_dates(born, diagnosed, "--born, --diagnosed"))
    elif born or diagnosed:
        raise InputProblems([InputProblem("dates-incomplete")])
    entries += [entry_from_pair(pair) for pair in pairs]
    entries += [Entry(KARYOTYPE, written, "--karyotype") for written in karyotypes]
    return ChildFile(tuple(entries), child.label, child.invented)


def explain(
    library: Library, child: ChildFile, schemes: tuple[str, ...], lang: Lang, trace: bool, as_json: bool, style: Style
) -> str:
    """The answer, as text or JSON.

    Raises `InputProblems` when nothing at all was asked; a named scheme or a program that asks for JSON is answered even
    when nothing is known of the child.
    """
    if not (child.entries or schemes or as_json):
        raise InputProblems([InputProblem("nothing-given")])
    known = gathered(library, child.entries)
    assessment = assess_child(library, known.facts, schemes, child.invented, known.remarks)
    if as_json:
        from remission.documents.answer_json import answer_json

        return answer_json(library, assessment, lang, trace)
    return answer_text(library, assessment, lang, trace, style)


def example_child() -> str:
    """A child's file to start from: an invented child with half the results still out."""
    return (files("remission.cli") / "example_child.yaml").read_text(encoding="utf-8")


def json_schema() -> str:
    from remission.documents.answer_json import SCHEMA_FILE

    return SCHEMA_FILE.read_text(encoding="utf-8")

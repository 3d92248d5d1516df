"""Every sentence that the program can say is there: a problem whose words are missing would end in a traceback."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from conftest import ROOT
from remission.knowledge.model import Library
from remission.simulate.maintenance_prior import load_prior

SAYING = {"InputProblem", "HomeProblem", "SimulationProblem", "say", "counted", "_tell"}


def called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def texts(written: ast.expr) -> Iterator[str]:
    """The words that an argument can be, as far as they stand in the code: `"a"`, or `"a" if so else "b"`."""
    if isinstance(written, ast.Constant) and isinstance(written.value, str):
        yield written.value
    if isinstance(written, ast.IfExp):
        yield from texts(written.body)
        yield from texts(written.orelse)


def said() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and called(node.func) in SAYING:
                yield from ((word, f"{path.relative_to(ROOT)}:{node.lineno}") for word in texts(node.args[0]) if word)


def test_every_word_that_is_said_is_written(library: Library) -> None:
    found = list(said())
    on_pages = {word.removeprefix("page-") for word in library.words}  # the trials' pages have their own words for some problems
    known = {*library.words, *on_pages, *load_prior().words}
    assert [(word, where) for word, where in found if word not in known] == []
    assert len(found) > 1000

"""The statement as text for a reader: what it is, which table it expects, and the rule in lines one can follow.

The lines come from the same tree that an engine runs, laid out so that each condition stands on a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from remission.cohort.columns import CHILD
from remission.cohort.sql.follows import TAP, TAP_COUNTS
from remission.cohort.sql.stages import decision_select
from remission.cohort.sql.wording import Words
from remission.knowledge.model import Library, Scheme
from remission.rules.program import Program

if TYPE_CHECKING:
    from sqlglot.expressions import Expr, Select

DIALECTS = ("duckdb", "spark", "postgres", "bigquery")
_WIDTH = 128
_SHORT = 10
_SIGNS = {
    "and": "AND", "or": "OR", "add": "+", "sub": "-", "mul": "*", "div": "/", "dpipe": "||", "bitwiseand": "&",
    "eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "is": "IS",
}  # fmt: skip
_STAGES = {
    "ends": "Ends: the interval in which each number lies. An end that is not known is beyond every number.",
    "follows": "What follows from the facts given. A number is the set of choices that are left, a bit each.",
    "cells": "Cells: each condition once. Yes means: it could hold. What is not known could be anything.",
    "outcomes": "Outcomes: which are open. One is open when every cell of one of its ways could hold.",
    "decided": "Decided: exactly one outcome is open.",
}


def sql_text(library: Library, programs: Mapping[str, Program], schemes: Sequence[str], dialect: str) -> str:
    """The rule of these schemes as SQL in a dialect, with everything a reader needs to run and to judge it."""
    facts = facts_needed(library, programs, schemes)
    names = [CHILD, *(column for fact in facts for column, _, _ in Words(library).columns(library.facts[fact]))]
    statement = decision_select(library, programs, schemes, names, dialect=dialect)
    lines = [*_heading(library, schemes, facts, dialect), *laid_out(statement, dialect)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def facts_needed(library: Library, programs: Mapping[str, Program], schemes: Sequence[str]) -> list[str]:
    """The facts that these schemes read, and those from which they follow, in the dictionary's order."""
    needed = {fact for scheme in schemes for fact in programs[scheme].facts}
    telling = [scheme for scheme in library.schemes.values() if scheme.narrows and scheme.id in programs]
    before = 0
    while len(needed) != before:
        before = len(needed)
        for table in telling:
            if table.narrows in needed:
                needed |= set(programs[table.id].facts)
        needed |= set(TAP_COUNTS) if TAP in needed else set()
    return [fact for fact in library.facts if fact in needed]


def _heading(library: Library, schemes: Sequence[str], facts: Sequence[str], dialect: str) -> Iterator[str]:
    for scheme in (library.schemes[scheme] for scheme in schemes):
        yield from _comment(f"{scheme.short.en} ({scheme.id}): {scheme.title.en}")
        yield from _about(library, scheme)
    yield "--"
    yield from _comment(
        f"remission, library {library.version}, content {library.hash}. Made by `remission cohort sql`: do not edit."
    )
    yield from _comment("Information, not medical advice. Not clinically reviewed.")
    yield "--"
    yield from _comment("It reads one table, `children`, a row a child. Unknown is NULL, never no, zero or today. A column:")
    yield from _comment(f"  {CHILD}: any name for the child that tells it from others")
    for fact in facts:
        for name, kind, meaning in Words(library).columns(library.facts[fact]):
            yield from _comment(f"  {name} {_type(kind, dialect)}: {meaning}")
    yield "--"
    yield from _comment("It gives for each scheme its status (decided, data-required, not-applicable, contradiction), the outcome")
    yield from _comment("where it is decided, and the outcomes still possible.")
    yield ""


def _type(kind: str, dialect: str) -> str:
    """What the dialect calls a type."""
    from sqlglot import exp

    return exp.DataType.build(kind, dialect="duckdb").sql(dialect)


def _about(library: Library, scheme: Scheme) -> Iterator[str]:
    """How well confirmed each row is, and where it stands."""
    words = Words(library)
    rows = [(f"{scheme.id}/applies-{n}", d.status, d.cites) for n, d in enumerate(scheme.applies, 1)]
    rows += [(f"{table.id}/{row.id}", row.status, row.cites) for table in scheme.tables for row in table.rows]
    for name, status, cites in rows:
        yield from _comment(f"  {name}: {status}; {words.cites(cites)}")


def _comment(words: str) -> Iterator[str]:
    import textwrap

    inside = " " * (len(words) - len(words.lstrip()) + 2)
    lines = textwrap.wrap(
        words, _WIDTH, initial_indent="-- ", subsequent_indent=f"-- {inside}", drop_whitespace=True, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    yield from lines or ["--"]


# --- laying out ------------------------------------------------------------------------------------------------------------


def laid_out(statement: Select, dialect: str) -> Iterator[str]:
    """The statement line by line: every column with its comment above it, every way to an outcome on its own line."""
    stages = statement.ctes
    for number, stage in enumerate(stages):
        kind = stage.alias.split("_")[0]
        if kind != stages[number - 1].alias.split("_")[0] or not number:
            yield from _comment(_STAGES[kind])
        yield f"{'WITH ' if number == 0 else ''}{stage.alias} AS ("
        yield from _indented(_select(stage.this, dialect))
        yield ")," if number < len(stages) - 1 else ")"
        yield ""
    yield from _select(statement, dialect)


def _select(select: Select, dialect: str) -> Iterator[str]:
    yield "SELECT"
    for number, column in enumerate(select.selects):
        yield from _indented(_comments(column))
        lines = list(_lines(column, dialect, _WIDTH - 6))
        comma = "," if number < len(select.selects) - 1 else ""
        yield from _indented([*lines[:-1], lines[-1] + comma])
    yield f"FROM {select.args['from_'].this.sql(dialect)}"
    if select.args.get("offset"):
        yield "OFFSET 0  -- leaves nothing out; it keeps PostgreSQL from working the same cell out again and again"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" if line else "" for line in lines)


def _comments(tree: Expr) -> Iterator[str]:
    for words in tree.comments or []:
        yield from _comment(words)


def _lines(tree: Expr, dialect: str, width: int) -> Iterator[str]:
    """A tree on one line where it fits, and else broken where a reader would break it."""
    from sqlglot import exp

    line = tree.sql(dialect, comments=False)
    is_commented = any(part.comments for part in tree.find_all(exp.Paren, exp.Column) if part is not tree)
    if len(line) <= width and not is_commented:
        yield line
    elif isinstance(tree, exp.Alias):
        body = exp.Paren(this=tree.this.copy()) if isinstance(tree.this, exp.Connector) else tree.this
        yield from _ended(_lines(body, dialect, width), f" AS {tree.alias}")
    elif isinstance(tree, exp.Paren):
        yield from ("(", *_indented(_lines(tree.this, dialect, width - 2)), ")")
    elif isinstance(tree, exp.Case):
        yield from _case(tree, dialect, width)
    elif isinstance(tree, exp.Binary):  # before functions: to sqlglot, AND is both
        yield from _operands(tree, dialect, width)
    elif isinstance(tree, (exp.ConcatWs, exp.ArrayToString)):
        yield from _listed(tree, dialect, width)
    elif isinstance(tree, exp.Func):
        yield from _call(tree, dialect, width)
    elif isinstance(tree, exp.Not):
        yield from _begun("NOT ", _lines(tree.this, dialect, width - 4))
    else:
        yield line


def _operands(tree: Expr, dialect: str, width: int) -> Iterator[str]:
    """Each part of `a AND b AND c` on its own line, with its comment above it; what is compared keeps its sign beside it."""
    sign = _SIGNS[tree.key]
    parts = list(tree.flatten(unnest=False)) if type(tree.this) is type(tree) else [tree.this, tree.expression]
    right = parts[-1].sql(dialect, comments=False)
    if sign in ("=", "<>", "IS") and len(right) < _SHORT:
        yield from _ended(_lines(parts[0], dialect, width - _SHORT), f" {sign} {right}")
        return
    for number, part in enumerate(parts):
        yield from _comments(part)
        yield from _begun(f"{sign} " if number else "", _lines(part, dialect, width - 4))


def _case(case: Expr, dialect: str, width: int) -> Iterator[str]:
    yield "CASE"
    for way in case.args["ifs"]:
        yield from _indented(_begun("WHEN ", _lines(way.this, dialect, width - 7)))
        yield from _indented(_indented(_begun("THEN ", _lines(way.args["true"], dialect, width - 9))))
    yield from _indented(_begun("ELSE ", _lines(case.args["default"], dialect, width - 7)))
    yield "END"


def _call(call: Expr, dialect: str, width: int) -> Iterator[str]:
    """A function: its first argument is the long one, the rest stands on the last line."""
    line = call.sql(dialect, comments=False)
    first = next(call.iter_expressions())
    before, _, after = line.partition(first.sql(dialect, comments=False))
    yield before
    *lines, last = _indented(_lines(first, dialect, width - 2))
    yield from (*lines, last + ("," if after.startswith(",") else ""))
    yield after.removeprefix(",").removeprefix(" ")


def _listed(call: Expr, dialect: str, width: int) -> Iterator[str]:
    """A text put together of parts: each on its own line."""
    line = call.sql(dialect, comments=False)
    parts = [part for part in call.expressions or call.this.expressions if part.key == "case"]
    first = parts[0].sql(dialect, comments=False)
    before, _, after = line.partition(first)
    yield before.rstrip()
    for part in parts[:-1]:
        yield from _ended(_indented(_lines(part, dialect, width - 3)), ",")
    yield from _indented(_lines(parts[-1], dialect, width - 3))
    yield after[after.rindex("END") + len("END") if len(parts) > 1 else 0 :].strip()


def _begun(start: str, lines: Iterable[str]) -> Iterator[str]:
    """The lines with something before the first that is no comment."""
    for line in lines:
        yield line if line.startswith("--") or not start else start + line
        start = start if line.startswith("--") else ""


def _ended(lines: Iterable[str], end: str) -> Iterator[str]:
    *before, last = lines
    yield from (*before, last + end)

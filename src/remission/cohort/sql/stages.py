"""The statement itself, in stages: what follows, cells, outcomes, decided, and the answers.

*Cells*: each distinct condition once, "could this hold?", shared by all schemes. *Outcomes*: one is open when every cell of one of
its ways could hold. *Decided*: exactly one outcome is open. A program's boxes are over facts alone, chains of tables included, so
every row is exact and none needs to go back to the one-child engine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from remission.cohort.columns import CHILD
from remission.cohort.names import sql_name
from remission.cohort.sql import trees
from remission.cohort.sql.boxes import Ways, asked_of, could_reach, ways_to
from remission.cohort.sql.follows import Told, contradicting, told, told_columns
from remission.cohort.sql.patterns import bits_of
from remission.cohort.sql.predicates import Columns, could_hold, end_name, filled
from remission.cohort.sql.wording import Words, cell_name
from remission.knowledge.model import Library
from remission.rules.axes import Axis
from remission.rules.program import NOT_APPLICABLE, Program

if TYPE_CHECKING:
    from sqlglot.expressions import Expr, Select

DECIDED, DATA_REQUIRED, CONTRADICTION = "decided", "data-required", "contradiction"
CONTRADICTS = "contradicts"
_MELTING = frozenset({"postgres"})  # it would work out each cell anew wherever an outcome asks for it


def decision_select(
    library: Library,
    programs: Mapping[str, Program],
    schemes: Sequence[str],
    table_columns: Collection[str],
    table: str = "children",
    carry: Sequence[str] = (),
    patterns: bool = False,
    dialect: str = "duckdb",
) -> Select:
    """One statement that answers these schemes for every row of `table`.

    It gives `child`, the columns named in `carry`, `contradiction` (what speaks against a row, or NULL) and for each scheme its
    `_status`, its outcome or NULL, and `_possible`; with `patterns` also `_pattern` (see `patterns.py`). Every dialect prints the
    same tree; `dialect` only keeps the stages apart where an engine would write each into the next, and lists outcomes in
    BigQuery's way there.
    """
    select = _Statement(library, programs, schemes, table_columns, table, carry, patterns).select()
    if dialect == "bigquery":
        return _with_arrays(select)
    return _kept_apart(select) if dialect in _MELTING else select


class _Statement:
    """One statement in the making. `cells` fills while the outcomes are written."""

    def __init__(
        self, library: Library, programs: Mapping[str, Program], schemes: Sequence[str], table_columns: Collection[str],
        table: str, carry: Sequence[str], patterns: bool,
    ):  # fmt: skip
        self.library, self.programs = library, programs
        self.schemes = [programs[scheme] for scheme in schemes]
        self.table, self.carry, self.patterns = table, [CHILD, *carry], patterns
        self.given = Columns(frozenset(table_columns), has_ends=True)
        wanted = [fact for program in self.schemes for fact in program.facts]
        self.stages = told_columns(library, programs, self.given, wanted)
        self.words = Words(library)
        self._cells: dict[str, tuple[str, Expr]] = {}  # by what it asks: its name, and itself with its comment

    @cached_property
    def final(self) -> Columns:
        """The columns once everything has followed."""
        columns = self.given
        for stage in self.stages:
            columns = columns.having({one.fact: one.column for one in stage})
        return columns

    @cached_property
    def contradictions(self) -> list[tuple[str, Expr]]:
        return [(name, tree) for name, tree in contradicting(self.library, self.given, self.final) if not trees.is_no(tree)]

    def select(self) -> Select:
        from sqlglot import exp

        outcomes = [self.outcome(program, outcome) for program in self.schemes for outcome in program.outcomes]
        patterns = [self.pattern(program) for program in self.schemes if self.patterns]
        stages = [*self.with_ends(), *self.followed()]
        stages.append(("cells", [*self.carried(), *self.speaking_against(), *(tree for _, tree in self._cells.values())]))
        stages.append(("outcomes", [*self.carried(), *self.contradicts(), *outcomes, *patterns]))
        stages.append(("decided", [exp.Star(), *(self.how_many(program) for program in self.schemes)]))
        answers = [*self.carried(), self.contradiction(), *(column for program in self.schemes for column in self.answers(program))]
        return _chained(stages, answers, self.table)

    def carried(self) -> list[Expr]:
        return [trees.column(name) for name in self.carry]

    def with_ends(self) -> list[tuple[str, list[Expr]]]:
        """The stage in which the ends that are not known are filled in; none for a table without numbers."""
        from sqlglot import exp

        numbers = [fact for fact, definition in self.library.facts.items() if definition.kind != "choice"]
        ends = [(fact, which) for fact in numbers for which in ("low", "high") if f"{fact}_{which}" in self.given.names]
        columns = [trees.named(filled(*end), end_name(*end)) for end in ends]
        return [("ends", [exp.Star(), *columns])] if columns else []

    def followed(self) -> list[tuple[str, list[Expr]]]:
        """The stages in which facts follow from others, each with all columns before it."""
        from sqlglot import exp

        stages, columns = [], self.given
        for number, stage in enumerate(self.stages, 1):
            name = "follows" if len(self.stages) == 1 else f"follows_{number}"
            stages.append((name, [exp.Star(), *(self.told(one, columns) for one in stage)]))
            columns = columns.having({one.fact: one.column for one in stage})
        return stages

    def told(self, one: Told, columns: Columns) -> Expr:
        tree = told(self.library, self.programs, one, columns)
        return trees.named(tree, one.column, self.words.told(one.fact, one.table))

    def speaking_against(self) -> list[Expr]:
        return [trees.named(tree, name, self.words.contradiction(name)) for name, tree in self.contradictions]

    def contradicts(self) -> list[Expr]:
        """Whether anything speaks against the row, and what."""
        names = [name for name, _ in self.contradictions]
        if not names:
            return []
        anything = trees.any_of(trees.column(name) for name in names)
        listed = [trees.chosen([(trees.column(name), trees.text(f";{name}"))], trees.text("")) for name in names]
        first = trees.called("SUBSTRING", trees.joined(listed), trees.whole(2))
        return [
            trees.named(anything, CONTRADICTS, "The facts of this child cannot all be right: nothing is decided."),
            trees.named(trees.chosen([(anything.copy(), first)], trees.null()), "contradiction"),
        ]

    def contradiction(self) -> Expr:
        if self.contradictions:
            return trees.column("contradiction")
        return trees.named(trees.cast(trees.null(), "TEXT"), "contradiction")

    def ask(self, axis: Axis, mask: int) -> Expr:
        """A cell, by the column that answers it; the column is written when it is first asked for."""
        tree = could_hold(axis, mask, self.final)
        if trees.is_yes(tree) or trees.is_no(tree):
            return tree
        asks = tree.sql()
        if asks not in self._cells:
            taken = {name for name, _ in self._cells.values()}
            name = cell_name(axis, mask, taken)
            self._cells[asks] = (name, trees.named(tree, name, self.words.cell(axis, mask)))
        return trees.column(self._cells[asks][0])

    def outcome(self, program: Program, outcome: str) -> Expr:
        ways = could_reach(program, ways_to(program, outcome), self.ask)
        parts = [self.way(program, way, tree) for way, tree in ways]
        return trees.named(trees.any_of(parts), may_be(program.scheme, outcome), self.words.outcome(program, outcome))

    def way(self, program: Program, way: Ways, tree: Expr) -> Expr:
        from sqlglot import exp

        held = exp.Paren(this=tree) if len(asked_of(program, way)) > 1 and isinstance(tree, exp.And) else tree
        held.add_comments([self.words.rows(program, way.rows)])
        return held

    def pattern(self, program: Program) -> Expr:
        bits = bits_of(program)
        parts = [trees.chosen([(self.ask(axis, region), trees.whole(bit))], trees.whole(0)) for axis, region, bit in bits]
        number = trees.cast(trees.total(parts) if parts else trees.whole(0), "BIGINT")
        return trees.named(number, f"{sql_name(program.scheme)}_pattern", self.words.pattern())

    def how_many(self, program: Program) -> Expr:
        """How many outcomes are open; none for a child whose facts cannot all be right."""
        count = trees.total([trees.cast(self.is_open(program, outcome), "INT") for outcome in program.outcomes])
        never = [(trees.column(CONTRADICTS), trees.whole(0))] if self.contradictions else []
        return trees.named(trees.chosen(never, count), f"{sql_name(program.scheme)}__open", self.words.how_many(program))

    def answers(self, program: Program) -> list[Expr]:
        name = sql_name(program.scheme)
        has = [trees.compared(trees.column(f"{name}__open"), "=", trees.whole(count)) for count in (0, 1)]
        is_in = trees.negated(self.is_open(program, NOT_APPLICABLE)) if NOT_APPLICABLE in program.outcomes else trees.yes()
        named = [outcome for outcome in program.outcomes if outcome != NOT_APPLICABLE]
        which = trees.chosen([(self.is_open(program, o), trees.text(o)) for o in named[:-1]], trees.text(named[-1]))
        statuses = [
            (has[0], trees.text(CONTRADICTION)),
            (trees.all_of([has[1], is_in]), trees.text(DECIDED)),
            (has[1], trees.text(NOT_APPLICABLE)),
        ]
        several = [(has[0], trees.null()), (trees.all_of([has[1], is_in]), which), (has[1], trees.text(NOT_APPLICABLE))]
        kept = slice(None) if NOT_APPLICABLE in program.outcomes else slice(2)
        answers = [
            trees.named(trees.chosen(statuses[kept], trees.text(DATA_REQUIRED)), f"{name}_status"),
            trees.named(trees.chosen([(trees.all_of([has[1], is_in]), which)], trees.null()), name),
            trees.named(trees.chosen(several[kept], self.listed(program)), f"{name}_possible"),
        ]
        if self.patterns:
            pattern = trees.column(f"{name}_pattern")
            answers.append(trees.named(trees.chosen([(has[0], trees.null())], pattern), f"{name}_pattern"))
        return [answer.copy() for answer in answers]  # a node has one place in a tree

    def listed(self, program: Program) -> Expr:
        """The open outcomes in the scheme's order, one after another."""
        parts = [trees.chosen([(self.is_open(program, o), trees.text(o))], trees.null()) for o in program.outcomes]
        return trees.listed(parts)

    def is_open(self, program: Program, outcome: str) -> Expr:
        return trees.column(may_be(program.scheme, outcome))


def may_be(scheme: str, outcome: str) -> str:
    """The column that says whether an outcome is open."""
    verb = "may_not_apply" if outcome == NOT_APPLICABLE else f"may_be_{sql_name(outcome)}"
    return f"{sql_name(scheme)}__{verb}"


def _kept_apart(select: Select) -> Select:
    """`OFFSET 0` leaves no row out; it keeps PostgreSQL from writing one stage into the next (forty times faster, measured)."""
    for stage in select.ctes:
        stage.set("this", stage.this.offset(0, copy=False))
    return select


def _with_arrays(select: Select) -> Select:
    """BigQuery has no CONCAT_WS."""
    from sqlglot import exp

    for each in list(select.find_all(exp.ConcatWs)):
        sign, *parts = each.expressions
        each.replace(exp.ArrayToString(this=exp.Array(expressions=parts), expression=sign))
    return select


def _chained(stages: Sequence[tuple[str, Sequence[Expr]]], answers: Sequence[Expr], table: str) -> Select:
    from sqlglot import exp

    source, withs = table, []
    for name, columns in stages:
        withs.append((name, exp.select(*columns, copy=False).from_(source)))
        source = name
    select = exp.select(*answers, copy=False).from_(source)
    for name, stage in withs:
        select = select.with_(name, stage, copy=False)
    return select

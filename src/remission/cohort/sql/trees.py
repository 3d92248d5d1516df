"""The few kinds of SQL that the rules need, as sqlglot trees. Yes and no fold away where they are known beforehand.

Every condition made here is true or false and never NULL, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot.expressions import Expr


def yes() -> Expr:
    from sqlglot import exp

    return exp.true()


def no() -> Expr:
    from sqlglot import exp

    return exp.false()


def null() -> Expr:
    from sqlglot import exp

    return exp.null()


def is_yes(tree: Expr) -> bool:
    return tree == yes()


def is_no(tree: Expr) -> bool:
    return tree == no()


def column(name: str) -> Expr:
    from sqlglot import exp

    return exp.column(name)


def whole(number: int) -> Expr:
    from sqlglot import exp

    return exp.Literal.number(number)


def number(limit: Decimal) -> Expr:
    """A limit as the column's own floats have it: its shortest digits, or as a cast where digits alone might be a decimal that
    an engine rounds another way."""
    from sqlglot import exp

    nearest = float(limit)
    if nearest.is_integer() and abs(nearest) < 2**31:
        return exp.Literal.number(int(nearest))
    shortest = repr(nearest)
    if "e" not in shortest and len(shortest) <= 16:
        return exp.Literal.number(shortest)
    return exp.cast(exp.Literal.string(shortest), "DOUBLE")


def number_text(digits: str) -> Expr:
    from sqlglot import exp

    return exp.Literal.number(digits)


def text(value: str) -> Expr:
    from sqlglot import exp

    return exp.Literal.string(value)


def all_of(parts: Iterable[Expr]) -> Expr:
    from sqlglot import exp

    kept = [part for part in parts if not is_yes(part)]
    if any(is_no(part) for part in kept):
        return no()
    return exp.and_(*kept, copy=False) if kept else yes()


def any_of(parts: Iterable[Expr]) -> Expr:
    from sqlglot import exp

    kept = [part for part in parts if not is_no(part)]
    if any(is_yes(part) for part in kept):
        return yes()
    return exp.or_(*kept, copy=False) if kept else no()


def negated(tree: Expr) -> Expr:
    from sqlglot import exp

    if is_yes(tree) or is_no(tree):
        return no() if is_yes(tree) else yes()
    if isinstance(tree, exp.Not):
        inside: Expr = tree.this.unnest()
        return inside
    return exp.not_(tree, copy=False)


def grouped(tree: Expr) -> Expr:
    from sqlglot import exp

    return exp.Paren(this=tree) if isinstance(tree, exp.Connector) else tree


def is_null(tree: Expr) -> Expr:
    from sqlglot import exp

    return exp.Is(this=tree, expression=exp.null())


def is_known(tree: Expr) -> Expr:
    return negated(is_null(tree))


def if_known(condition: Expr, otherwise: bool) -> Expr:
    """A condition that may be NULL, made yes or no."""
    from sqlglot import exp

    return exp.func("COALESCE", condition, yes() if otherwise else no())


def compared(one: Expr, sign: str, other: Expr) -> Expr:
    """NULL where either side is."""
    from sqlglot import exp

    kinds = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "=": exp.EQ, "<>": exp.NEQ}
    return kinds[sign](this=one, expression=other)


def one_of(tree: Expr, values: Iterable[str]) -> Expr:
    """NULL where the tree is."""
    from sqlglot import exp

    return exp.In(this=tree, expressions=[text(value) for value in values])


def less(one: Expr, other: Expr) -> Expr:
    from sqlglot import exp

    return exp.Sub(this=one, expression=other)


def bits(tree: Expr, mask: Expr) -> Expr:
    from sqlglot import exp

    return exp.Paren(this=exp.BitwiseAnd(this=tree, expression=mask))


def chosen(ways: Iterable[tuple[Expr, Expr]], otherwise: Expr) -> Expr:
    """`CASE WHEN … THEN … ELSE … END`, shortened where a condition is known beforehand."""
    from sqlglot import exp

    case = exp.Case()
    is_empty = True
    for condition, value in ways:
        if is_yes(condition):
            otherwise = value
            break
        if not is_no(condition):
            case = case.when(condition, value, copy=False)
            is_empty = False
    return otherwise if is_empty else case.else_(otherwise, copy=False)


def total(parts: Sequence[Expr]) -> Expr:
    from sqlglot import exp

    result = parts[0]
    for part in parts[1:]:
        result = exp.Add(this=result, expression=part)
    return exp.Paren(this=result) if len(parts) > 1 else result


def times(*parts: Expr) -> Expr:
    from sqlglot import exp

    result = parts[0]
    for part in parts[1:]:
        result = exp.Mul(this=result, expression=part)
    return result


def divided(one: Expr, other: Expr) -> Expr:
    from sqlglot import exp

    return exp.Div(this=one, expression=other, typed=False, safe=False)


def called(name: str, *arguments: Expr) -> Expr:
    from sqlglot import exp

    return exp.func(name, *arguments)


def cast(tree: Expr, kind: str) -> Expr:
    from sqlglot import exp

    return exp.cast(tree, kind)


def joined(parts: Sequence[Expr]) -> Expr:
    """Texts one after another."""
    from sqlglot import exp

    result = parts[0]
    for part in parts[1:]:
        result = exp.DPipe(this=result, expression=part)
    return result


def listed(parts: Sequence[Expr]) -> Expr:
    """Texts with a semicolon between them; NULL is no part."""
    from sqlglot import exp

    return exp.ConcatWs(expressions=[text(";"), *parts], coalesce=True, safe=True)


def named(tree: Expr, name: str, *comments: str) -> Expr:
    """A column of a stage, with the words a reader needs."""
    from sqlglot import exp

    alias = exp.alias_(tree, name, copy=False)
    alias.add_comments([comment for comment in comments if comment])
    return alias

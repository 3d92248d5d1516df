"""A region of an axis in the short technical words of an error or a table, and a value that lies in it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from remission.record.facts import Fact
from remission.rules.axes import Axis


def describe_box(axes: Iterable[Axis], masks: Iterable[int]) -> str:
    """The axes that the box restricts, for example `age_days >= 3652.5, wbc < 50`; a shorter path leaves the rest open."""
    pairs = zip(axes, masks, strict=False)
    return ", ".join(describe_region(axis, mask) for axis, mask in pairs if mask != axis.everything) or "everything"


def describe_region(axis: Axis, mask: int) -> str:
    """For example `wbc >= 50` or `cns in cns3a, cns3b, cns3c`."""
    atoms = axis.atoms_in(mask)
    if axis.kind == "choice":
        return f"{axis.fact} in {', '.join(axis.options[atom] for atom in atoms)}"
    levels = 2 * len(axis.limits) + 1
    if not axis.tells_results:
        return f"{axis.fact} {_runs(axis, atoms)}"
    parts = [f"{axis.fact} without result"] if 0 in atoms else []
    for name, start in (("negative", 1), ("positive", 1 + levels)):
        pieces = [atom - start for atom in atoms if start <= atom < start + levels]
        if pieces:
            parts.append(f"{axis.fact} {name} {_runs(axis, pieces)}")
    return " or ".join(parts)


def _runs(axis: Axis, pieces: list[int]) -> str:
    """Neighbouring pieces of the number line as one range each."""
    runs: list[list[int]] = []
    for piece in pieces:
        if runs and piece == runs[-1][-1] + 1:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return " or ".join(_range(axis, run[0], run[-1]) for run in runs)


def _range(axis: Axis, first: int, last: int) -> str:
    low = "" if first == 0 else f"{'>=' if first % 2 else '>'} {axis.limits[(first - 1) // 2]:f}"
    high = "" if last == 2 * len(axis.limits) else f"{'<=' if last % 2 else '<'} {axis.limits[last // 2]:f}"
    if first == last and first % 2:
        return f"= {axis.limits[first // 2]:f}"
    return " and ".join(part for part in (low, high) if part) or "any"


def representative(axis: Axis, atom: int) -> Fact:
    """A fact that lies in this atom and nowhere else."""
    if axis.kind == "choice":
        return Fact(id=axis.fact, options=(axis.options[atom],))
    if not axis.tells_results:
        number = _number_in(axis, atom)
        return Fact(id=axis.fact, low=number, high=number)
    if atom == 0:
        return Fact(id=axis.fact, absent_reason="not-done")
    result, piece = divmod(atom - 1, 2 * len(axis.limits) + 1)
    number = _number_in(axis, piece)
    return Fact(id=axis.fact, low=number, high=number, result=("negative", "positive")[result])


def _number_in(axis: Axis, piece: int) -> Decimal:
    place = piece // 2
    if piece % 2:
        return axis.limits[place]
    below = axis.limits[place - 1] if place else None
    above = axis.limits[place] if place < len(axis.limits) else None
    if below is None:
        return above / 2 if above is not None and above > 0 else (above or Decimal(1)) - 1
    return (below + above) / 2 if above is not None else below + 1


def spans(axis: Axis, mask: int) -> list[Fact]:
    """One fact for each atom of these regions that covers just that atom: a choice, a limit, a stretch between limits."""
    return [_span(axis, atom) for atom in axis.atoms_in(mask)]


def _span(axis: Axis, atom: int) -> Fact:
    point = representative(axis, atom)
    if axis.kind == "choice" or point.absent_reason:
        return point
    piece = (atom - 1) % (2 * len(axis.limits) + 1) if axis.tells_results else atom
    if piece % 2:
        return point
    low = axis.limits[piece // 2 - 1] if piece else None
    high = axis.limits[piece // 2] if piece // 2 < len(axis.limits) else None
    return Fact(id=axis.fact, low=low, high=high, low_open=True, high_open=True, result=point.result)

"""Small cells: counts under a limit are hidden, and so much beside them that none can be worked out.

All counts of a report stand in one ledger, each under one name however often it is shown, with the sums a reader can form. A count
from 1 to the limit less 1 is hidden. Then it is asked of every hidden count what a reader can still conclude from all sums that
are shown; as long as one of them is pinned to a single number, the smallest count beside it is hidden too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from remission.knowledge.model import Frozen

Name = tuple[str, ...]
_APART = 1 - 1e-6  # two numbers further apart than this are two counts
_NEARLY = 1e-9  # what rounding may leave of zero


class Count(Frozen, frozen=True):
    """A count as it may be shown: its number; or `below`, where it is from 1 to one less than that; or neither, where it is hidden
    so that another one cannot be worked out."""

    number: int | None = None
    below: int = 0


class Ledger:
    """The counts of a report, and which of them add up to which."""

    def __init__(self) -> None:
        self.counts: dict[Name, int] = {}
        self._sums: list[tuple[Name, tuple[Name, ...]]] = []
        self._covered: set[Name] = set()
        self._unseen: set[Name] = set()

    def enter(self, name: Name, number: int, is_shown: bool = True) -> Name:
        """`is_shown`: it stands in the report, and not only in what a reader can work out."""
        self.counts[name] = number
        if not is_shown:
            self._unseen.add(name)
        return name

    def hide(self, name: Name) -> None:
        """Where small counts are hidden, this one is too."""
        self._covered.add(name)

    def adds_up(self, total: Name, parts: Iterable[Name]) -> None:
        """A reader can add up the parts to the total."""
        self._sums.append((total, tuple(parts)))

    def shown(self, hide_below: int) -> dict[Name, Count]:
        """Every count as it may be shown; with a limit of 0 or 1 as it is."""
        if hide_below < 2:
            return {name: Count(number) for name, number in self.counts.items()}
        small = {name for name, number in self.counts.items() if 0 < number < hide_below}
        hiding = _Hiding(self.counts, self._sums, small, hide_below, self._unseen)
        hiding.hidden |= self._covered
        hiding.settle()
        return {name: hiding.shown(name) for name in self.counts}


def _solver(
    rows: list[Any], sums: list[float], bounds: Sequence[tuple[int, int | None]]
) -> Callable[[int, float], tuple[Any, list[int]]]:
    """Finds a way to fill in what is hidden, with one count as low (or with a sign of -1 as high) as can be, and the sums that
    let it be no lower."""
    import numpy as np
    from scipy.optimize import linprog  # type: ignore[import-untyped, import-not-found, unused-ignore]
    from scipy.sparse import csr_array  # type: ignore[import-untyped, import-not-found, unused-ignore]

    table = csr_array(np.array(rows))

    def solved(goal_at: int, sign: float) -> tuple[Any, list[int]]:
        goal = np.zeros(len(bounds))
        goal[goal_at] = sign
        found = linprog(goal, A_eq=table, b_eq=sums, bounds=bounds, method="highs")
        return found.x, np.flatnonzero(np.abs(found.eqlin.marginals) > _NEARLY).tolist()

    return solved


class _Hiding:
    """Hides more and more, until nothing hidden can be worked out."""

    def __init__(
        self, counts: Mapping[Name, int], sums: list[tuple[Name, tuple[Name, ...]]], small: set[Name], limit: int, unseen: set[Name]
    ):
        self.counts, self.sums, self.limit = counts, sums, limit
        self.small, self.hidden = small, small | unseen
        self.free = unseen - small  # what stands nowhere, and may be worked out
        self.whole = max((counts[total] for total, _ in sums), default=0)
        self.unsaid: set[Name] = small & unseen  # small counts of which not even that is said, because it would tell them

    def shown(self, name: Name) -> Count:
        if name not in self.hidden:
            return Count(self.counts[name])
        return Count(None, self.limit) if name in self.small - self.unsaid else Count()

    def settle(self) -> None:
        self._cover_all()
        while (pinned := self._pinned()) and self._opened(pinned):
            self._cover_all()

    def _opened(self, pinned: Mapping[Name, set[Name]]) -> bool:
        """Hides more of what tells a count, once for those that the same counts tell. Whether anything changed."""
        before = set(self.hidden), set(self.unsaid)
        for telling in pinned.values():
            if not telling & (self.hidden - before[0]) and not self._hide_among(telling):
                self.unsaid |= self.small & telling  # all is hidden: that they are under the limit is no longer said
        return (self.hidden, self.unsaid) != before

    def _cover_all(self) -> None:
        while sum(self._cover(total, parts) for total, parts in self.sums):
            pass

    def _cover(self, total: Name, parts: tuple[Name, ...]) -> bool:
        """A sum in which a single count is hidden would tell it: hides a second one. Whether it did."""
        members = (*parts, total)
        hidden = [name for name in members if name in self.hidden]
        return len(hidden) == 1 and hidden[0] not in self.free and self._hide_one(members)

    def _hide_among(self, names: Iterable[Name]) -> bool:
        """Hides the smallest count that is still shown; a zero only where there is no other, and never that of all children,
        without which no share is left. Whether it did."""
        shown = [name for name in names if name not in self.hidden and self.counts[name] != self.whole]
        if shown:
            self.hidden.add(min(shown, key=lambda name: (self.counts[name] == 0, self.counts[name], name)))
        return bool(shown)

    def _hide_one(self, members: tuple[Name, ...]) -> bool:
        """Hides the smallest part that is still shown; where none is above zero the total, and a part that is zero last of all."""
        total, shown = members[-1], [name for name in members if name not in self.hidden]
        if shown:
            self.hidden.add(min(shown, key=lambda name: (self.counts[name] == 0, name == total, self.counts[name], name)))
        return bool(shown)

    def _pinned(self) -> dict[Name, set[Name]]:
        """The small counts that a reader can work out from everything shown, each with what stands in the sums that tell it.

        Each solution found shows of many counts at once that they may still vary; only what no solution moved is asked for.
        """
        import numpy as np

        names = sorted(self.hidden)
        place = {name: column for column, name in enumerate(names)}
        rows, sums, members = self._equations(place)
        if not rows or self.limit == 2:  # under a limit of 2 a hidden count is 1 by its very sign
            return {}
        bounds = [(1, self.limit - 1) if name in self.small - self.unsaid else (0, None) for name in names]
        solved = _solver(rows, sums, bounds)
        least = np.array([float(self.counts[name]) for name in names])
        most, pinned = least.copy(), {}
        for name in sorted(self.small & set().union(*members)):
            telling: set[Name] = set()
            for sign in (1.0, -1.0):
                if most[place[name]] - least[place[name]] < _APART:
                    found, used = solved(place[name], sign)
                    least, most = np.minimum(least, found), np.maximum(most, found)
                    telling |= set().union(*(members[row] for row in used))
            if most[place[name]] - least[place[name]] < _APART:
                pinned[name] = telling
        return pinned

    def _equations(self, place: Mapping[Name, int]) -> tuple[list[Any], list[float], list[set[Name]]]:
        """The sums in which something is hidden, over what is hidden; what they come to; and all that stands in each."""
        import numpy as np

        rows, sums, members = [], [], []
        for total, parts in self.sums:
            row, known = np.zeros(len(place)), 0.0
            for name, sign in [(part, 1.0) for part in parts] + [(total, -1.0)]:
                if name in place:
                    row[place[name]] += sign
                else:
                    known -= sign * self.counts[name]
            if row.any():
                rows.append(row)
                sums.append(known)
                members.append({total, *parts})
        return rows, sums, members

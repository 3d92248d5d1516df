"""Small cells: counts under a limit are hidden, and so much beside them that none can be worked out.

All counts of a report stand in one ledger, each under one name however often it is shown, with the sums a reader can form. A count
from 1 to the limit less 1 is hidden. Then it is asked of every hidden count what a reader can still conclude from all sums that
are shown; as long as one of them is pinned to a single number, the smallest count beside it is hidden too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remission.knowledge.model import Frozen

Name = tuple[str, ...]
_APART = 1 - 1e-6  # two numbers further apart than this are two counts


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

    def enter(self, name: Name, number: int) -> Name:
        self.counts[name] = number
        return name

    def adds_up(self, total: Name, parts: Iterable[Name]) -> None:
        """A reader can add up the parts to the total."""
        self._sums.append((total, tuple(parts)))

    def shown(self, hide_below: int) -> dict[Name, Count]:
        """Every count as it may be shown; with a limit of 0 or 1 as it is."""
        if hide_below < 2:
            return {name: Count(number) for name, number in self.counts.items()}
        small = {name for name, number in self.counts.items() if 0 < number < hide_below}
        hiding = _Hiding(self.counts, self._sums, small, hide_below)
        hiding.settle()
        return {name: hiding.shown(name) for name in self.counts}


def _solved(rows: Any, sums: Any, bounds: Sequence[tuple[int, int | None]], goal_at: int, sign: float) -> Any:
    """A way to fill in what is hidden, with one count as low (or with a sign of -1 as high) as can be."""
    import numpy as np
    from scipy.optimize import linprog  # type: ignore[import-untyped, import-not-found, unused-ignore]

    goal = np.zeros(len(bounds))
    goal[goal_at] = sign
    return linprog(goal, A_eq=rows, b_eq=sums, bounds=bounds, method="highs").x


class _Hiding:
    """Hides more and more, until nothing hidden can be worked out."""

    def __init__(self, counts: Mapping[Name, int], sums: list[tuple[Name, tuple[Name, ...]]], small: set[Name], limit: int):
        self.counts, self.sums, self.limit = counts, sums, limit
        self.small, self.hidden = small, set(small)
        self.unsaid: set[Name] = set()  # small counts of which not even that is said, because it would tell them

    def shown(self, name: Name) -> Count:
        if name not in self.hidden:
            return Count(self.counts[name])
        return Count(None, self.limit) if name in self.small - self.unsaid else Count()

    def settle(self) -> None:
        self._cover_all()
        while sum(self._hide_beside(name) or self._unsay(name) for name in self._pinned()):
            self._cover_all()

    def _cover_all(self) -> None:
        while sum(self._cover(total, parts) for total, parts in self.sums):
            pass

    def _cover(self, total: Name, parts: tuple[Name, ...]) -> bool:
        """A sum in which a single count is hidden would tell it: hides a second one. Whether it did."""
        members = (*parts, total)
        return sum(name in self.hidden for name in members) == 1 and self._hide_one(members)

    def _hide_beside(self, name: Name) -> bool:
        return any(self._hide_one((*parts, total)) for total, parts in self.sums if name in parts or name == total)

    def _hide_one(self, members: tuple[Name, ...]) -> bool:
        """Hides the smallest part that is still shown; where none is above zero the total, and a part that is zero last of all."""
        total, shown = members[-1], [name for name in members if name not in self.hidden]
        if shown:
            self.hidden.add(min(shown, key=lambda name: (self.counts[name] == 0, name == total, self.counts[name], name)))
        return bool(shown)

    def _unsay(self, name: Name) -> bool:
        """Where all is hidden already, that a count is under the limit is no longer said: of this one and those beside it."""
        beside = {other for total, parts in self.sums if name in (*parts, total) for other in (*parts, total)}
        more = (self.small & beside) - self.unsaid
        self.unsaid |= more
        return bool(more)

    def _pinned(self) -> list[Name]:
        """The small counts that a reader can work out from everything shown.

        Each solution found shows of many counts at once that they may still vary; only what no solution moved is asked for.
        """
        import numpy as np

        names = sorted(self.hidden)
        place = {name: column for column, name in enumerate(names)}
        rows, sums = self._equations(place)
        if not rows or self.limit == 2:  # under a limit of 2 a hidden count is 1 by its very sign
            return []
        bounds = [(1, self.limit - 1) if name in self.small - self.unsaid else (0, None) for name in names]
        least = np.array([float(self.counts[name]) for name in names])
        most = least.copy()
        pinned = []
        for name in sorted(self.small & {name for total, parts in self.sums for name in (*parts, total)}):
            for sign in (1.0, -1.0):
                if most[place[name]] - least[place[name]] < _APART:
                    found = _solved(np.array(rows), np.array(sums), bounds, place[name], sign)
                    least, most = np.minimum(least, found), np.maximum(most, found)
            if most[place[name]] - least[place[name]] < _APART:
                pinned.append(name)
        return pinned

    def _equations(self, place: Mapping[Name, int]) -> tuple[list[Any], list[float]]:
        import numpy as np

        rows, sums = [], []
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
        return rows, sums

"""The compiled form of a scheme: a decision diagram, and the proof that comes with building it.

Every node asks one axis and has one child per region; a leaf is an outcome. Equal parts are shared, and a node whose
children are all equal is left out, so what remains is exactly what the scheme depends on. Building the diagram visits every
kind of child there can be, and so finds the box that two rows share or that no row covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Protocol

from remission.knowledge.model import Frozen
from remission.knowledge.problems import KnowledgeError
from remission.rules.axes import Axis
from remission.rules.describe import describe_box


class _Boxed(Protocol):
    @property
    def masks(self) -> tuple[int, ...]: ...
    @property
    def outcome(self) -> str: ...
    @property
    def rows(self) -> tuple[str, ...]: ...


class Node(Frozen, frozen=True, array_like=True):
    """Asks `axis`; `children[i]` follows when the child is in the region whose mask is `regions[i]`.

    A child ≥ 0 is a node; a child < 0 is the set of outcomes `-child`, as a bit mask over the program's outcomes.
    `reach` is the set of all outcomes below this node.
    """

    axis: int
    regions: tuple[int, ...]
    children: tuple[int, ...]
    reach: int


class Diagram(Frozen, frozen=True):
    """`root` and the shared nodes; `nodes[i]` only points to smaller numbers.

    `everything` are the masks of a child of whom nothing is known.
    """

    everything: tuple[int, ...]
    root: int
    nodes: tuple[Node, ...]

    def possible(self, masks: Sequence[int]) -> int:
        """The bit mask of outcomes that a child with these masks may still have."""
        last_known = len(masks) - 1
        while last_known >= 0 and masks[last_known] == self.everything[last_known]:
            last_known -= 1
        found = 0
        todo = [self.root]
        while todo:
            place = todo.pop()
            while place >= 0:
                node = self.nodes[place]
                mask = masks[node.axis]
                if node.axis > last_known or not node.reach & ~found:  # every way down is open, or none could add an outcome
                    found |= node.reach
                    break
                if mask not in node.regions:
                    todo += [child for region, child in zip(node.regions, node.children, strict=True) if mask & region]
                    break
                place = node.children[node.regions.index(mask)]  # a child about whom the axis is known takes one way
            else:
                found |= -place
        return found

    def support(self, masks: Sequence[int]) -> tuple[list[int], bool]:
        """The axes on which the outcome still depends for a child with these masks, in order, and whether they settle it.

        No set without one of them can settle the outcome: the axes are independent. Learning all of them does, unless a row
        itself leaves several choices open.
        """
        axes, leaves = self._reduced(masks)
        return sorted(axes), all(outcomes.bit_count() == 1 for outcomes in leaves)

    def _reduced(self, masks: Sequence[int]) -> tuple[set[int], set[int]]:
        """The axes and the leaves of the diagram that is left for a child with these masks."""
        results: dict[int, int] = {}
        interned: dict[tuple[int, tuple[tuple[int, int], ...]], int] = {}
        asked: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {}

        def shrink(place: int) -> int:
            if place < 0:
                return place
            if place not in results:
                node = self.nodes[place]
                ways = tuple(
                    (region, shrink(child))
                    for region, child in zip(node.regions, node.children, strict=True)
                    if masks[node.axis] & region
                )
                if len({child for _, child in ways}) == 1:
                    results[place] = ways[0][1]
                else:
                    key = (node.axis, ways)
                    results[place] = interned.setdefault(key, len(interned))
                    asked[results[place]] = key
            return results[place]

        axes: set[int] = set()
        leaves: set[int] = set()
        todo = [shrink(self.root)]
        done: set[int] = set()
        while todo:
            place = todo.pop()
            if place < 0:
                leaves.add(-place)
            if place < 0 or place in done:
                continue
            done.add(place)
            axis, ways = asked[place]
            axes.add(axis)
            todo += [child for _, child in ways]
        return axes, leaves


def build_diagram(
    scheme: str, axes: Sequence[Axis], boxes: Sequence[_Boxed], outcomes: Sequence[str], narrows: bool = False
) -> Diagram:
    """The diagram of these boxes.

    Raises `KnowledgeError` and prints the box when two outcomes share one (unless the table `narrows` a fact, where a row
    may leave several choices open) or when nothing covers it.
    """
    return _Building(scheme, axes, boxes, outcomes, narrows).build()


class _Building:
    def __init__(self, scheme: str, axes: Sequence[Axis], boxes: Sequence[_Boxed], outcomes: Sequence[str], narrows: bool):
        self.scheme, self.axes, self.boxes, self.narrows = scheme, axes, boxes, narrows
        self.bit = {outcome: 1 << number for number, outcome in enumerate(outcomes)}
        self.nodes: list[Node] = []
        self.interned: dict[Node, int] = {}
        self.known: dict[tuple[int, frozenset[int]], int] = {}
        self.path: list[int] = []

    def build(self) -> Diagram:
        root = self._place(0, frozenset(range(len(self.boxes))))
        return Diagram(everything=tuple(axis.everything for axis in self.axes), root=root, nodes=tuple(self.nodes))

    def _place(self, depth: int, live: frozenset[int]) -> int:
        key = (depth, live)
        if key not in self.known:
            self.known[key] = self._split(depth, live)
        return self.known[key]

    def _split(self, depth: int, live: frozenset[int]) -> int:
        if not live:
            raise self._refusal("no row covers", ())
        outcomes = {self.boxes[box].outcome for box in live}
        if depth == len(self.axes):
            return self._leaf(live, outcomes)
        if len(outcomes) == 1 and any(self._covers_the_rest(box, depth) for box in live):
            return -self.bit[next(iter(outcomes))]
        return self._node(depth, live)

    def _leaf(self, live: frozenset[int], outcomes: set[str]) -> int:
        if len(outcomes) > 1 and not self.narrows:
            raise self._refusal("rows with different outcomes share", sorted({"+".join(self.boxes[box].rows) for box in live}))
        return -sum(self.bit[outcome] for outcome in outcomes)

    def _node(self, depth: int, live: frozenset[int]) -> int:
        regions = self.axes[depth].regions
        children = []
        for region in regions:
            self.path.append(region)
            children.append(self._place(depth + 1, frozenset(box for box in live if self.boxes[box].masks[depth] & region)))
            self.path.pop()
        if len(set(children)) == 1:
            return children[0]
        reach = reduce(or_, (self.nodes[child].reach if child >= 0 else -child for child in children))
        node = Node(depth, regions, tuple(children), reach)
        if node not in self.interned:
            self.interned[node] = len(self.nodes)
            self.nodes.append(node)
        return self.interned[node]

    def _covers_the_rest(self, box: int, depth: int) -> bool:
        masks = self.boxes[box].masks
        return all(masks[place] == self.axes[place].everything for place in range(depth, len(self.axes)))

    def _refusal(self, problem: str, rows: Sequence[str]) -> KnowledgeError:
        box = describe_box(self.axes, self.path)
        named = f" ({'; '.join(rows)})" if rows else ""
        return KnowledgeError(
            f"scheme {self.scheme}", f"{problem} this box: {box}{named}.", "Change the rows so that exactly one fits."
        )

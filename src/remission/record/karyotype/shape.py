"""A karyotype as it was read. Nothing is computed here: every part can be written back as it stood (see `writing`).

Chromosomes and bands are kept in the field's own writing ("9", "X", "?20", "q11.2", "p12~13"), because the doubt that a
laboratory writes into them belongs to them.
"""

from __future__ import annotations

from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem

SMALLEST_CHROMOSOME_NUMBER = 20  # fewer than one of each: a digit was lost
LARGEST_CHROMOSOME_NUMBER = 999
LARGEST_CELL_COUNT = 9_999


class Count(Frozen, frozen=True):
    """A number, or a range of numbers (`45~48`); `doubtful` when the laboratory put a question mark before it."""

    low: int
    high: int
    doubtful: bool = False


class Abnormality(Frozen, frozen=True):
    """One change of the list.

    `kind` is ISCN's own word (`t`, `del`, `der`, `mar` …), `chromosome` for a whole one (+8, -Y), `variant` for a harmless
    difference (9qh+), `unread` for an item that was not understood and kept as it is. `sign` is + (gained), - (lost) or empty.
    `count` is the number of markers (+2mar), or a range of times (x2~4); `times` is x2. `breakpoints` holds the bands of each
    chromosome; `parts` what made up a derivative: der(9)del(9)(p13)t(9;22)(q34;q11.2). `born_with` is ISCN's c: the child was
    born with it, it is not of the leukemia. `cells` is the number of cells that showed this change, where it has one of its own.
    """

    kind: str
    sign: str = ""
    doubtful: bool = False
    count: Count | None = None
    label: str = ""
    chromosomes: tuple[str, ...] = ()
    breakpoints: tuple[tuple[str, ...], ...] = ()
    segments: str = ""
    gene: str = ""
    parts: tuple[Abnormality, ...] = ()
    signals: tuple[str, ...] = ()
    times: int = 1
    born_with: str = ""
    origin: str = ""
    cells: int | None = None


class Cells(Frozen, frozen=True):
    """How many cells were seen: `[20]`, `[cp20]` (no two of them quite alike), `[150/200]`."""

    count: int | None
    composite: bool = False
    doubtful: bool = False
    of: int | None = None


class Signal(Frozen, frozen=True):
    """What a probe showed: its copies, many of them (`amp`), or how two stood to each other (`con` together, `sep` apart)."""

    probes: tuple[str, ...]
    relation: str = ""
    written: str = ""
    copies: Count | None = None


class InSitu(Frozen, frozen=True):
    """A result of in situ hybridization behind the chromosomes (`ish`: on single chromosomes; `nuc ish`: in whole cells)."""

    kind: str
    written: str
    changes: tuple[Abnormality, ...] = ()
    signals: tuple[Signal, ...] = ()
    cells: Cells | None = None


class Clone(Frozen, frozen=True):
    """One group of cells as it was written.

    `same_as` is `idem`, `sl` or `sdl…`: it begins like an earlier group, `times` over when it was doubled, and `inherited` says
    what that brings. `doubled` is the inner group of `52(26,X,+Y,+14,+21)x2`. `number` is None where only changes were written.
    """

    number: Count | None = None
    ploidy: str = ""
    sex: str = ""
    same_as: str = ""
    times: int = 1
    doubled: Clone | None = None
    abnormalities: tuple[Abnormality, ...] = ()
    inherited: tuple[Abnormality, ...] = ()
    cells: Cells | None = None
    nonclonal: bool = False
    donor: bool = False
    in_situ: tuple[InSitu, ...] = ()


class Karyotype(Frozen, frozen=True):
    """All groups of cells in the order in which they were written.

    `failed`: the culture gave no cells to look at. `beside`: the result of another test behind them, such as an array, unread.
    """

    clones: tuple[Clone, ...]
    failed: bool = False
    beside: str = ""


class Repair(Frozen, frozen=True):
    """What was mended before it could be read: at which character (counted from 1), what stood there and what it was read as."""

    at: int
    found: str
    became: str


class KaryotypeRead(Frozen, frozen=True):
    """A karyotype, what had to be mended to read it, and what does not add up in it (each a sentence to be spoken)."""

    karyotype: Karyotype
    repairs: tuple[Repair, ...] = ()
    problems: tuple[InputProblem, ...] = ()

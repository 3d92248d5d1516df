"""What was learnt from the children whose counts were given: `knowledge/simulate/maintenance.yaml` as frozen objects.

A number that differs between children has a `spread`: the standard deviation between them, of the logarithm where the number itself
must stay above zero. Nothing about any one child is kept.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from remission.knowledge.decoding import msgpack_decoder
from remission.knowledge.model import Frozen, Text
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.simulate import CitedSource, Role

_FILE = "maintenance.msgpack"
COMPILED = Path(__file__).parent.parent / "_compiled" / _FILE


class Learnt(Frozen, frozen=True):
    """One number: its typical value, and by how much children differ in it (None: the same for all)."""

    id: str
    value: float
    unit: str
    role: Role
    source: str
    about: Text
    spread: float | None = None


class Prior(Frozen, frozen=True):
    """What is believed of a child of whom nothing has been counted yet. `words` are the sentences that a reader may see."""

    version: str
    learnt_from: Text
    parameters: tuple[Learnt, ...]
    baselines: tuple[Learnt, ...]
    sources: dict[str, CitedSource]
    words: dict[str, Text]

    def __getitem__(self, parameter: str) -> float:
        return self._find(parameter).value

    def spread(self, parameter: str) -> float:
        return self._find(parameter).spread or 0.0

    def _find(self, parameter: str) -> Learnt:
        return next(one for one in (*self.parameters, *self.baselines) if one.id == parameter)

    def with_values(self, values: dict[str, tuple[float, float]]) -> Prior:
        """The same with other values and spreads of the parameters named."""
        changed = tuple(
            msgspec.structs.replace(one, value=values[one.id][0], spread=values[one.id][1]) if one.id in values else one
            for one in self.parameters
        )
        return msgspec.structs.replace(self, parameters=changed)


def read_prior(root: Path) -> Prior:
    """What stands in `knowledge/simulate/maintenance.yaml`. Raises `KnowledgeError` with the file and what is wrong."""
    from remission.knowledge.yaml_file import YamlFile

    path = root / "simulate" / "maintenance.yaml"
    prior = YamlFile(path, "the shapes in simulate/maintenance_prior.py").convert(Prior)
    for one in (*prior.parameters, *prior.baselines):
        if one.source not in prior.sources:
            raise KnowledgeError(str(path), f"{one.id} cites {one.source}, which is not listed.", "List it under sources.")
    return prior


def compile_prior(root: Path, folder: Path) -> Path:
    """Reads, checks and writes it as one file, so that an installed copy never parses YAML to run."""
    file = folder / _FILE
    file.write_bytes(msgspec.msgpack.encode(read_prior(root)))
    return file


@cache
def load_prior() -> Prior:
    """The prior this copy carries. Raises `KnowledgeError` when it was never compiled."""
    try:
        return msgpack_decoder(Prior).decode(COMPILED.read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        raise KnowledgeError(str(COMPILED), "is missing or of another version.", "Run `make library`.") from None

"""The model made ready: the numbers of `knowledge/simulate` by name, checked, with what was asked to be otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from pathlib import Path

import msgspec

from remission.knowledge.decoding import msgpack_decoder
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.simulate import SIMULATE_FILE, Simulation
from remission.simulate.problems import SimulationProblem

IN_ORDER = (("fullness_low", "fullness_high"), ("resistant_low", "resistant_high"), ("hold_below", "restart_above"))
SHARES = (
    ("age_infant", "age_1_4", "age_5_9", "age_10_14"),
    ("cns2_b", "cns3_b"),
    ("cns2_t", "cns3_t"),
    ("cns2_infant", "cns3_infant"),
)
COMPILED = Path(__file__).parent.parent / "_compiled" / SIMULATE_FILE


class Numbers(dict[str, float]):
    """The model's numbers by name: `numbers.n_gamma`."""

    def __getattr__(self, name: str) -> float:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@lru_cache(maxsize=1)
def load_simulation() -> Simulation:
    """What the virtual children are made of. Raises `KnowledgeError` when it was never compiled."""
    try:
        return msgpack_decoder(Simulation).decode(COMPILED.read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        raise KnowledgeError(str(COMPILED), "is missing or of another version.", "Run `make library`.") from None


def numbers_of(simulation: Simulation, changed: Mapping[str, float] | None = None) -> Numbers:
    """The numbers of the model, some of them changed. Raises `SimulationProblem` for numbers that make no sense."""
    numbers = Numbers({one.id: one.value for one in simulation.parameters})
    bounds = {one.id: one for one in simulation.parameters}
    for name, value in (changed or {}).items():
        one = bounds.get(name)
        if one is None:
            raise SimulationProblem("simulate-no-such-number", name=name)
        if not isfinite(value) or not one.low <= value <= one.high:
            raise SimulationProblem(
                "simulate-number-outside", name=name, about=one.about, value=value, low=one.low, high=one.high, unit=one.unit
            )
        if one.whole and value != int(value):
            raise SimulationProblem("simulate-number-whole", name=name, about=one.about, value=value)
        numbers[name] = float(value)
    _hold_together(numbers)
    return numbers


def _hold_together(numbers: Numbers) -> None:
    """Numbers that each lie within their bounds and still make no sense together."""
    for low, high in IN_ORDER:
        if numbers[low] > numbers[high]:
            raise SimulationProblem("simulate-low-above-high", low=low, at=numbers[low], high=high, than=numbers[high])
    for names in SHARES:
        total = sum(numbers[name] for name in names)
        if total > 1.0 + 1e-9:
            raise SimulationProblem("simulate-shares-above-one", names=", ".join(names), total=f"{total:g}")

"""A day of a chain of compartments, exactly: what stands in it moves on by a matrix, what flows in by four values along the day.

Platelets, red cells and lymphocytes are linear in their states; only what flows into the chain is not. So a day of theirs is a few
products. Everything is worked out in plain Python, in one order, to be the same on every machine.
"""

from __future__ import annotations

Matrix = list[list[float]]
_HALVINGS, _TERMS = 10, 14


def chain(pace: float, steps: int, loss: float) -> Matrix:
    """The rates of `steps` compartments at `pace` and a last one that loses at `loss`; the first is also fed from outside."""
    size = steps + 1
    rates = [[0.0] * size for _ in range(size)]
    for place in range(size):
        own = pace if place < steps else loss
        rates[place][place] = -own
        if place:
            rates[place][place - 1] = own
    return rates


def day_of(rates: Matrix, feed: float) -> tuple[Matrix, Matrix]:
    """What a day does: (moved on: states by states, flowed in: states by the four values of the inflow)."""
    size = len(rates)
    wide = [[*row, *([feed] if place == 0 else [0.0]), 0.0, 0.0, 0.0] for place, row in enumerate(rates)]
    wide += [[0.0] * (size + 4) for _ in range(4)]
    for power in range(3):  # 1, t, t^2/2, t^3/6: each is the rate of the next
        wide[size + power][size + power + 1] = 1.0
    moved = _exponential(wide)
    by_power = [row[size : size + 4] for row in moved[:size]]
    return [row[:size] for row in moved[:size]], _product(by_power, _derivatives())


def _derivatives() -> Matrix:
    """The derivatives at 0 of the cubic through four values at 0, 1/4, 3/4 and 1: (value, first, second, third) by node."""
    return [
        [1.0, 0.0, 0.0, 0.0],
        [-19.0 / 3.0, 8.0, -8.0 / 3.0, 1.0],
        [64.0 / 3.0, -112.0 / 3.0, 80.0 / 3.0, -32.0 / 3.0],
        [-32.0, 64.0, -64.0, 32.0],
    ]


def _exponential(rates: Matrix) -> Matrix:
    size = len(rates)
    small = [[value / 2.0**_HALVINGS for value in row] for row in rates]
    total = [[float(row == column) for column in range(size)] for row in range(size)]
    term = total
    for power in range(1, _TERMS):
        term = [[value / power for value in row] for row in _product(term, small)]
        total = [[one + other for one, other in zip(*rows, strict=True)] for rows in zip(total, term, strict=True)]
    for _ in range(_HALVINGS):
        total = _product(total, total)
    return total


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = list(zip(*right, strict=True))
    return [[sum(one * other for one, other in zip(row, column, strict=True)) for column in columns] for row in left]

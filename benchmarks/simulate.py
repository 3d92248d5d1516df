"""How fast the virtual children are: against the plain equations, against what the processor can do, against general solvers.

`python benchmarks/simulate.py` prints all of it. The general solvers are run by `simulate_peers.py`, with the Python that
PEERS_PYTHON names. Times are CPU times: other work on the machine disturbs less.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, cast

DAYS = 730
CHILDREN = 4096
COUNT_DAYS = 730


def main() -> None:
    if "--count" in sys.argv:
        return count()
    if "--memory" in sys.argv:
        return memory()
    ours = against_the_equations()
    against_the_processor()
    threads()
    print_memory()
    return print_peers(ours)


def again(part: str, **settings: str) -> str:
    """What this program says in a process of its own."""
    told = subprocess.run([sys.executable, __file__, part], capture_output=True, text=True, env=os.environ | settings, check=True)
    return told.stdout


def cpu(work: Callable[[], object], times: int = 3) -> float:
    """The least CPU time of some tries."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


# --- against the equations as they stand ------------------------------------------------------------------------------


def against_the_equations() -> float:
    from remission.simulate.cohort import simulate

    simulate(64, 1, days=DAYS, threads=1)  # compiles
    fast = cpu(lambda: simulate(CHILDREN, 7, days=DAYS, threads=1)) / CHILDREN
    plain = cpu(lambda: simulate(512, 7, days=DAYS, threads=1, engine="reference"), 1) / 512
    eight = cpu(lambda: simulate(CHILDREN, 7, threads=1), 2) / CHILDREN
    print(f"two years, every day (and 150 days before): {1 / fast:,.0f} children per CPU-second, all in")
    print(f"the numpy reference:                        {1 / plain:,.0f} children per CPU-second; {plain / fast:.0f} times slower")
    print(f"eight years:                                {1 / eight:,.0f} children per CPU-second")
    return fast


# --- against the processor --------------------------------------------------------------------------------------------


def one_block() -> tuple[Any, ...]:
    """A full block of children, as the engine wants it."""
    from remission.simulate import fast, prepared
    from remission.simulate.cohort import Run, Setting
    from remission.simulate.reference import Reference

    run = Run(Setting(7, days=COUNT_DAYS))
    road = run.roads["standard", False]
    who = run.children(0, fast.STRIDE)
    brought = prepared._brought(run.numbers, Reference(run.numbers, road, who, COUNT_DAYS), who)
    return (
        brought,
        prepared._streams(who),
        prepared._by_day(road),
        prepared._chains(run.numbers),
        prepared._fixed(run.numbers, road),
    )


def against_the_processor() -> None:
    """The operations of one block are counted by running it on numbers that count; the processor is timed on the same kinds."""
    import numpy as np

    from remission.simulate import fast

    brought, streams, road, chains, fixed = one_block()
    kept = np.empty((0, 0, 0))
    columns, keys = np.ascontiguousarray(brought).ravel(), np.ascontiguousarray(streams).ravel()
    work = np.empty(fast.SIZE)

    def turn() -> None:
        for _ in range(40):
            work[: len(columns)] = columns
            fast.run_block(work, keys, fast.STRIDE, road, chains, kept, fixed)

    turn()
    took = cpu(turn, 7) / 40
    counted: dict[str, float] = json.loads(again("--count", NUMBA_DISABLE_JIT="1"))
    peak = peaks()
    limit = sum(counted[kind] * peak[kind] for kind in counted)
    flops = counted["plain"] + counted["divide"] + counted["root"]
    days = fast.STRIDE * (COUNT_DAYS + fixed.before)
    each, peak_g = flops / days, 1e-9 / peak["plain"]
    print(f"the kernel alone:  {fast.STRIDE / took:,.0f} children per CPU-second, {each:,.0f} operations a child and day,")
    print(f"                   {flops / took / 1e9:.1f} G of them a second; the processor does {peak_g:.1f} G of the plain ones")
    print(f"against the limit: {took / limit:.2f} times what the processor needs for the same operations, timed in the same run")


class Counted:
    """A number that counts what is done to it."""

    counts: ClassVar[dict[str, float]] = {"plain": 0, "divide": 0, "root": 0, "hash": 0}
    __slots__ = ("value",)

    def __init__(self, value: float):
        self.value: float = value

    def _with(self, other: Any, does: Callable[[float, float], Any], kind: str = "plain") -> Counted:
        Counted.counts[kind] += 1
        return Counted(does(self.value, other.value if isinstance(other, Counted) else other))

    def __add__(self, other: Any) -> Counted:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Counted:
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Counted:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Counted:
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Counted:
        return self._with(other, lambda a, b: a / b, "divide")

    def __rtruediv__(self, other: Any) -> Counted:
        return self._with(other, lambda a, b: b / a, "divide")

    def __neg__(self) -> Counted:
        return Counted(-self.value)

    def __lt__(self, other: Any) -> bool:
        return bool(self._with(other, lambda a, b: a < b).value)

    def __gt__(self, other: Any) -> bool:
        return bool(self._with(other, lambda a, b: a > b).value)

    def __le__(self, other: Any) -> bool:
        return bool(self._with(other, lambda a, b: a <= b).value)

    def __ge__(self, other: Any) -> bool:
        return bool(self._with(other, lambda a, b: a >= b).value)

    def __eq__(self, other: object) -> bool:
        return bool(self._with(other, lambda a, b: a == b).value)

    __hash__ = None  # type: ignore[assignment]
    __radd__, __rmul__ = __add__, __mul__

    def sqrt(self) -> Counted:
        Counted.counts["root"] += 1
        return Counted(self.value**0.5)

    def __float__(self) -> float:
        return float(self.value)

    def __ceil__(self) -> int:
        return int(-(-self.value // 1))


def count() -> None:
    """Run without the compiler: one block on counting numbers; exp and log stand for the operations they are made of."""
    import math

    import numpy as np

    from remission.simulate import chance, fast

    def known(plain: int, divide: int, does: Callable[[float], float]) -> Callable[[Any], Counted]:
        def stand_in(x: Any) -> Counted:
            Counted.counts["plain"] += plain
            Counted.counts["divide"] += divide
            return Counted(does(x.value if isinstance(x, Counted) else x))

        return stand_in

    def hashed(z: Any) -> Any:
        Counted.counts["hash"] += 1
        return chance.mix(np.array([z], dtype=np.uint64))

    module: Any = fast
    module.exp, module.log = known(33, 0, lambda x: math.exp(min(max(x, -700), 700))), known(33, 1, math.log)
    module.mix = hashed
    module.bell = known(2, 1, lambda z: float(chance.bell_of(cast(Any, z))[0]))
    module.uniform = known(1, 0, lambda z: float(chance.uniform_of(cast(Any, z))[0]))
    module.poisson = lambda mean, _: Counted(float(round(mean.value)))
    brought, streams, road, chains, fixed = one_block()
    work = np.empty(fast.SIZE, dtype=object)
    work[:] = [Counted(0.0) for _ in range(fast.SIZE)]
    work[: brought.size] = [Counted(float(one)) for one in brought.ravel()]
    with np.errstate(over="ignore"):
        module.run_block(work, streams.ravel(), fast.STRIDE, road, chains, np.empty((0, 0, 0)), fixed)
    sys.stdout.write(json.dumps(Counted.counts))


def peaks() -> dict[str, float]:
    """Seconds for one operation of each kind on this processor, as busy as it can be kept, without fused multiply-add."""
    import numpy as np

    from remission.simulate.compiled import compiled
    from remission.simulate.fast_arithmetic import mix

    @compiled
    def plain(x: Any, turns: int) -> None:
        for _ in range(turns):
            for i in range(32):
                a, b = x[i], x[32 + i]
                c, d = x[64 + i], x[96 + i]
                for _ in range(16):
                    a, b, c, d = a * 0.999 + 0.001, b * 0.998 + 0.002, c * 0.997 + 0.003, d * 0.996 + 0.004
                x[i], x[32 + i], x[64 + i], x[96 + i] = a, b, c, d

    @compiled
    def divide(x: Any, turns: int) -> None:
        for _ in range(turns):
            for i in range(128):
                x[i] = 1.5 / x[i]

    @compiled
    def root(x: Any, turns: int) -> None:
        for _ in range(turns):
            for i in range(128):
                x[i] = np.sqrt(x[i])

    @compiled
    def hashes(x: Any, turns: int) -> None:
        for _ in range(turns):
            for i in range(128):
                x[i] = mix(x[i])

    def timed(work: Callable[[Any, int], None], x: Any, each: int) -> float:
        work(x, 1)
        return cpu(lambda: work(x, 20_000), 5) / 20_000 / each

    ones = np.linspace(1.0, 2.0, 128)
    return {
        "plain": timed(plain, ones.copy(), 32 * 4 * 2 * 16),
        "divide": timed(divide, ones.copy(), 128),
        "root": timed(root, ones.copy(), 128),
        "hash": timed(hashes, np.arange(128, dtype=np.uint64), 128),
    }


# --- threads and memory -----------------------------------------------------------------------------------------------


def threads() -> None:
    """Two threads of one process; and, since the machine may be shared, two processes side by side in the same minutes."""
    from remission.simulate.cohort import simulate

    def wall(many: int) -> float:
        started = time.perf_counter()
        simulate(4 * CHILDREN, 7, days=DAYS, threads=many)
        return time.perf_counter() - started

    tries = [(wall(1), wall(2)) for _ in range(4)]
    best, load = max(one / two for one, two in tries), os.getloadavg()[0]
    print(f"two threads:       {best:.2f} times as fast, best of {len(tries)} tries ({os.cpu_count()} cores, load {load:.1f})")


def memory() -> None:
    from remission.simulate.cohort import simulate

    n = int(os.environ.get("CHILDREN", "1000000"))
    started = time.process_time()
    simulate(n, 7)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(
        f"{n:,} children, eight years, every column: {used:.2f} GiB at most, {time.process_time() - started:.0f} CPU-seconds\n"
    )


def print_memory() -> None:
    """A tenth of a million, unless asked for all: `MILLION=1`."""
    n = "1000000" if os.environ.get("MILLION") else "100000"
    print(again("--memory", CHILDREN=n).strip())


def print_peers(ours: float) -> None:
    python = os.environ.get("PEERS_PYTHON", sys.executable)
    told = subprocess.run([python, str(Path(__file__).with_name("simulate_peers.py"))], capture_output=True, text=True, check=False)
    for line in told.stdout.splitlines():
        name, _, seconds = line.partition("\t")
        if not seconds:
            print(name)
            continue
        print(f"{name}: {1 / float(seconds):,.1f} children per CPU-second for the blood half;")
        print(f"                   ours, with all the rest of the model, {float(seconds) / ours:,.0f} times as many")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()

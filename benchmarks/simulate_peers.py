"""How fast general solvers are on the blood half of the virtual children, for `simulate.py` to hold against ours.

Run it with a Python that has libroadrunner and antimony, or diffrax; it needs nothing else of this project.
"""

from __future__ import annotations

from typing import Any

from simulate import cpu

# Two years: the marrow clears in induction, the phases hold the counts down, then a dose of mercaptopurine every day.
PHASES = [(0, 28, 0.38, 0.30, 0.30, 0.75), (28, 36, 0, 0, 0, 0), (36, 64, 0.30, 0.30, 0.20, 0.50),
          (64, 120, 0.12, 0.05, 0.10, 0.40), (120, 176, 0.42, 0.50, 0.30, 0.60), (176, 232, 0.12, 0.05, 0.10, 0.40)]  # fmt: skip
DOSED, MAINTAINED, GAIN = (232, 730), (0.0, 0.05, 0.06, 0.55), 0.055
START = [0.18, *[0.18] * 5, *[0.3] * 5, *[0.6] * 5, 0.3, 0.0, -0.08]


def peers() -> None:
    for peer in (roadrunner_peer, diffrax_peer):
        try:
            peer()
        except ImportError as missing:
            name = peer.__name__.split("_")[0]
            print(f"{name} was left out: {missing.name} is not installed. PEERS_PYTHON names a Python that has it.")


MODEL = """
model blood()
  en = 0; ep = 0; er = 0; el = 0;
  E' = -0.05*E; U' = -0.9166*exp(-time/20);
  S' = 0.22*S*(1 - S - exp(U));
  N0' = 0.69*N0*((1 - en - 0.084*E)*(S/N4)^0.4 - 1);
  N1' = 0.69*(N0-N1); N2' = 0.69*(N1-N2); N3' = 0.69*(N2-N3); N4' = 2.3765*(N3-N4);
  P0' = 0.6*(S*S^0.5*(1-ep)*P4^(-0.05) - P0); P1' = 0.6*(P0-P1); P2' = 0.6*(P1-P2); P3' = 0.6*(P2-P3); P4' = (P3-P4)/7;
  R0' = 0.6*(S*(1-er)*R4^(-0.1) - R0); R1' = 0.6*(R0-R1); R2' = 0.6*(R1-R2); R3' = 0.6*(R2-R3); R4' = (R3-R4)/70;
  L' = 0.06*(S*(1-el) - L);
"""
NAMES = ["S", *[f"N{i}" for i in range(5)], *[f"P{i}" for i in range(5)], *[f"R{i}" for i in range(5)], "L", "E", "U"]


def roadrunner_peer() -> None:
    import antimony  # type: ignore[import-not-found,unused-ignore]
    import roadrunner  # type: ignore[import-not-found,unused-ignore]

    antimony.loadAntimonyString(
        MODEL + "".join(f"  {name} = {value};\n" for name, value in zip(NAMES, START, strict=True)) + "end\n"
    )
    model = roadrunner.RoadRunner(antimony.getSBMLString(antimony.getMainModuleName()))
    model.integrator.relative_tolerance, model.integrator.absolute_tolerance = 1e-3, 1e-6

    def held_down(effects: tuple[float, ...]) -> None:
        model["en"], model["ep"], model["er"], model["el"] = effects

    def turn() -> None:
        for _ in range(5):
            model.reset()
            for first, last, *effects in PHASES:
                held_down(tuple(effects))
                model.simulate(first, last, last - first + 1)
            held_down(MAINTAINED)
            for day in range(*DOSED):
                model["E"] = model["E"] + GAIN
                model.simulate(day, day + 1, 2)

    turn()
    print(f"libroadrunner {roadrunner.__version__} (rtol 1e-3)\t{cpu(turn) / 5}")


def diffrax_peer() -> None:
    import diffrax  # type: ignore[import-not-found,unused-ignore]
    import jax  # type: ignore[import-not-found,unused-ignore]
    import jax.numpy as jnp  # type: ignore[import-not-found,unused-ignore]

    jax.config.update("jax_enable_x64", True)

    def rates(t: Any, x: Any, effect: Any) -> Any:
        en, ep, er, el = effect
        s, n, p, r, e = x[0], x[1:6], x[6:11], x[11:16], x[17]
        return jnp.concatenate([
            jnp.array([0.22 * s * (1 - s - jnp.exp(x[18])), 0.69 * n[0] * ((1 - en - 0.084 * e) * (s / n[4]) ** 0.4 - 1)]),
            0.69 * (n[:3] - n[1:4]), 2.3765 * (n[3:4] - n[4:]),
            jnp.array([0.6 * (s * jnp.sqrt(s) * (1 - ep) * p[4] ** -0.05 - p[0])]), 0.6 * (p[:3] - p[1:4]), (p[3:4] - p[4:]) / 7,
            jnp.array([0.6 * (s * (1 - er) * r[4] ** -0.1 - r[0])]), 0.6 * (r[:3] - r[1:4]), (r[3:4] - r[4:]) / 70,
            jnp.array([0.06 * (s * (1 - el) - x[16]), -0.05 * e, -0.9166 * jnp.exp(-t / 20)]),
        ])  # fmt: skip

    def span(x: Any, first: Any, last: Any, days: Any, effects: tuple[float, ...]) -> Any:
        return diffrax.diffeqsolve(
            diffrax.ODETerm(rates), diffrax.Tsit5(), first, last, 0.25, x, args=effects, max_steps=2_000,
            saveat=diffrax.SaveAt(ts=days), stepsize_controller=diffrax.PIDController(rtol=1e-3, atol=1e-6),
        ).ys  # fmt: skip

    def dosed(x: Any, day: Any) -> Any:
        after = span(x.at[17].add(GAIN), day, day + 1.0, jnp.array([day + 1.0]), MAINTAINED)[-1]
        return after, after[5]

    def child(x: Any) -> Any:
        out = []
        for first, last, *effects in PHASES:
            days = span(x, float(first), float(last), jnp.arange(first, last + 1.0), tuple(effects))
            out.append(days[:-1, 5])
            x = days[-1]
        return jnp.concatenate([*out, jax.lax.scan(dosed, x, jnp.arange(*DOSED, dtype=float))[1]])

    many = jax.jit(jax.vmap(child))
    starts = jnp.asarray([START] * 64) * jnp.linspace(0.9, 1.0, 64)[:, None]
    many(starts).block_until_ready()
    took = cpu(lambda: many(starts).block_until_ready()) / 64
    print(f"diffrax {diffrax.__version__} (Tsit5, rtol 1e-3, 64 children at once)\t{took}")


if __name__ == "__main__":
    peers()

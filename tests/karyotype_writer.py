"""Karyotypes made by rule, and slips of typing put into them, for the property tests."""

from __future__ import annotations

from hypothesis import strategies as st

_CHROMOSOMES = [*map(str, range(1, 23)), "X", "Y"]
_CHARACTERS = "()[],;:/+-~?.<>'` 0123456789XYpqcdelrtinsmaukx"

chromosomes = st.sampled_from(_CHROMOSOMES)
autosomes = st.sampled_from(_CHROMOSOMES[:22])
bands = st.builds(
    lambda arm, region, band, fine: f"{arm}{region}{band}{fine}",
    st.sampled_from("pq"), st.sampled_from("123"), st.sampled_from("1234"), st.sampled_from(["", ".1", ".3", "?", ".22"]),
)  # fmt: skip
doubtful_bands = st.one_of(bands, st.sampled_from(["?", "q?", "?q21", "q2?3", "p11~13", "p13~p21", "pter", "q10"]))
one_break = st.tuples(st.sampled_from(["add", "del", "i", "idic", "hsr"]), autosomes, doubtful_bands).map(
    lambda p: f"{p[0]}({p[1]})({p[2]})"
)
two_breaks = st.tuples(st.sampled_from(["del", "dup", "inv", "r", "trp"]), autosomes, bands, bands).map(
    lambda p: f"{p[0]}({p[1]})({p[2]}{p[3]})"
)


@st.composite
def exchanges(draw: st.DrawFn) -> str:
    """t, dic and psu dic between two or three chromosomes."""
    names = draw(st.lists(chromosomes, min_size=2, max_size=3, unique=True))
    places = [draw(doubtful_bands) for _ in names]
    kind = draw(st.sampled_from(["t", "t", "dic", "psu dic"]))
    return f"{kind}({';'.join(names)})({';'.join(places)})"


derivatives = st.tuples(chromosomes, st.lists(st.one_of(one_break, exchanges()), min_size=1, max_size=3)).map(
    lambda p: f"der({p[0]}){''.join(p[1])}"
)
whole_arms = st.tuples(autosomes, autosomes).map(lambda p: f"der({p[0]};{p[1]})(q10;q10)")
insertions = st.tuples(autosomes, autosomes, bands, bands, bands).map(lambda p: f"ins({p[0]};{p[1]})({p[2]};{p[3]}{p[4]})")
detailed = st.tuples(autosomes, bands, bands).map(lambda p: f"der({p[0]})(pter->{p[1].strip('?')}::{p[2].strip('?')}->qter)")
signed = st.tuples(st.sampled_from("+-"), st.one_of(chromosomes, st.just("?8"))).map("".join)
counted = st.sampled_from(["+mar", "+2mar", "+1~4mar", "+mar1", "+r", "5~20dmin", "+mar1x3"])
rearranged = st.one_of(one_break, two_breaks, exchanges(), derivatives, whole_arms, insertions, detailed)
marked = st.tuples(st.sampled_from(["", "", "", "?", "+", "-"]), rearranged, st.sampled_from(["", "", "", "x2", "c", "mat"])).map(
    "".join
)
items = st.one_of(signed, counted, marked, st.sampled_from(["9qh+", "21ps+"]))
cells = st.one_of(
    st.integers(1, 200).map(lambda n: f"[{n}]"), st.integers(2, 30).map(lambda n: f"[cp{n}]"), st.just(""), st.just("[?20]")
)
numbers = st.one_of(st.integers(23, 110).map(str), st.integers(40, 60).map(lambda n: f"{n}~{n + 3}"))
ploidies = st.sampled_from(["", "", "", "<2n>", "<3n>", "<4n->", "<n>"])
sexes = st.sampled_from(["XX", "XY", "X", "XXY", "XXYc", "X?", "?", "Y"])
fish = st.sampled_from(
    [
        "",
        "",
        "",
        ".nuc ish(ABL1,BCR)x2[200]",
        ".nuc ish(ETV6x2,RUNX1x3)(ETV6 con RUNX1x1)[180/200]",
        ".ish t(12;21)(ETV6+;RUNX1+)",
        ".ish 12p13(ETV6x2),21q22(RUNX1x2)[10]",
        ".nuc ish(ETV6x2,RUNX1 amp)[180/200]",
    ]
)


@st.composite
def first_groups(draw: st.DrawFn) -> str:
    changes = draw(st.lists(items, max_size=8))
    return ",".join([draw(numbers) + draw(ploidies), draw(sexes), *changes]) + draw(cells) + draw(fish)


@st.composite
def later_groups(draw: st.DrawFn) -> str:
    reference = draw(st.sampled_from(["idem", "sl", "sdl", "sdl1", "idemx2", "XX"]))
    return ",".join([draw(numbers), reference, *draw(st.lists(items, max_size=4))]) + draw(cells)


def karyotypes() -> st.SearchStrategy[str]:
    """Strings as ISCN wants them, with all that laboratories write; what they say need not add up."""
    ends = st.sampled_from(["", "", "/nonclonal[1]", "//46,XX[10]"])
    return st.tuples(first_groups(), st.lists(later_groups(), max_size=3), ends).map(lambda p: "/".join([p[0], *p[1]]) + p[2])


@st.composite
def slips(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """One character left out, doubled, swapped with its neighbour or replaced."""
    text = draw(texts)
    if not text:
        return text
    place = draw(st.integers(0, len(text) - 1))
    how = draw(st.sampled_from(["out", "twice", "swap", "other", "capital"]))
    before, here, behind = text[:place], text[place], text[place + 1 :]
    return {
        "out": before + behind,
        "twice": before + here + here + behind,
        "swap": before + behind[:1] + here + behind[1:],
        "other": before + draw(st.sampled_from(_CHARACTERS)) + behind,
        "capital": before + here.swapcase() + behind,
    }[how]

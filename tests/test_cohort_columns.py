"""The children table keeps every fact as the rules see it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from remission.cohort.columns import OUTCOMES, columns_of, fact_of, values_of
from remission.record.facts import Fact
from remission.rules.compiled import load_library, load_programs

LIMITS = sorted({limit for program in load_programs().values() for axis in program.axes for limit in axis.limits})
DIGITS = st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=4000, places=22)
NEAR = st.builds(
    lambda limit, step: limit + step, st.sampled_from(LIMITS), st.sampled_from([Decimal(0), Decimal("1e-20"), Decimal("-1e-20")])
)


def test_no_two_columns_have_one_name() -> None:
    names = [column.name for fact in load_library().facts.values() for column in columns_of(fact)]
    names += [column.name for column in OUTCOMES]
    assert len(names) == len(set(names)) > 150


@given(st.data(), st.one_of(DIGITS, NEAR), st.booleans(), st.booleans())
def test_a_number_stays_on_its_side_of_every_limit(data: st.DataObject, low: Decimal, low_open: bool, high_open: bool) -> None:
    """Also one with more digits than a float has."""
    axes = [axis for program in load_programs().values() for axis in program.axes if axis.kind == "number" and axis.limits]
    axis = data.draw(st.sampled_from(axes))
    high = low + data.draw(st.sampled_from([Decimal(0), Decimal("1e-20"), Decimal("0.5"), Decimal(100)]))
    is_point = low == high
    fact = Fact(axis.fact, low=low, high=high, low_open=low_open and not is_point, high_open=high_open and not is_point)
    definition = load_library().facts[axis.fact]
    names = [column.name for column in columns_of(definition)]
    kept = fact_of(definition, dict(zip(names, values_of(definition, fact), strict=True)))
    assert axis.mask_of(kept) == axis.mask_of(fact)


def test_choices_results_and_absence_come_back() -> None:
    library = load_library()
    for fact in (
        Fact("cns", options=("cns2a", "cns2b")),
        Fact("mrd_eoi", low=Decimal(0), high=Decimal("0.01"), high_open=True, result="negative"),
        Fact("wbc", absent_reason="pending"),
        Fact("lineage", absent_reason="failed"),
    ):
        definition = library.facts[fact.id]
        names = [column.name for column in columns_of(definition)]
        kept = fact_of(definition, dict(zip(names, values_of(definition, fact), strict=True)))
        assert kept is not None
        assert kept.means_the_same_as(fact)
        assert fact_of(definition, dict(zip(names, values_of(definition, None), strict=True))) is None

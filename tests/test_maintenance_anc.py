"""The next neutrophil count in maintenance. All children here are invented but the shared ones, which are never kept."""

from __future__ import annotations

import math
import re
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import SHARED
from remission.knowledge.problems import KnowledgeError
from remission.simulate import maintenance_marrow
from remission.simulate.maintenance_filter import FAST, LINEAR, SLOW, expected, first_belief, moved_on, updated, weights
from remission.simulate.maintenance_fit import NEUTRAL, learn
from remission.simulate.maintenance_forecast import (
    Count,
    Dose,
    History,
    Prediction,
    log_count,
    normal_share,
    predict_next,
    predictions,
)
from remission.simulate.maintenance_marrow import DIFFERS, at_rest, guesses, next_day, settled, spread_evenly
from remission.simulate.maintenance_prior import load_prior, read_prior
from remission.simulate.maintenance_report import MODEL, RULES, evaluate, methods_told, read_histories, told_as_table
from remission.simulate.problems import SimulationProblem

ROOT = Path(__file__).parent.parent
PRIOR = load_prior()


def invented(seed: int, child: str = "invented", counts: int = 40, spread: float = 1.0) -> History:
    """A child drawn from the prior itself, with weekly counts, a dose that changes twice and a week without any."""
    random = np.random.default_rng(seed)
    guess = guesses(PRIOR, spread * random.standard_normal((len(DIFFERS), 1)))
    level = PRIOR["level"] + spread * PRIOR.spread("level") * random.standard_normal()
    start = PRIOR["start"] + spread * PRIOR.spread("start") * random.standard_normal()
    drift = PRIOR["drift"] + spread * PRIOR.spread("drift") * random.standard_normal()
    marrow, doses, found, last = at_rest(guess.sensitivity), [], [], 0.0
    fast, slow = (size[0] * random.standard_normal() for size in (guess.fast_sd, guess.slow_sd))
    for day in range(7 * counts + 1):
        if day % 7 == 0:
            kept = [math.exp((last - day) / memory[0]) for memory in (guess.fast_memory, guess.slow_memory)]
            news = [size[0] * math.sqrt(1 - k * k) for size, k in zip((guess.fast_sd, guess.slow_sd), kept, strict=True)]
            fast, slow = fast * kept[0] + news[0] * random.standard_normal(), slow * kept[1] + news[1] * random.standard_normal()
            drug = np.log(marrow.blood[0]) - settled(guess)[0]
            wide = PRIOR["stray_sd"] if random.random() < PRIOR["stray_share"] else 0.0
            error = math.hypot(guess.noise_sd[0], wide) * random.standard_normal()
            log = level + drift * day / 365.25 + start * math.exp(-day / PRIOR["start_memory"]) + fast + slow + drug + error
            found.append(Count(float(day), min(math.exp(log), 90.0)))
            last = float(day)
        amount = 0.0 if 140 <= day < 147 else PRIOR["reference_dose"] * (1.5 if day > 100 else 1.0) * (0.5 if day > 200 else 1.0)
        doses += [Dose(day + 0.8, amount)] if amount else []
        marrow = next_day(marrow, guess, amount / PRIOR["reference_dose"], PRIOR["neutrophil_loss"])
    return History(child, tuple(found), tuple(doses))


# --- the marrow ------------------------------------------------------------------------------------------------------


def test_a_marrow_without_6mp_stays_as_it_is() -> None:
    guess = guesses(PRIOR, spread_evenly(16))
    marrow = at_rest(guess.sensitivity)
    for _ in range(200):
        marrow = next_day(marrow, guess, 0.0, PRIOR["neutrophil_loss"])
    assert np.allclose(marrow.blood, 1.0, atol=1e-12)


def test_under_a_steady_dose_it_settles_where_the_equations_say() -> None:
    guess = guesses(PRIOR, spread_evenly(16))
    marrow = at_rest(guess.sensitivity)
    for _ in range(1_500):
        marrow = next_day(marrow, guess, 1.0, PRIOR["neutrophil_loss"])
    assert np.allclose(np.log(marrow.blood), settled(guess), atol=1e-6)


def test_two_steps_a_day_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against twenty steps a day the log count moves by less than a fiftieth, far below any count's error."""
    guess = guesses(PRIOR, spread_evenly(32))

    def course() -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
        marrow, found = at_rest(guess.sensitivity), []
        for day in range(300):
            marrow = next_day(marrow, guess, (1.0, 2.0, 0.0, 1.5)[day // 75], PRIOR["neutrophil_loss"])
            found.append(np.log(marrow.blood))
        return found

    coarse = course()
    monkeypatch.setattr(maintenance_marrow, "STEPS_A_DAY", 20)
    assert max(float(np.abs(a - b).max()) for a, b in zip(coarse, course(), strict=True)) < 0.02


def test_a_dose_lowers_the_count_after_weeks_and_never_breaks_it() -> None:
    guess = guesses(PRIOR, spread_evenly(64))
    marrow = at_rest(guess.sensitivity)
    lowest = []
    for _ in range(200):
        marrow = next_day(marrow, guess, 1_000.0, PRIOR["neutrophil_loss"])
        lowest.append(float(marrow.blood.min()))
        assert all(np.isfinite(part).all() and (part >= 0).all() for part in marrow)
    assert lowest[3] > 0.9
    assert lowest[40] < 0.3


def test_the_guesses_fill_space_evenly_and_are_always_the_same() -> None:
    normals = spread_evenly(256)
    assert np.array_equal(normals, spread_evenly(256))
    assert np.abs(normals.mean(axis=1)).max() < 0.02
    assert np.abs(normals.std(axis=1) - 1).max() < 0.01
    assert np.abs(np.corrcoef(normals) - np.eye(len(DIFFERS))).max() < 0.12


# --- the update ------------------------------------------------------------------------------------------------------


def test_with_one_guess_and_no_stray_counts_the_belief_is_exact() -> None:
    """The step-by-step belief equals Gaussian regression on all counts at once, written out with its covariance matrix."""
    prior = PRIOR.with_values({"stray_share": (1e-12, 0.0)})
    guess = guesses(prior, np.zeros((len(DIFFERS), 1)))
    days = np.array([0.4, 3.4, 3.4, 17.4, 45.4, 52.4])
    logs = np.array([-0.5, 0.2, 0.1, 0.9, 0.3, 0.6])
    started = np.exp(-days / prior["start_memory"])
    apart = np.abs(days[:, None] - days[None, :])
    cov = prior.spread("level") ** 2 + prior.spread("start") ** 2 * np.outer(started, started)
    cov = cov + prior.spread("drift") ** 2 * np.outer(days, days) / 365.25**2
    cov = cov + guess.fast_sd**2 * np.exp(-apart / guess.fast_memory) + guess.slow_sd**2 * np.exp(-apart / guess.slow_memory)
    full = cov + guess.noise_sd**2 * np.eye(len(days))
    mean = prior["level"] + prior["start"] * started + prior["drift"] * days / 365.25
    gain = np.linalg.solve(full[:-1, :-1], cov[:-1, -1])

    belief = first_belief(prior, guess, 0.0)
    for day, log in zip(days[:-1], logs[:-1], strict=True):
        belief = moved_on(belief, guess, day)
        belief = updated(prior, belief, expected(prior, belief, guess, np.zeros(1)), log)
    now = expected(prior, moved_on(belief, guess, days[-1]), guess, np.zeros(1))

    assert now.mean[0] == pytest.approx(mean[-1] + gain @ (logs - mean)[:-1], abs=1e-9)
    assert now.variance[0] == pytest.approx(full[-1, -1] - gain @ cov[:-1, -1], abs=1e-9)
    sign, volume = np.linalg.slogdet(full[:-1, :-1])
    off = (logs - mean)[:-1]
    whole = -0.5 * (off @ np.linalg.solve(full[:-1, :-1], off) + volume + len(off) * math.log(2 * math.pi))
    assert sign > 0
    assert belief.told[0] == pytest.approx(whole, abs=1e-8)


def test_a_stray_count_turns_the_belief_less_than_its_distance() -> None:
    guess = guesses(PRIOR, np.zeros((len(DIFFERS), 1)))

    def level_after(log: float) -> float:
        belief = moved_on(first_belief(PRIOR, guess, 0.0), guess, 60.0)
        for _ in range(4):
            belief = updated(PRIOR, belief, expected(PRIOR, belief, guess, np.zeros(1)), 0.6)
        moved = updated(PRIOR, belief, expected(PRIOR, belief, guess, np.zeros(1)), log)
        assert (np.diagonal(moved.cov, axis1=-2, axis2=-1) >= 0).all()
        return float(moved.mean.sum() - belief.mean.sum())

    near, far = level_after(0.7), level_after(3.0)
    assert near / 0.1 > 2 * far / 2.4


def test_the_wanderings_forget() -> None:
    guess = guesses(PRIOR, np.zeros((len(DIFFERS), 1)))
    belief = moved_on(first_belief(PRIOR, guess, 0.0), guess, 0.5)
    belief = updated(PRIOR, belief, expected(PRIOR, belief, guess, np.zeros(1)), 2.0)
    later = moved_on(belief, guess, 5_000.0)  # what the child is stays, what wandered is forgotten
    assert abs(later.mean[0, FAST]) < 1e-9
    assert later.cov[0, SLOW, SLOW] == pytest.approx(guess.slow_sd[0] ** 2)


def test_weights_add_up_however_unlikely_the_counts() -> None:
    assert weights(np.array([-5_000.0, -5_001.0])).sum() == pytest.approx(1.0)


@given(st.floats(-8, 8))
def test_the_normal_share_is_right(z: float) -> None:
    assert float(normal_share(np.array([z]))[0]) == pytest.approx(0.5 * math.erfc(-z / math.sqrt(2)), abs=1e-7)


# --- the forecast ----------------------------------------------------------------------------------------------------


def ordered(said: Prediction) -> bool:
    ends = (said.low95, said.low80, said.low50, said.median, said.high50, said.high80, said.high95)
    return all(math.isfinite(value) and value > 0 for value in ends) and all(a < b for a, b in pairwise(ends))


def test_nothing_later_than_the_last_count_is_used() -> None:
    """Other counts and other doses after a count change nothing that was said before."""
    child = invented(3)
    cut = child.counts[20].day
    other = History(
        "invented",
        child.counts[:21] + tuple(Count(one.day, 9.0) for one in child.counts[21:]),
        tuple(one if one.day < cut else Dose(one.day, 3 * one.amount) for one in child.doses),
    )
    told, changed = (list(predictions(one)) for one in (child, other))
    assert [said for _, said in told[:22]] == [said for _, said in changed[:22]]
    assert told[22][1] != changed[22][1]


def test_with_doses_given_only_those_before_the_count_are_used() -> None:
    child = invented(4)
    cut = child.counts[20].day
    other = History("invented", child.counts, tuple(one if one.day < cut else Dose(one.day, 5 * one.amount) for one in child.doses))
    told, changed = (list(predictions(one, "given")) for one in (child, other))
    assert [said for _, said in told[:21]] == [said for _, said in changed[:21]]
    assert told[25][1] != changed[25][1]


def test_the_next_count_is_what_the_walk_over_the_history_says() -> None:
    child = invented(5)
    last = child.counts[14].day
    so_far = History("invented", child.counts[:15], tuple(dose for dose in child.doses if dose.day < last))
    walked = list(predictions(child))[15][1]
    assert predict_next(so_far, child.counts[15].day) == walked


def test_a_child_never_counted_is_told_from_the_prior() -> None:
    said = predict_next(History("new", (), ()))
    assert said.counts == 0
    assert ordered(said)
    assert said.low95 < math.exp(PRIOR["level"] + PRIOR["start"]) < said.high95


@pytest.mark.parametrize(
    ("counts", "doses"),
    [
        (((0.4, 0.0), (7.4, 0.0), (14.4, 0.0)), ()),
        (((0.4, 19.9), (1.4, 0.1), (2.4, 15.0)), ((0.8, 20.0),)),
        (((5.0, 1.0), (5.0, 2.0), (5.0, 1.5), (5.3, 1.0)), ((0.8, 20.0), (0.8, 20.0), (40.8, 1.0))),
        (((1.0, 2.0), (400.0, 2.0), (3_000.0, 2.0)), ((-20.0, 10.0), (300.0, 5_000.0))),
        (((-30.0, 2.0), (-1.5, 1.0), (6.0, 1.0)), ((-29.5, 10.0),)),
    ],
)
def test_odd_histories_are_told(counts: tuple[tuple[float, float], ...], doses: tuple[tuple[float, float], ...]) -> None:
    """Counts of zero and above ten, several a day, long gaps, days before the start."""
    child = History("odd", tuple(Count(*one) for one in counts), tuple(Dose(*one) for one in doses))
    assert all(ordered(said) for _, said in predictions(child))
    assert ordered(predict_next(child))


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(-20, 700), st.floats(0, 100)), max_size=12),
    st.lists(st.tuples(st.floats(-20, 700), st.floats(0, 200)), max_size=30),
)
def test_whatever_is_recorded_the_intervals_are_finite_and_in_order(
    counts: list[tuple[float, float]], doses: list[tuple[float, float]]
) -> None:
    child = History("any", tuple(Count(*one) for one in counts), tuple(Dose(*one) for one in doses))
    assert all(ordered(said) for _, said in predictions(child, number=32))


def test_the_order_in_which_counts_are_written_does_not_matter() -> None:
    child = invented(6, counts=12)
    turned = History(child.id, child.counts[::-1], child.doses[::-1])
    assert list(predictions(child)) == list(predictions(turned))


@pytest.mark.parametrize(
    ("counts", "doses", "word"),
    [
        (((1.0, -0.1),), (), "maintenance-count"),
        (((1.0, 1_500.0),), (), "maintenance-count"),
        (((1.0, math.nan),), (), "maintenance-count"),
        (((math.inf, 1.0),), (), "maintenance-time"),
        (((1.0, 1.0),), ((1.0, -5.0),), "maintenance-dose"),
        (((1.0, 1.0),), ((99_999.0, 5.0),), "maintenance-time"),
        (((1.0, 1.0),), ((1.0, 1e300),), "maintenance-dose"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    counts: tuple[tuple[float, float], ...], doses: tuple[tuple[float, float], ...], word: str
) -> None:
    child = History("odd", tuple(Count(*one) for one in counts), tuple(Dose(*one) for one in doses))
    with pytest.raises(SimulationProblem) as refused:
        predict_next(child)
    assert refused.value.word == word
    assert "odd" in refused.value.sentence(PRIOR.words, "es")


@pytest.mark.parametrize("day", [3.0, 900.0, math.nan])
def test_only_a_day_ahead_and_near_can_be_asked_about(day: float) -> None:
    with pytest.raises(SimulationProblem, match="maintenance-day"):
        predict_next(invented(7, counts=5), day)


def test_children_like_the_prior_are_told_with_honest_intervals() -> None:
    """Two dozen invented children drawn from the prior: the intervals hold their share, and the model is nearer than every rule."""
    report = evaluate([invented(100 + number, str(number)) for number in range(24)], number=64)
    row = report.row("later-half", MODEL)
    assert row.counts == 24 * 20
    for share, meant in zip(row.inside, (0.5, 0.8, 0.95), strict=True):
        assert share == pytest.approx(meant, abs=0.065)  # 480 counts, of few children
    assert all(one.ratio < 1 for one in report.against)


# --- the report ------------------------------------------------------------------------------------------------------

TABLE = """ID,TIME,DV,CMT,AMT,MDV,EVID
a,0.4,1.0,8,0,0,0
a,0.8,0,1,10.5,1,101
a,7.4,2.0,8,0,0,0
a,14.4,4.0,8,0,0,0
a,21.4,0,8,0,0,0
b,1.4,3.0,8,0,0,0
b,2.8,0,1,7,1,101
"""


def test_a_dose_row_is_no_count(tmp_path: Path) -> None:
    (tmp_path / "anc_dose_events.csv").write_text(TABLE)
    a, b = read_histories(tmp_path)
    assert [count.anc for count in a.counts] == [1.0, 2.0, 4.0, 0.0]
    assert a.doses == (Dose(0.8, 10.5),)
    assert (b.counts, b.doses) == ((Count(1.4, 3.0),), (Dose(2.8, 7.0),))
    assert read_histories(tmp_path / "anc_dose_events.csv") == (a, b)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (TABLE.replace("TIME", "WHEN"), "maintenance-columns"),
        (TABLE.replace("7.4,2.0", "7.4,two"), "maintenance-number"),
        ("ID,TIME,DV,CMT,AMT,MDV,EVID\n", "maintenance-no-counts"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "some.csv").write_text(text)
    with pytest.raises(SimulationProblem) as refused:
        read_histories(tmp_path / "some.csv")
    assert refused.value.word == word
    assert "some.csv" in refused.value.sentence(PRIOR.words, "en")
    with pytest.raises(SimulationProblem, match="maintenance-no-file"):
        read_histories(tmp_path / "another.csv")


@pytest.mark.parametrize(
    "content", ["ID,TIME,DV,AMT,EVID\nNiñ\xf1,0,2,0,0\n".encode("latin-1"), bytes(range(256)) * 50, b"\xff\xfe"]
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some.csv").write_bytes(content)
    with pytest.raises(SimulationProblem, match="maintenance-no-text"):
        read_histories(tmp_path / "some.csv")


def test_the_simple_rules_are_what_they_are_called(tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text(TABLE)
    told = methods_told(read_histories(tmp_path / "some.csv")[0], "so-far", PRIOR)
    said = {method: [math.exp(one.log_told) for one in each] for method, each in told.items()}
    assert said["last-value"] == pytest.approx([1, 2, 4])
    assert said["mean-so-far"] == pytest.approx([1, 1.5, 7 / 3])
    assert said["log-mean-so-far"] == pytest.approx([1, math.sqrt(2), 2])
    assert 1 < said["weighted-mean"][1] < 2
    assert math.sqrt(2) < said["return-to-mean"][1] < 2
    assert all(len(each) == 3 for each in told.values())
    assert told[MODEL][2].log_true == pytest.approx(math.log(PRIOR["least_count"]))


def test_the_report_says_what_it_is_not_for_and_names_every_method() -> None:
    report = evaluate([invented(number, f"child-{number}", counts=10) for number in range(3)])
    for lang in ("en", "es"):
        page = told_as_table(report, "en" if lang == "en" else "es")
        assert page.startswith(PRIOR.words["maintenance-use"].en if lang == "en" else PRIOR.words["maintenance-use"].es)
        assert page.count(PRIOR.words[f"maintenance-{MODEL}"].en if lang == "en" else PRIOR.words[f"maintenance-{MODEL}"].es) >= 2
        assert "child-" not in page
    assert {row.method for row in report.rows} == {MODEL, *RULES}


def test_children_with_too_few_counts_leave_empty_rows_and_no_error() -> None:
    report = evaluate([History("one", (Count(1.0, 2.0),), ())])
    assert (report.children, report.counts) == (1, 1)
    assert all(row.counts == 0 and math.isnan(row.log_rmse) for row in report.rows)
    assert told_as_table(report, "es").count(PRIOR.words["maintenance-too-few"].es) == 2
    assert "nan" not in told_as_table(report)


@pytest.mark.filterwarnings("error")
def test_a_rule_that_is_never_wrong_has_no_ratio() -> None:
    report = evaluate([History("same", tuple(Count(7.0 * place, 2.0) for place in range(9)), ())])
    assert report.against[0].ratio == math.inf
    assert "| – |" in told_as_table(report)


# --- what was learnt -------------------------------------------------------------------------------------------------


def test_learning_goes_uphill_and_finds_the_level() -> None:
    children = [invented(500 + number, str(number), counts=20) for number in range(12)]
    learnt = learn(children, PRIOR.with_values(NEUTRAL), rounds=8, number=48)
    assert np.mean(learnt.told[-3:]) > learnt.told[0] + 5
    levels = [np.mean([log_count(PRIOR, count.anc) for count in child.counts[5:]]) for child in children]
    assert learnt.prior["level"] == pytest.approx(float(np.mean(levels)), abs=0.3)


def test_every_number_has_unit_role_source_and_both_languages() -> None:
    for one in (*PRIOR.parameters, *PRIOR.baselines):
        assert one.unit
        assert one.source in PRIOR.sources
        assert one.about.en
        assert one.about.es
        assert one.about.en != one.about.es
    assert {name for name in (*DIFFERS, *LINEAR) if not PRIOR.spread(name)} == set()


def test_the_sentences_hold_the_same_values_in_both_languages() -> None:
    for word, text in PRIOR.words.items():
        assert re.findall(r"\{\w+\}", text.en) == re.findall(r"\{\w+\}", text.es), word


def test_a_source_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "simulate").mkdir()
    text = (ROOT / "knowledge" / "simulate" / "maintenance.yaml").read_text("utf-8")
    (tmp_path / "simulate" / "maintenance.yaml").write_text(text.replace("source: gebhard-2023", "source: nobody"), "utf-8")
    with pytest.raises(KnowledgeError, match="cites nobody"):
        read_prior(tmp_path)


# --- the shared children ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared_children() -> tuple[History, ...]:
    folder = SHARED / "data" / "maintenance_anc_jost2020"
    if not folder.exists():
        pytest.skip("the shared counts are not next to this checkout")
    return read_histories(folder)


@pytest.mark.shared
def test_the_shared_children_are_read_whole(shared_children: tuple[History, ...]) -> None:
    assert len(shared_children) == 58
    assert sum(len(child.counts) for child in shared_children) == 2_887
    assert sum(len(child.counts) + len(child.doses) for child in shared_children) == 27_247


@pytest.mark.shared
def test_on_real_children_the_model_is_nearer_than_every_rule_and_its_intervals_hold(
    shared_children: tuple[History, ...],
) -> None:
    """Every third child, so that the test stays short; the benchmark takes them all, and leaves children out of the learning."""
    report = evaluate(shared_children[::3], number=96)
    row = report.row("later-half", MODEL)
    for share, meant in zip(row.inside, (0.5, 0.8, 0.95), strict=True):
        assert share == pytest.approx(meant, abs=0.05)
    for one in report.against:
        assert one.ratio < 1, one


@pytest.mark.shared
def test_a_whole_history_takes_well_under_a_second(shared_children: tuple[History, ...]) -> None:
    longest = max(shared_children, key=lambda child: len(child.counts))
    list(predictions(longest))
    started = time.process_time()
    list(predictions(longest))
    assert time.process_time() - started < 1.0


def test_the_prior_can_be_given() -> None:
    """Another prior gives another word: nothing is read from data when a count is told."""
    child = invented(9, counts=6)
    higher = PRIOR.with_values({"level": (2.0, 0.1)})
    assert predict_next(child, prior=higher).median > predict_next(child).median

"""How well the next count is told: the model and simple rules over the same counts of recorded children, each from what was before.

`evaluate` reads a table in the format of the published supplement (ID, TIME, DV, AMT, EVID) and returns rows; no row says anything
about one child. Every rule sees only earlier counts of the same child; what is learnt over children stands in the prior.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from remission.knowledge.model import Frozen, Lang
from remission.simulate.maintenance_forecast import GUESSES, Count, Dose, DosesKnown, History, log_count, predictions
from remission.simulate.maintenance_marrow import Floats
from remission.simulate.maintenance_prior import Prior, load_prior
from remission.simulate.problems import SimulationProblem

FILE = "anc_dose_events.csv"
MODEL = "model"
RULES = ("last-value", "mean-so-far", "log-mean-so-far", "weighted-mean", "return-to-mean")
PARTS = ("later-half", "from-fourth")
SPANS = (50, 80, 95)
_NORMAL = (0.67449, 1.28155, 1.95996)
_COLUMNS = ("ID", "TIME", "DV", "AMT", "EVID")
_IS_COUNT, _IS_DOSE = "0", ("1", "101")
_FIRST_ERROR, _FIRST_WORTH = 0.6, 4  # a rule's own error before it has made any (SD of the log), and how many errors that is worth
_EARLY = 3


class Row(Frozen, frozen=True):
    """One method over one part of the counts. Errors: of the log, of the count (10*9/L), as a share of the count.

    `inside` and `width` give for 50, 80 and 95 % the share of counts inside the interval, and its width on the log scale.
    """

    part: str
    method: str
    counts: int
    children: int
    log_rmse: float
    mae: float
    median_relative: float
    log_bias: float
    inside: tuple[float, float, float]
    width: tuple[float, float, float]


class Against(Frozen, frozen=True):
    """The model against one rule: the ratio of log RMSE (below 1: the model is nearer), with its 95 % interval over children."""

    part: str
    method: str
    ratio: float
    low: float
    high: float
    children_nearer: int
    children: int


class Report(Frozen, frozen=True):
    """Everything compared. `known` says which doses the model was told."""

    known: DosesKnown
    children: int
    counts: int
    rows: tuple[Row, ...]
    against: tuple[Against, ...]

    def row(self, part: str, method: str) -> Row:
        return next(row for row in self.rows if (row.part, row.method) == (part, method))


class Told(NamedTuple):
    """One method's word on one count: its place among the child's counts, the logs, and the ends of the three intervals (logs)."""

    place: int
    log_true: float
    log_told: float
    lows: tuple[float, ...]
    highs: tuple[float, ...]


def read_histories(path: Path) -> tuple[History, ...]:
    """The children of a table, or of the table in a folder. Raises `SimulationProblem` with the line."""
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise SimulationProblem("maintenance-no-file", path=str(path))
    counts: dict[str, list[Count]] = {}
    doses: dict[str, list[Dose]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            _read_table(csv.DictReader(lines), str(file), counts, doses)
    except (UnicodeDecodeError, csv.Error):
        raise SimulationProblem("maintenance-no-text", path=str(file)) from None
    if not counts:
        raise SimulationProblem("maintenance-no-counts", path=str(file))
    return tuple(History(child, tuple(found), tuple(doses.get(child, ()))) for child, found in counts.items())


def _read_table(table: csv.DictReader[str], file: str, counts: dict[str, list[Count]], doses: dict[str, list[Dose]]) -> None:
    missing = [column for column in _COLUMNS if column not in (table.fieldnames or ())]
    if missing:
        raise SimulationProblem("maintenance-columns", path=file, columns=", ".join(missing))
    for line, row in enumerate(table, start=2):
        _read_row(row, file, line, counts, doses)


def _read_row(row: dict[str, str], file: str, line: int, counts: dict[str, list[Count]], doses: dict[str, list[Dose]]) -> None:
    """EVID decides what a row is: on a dose row DV is 0 and no count."""
    child, kind = row["ID"], (row["EVID"] or "").strip()
    if kind == _IS_COUNT and (row.get("MDV") or "0").strip() == "0":
        counts.setdefault(child, []).append(Count(_number(row, "TIME", file, line), _number(row, "DV", file, line)))
    elif kind in _IS_DOSE:
        doses.setdefault(child, []).append(Dose(_number(row, "TIME", file, line), _number(row, "AMT", file, line)))


def _number(row: dict[str, str], column: str, file: str, line: int) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError):
        raise SimulationProblem("maintenance-number", path=file, line=line, column=column) from None


def evaluate(
    source: Path | Iterable[History],
    known: DosesKnown = "so-far",
    prior: Prior | None = None,
    progress: Callable[[str], None] | None = None,
    number: int = GUESSES,
) -> Report:
    """The model and the simple rules over every child of a folder, a table or histories."""
    told: dict[str, dict[str, list[Told]]] = {}
    for history in read_histories(source) if isinstance(source, Path) else source:
        told[history.id] = methods_told(history, known, prior or load_prior(), number)
        if progress:
            progress(history.id)
    return report_of(told, known)


def methods_told(history: History, known: DosesKnown, prior: Prior, number: int = GUESSES) -> dict[str, list[Told]]:
    """What each method says of each count from the second on."""
    told = {MODEL: list(_model_told(history, known, prior, number))}
    counts = sorted(history.counts, key=lambda count: count.day)
    days = np.array([count.day for count in counts])
    logs = np.array([log_count(prior, count.anc) for count in counts])
    return told | {rule: list(_rule_told(_RULES[rule], prior, days, logs)) for rule in RULES}


def _model_told(history: History, known: DosesKnown, prior: Prior, number: int) -> Iterator[Told]:
    for place, (count, said) in enumerate(predictions(history, known, prior, number)):
        if place:
            lows = tuple(math.log(value) for value in (said.low50, said.low80, said.low95))
            highs = tuple(math.log(value) for value in (said.high50, said.high80, said.high95))
            yield Told(place, log_count(prior, count.anc), math.log(said.median), lows, highs)


Rule = Callable[[Prior, Floats, Floats, float], float]


def _rule_told(rule: Rule, prior: Prior, days: Floats, logs: Floats) -> Iterator[Told]:
    """A rule's word, with an interval as wide as its own errors so far on this child."""
    squares, errors = _FIRST_WORTH * _FIRST_ERROR**2, float(_FIRST_WORTH)
    for place in range(1, len(days)):
        told = rule(prior, days[:place], logs[:place], float(days[place]))
        ends = [z * math.sqrt(squares / errors) for z in _NORMAL]
        yield Told(place, float(logs[place]), told, tuple(told - end for end in ends), tuple(told + end for end in ends))
        squares, errors = squares + (float(logs[place]) - told) ** 2, errors + 1


def _last(_prior: Prior, _days: Floats, logs: Floats, _day: float) -> float:
    return float(logs[-1])


def _mean(_prior: Prior, _days: Floats, logs: Floats, _day: float) -> float:
    return math.log(float(np.exp(logs).mean()))


def _log_mean(_prior: Prior, _days: Floats, logs: Floats, _day: float) -> float:
    return float(logs.mean())


def _weighted(prior: Prior, days: Floats, logs: Floats, day: float) -> float:
    weight = np.exp((days - day) / prior["weighted_memory"])
    total = weight.sum()
    return float(weight @ logs / total) if total > 0 else float(logs[-1])


def _return(prior: Prior, days: Floats, logs: Floats, day: float) -> float:
    mean = float(logs.mean())
    kept = prior["return_share"] * math.exp((float(days[-1]) - day) / prior["return_memory"])
    return mean + kept * (float(logs[-1]) - mean)


_RULES: dict[str, Rule] = dict(zip(RULES, (_last, _mean, _log_mean, _weighted, _return), strict=True))


def report_of(told: dict[str, dict[str, list[Told]]], known: DosesKnown) -> Report:
    """The rows from what every method said of every child."""
    rows = tuple(_row(part, method, told) for part in PARTS for method in (MODEL, *RULES))
    against = tuple(_against(part, method, told) for part in PARTS for method in RULES)
    counts = sum(len(each[MODEL]) + 1 for each in told.values())
    return Report(known, len(told), counts, rows, against)


def _in_part(part: str, said: list[Told]) -> list[Told]:
    """The second half of a child's counts (the middle one left to the first), or all from the fourth on."""
    first = math.ceil((len(said) + 1) / 2) if part == "later-half" else _EARLY
    return [one for one in said if one.place >= first]


def _row(part: str, method: str, told: dict[str, dict[str, list[Told]]]) -> Row:
    said = [one for each in told.values() for one in _in_part(part, each[method])]
    if not said:
        nothing = (math.nan, math.nan, math.nan)
        return Row(part, method, 0, 0, math.nan, math.nan, math.nan, math.nan, nothing, nothing)
    true, guess = np.array([one.log_true for one in said]), np.array([one.log_told for one in said])
    lows, highs = np.array([one.lows for one in said]), np.array([one.highs for one in said])
    off = np.abs(np.exp(guess) - np.exp(true))
    inside = ((lows <= true[:, None]) & (true[:, None] <= highs)).mean(axis=0)
    width = (highs - lows).mean(axis=0)
    return Row(
        part=part,
        method=method,
        counts=len(said),
        children=sum(bool(_in_part(part, each[method])) for each in told.values()),
        log_rmse=float(np.sqrt(((guess - true) ** 2).mean())),
        mae=float(off.mean()),
        median_relative=float(np.median(off / np.exp(true))),
        log_bias=float((guess - true).mean()),
        inside=(float(inside[0]), float(inside[1]), float(inside[2])),
        width=(float(width[0]), float(width[1]), float(width[2])),
    )


def _against(part: str, method: str, told: dict[str, dict[str, list[Told]]]) -> Against:
    pairs = [(_squares(part, each[MODEL]), _squares(part, each[method])) for each in told.values()]
    ours, theirs = (np.array([pair[side].sum() for pair in pairs if len(pair[0])]) for side in (0, 1))
    if not len(ours):
        return Against(part, method, math.nan, math.nan, math.nan, 0, 0)
    chosen = np.random.default_rng(20261121).integers(0, len(ours), (2_000, len(ours)))
    with np.errstate(divide="ignore", invalid="ignore"):  # a rule may be right to the last digit on counts that never change
        ratios = np.sqrt(ours[chosen].sum(axis=1) / theirs[chosen].sum(axis=1))
        ratio = float(np.sqrt(ours.sum() / theirs.sum()))
        low, high = np.quantile(ratios, [0.025, 0.975])
    return Against(part, method, ratio, float(low), float(high), int((ours < theirs).sum()), len(ours))


def _squares(part: str, said: list[Told]) -> Floats:
    return np.array([(one.log_told - one.log_true) ** 2 for one in _in_part(part, said)])


def told_as_table(report: Report, lang: Lang = "en", prior: Prior | None = None) -> str:
    """The report as Markdown, with the sentence that says what it is not for."""
    words = (prior or load_prior()).words
    lines = [words["maintenance-use"].in_(lang), ""]
    for part in PARTS:
        lines += [f"### {words[f'maintenance-{part}'].in_(lang)}", ""]
        if not report.row(part, MODEL).counts:
            lines += [words["maintenance-too-few"].in_(lang), ""]
            continue
        lines += [words["maintenance-head"].in_(lang), "|---|" + "---:|" * 8]
        lines += [_line(row, words[f"maintenance-{row.method}"].in_(lang)) for row in report.rows if row.part == part]
        lines += ["", words["maintenance-against-head"].in_(lang), "|---|" + "---:|" * 2]
        lines += [
            f"| {words[f'maintenance-{one.method}'].in_(lang)} | {_ratio(one)} | {one.children_nearer}/{one.children} |"
            for one in report.against
            if one.part == part
        ]
        lines.append("")
    return "\n".join(lines)


def _ratio(one: Against) -> str:
    """Nothing where the rule was right to the last digit."""
    return f"{one.ratio:.3f} ({one.low:.3f}–{one.high:.3f})" if math.isfinite(one.low + one.high) else "–"


def _line(row: Row, name: str) -> str:
    errors = f"{row.log_rmse:.3f} | {row.mae:.3f} | {100 * row.median_relative:.1f} | {row.log_bias:+.3f}"
    inside = " | ".join(f"{100 * share:.1f}" for share in row.inside)
    return f"| {name} | {errors} | {inside} | {row.width[1]:.2f} |"

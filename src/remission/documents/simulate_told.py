"""What a run of virtual children is told as: the targets as a table or JSON, two arms side by side, one child's days as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

import msgspec

from remission.documents.wording import Wording
from remission.simulate.check import FIGURES, CheckRow, Cohorts
from remission.simulate.child import Child
from remission.simulate.cohort import Cohort, Setting
from remission.simulate.model import load_simulation
from remission.simulate.what_if import Difference

_OTHER_COHORTS = frozenset({"T14", "T20", "T21", "T22"})  # they need children of another run
_UNITS = {"%": "%", "10*9/L": "×10⁹/L", "g/dL": "g/dL"}
_FEW = 1000  # children below whom resampling cannot say how sure a difference is


def summary_rows(cohort: Cohort) -> list[CheckRow]:
    """The targets that this cohort alone can be held against; none where something was asked to be otherwise."""
    if cohort.setting != Setting(cohort.setting.seed, days=cohort.setting.days, engine=cohort.setting.engine):
        return []
    alone = Cohorts(all=cohort, down=cohort, blinatumomab=cohort)
    rows = []
    for target in load_simulation().targets:
        if target.id in _OTHER_COHORTS:
            continue
        ours, n = FIGURES[target.id](alone)
        if n:
            hit = target.low - 1e-9 <= ours <= target.high + 1e-9
            rows.append(CheckRow(target.id, target.title, target.unit, target.published, ours, target.low, target.high, target.role,
                                 hit, n, target.source, target.note))  # fmt: skip
    return rows


def check_text(words: Wording, rows: Iterable[CheckRow]) -> Iterator[str]:
    """A line for each target, the misses named below, and how many were hit by role."""
    listed = list(rows)
    yield words.say("simcli-check-head")
    yield ""
    for row in listed:
        yield _check_line(words, row)
    yield ""
    for role in ("fit", "check", "always", "shown"):
        among = [row for row in listed if row.role == role]
        if among:
            hits = sum(row.hit for row in among)
            yield words.say("simcli-check-role", role=words.say(f"simulate-role-{role}"), hits=hits, of=len(among))
    misses = [row for row in listed if not row.hit]
    if misses:
        yield ""
        yield words.say("simcli-check-misses")
        for row in misses:
            span = words.say(
                "simcli-check-span", ours=_ours(row), published=row.published, low=_number(row.low), high=_number(row.high)
            )
            yield f"  {row.id}: {row.title.in_(words.lang)}. {span}"
            if row.note:
                yield f"      {row.note.in_(words.lang)}"


def _check_line(words: Wording, row: CheckRow) -> str:
    sign = words.say("simulate-hit" if row.hit else "simulate-miss")
    unit = words.say("simcli-months") if row.unit == "mo" else _UNITS.get(row.unit, "")
    title = row.title.in_(words.lang)
    span = f"{_number(row.low)}–{_number(row.high)}"
    role = words.say(f"simulate-role-{row.role}")
    published = words.say("simcli-check-published", published=row.published)
    return f"  {row.id:<14} {sign:<8} {_ours(row):>8} {unit:<7} {span:<12} {role:<13} {title} ({published})"


def check_json(rows: Iterable[CheckRow], lang: str) -> str:
    """The same for programs."""
    told = [_check_row(row, lang) for row in rows]
    return msgspec.json.format(msgspec.json.encode(told), indent=1).decode() + "\n"


def _check_row(row: CheckRow, lang: str) -> dict[str, Any]:
    title = row.title.es if lang == "es" else row.title.en
    ours = row.ours if isfinite(row.ours) else None
    same = {name: getattr(row, name) for name in ("id", "unit", "published", "low", "high", "role", "hit", "n", "source")}
    return same | {"title": title, "value": ours}


def what_if_text(words: Wording, n: int, differences: Iterable[Difference]) -> Iterator[str]:
    """Two arms over the same children, and what the comparison is not."""
    listed = list(differences)
    yield words.say("simcli-what-if-head", n=f"{n:,}")
    yield ""
    yield f"  {'':<34}{words.say('simcli-as-they-are'):>14}{words.say('simcli-changed'):>14}   {words.say('simcli-difference')}"
    for one in listed:
        name = words.say(f"simulate-figure-{one.id.replace('_', '-')}")
        unit = _UNITS.get(one.unit, "")
        span = words.say("simcli-span", low=_signed(one.low), high=_signed(one.high))
        arms = f"{_number(one.before):>14}{_number(one.after):>14}"
        yield f"  {name:<34}{arms}   {_signed(one.difference)} {unit} {span}".rstrip().replace("  (", " (")
    yield ""
    yield words.say("simulate-span")
    fewest = min(one.n for one in listed)
    if fewest < _FEW:
        yield words.say("simcli-few", n=f"{fewest:,}")
    yield words.say("simcli-what-if-not")


def what_if_json(differences: Iterable[Difference]) -> str:
    told = [
        {name: (value if not isinstance(value, float) or isfinite(value) else None) for name, value in vars(one).items()}
        for one in differences
    ]
    return msgspec.json.format(msgspec.json.encode(told), indent=1).decode() + "\n"


def series_csv(child: Child) -> str:
    """A line for each day, the unit of each column in its head. What is not known stays empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    units = child.units
    writer.writerow(["day [d]", "phase", *(f"{name} [{units[name]}]" for name in child.series)])
    columns = [values.tolist() for values in child.series.values()]
    for day, phase, *values in zip(child.days.tolist(), child.phases, *columns, strict=True):
        writer.writerow([day, phase, *(_cell(value) for value in values)])
    return text.getvalue()


def _cell(value: float) -> str:
    return f"{value:.6g}" if isfinite(value) else ""


def _number(value: float) -> str:
    if not isfinite(value):
        return "–"
    return f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _ours(row: CheckRow) -> str:
    """Our value; with more digits where a miss would read as a hit."""
    reads_as_hit = isfinite(row.ours) and row.low <= float(f"{row.ours:.3g}") <= row.high
    return f"{row.ours:.3f}" if reads_as_hit and not row.hit else _number(row.ours)


def _signed(value: float) -> str:
    text = _number(abs(value))
    return f"{'−' if value < 0 else '+'}{text}" if isfinite(value) else text

"""`remission simulate`: one child's files, many children as a table, the targets, two arms, and refusals in sentences."""

from __future__ import annotations

import csv
import json
import math
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import Run
from remission.cli.main import cli
from remission.cli.simulate import simulate as group

pytest.importorskip("numba", reason="virtual children need the extra simulate")

from remission.documents.simulate_told import check_text, summary_rows
from remission.documents.wording import Wording
from remission.knowledge.model import Lang, Library
from remission.simulate.check import check
from remission.simulate.child import child
from remission.simulate.cohort import simulate
from remission.simulate.columns import COLUMNS
from remission.simulate.model import load_simulation
from remission.simulate.outcomes import Daily

if "simulate" not in cli.commands:
    cli.add_command(group)

SENTENCES = {"en": "The child in it does not exist.", "es": "El niño que aparece no existe."}


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Path:
    told = run("simulate", "child", "--number", "3", "--out", str(tmp_path / "child"))
    assert told.code == 0, told.err
    assert "This child is invented." in told.err
    return tmp_path / "child"


# --- one child --------------------------------------------------------------------------------------------------------------------


def test_the_series_names_every_output_with_its_unit(made: Path) -> None:
    rows = list(csv.reader((made / "series.csv").read_text("utf-8").splitlines()))
    units = child(7, 3).units
    assert rows[0] == ["day [d]", "phase", *(f"{row.name.lower()} [{units[row.name.lower()]}]" for row in Daily)]
    assert rows[1][:2] == ["-150", "before"]
    assert [int(row[0]) for row in rows[1:]] == list(range(-150, 2922))
    assert not any(cell.lower() in ("nan", "inf") for row in rows for cell in row)
    neutrophils = child(7, 3).series["neutrophils"]
    assert float(rows[200][2]) == pytest.approx(neutrophils[199], rel=1e-5)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("number", [0, 3, 5])
def test_the_page_stands_alone_and_says_that_the_child_is_invented(run: Run, tmp_path: Path, lang: Lang, number: int) -> None:
    assert run("simulate", "child", "--number", str(number), "--out", str(tmp_path), "--lang", lang).code == 0
    page = (tmp_path / "chart.html").read_text("utf-8")
    assert f'<html lang="{lang}">' in page
    assert page.count(SENTENCES[lang]) == 2  # above, and at the foot
    assert "<script" not in page
    without = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"(?:src|href)=\"(?!#)|https?://|url\((?!data:)|@import", without)
    shown = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"\bnan\b|\binf\b|\{\w+\}", shown, re.IGNORECASE)
    pictures = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(pictures) == 4  # two pictures, each for a desk and a phone
    for picture in pictures:
        drawn = ElementTree.fromstring(picture)  # noqa: S314 - written by ourselves
        described = drawn.findtext("{http://www.w3.org/2000/svg}desc")
        assert described
        assert "×10⁹/L" in described
        numbers = [
            float(one)
            for path in drawn.iter("{http://www.w3.org/2000/svg}path")
            for one in re.findall(r"-?\d+\.?\d*", path.get("d", ""))
        ]
        assert all(-20 <= one <= 2000 for one in numbers)


def test_pages_of_many_children_can_be_made_whatever_happens_to_them(library: Library) -> None:
    from remission.documents.simulate_page import child_page

    cohort = simulate(600, 7)
    chosen = {int(event): number for number, event in reversed(list(enumerate(cohort["event"].tolist())))}
    assert set(chosen) >= {0, 1, 2, 3}
    dead_at_once = [number for number, day in enumerate(cohort["event_day"].tolist()) if day < 20]
    for number in [*chosen.values(), *dead_at_once[:2]]:
        for lang in ("en", "es"):
            page = child_page(library, child(7, number), lang)
            assert "</html>" in page


def test_the_page_says_how_it_ended(library: Library) -> None:
    from remission.documents.simulate_page import child_page

    cohort = simulate(300, 7)
    relapsed = int((cohort["event"] == 2).argmax())
    page = child_page(library, child(7, relapsed), "en")
    months = f"{cohort['event_day'][relapsed] / 30.4375:.0f}"
    assert f"the leukemia came back after {months} months" in page
    assert "The treatment of a relapse is not in the model" in page


def test_another_number_of_the_model_makes_another_child(run: Run, made: Path, tmp_path: Path) -> None:
    told = run("simulate", "child", "--number", "3", "--out", str(tmp_path), "--set", "noise_sd=0")
    assert told.code == 0
    assert (tmp_path / "series.csv").read_text("utf-8") != (made / "series.csv").read_text("utf-8")


# --- many, as a table -------------------------------------------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_child_and_words_for_its_codes(run: Run, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    told = run("simulate", "cohort", "--n", "400", "--out", str(tmp_path / "a"))
    assert told.code == 0, told.err
    assert "400 invented children written" in told.err
    table = tmp_path / "a" / "children.parquet"
    rows = duckdb.sql(f"SELECT child, age, line, kind, event, death_day FROM '{table}' ORDER BY child").fetchall()
    again = simulate(400, 7)
    assert [row[0] for row in rows] == list(range(400))
    assert [row[1] for row in rows] == again["age"].tolist()
    assert {row[2] for row in rows} <= {"standard", "high", "t", "infant"}
    assert {row[3] for row in rows} <= {one.id for one in load_simulation().classes}
    assert {row[4] for row in rows} >= {"none", "relapse"}
    assert [row[5] is None for row in rows] == [math.isinf(day) for day in again["death_day"].tolist()]
    told_of = dict(duckdb.sql(f"SELECT key::VARCHAR, value::VARCHAR FROM parquet_kv_metadata('{table}')").fetchall())
    assert told_of["synthetic"] == "true"
    about = json.loads((tmp_path / "a" / "cohort.json").read_text("utf-8"))
    assert (about["synthetic"], about["seed"], about["children"]) == (True, 7, 400)
    legend = list(csv.reader((tmp_path / "a" / "columns.csv").read_text("utf-8").splitlines()))
    assert [row[:2] for row in legend[1:]] == [[name, told.unit] for name, told in COLUMNS.items()]


def test_the_same_seed_gives_the_same_table(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    for name, threads in (("a", "1"), ("b", "3")):
        assert run("simulate", "cohort", "--n", "300", "--out", str(tmp_path / name), "--threads", threads).code == 0
    one, other = ((tmp_path / name / "children.parquet").read_bytes() for name in ("a", "b"))
    assert one == other


def test_a_finished_cohort_is_written_anew_only_when_asked(run: Run, tmp_path: Path) -> None:
    arguments = ("simulate", "cohort", "--n", "30", "--out", str(tmp_path), "--format", "fhir")
    assert run(*arguments).code == 0
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    refused = run(*arguments)
    assert (refused.code, "already holds a finished cohort" in refused.err) == (2, True)
    again = run(*arguments, "--seed", "8", "--restart")
    assert again.code == 0
    assert "virtual-8-0" in (tmp_path / "Patient.ndjson").read_text("utf-8")
    assert (tmp_path / "mine.txt").read_text("utf-8") == "mine"


def test_the_summary_holds_the_cohort_against_the_targets_it_can_be_held_against(library: Library) -> None:
    rows = summary_rows(simulate(2000, 7))
    assert {"T14", "T20", "T22"}.isdisjoint(row.id for row in rows)
    assert len(rows) > 30
    full = {row.id: row for row in check(2000, 7)}
    assert [(row.id, row.ours, row.hit) for row in rows] == [(row.id, full[row.id].ours, full[row.id].hit) for row in rows]
    assert summary_rows(simulate(50, 7, adherence=0.8)) == []


# --- targets ----------------------------------------------------------------------------------------------------------------------


def test_check_tells_every_target_as_json_and_never_fails(run: Run) -> None:
    told = run("simulate", "check", "--n", "300", "--json")
    assert told.code == 0
    rows = json.loads(told.out)
    assert [row["id"] for row in rows] == [target.id for target in load_simulation().targets]
    for row in rows:
        assert {"id", "published", "value", "low", "high", "role", "hit", "n"} <= set(row)
        if row["value"] is not None:
            assert row["hit"] == (row["low"] - 1e-9 <= row["value"] <= row["high"] + 1e-9)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_check_names_each_miss_below_the_table(library: Library, lang: Lang) -> None:
    rows = check(300, 7)
    misses = [row for row in rows if not row.hit]
    assert misses
    text = list(check_text(Wording(library, lang), rows))
    after = text[text.index({"en": "Misses:", "es": "Fallos:"}[lang]) :]
    for row in misses:
        assert any(line.startswith(f"  {row.id}: {row.title.in_(lang)}") for line in after)


def test_a_narrow_miss_does_not_read_as_a_hit_and_spanish_has_no_english(library: Library) -> None:
    row = next(row for row in check(300, 7) if row.id == "M5")
    missed = [replace(row, ours=22.04, hit=False), replace(row, ours=9.996, hit=False), replace(row, ours=20.0, hit=True)]
    told = "\n".join(check_text(Wording(library, "es"), missed))
    assert "22.040 meses" in told
    assert "9.996 meses" in told
    assert "months" not in told
    assert all(" to " not in row.published and not row.published.startswith("about") for row in check(300, 7))


# --- two arms ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_if_says_what_it_is_not(run: Run, lang: Lang) -> None:
    told = run("simulate", "what-if", "--adherence", "0.7", "--n", "1200", "--lang", lang)
    assert told.code == 0
    assert {"en": "1,200 invented", "es": "1,200 niños"}[lang] in told.out
    assert {"en": "This is not evidence", "es": "Esto no es evidencia"}[lang] in told.out
    assert {"en": "How far the model itself is wrong", "es": "cuánto se equivoca el propio modelo"}[lang] in told.out


def test_a_comparison_of_few_children_says_that_its_span_is_too_narrow(run: Run) -> None:
    assert "too narrow" in run("simulate", "what-if", "--adherence", "0.7", "--n", "3").out
    assert "too narrow" not in run("simulate", "what-if", "--adherence", "0.7", "--n", "1200").out


def test_fewer_doses_taken_mean_more_relapses_in_the_model(run: Run) -> None:
    rows = {row["id"]: row for row in json.loads(run("simulate", "what-if", "--adherence", "0.6", "--n", "1500", "--json").out)}
    relapse = rows["relapse"]
    assert relapse["low"] > 0
    assert relapse["difference"] == pytest.approx(relapse["after"] - relapse["before"], abs=1e-9)


# --- recorded counts --------------------------------------------------------------------------------------------------------------


def test_maintenance_compares_the_model_with_recorded_counts(run: Run, tmp_path: Path) -> None:
    lines = ["ID,TIME,DV,AMT,EVID"]
    for number in (1, 2):  # invented
        for week in range(10):
            lines.append(f"{number},{7 * week},,{30 + number},1")
            lines.append(f"{number},{7 * week + 3},{1.5 + 0.1 * ((week * number) % 4):.1f},,0")
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    told = run("simulate", "maintenance", str(file))
    assert told.code == 0, told.err
    assert "It proposes no dose" in told.out
    assert "| model |" in told.out


# --- refusals ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("cohort", "--n", "0"), "0 children cannot be simulated."),
        (("cohort", "--adherence", "1.5"), "1.5 is no share of doses taken."),
        (("cohort", "--arm", "homeopathy"), "There is no treatment called “homeopathy”."),
        (("child", "--number", "-1"), "-1 is no child's number."),
        (("child", "--seed", "-4"), "-4 is no seed."),
        (("child", "--set", "noise_sd"), "“noise_sd” is not NAME=NUMBER."),
        (("child", "--set", "moon=1"), "The model has no number called “moon”."),
        (("child", "--set", "noise_sd=99"), "cannot be 99.0: the model means nothing there."),
        (("child", "--set", "noise_sd=nan"), "cannot be nan: the model means nothing there."),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    told = run("simulate", *arguments, "--out", str(tmp_path / "out"))
    assert told.code == 2
    assert sentence in told.err
    assert "Traceback" not in told.err
    assert not list(tmp_path.glob("out/*"))


def test_refusals_are_spanish_where_spanish_was_asked_for(run: Run, tmp_path: Path) -> None:
    told = run("simulate", "what-if", "--lang", "es")
    assert (told.code, told.err.startswith("Nada cambia")) == (2, True)
    told = run("simulate", "maintenance", str(tmp_path / "none"), "--lang", "es")
    assert (told.code, "no hay tal tabla" in told.err) == (2, True)


@pytest.mark.parametrize(("module", "extra"), [("numpy", "simulate"), ("duckdb", "cohort")])
def test_a_missing_part_is_named_with_how_to_install_it(tmp_path: Path, module: str, extra: str) -> None:
    program = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from remission.cli.main import cli, main\nfrom remission.cli.simulate import simulate\ncli.add_command(simulate)\n"
        f"sys.argv = ['remission', 'simulate', 'cohort', '--n', '5', '--out', {str(tmp_path / 'o')!r}, '--lang', 'en']\nmain()"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert f"pip install 'remission[{extra}]'" in told.stderr
    assert "Traceback" not in told.stderr

"""Virtual children as FHIR: valid R4, marked as invented, the same bytes for the same seed, and read by our own readers."""

from __future__ import annotations

import importlib
import json
import warnings
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Run
from remission.cli.main import cli
from remission.cli.simulate import simulate as group
from remission.knowledge.ages import age_between
from remission.rules.compiled import load_codes, load_library

pytest.importorskip("numba", reason="virtual children need the extra simulate")

from remission.documents.simulate_codes import IN_RELAPSE, OWN_CODES, mapping_yaml
from remission.documents.simulate_export import ABOUT, UNFINISHED, Wanted, write_fhir
from remission.documents.simulate_fhir import KINDS, Writer
from remission.documents.simulate_visits import SOME, Seeing, Seen, _born
from remission.record.fhir.files import open_fhir
from remission.record.fhir.meanings import find_meanings
from remission.record.fhir.reader import read_children
from remission.simulate.cohort import Setting, default_engine, simulate
from remission.simulate.outcomes import DEATH, NONE, RELAPSE
from remission.simulate.problems import SimulationProblem

FEW = SOME + 40  # more than one part
Resource = dict[str, Any]
SETTING = Setting(7, engine=default_engine())

if "simulate" not in cli.commands:
    cli.add_command(group)


def quiet(done: int, of: int) -> None:
    """No progress is told."""


def lines(folder: Path, kind: str) -> list[Resource]:
    return [json.loads(line) for line in (folder / f"{kind}.ndjson").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    write_fhir(Wanted(folder, FEW, SETTING, threads=2), quiet)
    return folder


@pytest.fixture(scope="module")
def seeing() -> Seeing:
    return Seeing(SETTING)


def seen(seeing: Seeing, first: int, n: int) -> list[Seen]:
    return seeing.seen(first, n, seeing.columns(first, n))


# --- what is written ----------------------------------------------------------------------------------------------------------


def test_every_resource_is_valid_r4(export: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydantic's own, about names it gives its fields
        for kind in KINDS:
            model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
            resources = lines(export, kind)
            assert len(resources) >= FEW * 0.9
            for resource in resources[:400]:
                assert model.model_validate(resource).get_resource_type() == kind
            odd = [one for one in resources if "relapse" in one["id"] or one.get("deceasedDateTime")]
            for resource in odd[:50]:
                model.model_validate(resource)


def test_every_resource_says_that_it_is_test_data(export: Path) -> None:
    for kind in KINDS:
        for resource in lines(export, kind):
            assert [one["code"] for one in resource["meta"]["security"]] == ["HTEST"], resource["id"]


def test_ids_are_unique_and_references_lead_to_a_resource(export: Path) -> None:
    known: set[str] = set()
    for kind in KINDS:
        names = [f"{kind}/{one['id']}" for one in lines(export, kind)]
        assert len(set(names)) == len(names)
        known |= set(names)
    for kind in KINDS:
        for resource in lines(export, kind):
            assert set(references(resource)) <= known


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in ([one] if key == "reference" else references(one))]
    return [found for one in value for found in references(one)] if isinstance(value, list) else []


def test_counts_stand_on_visit_days_and_end_with_the_event(seeing: Seeing) -> None:
    for child in seen(seeing, 0, 200):
        assert child.days[0] == 0
        assert child.days == sorted(set(child.days))
        assert child.days[-1] <= max(0, min(child.told["event_day"], child.road.ends + 84))
        assert {len(column) for column in child.counts} == {len(child.days)}
        assert all(value == value and value >= 0 for column in child.counts for value in column)
        if child.told["event"] == NONE:
            assert len(child.days) == len(child.road.visits)
        assert child.counts[0][0] == pytest.approx(child.told["white_start"], abs=0.006)


def test_a_relapse_is_a_condition_of_its_day_and_nobody_else_has_one(export: Path, seeing: Seeing) -> None:
    children = {f"Patient/virtual-7-{child.number}": child for child in seen(seeing, 0, FEW)}
    relapsed = {who: child for who, child in children.items() if child.told["event"] == RELAPSE}
    found = {
        one["subject"]["reference"]: one for one in lines(export, "Condition")
        if IN_RELAPSE.code in [coding["code"] for coding in one["code"]["coding"]]
    }  # fmt: skip
    assert set(found) == set(relapsed)
    assert len(found) > 10
    for who, child in relapsed.items():
        assert found[who]["onsetDateTime"] == child.on(child.told["event_day"]).isoformat()


def test_nothing_is_found_in_a_child_after_its_end() -> None:
    """Who dies in induction has no marrow test of day 29, and no MRD “below the limit”."""
    deadly = Seeing(Setting(7, changed=(("fever_rate", 0.5), ("lethal", 0.5))))
    children = seen(deadly, 0, 40)
    early = [child for child in children if child.told["event"] == DEATH and child.told["event_day"] < 28]
    assert len(early) > 5
    for child in early:
        resources = [json.loads(line) for _, text in Writer(deadly).lines(child) for line in text.split("\n")]
        last = child.on(child.told["event_day"]).isoformat()
        assert all(one["effectiveDateTime"] <= last for one in resources if one["resourceType"] == "Observation")
        assert not [one for one in resources if one["id"].endswith("mrd-end-of-induction")]


def test_the_plan_is_told_in_words_and_a_medicine_that_ended_early_was_stopped(export: Path, seeing: Seeing) -> None:
    assert {one["title"] for one in lines(export, "CarePlan")} == {"Standard risk", "High risk, T-cell and infant"}
    ended = {
        f"virtual-7-{child.number}-mercaptopurine": child.told["event_day"] < child.road.ends for child in seen(seeing, 0, FEW)
    }
    for kind in ("MedicationRequest", "MedicationStatement"):
        assert all((one["status"] == "stopped") == ended[one["id"]] for one in lines(export, kind))


def test_the_share_taken_stands_with_the_medicine(export: Path, seeing: Seeing) -> None:
    told = {f"virtual-7-{child.number}-mercaptopurine": child.told for child in seen(seeing, 0, FEW)}
    statements = lines(export, "MedicationStatement")
    assert len(statements) > FEW * 0.85
    for one in statements:
        shares = {extension["url"].rsplit("/", 1)[1]: extension["valueDecimal"] for extension in one["extension"]}
        assert shares == {"taken-share": pytest.approx(told[one["id"]]["taken_share"], abs=6e-5),
                          "dose-share": pytest.approx(told[one["id"]]["dose_share"], abs=6e-5)}  # fmt: skip


def test_provenance_names_the_model_and_the_seed(export: Path) -> None:
    one = lines(export, "Provenance")[3]
    told = {extension["url"].rsplit("/", 1)[1]: extension["valueString"] for extension in one["extension"]}
    assert (told["seed"], told["child"], told["arm"]) == ("7", "3", "chemotherapy")
    assert told["model-version"]
    assert told["software"].startswith("remission ")


@given(st.dates(date(2010, 1, 1), date(2016, 1, 1)), st.floats(0.05, 20.99))
def test_the_birthday_makes_the_age_of_the_model(diagnosed: date, age: float) -> None:
    days = float(age_between(_born(diagnosed, age), diagnosed))
    assert int(days / 365.25) == int(age)
    assert abs(days - age * 365.25) < 3.5


# --- the same again ------------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(export: Path, tmp_path: Path) -> None:
    write_fhir(Wanted(tmp_path, FEW, SETTING, threads=1), quiet)
    for file in sorted(export.iterdir()):
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_a_run_that_was_stopped_goes_on_where_it_was(export: Path, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done:
            raise Stopped

    wanted = Wanted(tmp_path, FEW, SETTING, threads=1)
    with pytest.raises(Stopped):
        write_fhir(wanted, stop)
    assert [path.name for path in tmp_path.iterdir()] == [UNFINISHED]
    with (tmp_path / UNFINISHED / "Observation.ndjson").open("ab") as file:
        file.write(b'{"resourceType":"Observation","id":"half')  # what a killed run leaves behind it
    begun: list[tuple[int, int]] = []
    write_fhir(wanted, lambda *told: begun.append(told))
    assert begun == [(SOME, FEW), (FEW, FEW)]
    for file_ in sorted(export.iterdir()):
        assert (tmp_path / file_.name).read_bytes() == file_.read_bytes(), file_.name


def test_another_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_fhir(Wanted(tmp_path, 20, SETTING), stop)
    with pytest.raises(SimulationProblem, match="simulate-other-run"):
        write_fhir(Wanted(tmp_path, 21, SETTING), quiet)


def test_a_finished_export_is_not_written_over(export: Path) -> None:
    before = (export / ABOUT).read_bytes()
    with pytest.raises(SimulationProblem, match="simcli-finished"):
        write_fhir(Wanted(export, FEW, SETTING), quiet)
    assert (export / ABOUT).read_bytes() == before


def test_the_summary_is_told_from_the_children_that_were_written(tmp_path: Path) -> None:
    made = write_fhir(Wanted(tmp_path, 60, SETTING), quiet)
    again = simulate(60, 7)
    for name in ("age", "event_day", "mrd_29", "holds"):
        assert made[name].tobytes() == again[name].tobytes(), name


# --- read by our own readers ------------------------------------------------------------------------------------------------------


def test_the_map_knows_every_name_of_our_own(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(mapping_yaml("0.01 %"), "utf-8")
    meanings = find_meanings(load_library(), load_codes(), str(path))
    named = {code for _, code in meanings.results}
    assert {own.code for own in OWN_CODES if own.fact} <= named


def test_the_one_child_reader_reads_what_the_model_said(export: Path, seeing: Seeing, tmp_path: Path) -> None:
    meanings = find_meanings(load_library(), load_codes(), str(export / "mapping.yaml"))
    for child in seen(seeing, 0, 25):
        file = tmp_path / f"{child.number}.json"
        file.write_text(Writer(seeing).bundle(child), "utf-8")
        (record,) = read_children(meanings, open_fhir(file))
        facts = record.facts
        told = child.told
        assert record.invented
        assert facts["cns"].options[0].startswith(f"cns{told['cns']}")
        assert facts["lineage"].options == ("t" if told["t_cell"] else "b",)
        assert int(float(facts["age_days"].low or 0) / 365.25) == int(told["age"])
        assert float(facts["wbc"].low or 0) == child.counts[0][0]
        if told["mrd_29"] == 0:
            assert (facts["mrd_eoi"].high, facts["mrd_eoi"].high_open) == (facts["mrd_eoi"].limit, True)
        elif told["mrd_29"] > 0:
            assert float(facts["mrd_eoi"].low or 0) == pytest.approx(100 * told["mrd_29"], rel=1e-3)
        assert ("yes" in facts["etv6_runx1"].options) == (child.kind == "etv6-runx1") if not told["t_cell"] else True


def test_explain_reads_the_bundle_of_a_child(run: Run, tmp_path: Path) -> None:
    assert run("simulate", "child", "--number", "2", "--out", str(tmp_path)).code == 0
    told = run("explain", str(tmp_path / "bundle.json"))
    assert told.code == 0
    assert told.out.startswith("INVENTED CHILD")
    assert "NCI/Rome" in told.out
    assert "Standard risk" in told.out


def test_the_bundle_holds_what_the_export_holds(export: Path, seeing: Seeing) -> None:
    (child,) = seen(seeing, 12, 1)
    bundle = json.loads(Writer(seeing).bundle(child))
    mine = [entry["resource"] for entry in bundle["entry"]]
    theirs = [
        one for kind in KINDS for one in lines(export, kind) if one["id"].startswith("virtual-7-12-") or one["id"] == "virtual-7-12"
    ]
    assert sorted(map(json.dumps, mine)) == sorted(map(json.dumps, theirs))


def test_assessed_children_fall_into_groups_in_the_published_shares(run: Run, tmp_path: Path) -> None:
    """The real commands on 3,000 children: NCI standard risk is 63 % of B-cell, within the target's own tolerance."""
    duckdb = pytest.importorskip("duckdb")
    folder, result = tmp_path / "cohort", tmp_path / "result.parquet"
    made = run("simulate", "cohort", "--n", "3000", "--out", str(folder), "--format", "fhir")
    assert made.code == 0, made.err
    told = run("cohort", "assess", str(folder), "--mapping", str(folder / "mapping.yaml"), "--out", str(result))
    assert told.code == 0, told.err
    count = dict(duckdb.sql(f"SELECT nci_rome, count(*) FROM '{result}' WHERE nci_rome IS NOT NULL GROUP BY 1").fetchall())
    assert 60 <= 100 * count["standard"] / (count["standard"] + count["high"]) <= 66
    (undecided, facts, tests), = duckdb.sql(f"""
        SELECT count_if(nci_rome_status = 'data-required'), count(wbc_low), count_if(mrd_eoi_high IS NOT NULL) FROM '{result}'
    """).fetchall()  # fmt: skip
    assert (undecided, facts) == (0, 3000)
    assert tests > 2900
    (infants,) = duckdb.sql(f"SELECT count(*) FROM '{result}' WHERE interfant_06_status <> 'not-applicable'").fetchall()[0]
    assert 1.0 <= 100 * infants / 3000 <= 4.0
    first = duckdb.sql(f"SELECT relapse_site, count(*) FROM '{result}' GROUP BY 1").fetchall()
    assert 0.05 < 1 - dict(first)["none"] / 3000 < 0.2


def test_dates_are_years_apart_from_birth(seeing: Seeing) -> None:
    for child in seen(seeing, 0, 100):
        assert timedelta(0) <= child.diagnosed - child.born < timedelta(days=366 * 25)

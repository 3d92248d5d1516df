"""Counts: one unit inside and both outside, the neutrophils from the differential, and files as clinics write them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SHARED
from remission.care.counts import Reading, readings, team_lines
from remission.care.record import Record
from remission.documents.counts_told import both_units, formula_told
from remission.documents.wording import Wording
from remission.home.notes import Note
from remission.home.typed import read_typed
from remission.knowledge.model import LANGS, Lang, Library
from remission.record.counts_file import CountsFile, read_counts
from remission.rules.compiled import load_library, load_shelf

LIBRARY, SHELF = load_library(), load_shelf()
TODAY = date(2026, 11, 30)

# Numbers as a report prints them: a few digits, one or two of them after the point.
tenths = st.integers(1, 999).map(lambda n: Decimal(n) / 10)
percents = st.integers(0, 100).map(Decimal)


def child(*counts: dict[str, str], lines: tuple[dict[str, str], ...] = ()) -> Record:
    who = Note("c", "child", "c", {"name": "Invented", "born": "2020-01-01"}, 1)
    notes = [Note("c", "count", f"n{n}", {"on": "2026-03-03"} | values, 10 + n) for n, values in enumerate(counts)]
    notes += [Note("c", "line-of-team", f"l{n}", values, 50 + n) for n, values in enumerate(lines)]
    return Record(who, (who, *notes))


def read(kind: str, *counts: dict[str, str]) -> list[Reading]:
    return readings(LIBRARY, SHELF, child(*counts), kind)


def one(kind: str, **values: str) -> Reading:
    (found,) = read(kind, values)
    return found


# --- readings -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("wbc", "2.1 10*9/L", "2.1"),
        ("wbc", "2100 /uL", "2.1"),
        ("anc", "810 /uL", "0.81"),
        ("platelets", "75 10*9/L", "75"),
        ("platelets", "75000 /uL", "75"),
        ("hemoglobin", "9.8 g/dL", "9.8"),
        ("hemoglobin", "98 g/L", "9.8"),
    ],
)
def test_a_count_is_one_number_whatever_its_unit(kind: str, written: str, value: str) -> None:
    reading = one(kind, **{kind: written})
    assert (reading.value, reading.as_written, reading.formula) == (Decimal(value), written, None)


@given(st.integers(0, 99_999))
def test_both_units_mean_the_same_number(cells: int) -> None:
    metric, us = f"{Decimal(cells) / 1000:f} 10*9/L", f"{cells} /uL"
    assert one("wbc", wbc=metric).value == one("wbc", wbc=us).value == Decimal(cells) / 1000
    assert both_units(Wording(LIBRARY, "en"), "wbc", Decimal(cells) / 1000).endswith(f"({cells:,} per µL)")


def test_readings_are_told_oldest_first_and_within_a_day_by_the_time() -> None:
    found = read(
        "anc", {"anc": "3 10*9/L", "on": "2026-03-05"}, {"anc": "2 10*9/L", "on": "2026-03-04", "time": "18:00"},
        {"anc": "1 10*9/L", "on": "2026-03-04", "time": "08:00"}, {"wbc": "1 10*9/L"},
    )  # fmt: skip
    assert [reading.value for reading in found] == [1, 2, 3]


@given(tenths, percents, percents)
def test_the_neutrophils_follow_from_the_shares_exactly(wbc: Decimal, segs: Decimal, bands: Decimal) -> None:
    reading = one("anc", wbc=f"{wbc:f} 10*9/L", neutrophils=f"{segs:f}", bands=f"{bands:f}")
    assert reading.value == wbc * (segs + bands) / 100
    assert reading.formula is not None
    assert reading.formula.not_recorded == ()
    assert reading.as_written == ""


def test_bands_that_were_not_recorded_are_not_zero_and_it_is_said() -> None:
    reading = one("anc", wbc="2.0 10*9/L", neutrophils="30")
    assert reading.value == Decimal("0.6")
    assert reading.formula is not None
    assert reading.formula.not_recorded == ("bands",)
    assert "Bands were not recorded and are not counted" in formula_told(Wording(LIBRARY, "en"), reading)
    assert "no se anotaron" in formula_told(Wording(LIBRARY, "es"), reading)
    said = one("anc", wbc="2.0 10*9/L", neutrophils="30", bands="0")
    assert said.formula is not None
    assert said.formula.not_recorded == ()


@pytest.mark.parametrize("values", [{"wbc": "2.0 10*9/L", "bands": "5"}, {"neutrophils": "30"}, {"wbc": "2.0 10*9/L"}])
def test_without_the_white_cells_or_the_segmented_share_there_is_no_number(values: dict[str, str]) -> None:
    assert read("anc", values) == []


def test_a_written_number_goes_before_one_that_is_worked_out_and_a_disagreement_is_kept() -> None:
    agrees = one("anc", wbc="2.1 10*9/L", neutrophils="35", bands="3", anc="0.8 10*9/L")
    assert (agrees.value, agrees.formula, agrees.disagrees) == (Decimal("0.8"), None, None)
    differs = one("anc", wbc="2.1 10*9/L", neutrophils="35", bands="3", anc="8.0 10*9/L")
    assert differs.value == Decimal("8.0")
    assert differs.disagrees is not None
    assert differs.disagrees.value == Decimal("0.798")
    told = formula_told(Wording(LIBRARY, "en"), differs)
    assert "8.0 ×10⁹/L" in told
    assert "0.798 ×10⁹/L (798 per µL)" in told
    assert formula_told(Wording(LIBRARY, "en"), agrees) == ""


@given(tenths, percents, percents, st.sampled_from([0, 1, 2]))
def test_a_number_that_was_only_rounded_raises_no_doubt(wbc: Decimal, segs: Decimal, bands: Decimal, digits: int) -> None:
    exact = wbc * (segs + bands) / 100
    written = round(exact, digits)
    assert (
        one("anc", wbc=f"{wbc:f} 10*9/L", neutrophils=f"{segs:f}", bands=f"{bands:f}", anc=f"{written:f} 10*9/L").disagrees is None
    )
    cells = f"{int(exact * 1000)} /uL"
    assert one("anc", wbc=f"{wbc * 1000:.0f} /uL", neutrophils=f"{segs:f}", bands=f"{bands:f}", anc=cells).disagrees is None


@given(st.integers(10, 999).map(lambda n: Decimal(n) / 10), st.integers(10, 90))
def test_a_slip_of_the_unit_is_always_seen(wbc: Decimal, segs: int) -> None:
    slip = wbc * segs / 100 * 1000
    assert one("anc", wbc=f"{wbc:f} 10*9/L", neutrophils=str(segs), bands="0", anc=f"{slip:f} 10*9/L").disagrees is not None


def test_lymphocytes_follow_from_their_share_alone() -> None:
    reading = one("lymphocytes", wbc="4.0 10*9/L", lymphocytes="25")
    assert reading.value == Decimal("1.0")
    assert reading.formula is not None
    assert read("lymphocytes", {"lymphocytes": "25"}) == []


def test_a_note_that_cannot_be_read_is_left_aside() -> None:
    assert read("wbc", {"wbc": "many 10*9/L"}, {"wbc": "2 furlongs"}, {"wbc": "2 10*9/L", "on": "soon"}) == []


def test_the_teams_lines_are_in_the_unit_of_the_readings() -> None:
    lines = (
        {"count": "anc", "cells": "750 /uL", "what-for": "next block", "told-by": "Ana", "told-on": "2026-03-01"},
        {"count": "platelets", "cells": "75 10*9/L", "what-for": "next block", "told-by": "Ana", "told-on": "2026-03-01"},
        {"count": "hemoglobin", "hemoglobin": "70 g/L", "what-for": "blood", "told-by": "Ana", "told-on": "2026-03-01"},
        {"count": "anc", "what-for": "nothing", "told-by": "Ana", "told-on": "2026-03-01"},
    )
    record = child(lines=lines)
    found = {kind: team_lines(LIBRARY, SHELF, record, kind) for kind in ("anc", "platelets", "hemoglobin", "wbc")}
    assert {kind: [line.value for line in lines] for kind, lines in found.items()} == {
        "anc": [Decimal("0.75")], "platelets": [75], "hemoglobin": [7], "wbc": [],
    }  # fmt: skip
    assert (found["anc"][0].what_for, found["anc"][0].told_by, found["anc"][0].told_on) == ("next block", "Ana", date(2026, 3, 1))


# --- in words -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "lang", "told"),
    [
        ("anc", "0.81", "en", "0.81 ×10⁹/L (810 per µL)"),
        ("anc", "0.81", "es", "0.81 ×10⁹/L (810 por µL)"),
        ("platelets", "75", "en", "75 ×10⁹/L (75,000 per µL)"),
        ("hemoglobin", "9.8", "en", "9.8 g/dL (98 g/L)"),
        ("anc", "0", "en", "0 ×10⁹/L (0 per µL)"),
        ("anc", "0.49999", "en", "0.499 ×10⁹/L (499 per µL)"),
    ],
)
def test_a_count_is_told_in_both_unit_systems_and_never_rounded_up(kind: str, value: str, lang: Lang, told: str) -> None:
    assert both_units(Wording(LIBRARY, lang), kind, Decimal(value)) == told


def test_the_formula_shows_the_numbers_of_the_report() -> None:
    reading = one("anc", wbc="2100 /uL", neutrophils="35", bands="3")
    told = formula_told(Wording(LIBRARY, "en"), reading)
    assert told == (
        "Worked out from this report: white cells 2,100 per µL × (segmented neutrophils 35 % + bands 3 %) ÷ 100 = "
        "0.798 ×10⁹/L (798 per µL)."
    )


# --- tables -------------------------------------------------------------------------------------------------------------------


def table(text: str | bytes, born: date | None = date(2020, 1, 1), **asked: Any) -> CountsFile:
    data = text.encode() if isinstance(text, str) else text
    return read_counts(data, "counts.csv", LIBRARY, SHELF.playbook, TODAY, born, **asked)


def words_of(found: CountsFile) -> list[str]:
    return [problem.word for problem in found.problems]


def test_an_english_table_is_read() -> None:
    found = table("Date,WBC (10^9/L),ANC (/uL),Hgb (g/dL),Plt (K/uL),Segs %,Bands %\n2026-03-04,2.1,810,9.8,75,35,3\n")
    assert found.problems == ()
    assert found.rows == (
        {
            "on": "2026-03-04", "wbc": "2.1 10*9/L", "anc": "810 /uL", "hemoglobin": "9.8 g/dL", "platelets": "75 10*9/L",
            "neutrophils": "35", "bands": "3",
        },
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_spanish_table_with_semicolons_and_decimal_commas_is_read(encoding: str) -> None:
    text = (
        "Hospital Inventado;;;\r\n"
        "Fecha de toma;Leucocitos (miles/mm3);Neutrófilos segmentados (%);Hemoglobina [g/dL];Plaquetas (/mm3);Cayados %\r\n"
        "04-mar-2026;2,1;35,5;9,8;75.000;3\r\n25/03/2026 08:15;3,0;;10,1;120.000;-\r\n"
    )
    found = table(text.encode(encoding))
    assert words_of(found) == ["count-file-above-header"]
    assert found.rows == (
        {
            "on": "2026-03-04", "wbc": "2.1 10*9/L", "neutrophils": "35.5", "hemoglobin": "9.8 g/dL", "platelets": "75000 /uL",
            "bands": "3",
        },
        {"on": "2026-03-25", "time": "08:15", "wbc": "3.0 10*9/L", "hemoglobin": "10.1 g/dL", "platelets": "120000 /uL"},
    )  # fmt: skip


def test_one_result_on_each_line_is_brought_together_by_the_day() -> None:
    found = table(
        "Collected,Test,Result,Units,Flag\n2026-03-04,WBC,2.1,10*3/uL,L\n2026-03-04,Neutrophils,0.81,10*3/uL,L\n"
        "2026-03-04,Neutrophils %,38,%,\n2026-03-04,Glucose,90,mg/dL,\n2026-03-05,HGB,9.8 L,g/dL,\n"
    )
    assert found.rows == (
        {"on": "2026-03-04", "wbc": "2.1 10*9/L", "anc": "0.81 10*9/L", "neutrophils": "38"},
        {"on": "2026-03-05", "hemoglobin": "9.8 g/dL"},
    )
    assert found.places == (("2", "3", "4"), ("6",))
    assert words_of(found) == ["count-file-columns", "count-file-test-unknown"]


@pytest.mark.parametrize("written", ["03/04/2026", "3-4-2026", "03.04.2026", "03/04/26"])
def test_a_date_that_may_be_two_is_asked_about_and_never_guessed(written: str) -> None:
    text = f"Date,WBC (10^9/L)\n{written},2.1\n25/03/2026,2.2\n"
    asked = table(text)
    assert (words_of(asked), asked.needs, asked.left) == (["count-file-two-dates"], ("dates",), ("2",))
    assert [row["on"] for row in asked.rows] == ["2026-03-25"], "other lines say nothing about this one"
    assert [row["on"] for row in table(text, dates="dmy").rows] == ["2026-03-25", "2026-04-03"]
    american = table(text, dates="mdy")
    assert [row["on"] for row in american.rows] == ["2026-03-04"]
    assert words_of(american) == ["count-file-date-unreadable"], "the 25th is no month: the answer does not fit that line"


@given(st.dates(date(2020, 1, 1), TODAY), st.sampled_from(["dmy", "mdy"]))
def test_a_date_is_read_as_it_was_said_to_be_written(day: date, style: str) -> None:
    written = f"{day:%d/%m/%Y}" if style == "dmy" else f"{day:%m/%d/%Y}"
    found = table(f"Date,WBC (10^9/L)\n{written},2.1\n", dates=style)
    assert [row["on"] for row in found.rows] == [day.isoformat()]
    unasked = table(f"Date,WBC (10^9/L)\n{written},2.1\n")
    assert [row["on"] for row in unasked.rows] == ([day.isoformat()] if day.day > 12 or day.day == day.month else [])


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-04",
        "2026/03/04",
        "20260304",
        "4-Mar-2026",
        "March 4, 2026",
        "4 de marzo de 2026",
        "04 mar 2026",
        "2026-03-04 00:00:00",
    ],
)
def test_a_date_that_can_be_only_one_is_read(written: str) -> None:
    assert [row["on"] for row in table(f'Date,WBC (10^9/L)\n"{written}",2.1\n').rows] == ["2026-03-04"]


def test_a_number_that_may_be_two_is_asked_about() -> None:
    text = "Date;WBC (/uL)\n2026-03-04;2.100\n"
    asked = table(text)
    assert (words_of(asked), asked.needs, asked.rows) == (["count-file-two-numbers", "count-file-nothing"], ("decimals",), ())
    assert table(text, decimals="comma").rows[0]["wbc"] == "2100 /uL"
    assert words_of(table(text, decimals="point"))[0] == "count-file-unusual-unit"
    assert table("Date;WBC (/uL);Hb (g/dL)\n2026-03-04;2.100;9,8\n").rows[0]["wbc"] == "2100 /uL", (
        "the other number shows the comma"
    )


def test_a_number_without_a_unit_is_refused() -> None:
    found = table("Date,WBC,Neutrophils,Hgb (g/dL)\n2026-03-04,12,40,9.8\n")
    assert words_of(found) == ["count-file-unit-missing", "count-file-unit-missing"]
    assert found.rows == ({"on": "2026-03-04", "hemoglobin": "9.8 g/dL"},)


def test_12_where_12_000_was_meant_is_questioned_with_both_readings() -> None:
    found = table("Date,WBC (/uL)\n2026-03-04,12\n")
    assert words_of(found) == ["count-file-unusual-unit", "count-file-nothing"]
    assert (found.problems[0].values["value"], found.problems[0].values["other"]) == ("12 /uL", "12 10*9/L")
    assert found.rows == ()
    assert table("Date,WBC (/uL)\n2026-03-04,12\n", sure={"2:wbc"}).rows == ({"on": "2026-03-04", "wbc": "12 /uL"},)
    assert table("Date,WBC (10^9/L)\n2026-03-04,12000\n").rows == ()


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("2026-03-04,<0.1,", "count-file-comparator"),
        ("2026-03-04,many,", "count-file-number"),
        ("2026-03-04,2.1 furlongs,", "count-file-number"),
        ("2026-03-04,5000,", "count-file-out-of-range"),
        ("2026-03-04,-2,", "count-file-number"),
        ("someday,2.1,", "count-file-date-unreadable"),
        ("31/02/2026,2.1,", "count-file-date-unreadable"),
        (",2.1,", "count-file-no-date"),
        ("2026-12-01,2.1,", "count-file-ahead"),
        ("2019-12-31,2.1,", "count-file-before-birth"),
        ("2026-03-04,,", "count-file-nothing"),
        ("2026-03-04,n/a,", "count-file-nothing"),
        ("2026-03-04,2.1,x,y", "count-file-cells"),
        (",,x", "count-file-empty-line"),
    ],
)
def test_each_line_that_is_left_out_is_said(line: str, word: str) -> None:
    found = table(f"Date,WBC (10^9/L),Odd\n{line}\n2026-03-05,2.2,\n")
    assert word in words_of(found)
    assert (found.read, found.left) == (("3",), ("2",))
    assert [row["wbc"] for row in found.rows] == ["2.2 10*9/L"]


def test_bands_beside_neutrophils_in_all_are_not_counted_twice() -> None:
    found = table("Date,WBC (10^9/L),Neutrophils %,Bands %\n2026-03-04,2.1,38,3\n")
    assert words_of(found) == ["count-file-bands"]
    assert "bands" not in found.rows[0]
    segmented = table("Date,WBC (10^9/L),Neutrophils %,Segs %,Bands %\n2026-03-04,2.1,38,35,3\n")
    assert (segmented.rows[0]["neutrophils"], segmented.rows[0]["bands"]) == ("35", "3")


def test_two_lines_of_a_day_that_differ_are_both_kept_and_equal_ones_once() -> None:
    found = table("Date,WBC (10^9/L)\n2026-03-04,2.1\n2026-03-04,2.1\n2026-03-04,2.4\n")
    assert [row["wbc"] for row in found.rows] == ["2.1 10*9/L", "2.4 10*9/L"]
    assert words_of(found) == ["count-file-two-of-a-day"]


def test_a_table_about_several_people_is_refused() -> None:
    found = table("Patient ID,Date,WBC (10^9/L)\n1,2026-03-04,2.1\n2,2026-03-04,2.2\n")
    assert (found.rows, words_of(found), found.left) == ((), ["count-file-several-people"], ("2", "3"))


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "WBC (10^9/L)\n2.1\n", "\0\0", '"a\n', "Date\n2026-03-04\n", "x" * 200_000])
def test_what_is_no_table_of_counts_is_told(text: str) -> None:
    found = table(text)
    assert found.rows == ()
    assert found.problems


cells = st.sampled_from(
    ["", "2.1", "2,1", "2.100", "1,234.5", "<0.1", "12000", "9.8 g/dL", "35 %", "H", "-", "nan", "1e9", "810 /uL"]
)
days = st.sampled_from(["2026-03-04", "03/04/2026", "25/03/2026", "2030-01-01", "2001-01-01", "", "soon", "4 mar 2026 8:15 pm"])
headers = st.sampled_from(["WBC (10^9/L)", "ANC", "Plaquetas [miles/mm3]", "Hb", "Neutrophils %", "Bands %", "Odd", "Hora", "Nota"])


@given(
    st.lists(headers, min_size=1, max_size=5),
    st.lists(st.tuples(days, st.lists(cells, max_size=6)), max_size=8),
    st.sampled_from(",;\t"),
)
def test_every_line_is_accounted_for_and_every_row_can_be_kept(
    columns: list[str], lines: list[tuple[str, list[str]]], delimiter: str
) -> None:
    written = io.StringIO()
    table_of = csv.writer(written, delimiter=delimiter)
    table_of.writerow(["Fecha", *columns])
    table_of.writerows([day, *rest] for day, rest in lines)
    found = table(written.getvalue())
    filled = [n for n, (day, rest) in enumerate(lines, 2) if day or any(rest)]
    if found.read or found.left:
        assert sorted(map(int, (*found.read, *found.left))) == filled
    assert set(found.read) == {place for places in found.places for place in places}
    for row in found.rows:
        typed = read_typed(LIBRARY, SHELF.playbook.kinds["count"], row, TODAY, date(2020, 1, 1))
        assert typed.values == row, "a row says the same when it is typed into the form"
        assert typed.doubts == ()
    for problem in found.problems:
        for lang in LANGS:
            assert "{" not in problem.sentence(LIBRARY.words, lang)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json"]))
def test_no_file_makes_it_fall(data: bytes, name: str) -> None:
    read_counts(data, name, LIBRARY, SHELF.playbook, TODAY)


def test_a_file_that_is_too_large_is_told() -> None:
    assert words_of(table(b" " * 5_000_001)) == ["structured-too-large"]


# --- FHIR ---------------------------------------------------------------------------------------------------------------------


def observation(code: str = "6690-2", value: object = 2.1, unit: str = "10*3/uL", **more: object) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": "o1", "status": "final", "effectiveDateTime": "2026-03-04T08:15:00-05:00",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "subject": {"reference": "Patient/1"},
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    } | more  # fmt: skip


def bundle(*resources: dict[str, Any]) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in resources]})


def fhir(text: str, born: date | None = None, **asked: Any) -> CountsFile:
    return read_counts(text.encode(), "counts.json", LIBRARY, SHELF.playbook, TODAY, born, **asked)


def test_the_results_of_one_blood_draw_come_together() -> None:
    found = fhir(
        bundle(observation(), observation("718-7", 9.80, "g/dL", id="o2"), observation("777-3", 75, "10*9/L", id="o3"),
               observation("2345-7", 90, "mg/dL", id="o4"))
    )  # fmt: skip
    assert words_of(found) == ["count-file-other-observations"]
    (row,) = found.rows
    assert row == {"on": "2026-03-04", "time": "08:15", "wbc": "2.1 10*9/L", "hemoglobin": "9.8 g/dL", "platelets": "75 10*9/L"}
    assert found.places == (("1", "2", "3"),)


def test_a_laboratorys_digits_are_kept() -> None:
    text = bundle(observation()).replace("2.1", "2.10")
    assert fhir(text).rows[0]["wbc"] == "2.10 10*9/L"


def test_one_observation_and_a_panel_with_components_are_read() -> None:
    assert fhir(json.dumps(observation())).rows[0]["wbc"] == "2.1 10*9/L"
    parts = [{key: part[key] for key in ("code", "valueQuantity")} for part in (observation(), observation("751-8", 810, "/uL"))]
    panel = observation("58410-2", component=parts)
    del panel["valueQuantity"]
    assert fhir(bundle(panel)).rows == ({"on": "2026-03-04", "time": "08:15", "wbc": "2.1 10*9/L", "anc": "810 /uL"},)


@pytest.mark.parametrize(
    ("odd", "word"),
    [
        (observation(status="entered-in-error"), "count-file-withdrawn"),
        (observation(status="cancelled"), "count-file-withdrawn"),
        (observation(valueQuantity={"value": 0.1, "comparator": "<", "code": "10*9/L"}), "count-file-comparator"),
        (observation(valueQuantity={"value": 0.1}), "count-file-unit-missing-fhir"),
        (observation(unit="mmol/L"), "count-file-unit-unknown"),
        (observation(value="2.1"), "count-file-no-value"),
        (observation(value=True), "count-file-no-value"),
        (observation(value=None), "count-file-no-value"),
        (observation(value=10**60), "count-file-number"),
        (observation(value=-1), "count-file-out-of-range"),
        (observation(value=2, unit="/uL"), "count-file-unusual-unit"),
        (observation(effectiveDateTime=None), "count-file-no-date"),
        (observation(effectiveDateTime="2026-03"), "count-file-no-date"),
        (observation(effectiveDateTime="2027-03-04"), "count-file-ahead"),
    ],
)
def test_a_result_that_cannot_be_kept_is_left_out_and_said(odd: dict[str, Any], word: str) -> None:
    found = fhir(bundle(odd, observation("718-7", 9.8, "g/dL", id="good")))
    assert word in words_of(found)
    assert [set(row) for row in found.rows] == [{"on", "time", "hemoglobin"}]
    assert (found.read, found.left) == (("2",), ("1",))


def test_preliminary_results_and_world_time_are_kept_and_said() -> None:
    found = fhir(bundle(observation(status="preliminary", effectiveDateTime="2026-03-05T02:00:00Z")))
    assert words_of(found) == ["count-file-unfinished", "count-file-utc"]
    assert found.rows[0]["on"] == "2026-03-05"


def test_the_counts_of_another_child_do_not_come_in() -> None:
    other = fhir(bundle({"resourceType": "Patient", "birthDate": "2019-05-05"}, observation()), date(2020, 1, 1))
    assert (other.rows, words_of(other), other.needs) == ((), ["count-file-other-birth"], ("sure",))
    same = fhir(
        bundle({"resourceType": "Patient", "birthDate": "2019-05-05"}, observation()), date(2020, 1, 1), sure={"birth-date"}
    )
    assert len(same.rows) == 1
    several = fhir(bundle(observation(), observation(subject={"reference": "Patient/2"})))
    assert (several.rows, words_of(several)) == ((), ["count-file-several-patients"])


@pytest.mark.parametrize(
    "text",
    ["{", "{}", "[]", '{"resourceType": 1}', '{"resourceType": "Bundle", "entry": 3}', '{"resourceType": "Bundle"}', "null",
     '{"resourceType": "Observation", "code": {"coding": [3, {"system": "http://loinc.org", "code": []}]}}', "{" * 50_000],
)  # fmt: skip
def test_what_is_no_fhir_is_told(text: str) -> None:
    found = fhir(text)
    assert found.rows == ()
    assert found.problems


# --- shared data --------------------------------------------------------------------------------------------------------------


def shared(name: str) -> Path:
    folder = SHARED / "data" / name
    if not folder.is_dir():
        pytest.skip(f"the shared data {name} is not next to this checkout")
    return folder


@pytest.mark.shared
def test_all_neutrophils_of_a_real_maintenance_come_through_a_table_unchanged() -> None:
    """The published series has no dates, so each patient is given an invented first day."""
    with (shared("maintenance_anc_jost2020") / "anc_dose_events.csv").open(encoding="utf-8", newline="") as file:
        events = [row for row in csv.DictReader(file) if row["EVID"] == "0"]
    assert len(events) > 2000
    first = date(2020, 1, 1)
    for patient in sorted({row["ID"] for row in events}):
        own = [row for row in events if row["ID"] == patient]
        lines = [(first + timedelta(days=int(float(row["TIME"]))), Decimal(row["DV"])) for row in own]
        text = "Fecha;RAN (10^9/L)\n" + "".join(f"{day:%d/%m/%Y};{value:f}\n".replace(".", ",") for day, value in lines)
        found = table(text, dates="dmy", decimals="comma")
        notes = [Note("c", "count", f"n{n}", row, n) for n, row in enumerate(found.rows)]
        who = Note("c", "child", "c", {"name": "Invented"})
        read_back = sorted(reading.value for reading in readings(LIBRARY, SHELF, Record(who, tuple(notes)), "anc"))
        assert set(read_back) == {value for _, value in lines}
        assert sorted(map(int, found.read)) == list(range(2, len(lines) + 2))


@pytest.mark.shared
def test_the_published_series_itself_is_refused_because_it_has_no_dates() -> None:
    data = (shared("maintenance_anc_jost2020") / "anc_dose_events.csv").read_bytes()
    assert words_of(table(data)) == ["count-file-no-header"]


@pytest.mark.shared
def test_the_counts_of_invented_fhir_patients_are_all_found() -> None:
    codes = {"6690-2": "wbc", "718-7": "hemoglobin", "777-3": "platelets"}
    files = sorted(shared("fhir_synthea_children").glob("*.json"))
    assert len(files) == 5
    for path in files:
        resources = [entry["resource"] for entry in json.loads(path.read_text("utf-8"))["entry"]]
        born = date.fromisoformat(next(r["birthDate"] for r in resources if r["resourceType"] == "Patient"))
        found = fhir(path.read_text("utf-8"), born)
        expected = sorted(
            (r["effectiveDateTime"][:10], codes[r["code"]["coding"][0]["code"]])
            for r in resources
            if r["resourceType"] == "Observation" and r["code"]["coding"][0]["code"] in codes
        )
        assert expected
        assert sorted((row["on"], field) for row in found.rows for field in row if field in codes.values()) == expected
        assert set(words_of(found)) <= {"count-file-other-observations", "count-file-utc", "count-file-two-of-a-day"}


def test_the_playbook_has_the_codes_that_files_are_read_by(library: Library) -> None:
    codes = {field.id: field.code for field in SHELF.playbook.kinds["count"].fields if field.code}
    assert {"wbc": "6690-2", "anc": "751-8", "hemoglobin": "718-7", "platelets": "777-3"}.items() <= codes.items()
    assert "neutrophils" not in codes, "the code for all neutrophils would count the bands twice"

"""FHIR exports of many children: on every child the same as the one-child reader, and an honest account of what is damaged."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, SHARED
from remission.cohort.columns import Value, columns_of, values_of
from remission.cohort.engines import DuckEngine
from remission.cohort.fhir.reading import read_export
from remission.cohort.loaded import Loaded
from remission.knowledge.model import Library
from remission.record.fhir.files import open_fhir
from remission.record.fhir.meanings import Meanings, find_meanings
from remission.record.fhir.reader import FhirRecord, read_children
from remission.record.problems import InputProblem
from remission.rules.compiled import load_codes, load_library

LOINC, SNOMED, ICD, NCIT = (
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
)
RXNORM, UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://unitsofmeasure.org"
OWN = """
id: nasty
results:
  - {system: LOINC, code: cns-status, fact: cns}
  - {system: LOINC, code: mrd-eoi, fact: mrd_eoi, timed: true, limit: "0.01 %"}
  - {system: LOINC, code: mrd-day8, fact: mrd_eoi, takes: {of: treatment, from: 6 d, to: 9 d, which: last, status: background}}
  - {system: LOINC, code: wbc-low, fact: wbc, takes: {from: -30 d, to: 30 d, which: lowest, status: background}, unit: "10*9/L"}
  - {system: LOINC, code: both, fact: wbc, unit: "10*9/L"}
  - {system: LOINC, code: both, fact: hemoglobin, unit: g/dL}
  - {system: LOINC, code: karyo, reads: karyotype}
"""
Resource = dict[str, Any]


@pytest.fixture(scope="module")
def meanings() -> Meanings:
    return find_meanings(load_library(), load_codes())


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Meanings:
    path = tmp_path_factory.mktemp("own") / "own.yaml"
    path.write_text(OWN, "utf-8")
    return find_meanings(load_library(), load_codes(), str(path))


# --- both readers on one folder -----------------------------------------------------------------------------------------------


def table_of(meanings: Meanings, folder: Path, work: Path, **options: Any) -> tuple[Loaded, dict[str, dict[str, Value]]]:
    work.mkdir(exist_ok=True)
    engine = DuckEngine(work, threads=1)
    try:
        loaded = read_export(engine, meanings, folder, work=work, **options)
        names = engine.columns(loaded.children)
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in engine.rows(f"SELECT * FROM {loaded.children}")}
        assert len(rows) == loaded.persons
        assert not [name for (name,) in engine.rows("SELECT table_name FROM information_schema.tables") if name.startswith("fhir_")]
        return loaded, rows
    finally:
        engine.close()


def child_of(record: FhirRecord) -> str:
    if record.patient is not None:
        return next(held.id for held in record.resources if held.number == record.patient)
    return record.person.removeprefix("Patient/")


def differences(library: Library, rows: dict[str, dict[str, Value]], records: Iterator[FhirRecord]) -> list[tuple[Any, ...]]:
    """Where the table does not say what the one-child reader says; a child it does not know must have no facts."""
    found: list[tuple[Any, ...]] = []
    left = set(rows)
    for record in records:
        child = child_of(record)
        if child in rows:
            left.discard(child)
            found += [(child, *one) for one in _differences(library, rows[child], record)]
    return found + [(child, rows[child]) for child in left if any(value for name, value in rows[child].items() if name != "child")]


def _differences(library: Library, row: dict[str, Value], record: FhirRecord) -> Iterator[tuple[Any, ...]]:
    for definition in library.facts.values():
        expected = values_of(definition, record.facts.get(definition.id))
        columns = columns_of(definition)
        told = tuple(row.get(column.name, False if column.type == "BOOLEAN" else None) for column in columns)
        if told != expected:
            rule = record.answers[definition.id].rule if definition.id in record.answers else None
            yield definition.id, "expected", expected, "told", told, rule


def same(meanings: Meanings, folder: Path, work: Path, **options: Any) -> Loaded:
    loaded, rows = table_of(meanings, folder, work, **options)
    assert differences(meanings.library, rows, read_children(meanings, open_fhir(folder))) == []
    return loaded


# --- exports that are made here -----------------------------------------------------------------------------------------------


def written(folder: Path, *resources: Resource | bytes, parts: int = 1) -> Path:
    """An export of these resources, each kind in its own files; bytes go to the Observations as they are."""
    folder.mkdir(exist_ok=True)
    lines: dict[str, list[bytes]] = {}
    for resource in resources:
        kind = "Observation" if isinstance(resource, bytes) else resource["resourceType"]
        lines.setdefault(kind, []).append(resource if isinstance(resource, bytes) else json.dumps(resource).encode())
    for kind, of_kind in lines.items():
        for part in range(parts):
            (folder / f"{kind}.{part}.ndjson").write_bytes(b"".join(line + b"\n" for line in of_kind[part::parts]))
    return folder


def patient(child: str = "c1", born: str | None = "2019-03-10", **more: Any) -> Resource:
    return {"resourceType": "Patient", "id": child, "gender": "female"} | ({"birthDate": born} if born else {}) | more


def coded(*codes: tuple[str, str]) -> Resource:
    return {"coding": [{"system": system, "code": code} for system, code in codes]}


def about(child: str) -> Resource:
    return {"reference": f"Patient/{child}"}


def leukemia(child: str = "c1", on: str | None = "2023-09-04", code: str = "C91.00", **more: Any) -> Resource:
    made: Resource = {"resourceType": "Condition", "id": f"all-{child}", "code": coded((ICD, code)), "subject": about(child)}
    return made | ({"onsetDateTime": on} if on else {}) | more


def lab(
    child: str = "c1", value: Any = 12, unit: str = "10*9/L", on: str | None = "2023-09-04", code: str = "6690-2", **more: Any
) -> Resource:
    quantity = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    made: Resource = {"resourceType": "Observation", "status": "final", "code": coded((LOINC, code)), "subject": about(child)}
    made |= {"valueQuantity": quantity} | ({"effectiveDateTime": on} if on else {})
    return {name: part for name, part in (made | more).items() if part is not None}


def dose(child: str = "c1", on: str = "2023-09-05", code: str = "8640", **more: Any) -> Resource:
    made: Resource = {"resourceType": "MedicationAdministration", "status": "completed", "subject": about(child)}
    made |= {"medicationCodeableConcept": coded((RXNORM, code)), "effectiveDateTime": on}
    return {name: part for name, part in (made | more).items() if part is not None}


class Nasty:
    """Children as hospitals write them, and worse: everything that a reader may stumble over, at random."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)  # noqa: S311 - invented children, no secret
        self.number = 0

    def children(self, number: int) -> list[Resource]:
        return [resource for place in range(number) for resource in self._child(f"c{place}")]

    def _id(self) -> str:
        self.number += 1
        return f"r{self.number}"

    def _one(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def _seldom(self, chance: float = 0.08) -> bool:
        return self.random.random() < chance

    def _child(self, child: str) -> list[Resource]:
        r = self.random
        made = [self._patient(child)]
        if self._seldom():
            made.append(self._patient(child) if self._seldom(0.5) else dict(made[0]))
        made += [self._condition(child) for _ in range(r.choice((0, 1, 1, 1, 1, 1, 2)))]
        made += [self._observation(child) for _ in range(r.randrange(0, 7))]
        made += [self._dose(child) for _ in range(r.choice((0, 0, 0, 1, 2, 3)))]
        if self._seldom():
            again = dict(self._one(*made))
            again["meta"] = {
                "versionId": self._one("1", "2"),
                "lastUpdated": self._one("2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
            }
            if self._seldom(0.5):
                again["status"] = "entered-in-error"
            made.append(again)
        return made

    def _patient(self, child: str) -> Resource:
        made = patient(
            child, self._one("2019-03-10", "2020-02-29", "2019-03-10", "2019", "2019-05", None, "2019-02-31", "2024-01-01", "x")
        )
        made["gender"] = self._one("male", "female", "other", "unknown")
        if self._seldom(0.3):
            made["extension"] = [{"url": "http://example.org/x", "valueString": "y"}]
            made["extension"].append(
                {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": self._one("M", "F", "UNK")}
            )
        if self._seldom(0.03):
            made["modifierExtension"] = [{"url": "http://example.org/not"}]
        if self._seldom():
            made["meta"] = {"security": [{"code": "HTEST"}], "lastUpdated": "2023-01-01T00:00:00Z"}
        return made

    def _about(self, child: str) -> Resource:
        return {
            "subject": self._one(
                *[about(child)] * 12, {"reference": f"https://example.org/fhir/Patient/{child}"},
                {"reference": f"Patient/{child}/_history/2"},
                about("c1"), {"reference": f"Group/{child}"},
            )
        }  # fmt: skip

    def _part(self, *choices: Resource) -> Resource:
        return self.random.choice(choices)

    def _when(self) -> Resource:
        day = f"2023-{self._one('08-28', '09-01', '09-03', '09-04', '09-04', '09-05', '09-06', '09-12', '10-04')}"
        time = self._one(
            "",
            "",
            "T08:00:00Z",
            "T23:30:00-05:00",
            "T01:00:00+05:30",
            "T10:00:00",
            "T10:00:00.250+00:00",
            "T24:00:00Z",
            "T10:00:61Z",
            "T09:00Z",
        )
        return self._part(
            *[{"effectiveDateTime": day + time}] * 14, {}, {"effectiveDateTime": "2023-09"}, {"effectiveDateTime": "2023"},
            {"effectivePeriod": {"start": day, "end": "2023-09-06"}}, {"effectivePeriod": {"start": day}},
            {"effectiveInstant": day + "T08:00:00Z"},
            {"effectiveDateTime": "gestern"}, {"effectiveDateTime": "2023-9-4"}, {"effectiveDateTime": "2023-09-04T08:00:00+14:30"},
        )  # fmt: skip

    def _condition(self, child: str) -> Resource:
        code = self._one(
            *[coded((ICD, "C91.00"), (SNOMED, "91857003"))] * 4, coded((ICD, "C91.01")), coded((ICD, "C91.02")), coded((SNOMED,
            "277571004")),
            coded((NCIT, "C80331")), coded((NCIT, "C43224")), coded((ICD, "J06.9")), {"text": "ALL"}, coded((NCIT, "C3183")),
        )  # fmt: skip
        made: Resource = {"resourceType": "Condition", "id": self._id(), "code": code} | self._about(child)
        made |= self._one(
            *[{"onsetDateTime": "2023-09-04"}] * 6, {"onsetDateTime": "2023-09"}, {"onsetDateTime": "2023-09-02T10:00:00Z"}, {},
            {"onsetPeriod": {"start": "2023-09-03"}}, {"recordedDate": "2023-09-10"}, {"onsetAge": {"value": 4, "code": "a",
            "unit": "a"}},
            {"onsetDateTime": "2018-01-01"}, {"onsetString": "as a baby"},
        )  # fmt: skip
        if self._seldom(0.2):
            made["verificationStatus"] = self._one(coded(("x", "confirmed")), coded(("x", "refuted")), {"text": "confirmed"})
        if self._seldom(0.2):
            made["extension"] = [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate",
                    "valueDateTime": self._one("2023-09-05", "2023", "no"),
                },
                {
                    "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
                    "valueCodeableConcept": coded(("http://terminology.hl7.org/CodeSystem/icd-o-3", self._one("9836/3", "9837/3"))),
                },
            ]
        if self._seldom(0.03):
            made["implicitRules"] = "http://example.org/rules"
        return made

    def _dose(self, child: str) -> Resource:
        made = dose(
            child,
            self._one(
                "2023-09-04",
                "2023-09-05",
                "2023-09-05T10:00:00Z",
                "2023-09-05T12:00:00+02:00",
                "2022-01-01",
                "2023-09-30",
                "2023-09",
            ),
        )
        made |= {"id": self._id(), "resourceType": self._one("MedicationAdministration", "MedicationStatement")} | self._about(
            child
        )
        made["status"] = self._one("completed", "completed", "active", "intended", "not-done")
        if self._seldom(0.25):
            made["medicationCodeableConcept"] = self._one(coded((RXNORM, "161")), coded((RXNORM, "11202")), {"text": "prednisone"})
        if self._seldom(0.1):
            del made["medicationCodeableConcept"]
            made["medicationReference"] = {"reference": self._one("Medication/pred", "Medication/other", "Medication/gone", "#m")}
            if made["medicationReference"]["reference"] == "#m":
                made["contained"] = [{"resourceType": "Medication", "id": "m", "code": coded((RXNORM, "8640"))}]
        return made

    def _observation(self, child: str) -> Resource:
        made: Resource = {"resourceType": "Observation", "id": self._id(), "status": "final"} | self._about(child) | self._when()
        if self._seldom(0.12):
            made["status"] = self._one("preliminary", "entered-in-error", "amended", "registered", "unknown", "cancelled", None)
        code, value = self._one(
            (self._one("6690-2", "26464-8"), self._number), ("6690-2", self._number), ("718-7", self._gram), ("777-3",
            self._number),
            ("751-8", self._number), ("cns-status", self._cns), ("cns-status", self._cns), ("mrd-eoi", self._share),
            ("mrd-day8", self._share),
            ("26446-5", self._share), ("72218-1", self._answer), ("46434-7", self._answer), ("wbc-low", self._number), ("both",
            self._number),
            ("karyo", self._words), ("9999-9", self._words), ("9999-9", self._number), ("30376-8", self._number), ("85354-9",
            self._parts),
            ("81291-7", self._words), ("69548-6", self._gene),
        )  # fmt: skip
        made["code"] = self._one(
            *[coded((LOINC, code))] * 8,
            coded(("http://local", "x"), (LOINC, code)),
            coded((LOINC, code), ("http://local", "x")) | {"text": "t"},
        )
        made |= value()
        if self._seldom(0.05):
            made |= self._one(
                {"focus": [{"reference": "Condition/1"}]}, {"focus": [about("mother")]}, {"modifierExtension": [{"url": "u"}]},
                {"component": [{"code": coded((LOINC, "6690-2")), "valueQuantity": {"value": 9, "unit": "10*9/L"}}]},
                {"dataAbsentReason": coded(("x", "not-performed"))}, {"contained": [{"resourceType": "Specimen", "id": "s"}]},
            )  # fmt: skip
        return {name: part for name, part in made.items() if part is not None}

    def _quantity(self, value: Any, *units: str) -> Resource:
        unit = self._one(*units)
        made = {"value": value, "unit": unit, "system": UCUM, "code": unit}
        if self._seldom(0.15):
            made["comparator"] = self._one("<", ">", "<=", ">=", "ad")
        if self._seldom(0.1):
            made.pop(self._one("code", "unit", "system", "value"))
        if self._seldom(0.05):
            made = {"value": value}
        return {"valueQuantity": made} | (
            {"interpretation": [coded(("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "H"))]}
            if self._seldom(0.2)
            else {}
        )

    def _number(self) -> Resource:
        value = self._one(12, 12.5, 0.1, 3.07, 250, 12, 50, 0, 12.300000000000001, 5000, -1, 1e-7, 0.30000000000000004)
        unit = self._one("10*9/L", "10*3/uL", "/uL", "mg/dL", "{cells}/uL", "G/L", "10*6/L")
        if unit in ("/uL", "{cells}/uL") and self._seldom(0.9):
            value = value * 1000
        return self._quantity(value, unit) if not self._seldom(0.15) else self._odd()

    def _gram(self) -> Resource:
        return self._quantity(self._one(7.1, 10, 8.0), "g/dL", "g/L", "mmol/L") if not self._seldom(0.1) else self._odd()

    def _share(self) -> Resource:
        return (
            self._quantity(self._one(0, 0.001, 0.01, 0.5, 12, 101, 0.0125), "%", "{ratio}", "1")
            if not self._seldom(0.2)
            else self._odd()
        )

    def _odd(self) -> Resource:
        return self._part(
            {"dataAbsentReason": coded(("x", self._one("not-performed", "unknown", "temp-unknown", "masked", "as-text")))},
            {"valueString": "12 10*9/L"},
            {"valueString": "<0.01 %"}, {"valueString": "pending"}, {"valueInteger": 12}, {"valueBoolean": True},
            {"valueRatio": {}}, {},
            {"valueRange": {"low": {"value": 3, "unit": "10*9/L"}, "high": {"value": 5, "unit": "10*9/L"}}},
            {"valueQuantity": {"unit": "%"}},
            {"valueCodeableConcept": {"text": "negative"}}, {"valueQuantity": {"value": 5, "unit": "%"}, "valueString": "5"},
        )  # fmt: skip

    def _cns(self) -> Resource:
        return {
            "valueCodeableConcept": {
                "coding": [{"system": "http://local", "code": "q"}],
                "text": self._one("CNS1", "CNS2", "CNS2a", "cns3", "CNS9"),
            }
        }

    def _answer(self) -> Resource:
        code = self._one("LA9633-4", "LA9634-2", "LA18198-4", "LA0-0")
        made: Resource = (
            {"valueCodeableConcept": coded((LOINC, code))}
            if not self._seldom(0.2)
            else {"valueString": self._one("detected", "no", "?")}
        )
        if self._seldom(0.2):
            made["method"] = coded((LOINC, "LA26406-1"))
        if self._seldom(0.1):
            made = {
                "interpretation": [
                    coded(("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", self._one("POS", "ND", "H")))
                ]
            }
        return made

    def _words(self) -> Resource:
        return {
            "valueString": self._one(
                "46,XX[20]", "55,XY,+X,+4,+10,+21[12]/46,XY[8]", "nothing to see", "120 mmHg", "nuc ish(ETV6x2)", " 45 , X,-Y"
            )
        }

    def _parts(self) -> Resource:
        return {
            "component": [
                {"code": coded((LOINC, "8480-6")), "valueQuantity": {"value": 99, "unit": "mmHg"}},
                {"code": coded((LOINC, "8462-4"))},
            ]
        }

    def _gene(self) -> Resource:
        gene = {
            "coding": [{"system": "http://www.genenames.org/geneId", "code": "HGNC:3495", "display": "ETV6"}],
            "text": "ETV6::RUNX1",
        }
        return {
            "valueCodeableConcept": coded((LOINC, "LA9633-4")),
            "component": [{"code": coded((LOINC, "48018-6")), "valueCodeableConcept": gene}],
        }


MEDICATIONS = [
    {"resourceType": "Medication", "id": "pred", "code": coded((RXNORM, "8640"))},
    {"resourceType": "Medication", "id": "other", "code": coded((RXNORM, "161"))},
]


@pytest.mark.parametrize("seed", range(8))
def test_nasty_children_are_read_as_one_by_one(own: Meanings, tmp_path: Path, seed: int) -> None:
    folder = written(tmp_path / "export", *Nasty(seed).children(60), *MEDICATIONS, parts=1 + seed % 3)
    loaded = same(own, folder, tmp_path / "work")
    assert loaded.persons == 60
    assert 0 < loaded.counters["cohort-fhir-one-by-one"] < 60


# --- plain children, one thing at a time --------------------------------------------------------------------------------------


def test_plain_children_take_the_quick_way(meanings: Meanings, tmp_path: Path) -> None:
    folder = written(
        tmp_path / "export", patient(), leukemia(), lab(id="w1"), lab(value=14000, unit="/uL", on="2023-09-03", id="w2")
    )
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert rows["c1"]["wbc_low"] == rows["c1"]["wbc_high"] == 14.0  # the highest before treatment
    assert rows["c1"]["age_days_low"] == 4 * 365.25 + 178
    assert "cohort-fhir-one-by-one" not in loaded.counters
    assert loaded.counters["cohort-fhir-several-results"] == 1
    assert (loaded.records, loaded.persons, loaded.rejected, loaded.rejects) == (4, 1, 0, None)
    same(meanings, folder, tmp_path / "again")


@pytest.mark.parametrize(
    ("born", "on"),
    [
        ("2020-02-29", "2023-02-28"),
        ("2020-02-29", "2023-03-01"),
        ("2020-02-29", "2024-02-29"),
        ("2019-12-31", "2020-01-01"),
        ("2000-02-29", "2100-03-01"),
    ],
)
def test_an_age_is_that_of_the_one_definition(meanings: Meanings, tmp_path: Path, born: str, on: str) -> None:
    loaded = same(meanings, written(tmp_path / "export", patient(born=born), leukemia(on=on)), tmp_path / "work")
    assert (loaded.persons, loaded.rejected) == (1, 0)


def test_several_counts_on_one_day(meanings: Meanings, tmp_path: Path) -> None:
    """The highest of the white counts counts; the first of other values, and none where their times do not tell which was first."""
    counts = [lab(value=12, on="2023-09-04", id="a"), lab(value=50, on="2023-09-04", id="b")]
    others = [lab(value=90, on="2023-09-04", id="c", code="777-3"), lab(value=40, on="2023-09-04", id="d", code="777-3")]
    folder = written(tmp_path / "export", patient(), leukemia(), *counts, *others)
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert (rows["c1"]["wbc_low"], rows["c1"].get("platelets_low")) == (50.0, None)
    assert loaded.counters["cohort-fhir-several-results"] == 2
    same(meanings, folder, tmp_path / "again")


def test_a_missing_unit_is_counted_and_never_guessed(meanings: Meanings, tmp_path: Path) -> None:
    folder = written(tmp_path / "export", patient(), leukemia(), lab(valueQuantity={"value": 12}))
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert "wbc_low" not in rows["c1"]
    assert loaded.counters["cohort-fhir-unit-missing"] == 1


def test_a_result_without_a_status_is_counted(meanings: Meanings, tmp_path: Path) -> None:
    """Even where its number is plain: nothing is left without a word."""
    folder = written(tmp_path / "export", patient(), leukemia(), lab(status=None))
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert "wbc_low" not in rows["c1"]
    assert loaded.counters["cohort-fhir-status"] == 1


def test_a_line_that_is_longer_than_expected_is_read(
    meanings: Meanings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """DuckDB refuses a very long line at first. The file is then read as one with long lines, and nothing of it is rejected."""
    import duckdb

    from remission.cohort.fhir.gathering import Gathering

    usual = Gathering._read

    def refusing(self: Gathering, table: str, files: Any, query: str, parts: Any) -> None:
        if "maximum_object_size" not in query:
            raise duckdb.InvalidInputException('"maximum_object_size" of 16777216 bytes exceeded')
        usual(self, table, files, query, parts)

    monkeypatch.setattr(Gathering, "_read", refusing)
    folder = written(tmp_path / "export", patient(), leukemia(), lab())
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert (rows["c1"]["wbc_low"], loaded.rejected) == (12.0, 0)


def test_treatment_ends_the_window(meanings: Meanings, tmp_path: Path) -> None:
    doses = [
        dose(on="2023-09-04T10:00:00Z", id="d1"),
        dose(on="2022-01-01", id="d0"),
        dose(on="2023-09-04T10:00:00Z", id="d2", status="not-done"),
    ]
    counts = [lab(value=12, on="2023-09-04T09:00:00Z", id="a"), lab(value=50, on="2023-09-04T11:00:00Z", id="b")]
    folder = written(tmp_path / "export", patient(), leukemia(), *doses, *counts)
    _, rows = table_of(meanings, folder, tmp_path / "work")
    assert rows["c1"]["wbc_low"] == 12.0
    same(meanings, folder, tmp_path / "again")


def test_roundabout_references(meanings: Meanings, tmp_path: Path) -> None:
    """By a visit, by an identifier, by a search: the child is found as the one-child reader finds it."""
    identifier = {"system": "urn:mrn", "value": "77"}
    people = [patient("c1", identifier=[identifier]), patient("c2", born="2018-01-01")]
    visit = {"resourceType": "Encounter", "id": "e1", "subject": about("c2")}
    resources = [
        leukemia("c1", subject={"identifier": identifier}), leukemia("c2"), lab("c1",
        subject={"reference": "Patient?identifier=urn:mrn|77"}),
        lab("c2", subject=None, encounter={"reference": "Encounter/e1"}, id="by-visit"),
    ]  # fmt: skip
    folder = written(tmp_path / "export", *people, visit, *resources)
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert rows["c1"]["wbc_low"] == rows["c2"]["wbc_low"] == 12.0
    assert loaded.counters["cohort-fhir-one-by-one"] == 2
    same(meanings, folder, tmp_path / "again")


def test_compressed_files_and_mixed_ones(meanings: Meanings, tmp_path: Path) -> None:
    plain = written(tmp_path / "plain", patient(), leukemia(), lab(), dose())
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    text = b"".join(path.read_bytes() for path in sorted(plain.iterdir()))
    (mixed / "all.ndjson.gz").write_bytes(gzip.compress(text))
    (mixed / "notes.txt").write_text("nothing", "utf-8")
    one, first = table_of(meanings, plain, tmp_path / "w1")
    other, second = table_of(meanings, mixed, tmp_path / "w2")
    assert first == second
    assert one.facts == other.facts
    assert [note.word for note in other.notes] == ["cohort-fhir-other-files"]


# --- what is damaged ----------------------------------------------------------------------------------------------------------

GOOD = json.dumps(lab(id="good")).encode()


def cut(line: bytes) -> bytes:
    return line[: len(line) // 2]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (cut(GOOD), "cohort-fhir-line-malformed"), (b"hello", "cohort-fhir-line-malformed"), (GOOD + b" " + GOOD,
        "cohort-fhir-line-malformed"),
        (GOOD.replace(b"good", b"g\xe9"), "cohort-fhir-not-text"), (GOOD.decode().encode("utf-16"), "cohort-fhir-not-text"),
        (GOOD.replace(b'"status"', b'"x":"\xff","status"'), "cohort-fhir-not-text"), (b"[1, 2]", "cohort-fhir-no-resource"),
        (b"null", "cohort-fhir-no-resource"), (b"{}", "cohort-fhir-no-resource"), (b"5", "cohort-fhir-no-resource"),
        (GOOD.replace(b'"good"', b'"a\tb"'), "cohort-fhir-line-malformed"), (GOOD.replace(b'"good"', b'"\\ud800"'),
        "cohort-fhir-line-malformed"),
        (GOOD.replace(b'{"coding"', b'[{"coding"', 1), "cohort-fhir-line-malformed"),
        (json.dumps(lab(code="6690-2", id="s") | {"code": "wbc"}).encode(), "cohort-fhir-malformed"),
        (json.dumps(lab(id="s") | {"valueQuantity": 12}).encode(), "cohort-fhir-malformed"),
        (json.dumps(lab(id="s") | {"valueQuantity": {"value": "many"}}).encode(), "cohort-fhir-malformed"),
    ],
)  # fmt: skip
def test_a_damaged_line_is_rejected_and_the_run_goes_on(meanings: Meanings, tmp_path: Path, line: bytes, word: str) -> None:
    """A line that cannot be read stands in the rejects with its file, its line and a sentence; everybody else is read as before."""
    people = [patient(), leukemia(), patient("c2"), leukemia("c2")]
    folder = written(tmp_path / "export", *people, lab(id="1", value=20), line, lab("c2", id="2", value=30))
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert {row["child"]: row["wbc_low"] for row in rows.values()} == {"c1": 20.0, "c2": 30.0}
    assert loaded.counters[word] == loaded.rejected == 1
    assert loaded.rejects is not None
    _, told = loaded.rejects.read_text("utf-8").splitlines()
    assert told.startswith("Observation.0.ndjson,2,")
    assert word in told
    assert loaded.records == 7


def test_a_file_that_was_cut_off(meanings: Meanings, tmp_path: Path) -> None:
    folder = written(tmp_path / "export", patient(), leukemia(), lab(id="1", value=20), lab(id="2", value=30))
    path = folder / "Observation.0.ndjson"
    path.write_bytes(path.read_bytes()[:-40])
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert rows["c1"]["wbc_low"] == 20.0
    assert loaded.counters["cohort-fhir-line-malformed"] == 1


def test_a_compressed_file_that_was_cut_off_is_refused(meanings: Meanings, tmp_path: Path) -> None:
    folder = written(tmp_path / "export", patient(), leukemia())
    packed = gzip.compress(b"".join(json.dumps(lab(id=str(n), value=10 + n % 7)).encode() + b"\n" for n in range(2000)))
    (folder / "Observation.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputProblem, match=r"cohort-fhir-file-broken|file-unreadable"):
        table_of(meanings, folder, tmp_path / "work")


def test_a_key_that_stands_twice_is_left_to_the_careful_reader(meanings: Meanings, tmp_path: Path) -> None:
    twice = json.dumps(lab(id="t", value=90)).encode().replace(b'"status": "final"', b'"status": "final", "status": "final"')
    folder = written(tmp_path / "export", patient(), leukemia(), lab(id="1", value=20), twice)
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert rows["c1"]["wbc_low"] == 20.0
    assert loaded.counters["cohort-fhir-unclear"] == 1
    same(meanings, folder, tmp_path / "again")


def test_a_resource_about_nobody_known(meanings: Meanings, tmp_path: Path) -> None:
    folder = written(tmp_path / "export", patient(), leukemia(), lab("ghost", id="1"), lab("ghost", id="2", code="2160-0"))
    loaded, rows = table_of(meanings, folder, tmp_path / "work")
    assert list(rows) == ["c1"]
    assert loaded.counters["cohort-fhir-nobody-known"] == 1  # what is not asked for is not looked at


def test_patients_that_stand_twice(meanings: Meanings, tmp_path: Path) -> None:
    newer = patient("c2", born="2018-01-01") | {"meta": {"lastUpdated": "2024-01-01T00:00:00Z"}}
    people = [
        patient(),
        patient(),
        patient("c2", born="2017-01-01"),
        newer,
        patient("c3", born="2015-01-01"),
        patient("c3", born="2016-01-01"),
    ]
    folder = written(tmp_path / "export", *people, *(leukemia(f"c{n}") for n in (1, 2, 3)))
    loaded = same(meanings, folder, tmp_path / "work")
    assert (loaded.persons, loaded.counters["cohort-fhir-same-patient"]) == (3, 3)
    assert loaded.counters["cohort-fhir-two-versions"] == 2


@pytest.mark.parametrize("files", [[], ["notes.txt"], ["Observation.ndjson"]])
def test_a_folder_that_is_no_export(meanings: Meanings, tmp_path: Path, files: list[str]) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    for name in files:
        (folder / name).write_bytes(GOOD)
    with pytest.raises(InputProblem) as refused:
        table_of(meanings, folder, tmp_path / "work")
    assert refused.value.word in ("cohort-fhir-no-ndjson", "cohort-fhir-no-patients")
    assert refused.value.sentence(meanings.library.words, "en")


def test_every_counter_has_a_sentence(library: Library) -> None:
    from remission.cohort.fhir import dictionary

    used = {*dictionary._WORDS.values(), "cohort-fhir-value-unread"} - {""}
    assert used <= set(library.words)
    assert all(library.words[word].en and library.words[word].es for word in used)


# --- going on after an interruption -------------------------------------------------------------------------------------------


def test_a_large_file_leaves_a_part_to_go_on_from(own: Meanings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run reads the part and not the file, and says the same; another file, or another map, leaves the part aside."""
    folder = written(tmp_path / "export", *Nasty(3).children(40), *MEDICATIONS)
    work = tmp_path / "work"
    first = table_of(own, folder, work, large=1)
    (part,) = work.glob("found-*.parquet")
    before = part.stat().st_mtime_ns
    assert table_of(own, folder, work, large=1) == first
    assert part.stat().st_mtime_ns == before
    table_of(find_meanings(load_library(), load_codes()), folder, work, large=1)
    assert [other for other in work.glob("found-*") if other == part] == []
    observations = folder / "Observation.0.ndjson"
    observations.write_bytes(observations.read_bytes() + GOOD + b"\n")
    table_of(own, folder, work, large=1)
    assert len(list(work.glob("found-*"))) == 1
    assert table_of(own, folder, tmp_path / "other")[1] == table_of(own, folder, work, large=1)[1]


# --- shared data --------------------------------------------------------------------------------------------------------------


def test_an_invented_export(meanings: Meanings, tmp_path: Path) -> None:
    script = SHARED / "bench" / "fhir_export.py"
    if not script.exists():
        pytest.skip("the shared script that invents an export is not next to this checkout")
    subprocess.run([sys.executable, str(script), str(tmp_path / "export"), "300"], check=True)
    loaded = same(meanings, tmp_path / "export", tmp_path / "work")
    assert (loaded.persons, loaded.records, loaded.rejected) == (300, 5100, 0)
    assert "cohort-fhir-one-by-one" not in loaded.counters


def test_synthea_children(meanings: Meanings, tmp_path: Path) -> None:
    """As a bulk export would give them: without the Bundle, and with references that name the Patient."""
    bundles = sorted((SHARED / "data" / "fhir_synthea_children").glob("*.json"))
    if not bundles:
        pytest.skip("the shared Synthea children are not next to this checkout")
    resources = []
    for bundle in bundles:
        entries = json.loads(bundle.read_text("utf-8"))["entry"]
        text = json.dumps([entry["resource"] for entry in entries])
        for entry in entries:
            text = text.replace(f'"{entry["fullUrl"]}"', f'"{entry["resource"]["resourceType"]}/{entry["resource"]["id"]}"')
        resources += json.loads(text)
    loaded = same(meanings, written(tmp_path / "export", *resources), tmp_path / "work")
    assert loaded.persons == len(bundles)


def test_the_golden_export(meanings: Meanings, tmp_path: Path) -> None:
    assert same(meanings, ROOT / "cases" / "fhir" / "export", tmp_path / "work").persons


# --- views for other tools ----------------------------------------------------------------------------------------------------


def test_the_views_have_what_the_standard_asks_for(library: Library) -> None:
    from remission.cohort.fhir.views import view_definitions

    views = view_definitions(library, load_codes())
    assert list(views) == ["Patient", "Condition", "Observation"]
    for kind, view in views.items():
        assert (view["resource"], view["status"]) == (kind, "draft")
        columns = [column for select in view["select"] for column in select["column"]]
        names = [column["name"] for column in columns]
        assert len(set(names)) == len(names)
        assert all(name.isidentifier() for name in names)
        assert all(set(column) == {"name", "path", "type"} and column["path"] for column in columns)
        json.dumps(view)
    where = views["Observation"]["where"][0]["path"]
    for fact in library.facts.values():
        assert all(f"code = '{code.code}'" in where for code in fact.codes)

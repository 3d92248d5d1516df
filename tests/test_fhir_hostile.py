"""FHIR files that are broken, hostile or odd: refused with a sentence or read with a reason, never a crash, a hang or a guess."""

from __future__ import annotations

import copy
import json
import random
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, Run
from remission.documents.fhir_report import report_json, report_text
from remission.knowledge.model import LANGS
from remission.record.fhir import files
from remission.record.fhir.files import open_bytes
from remission.record.fhir.meanings import find_meanings
from remission.record.fhir.reader import FhirRecord, read_children, read_record
from remission.record.problems import InputProblem
from remission.rules.compiled import load_codes, load_library

GOLDEN = ROOT / "cases" / "fhir"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))
MEANINGS = find_meanings(load_library(), load_codes(), str(GOLDEN / "local-codes.yaml"))
BUNDLES: dict[str, dict[str, Any]] = {name: json.loads((GOLDEN / f"{name}.json").read_text("utf-8")) for name in NAMES}

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ODD = st.sampled_from(
    ["", " ", "2023", "2023-09-04", "9999-12-31T23:59:60+14:00", "#x", "Patient/child", "urn:uuid:1", "http://loinc.org", "6690-2",
     "entered-in-error", "46,XX,t(9;22)(q34;q11.2)[20]", "<", "1e999999", "\u0000", "\U0001f600", -1, 0, 1e308, 10**40, [], {}]
)  # fmt: skip


def read(data: bytes, name: str = "made.json", asked: str = "") -> FhirRecord:
    return read_record(MEANINGS, open_bytes(data, name), asked)


def told(record: FhirRecord) -> None:
    """Everything that can be asked of a record, so that nothing in it stays unsaid."""
    assert [account.number for account in record.accounts] == [held.number for held in record.resources]
    assert all(account.used_for or account.left for account in record.accounts)
    for lang in LANGS:
        report_text(load_library(), record, "made.json", lang, full=True)
    report_json(load_library(), record, "made.json", "en", full=True)


def refused(data: bytes, name: str = "made.json") -> str:
    with pytest.raises(InputProblem) as problem:
        read(data, name)
    for lang in LANGS:
        assert len(problem.value.sentence(load_library().words, lang)) > 30
    return problem.value.word


# --- any damage ---------------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.sampled_from(["x.json", "x.ndjson"]))
def test_any_bytes_are_refused_or_read(data: bytes, name: str) -> None:
    with suppress(InputProblem):
        told(read(data, name))


@given(st.sampled_from(NAMES), st.integers(0, 2**32), st.lists(ANY_JSON | ODD, min_size=1, max_size=6))
def test_a_record_with_anything_put_anywhere_is_refused_or_accounted_for(name: str, seed: int, values: list[Any]) -> None:
    bundle, chance = copy.deepcopy(BUNDLES[name]), _chance(seed)
    for value in values:
        _put_somewhere(bundle, value, chance)
    _read_if_it_can_be(json.dumps(bundle).encode())


@given(st.sampled_from(NAMES), st.integers(0, 2**32), st.integers(1, 8))
def test_a_record_with_parts_left_out_or_doubled_is_refused_or_accounted_for(name: str, seed: int, times: int) -> None:
    bundle, chance = copy.deepcopy(BUNDLES[name]), _chance(seed)
    for _ in range(times):
        holder = _somewhere(bundle, chance)
        if isinstance(holder, dict) and holder:
            del holder[chance.choice(list(holder))]
        elif isinstance(holder, list) and holder:
            holder.append(copy.deepcopy(chance.choice(holder)))
    _read_if_it_can_be(json.dumps(bundle).encode())


@given(st.sampled_from(NAMES), st.data())
def test_a_record_with_bytes_changed_is_refused_or_accounted_for(name: str, data: st.DataObject) -> None:
    raw = bytearray((GOLDEN / f"{name}.json").read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))
    _read_if_it_can_be(bytes(raw))


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chance for a test, nothing secret


def _read_if_it_can_be(data: bytes) -> None:
    with suppress(InputProblem):
        opened = open_bytes(data, "made.json")
        for record in read_children(MEANINGS, opened):
            told(record)
        told(read_record(MEANINGS, opened))


def _somewhere(value: Any, chance: random.Random) -> Any:
    while isinstance(value, (dict, list)) and value and chance.random() < 0.8:
        inner = [part for part in (value.values() if isinstance(value, dict) else value) if isinstance(part, (dict, list))]
        if not inner:
            return value
        value = chance.choice(inner)
    return value


def _put_somewhere(bundle: Any, value: Any, chance: random.Random) -> None:
    holder = _somewhere(bundle, chance)
    if isinstance(holder, dict) and holder:
        holder[chance.choice(list(holder))] = value
    elif isinstance(holder, list) and holder:
        holder[chance.randrange(len(holder))] = value


# --- what must not change the answer ------------------------------------------------------------------------------------------


@given(
    st.sampled_from(["girl-with-b-all", "absent-and-bounds", "local-codes", "dates-in-part", "genes-and-karyotype"]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_a_record_says_nothing(name: str, chance: random.Random) -> None:
    bundle = copy.deepcopy(BUNDLES[name])
    before = read(json.dumps(bundle).encode()).facts
    chance.shuffle(bundle["entry"])
    after = read(json.dumps(bundle).encode()).facts
    assert {fact: (value.low, value.high, value.options, value.absent_reason) for fact, value in before.items()} == {
        fact: (value.low, value.high, value.options, value.absent_reason) for fact, value in after.items()
    }


@given(st.sampled_from(NAMES), st.integers(0, 2**32))
def test_a_resource_less_never_turns_an_answer_into_its_opposite_for_yes_and_no(name: str, seed: int) -> None:
    """Leaving a resource out may open a fact; it never turns a “yes” into a “no”, or “not recorded” into either."""
    bundle, chance = copy.deepcopy(BUNDLES[name]), _chance(seed)
    asked = "ben" if name == "two-children" else ""
    before = read(json.dumps(bundle).encode(), asked=asked).facts
    entries = [place for place, entry in enumerate(bundle["entry"]) if entry["resource"]["resourceType"] != "Patient"]
    removed = bundle["entry"].pop(chance.choice(entries))["resource"]
    after = read(json.dumps(bundle).encode(), asked=asked).facts
    for fact, value in after.items():
        if value.options and fact in before and before[fact].options and "fish" not in removed["id"]:
            assert set(value.options) & set(before[fact].options), (fact, removed["id"])


# --- damage of known kinds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_truncated_bundle_is_refused_wherever_it_breaks_off(name: str) -> None:
    whole = (GOLDEN / f"{name}.json").read_bytes().rstrip()
    for end in range(1, len(whole), 97):
        assert refused(whole[:end]) in ("fhir-malformed", "fhir-not-text", "fhir-empty")


def test_a_truncated_export_is_refused_with_its_line() -> None:
    whole = (GOLDEN / "export" / "Observation.ndjson").read_bytes()
    with pytest.raises(InputProblem) as problem:
        read(whole[:-20], "Observation.ndjson")
    assert (problem.value.word, problem.value.values["line"]) == ("fhir-line-malformed", 4)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "fhir-empty"),
        (b"\xef\xbb\xbf  \n", "fhir-empty"),
        (b"[]", "fhir-no-resource"),
        (b"12", "fhir-no-resource"),
        (b'{"a": 1}', "fhir-no-resource"),
        (b'{"resourceType": "Bundle"}', "fhir-empty"),
        (b'{"resourceType": "Bundle", "entry": {}}', "fhir-bundle-malformed"),
        (b'{"resourceType": "Bundle", "entry": [12]}', "fhir-bundle-malformed"),
        (b'{"resourceType": "Patient", "id": NaN}', "fhir-malformed"),
        (b'{"resourceType": "Patient", "id": "\xff"}', "fhir-not-text"),
        ('{"resourceType": "Patient"}'.encode("utf-16"), "fhir-not-text"),
        (b'{"resourceType": "Patient", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "fhir-deep"),
        (b'{"resourceType": "Patient", "x": ' + b'{"x":' * 100_000 + b"1" + b"}" * 100_000 + b"}", "fhir-deep"),
        (b'{"resourceType": "Bundle", "entry": [], "entry": [{"resource": {"resourceType": "Patient"}}]}', "fhir-bundle-unclear"),
        (b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}], "entry": []}', "fhir-bundle-unclear"),
        (
            b'{"resourceType": "Bundle", "entry": [{"resource": {"a": 1}, "resource": {"resourceType": "Patient"}}]}',
            "fhir-bundle-unclear",
        ),
    ],
)
def test_what_is_no_record_is_refused_with_a_sentence(data: bytes, word: str) -> None:
    assert refused(data) == word


def test_bundles_inside_bundles_are_opened_a_few_times_only() -> None:
    bundle: dict[str, Any] = {"resourceType": "Patient", "id": "child"}
    for depth in range(6):
        bundle = {"resourceType": "Bundle", "entry": [{"resource": bundle}]}
        if depth < 4:
            assert len(read(json.dumps(bundle).encode()).resources) == 1
    assert refused(json.dumps(bundle).encode()) == "fhir-bundle-malformed"


def test_a_byte_order_mark_and_windows_lines_are_no_harm() -> None:
    data = (GOLDEN / "girl-with-b-all.json").read_bytes()
    plain = read(data).facts
    assert read(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")).facts == plain
    lines = (GOLDEN / "export" / "Observation.ndjson").read_bytes()
    assert len(open_bytes(b"\xef\xbb\xbf" + lines.replace(b"\n", b"\r\n\r\n"), "x.ndjson").resources) == 4


def test_a_key_that_stands_twice_in_a_result_makes_it_unclear() -> None:
    data = (GOLDEN / "girl-with-b-all.json").read_text("utf-8")
    doubled = data.replace('"value": 51400,', '"value": 51400, "value": 5140,').encode()
    record = read(doubled)
    reasons = {held.id: account.left.word for held, account in zip(record.resources, record.accounts, strict=True) if account.left}
    assert reasons["wbc-admission"] == "fhir-left-unclear"
    assert str(record.facts["wbc"].low) == "38.2"


@pytest.mark.parametrize(
    "number", ["1e400", "1E+99999999999999", "-1e-999999999999", "9" * 5_000, "0." + "0" * 5_000 + "1", "1" * 200_000]
)
def test_a_huge_number_is_left_and_takes_no_time(number: str) -> None:
    data = (GOLDEN / "girl-with-b-all.json").read_text("utf-8").replace('"value": 51400', f'"value": {number}').encode()
    start = time.process_time()
    record = read(data)
    told(record)
    assert time.process_time() - start < 5
    assert str(record.facts["wbc"].low) == "38.2"


def test_memory_stays_within_a_few_times_the_file() -> None:
    lines = (GOLDEN / "export" / "Observation.ndjson").read_bytes().splitlines()
    patient = (GOLDEN / "export" / "Patient.ndjson").read_bytes()
    many = [line.replace(b'"id": "', b'"id": "%d-' % number, 1) for number in range(1_000) for line in lines]
    data = patient + b"\n".join(many)
    tracemalloc.start()
    read(data, "many.ndjson")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * len(data)


def test_too_much_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1_000)
    assert run("facts-from", str(GOLDEN / "girl-with-b-all.json")).code == 2
    assert run("facts-from", str(GOLDEN / "export")).code == 2
    monkeypatch.setattr(files, "_MOST_FILES", 1)
    (tmp_path / "a.ndjson").touch()
    (tmp_path / "b.ndjson").touch()
    assert run("facts-from", str(tmp_path)).code == 2


def test_two_versions_of_one_resource_without_a_date_are_both_left() -> None:
    bundle = copy.deepcopy(BUNDLES["girl-with-b-all"])
    other = next(copy.deepcopy(entry) for entry in bundle["entry"] if entry["resource"]["id"] == "wbc-admission")
    other["resource"]["valueQuantity"]["value"] = 99_000
    bundle["entry"].append(other)
    record = read(json.dumps(bundle).encode())
    reasons = [account.left.word for account in record.accounts if account.left]
    assert reasons.count("fhir-left-two-versions") == 2
    assert str(record.facts["wbc"].low) == "38.2"

"""The command line as a user meets it: what is printed, where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from conftest import ROOT, Run

GOLDEN = ROOT / "tests" / "golden"
EXAMPLE = str(ROOT / "src" / "remission" / "cli" / "example_child.yaml")


def assert_same_as_golden(name: str, text: str) -> None:
    """Compares with the committed file. `REMISSION_GOLDEN=write make test` renews them all; look at the diff before committing."""
    path = GOLDEN / name
    text = re.sub(r"[0-9a-f]{64}", "<hash>", text)
    if os.environ.get("REMISSION_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_answer_for_the_example_child(run: Run, lang: str) -> None:
    result = run("explain", EXAMPLE, "--lang", lang)
    assert result.code == 0
    assert result.err == ""
    assert_same_as_golden(f"example.{lang}.txt", result.out)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_trace_shows_every_row(run: Run, lang: str) -> None:
    assert_same_as_golden(f"trace.{lang}.txt", run("explain", EXAMPLE, "--lang", lang, "--trace", "--scheme", "cog-08b1").out)


def test_the_json_for_the_example_child(run: Run) -> None:
    assert_same_as_golden(
        "example.json", run("explain", EXAMPLE, "--json", "--trace", "--scheme", "cog-08b1", "--scheme", "stjude-together-2023").out
    )


def test_three_facts_on_the_command_line(run: Run) -> None:
    result = run("explain", "--age", "4y", "--wbc", "12000/uL", "--lineage", "b", "--json")
    decisions = {decision["scheme"]: decision for decision in json.loads(result.out)["decisions"]}
    assert decisions["nci-rome"]["outcome"] == "standard"
    assert decisions["cog-08b1"]["status"] == "data-required"
    assert decisions["interfant-06"]["status"] == "not-applicable"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--age", "4y"),
        ("--fact", "age_days=12y", "--fact", "cns=cns2a", "--scheme", "cog-08b1"),
        ("--fact", "mrd_eoi=0% by flow limit 0.01%", "--fact", "mrd_eoc=failed", "--fact", "chromosome_number=54-56", "--trace"),
        ("--fact", "sex=female", "--fact", "csf_wbc=3", "--fact", "csf_blasts=yes"),
        (EXAMPLE,),
        (EXAMPLE, "--lang", "es"),
    ],
)
def test_json_keeps_to_its_schema(run: Run, arguments: tuple[str, ...]) -> None:
    schema = json.loads(run("explain", "--json-schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    result = run("explain", *arguments, "--json")
    assert result.code == 0
    jsonschema.validate(json.loads(result.out), schema, format_checker=jsonschema.FormatChecker())


REFUSED = {
    "an unknown fact": (("--fact", "cnss=cns1"), "Did you mean cns?"),
    "an unknown scheme": (("--age", "4y", "--scheme", "nci-roma"), "Did you mean nci-rome?"),
    "an impossible value": (("--age", "99y"), "cannot be 99y"),
    "a missing unit": (("--wbc", "12"), "12 of what? Add the unit"),
    "a wrong unit": (("--wbc", "12 g/L"), "is no unit for wbc"),
    "a choice that does not exist": (("--lineage", "q"), "Say one of: b, t"),
    "two values for one fact": (("--age", "4y", "--fact", "age_days=5y"), "“4y” in --age 4y, and “5y” in --fact age_days=5y"),
    "CNS3 beside a fluid without blasts": (
        ("--fact", "cns=cns3", "--fact", "csf_wbc=9", "--fact", "csf_blasts=no"),
        "CNS3 needs signs",
    ),
    "a DNA index that does not fit": (("--fact", "dna_index=1.6", "--fact", "chromosome_number=44"), "With 44 chromosomes"),
    "a response that does not fit": (
        ("--fact", "prednisone_response=good", "--fact", "blasts_day8=5000/uL"),
        "blasts_day8 = 5000/uL says otherwise",
    ),
    "CNS1 beside blasts": (("--fact", "cns=cns1", "--fact", "csf_blasts=yes"), "CNS1 means that no blasts were seen"),
    "times that run backwards": (
        ("--fact", "months_to_relapse=10", "--fact", "months_off_therapy=20"),
        "The first cannot be longer",
    ),
    "half a chromosome": (("--fact", "chromosome_number=46.5"), "counted in whole numbers"),
    "nothing at all": ((), "Nothing is known about the child yet"),
    "a fact without a value": (("--fact", "cns"), "for example --fact cns=cns2a"),
    "one date of two": (("--born", "2020-01-01"), "needs both"),
    "a file that is not there": (("nowhere.yaml",), "cannot be opened"),
    "an unknown option": (("--agee", "4y"), "--agee"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_one_sentence_and_exit_code_2(run: Run, what: str) -> None:
    arguments, sentence = REFUSED[what]
    result = run("explain", *arguments)
    assert result.code == 2
    assert result.out == "", "nothing is guessed"
    assert sentence in result.err
    assert "{" not in result.err


def test_everything_wrong_is_said_at_once(run: Run) -> None:
    result = run("explain", "--age", "4", "--wbc", "12", "--lineage", "q")
    assert len(result.err.strip().splitlines()) == 3


def test_refusals_speak_spanish(run: Run) -> None:
    assert "¿de qué unidad?" in run("explain", "--wbc", "12", "--lang", "es").err


FILES = {
    "not yaml": ("facts: [unclosed", "is not readable YAML"),
    "a list": ("- age_days: 4y", "holds no facts about a child"),
    "empty": ("", "holds no facts about a child"),
    "a key twice": ("wbc: 12000/uL\nwbc: 13000/uL", "stands twice"),
    "an entry with unknown keys": ("wbc: {number: 12}", "with the keys value, unit, method and limit"),
    "a reference bomb": ("a: &a [x]\nb: *a", "not read here"),
    "an unknown fact": ("facts: {white_cells: 12}", "There is no fact called"),
}


@pytest.mark.parametrize("what", FILES)
def test_a_malformed_file_is_refused(run: Run, tmp_path: Path, what: str) -> None:
    text, sentence = FILES[what]
    path = tmp_path / "child.yaml"
    path.write_text(text, "utf-8")
    result = run("explain", str(path))
    assert result.code == 2
    assert sentence in result.err
    assert "Traceback" not in result.err


def test_a_file_that_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "child.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    assert "not a text file in UTF-8" in run("explain", str(path)).err


def test_a_file_may_be_flat_or_json_or_detailed(run: Run, tmp_path: Path) -> None:
    texts = {
        "flat.yaml": "age_days: 4y\nwbc: 12000/uL\nlineage: b\n",
        "nested.yaml": "facts:\n  age_days: 4y\n  wbc: {value: 12.0, unit: 10*9/L}\n  lineage: b\n",
        "child.json": json.dumps(
            {"facts": {"age_days": "4y", "wbc": "12000/uL", "lineage": "b", "mrd_eoi": {"absent": "pending"}}}
        ),
        "dates.yaml": "birth_date: 2020-03-01\ndiagnosis_date: 2024-05-01\nwbc: 12000/uL\nlineage: b\n",
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.write_text(text, "utf-8")
        result = run("explain", str(path), "--scheme", "nci-rome", "--json")
        assert json.loads(result.out)["decisions"][0]["outcome"] == "standard", name


def test_a_typed_day_count_just_short_of_a_birthday_is_pointed_out(run: Run) -> None:
    assert "--born" in run("explain", "--age", "365d").out
    assert "--born" not in run("explain", "--age", "364d").out
    assert "--born" not in run("explain", "--born", "2019-03-01", "--diagnosed", "2020-02-29").out


def test_a_negative_test_without_its_limit_is_asked_back(run: Run) -> None:
    result = json.loads(run("explain", "--fact", "mrd_eoi=0 %", "--json").out)
    assert [ask["fact"] for ask in result["asks"]] == ["mrd_eoi"]
    assert 'mrd_eoi="<0.01%"' in run("explain", "--fact", "mrd_eoi=0 %").out
    assert json.loads(run("explain", "--fact", "mrd_eoi=0% limit 0.01%", "--json").out)["asks"] == []


def test_a_scheme_that_is_named_answers_even_when_nothing_is_known(run: Run) -> None:
    decision = json.loads(run("explain", "--scheme", "nci-rome", "--json").out)["decisions"][0]
    assert decision["possible"] == ["standard", "high", "not-applicable"]
    assert decision["settled_by"] == [["age_days", "lineage", "wbc"]]


def test_an_invented_child_is_marked_at_both_ends(run: Run) -> None:
    lines = run("explain", EXAMPLE).out.strip().splitlines()
    assert lines[0] == lines[-1] == "INVENTED CHILD: these facts belong to nobody."


def test_no_answer_goes_without_the_notice(run: Run) -> None:
    for lang, notice in (("en", "not medical advice"), ("es", "no consejo médico")):
        for scheme in ("nci-rome", "stjude-together-2023", "relapse-bfm", "interfant-06"):
            assert notice in run("explain", "--age", "4y", "--lang", lang, "--scheme", scheme).out


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("scheme", ["nci-rome", "cog-08b1", "stjude-together-2023", "cns-status"])
def test_a_scheme_can_be_read(run: Run, scheme: str, lang: str) -> None:
    assert_same_as_golden(f"show-{scheme}.{lang}.txt", run("show", scheme, "--lang", lang).out)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_lists(run: Run, lang: str) -> None:
    assert "nci-rome" in run("schemes", "--lang", lang).out
    assert "mrd_day8_blood" in run("facts", "--lang", lang).out


def test_no_english_words_in_spanish_answers(run: Run) -> None:
    told = run("explain", EXAMPLE, "--lang", "es", "--trace").out.split("\nFuentes\n")[0]
    words = set(re.findall(r"[a-z]+", re.sub(r"(se cumple|abierta): \S+", "", told)))
    assert not words & {"the", "and", "with", "from", "below", "above", "missing", "risk", "white", "because", "open", "unknown"}


def test_colour_only_on_a_terminal() -> None:
    command = [str(Path(sys.executable).with_name("remission")), "explain", EXAMPLE]
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "\x1b[" not in piped.stdout


def test_a_reason_for_absence_contradicts_nothing(run: Run) -> None:
    """No relapse, and no time to it: the time is not there because there was none."""
    for reason in ("not-done", "unknown", "not-asked"):
        result = run("explain", "--fact", "relapse_site=none", "--fact", f"months_to_relapse={reason}", "--scheme", "relapse-cog")
        assert result.code == 0, result.err
    assert run("explain", "--fact", "relapse_site=none", "--fact", "months_to_relapse=20 mo").code == 2

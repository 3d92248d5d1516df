"""The command line as a user meets it: what is printed, where, and with which exit code."""

from __future__ import annotations

import csv
import io
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


class TestAssess:
    """`remission assess`: many children through a mapping."""

    COLUMNS = ("Patient ID", "Diagnosis Age (days)", "WBC", "Cell of tumor origin", "Protocol")

    def table(self, folder: Path, *rows: tuple[str, ...]) -> str:
        path = folder / "children.tsv"
        path.write_text("\n".join("\t".join(row) for row in (self.COLUMNS, *rows)) + "\n", "utf-8")
        return str(path)

    def answers(self, out: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(out)))

    def test_one_row_for_each_child_and_scheme(self, run: Run, tmp_path: Path) -> None:
        table = self.table(tmp_path, ("c1", "1600", "12", "B-Precursor", "AALL0331"), ("c2", "NA", "12", "B Cell ALL", "NA"))
        result = run("assess", table, "--mapping", "cbioportal-target", "--scheme", "nci-rome")
        assert result.code == 0
        assert self.answers(result.out) == [
            {"id": "c1", "scheme": "nci-rome", "status": "decided", "outcome": "standard", "possible": "standard", "missing": ""},
            {
                "id": "c2", "scheme": "nci-rome", "status": "data-required", "outcome": "",
                "possible": "standard;high;not-applicable", "missing": "age_days",
            },
        ]  # fmt: skip
        assert "AALL0331, expected Standard risk: 1 agree, 0 differ, 0 undecided" in result.err

    def test_bad_rows_are_reported_and_never_stop_the_run(self, run: Run, tmp_path: Path) -> None:
        rows = [
            ("good", "1600", "12", "B-Precursor", "NA"),
            ("", "1600", "12", "B-Precursor", "NA"),
            ("short", "1600"),
            ("odd", "1600", "lots", "Z Cell", "NA"),
            ("impossible", "1600", "120000", "B-Precursor", "NA"),
            ("good", "1601", "12", "B-Precursor", "NA"),
        ]
        result = run("assess", self.table(tmp_path, *rows), "--mapping", "cbioportal-target", "--scheme", "nci-rome")
        assert result.code == 0
        assert [answer["id"] for answer in self.answers(result.out)] == ["good", "odd", "impossible"]
        assert self.answers(result.out)[1]["status"] == "data-required", "what cannot be read stays unknown"
        for reason in (
            "line 3: the column Patient ID is empty",
            "line 4: the row has 2 cells",
            "line 5, odd",
            "“Z Cell”",
            "line 6, impossible",
            "line 7: good has other values",
        ):
            assert reason in result.err
        assert "3 children assessed, 6 problems reported" in result.err

    def test_a_child_whose_facts_contradict_each_other_is_left_out(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "children.csv"
        path.write_text("id,cns,blasts\nc1,cns1,yes\nc2,cns1,no\n", "utf-8")
        mapping = tmp_path / "mapping.yaml"
        mapping.write_text(
            "id: mine\ntitle: {en: Mine, es: Mía}\nid_column: id\ncolumns:\n"
            "  - {column: cns, fact: cns}\n  - {column: blasts, fact: csf_blasts}\n",
            "utf-8",
        )
        result = run("assess", str(path), "--mapping", str(mapping), "--scheme", "cog-08b1")
        assert [answer["id"] for answer in self.answers(result.out)] == ["c2"]
        assert "line 2, c1: The CNS status is cns1" in result.err

    def test_the_result_is_whole_or_not_there(self, run: Run, tmp_path: Path) -> None:
        table = self.table(tmp_path, ("c1", "1600", "12", "B-Precursor", "NA"))
        out = tmp_path / "groups.csv"
        assert run("assess", table, "--mapping", "cbioportal-target", "--out", str(out)).code == 0
        assert out.read_text("utf-8").startswith("id,scheme,status,outcome,possible,missing\n")
        refused = run("assess", table, "--mapping", "cbioportal-target", "--out", str(tmp_path / "no" / "groups.csv"))
        assert refused.code == 2
        assert "cannot be written" in refused.err
        assert not list(tmp_path.glob("*.part"))

    @pytest.mark.parametrize(
        ("table", "mapping", "sentence"),
        [
            ("id\tage\nc1\t4\n", "cbioportal-target", "has no column “Patient ID”"),
            ("Patient ID\n", "cbioportal-target", "holds no rows"),
            ("Patient ID\nc1\n", "cbioportal", "There is no mapping called “cbioportal”"),
        ],
    )
    def test_a_table_that_cannot_be_read_is_refused(
        self, run: Run, tmp_path: Path, table: str, mapping: str, sentence: str
    ) -> None:
        path = tmp_path / "children.tsv"
        path.write_text(table, "utf-8")
        result = run("assess", str(path), "--mapping", mapping)
        assert result.code == 2
        assert sentence in result.err

    @pytest.mark.shared
    def test_nci_rome_agrees_with_the_entry_protocol_in_the_shared_table(self, run: Run, target_table: Path) -> None:
        """AALL0331 took standard risk, AALL0232 high risk; a few entered AALL0232 for other reasons than age and count."""
        result = run("assess", str(target_table), "--mapping", "cbioportal-target", "--scheme", "nci-rome")
        counts = {
            told[0]: [int(n) for n in told[1:]]
            for told in re.findall(r"(AALL\d+), expected \D+: (\d+) agree, (\d+) differ, (\d+) undecided", result.err)
        }
        assert counts["AALL0331"][0] > 200
        assert counts["AALL0331"][1:] == [0, 0]
        assert counts["AALL0232"][0] > 400
        assert counts["AALL0232"][1] <= 8
        assert counts["AALL0232"][2] == 0
        assert set(re.findall(r"entered (\S+); ours: (.+)", result.err)) <= {("AALL0232", "Standard risk")}


def test_assess_and_explain_give_the_same_answers(run: Run, tmp_path: Path) -> None:
    """A child's row in a table, and the same child explained alone."""
    path = tmp_path / "children.csv"
    path.write_text(
        "id,age,wbc,cell,etv6\nc1,4y,12 10*9/L,b,yes\nc2,12y,,b,\nc3,,60 10*9/L,t,no\nc4,5mo,400 10*9/L,b,no\n", "utf-8"
    )
    mapping = tmp_path / "mapping.yaml"
    columns = "".join(
        f"  - {{column: {c}, fact: {f}}}\n"
        for c, f in (("age", "age_days"), ("wbc", "wbc"), ("cell", "lineage"), ("etv6", "etv6_runx1"))
    )
    mapping.write_text(f"id: mine\ntitle: {{en: Mine, es: Mía}}\nid_column: id\ncolumns:\n{columns}", "utf-8")
    many = list(csv.DictReader(io.StringIO(run("assess", str(path), "--mapping", str(mapping)).out)))
    assert many
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8"))):
        pairs = {"age_days": row["age"], "wbc": row["wbc"], "lineage": row["cell"], "etv6_runx1": row["etv6"]}
        arguments = [part for fact, value in pairs.items() if value for part in ("--fact", f"{fact}={value}")]
        for decision in json.loads(run("explain", *arguments, "--json").out)["decisions"]:
            (answer,) = (a for a in many if a["id"] == row["id"] and a["scheme"] == decision["scheme"])
            assert answer["possible"] == ";".join(decision["possible"])
            assert answer["status"] == decision["status"]


def test_colour_only_on_a_terminal() -> None:
    command = [str(Path(sys.executable).with_name("remission")), "explain", EXAMPLE]
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "\x1b[" not in piped.stdout

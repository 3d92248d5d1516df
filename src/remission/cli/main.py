"""The command `remission`. Each command gathers what was typed, asks the floor below, and prints the answer.

Exit codes: 0 an answer was given, 2 the input was refused (one sentence each on standard error), 1 anything else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from remission import __version__
from remission.cli.fhir import FhirAsked, explain_fhir, facts_from, is_fhir, mapping_option, patient_option, refuse_fhir_options
from remission.cli.options import coloured, default_lang, lang_option
from remission.knowledge.model import Lang, Library
from remission.knowledge.problems import KnowledgeError
from remission.record.problems import InputProblem, InputProblems
from remission.rules.compiled import load_library

# Commands in rooms of their own, each opened when it is asked for: explaining a child must not wait for a million others.
_ROOMS = {
    "cohort": "cohort", "home": "home", "karyotype": "karyotypes", "knowledge": "reading", "picture": "reading", "places": "trials",
    "read": "reading", "road": "roads", "search": "reading", "serve": "serving", "simulate": "simulate", "trials": "trials",
}  # fmt: skip


class _Commands(click.Group):
    """Opens a command's room when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ROOMS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ROOMS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"remission.cli.{_ROOMS[cmd_name]}"), cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="remission")
def cli() -> None:
    """Childhood acute lymphoblastic leukemia, explained: one child's facts under every published risk scheme.

    Information, not medical advice. Your team's group is the one that counts.
    """


@cli.command(short_help="Explain one child under every published scheme.")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--age", help="Age at diagnosis: 4y, 4y6m, 18mo or 1460d.")
@click.option("--born", help="Date of birth, 2020-03-01 (with --diagnosed, instead of --age).")
@click.option("--diagnosed", help="Date of diagnosis, 2024-05-01.")
@click.option("--wbc", help="White cell count at diagnosis with its unit: 12000/uL or 12 10*9/L.")
@click.option("--lineage", help="Cell type of the leukemia: b or t.")
@click.option(
    "--fact", "facts", multiple=True, metavar="ID=VALUE", help="Any fact by its id; repeat as needed. See `remission facts`."
)
@click.option(
    "--karyotype",
    "karyotypes",
    multiple=True,
    metavar="ISCN",
    help="The karyotype as the laboratory wrote it: 46,XX,t(9;22)(q34;q11.2)[20].",
)
@click.option(
    "--scheme", "schemes", multiple=True, metavar="ID", help="Only this scheme; repeat as needed. See `remission schemes`."
)
@patient_option
@mapping_option
@click.option("--fhir", "as_fhir", is_flag=True, help="FHIR: answer with GuidanceResponse and RiskAssessment.")
@click.option("--trace", is_flag=True, help="Add every row of every table, and how it stands.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs; its schema is printed by --json-schema.")
@click.option("--json-schema", is_flag=True, help="Print the JSON Schema of --json, and stop.")
@click.option("--example", is_flag=True, help="Print a child's file to start from (an invented child), and stop.")
@lang_option
def explain(
    file: Path | None, age: str | None, born: str | None, diagnosed: str | None, wbc: str | None, lineage: str | None,
    facts: tuple[str, ...], karyotypes: tuple[str, ...], schemes: tuple[str, ...], patient: str, mapping: str | None,
    as_fhir: bool, trace: bool, as_json: bool, json_schema: bool, example: bool, lang: Lang,
) -> None:  # fmt: skip
    """Explain one child: the risk group, or the groups still possible, under each published scheme.

    Give facts as options, in a YAML or JSON FILE, or both. Leave out what you do not know, or say why it is missing:
    pending, not-done, failed, declined, not-asked, unknown.

    FILE may be a FHIR R4 record too: a Bundle in JSON, or a folder of NDJSON. See `remission facts-from`.

    \b
      remission explain --age 4y --wbc 12000/uL --lineage b
      remission explain child.yaml --lang es --trace
      remission explain --age 12y --fact cns=cns2a --fact "mrd_eoi=<0.01%" --scheme cog-08b1 --json
    """
    from remission.cli import explaining

    if example or json_schema:
        return click.echo(explaining.example_child() if example else explaining.json_schema(), nl=False)
    typed = {"age_days": ("--age", age), "wbc": ("--wbc", wbc), "lineage": ("--lineage", lineage)}
    if file and is_fhir(file):
        typed_beside = explaining.gather_child(None, typed, None, None, facts, karyotypes)
        asked = FhirAsked(patient, mapping, born or "", diagnosed or "", "fhir" if as_fhir else "json" if as_json else "text")
        return click.echo(explain_fhir(file, asked, typed_beside, schemes, lang, trace), nl=False)
    refuse_fhir_options(patient, mapping, as_fhir)
    child = explaining.gather_child(file, typed, born, diagnosed, facts, karyotypes)
    return click.echo(explaining.explain(load_library(), child, schemes, lang, trace, as_json, coloured), nl=False)


@cli.command(short_help="List the published schemes.")
@lang_option
def schemes(lang: Lang) -> None:
    """List the published schemes, by the time at which they speak."""
    from remission.documents.show import schemes_text

    click.echo(schemes_text(load_library(), lang, coloured), nl=False)


@cli.command(short_help="List the facts that can be given.")
@lang_option
def facts(lang: Lang) -> None:
    """List the facts that can be given: id, question, and what an answer may be."""
    from remission.documents.show import facts_text

    click.echo(facts_text(load_library(), lang, coloured), nl=False)


@cli.command(short_help="Show one scheme: its tables in words, and their sources.")
@click.argument("scheme")
@lang_option
def show(scheme: str, lang: Lang) -> None:
    """Show one scheme: for whom it is, its tables in words, and where each row is written."""
    from remission.documents.show import scheme_text
    from remission.rules.asked import scheme_called

    library = load_library()
    click.echo(scheme_text(library, scheme_called(library, scheme), lang, coloured), nl=False)


cli.add_command(facts_from)


def main() -> None:
    """Runs the command line and turns refused input into sentences and exit code 2."""
    sys.exit(_run(cli))


def _run(command: Callable[..., Any]) -> int:
    try:
        command(standalone_mode=False)
    except InputProblems as refused:
        return _refuse(refused.problems)
    except InputProblem as problem:
        return _refuse([problem])
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except KnowledgeError as error:
        click.echo(str(error), err=True)
        return 1
    return 0


def _refuse(problems: list[InputProblem]) -> int:
    library: Library = load_library()
    for problem in problems:
        click.echo(problem.sentence(library.words, _lang_asked_for()), err=True)
    return 2


def _lang_asked_for() -> Lang:
    """The language of the command line that was refused: click has already forgotten its options by then."""
    arguments = sys.argv[1:]
    asked = [value for name, value in pairwise(arguments) if name == "--lang"]
    asked += [argument.removeprefix("--lang=") for argument in arguments if argument.startswith("--lang=")]
    return "es" if (asked or [default_lang()])[-1] == "es" else "en"


if __name__ == "__main__":
    main()

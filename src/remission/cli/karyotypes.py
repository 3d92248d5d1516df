"""`remission karyotype`: a laboratory's line in words, and what follows from it."""

from __future__ import annotations

import click

from remission.cli.options import coloured, lang_option
from remission.knowledge.model import Lang
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library


@click.command(short_help="Read a karyotype: each change in words, what follows, what it cannot tell.")
@click.argument("iscn")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs.")
@lang_option
def karyotype(iscn: str, as_json: bool, lang: Lang) -> None:
    """Read the karyotype line of a cytogenetics report (ISCN).

    Slips of typing are mended, and each is shown. What a look at the chromosomes can never see is said to be open, not absent.

    \b
      remission karyotype "46,XX,t(9;22)(q34;q11.2)[18]/46,XX[2]"
      remission karyotype "54<2n>,XX,+X,+4,+6,+10,+14,+17,+21,+21[15]" --lang es
    """
    from remission.documents.karyotype_text import karyotype_json, karyotype_text, refusal_json
    from remission.record.karyotype.facts import facts_of
    from remission.record.karyotype.reading import read_karyotype

    library = load_library()
    try:
        read = read_karyotype(iscn)
    except InputProblem as problem:
        if as_json:
            click.echo(refusal_json(library, problem, lang), nl=False)
        raise
    found = facts_of(library, read.karyotype)
    if as_json:
        return click.echo(karyotype_json(library, read, found, lang), nl=False)
    return click.echo(karyotype_text(library, read, found, lang, coloured), nl=False)

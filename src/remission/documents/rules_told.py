"""A scheme's tables in words, each row marked with how it stands for one child."""

from __future__ import annotations

from collections.abc import Iterator

from remission.documents.wording import Wording
from remission.knowledge.model import Citation, DecisionTable, Frozen, Row, Scheme, Status
from remission.rules.decision import Decision
from remission.rules.program import tables_on_the_way


class RowTold(Frozen, frozen=True):
    """A row of a table: the group it gives, its condition, and for a child whether it `holds`, is `open` or `fails`."""

    then: str
    when: str
    note: str
    status: Status
    cites: tuple[Citation, ...]
    answer: str = ""


class TableTold(Frozen, frozen=True):
    id: str
    title: str
    about: str
    rows: tuple[RowTold, ...]


def tables_told(words: Wording, scheme: Scheme, decision: Decision | None = None) -> tuple[TableTold, ...]:
    """The tables on the way to the scheme's answer, the one that decides last. With a decision, rows are marked for that child."""
    return tuple(_table(words, table, _answers(decision)) for table in tables_on_the_way(words.library, scheme))


def _answers(decision: Decision | None) -> dict[str, str]:
    return {step.row: step.answer for step in decision.trace} if decision else {}


def _table(words: Wording, table: DecisionTable, answers: dict[str, str]) -> TableTold:
    about = words.say(f"show-{table.hold}") if table.hold else ""
    return TableTold(table.id, table.title.in_(words.lang), about, tuple(_row(words, table, row, answers) for row in table.rows))


def _row(words: Wording, table: DecisionTable, row: Row, answers: dict[str, str]) -> RowTold:
    owner = words.library.scheme_of_table(table.id)
    return RowTold(
        then="" if table.hold else words.joined([words.outcome(owner, outcome) for outcome in row.then], "or"),
        when=words.row_condition(row) or words.say("show-any-value"),
        note=row.note.in_(words.lang) if row.note else "",
        status=row.status,
        cites=row.cites,
        answer=answers.get(f"{table.id}/{row.id}", ""),
    )


def questions_told(words: Wording, decisions: tuple[Decision, ...]) -> Iterator[str]:
    """What to ask the team: the results that would settle or narrow an answer, and what always matters."""
    telling = [m.fact for d in decisions if d.status == "data-required" for m in d.missing if m.effect in ("settles", "narrows")]
    for fact in sorted(dict.fromkeys(telling), key=lambda fact: -telling.count(fact))[:_MOST_ASKED]:
        yield words.say("ask-result", label=words.label(fact))
    yield words.say("ask-which-groups")
    yield words.say("ask-what-could-change")


_MOST_ASKED = 5

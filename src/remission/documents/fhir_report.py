"""What was read from a FHIR record, and what became of every resource: as text for people, as JSON for programs."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from remission.documents.answer_json import fact_json
from remission.documents.answer_text import WIDTH, Style, plain
from remission.documents.wording import Wording
from remission.knowledge.model import Frozen, Lang, Library
from remission.record.fhir.choosing import Answer, Considered
from remission.record.fhir.finding import Why
from remission.record.fhir.reader import Account, Dated, FhirRecord

_EXAMPLES = 3


class LeftGroup(Frozen, frozen=True):
    """Resources of one kind that were not used for one reason."""

    type: str
    word: str
    says: str
    numbers: tuple[int, ...]


class FhirTelling:
    """Speaks one language about one record."""

    def __init__(self, library: Library, record: FhirRecord, lang: Lang):
        self.library, self.record, self.lang = library, record, lang
        self.words = Wording(library, lang)
        self._held = {held.number: held for held in record.resources}

    def why(self, reason: Why) -> str:
        return reason.as_problem().sentence(self.library.words, self.lang).rstrip(".")

    def place(self, number: int) -> str:
        """Where a resource stands, as a person can find it: its own name, and the entry or line."""
        held = self._held[number]
        outer = self._held.get(held.inside)
        name = f"{held.name} ⊂ {outer.name}" if outer else held.name
        word = "entry" if held.in_bundle else "line" if held.file.lower().endswith((".ndjson", ".jsonl")) else "file"
        return self.words.say(f"fhir-place-{word}", name=name, file=held.file, place=held.place)

    def places(self, numbers: tuple[int, ...]) -> str:
        more = f", {self.words.say('fhir-and-more')}" if len(numbers) > _EXAMPLES else ""
        return ", ".join(self.place(number) for number in numbers[:_EXAMPLES]) + more

    def told(self, one: Considered) -> str:
        """A result in the record's words, with its date and what should be known about it."""
        moment, remark = one.finding.moment, one.finding.remark
        said = self.words.say(
            "fhir-told-on" if moment else "fhir-told", told=one.finding.told, day=moment.written if moment else ""
        )
        return f"{said} ({self.why(remark)})" if remark else said

    def dated(self, dated: Dated) -> str:
        vague = dated.moment.first.year == 1
        return self.words.say("fhir-at-the-latest", day=dated.moment.written) if vague else dated.moment.written

    def source(self, dated: Dated) -> str:
        return self.places(dated.numbers) if dated.numbers else self.words.say("fhir-you-said")

    def left_groups(self) -> list[LeftGroup]:
        """Everything that was not used, by kind and reason, the largest group first."""
        grouped: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for account in self.record.accounts:
            if not account.used_for and account.left:
                key = (self._held[account.number].type, account.left.word, self.why(account.left))
                grouped[key].append(account.number)
        groups = [LeftGroup(*key, tuple(numbers)) for key, numbers in grouped.items()]
        return sorted(groups, key=lambda group: (-len(group.numbers), group.type, group.says))


def report_text(library: Library, record: FhirRecord, file: str, lang: Lang, full: bool = False, style: Style = plain) -> str:
    """What was read, as text. `full` adds every result looked at, everything left with its reason, and the declarations."""
    return "\n".join(_Printed(FhirTelling(library, record, lang), style).report(file, full)) + "\n"


class _Printed:
    def __init__(self, telling: FhirTelling, style: Style):
        self.telling, self.style, self.words = telling, style, telling.words

    def report(self, file: str, full: bool) -> Iterator[str]:
        yield from self._head(file)
        answers = self.telling.record.answers.values()
        known = [answer for answer in answers if answer.fact]
        still_open = [answer for answer in answers if not answer.fact]
        yield from self._section("fhir-heading-read", known, full)
        if not known:
            yield from (*_wrapped(self.words.say("fhir-nothing-read"), "  "), "")
        yield from self._section("fhir-heading-open", still_open, True)
        yield from self._remarks()
        if full:
            yield from self._left()
            yield from self._declared()
        else:
            yield from _wrapped(self.words.say("fhir-see-report"), "")
        yield from _wrapped(self.words.say("notice"), "")

    def _head(self, file: str) -> Iterator[str]:
        record, telling, say = self.telling.record, self.telling, self.words.say
        used = sum(1 for account in record.accounts if account.used_for)
        yield self.style(
            say("fhir-read-from", file=file, number=len(record.accounts), used=used, left=len(record.accounts) - used), "heading"
        )
        if record.other_files:
            yield from _wrapped(say("fhir-other-files", files=", ".join(record.other_files)), "  ")
        name = telling.place(record.patient) if record.patient else record.person or say("fhir-nobody")
        yield from _wrapped(say("fhir-child", name=name), "  ")
        if record.birth:
            yield f"  {say('fhir-born', day=record.birth.moment.written)}"
        for word, dated in (("fhir-diagnosed", record.diagnosis), ("fhir-treated", record.treatment)):
            if dated:
                yield from _wrapped(say(word, day=telling.dated(dated), **{"from": telling.source(dated)}), "  ")
        if record.diagnosis is None:
            yield from (self.style(line, "warning") for line in _wrapped(say("fhir-no-diagnosis-date"), "  "))
        yield ""

    def _section(self, heading: str, answers: list[Answer], full: bool) -> Iterator[str]:
        if not answers:
            return
        yield from (self.style(self.words.say(heading), "heading"), "")
        for answer in answers:
            yield from self._answer(answer, full)
        yield ""

    def _answer(self, answer: Answer, full: bool) -> Iterator[str]:
        label, rule = self.words.label(answer.id), self.telling.why(answer.rule)
        if answer.fact:
            said = self.words.say("fhir-answer", label=label, value=self.words.value(answer.fact), rule=rule)
        else:
            said = self.words.say("fhir-open", label=label, rule=rule)
        yield from _wrapped(said, "    ", "  · ")
        for one in answer.considered:
            if full or one.left is None:
                yield from (self.style(line, "quiet") for line in _wrapped(self._considered(one), "        ", "      "))

    def _considered(self, one: Considered) -> str:
        place, told = self.telling.place(one.finding.number), self.telling.told(one)
        if one.left is None:
            return self.words.say("fhir-taken", told=told, place=place)
        return self.words.say("fhir-not-taken", told=told, place=place, why=self.telling.why(one.left))

    def _remarks(self) -> Iterator[str]:
        if self.telling.record.remarks:
            yield from (self.style(self.words.say("fhir-heading-remarks"), "heading"), "")
            for remark in self.telling.record.remarks:
                yield from _wrapped(remark.sentence(self.telling.library.words, self.telling.lang), "    ", "  · ")
            yield ""

    def _left(self) -> Iterator[str]:
        groups = self.telling.left_groups()
        if not groups:
            return
        yield from (self.style(self.words.say("fhir-heading-left"), "heading"), "")
        for group in groups:
            says = self.words.say(
                "fhir-left-line", number=len(group.numbers), type=group.type, why=group.says,
                examples=self.telling.places(group.numbers),
            )  # fmt: skip
            yield from _wrapped(says, "      ", "  · ")
        for account in self.telling.record.accounts:
            if account.used_for and account.left:
                says = self.words.say("fhir-partly", place=self.telling.place(account.number), why=self.telling.why(account.left))
                yield from _wrapped(says, "      ", "  · ")
        yield ""

    def _declared(self) -> Iterator[str]:
        """Which result the data dictionary takes of the facts that were found, and how well that is confirmed."""
        declared: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for answer in self.telling.record.answers.values():
            takes = self.telling.library.facts[answer.id].takes
            if takes and takes.note and not all(one.finding.timed for one in answer.considered):
                declared[takes.note.in_(self.telling.lang), takes.status].append(self.words.label(answer.id))
        if not declared:
            return
        yield from (self.style(self.words.say("fhir-heading-declared"), "heading"), "")
        for (note, status), labels in declared.items():
            says = self.words.say("fhir-declared", labels="; ".join(labels), note=note, status=self.words.say(f"status-{status}"))
            yield from _wrapped(says, "    ", "  · ")
        yield ""


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    begin = indent if first is None else first
    return textwrap.wrap(
        text, WIDTH, initial_indent=begin, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


# --- for programs -------------------------------------------------------------------------------------------------------------


def report_json(library: Library, record: FhirRecord, file: str, lang: Lang, full: bool = False) -> str:
    """What was read, as indented JSON. With `full`, the account of every single resource."""
    telling = FhirTelling(library, record, lang)
    used = sum(1 for account in record.accounts if account.used_for)
    told: dict[str, Any] = {
        "knowledge": {"version": library.version, "hash": library.hash},
        "notice": library.words["notice"].in_(lang),
        "file": file,
        "child": record.person if record.patient is None else telling.place(record.patient),
        "birth": _dated(telling, record.birth),
        "diagnosis": _dated(telling, record.diagnosis),
        "treatment": _dated(telling, record.treatment),
        "facts": {answer.id: _answer(telling, answer) for answer in record.answers.values() if answer.fact},
        "open": {answer.id: _answer(telling, answer) for answer in record.answers.values() if not answer.fact},
        "counts": {"resources": len(record.accounts), "used": used, "not_used": len(record.accounts) - used},
        "not_used": [_group(telling, group) for group in telling.left_groups()],
        "remarks": [remark.sentence(library.words, lang) for remark in record.remarks],
        "other_files": list(record.other_files),
    }
    if full:
        told["resources"] = [_account(telling, account) for account in record.accounts]
    encoded = msgspec.json.Encoder(decimal_format="number").encode(told)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _dated(telling: FhirTelling, dated: Dated | None) -> dict[str, Any] | None:
    if dated is None:
        return None
    moment = dated.moment
    return {
        "written": moment.written,
        "first": moment.first,
        "last": moment.last,
        "from": [telling.place(n) for n in dated.numbers],
    }


def _answer(telling: FhirTelling, answer: Answer) -> dict[str, Any]:
    said = fact_json(telling.library.facts[answer.id], answer.fact) if answer.fact else {}
    return said | {
        "rule": {"word": answer.rule.word, "text": telling.why(answer.rule)},
        "from": [telling.place(number) for number in answer.numbers],
        "considered": [_one(telling, one) for one in answer.considered],
    }


def _one(telling: FhirTelling, one: Considered) -> dict[str, Any]:
    finding = one.finding
    said: dict[str, Any] = {"resource": telling.place(finding.number), "told": finding.told, "taken": one.left is None}
    if finding.moment:
        said["on"] = finding.moment.written
    if one.left:
        said["why"] = {"word": one.left.word, "text": telling.why(one.left)}
    if finding.remark:
        said["remark"] = {"word": finding.remark.word, "text": telling.why(finding.remark)}
    return said


def _group(telling: FhirTelling, group: LeftGroup) -> dict[str, Any]:
    return {
        "type": group.type, "why": group.word, "text": group.says, "count": len(group.numbers),
        "examples": [telling.place(number) for number in group.numbers[:_EXAMPLES]],
    }  # fmt: skip


def _account(telling: FhirTelling, account: Account) -> dict[str, Any]:
    said: dict[str, Any] = {"number": account.number, "resource": telling.place(account.number)}
    if account.used_for:
        said["used_for"] = list(account.used_for)
    if account.left:
        said["partly" if account.used_for else "why"] = {"word": account.left.word, "text": telling.why(account.left)}
    return said

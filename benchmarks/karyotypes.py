"""How well karyotypes are read: the shared real strings against the central laboratories' labels. Nothing real is kept.

`python benchmarks/karyotypes.py` prints the page `docs/karyotypes-measured.md` (all but its first paragraph); of a string only the
item in question is ever shown, never the whole of it, and nobody's id.
"""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from remission.knowledge.model import Library
from remission.record.karyotype.facts import NUMBER, Answer, KaryotypeFacts, facts_of
from remission.record.karyotype.reading import read_karyotype
from remission.record.karyotype.shape import KaryotypeRead
from remission.record.karyotype.writing import written
from remission.record.problems import InputProblem
from remission.rules.compiled import load_library

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
LABELS = {
    "bcr_abl1": ("t(9;22)", "BCR ABL1 Status"),
    "tcf3_pbx1": ("t(1;19)", "TCF3-PBX1 Status"),
    "kmt2a_rearranged": ("11q23", "MLL Status"),
    "double_trisomy": ("+4 with +10", "Trisomy 4_10"),
    "etv6_runx1": ("t(12;21), cryptic", "ETV6-RUNX1 Fusion Status"),
}
NEAR = 4  # chromosomes between the number and 46 times the DNA index; for this comparison only, no limit of anything
USUAL = 46
WHY = {
    "not-seen": "the string names no such change; the other test found it",
    "normal-only": "only normal cells were seen",
    "whole-sets": "the whole set is multiplied; whether that counts is left open",
    "item-unread": "the item was not understood; left open, with the advice to ask",
    "suggests": "needs FISH; left open",
    "incomplete": "part of the string was not understood; left open",
}
SEEN_THOUGH_NEGATIVE = {
    "t(11;14)(q23.3;q32)": "11q23 is broken, but not in KMT2A: bands cannot tell the two apart",
    "+4,+10": "in one small group of cells only; the FISH test may have looked at others",
}


def main() -> None:
    tables = sorted((SHARED / "iscn_karyotypes").glob("*.csv"))
    if not tables:
        print("The shared karyotypes are not next to this checkout; nothing was measured.")
        return
    with tables[0].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    library = load_library()
    read_karyotype("46,XX")  # the grammar is built once
    print("\n".join([*reading(rows), "", *agreement(library, rows), "", *numbers(library, rows), "", *validity()]))


def reading(rows: list[dict[str, str]]) -> Iterator[str]:
    """The share read as it stands, mended, with an item left, refused; and how long it takes."""
    texts = sorted({row["Karyotype"] for row in rows})
    started = time.perf_counter()
    outcomes = [_read(text) for text in texts]
    took = time.perf_counter() - started
    counts = Counter(kind for kind, _ in outcomes)
    yield f"## Reading\n\n{len(texts)} distinct strings, {len(texts) / took:,.0f} a second on one core.\n"
    yield "| read | strings | share |\n|---|---:|---:|"
    for kind in ("as it stands", "after repair", "with an item left unread", "refused"):
        yield f"| {kind} | {counts[kind]} | {100 * counts[kind] / len(texts):.1f} % |"
    yield ""
    yield from (f"Refused: {told}." for kind, told in outcomes if kind == "refused")
    yield from (f"Left unread: `{told}`." for kind, told in outcomes if kind == "with an item left unread")
    same = sum(_same(text) for text in texts)
    yield f"Written back to the very same string: {same}, all of those that needed no repair. The repairs, by kind:"
    yield ""
    for kind, number in Counter(kind for text in texts for kind in _repair_kinds(text)).most_common():
        yield f"- {kind}: {number}"


def _read(text: str) -> tuple[str, str]:
    try:
        read = read_karyotype(text)
    except InputProblem as problem:
        return "refused", f"character {problem.values.get('at')}, {problem.word}"
    unread = [str(problem.values["item"]) for problem in read.problems if problem.word == "karyotype-item-unread"]
    if unread:
        return "with an item left unread", unread[0]
    return ("after repair" if read.repairs else "as it stands"), ""


def _same(text: str) -> bool:
    read = _read_or_none(text)
    return read is not None and not read.repairs and written(read.karyotype) == text


def _read_or_none(text: str) -> KaryotypeRead | None:
    try:
        return read_karyotype(text)
    except InputProblem:
        return None


def _repair_kinds(text: str) -> set[str]:
    read = _read_or_none(text)
    kinds = set()
    for repair in read.repairs if read else ():
        if repair.found.isalpha() and repair.became == repair.found.lower():
            kinds.add("capitals")
        elif repair.found in "-" and repair.became == "~":
            kinds.add("a hyphen for a range")
        elif not repair.found:
            kinds.add(f"“{repair.became}” was missing")
        elif not repair.became:
            kinds.add("a remark behind" if len(repair.found) > 1 else f"“{repair.found}” too many")
        else:
            kinds.add(f"“{repair.found}” for “{repair.became}”")
    return kinds


def agreement(library: Library, rows: list[dict[str, str]]) -> Iterator[str]:
    """Each label against the answer, and every disagreement with its reason."""
    found = [(row, each) for row in rows if (each := _facts(library, row["Karyotype"])) is not None]
    yield "## Against the central laboratories\n\n| change | label | seen | not seen | cannot tell |\n|---|---|---:|---:|---:|"
    differing: list[str] = []
    for fact, (name, column) in LABELS.items():
        tells: Counter[tuple[str, str]] = Counter()
        for row, facts in found:
            answer = _answer(facts, fact)
            tells[row[column], answer.tells] += 1
            differing += _difference(name, row[column], answer)
        for label in ("Positive", "Negative"):
            yield (
                f"| {name} | {label.lower()} | "
                + " | ".join(str(tells[label, t]) for t in ("seen", "not-seen", "cannot-tell"))
                + " |"
            )
    yield "\nWhere the two differ, or a positive label was left open for another reason than that it cannot be seen:\n"
    yield from (f"- {told}: {number}" for told, number in Counter(differing).most_common())


def _facts(library: Library, text: str) -> KaryotypeFacts | None:
    read = _read_or_none(text)
    return facts_of(library, read.karyotype) if read else None


def _answer(facts: KaryotypeFacts, fact: str) -> Answer:
    return next(answer for answer in facts.answers if answer.fact == fact)


def _difference(name: str, label: str, answer: Answer) -> list[str]:
    if label == "Negative" and answer.tells == "seen":
        item = answer.items[0]
        return [f"{name}, label negative, seen `{item}`: {SEEN_THOUGH_NEGATIVE.get(item, 'no reason found')}"]
    if label == "Positive" and answer.tells != "seen" and answer.why in WHY:
        item = f" `{answer.items[0]}`" if answer.items else ""
        return [f"{name}, label positive, {answer.tells.replace('-', ' ')}{item}: {WHY[answer.why]}"]
    return []


def numbers(library: Library, rows: list[dict[str, str]]) -> Iterator[str]:
    """The number of chromosomes against 46 times the DNA index."""
    far: list[str] = []
    compared = off = normal = 0
    for row in rows:
        facts = _facts(library, row["Karyotype"])
        index = _number(row["DNA Index"])
        if facts is None or index is None:
            continue
        number = facts.facts[NUMBER]
        if number.low is None or number.high is None:
            normal += 1
            continue
        compared += 1
        expected = USUAL * index
        distance = max(0.0, float(number.low) - expected, expected - float(number.high))
        if distance > NEAR:
            off += 1
            says = "more" if expected > float(number.high) else "less"
            measured = f"index {index:g} (as much DNA as {expected:.0f} chromosomes)"
            far.append(f"- {number.as_given} counted, {measured}: the index measures {says} than the cells that divided show")
    yield "## The number of chromosomes and the DNA index\n"
    yield f"{compared} compared ({normal} more have an index, but no number follows: only normal cells, or too few)."
    yield f"Within {NEAR} chromosomes: {compared - off} ({100 * (compared - off) / compared:.1f} %). Further apart: {off}.\n"
    yield from far


def _number(written_index: str) -> float | None:
    try:
        return float(written_index)
    except ValueError:
        return None


def validity() -> Iterator[str]:
    """The small list of valid and invalid strings: read without repair and with nothing that does not add up means valid here."""
    files = sorted((SHARED / "iscn_validity").glob("*.json"))
    if not files:
        return
    listed: Mapping[str, list[dict[str, str]]] = json.loads(files[0].read_text("utf-8"))
    yield "## The small validity list\n"
    agree = total = 0
    for label, entries in listed.items():
        for entry in entries:
            read = _read_or_none(entry["input"])
            ours = "valid" if read and not read.repairs and not read.problems else "invalid"
            total += 1
            agree += ours == label
            if ours != label:
                why = ", ".join(problem.word for problem in read.problems) if read else "refused"
                yield f"- `{entry['input']}` is called {label} there, {ours} here ({why})"
    yield f"\n{agree} of {total} agree."


if __name__ == "__main__":
    main()

"""A karyotype in words: what each change is, what follows from it, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from remission.documents.wording import Wording
from remission.knowledge.karyotype import KaryotypeKnowledge, karyotypes_of
from remission.knowledge.model import Citation, Frozen, Lang, Library
from remission.record.facts import Fact
from remission.record.karyotype.facts import NUMBER, Answer, KaryotypeFacts
from remission.record.karyotype.shape import Abnormality, Cells, Clone, KaryotypeRead, Repair
from remission.record.karyotype.writing import abnormality_written, written
from remission.rules.compiled import load_programs
from remission.rules.explain import explain

_CLASSES = "ploidy-class"
_KINDS = frozenset({
    "t", "del", "dup", "trp", "qdp", "inv", "ins", "add", "der", "dic", "psu-dic", "idic", "psu-idic", "i", "ider", "r", "amp",
    "hsr", "mar", "dmin", "ace", "inc", "variant", "unread",
})  # fmt: skip


class GroupTold(Frozen, frozen=True):
    """One group of cells as a row of the table."""

    group: str
    number: str
    sex: str
    changes: str
    cells: str


class AnswerTold(Frozen, frozen=True):
    """What follows for one fact, in a sentence, how well confirmed it is, and its sources."""

    fact: str
    says: str
    status: str
    cites: tuple[Citation, ...]


class KaryotypeTold(Frozen, frozen=True):
    """Everything there is to say about one karyotype."""

    written: str
    failed: str
    repairs: tuple[str, ...]
    problems: tuple[str, ...]
    groups: tuple[GroupTold, ...]
    changes: tuple[tuple[str, str], ...]
    follows: tuple[AnswerTold, ...]
    not_seen: tuple[AnswerTold, ...]
    also: tuple[AnswerTold, ...]
    untold: tuple[str, ...]
    notes: tuple[str, ...]


def karyotype_told(library: Library, read: KaryotypeRead, found: KaryotypeFacts, lang: Lang) -> KaryotypeTold:
    """The karyotype and what follows from it, in sentences of one language."""
    return _Teller(library, lang).told(read, found)


class _Teller:
    def __init__(self, library: Library, lang: Lang):
        self.library, self.lang = library, lang
        self.words = Wording(library, lang)
        self.known: KaryotypeKnowledge = karyotypes_of(library)

    def told(self, read: KaryotypeRead, found: KaryotypeFacts) -> KaryotypeTold:
        clones = read.karyotype.clones
        seen = [answer for answer in found.answers if answer.tells == "seen" or answer.by_fish]
        unseen = [answer for answer in found.answers if answer.tells == "not-seen" and not answer.by_fish]
        return KaryotypeTold(
            written=written(read.karyotype),
            failed=self.words.say("karyotype-failed") if read.karyotype.failed else "",
            repairs=tuple(self._repair(repair) for repair in read.repairs),
            problems=tuple(problem.sentence(self.library.words, self.lang) for problem in read.problems),
            groups=tuple(self._group(clone, place, clones) for place, clone in enumerate(clones)),
            changes=tuple(self._changes(clones)),
            follows=tuple(self._answer(answer, found.facts[answer.fact]) for answer in seen),
            not_seen=tuple(self._unseen(answer) for answer in unseen),
            also=tuple(self._also(found)),
            untold=tuple(self._untold(answer for answer in found.answers if answer.tells == "cannot-tell")),
            notes=tuple(dict.fromkeys(note.sentence(self.library.words, self.lang) for note in found.notes)),
        )

    def _repair(self, repair: Repair) -> str:
        kind = "inserted" if not repair.found else "removed" if not repair.became else "replaced"
        return self.words.say(f"karyotype-repair-{kind}", at=repair.at, found=repair.found, became=repair.became)

    def _group(self, clone: Clone, place: int, clones: Sequence[Clone]) -> GroupTold:
        number = "" if clone.number is None else _range(clone.number.low, clone.number.high) + clone.ploidy
        return GroupTold(str(place + 1), number, self._sex(clone, clones), self._group_changes(clone), self._cells(clone.cells))

    def _sex(self, clone: Clone, clones: Sequence[Clone]) -> str:
        return clone.sex or (clones[0].sex if clone.same_as and clones else "") or (clone.doubled.sex if clone.doubled else "")

    def _group_changes(self, clone: Clone) -> str:
        if clone.nonclonal:
            return self.words.say("karyotype-nonclonal")
        parts = [self._like(clone)] if clone.same_as else []
        if clone.doubled:
            inner = [_range(clone.doubled.number.low, clone.doubled.number.high)] if clone.doubled.number else []
            inner += [abnormality_written(change) for change in clone.doubled.abnormalities]
            parts.append(self.words.say("karyotype-doubled-group", times=clone.times, inner=",".join(inner)))
        parts += [abnormality_written(change) for change in clone.abnormalities]
        told = ", ".join(parts) or (self.words.say("karyotype-normal") if clone.number else "")
        donor = [self.words.say("karyotype-donor")] if clone.donor else []
        fish = [self.words.say("karyotype-in-situ", written=result.written) for result in clone.in_situ]
        return "; ".join(part for part in (*donor, told, *fish) if part)

    def _like(self, clone: Clone) -> str:
        group = int(clone.same_as[3:] or 2) if clone.same_as.startswith("sdl") else 1
        return self.words.say("karyotype-like-times" if clone.times > 1 else "karyotype-like", group=group, times=clone.times)

    def _cells(self, cells: Cells | None) -> str:
        if cells is None or cells.count is None:
            return self.words.say("karyotype-cells-unknown")
        count = f"{cells.count}/{cells.of}" if cells.of else str(cells.count)
        return self.words.say("karyotype-cells-composite", count=count) if cells.composite else count

    def _changes(self, clones: Iterable[Clone]) -> Iterator[tuple[str, str]]:
        """Every change that is written, once, in the order in which it is met."""
        seen: set[str] = set()
        for clone in clones:
            for change in (*(clone.doubled.abnormalities if clone.doubled else ()), *clone.abnormalities):
                text = abnormality_written(change)
                if text not in seen:
                    seen.add(text)
                    yield text, self._change(change)

    def _change(self, change: Abnormality) -> str:
        if change.kind == "chromosome":
            word = "karyotype-lost" if change.sign == "-" else "karyotype-gained"
            told = self.words.say(word, chromosomes=self._name(change.chromosomes[0]))
        else:
            told = self._rebuilt(change)
        if change.times > 1:
            told = self.words.say("karyotype-times", says=told, times=change.times)
        if change.cells is not None:
            told = self.words.say("karyotype-own-cells", says=told, cells=change.cells)
        if change.doubtful or "?" in "".join(change.chromosomes):
            told = self.words.say("karyotype-doubtful", says=told)
        return self.words.say("karyotype-born-with", says=told) if change.born_with else told

    def _rebuilt(self, change: Abnormality) -> str:
        told = self._core(change)
        if change.parts:
            parts = "; ".join(self._core(part) for part in change.parts)
            told = self.words.say("karyotype-made-by", says=told, parts=parts)
        if change.sign and change.kind not in ("mar", "dmin", "ace"):
            told += ", " + self.words.say("karyotype-lost-changed" if change.sign == "-" else "karyotype-gained-changed")
        return told

    def _core(self, change: Abnormality) -> str:
        kind = change.kind.replace(" ", "-")
        if kind == "r" and not change.chromosomes:
            kind = "r-marker"
        elif kind not in _KINDS:
            kind = "other"
        names = [self._name(name) for name in change.chromosomes]
        told = self.words.say(f"karyotype-kind-{kind}", chromosomes=self.words.joined(names, "and"), gene=change.gene)
        breaks = [self._break(name, bands) for name, bands in zip(change.chromosomes, change.breakpoints, strict=False)]
        return self.words.say("karyotype-breaks", says=told, breaks=self.words.joined(breaks, "and")) if breaks else told

    def _name(self, chromosome: str) -> str:
        return chromosome.strip("?*") or self.words.say("karyotype-unknown-chromosome")

    def _break(self, chromosome: str, bands: tuple[str, ...]) -> str:
        known = [band for band in bands if band != "?"]
        name = chromosome.strip("?*")
        joined = self.words.joined([f"{name}{band}" for band in known], "and")
        return joined or self.words.say("karyotype-unknown-place")

    def _answer(self, answer: Answer, fact: Fact) -> AnswerTold:
        value = self.words.value(fact)
        says = self.words.say("karyotype-answer", label=self.words.label(answer.fact), value=value, why=self._why(answer))
        return AnswerTold(answer.fact, says, self.words.say(f"status-{answer.status}"), answer.cites)

    def _why(self, answer: Answer) -> str:
        return self.words.say(f"karyotype-why-{answer.why}", items=", ".join(answer.items))

    def _unseen(self, answer: Answer) -> AnswerTold:
        """Not seen, though this test would have shown it: the heading says so, a weak no says it again."""
        says = self.words.label(answer.fact)
        if answer.why != "not-seen":
            says = self.words.say("karyotype-untold", label=says, why=self._why(answer))
        return AnswerTold(answer.fact, says, self.words.say(f"status-{answer.status}"), answer.cites)

    def _untold(self, answers: Iterable[Answer]) -> Iterator[str]:
        """What cannot be told, once for each reason."""
        labels: dict[str, list[str]] = {}
        for answer in answers:
            labels.setdefault(self._why(answer), []).append(self.words.label(answer.fact))
        for why, facts in labels.items():
            yield self.words.say("karyotype-untold", label="; ".join(facts), why=why)

    def _also(self, found: KaryotypeFacts) -> Iterator[AnswerTold]:
        """The class by number of chromosomes, and the patterns for which there is no fact to be asked."""
        yield from self._class(found.facts.get(NUMBER))
        patterns = {pattern.id: pattern for pattern in self.known.patterns if not pattern.sets}
        told: set[str] = set()
        for sighting in found.seen:
            pattern = patterns.get(sighting.pattern)
            if pattern is None or pattern.id in told:
                continue
            told.add(pattern.id)
            why = self.words.say(f"karyotype-why-{sighting.doubt}", items=sighting.item) if sighting.doubt else ""
            word = "karyotype-pattern-doubt" if why else "karyotype-pattern"
            says = self.words.say(word, name=pattern.name.in_(self.lang), item=sighting.item, why=why)
            yield AnswerTold(pattern.id, says, self.words.say(f"status-{pattern.status}"), pattern.cites)

    def _class(self, number: Fact | None) -> Iterator[AnswerTold]:
        if number is None or number.absent_reason or _CLASSES not in self.library.schemes:
            return
        scheme = self.library.schemes[_CLASSES]
        decision = explain(self.library, load_programs(), scheme, {NUMBER: number})
        says = self.words.say("karyotype-class", name=self.words.outcomes(scheme, decision.possible))
        yield AnswerTold(_CLASSES, says, self.words.say(f"status-{decision.verification}"), decision.cites)


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}~{high}"

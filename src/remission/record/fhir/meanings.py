"""What codes mean: the data dictionary's own codes, the shipped code map, and a hospital's own map on top, as one index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from remission.knowledge.codes import CodedIllness, CodedResult, CodeMap, Fusion, Treatment
from remission.knowledge.model import Code, Library
from remission.knowledge.problems import KnowledgeError
from remission.record.facts import Fact
from remission.record.fhir.shapes import Coding, Concept
from remission.record.problems import InputProblem
from remission.record.reading import read_fact

SHIPPED = "fhir-r4"
Key = tuple[str, str]  # the terminology by our name (or by its address, where we have no name for it), and the code


class Meanings:
    """All codes that are known, ready to be looked up. Later maps add to earlier ones, and win where both name a code."""

    def __init__(self, library: Library, maps: Iterable[CodeMap]):
        self.library = library
        self._names: dict[str, str] = {}
        self.results: dict[Key, tuple[CodedResult, ...]] = dict(_of_dictionary(library))
        self.choices: dict[str, dict[Key, str]] = dict(_choices(library))
        self.answers: dict[Key, str] = {}
        self.illnesses: dict[Key, CodedIllness] = {}
        self.absent: dict[str, str] = {}
        self.genes: dict[str, str] = {}
        self.fusions: list[Fusion] = []
        self.lists: dict[str, frozenset[str | Key]] = {}
        self.by_karyotype_never_no: set[str] = set()
        self.diagnosis_dates: tuple[str, ...] = ()
        self.diagnosis_latest: tuple[str, ...] = ()
        self.treatment: Treatment | None = None
        self.medicines: set[Key] = set()
        for code_map in maps:
            self._add(code_map)

    @lru_cache(maxsize=50_000)  # noqa: B019 - as long as these meanings are in use; values repeat, and read alike
    def fact(self, fact_id: str, said: str, method: str, limit: str) -> Fact:
        """What a person would have typed, read as such. Raises `InputProblem`."""
        return read_fact(self.library, fact_id, said, method, limit)

    def _add(self, added: CodeMap) -> None:
        self._names |= {_plain(address): name for name, addresses in added.systems.items() for address in addresses}
        by_code: dict[Key, tuple[CodedResult, ...]] = {}
        for result in added.results:
            key = self._named(result.system, result.code)
            by_code[key] = (*by_code.get(key, ()), result)
        self.results |= by_code
        self.answers |= {self._named(answer.system, answer.code): answer.says for answer in added.answers}
        self.illnesses |= {self._named(illness.system, illness.code): illness for illness in added.illnesses}
        self.absent |= added.absent
        for symbol, gene in added.genes.items():
            self.genes |= {name.upper(): symbol for name in (symbol, *gene.names)}
        self.fusions += added.fusions
        self.lists |= {name: frozenset(self._signs(listed.codes)) for name, listed in added.lists.items()}
        self.by_karyotype_never_no |= set(added.not_ruled_out_by_karyotype)
        self.diagnosis_dates = added.diagnosis_dates or self.diagnosis_dates
        self.diagnosis_latest = added.diagnosis_latest or self.diagnosis_latest
        if added.treatment:
            self.treatment = added.treatment
            self.medicines |= {self._named(code.system, code.code) for code in added.treatment.medicines}

    def _signs(self, codes: Iterable[Code]) -> Iterator[str | Key]:
        """A list's codes, and its names in words for records that give another code or none."""
        for code in codes:
            yield self._named(code.system, code.code)
            yield _words(code.display)

    def _named(self, system: str, code: str) -> Key:
        """A terminology that a map calls by its name stays; one that it gives by its address gets the name, if it has one."""
        return self._names.get(system) or self._names.get(_plain(system), _plain(system)), code

    def key(self, coding: Coding) -> Key:
        return self._named(coding.system, coding.code)

    def is_ucum(self, system: str) -> bool:
        return self._named(system, "")[0] == "UCUM"

    def results_of(self, concept: Concept) -> tuple[CodedResult, ...]:
        """What a result with these codes answers: the first of them that is known."""
        for coding in concept.coding:
            found = self.results.get(self._named(coding.system, coding.code))
            if found:
                return found
        return ()

    def is_in(self, name: str, concept: Concept | None) -> bool:
        """Whether a concept is one of a named list, by a code or by its words."""
        if concept is None:
            return False
        listed = self.lists.get(name, frozenset())
        words = {_words(concept.text), *(_words(coding.display) for coding in concept.coding)} - {""}
        return any(self.key(coding) in listed for coding in concept.coding) or not words.isdisjoint(listed)

    def has_code(self, name: str, concept: Concept) -> bool:
        """Whether a concept is one of a named list, by a code alone."""
        listed = self.lists.get(name, frozenset())
        return any(self.key(coding) in listed for coding in concept.coding)


def _plain(address: str) -> str:
    return address.rstrip("/")


def _words(display: str) -> str:
    return display.strip().casefold().replace("_", " ")


def _of_dictionary(library: Library) -> Iterator[tuple[Key, tuple[CodedResult, ...]]]:
    for fact in library.facts.values():
        for code in fact.codes:
            yield (code.system, code.code), (CodedResult(system=code.system, code=code.code, fact=fact.id),)


def _choices(library: Library) -> Iterator[tuple[str, dict[Key, str]]]:
    """The codes of each fact's answers, and what a person would write for them."""
    for fact in library.facts.values():
        coded = [(choice.code, choice.id) for choice in fact.choices if choice.code]
        coded += [(group.code, group.id) for group in fact.groups if group.code]
        yield fact.id, {(code.system, code.code): answer for code, answer in coded}


def find_meanings(library: Library, shipped: dict[str, CodeMap], own: str | None = None) -> Meanings:
    """The shipped map, with a hospital's own on top: another shipped one by its id, or a YAML file. Raises `InputProblem`."""
    if own is None:
        return Meanings(library, [shipped[SHIPPED]])
    return Meanings(library, [shipped[SHIPPED], shipped[own] if own in shipped else _own(library, Path(own), ", ".join(shipped))])


def _own(library: Library, path: Path, known: str) -> CodeMap:
    from remission.knowledge.check_codes import wrong_with
    from remission.knowledge.read import read_code_map

    if not path.is_file():
        raise InputProblem("mapping-unknown", mapping=str(path), known=known)
    try:
        code_map = read_code_map(path)
    except (KnowledgeError, UnicodeDecodeError, OSError) as error:
        raise InputProblem("fhir-mapping-malformed", file=str(path), reason=str(error)) from error
    for problem in wrong_with(code_map, library):
        raise InputProblem("fhir-mapping-malformed", file=str(path), reason=problem)
    return code_map

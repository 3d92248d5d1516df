"""The form of a search for studies or hospitals: what was typed, what it means, and the sentence beside what cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from django.http import QueryDict

from remission.care.known import known_for_trials
from remission.care.record import Record
from remission.documents.wording import Wording
from remission.knowledge.model import Frozen
from remission.record.facts import Fact
from remission.record.problems import InputProblem
from remission.record.reading import read_fact
from remission.trials.ages import Age, age_from_birth, age_from_span
from remission.trials.criteria import Asked
from remission.trials.geography import read_distance
from remission.trials.search import STATUSES_ASKED, Query, StatusAsked, Trials

T = TypeVar("T")
_LONGEST = 100
# What is asked with a list to choose from: the fact it becomes, and the words of the answers by value.
_CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "state": ("disease_state", {name: f"page-state-{name}" for name in ("first", "relapsed", "refractory")}),
    "begun": ("treatment_started", {"yes": "page-yes", "no": "page-no"}),
    "lineage": ("lineage", {"b": "page-lineage-b", "t": "page-lineage-t"}),
    "ph": ("bcr_abl1", {"yes": "page-yes", "no": "page-no"}),
    "down": ("down_syndrome", {"yes": "page-yes", "no": "page-no"}),
}
_FACTS = {fact: name for name, (fact, _) in _CHOICES.items()} | {"age_today": "age"}
_FIRST, _PLACE = ("age", "near", "within", "status"), ("near", "within")
_FOLDED = ("born", "state", "begun", "lineage", "ph", "down", "words")
_HINTED = ("age", "born", "near", "within", "words")
_STATUS: StatusAsked = "open"


class FieldAsked(Frozen, frozen=True):
    """A field as a template shows it."""

    id: str
    label: str
    hint: str
    value: str
    problem: str = ""
    options: tuple[tuple[str, str], ...] = ()
    empty: str = ""  # what the choice of nothing is called

    @property
    def told(self) -> str:
        """What was typed or chosen; of an answer such as "yes", to what."""
        chosen = dict(self.options).get(self.value, self.value)
        return f"{self.label} {chosen}" if self.value in ("yes", "no") else chosen


class FormShown(Frozen, frozen=True):
    """The form: what stands open, what is folded, what is known of the child already, and the sentences by field."""

    first: tuple[FieldAsked, ...]
    folded: tuple[FieldAsked, ...]
    known: str
    problems: tuple[tuple[str, str], ...]
    was_used: bool

    @property
    def told(self) -> str:
        """What was asked, in a line."""
        return " · ".join(field.told for field in (*self.first, *self.folded) if field.told)

    @property
    def opens_fold(self) -> bool:
        return any(field.value or field.problem for field in self.folded)


class TrialForm:
    """Reads a form once. What cannot be read counts as not said, and its sentence stands beside it.

    With a child's record, what is written there is taken from there: it is never in an address.
    """

    def __init__(self, trials: Trials, words: Wording, sent: QueryDict, today: date, record: Record | None = None):
        self.trials, self.words, self.today, self.record = trials, words, today, record
        self.typed = {name: sent.get(name, "").strip()[:_LONGEST] for name in (*_FIRST, *_FOLDED)}
        self.problems: dict[str, str] = {}
        self.known = known_for_trials(record, today) if record else {}
        self.spot = self._try("near", trials.gazetteer.find)
        self.within = self._within()

    def query(self) -> Query:
        """What is asked of a search."""
        status = self.typed["status"]
        if status and status not in STATUSES_ASKED:
            self.problems["status"] = self._say(InputProblem("choice-unknown", value=status))
            status = _STATUS
        asked = Asked(self._age(), self._facts())
        return Query(asked, self.spot, self.within, status or _STATUS, self.typed["words"])

    def shown(self, only_place: bool = False) -> FormShown:
        first = _PLACE if only_place else tuple(name for name in _FIRST if name != "age" or not self._has_birth())
        folded = () if only_place else tuple(name for name in _FOLDED if not self._is_known(name))
        return FormShown(
            first=tuple(map(self._field, first)),
            folded=tuple(map(self._field, folded)),
            known="" if self.record is None or only_place else self._known_told(),
            problems=tuple(self.problems.items()),
            was_used=any(self.typed[name] for name in (*first, *folded)),
        )

    def asks(self, fact: str) -> str:
        """The field that answers a fact; nothing where there is none, or where it is answered."""
        name = _FACTS.get(fact, "")
        return "" if not name or self.typed[name] or self._is_known(name) else name

    # --- what was typed ---------------------------------------------------------------------------------------------------

    def _within(self) -> float | None:
        if self.typed["within"] and not self.typed["near"]:
            self.problems["within"] = self._say(InputProblem("trials-distance-from"))
            return None
        in_miles = self.trials.gazetteer.in_miles(self.spot)
        return self._try("within", lambda written: read_distance(written, in_miles))

    def _age(self) -> Age | None:
        if self._has_birth():
            born = self.record.born if self.record else None
            return None if born is None else age_from_birth(born, self.today, "")
        if self.typed["age"] and self.typed["born"]:
            self.problems["born"] = self._say(InputProblem("trials-age-twice"))
            return None
        return self._try("born", self._born) or self._try("age", lambda written: age_from_span(written, ""))

    def _born(self, written: str) -> Age:
        try:
            born = date.fromisoformat(written)
        except ValueError:
            raise InputProblem("date-unreadable", value=written, where="") from None
        try:
            return age_from_birth(born, self.today, "")
        except InputProblem:
            raise InputProblem("trials-born-impossible", value=written) from None

    def _facts(self) -> Mapping[str, Fact]:
        library = self.trials.comparison.library
        facts = {fact: read_fact(library, fact, value) for fact, value in self.known.items()}
        for name, (fact, answers) in _CHOICES.items():
            value = self.typed[name]
            if value and value not in answers:
                self.problems[name] = self._say(InputProblem("choice-unknown", value=value))
            elif value and fact not in facts:
                facts[fact] = read_fact(library, fact, value)
        return facts

    def _try(self, name: str, read: Callable[[str], T]) -> T | None:
        """What was typed, read; None when it is empty or cannot be used."""
        if not self.typed[name]:
            return None
        try:
            return read(self.typed[name])
        except InputProblem as problem:
            self.problems[name] = self._say(problem)
            return None

    def _say(self, problem: InputProblem) -> str:
        """The sentence, in the words of a page where those of the command line name options."""
        words = self.words.library.words
        own = f"page-{problem.word}"
        said = InputProblem(own if own in words else problem.word, **problem.values)
        return said.sentence(words, self.words.lang)

    # --- what is shown ----------------------------------------------------------------------------------------------------

    def _has_birth(self) -> bool:
        return self.record is not None and self.record.born is not None and self.record.born <= self.today

    def _is_known(self, name: str) -> bool:
        return self._has_birth() if name in ("age", "born") else name in _CHOICES and _CHOICES[name][0] in self.known

    def _field(self, name: str) -> FieldAsked:
        say = self.words.say
        answers = _CHOICES[name][1] if name in _CHOICES else {}
        if name == "status":
            answers = {status: f"page-status-{status}" for status in STATUSES_ASKED}
        value = self.typed[name]
        return FieldAsked(
            id=name,
            label=say(f"page-ask-{name}"),
            hint=say(f"page-hint-{name}") if name in _HINTED else "",
            value=_STATUS if name == "status" and value not in STATUSES_ASKED else value,
            problem=self.problems.get(name, ""),
            options=tuple((answer, say(word)) for answer, word in answers.items()),
            empty="" if name == "status" else say("page-ask-unknown"),
        )

    def _known_told(self) -> str:
        """What is taken from the family's own file, in words."""
        told = []
        if self.record and self.record.born and self._has_birth():
            told.append(self.words.say("page-known-born", day=self.words.day(self.record.born)))
        words = {"female": "page-known-girl", "male": "page-known-boy", "b": "page-lineage-b", "t": "page-lineage-t"}
        words["yes"] = "page-known-begun"
        told += [self.words.say(words[value]) for value in self.known.values()]
        return ", ".join(told) or self.words.say("page-ask-known-nothing")

"""What a record says of the disease: by code, by the listed name of its conditions, or suggested by words and no more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from remission.knowledge.model import Frozen
from remission.knowledge.trials import CancerType, Study, Types, folded

State = Literal["first", "relapsed", "refractory", "remission"]
_LEUKEMIAS = ("leukemia", "general")
Basis = Literal["coded", "named", "suggested", "not-said"]


class Kind(Frozen, frozen=True):
    """One condition: the node it names, how that is known, and the states that its qualifiers say."""

    node: str
    basis: Basis
    states: tuple[State, ...] = ()


class Disease(Frozen, frozen=True):
    """What a study says of the disease, ready to be compared. `nodes` are the types it lists, `coded` whether by code."""

    nodes: tuple[str, ...]
    coded: bool
    disease: str  # leukemia, general, lymphoma-only, not-said
    lineage: str  # b, t, both, suggests-b, suggests-t, not-said
    state: str  # first, relapsed, refractory, relapsed-or-refractory, both, suggests-first, suggests-relapsed, not-said
    ph: str  # only, suggests, not-said
    down: str  # suggests, not-said
    infant: str  # suggests, not-said


def normal(condition: str) -> str:
    """A condition as it is compared: "Leukaemia, Acute Lymphocytic (ALL)" → "leukemia acute lymphoblastic"."""
    signed = condition.replace("(+)", "+").replace("+", " positive ")
    bare = re.sub(r"\((?!\d|q)[^()]*\)", " ", signed) if signed.count("(") == signed.count(")") else signed
    text = folded(bare)
    text = text.replace("leukaemia", "leukemia").replace("leukemias", "leukemia")
    return re.sub(r"\b(?:lymphocytic|lymphoid|lymphatic)\b", "lymphoblastic", text)


class Kinds:
    """The types of `cancer-types.yaml`, ready to be asked. Built once for a library."""

    def __init__(self, types: Types):
        self.nodes = {node.id: node for node in types.nodes}
        self.by_name = {name: node for node in types.nodes for name in node.names}
        self.by_code = {code: node for node in types.nodes for code in node.ncit}
        self.states = {folded(word): each.state for each in types.qualifiers for word in each.words}
        self.qualifiers = _any_of(sorted(self.states, key=len, reverse=True))
        self.hints: dict[tuple[str, str], re.Pattern[str]] = {(hint.about, hint.value): _any_of(hint.words) for hint in types.hints}
        self.named = lru_cache(maxsize=8192)(self._named)
        self.of = lru_cache(maxsize=8192)(self._of)

    def _named(self, condition: str) -> Kind | None:
        """The node that a condition names, with or without qualifiers; None when it is another disease or cannot be told."""
        text = normal(condition)
        node = self.by_name.get(text)
        if node:
            return Kind(node.id, "named")
        node = self.by_name.get(" ".join(self.qualifiers.sub(" ", text).split()))
        states = (self.states[word] for word in self.qualifiers.findall(text))
        return Kind(node.id, "named", tuple(dict.fromkeys(state for state in states if state))) if node else None

    def _unlisted(self, conditions: tuple[str, ...]) -> list[Kind]:
        """An ALL listed by a name we do not know ("High-Risk ALL"). It may be of any type and state, and leaves both open."""
        unknown = (normal(condition) for condition in conditions if not self.named(condition))
        return [Kind("all", "suggested")] if any(self.suggests("disease", "leukemia", text) for text in unknown) else []

    def suggests(self, about: str, value: str, text: str) -> bool:
        """Whether words of this folded text suggest it."""
        return bool(self.hints[about, value].search(text))

    def _of(self, title: str, conditions: tuple[str, ...], codes: tuple[str, ...]) -> Disease:
        coded = [Kind(self.by_code[code].id, "coded") for code in codes if code in self.by_code]
        kinds = [kind for kind in map(self.named, conditions) if kind]
        listed = [self.nodes[kind.node] for kind in (*coded, *kinds)]
        unlisted = self._unlisted(conditions)
        words = normal(title)
        return Disease(
            nodes=tuple(dict.fromkeys(node.id for node in listed)),
            coded=bool(coded),
            disease=_disease(listed),
            lineage=self._lineage([*listed, *(self.nodes[kind.node] for kind in unlisted)], words),
            state=self._state([kind for kind in (*kinds, *unlisted) if self.nodes[kind.node].disease in _LEUKEMIAS], words),
            ph=self._ph([*listed, *(self.nodes[kind.node] for kind in unlisted)], words),
            down="suggests" if self._anywhere("down", words, conditions) else "not-said",
            infant="suggests" if self._anywhere("infant", words, conditions) else "not-said",
        )

    def study(self, study: Study) -> Disease:
        """What a study says; remembered, because the same studies are looked at again and again."""
        return self.of(study.title, study.conditions, study.codes)

    def _anywhere(self, about: str, title: str, conditions: Iterable[str]) -> bool:
        return any(self.suggests(about, "yes", text) for text in (title, *map(normal, conditions)))

    def _lineage(self, listed: list[CancerType], title: str) -> str:
        """The cell types of the leukemias that are listed. A plain "ALL" among them leaves it open, and then the title may hint."""
        leukemias = [node for node in listed if node.disease in _LEUKEMIAS]
        said = {node.lineage for node in leukemias}
        if {"b", "t"} <= said:
            return "both"
        if len(said) == 1 and said <= {"b", "t"}:
            return said.pop()
        hinted = [value for value in ("b", "t") if self.suggests("lineage", value, title) or value in said]
        return f"suggests-{hinted[0]}" if len(hinted) == 1 else "not-said"

    def _state(self, leukemias: list[Kind], title: str) -> str:
        """The states that the listed leukemias say, if each of them says one; otherwise what the title hints."""
        said = {state for kind in leukemias for state in kind.states}
        if leukemias and all(kind.states for kind in leukemias) and said and "remission" not in said:
            back = said & {"relapsed", "refractory"}
            if "first" in said:
                return "both" if back else "first"
            return "relapsed-or-refractory" if len(back) == 2 else back.pop()
        hinted = [value for value in ("first", "relapsed") if self.suggests("state", value, title)]
        return f"suggests-{hinted[0]}" if len(hinted) == 1 else "not-said"

    def _ph(self, listed: list[CancerType], title: str) -> str:
        leukemias = [node for node in listed if node.disease in _LEUKEMIAS]
        if leukemias and all(node.ph for node in leukemias):
            return "only"
        named = any(node.ph for node in leukemias) or self.suggests("ph", "yes", title)
        return "suggests" if named else "not-said"


def _disease(listed: list[CancerType]) -> str:
    diseases = {node.disease for node in listed}
    if "leukemia" in diseases:
        return "leukemia"
    if "general" in diseases:
        return "general"
    return "lymphoma-only" if diseases == {"lymphoma"} else "not-said"


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(re.escape(folded(word)) for word in words) + r")\b")

"""The history of the texts: nothing of the past can change unseen, and a changed English sentence marks its Spanish as stale."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from conftest import ROOT
from remission.documents.reading import topic_text
from remission.knowledge.check_all import check_folder
from remission.knowledge.history import FOLDER, History, read_history, texts_of_shelf
from remission.knowledge.model import Library, Text
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.read import read_shelf
from remission.knowledge.shelf import Shelf
from remission.rules.compiled import load_shelf
from test_shelf import TODAY, folder

__all__ = ["folder"]  # the fixture: a copy of the knowledge that a test may change
EMPTY = History(versions=(), changes={}, texts={}, last="")
KEY = "blood-cells/marrow-makes-blood family"


def recorded(root: Path, shelf: Shelf, version: str, confirmed: tuple[str, ...] = ()) -> History:
    path = root / FOLDER / f"{version}.tsv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(read_history(root).next_file(shelf, version, confirmed), "utf-8")
    return read_history(root)


def reworded(shelf: Shelf, en: str | None = None, es: str | None = None) -> Shelf:
    """The shelf with the text of `KEY` told otherwise."""
    topic = shelf.topics["blood-cells"]
    claims = tuple(
        msgspec.structs.replace(claim, family=Text(en or claim.family.en, es or claim.family.es))
        if claim.id == "marrow-makes-blood"
        else claim
        for claim in topic.claims
    )
    return msgspec.structs.replace(shelf, topics={**shelf.topics, topic.id: msgspec.structs.replace(topic, claims=claims)})


def test_a_changed_english_sentence_marks_its_spanish_until_that_is_written_anew(tmp_path: Path) -> None:
    shelf = load_shelf()
    history = recorded(tmp_path, shelf, "2027-01-01")
    assert history.stale_spanish(shelf) == frozenset()
    english_only = reworded(shelf, en="The marrow is where blood is made.")
    assert history.stale_spanish(english_only) == {KEY}
    later = recorded(tmp_path, english_only, "2027-02-01")
    assert later.changes["2027-02-01"] == {KEY: "changed"}
    assert later.stale_spanish(english_only) == {KEY}, "recording a version does not make a translation right"
    both = reworded(english_only, es="En la médula se hace la sangre.")
    assert later.stale_spanish(both) == frozenset()


def test_a_spanish_text_can_be_confirmed_as_it_is(tmp_path: Path) -> None:
    shelf = load_shelf()
    recorded(tmp_path, shelf, "2027-01-01")
    english_only = reworded(shelf, en="The marrow is where blood is made.")
    history = recorded(tmp_path, english_only, "2027-02-01", confirmed=(KEY,))
    assert history.stale_spanish(english_only) == frozenset()


def test_a_removed_and_a_new_text_are_told(tmp_path: Path) -> None:
    shelf = load_shelf()
    fewer = msgspec.structs.replace(shelf, glossary={})
    recorded(tmp_path, fewer, "2027-01-01")
    history = recorded(tmp_path, shelf, "2027-01-02")
    assert set(history.changes["2027-01-02"].values()) == {"new"}
    assert set(recorded(tmp_path, fewer, "2027-01-03").changes["2027-01-03"].values()) == {"removed"}
    assert len(history.texts) == sum(1 for _ in texts_of_shelf(shelf))


def test_the_past_cannot_be_changed_unseen(tmp_path: Path) -> None:
    shelf = load_shelf()
    recorded(tmp_path, shelf, "2027-01-01")
    recorded(tmp_path, reworded(shelf, en="Otherwise."), "2027-01-02")
    first = tmp_path / FOLDER / "2027-01-01.tsv"
    first.write_text(first.read_text("utf-8").replace("new", "changed", 1), "utf-8")
    with pytest.raises(KnowledgeError, match="2027-01-02"):
        read_history(tmp_path)


def test_a_version_is_recorded_once_and_in_order() -> None:
    history = msgspec.structs.replace(EMPTY, versions=("2027-01-02",))
    for version in ("2027-01-02", "2027-01-01"):
        with pytest.raises(KnowledgeError, match="is no newer"):
            history.next_file(load_shelf(), version)


def test_a_reader_of_spanish_is_told(library: Library) -> None:
    shelf = msgspec.structs.replace(load_shelf(), stale_spanish=frozenset({KEY}))
    told = {lang: topic_text(library, shelf, shelf.topics["blood-cells"], lang, "family") for lang in ("en", "es")}
    assert library.words["read-stale"].es in told["es"]
    assert library.words["read-stale"].en not in told["en"]


def test_a_text_changed_after_its_version_was_recorded_is_found(folder: Path) -> None:
    about = folder / "library.yaml"
    about.write_text(re.sub(r'version: ".*"', 'version: "2030-01-01"', about.read_text("utf-8")), "utf-8")
    recorded(folder, read_shelf(folder), "2030-01-01")
    assert [problem for problem in check_folder(folder, TODAY)[1] if "Raise the version" in problem] == []
    sample = folder / "claims" / "sample.yaml"
    sample.write_text(sample.read_text("utf-8").replace("It lies in 2", "It sits in 2"), "utf-8")
    assert [problem for problem in check_folder(folder, TODAY)[1] if "1 text(s) changed since 2030-01-01" in problem]


def test_the_knowledge_has_a_history() -> None:
    assert read_history(ROOT / "knowledge").versions

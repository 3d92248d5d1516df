"""The pictures: drawn from their data, described in both languages, and nothing drawn outside the sheet."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import Run
from remission.documents.drawing import SMALL, WIDTH, broken
from remission.documents.pictures import svg
from remission.knowledge.model import LANGS, Lang
from remission.knowledge.pictures import Marrow, Tree
from remission.rules.compiled import load_shelf

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = load_shelf().pictures
WANTED = {"blood-cells", "crowded-marrow", "three-phases", "mrd-scale", "where-samples-are-taken"}


def test_the_pictures_are_there() -> None:
    assert set(PICTURES) >= WANTED


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_says_in_words_what_it_shows(name: str, lang: Lang) -> None:
    drawn = ElementTree.fromstring(svg(PICTURES[name], lang))  # noqa: S314 - we wrote it a moment ago
    assert drawn.findtext(f"{SVG}title") == PICTURES[name].title.in_(lang)
    assert drawn.findtext(f"{SVG}desc") == PICTURES[name].description.in_(lang)
    assert drawn.get("lang") == lang


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", sorted(PICTURES))
def test_nothing_is_drawn_outside_the_sheet_and_no_words_lie_on_others(name: str, lang: Lang) -> None:
    drawn = ElementTree.fromstring(svg(PICTURES[name], lang))  # noqa: S314
    height = float(drawn.get("height", "0"))
    texts = list(drawn.iter(f"{SVG}text"))
    assert texts
    for text in texts:
        assert 0 <= float(text.get("x", "-1")) <= WIDTH
        assert 0 <= float(text.get("y", "-1")) <= height
    starts = [(text.get("x"), text.get("y")) for text in texts]
    assert len(set(starts)) == len(starts)


def test_ink_is_the_only_colour() -> None:
    for picture in PICTURES.values():
        drawn = ElementTree.fromstring(svg(picture, "en"))  # noqa: S314
        used = {shape.get(paint) for shape in drawn.iter() for paint in ("fill", "stroke")} - {None}
        assert used <= {"currentColor", "none"}


def test_every_cell_of_the_tree_and_every_leukemia_cell_is_drawn() -> None:
    tree, marrow = PICTURES["blood-cells"], PICTURES["crowded-marrow"]
    assert isinstance(tree, Tree)
    assert isinstance(marrow, Marrow)
    drawn = svg(tree, "es")
    assert all(cell.name.es.split()[0] in drawn for cell in tree.cells)
    dark = svg(marrow, "en").count('fill-opacity="0.9"') - 1  # one stands in the legend
    assert dark == sum(view.young for view in marrow.views)


def test_text_is_broken_into_lines_that_fit() -> None:
    assert broken("one two three", 1000, SMALL) == ["one two three"]
    assert broken("one two three", 30, SMALL) == ["one", "two", "three"]
    assert broken("", 100, SMALL) == []


def test_the_command_lists_draws_and_refuses(run: Run, tmp_path: Path) -> None:
    assert "mrd-scale" in run("picture").out
    assert run("picture", "mrd-scale", "--lang", "es").out.startswith("<svg")
    path = tmp_path / "scale.svg"
    assert str(path) in run("picture", "mrd-scale", "--out", str(path)).err
    assert path.read_text("utf-8").startswith("<svg")
    refused = run("picture", "mona-lisa")
    assert refused.code == 2
    assert "mrd-scale" in refused.err

"""The pictures of the library, drawn from their data."""

from __future__ import annotations

import math
from collections.abc import Callable

from remission.documents.drawing import BIG, SMALL, SOFT, WIDTH, Sheet, broken
from remission.knowledge.model import Lang
from remission.knowledge.pictures import Body, Cell, Marrow, Picture, Road, Scale, Tree, View

_EDGE = 10.0


def svg(picture: Picture, lang: Lang) -> str:
    """The picture as SVG, its title and its description inside."""
    sheet = Sheet(picture.title.in_(lang), picture.description.in_(lang), lang)
    if isinstance(picture, Tree):
        _tree(sheet, picture, lang)
    elif isinstance(picture, Marrow):
        _marrow(sheet, picture, lang)
    elif isinstance(picture, Road):
        _road(sheet, picture, lang)
    elif isinstance(picture, Scale):
        _scale(sheet, picture, lang)
    else:
        _body(sheet, picture, lang)
    return sheet.finished()


# --- the tree of blood cells --------------------------------------------------------------------------------------------

_INDENT, _CELL = 30.0, 17.0


def _tree(sheet: Sheet, tree: Tree, lang: Lang) -> None:
    """Every cell on a row of its own, moved in by its depth, with a line to the cell it comes from: it fits a phone."""
    places: dict[str, tuple[float, float]] = {}
    for cell in tree.cells:
        x = _EDGE + _CELL + _INDENT * _depth(tree, cell)
        told = [cell.does.in_(lang), *([cell.when_few.in_(lang)] if cell.when_few else [])]
        top = sheet.y + 6
        places[cell.id] = (x, top + _CELL)
        if cell.of:
            px, py = places[cell.of]
            sheet.path(f"M{px} {py + _CELL + 2:.0f}V{top + _CELL:.0f}H{x - _CELL - 2:.0f}")
        _LOOKS[cell.look](sheet, x, top + _CELL)
        text_x = x + _CELL + 10
        sheet.y = top - 3
        sheet.paragraph(text_x, cell.name.in_(lang), WIDTH - text_x - _EDGE, bold=True)
        for line in told:
            sheet.paragraph(text_x, line, WIDTH - text_x - _EDGE, SMALL)
        if cell.marked:
            _marked(sheet, cell.marked.in_(lang), text_x)
        sheet.y = max(sheet.y, top + 2 * _CELL) + 4


def _marked(sheet: Sheet, text: str, x: float) -> None:
    """A remark in a dashed box."""
    width = WIDTH - x - _EDGE
    lines = broken(text, width - 16, SMALL)
    sheet.box(x, sheet.y + 6, width, len(lines) * SMALL * 1.3 + 10, SOFT, dashed=True)
    sheet.y += 8
    sheet.paragraph(x + 8, text, width - 16, SMALL)
    sheet.y += 8


def _depth(tree: Tree, cell: Cell) -> int:
    parents = {other.id: other for other in tree.cells}
    return 1 + _depth(tree, parents[cell.of]) if cell.of else 0


def _stem(sheet: Sheet, x: float, y: float) -> None:
    sheet.circle(x, y, _CELL, SOFT)
    sheet.circle(x, y, 9, SOFT)


def _red(sheet: Sheet, x: float, y: float) -> None:
    """A disc with a dent, and no nucleus."""
    sheet.circle(x, y, _CELL - 2, SOFT)
    sheet.circle(x, y, 6, line=1.2)


def _platelets(sheet: Sheet, x: float, y: float) -> None:
    for dx, dy in ((-8, -5), (6, -8), (0, 4), (10, 6), (-9, 9)):
        sheet.circle(x + dx, y + dy, 4, SOFT, line=1.5)


def _granulocyte(sheet: Sheet, x: float, y: float) -> None:
    """A nucleus in lobes, and grains."""
    sheet.circle(x, y, _CELL)
    for dx, dy in ((-6, -3), (1, 5), (7, -4)):
        sheet.circle(x + dx, y + dy, 5, 0.5, line=1)
    for dx, dy in ((-10, 6), (-2, -11), (10, 8), (-4, 12), (12, -9)):
        sheet.circle(x + dx * 0.9, y + dy * 0.9, 1, 0.8, line=0)


def _monocyte(sheet: Sheet, x: float, y: float) -> None:
    """A nucleus like a kidney."""
    sheet.circle(x, y, _CELL)
    sheet.path(f"M{x - 9} {y - 5}q9 -9 18 0q3 8 -4 11q-2 -8 -9 -5q-7 4 -5 -6z", 0.5, line=1)


def _lymphocyte(sheet: Sheet, x: float, y: float) -> None:
    """A round nucleus that fills nearly all of a small cell."""
    sheet.circle(x, y, _CELL - 3)
    sheet.circle(x, y, 10, 0.5, line=1)


def _blast(sheet: Sheet, x: float, y: float) -> None:
    sheet.circle(x, y, _CELL)
    sheet.circle(x + 1, y, 13, 0.9, line=0)


_LOOKS: dict[str, Callable[[Sheet, float, float], None]] = {
    "stem": _stem, "red": _red, "platelets": _platelets, "granulocyte": _granulocyte, "monocyte": _monocyte,
    "lymphocyte": _lymphocyte, "blast": _blast,
}  # fmt: skip

# --- the marrow ----------------------------------------------------------------------------------------------------------

_DRAWN_CELLS = 100
_RADIUS = 78.0


def _marrow(sheet: Sheet, marrow: Marrow, lang: Lang) -> None:
    top = sheet.y
    column = WIDTH / len(marrow.views)
    ends = []
    for number, view in enumerate(marrow.views):
        sheet.y = top
        _view(sheet, view, column * (number + 0.5))
        sheet.paragraph(column * number + _EDGE, view.label.in_(lang), column - 2 * _EDGE, bold=True)
        sheet.paragraph(column * number + _EDGE, view.says.in_(lang), column - 2 * _EDGE, SMALL)
        ends.append(sheet.y)
    sheet.y = max(ends) + 22
    sheet.circle(_EDGE + 7, sheet.y - 4, 6, 0.9)
    sheet.write(_EDGE + 20, sheet.y, marrow.legend.young.in_(lang), SMALL)
    sheet.circle(WIDTH / 2 + 7, sheet.y - 4, 6, SOFT, line=1.2)
    sheet.write(WIDTH / 2 + 20, sheet.y, marrow.legend.healthy.in_(lang), SMALL)
    sheet.paragraph(_EDGE, marrow.legend.drawn.in_(lang), WIDTH, SMALL)


def _view(sheet: Sheet, view: View, x: float) -> None:
    """A hundred cells in a circle, spread like the seeds of a sunflower; the leukemia cells are dark, wherever they lie."""
    middle = sheet.y + _RADIUS + 4
    sheet.circle(x, middle, _RADIUS)
    young = {round(place * _DRAWN_CELLS / view.young) + 37 for place in range(view.young)} if view.young else set()
    dark = {place % _DRAWN_CELLS for place in young}
    for place in range(_DRAWN_CELLS):
        distance = (_RADIUS - 9) * math.sqrt((place + 0.5) / _DRAWN_CELLS)
        turn = place * math.pi * (3 - math.sqrt(5))
        at = (x + distance * math.cos(turn), middle + distance * math.sin(turn))
        if place in dark:
            sheet.circle(*at, 6, 0.9, line=0)
        else:
            sheet.circle(*at, 5.2, SOFT, line=1.2)
    sheet.y = middle + _RADIUS + 4


# --- the road ------------------------------------------------------------------------------------------------------------


def _road(sheet: Sheet, road: Road, lang: Lang) -> None:
    """One road from side to side, its stages numbered; what each is for stands below, where a phone has room for words."""
    room, longest = WIDTH - 2 * _EDGE, sum(stage.share for stage in road.stages)
    x, top = _EDGE, sheet.y + 22
    for number, stage in enumerate(road.stages, 1):
        width = room * stage.share / longest
        sheet.write(x + width / 2, top - 7, str(number), BIG, bold=True, anchor="middle")
        sheet.box(x, top, width - 4, 22, 0.75 / number)
        x += width
    sheet.y = top + 28
    for number, stage in enumerate(road.stages, 1):
        sheet.y += 4
        sheet.write(_EDGE, sheet.y + BIG * 1.3, str(number), BIG, bold=True)
        sheet.paragraph(_EDGE + 26, stage.name.in_(lang), room - 26, BIG, bold=True)
        sheet.paragraph(_EDGE + 26, stage.aim.in_(lang), room - 26)
        sheet.y += 6
    sheet.paragraph(_EDGE, road.note.in_(lang), room, SMALL)


# --- the scale of MRD ----------------------------------------------------------------------------------------------------


def _scale(sheet: Sheet, scale: Scale, lang: Lang) -> None:
    """A ladder: each step is ten times fewer, paler and shorter by the same length, as on a logarithmic ruler."""
    sheet.paragraph(_EDGE, scale.heading.in_(lang), WIDTH, bold=True)
    sheet.y += 8
    widest = 120.0
    for number, step in enumerate(scale.steps):
        left = (len(scale.steps) - number) / len(scale.steps)
        sheet.box(_EDGE, sheet.y, widest * left, 22, 0.9 * left * left)
        sheet.write(_EDGE + widest + 14, sheet.y + 17, f"{step.one_in:,}", BIG, bold=True)
        sheet.write(WIDTH - _EDGE, sheet.y + 17, step.percent.replace(" ", "\u202f"), anchor="end")
        sheet.y += 30
        if step.mark:
            sheet.path(f"M{_EDGE} {sheet.y:.0f}H{WIDTH - _EDGE}", dashed=True)
            sheet.paragraph(_EDGE, f"↑ {step.mark.in_(lang)}", WIDTH - 2 * _EDGE, SMALL)
            sheet.y += 10
    sheet.paragraph(_EDGE, scale.note.in_(lang), WIDTH - 2 * _EDGE, SMALL)


# --- the body ------------------------------------------------------------------------------------------------------------

_MIDDLE = 100.0
_AT = {"hip": (_MIDDLE + 17, 186.0), "lower-back": (_MIDDLE, 160.0)}
_OUTLINE = (
    "M88 62C88 72 74 76 62 82C50 88 48 108 45 134C43 152 38 168 37 186C37 194 48 196 51 188C55 172 58 158 62 142"
    "C64 158 64 172 62 188C60 216 66 246 68 278C69 296 66 312 66 322C66 330 88 330 90 322C93 298 94 262 100 226"
    "C106 262 107 298 110 322C112 330 134 330 134 322C134 312 131 296 132 278C134 246 140 216 138 188C136 172 136 158 138 142"
    "C142 158 145 172 149 188C152 196 163 194 163 186C162 168 157 152 155 134C152 108 150 88 138 82C126 76 112 72 112 62"
)


def _body(sheet: Sheet, body: Body, lang: Lang) -> None:
    top = sheet.y
    sheet.circle(_MIDDLE, 38, 27, SOFT)
    sheet.path(_OUTLINE, SOFT)
    sheet.path(f"M{_MIDDLE} 84V172", line=1.2, dashed=True)  # the spine
    sheet.path("M72 178C80 168 92 170 96 182M128 178C120 168 108 170 104 182", line=1.2)  # the back of the hip bones
    sheet.y = 96
    text_x = 200.0
    for place in sorted(body.places, key=lambda place: _AT[place.at][1]):
        x, y = _AT[place.at]
        sheet.circle(x, y, 5, 0.9)
        sheet.y += 14
        line_y = sheet.y + 12
        sheet.path(f"M{x + 6} {y:.0f}L{text_x - 8} {line_y:.0f}", line=1.2)
        sheet.paragraph(text_x, place.name.in_(lang), WIDTH - text_x - 4, bold=True)
        sheet.paragraph(text_x, place.says.in_(lang), WIDTH - text_x - 4, SMALL)
    sheet.y = max(sheet.y, top + 322)
    sheet.paragraph(_EDGE, body.note.in_(lang), WIDTH - 2 * _EDGE, SMALL)

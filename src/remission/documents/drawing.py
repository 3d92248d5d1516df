"""A sheet to draw on: lines of two pixels in ink with one soft fill, as SVG that can be read in black and white.

Everything is drawn in `currentColor`, so that a page gives the ink; alone, the sheet brings its own. Coordinates are in pixels of a
phone's width.
"""

from __future__ import annotations

from xml.etree import ElementTree

WIDTH = 360
INK = "#0d4a5a"
SOFT = 0.14  # the one soft fill
_LINE = 2
_FONT = "'Atkinson Hyperlegible Next', system-ui, sans-serif"
_LETTER = 0.53  # the mean width of a letter, in ems
SMALL, TEXT, BIG = 13, 15, 17


class Sheet:
    """An SVG being drawn, top to bottom. `y` is how far down it is filled."""

    def __init__(self, title: str, description: str, lang: str):
        self.y = 8.0
        self._svg = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img", lang=lang, color=INK)
        self._svg.set("font-family", _FONT)
        ElementTree.SubElement(self._svg, "title").text = title
        ElementTree.SubElement(self._svg, "desc").text = description

    def finished(self) -> str:
        """The SVG as text."""
        height = round(self.y + 8)
        self._svg.set("viewBox", f"0 0 {WIDTH} {height}")
        self._svg.set("width", str(WIDTH))
        self._svg.set("height", str(height))
        ElementTree.indent(self._svg)
        return ElementTree.tostring(self._svg, encoding="unicode") + "\n"

    def write(self, x: float, y: float, text: str, size: int = TEXT, bold: bool = False, anchor: str = "start") -> None:
        """One line of text with its baseline at `y`."""
        at = {"x": _number(x), "y": _number(y), "font-size": str(size), "fill": "currentColor", "text-anchor": anchor}
        if bold:
            at["font-weight"] = "600"
        ElementTree.SubElement(self._svg, "text", at).text = text

    def paragraph(self, x: float, text: str, width: float, size: int = TEXT, bold: bool = False) -> None:
        """Text in lines below what is drawn so far."""
        for line in broken(text, width, size):
            self.y += size * 1.3
            self.write(x, self.y, line, size, bold)

    def circle(self, x: float, y: float, radius: float, fill: float = 0, line: float = _LINE, dashed: bool = False) -> None:
        self._shape("circle", {"cx": _number(x), "cy": _number(y), "r": _number(radius)}, fill, line, dashed)

    def path(self, drawn: str, fill: float = 0, line: float = _LINE, dashed: bool = False) -> None:
        self._shape("path", {"d": drawn}, fill, line, dashed)

    def box(
        self, x: float, y: float, width: float, height: float, fill: float = 0, line: float = _LINE, dashed: bool = False
    ) -> None:
        at = {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height), "rx": "8"}
        self._shape("rect", at, fill, line, dashed)

    def _shape(self, kind: str, at: dict[str, str], fill: float, line: float, dashed: bool) -> None:
        at |= {"fill": "currentColor", "fill-opacity": _number(fill)} if fill else {"fill": "none"}
        if line:
            at |= {"stroke": "currentColor", "stroke-width": _number(line), "stroke-linecap": "round", "stroke-linejoin": "round"}
        if dashed:
            at["stroke-dasharray"] = "5 5"
        ElementTree.SubElement(self._svg, kind, at)


def broken(text: str, width: float, size: int) -> list[str]:
    """A text in lines no wider than `width` pixels, by the mean width of letters."""
    room = width / (size * _LETTER)
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

"""A sheet to draw on: lines of two pixels in ink with one soft fill, as SVG that can be read in black and white.

Everything is drawn in `currentColor`. A picture that stands alone brings its own ink; a chart brings none, so that it takes the ink
of the page it stands in, and is black in print. Coordinates are in pixels of a phone's width.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

WIDTH, WIDE = 360, 760  # a phone; a desk and print
INK = "#0d4a5a"
SOFT = 0.14  # the one soft fill
_LINE = 2
_FONT = "'Atkinson Hyperlegible Next', system-ui, sans-serif"
Spot = tuple[float, float]
_LETTER = 0.53  # the mean width of letters, in ems
_NARROW, _DIGIT, _BROAD = 0.33, 0.62, 0.85  # of points and blanks; of digits and capitals; of the broadest letters
_LONG_WORD = 12  # letters; a longer one is broken where it does not fit
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLANKS = re.compile("[ \\t\\r\\n]+")  # a no-break space holds its words together
_SUPERSCRIPT, _LOWERED = re.compile("([⁰⁴-⁹⁻]+)"), str.maketrans("⁰⁴⁵⁶⁷⁸⁹⁻", "0456789-")  # which the font does not have
_MICRO, _MU = "\u00b5", "\u03bc"  # they look alike; the font of the prints has only the second
SMALL, TEXT, BIG = 13, 15, 17


class Sheet:
    """An SVG being drawn, top to bottom. `y` is how far down it is filled."""

    def __init__(self, title: str, description: str, lang: str, width: int = WIDTH, ink: str = INK):
        self.y = 8.0
        self.width = width
        self._svg = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img", lang=lang)
        if ink:
            self._svg.set("color", ink)
        self._svg.set("font-family", _FONT)
        ElementTree.SubElement(self._svg, "title").text = _writable(title)
        ElementTree.SubElement(self._svg, "desc").text = _writable(description)

    def finished(self) -> str:
        """The SVG as text."""
        height = round(self.y + 8)
        self._svg.set("viewBox", f"0 0 {self.width} {height}")
        self._svg.set("width", str(self.width))
        self._svg.set("height", str(height))
        for element in self._svg:
            element.tail = "\n  "  # a line each; nothing is put inside a text, where a blank would be seen
        self._svg.text, self._svg[-1].tail = "\n  ", "\n"
        return ElementTree.tostring(self._svg, encoding="unicode") + "\n"

    def write(self, x: float, y: float, text: str, size: int = TEXT, bold: bool = False, anchor: str = "start") -> None:
        """One line of text with its baseline at `y`."""
        at = {"x": _number(x), "y": _number(y), "font-size": str(size), "fill": "currentColor", "text-anchor": anchor}
        if bold:
            at["font-weight"] = "600"
        element = ElementTree.SubElement(self._svg, "text", at)
        element.text, *raised = _SUPERSCRIPT.split(_writable(text))
        for up, following in zip(raised[::2], raised[1::2], strict=True):
            up_at = {"dy": _number(-size * 0.35), "font-size": str(round(size * 0.7))}
            ElementTree.SubElement(element, "tspan", up_at).text = up.translate(_LOWERED)
            ElementTree.SubElement(element, "tspan", {"dy": _number(size * 0.35)}).text = following

    def paragraph(self, x: float, text: str, width: float, size: int = TEXT, bold: bool = False) -> None:
        """Text in lines below what is drawn so far."""
        for line in broken(text, width, size):
            self.y += size * 1.3
            self.write(x, self.y, line, size, bold)

    def circle(self, x: float, y: float, radius: float, fill: float = 0, line: float = _LINE, dashed: bool = False) -> None:
        self._shape("circle", {"cx": _number(x), "cy": _number(y), "r": _number(radius)}, fill, line, "5 5" if dashed else "")

    def path(self, drawn: str, fill: float = 0, line: float = _LINE, dashed: bool = False, dotted: bool = False) -> None:
        self._shape("path", {"d": drawn}, fill, line, "5 5" if dashed else "1 5" if dotted else "")

    def line(self, start: Spot, end: Spot, line: float = _LINE, dashed: bool = False, dotted: bool = False) -> None:
        """A straight line."""
        drawn = f"M{_number(start[0])} {_number(start[1])}L{_number(end[0])} {_number(end[1])}"
        self.path(drawn, 0, line, dashed, dotted)

    def box(
        self, x: float, y: float, width: float, height: float, fill: float = 0, line: float = _LINE, dashed: bool = False,
        corner: float = 8,
    ) -> None:  # fmt: skip
        at = {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height), "rx": _number(corner)}
        self._shape("rect", at, fill, line, "5 5" if dashed else "")

    def _shape(self, kind: str, at: dict[str, str], fill: float, line: float, dashes: str) -> None:
        at |= {"fill": "currentColor", "fill-opacity": _number(fill)} if fill else {"fill": "none"}
        if line:
            at |= {"stroke": "currentColor", "stroke-width": _number(line), "stroke-linecap": "round", "stroke-linejoin": "round"}
        if dashes:
            at["stroke-dasharray"] = dashes
        ElementTree.SubElement(self._svg, kind, at)


def text_width(text: str, size: int) -> float:
    """How wide a line of text is, rather too wide than too narrow: so that two texts never touch."""
    return size * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if letter in " ,.:;'()-/·|":
        return _NARROW
    return _BROAD if letter in "%mwMW" else _DIGIT if letter.isdigit() or letter.isupper() else _LETTER


def broken(text: str, width: float, size: int) -> list[str]:
    """A text in lines no wider than `width` pixels, by the mean width of letters. A word too long for a line is cut."""
    room = width / (size * _LETTER)
    longest = max(_LONG_WORD, int(room))
    lines: list[str] = []
    for word in (part[at : at + longest] for part in _BLANKS.split(text.strip()) for at in range(0, len(part), longest)):
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _writable(text: str) -> str:
    """A text without the characters that no XML may hold, its micro sign one that the font has."""
    return _NO_XML.sub(" ", text).replace(_MICRO, _MU)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

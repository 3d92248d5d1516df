"""Spelling that people use and ISCN does not: capitals, spaces, typographic dashes, a hyphen for a range, a remark behind.

Each rule changes how something is written, never what it says, and each change is reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from remission.record.karyotype.draft import Draft, Edits

KINDS = frozenset({
    "psudic", "psuidic", "idic", "ider", "dic", "der", "del", "dup", "trp", "qdp", "inv", "ins", "add", "amp", "tas", "trc", "fis",
    "fra", "hsr", "rob", "rcp", "rec", "i", "r", "t",
})  # fmt: skip
_WORDS = KINDS | {
    "idem", "sl", "sdl", "mar", "dmin", "ace", "inc", "cp", "pter", "qter", "ter", "cen", "mat", "pat", "dn", "inh", "ish", "nuc",
    "psu", "dir", "con", "sep", "nonclonal",
}  # fmt: skip

_CHARACTERS = {
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"), **dict.fromkeys("∼～˜〜", "~"), **dict.fromkeys("’′‘ʹ", "'"),
    **dict.fromkeys("‹〈", "<"), **dict.fromkeys("›〉", ">"), "→": "->", "×": "x", "{": "[", "}": "]", "\\": "/",
    "，": ",", "；": ";",
}  # fmt: skip
_QUOTES = re.compile(r"^[\"'“”«»`]+|[\"'“”«»`]+$")
_ENTITY = re.compile(r"&(?:lt|gt);")
_LETTERS = "[A-Za-zÁÉÍÓÚáéíóúñ]+"
_REMARK_BEFORE = re.compile(
    rf"^(?:{_LETTERS}(?: {_LETTERS}){{0,3}}(?: \d{{4}})? ?: *|(?i:karyotype|cariotipo) +)(?=[?~]?\d|[a-z(])"
)
_REMARK_IN_BRACKETS = re.compile(r"(?<=\]) *\((?:[^\W\d_]|[ ,.:-]){3,}\)$")
_BEFORE_FISH = re.compile(r"(?<=[\])\dXY])[ ,;.]+(?=(?:nuc ?)?ish\b)", re.IGNORECASE)
_NUC_ISH = re.compile(r"(?:^|(?<=\.))nucish(?=[ (])", re.IGNORECASE)
_FISH_OF_MORE_CELLS = re.compile(r"(?<=[\])\d])/(?=\()")
_ABOUT = re.compile(r"(?:^|/)(~)(?=\d)")
_RANGE_BEHIND = re.compile(r"(?:^|(?<=/))\?*\d{2,3}\((\d{2,3})[-~](\d{2,3})\)(<\d?n[+±-]?>)?,?(?=[XYU])")
_SEMICOLON = re.compile(r"(?<=[\dXY)\]]);(?=[+-](?:\d|[XYa-z?]))")
_REMARK_BEHIND = re.compile(r"(?<=[\])\dXY])[\s,;.:-]* [\s,;.:-]*(?=[^\W\d_]{3})[^\d()\[\]/+;~<>]*$")
_FULL_STOP = re.compile(r"[.;,\s]+$")
_SPACE_FOR_COMMA = re.compile(r"(?:^|/)\s*\d+(?:[~-]\d+)?(?:<\d?n[+±-]?>)?( +)(?=[XYxy]|idem)")
_SPACE = re.compile(r" +")
_PHRASE_BEFORE = re.compile(r"(?:psu|inv|dir|nuc|con|sep|amp)$|(?:^|[^a-z])ish$", re.IGNORECASE)
_OR_BEHIND, _OR_BEFORE, _OR_BAND = re.compile(r"or +\??[pq\d]"), re.compile(r"\d +or$"), re.compile(r"\??[pq]?\d")
_PHRASE_BEHIND = re.compile(r"(?:con|sep|amp)\b", re.IGNORECASE)
_CAPITALS = re.compile(r"(?<![A-Za-z])([A-Za-z]*[A-Z][A-Za-z]*?)(?=\d*(?![A-Za-z]))")
_CELLS = "(?i:cells?|c[eé]lulas?|metaphases?|metafases?|mitos[ei]s)"
_CELLS_IN_WORDS = re.compile(rf"\[(?:cp)?\d+({_CELLS})\]")
_CELLS_EQUAL = re.compile(r"\[([nN]=)(?=\d)")
_BEFORE_CELLS = r"(?:(?<=[XY])|(?<=[+-]\d)|(?<=[+-]\d\d)|(?<=[pq]\d\d\))|(?<=\.\d\)))"  # never behind del(5): (13) may lack its arm
_CELLS_IN_BRACKETS = re.compile(rf"\(((?:cp)?\d{{1,3}}){_CELLS}\)|{_BEFORE_CELLS}\(((?:cp)?\d{{1,3}})\)(?=[/,.]|$)")
_CP_BEFORE = re.compile(r"(?<![A-Za-z])cp\[(?=\d)")
_NO_SECOND_X = re.compile(r"(?:^|/)\?*\d+,X([0Oo])(?=[,\[/c]|$)")
_SIGNS_RUN_TOGETHER = re.compile(r"[+-](?:\d{1,2}|[XY])()(?=[+-](?:\d{1,2}|[XY])(?:[,+\[/-]|$))")
_ARM_TWICE = re.compile(r"\(((?:\d{1,2}|[XY])[pq](?:;(?:\d{1,2}|[XY])[pq])*)\)(?=\(([^()]*)\))")
_BANDS_BY_CHROMOSOME = re.compile(r"(?<=[a-z])\((?:\d{1,2}|[XY])[pq]\d[\d.]*(?:;(?:\d{1,2}|[XY])[pq]\d[\d.]*)+\)(?!\()")
_IDEM_TIMES = re.compile(r"(?i:idemx)(?=\d)|(?<=[a-z\d)])X(?=\d+(?:[,\[/()]|$))")
_BAND_CAPITAL = re.compile(r"(?<=[(;\d?~])[PQ](?=(?:\?*\d{1,2}\?*(?:\.\d+)?\?*)(?:[PQpq~;)?\[,/]|$)|TER)")
_BORN_WITH = re.compile(r"(?<=[)\dXY?])C(?=[,\[/]|$)")
_SEX = re.compile(r"(?:^|/)\?*\d+(?:~\d+)?(?:<\d?n[+±-]?>)?,([xyXY]*[xy][xyXY]*)(?=[,\[/c?]|$)")
_RANGE = re.compile(
    r"(?:(?:^|/)\?*\d{1,3}|[+-]\d{1,3}(?=-\d+(?:mar|dmin|r\b))|[pq]\d{1,2}(?:\.\d{1,2})?)(-)(?=\d{1,3}[,<(mdr]|[pq]?\d{1,2}(?:\.\d{1,2})?[;)])"
)
_SLASH_LEFT_OUT = re.compile(r"\][,;]?(?=\?*\d{2,3}(?:~\d+)?(?:<|,)|nonclonal)")
_SMALL_SEX = re.compile(r"(?<=[(;+-])[xy](?=[);,\[/xc]|$)")

Found = re.Match[str]


def tidied(draft: Draft) -> Edits:
    """The draft in ISCN's own spelling, as far as spelling alone can bring it there, and what was changed."""
    edits = Edits(draft)
    _outer_space(edits)
    for index in range(len(edits.text) - 1, -1, -1):
        _one_character(edits, index)
    _every(edits, _ENTITY, lambda found: "<" if found[0] == "&lt;" else ">")
    for pattern in (_QUOTES, _REMARK_BEFORE, _REMARK_IN_BRACKETS):
        _every(edits, pattern, lambda _: "")
    _every(edits, _BEFORE_FISH, lambda _: ".")
    _every(edits, _NUC_ISH, lambda _: "nuc ish")
    _remark_behind(edits)
    _every(edits, _FULL_STOP, lambda _: "")
    _every(edits, _SPACE_FOR_COMMA, lambda _: ",", group=1)
    _every(edits, _SPACE, _space)
    _every(edits, _RANGE_BEHIND, lambda found: f"{found[1]}~{found[2]}{found[3] or ''},")
    _every(edits, _SEMICOLON, lambda _: ",")
    _cells(edits)
    _every(edits, _ABOUT, lambda _: "?", group=1)
    _every(edits, _CAPITALS, _lowered, group=1)
    _every(edits, _IDEM_TIMES, lambda found: found[0].lower())
    _every(edits, _BAND_CAPITAL, lambda found: found[0].lower())
    _every(edits, _BORN_WITH, lambda _: "c")
    _every(edits, _SMALL_SEX, lambda found: found[0].upper())
    _every(edits, _SEX, lambda found: found[1].upper(), group=1)
    _every(edits, _NO_SECOND_X, lambda _: "", group=1)
    _every(edits, _RANGE, lambda _: "~", group=1)
    _every(edits, _SIGNS_RUN_TOGETHER, lambda _: ",", group=1)
    _every(edits, _ARM_TWICE, _without_arms, group=1)
    _every(edits, _BANDS_BY_CHROMOSOME, _bands_apart)
    _every(edits, _FISH_OF_MORE_CELLS, lambda _: ",")
    _every(edits, _SLASH_LEFT_OUT, lambda _: "]/")
    return edits


def _every(edits: Edits, pattern: re.Pattern[str], became: Callable[[Found], str | None], group: int = 0) -> None:
    """Edits every match, the last one first so that the places before it still hold."""
    for found in reversed(list(pattern.finditer(edits.text))):
        new = became(found)
        if new is not None and new != found[group]:
            edits.edit(*found.span(group), new)


def _cells(edits: Edits) -> None:
    """Counts of cells as people write them: [20 cells], [n=20], (20), cp[20]."""
    _every(edits, _CELLS_IN_WORDS, lambda _: "", group=1)
    _every(edits, _CELLS_EQUAL, lambda _: "", group=1)
    _every(edits, _CELLS_IN_BRACKETS, lambda found: f"[{found[1] or found[2]}]")
    _every(edits, _CP_BEFORE, lambda _: "[cp")


def _without_arms(found: Found) -> str | None:
    """del(6q)(q15q21) names the arm twice; where the two differ, nothing is changed."""
    named, bands = found[1].split(";"), found[2].split(";")
    same = len(named) == len(bands) and all(band.startswith(name[-1]) for name, band in zip(named, bands, strict=True))
    return ";".join(name[:-1] for name in named) if same else None


def _bands_apart(found: Found) -> str:
    """t(4q21;11q23) as ISCN writes it: the chromosomes first, then the bands."""
    places = [re.split(r"(?=[pq])", place) for place in found[0][1:-1].split(";")]
    return f"({';'.join(place[0] for place in places)})({';'.join(place[1] for place in places)})"


def _outer_space(edits: Edits) -> None:
    """Nobody typed the space round a string on purpose: it goes without a word."""
    edits.edit(len(edits.text.rstrip()), len(edits.text), "", told=False)
    edits.edit(0, len(edits.text) - len(edits.text.lstrip()), "", told=False)


def _one_character(edits: Edits, index: int) -> None:
    character = edits.text[index]
    if character.isascii() and character not in "{}\\\t\n\r\v\f":
        return
    plain = " " if character.isspace() else _CHARACTERS.get(character) or unicodedata.normalize("NFKC", character)
    if plain.isascii() and plain != character:
        edits.edit(index, index + 1, plain)


def _remark_behind(edits: Edits) -> None:
    """Words behind the last bracket, "… detected by FISH." They say nothing in ISCN and are left out."""
    found = _REMARK_BEHIND.search(edits.text)
    if found and not _WORDS & {word.lower() for word in re.findall(r"[^\W\d_]+", found[0])}:
        edits.edit(*found.span(), "")


def _space(found: Found) -> str:
    """One space stays inside a phrase of ISCN (psu dic, nuc ish, ETV6 con RUNX1); every other space goes."""
    before, behind = found.string[: found.start()], found.string[found.end() :]
    if (_OR_BEHIND.match(behind) and before[-1:].isdigit()) or (_OR_BEFORE.search(before) and _OR_BAND.match(behind)):
        return " "
    if _PHRASE_BEHIND.match(behind) and before[-1:].isalnum():
        return " "
    return " " if _PHRASE_BEFORE.search(before) and not behind.startswith("(") else ""


def _lowered(found: Found) -> str | None:
    """A word of ISCN in capitals. Names of genes and of sex chromosomes stay as they are."""
    word, behind = found[1].lower(), found.string[found.end() :]
    if word == "x" or word not in _WORDS:
        return None
    opens = behind.startswith("(")
    return word if opens or word not in KINDS else None

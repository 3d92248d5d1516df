"""How clinics write a table of counts: headers in English and Spanish, numbers with a point or a comma, days in many forms.

What may be read in two ways is never read in one: "03/04/2026" and "2.100" are asked about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from remission.knowledge.model import Frozen, UnitFamily
from remission.record.units import unit_factor

DateStyle = Literal["", "dmy", "mdy"]
DecimalStyle = Literal["", "point", "comma"]

# What a column is called, accents, capitals and punctuation aside. `neutrophils` may be a share or a number: its unit tells.
_NAMES = {
    "on": "date, draw date, date of draw, collection date, collected, collected on, date collected, collection date time, "
    "specimen date, sample date, date time, datetime, test date, fecha, fecha de toma, fecha toma, fecha de la "
    "toma, fecha de muestra, fecha de la muestra, fecha de extraccion, fecha y hora, fecha hora, fecha del "
    "hemograma",
    "result-date": "result date, date of result, report date, resulted, fecha de resultado, fecha del resultado, fecha de informe, "
    "fecha del informe",
    "time": "time, draw time, collection time, time collected, hora, hora de toma, hora de la toma",
    "wbc": "wbc, wbcs, wbc count, white blood cells, white blood cell count, white cells, white cell count, white count, "
    "leukocytes, leukocyte count, leucocytes, leucocitos, leucos, leuc, leu, globulos blancos, gb, recuento de "
    "leucocitos, leucocitos totales",
    "anc": "anc, absolute neutrophil count, absolute neutrophils, abs neutrophils, neutrophils absolute, neutrophils abs, "
    "neutrophil count, neut abs, neutrofilos absolutos, neutrofilos abs, recuento absoluto de neutrofilos, ran, "
    "conteo absoluto de neutrofilos, can, rec abs neutrofilos, neutrofilos en numero",
    "neutrophils": "neutrophils, neutrophil, neut, neu, neutrofilos, neutros, neutrofilos totales",
    "segs": "segmented neutrophils, neutrophils segmented, segmented, segs, seg, polys, neutrofilos segmentados, "
    "segmentados",
    "bands": "bands, band, band neutrophils, neutrophils band, stabs, bandas, cayados, en banda, neutrofilos en banda, "
    "abastonados",
    "lymphocytes": "lymphocytes, lymphocyte, lymphs, lymph, lym, linfocitos, linf",
    "monocytes": "monocytes, monocyte, monos, mono, monocitos",
    "blasts": "blasts, blast, blastos",
    "hemoglobin": "hemoglobin, haemoglobin, hgb, hb, hemoglobina",
    "platelets": "platelets, platelet count, platelet, plt, plts, thrombocytes, plaquetas, plaq, plq, trombocitos, recuento de "
    "plaquetas",
    "where": "where, lab, laboratory, clinic, hospital, laboratorio, clinica, lugar",
    "note": "note, notes, comment, comments, nota, notas, comentario, comentarios, observaciones",
    "person": "patient, patient id, patient name, id, mrn, name, paciente, id paciente, nombre, nombre del paciente, historia "
    "clinica, expediente",
    "test": "test, test name, analyte, component, prueba, examen, analisis, determinacion, estudio, parametro",
    "value": "value, result, resultado, valor",
    "unit": "unit, units, unidad, unidades",
}  # fmt: skip
SHARES = ("neutrophils", "segs", "bands", "lymphocytes", "monocytes", "blasts")
_LONGEST = 100  # signs of a header or a cell that are looked at
_ABSOLUTE = re.compile(r"(?:\b(?:abs|absolute|absolut[oa]s?)\b|#)")
_NOTHING = frozenset({"", "-", "--", "---", "—", ".", "n/a", "na", "n.a.", "nd", "n.d.", "null", "none", "nan", "s/d"})
_FLAG = re.compile(r"^(?P<number>[\d.,\s]*\d)\s*(?:\*{1,3}|[HL]{1,2}|↑|↓)$")
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?"
_ZONE = r"(?P<half>[AaPp]\.?\s?[Mm]\.?)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_DATE_TIME = re.compile(rf"(?P<date>.+?)(?:[T\s]+{_CLOCK}\s*{_ZONE})?")
_MONTHS = ["jan|ene", "feb", "mar", "apr|abr", "may", "jun", "jul", "aug|ago", "sep|set", "oct", "nov", "dec|dic"]


class Column(Frozen, frozen=True):
    """What a header stands for, and the unit that it names. `field` is empty for a column that nobody knows."""

    header: str
    field: str
    unit: str = ""


def column(header: str, units: dict[str, UnitFamily]) -> Column:
    """A header as a column: "WBC (10^9/L)", "Leucocitos [miles/mm3]", "NEU %", "Neutrófilos #"."""
    header = header.strip()[:_LONGEST]
    name, unit = _unit_apart(header, units)
    field = _fields().get(_squeezed(name), "")
    is_absolute = _ABSOLUTE.search(plain(name)) is not None
    if is_absolute and field != "anc":
        field = _fields().get(_squeezed(_ABSOLUTE.sub(" ", plain(name))), "")
    if field in SHARES and (is_absolute or unit not in ("", "%")):
        field = "anc" if field == "neutrophils" else f"absolute-{field}"
    return Column(header, field, unit)


def _unit_apart(header: str, units: dict[str, UnitFamily]) -> tuple[str, str]:
    """The name and the unit of a header, whether the unit stands in brackets or at its end."""
    bracketed = re.fullmatch(r"(?P<name>[^(\[]+)[(\[](?P<unit>.+)[)\]]\s*", header)
    if bracketed and is_unit(bracketed["unit"], units):
        return bracketed["name"], bracketed["unit"].strip()
    glued = re.fullmatch(r"(?P<name>.*[^\s%])\s*%", header)
    if glued:
        return glued["name"].rstrip("( ["), "%"
    for place in re.finditer(r"[\s,_]+", header):
        if is_unit(header[place.end() :], units):
            return header[: place.start()], header[place.end() :].strip()
    return re.sub(r"^%\s*", "", header), "%" if header.startswith("%") else ""


def is_unit(written: str, units: dict[str, UnitFamily]) -> bool:
    return any(unit_factor(units[family], written) is not None for family in ("cell-count", "hemoglobin", "percent"))


@lru_cache(maxsize=1)
def _fields() -> dict[str, str]:
    return {_squeezed(name): field for field, names in _NAMES.items() for name in names.split(",")}


def _squeezed(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", plain(name)))


def plain(written: str) -> str:
    """Without accents and capitals."""
    return "".join(sign for sign in unicodedata.normalize("NFD", written) if not unicodedata.combining(sign)).casefold()


def is_nothing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().casefold() in _NOTHING


# --- numbers ------------------------------------------------------------------------------------------------------------------

_INTEGER = re.compile(r"\d{1,9}|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+")
_EITHER_WAY = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # a thousand, or three decimals
_BY_STYLE: dict[DecimalStyle, re.Pattern[str]] = {
    "point": re.compile(r"\d{0,9}\.\d{1,6}|[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{1,6})?"),
    "comma": re.compile(r"\d{0,9},\d{1,6}|[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{1,6})?"),
}


def without_flag(cell: str) -> str:
    """A number without the mark by which a laboratory shows that it is high or low: "0.8 L", "12.3*"."""
    cell = cell.strip()[:_LONGEST]
    match = _FLAG.fullmatch(cell)
    return match["number"] if match else cell


def decimal_style(cells: Iterable[str]) -> DecimalStyle:
    """Whether the numbers of a file have a decimal point or comma, as far as those tell that can be read in one way only."""
    styles = {style for cell in cells for style in _styles_of(cell)}
    return styles.pop() if len(styles) == 1 else ""


def read_number(written: str, style: DecimalStyle) -> Decimal | None:
    """A number, exactly; None when it is none, or when it may be two."""
    if _INTEGER.fullmatch(written):
        return Decimal(re.sub(r"\D", "", written))
    own = _styles_of(written)
    if len(own) != 1:
        own = {style} if may_be_two(written) and style else set()
    if not own:
        return None
    point = own == {"point"}
    return Decimal(written.replace("," if point else ".", "").replace("." if point else ",", "."))


def may_be_two(written: str) -> bool:
    """Whether a number is a thousand with a point or three decimals with a comma, or the other way round."""
    return _EITHER_WAY.fullmatch(written) is not None


def _styles_of(written: str) -> set[DecimalStyle]:
    """The ways in which a number with a point or a comma can be read; none where it may be two numbers."""
    if may_be_two(written):
        return set()
    return {style for style, pattern in _BY_STYLE.items() if pattern.fullmatch(written)}


# --- days ---------------------------------------------------------------------------------------------------------------------


class When(Frozen, frozen=True):
    """A day as it was written, with its time if there was one. `two_ways`: the day may be two days. `utc`: the time is in UTC."""

    on: date | None
    time: str = ""
    two_ways: bool = False
    utc: bool = False


def read_when(written: str, style: DateStyle) -> When:
    """A day, with or without a time, in the forms that can be read in one way; the others when `style` says which comes first."""
    match = _DATE_TIME.fullmatch(written.strip()[:_LONGEST])
    if match is None:
        return When(None)
    on, two_ways = _read_date(match["date"].strip(" ,"), style)
    return When(on, _time(match), two_ways, match["zone"] in ("Z", "+00:00", "+0000"))


def _time(match: re.Match[str]) -> str:
    """The time of the day as it was written; midnight on the dot is how a table says that there is none."""
    if match["hour"] is None:
        return ""
    hour, half = int(match["hour"]), (match["half"] or "").lower()[:1]
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    valid = hour < 24 and int(match["minute"]) < 60
    return f"{hour:02}:{match['minute']}" if valid and (hour, match["minute"]) != (0, "00") else ""


def read_time(written: str) -> str:
    """A time of its own column; nothing when it is none."""
    match = _DATE_TIME.fullmatch(f"x {written.strip()[:_LONGEST]}")
    return _time(match) if match else ""


def _read_date(written: str, style: DateStyle) -> tuple[date | None, bool]:
    iso = re.fullmatch(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})", written) or re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", written)
    if iso:
        return _day(iso[1], iso[3], iso[4]), False
    named = _named_date(written)
    if named:
        return named, False
    parts = re.fullmatch(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})", written)
    return _numbers_date(parts[1], parts[3], parts[4], style) if parts else (None, False)


def _numbers_date(first: str, second: str, year: str, style: DateStyle) -> tuple[date | None, bool]:
    """Three numbers. With both of the first two up to 12 only `style` can tell; a year of two digits could be a day as well."""
    if len(year) == 2:
        if not style:
            return None, True
        year = f"20{year}"
    readings: dict[DateStyle, date | None] = {"dmy": _day(year, second, first), "mdy": _day(year, first, second)}
    possible = {day for day in readings.values() if day}
    if style:
        return readings[style], False
    return (possible.pop(), False) if len(possible) == 1 else (None, bool(possible))


def _named_date(written: str) -> date | None:
    """A date with the month as a word: "3-Mar-2026", "March 3, 2026", "3 de marzo de 2026"."""
    words = [word for word in re.findall(r"[a-z]+|\d+", plain(written)) if word not in ("de", "del", "of", "st", "nd", "rd", "th")]
    if len(words) != 3 or len(words[2]) != 4:
        return None
    day, month = (words[0], words[1]) if words[0].isdigit() else (words[1], words[0])
    number = next((n for n, names in enumerate(_MONTHS, 1) if month[:3] in names.split("|")), 0)
    return _day(words[2], str(number), day) if day.isdigit() and month.isalpha() and number else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None

"""The look's tokens: text reaches AAA (7:1) on every ground it stands on, light and dark; edges of what can be used reach 3:1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import remission.site

CSS = (Path(remission.site.__file__).parent / "static" / "remission" / "look.css").read_text("utf-8")
_ROOTS = re.findall(r":root\{(.*?)\}", CSS, re.DOTALL)
THEMES = {"light": _ROOTS[0], "dark": _ROOTS[1]}
TEXT = [(ink, ground) for ink in ("ink", "quiet", "deep") for ground in ("paper", "surface")]
TEXT += [
    ("ink", "note"),
    ("ink", "done-soft"),
    ("ink", "open-soft"),
    ("ink", "deep-soft"),
    ("done", "done-soft"),
    ("open", "open-soft"),
]
TEXT += [("open", "paper"), ("call", "surface"), ("on-call", "call")]


def tokens(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", THEMES[theme]))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_reaches_aaa(theme: str, ink: str, ground: str) -> None:
    known = tokens(theme)
    assert contrast(known[ink], known[ground]) >= 7


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_edges_of_what_can_be_used_can_be_seen(theme: str, ground: str) -> None:
    assert contrast(tokens(theme)["edge"], tokens(theme)[ground]) >= 3

"""A page that needs nothing else: its look, its type and its pictures are in it, and it runs no script. For reports as files."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from remission.knowledge.model import Frozen, Lang

_HERE = Path(__file__).parent


class Frame(Frozen, frozen=True):
    """What stands around a page's body, in words. `invented`: the mark of children that never lived, or nothing."""

    lang: Lang
    title: str
    skip: str
    notice: str
    lead: str = ""
    invented: str = ""


def lone_page(frame: Frame, body: str) -> str:
    """The page around a body in HTML; the first part of the body has the id `short`."""
    mark = f'<p class="invented">{escape(frame.invented)}</p>' if frame.invented else ""
    lead = f'<p class="lead">{escape(frame.lead)}</p>' if frame.lead else ""
    notice = escape(frame.notice)
    return f"""<!doctype html>
<html lang="{frame.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<title>{escape(frame.title)}</title>
<style>{_style()}</style>
</head>
<body>
<a class="skip" href="#short">{escape(frame.skip)}</a>
<main>
<header>{mark}<h1>{escape(frame.title)}</h1>{lead}
<p class="notice">{notice}</p></header>
{body}
</main>
<footer>{mark}<p>{notice}</p></footer>
</body>
</html>
"""


def _style() -> str:
    faces = "".join(
        f'@font-face{{font-family:"Atkinson Hyperlegible Next";font-weight:{weight};src:url(data:font/ttf;base64,{_font(weight)})}}'
        for weight in (400, 600)
    )
    return faces + (_HERE / "lone_page.css").read_text(encoding="utf-8")


def _font(weight: int) -> str:
    return base64.b64encode((_HERE / "fonts" / f"atkinson-hyperlegible-next-{weight}.ttf").read_bytes()).decode()

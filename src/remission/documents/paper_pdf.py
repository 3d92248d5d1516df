"""A paper as a tagged PDF (PDF/UA-1): the same paper gives the same bytes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from remission.documents.paper import Paper
from remission.rules.compiled import load_library

_HERE = Path(__file__).parent
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")  # signs that are no writing; a line break stays
_LONG = re.compile(r"\S{24}(?=\S{6})")
_BREAK = "\u200b"  # a word may be broken here, and nothing is shown


def paper_pdf(paper: Paper) -> bytes:
    """The PDF of a paper. What somebody wrote goes in as data and is never read as Typst.

    A sign that neither our type nor the one built into Typst can draw (an emoji, Chinese) is looked for among the machine's own
    fonts; what nobody can draw is printed as an empty box, rather than no paper at all.
    """
    import typst

    heading = load_library().words["heading-sources"].in_(paper.lang)
    data = msgspec.json.encode(_printable(msgspec.to_builtins(paper)) | {"sources-heading": heading}).decode()
    for system_fonts in (False, True):
        try:
            return _compiled(data, system_fonts)
        except typst.TypstError as problem:
            if "could not be displayed" not in str(problem):
                raise
    return _compiled(data, system_fonts=True, accessible=False)


def _compiled(data: str, system_fonts: bool, accessible: bool = True) -> bytes:
    import typst

    made = typst.compile(
        str(_HERE / "paper.typ"),
        font_paths=[str(_HERE / "fonts")],
        ignore_system_fonts=not system_fonts,
        sys_inputs={"paper": data},
        pdf_standards=["ua-1"] if accessible else [],
    )
    assert isinstance(made, bytes)  # noqa: S101 - one document in, one out
    return made


def _printable(written: Any) -> Any:
    """All texts without control signs, words of any length with places to break; drawings as they are."""
    if isinstance(written, dict):
        return {key: value if key == "svg" else _printable(value) for key, value in written.items()}
    if isinstance(written, list | tuple):
        return [_printable(value) for value in written]
    if isinstance(written, str):
        return _LONG.sub(lambda word: word[0] + _BREAK, _CONTROL.sub("", written.replace("\r\n", "\n")))
    return written

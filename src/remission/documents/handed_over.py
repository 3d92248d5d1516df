"""Every paper of every child as PDF in both languages, to lie in an export beside the data."""

from __future__ import annotations

from datetime import date

from remission.care.record import Record
from remission.documents.brief import brief_paper
from remission.documents.card import card_paper
from remission.documents.exposure_told import exposure_paper
from remission.documents.fridge import fridge_paper
from remission.documents.paper_pdf import paper_pdf
from remission.documents.plan_page import plan_page_paper
from remission.home.store import HomeFile
from remission.knowledge.model import LANGS, Library
from remission.knowledge.shelf import Shelf

_PAPERS = {
    "card": card_paper,
    "visit": brief_paper,
    "fridge": fridge_paper,
    "exposure": exposure_paper,
    "treatment-plan": plan_page_paper,
}


def printed_files(library: Library, shelf: Shelf, home: HomeFile, today: date) -> dict[str, bytes]:
    """The PDFs by "CHILD/NAME", as `home.archive` places them."""
    files: dict[str, bytes] = {}
    for child in home.children():
        record = Record(child, tuple(home.notes(child.child)))
        for name, paper in _PAPERS.items():
            for lang in LANGS:
                files[f"{child.child}/{name}.{lang}.pdf"] = paper_pdf(paper(library, shelf, record, lang, today))
    return files

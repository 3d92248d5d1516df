"""The road as one thin strip, for the head of a page: a box for each block, filled once it is done, bold while it lasts."""

from __future__ import annotations

from datetime import date

from remission.care.road import Road
from remission.documents.drawing import SOFT, WIDE, Sheet
from remission.documents.road_picture import road_words
from remission.documents.wording import Wording

_LONGEST = 84  # days; a longer block is drawn no longer than this
_BETWEEN, _HEIGHT = 6.0, 22.0
_DONE, _BOLD = 0.5, 4.0


def road_strip(words: Wording, road: Road, today: date) -> str:
    """The strip as SVG; what it shows in words is its description."""
    sheet = Sheet(words.say("own-road"), road_words(words, road, today), words.lang, WIDE, ink="")
    lengths = [min(block.phase.lasts, _LONGEST) for block in road.blocks]
    room = WIDE - 2 * _BOLD - _BETWEEN * (len(lengths) - 1)
    left = _BOLD
    for block, length in zip(road.blocks, lengths, strict=True):
        width = room * length / sum(lengths)
        is_done, is_now = block.ends <= today, block.starts <= today < block.ends
        line = _BOLD if is_now else 2
        sheet.box(
            left,
            sheet.y,
            width,
            _HEIGHT,
            fill=_DONE if is_done else SOFT if is_now else 0,
            line=line,
            dashed=not (is_done or is_now),
        )
        left += width + _BETWEEN
    sheet.y += _HEIGHT
    return sheet.finished()

"""Which medicine a name means, on which checks depend: stricter than the search, whose words also lead to pages.

"Leucovorin" leads a reader to the page on methotrexate, and "antacid" to the one on dasatinib; neither is that medicine. The names
are data (`knowledge/playbook/names.yaml`); accents and capitals do not count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from remission.knowledge.model import Lang, Text
from remission.knowledge.playbook import Named
from remission.knowledge.shelf import Shelf

_TOPIC = "drug-"
_ALIKE = 0.8  # share of letters from which on another name is offered


def plain(written: str) -> str:
    """Without accents and capitals, spaces squeezed."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", written) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().split())


def known_names(shelf: Shelf) -> dict[str, str]:
    """Every name that is known, without accents and capitals, with the id of its medicine."""
    return _known(shelf.playbook.names)


@lru_cache(maxsize=4)
def _known(names: tuple[Named, ...]) -> dict[str, str]:
    return {plain(name): named.medicine for named in names for name in (named.medicine, *named.names)}


def drug_named(shelf: Shelf, written: str) -> str | None:
    """The id of the medicine that a name, brand or abbreviation means; None when the library has no page on it."""
    drug = known_names(shelf).get(plain(written))
    return drug if drug and f"{_TOPIC}{drug}" in shelf.topics else None


def standard_name(shelf: Shelf, written: str) -> str:
    """The id of a medicine, also of one without a page; what was written when it is unknown."""
    return known_names(shelf).get(plain(written), written)


def drug_id(shelf: Shelf, written: str) -> str:
    """The standard name of a medicine without accents and capitals: two ways of writing one medicine have the same."""
    return plain(standard_name(shelf, written))


def nearest_drug(shelf: Shelf, written: str, others: Iterable[str] = ()) -> str:
    """The medicine whose name is written nearly like this one, for a slip of the pen; nothing when none is, and nothing for
    a name that is another medicine's own."""
    known = known_names(shelf)
    if plain(written) in known:
        return ""
    names = known | {name: name for name in others}
    close = get_close_matches(plain(written), list(names), n=1, cutoff=_ALIKE)
    return names[close[0]] if close else ""


def drug_title(shelf: Shelf, drug: str) -> Text | str:
    """What a medicine is called in both languages; what somebody wrote when the library has no page on it."""
    topic = shelf.topics.get(f"{_TOPIC}{drug}")
    return Text(topic.title.en.split(" (")[0], topic.title.es.split(" (")[0]) if topic else drug


def drug_names(shelf: Shelf, lang: Lang) -> list[str]:
    """The names to offer in a form: those of the medicines that have a page."""
    titles = (drug_title(shelf, named.medicine) for named in shelf.playbook.names)
    return [title.in_(lang) for title in titles if isinstance(title, Text)]

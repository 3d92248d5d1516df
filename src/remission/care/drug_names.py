"""Which medicine a name means, for checks on which something depends: stricter than the search, whose words also lead to pages.

"Leucovorin" leads a reader to the page on methotrexate, and "antacid" to the one on dasatinib; neither is that medicine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remission.care.drugs import drug_of, plain
from remission.knowledge.model import Text
from remission.knowledge.shelf import Shelf, Topic

_TOPIC = "drug-"
_SHORTEST = 3  # letters of an abbreviation
_ALIKE = 0.8  # share of letters from which on another name is offered

# Words of the search that are no names of the medicine whose page they lead to, and names of whole groups.
_NOT_NAMES = frozenset(
    {
        "leucovorin", "leucovorina", "antacid", "antiacido", "grapefruit", "pomelo", "toronja", "tki", "pancreatitis", "bladder",
        "vejiga", "fertilidad", "insomnia", "insomnio", "anthracycline", "antraciclina", "corticoide", "corticosteroid",
        "corticosteroide", "steroid", "esteroide", "thiopurine", "tiopurina", "hunger", "appetite", "apetito", "neuropathy",
        "neuropatia", "estrenimiento", "tripping", "tropieza", "cmt", "charcot-marie-tooth", "bite", "biespecifico",
    }
)  # fmt: skip


# Spanish names of medicines that the library names without a page of their own.
_SPANISH = {
    "leucovorina": "leucovorin", "prednisolona": "prednisolone", "metilprednisolona": "methylprednisolone",
    "hidrocortisona": "hydrocortisone", "epirubicina": "epirubicin", "epirrubicina": "epirubicin", "idarubicina": "idarubicin",
    "idarrubicina": "idarubicin", "mitoxantrona": "mitoxantrone",
}  # fmt: skip

# Medicines whose names are much like that of another one: for these no other is ever offered.
_MUCH_LIKE_ANOTHER = frozenset(
    {*_SPANISH, *_SPANISH.values(), "vinblastine", "vinblastina", "vindesine", "vindesina", "vinorelbine"}
)


def drug_named(shelf: Shelf, written: str) -> str | None:
    """The id of the medicine that a name, brand or abbreviation means; None when the library has no page on it."""
    return None if plain(written) in _NOT_NAMES else drug_of(shelf, written)


def standard_name(shelf: Shelf, written: str) -> str:
    """The id of a medicine, or its English name where the library has no page on it; what was written when it is unknown."""
    return drug_named(shelf, written) or _SPANISH.get(plain(written), written)


def drug_id(shelf: Shelf, written: str) -> str:
    """The standard name of a medicine without accents and capitals: two ways of writing one medicine have the same."""
    return plain(standard_name(shelf, written))


def nearest_drug(shelf: Shelf, written: str, others: Iterable[str] = ()) -> str:
    """The medicine whose name is written nearly like this one, for a slip of the pen; nothing when none is, and nothing for
    a name that is another medicine's own."""
    from difflib import get_close_matches

    if plain(written) in _MUCH_LIKE_ANOTHER:
        return ""
    names = known_names(shelf) | {name: name for name in others}
    close = get_close_matches(plain(written), list(names), n=1, cutoff=_ALIKE)
    return names[close[0]] if close else ""


def known_names(shelf: Shelf) -> dict[str, str]:
    """Every name that is known, without accents and capitals, with the id of its medicine."""
    topics = (topic for topic in shelf.topics.values() if topic.id.startswith(_TOPIC))
    return {name: topic.id.removeprefix(_TOPIC) for topic in topics for name in _names(topic)}


def drug_title(shelf: Shelf, drug: str) -> Text | str:
    """What a medicine is called in both languages; what somebody wrote when the library has no page on it."""
    topic = shelf.topics.get(f"{_TOPIC}{drug}")
    return Text(topic.title.en.split(" (")[0], topic.title.es.split(" (")[0]) if topic else drug


def _names(topic: Topic) -> Iterator[str]:
    for title in (topic.title.en, topic.title.es):
        yield plain(title.split(" (")[0])
    for also in (*topic.also.en, *topic.also.es):
        name = plain(also)
        if " " not in name and len(name) >= _SHORTEST and name not in _NOT_NAMES:
            yield name

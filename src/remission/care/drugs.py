"""Which drug of the library somebody means: by its name, brand or abbreviation in either language, accents and case aside."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from remission.knowledge.shelf import Shelf, Topic

_TOPIC = "drug-"
_ABBREVIATIONS = 3  # letters from which on a search word counts as a name


def drug_of(shelf: Shelf, written: str) -> str | None:
    """The id of the drug (its topic without "drug-"); None when it is no drug that the library has a page on."""
    wanted = plain(written)
    if f"{_TOPIC}{wanted}" in shelf.topics:
        return wanted
    return next((topic.id.removeprefix(_TOPIC) for topic in _drugs(shelf) if wanted in set(_names(topic))), None)


def drug_names(shelf: Shelf, lang: str) -> list[str]:
    """The names to offer in a form."""
    return [(topic.title.es if lang == "es" else topic.title.en).split(" (")[0] for topic in _drugs(shelf)]


def plain(written: str) -> str:
    """Without accents and capitals, spaces squeezed."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", written) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().split())


def _drugs(shelf: Shelf) -> Iterator[Topic]:
    return (topic for topic in shelf.topics.values() if topic.id.startswith(_TOPIC))


def _names(topic: Topic) -> Iterator[str]:
    for title in (topic.title.en, topic.title.es):
        yield plain(title)
        yield from (plain(part.strip(" )")) for part in title.split("("))
    for name in (*topic.also.en, *topic.also.es):
        if " " not in name and len(name) >= _ABBREVIATIONS:
            yield plain(name)

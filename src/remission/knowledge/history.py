"""What was said when: one file for each recorded version of the knowledge, never changed afterwards.

A file lists the texts that were new, changed or removed in its version, each by fingerprints of its English and its Spanish, and
names the fingerprint of the file before, so that a change to the past is found. A Spanish text is stale when its English has
changed since it was written or last confirmed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal, cast

from remission.knowledge.model import Frozen, Text
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.shelf import Claim, Level, Shelf

What = Literal["new", "changed", "removed"]
FOLDER = "history"
_COLUMNS = ("text", "what", "en", "es", "es_is_of")
_FINGERPRINT = 10  # hex digits: enough to tell two wordings apart


class Recorded(Frozen, frozen=True):
    """A text as it last stood: its fingerprints, the English its Spanish was written for, and the version that said so."""

    en: str
    es: str
    es_is_of: str
    version: str


class History(Frozen, frozen=True):
    """All recorded versions, oldest first, what each changed, and how every text last stood."""

    versions: tuple[str, ...]
    changes: dict[str, dict[str, What]]
    texts: dict[str, Recorded]
    last: str  # the fingerprint of the newest file

    def stale_spanish(self, shelf: Shelf) -> frozenset[str]:
        """The texts whose English has changed since their Spanish was written or confirmed."""
        return frozenset(key for key, text in texts_of_shelf(shelf) if self._spanish_is_of(key, text) != fingerprint(text.en))

    def _spanish_is_of(self, key: str, text: Text) -> str:
        recorded = self.texts.get(key)
        return recorded.es_is_of if recorded and recorded.es == fingerprint(text.es) else fingerprint(text.en)

    def unrecorded(self, shelf: Shelf) -> dict[str, What]:
        """What has changed since the last recorded version."""
        now = {key: (fingerprint(text.en), fingerprint(text.es)) for key, text in texts_of_shelf(shelf)}
        before = {key: (recorded.en, recorded.es) for key, recorded in self.texts.items()}
        changed: dict[str, What] = {key: "changed" if key in before else "new" for key in now if now[key] != before.get(key)}
        return changed | dict.fromkeys(before.keys() - now.keys(), "removed")

    def next_file(self, shelf: Shelf, version: str, confirmed: Collection[str] = ()) -> str:
        """The file that records `version`. `confirmed` names texts whose Spanish was found right for the English of today.

        Raises `KnowledgeError` when the version is recorded already or comes before the last one.
        """
        if version in self.versions or (self.versions and version < self.versions[-1]):
            raise KnowledgeError(FOLDER, f"version {version} is no newer than {self.versions[-1]}.", "Raise it in library.yaml.")
        changed = self.unrecorded(shelf) | dict.fromkeys(confirmed, "changed")
        told = io.StringIO()
        told.write(f"# version\t{version}\tfollows\t{self.last}\n")
        rows = csv.writer(told, delimiter="\t", lineterminator="\n")
        rows.writerow(_COLUMNS)
        texts = dict(texts_of_shelf(shelf))
        for key, what in sorted(changed.items()):
            rows.writerow((key, what, *(self._fingerprints(key, texts[key], confirmed) if key in texts else ("", "", ""))))
        return told.getvalue()

    def _fingerprints(self, key: str, text: Text, confirmed: Collection[str]) -> tuple[str, str, str]:
        en = fingerprint(text.en)
        return en, fingerprint(text.es), en if key in confirmed else self._spanish_is_of(key, text)


def key_of(owner: str, claim: Claim, level: Level) -> str:
    """The name of a claim's text in the history: `topic/claim level`."""
    told = level if level != "child" or claim.child else "family"
    return f"{owner}/{claim.id} {told}"


def texts_of_shelf(shelf: Shelf) -> Iterator[tuple[str, Text]]:
    """Every text that is told, by its name in the history."""
    for topic, claim in shelf.claims():
        yield key_of(topic.id, claim, "family"), claim.family
        yield key_of(topic.id, claim, "professional"), claim.professional
        if claim.child:
            yield key_of(topic.id, claim, "child"), claim.child
    for entry in shelf.glossary.values():
        yield f"glossary/{entry.id}", entry.means


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT]


def read_history(root: Path) -> History:
    """The history below the knowledge folder `root`. Raises `KnowledgeError` when a past file was changed or is missing."""
    history = History(versions=(), changes={}, texts={}, last="")
    for path in sorted((root / FOLDER).glob("*.tsv"), key=lambda path: path.stem):
        history = _followed_by(history, path)
    return history


def _followed_by(history: History, path: Path) -> History:
    text = path.read_text("utf-8")
    first, _, body = text.partition("\n")
    _, version, _, follows = first.split("\t")
    if follows != history.last or version != path.stem:
        raise KnowledgeError(
            str(path), "a file of the history before this one was changed.", "Put it back: history is only added to."
        )
    texts: dict[str, Recorded] = dict(history.texts)
    changes: dict[str, What] = {}
    for row in csv.DictReader(io.StringIO(body), delimiter="\t"):
        changes[row["text"]] = cast(What, row["what"])
        texts[row["text"]] = Recorded(row["en"], row["es"], row["es_is_of"], version)
        if row["what"] == "removed":
            del texts[row["text"]]
    return History(
        versions=(*history.versions, version),
        changes={**history.changes, version: changes},
        texts=texts,
        last=hashlib.sha256(text.encode()).hexdigest(),
    )


def main() -> None:
    """`python -m remission.knowledge.history knowledge/ [TEXT …]`: records the version; each TEXT confirms a Spanish text."""
    from remission.knowledge.read import read_library, read_shelf

    root, confirmed = Path(sys.argv[1]), sys.argv[2:]
    shelf, version = read_shelf(root), read_library(root).version
    unknown = sorted(set(confirmed) - dict(texts_of_shelf(shelf)).keys())
    if unknown:
        sys.exit(f"There is no text called {', '.join(unknown)}. A text is named like “blood-cells/marrow-makes-blood family”.")
    try:
        told = read_history(root).next_file(shelf, version, confirmed)
    except KnowledgeError as error:
        sys.exit(str(error))
    path = root / FOLDER / f"{version}.tsv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(told, "utf-8")
    sys.stdout.write(f"Recorded {told.count(chr(10)) - 2:,} texts in {path}\n")


if __name__ == "__main__":
    main()

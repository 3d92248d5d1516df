"""The whole check of a knowledge folder: the rules, and what is read."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from remission.knowledge.check import check_library, texts_of
from remission.knowledge.check_shelf import check_shelf
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.read import read_library, read_shelf


def check_folder(folder: Path, today: date) -> tuple[str, list[str]]:
    """What was checked, as a sentence, and every problem; a file that cannot be read at all is a problem by itself."""
    try:
        library, shelf = read_library(folder), read_shelf(folder)
        problems = check_library(library, today) + check_shelf(shelf, library, today)
    except KnowledgeError as error:
        return "The check stopped at a file that cannot be read.", [str(error)]
    claims = sum(1 for _ in shelf.claims())
    texts = sum(1 for _ in texts_of(library)) + sum(1 for _ in texts_of(shelf))
    counted = f"{len(library.schemes)} schemes, {len(library.facts)} facts, {len(library.sources)} sources"
    read = f"{len(shelf.topics)} topics with {claims} claims, {len(shelf.glossary)} glossary terms"
    return f"knowledge {library.version}: checked {counted}, {read}, {texts} texts in both languages", problems


def main() -> None:
    """`python -m remission.knowledge.check_all knowledge/`"""
    told, problems = check_folder(Path(sys.argv[1]), date.today())
    sys.stdout.write(told + "\n")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()

"""The whole check of a knowledge folder: the rules, and what is read."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

from remission.knowledge.check import check_library, texts_of
from remission.knowledge.check_codes import check_codes
from remission.knowledge.check_shelf import check_shelf
from remission.knowledge.history import History, read_history
from remission.knowledge.model import Library
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.read import read_code_maps, read_library, read_shelf
from remission.knowledge.shelf import Shelf

_OF_PLAYBOOK = ("kind ", "watch ", "weekly ", "conversion ", "questions ", "shelf.playbook.")
_ABOUT = re.compile(
    r"(?:topic |glossary |scheme |picture |guide |count |kind |watch |weekly |conversion |questions )?"
    r"(?P<owner>[a-z0-9-]+)(?:/(?P<name>[a-z0-9-]+))?[:,]"
    r"|(?:shelf|knowledge)(?:\.\w+)+ (?P<holder>[a-z0-9-]+)(?:\.\w+ (?P<part>[a-z0-9-]+))?[.:]"
)


def check_folder(folder: Path, today: date) -> tuple[str, list[str]]:
    """What was checked, as a sentence, and every problem; a file that cannot be read at all is a problem by itself."""
    try:
        library, shelf = read_library(folder), read_shelf(folder)
        problems = check_library(library, today) + check_shelf(shelf, library, today)
        problems += check_codes(read_code_maps(folder), library)
        problems += _unrecorded(read_history(folder), library, shelf)
    except KnowledgeError as error:
        return "The check stopped at a file that cannot be read.", [str(error)]
    claims = sum(1 for _ in shelf.claims())
    texts = sum(1 for _ in texts_of(library)) + sum(1 for _ in texts_of(shelf))
    counted = f"{len(library.schemes)} schemes, {len(library.facts)} facts, {len(library.sources)} sources"
    read = f"{len(shelf.topics)} topics with {claims} claims, {len(shelf.glossary)} glossary terms"
    told = f"knowledge {library.version}: checked {counted}, {read}, {texts} texts in both languages"
    return told, [located(folder, problem) for problem in problems]


def _unrecorded(history: History, library: Library, shelf: Shelf) -> list[str]:
    changed = history.unrecorded(shelf)
    if library.version not in history.versions or not changed:
        return []
    return [f"{len(changed)} text(s) changed since {library.version} was recorded. Raise the version in knowledge/library.yaml."]


def located(folder: Path, problem: str) -> str:
    """A problem that begins with the topic, claim or glossary entry it is about, with the file and the line put before it."""
    about = _ABOUT.match(problem)
    if not about:
        return problem
    owner, name = about["owner"] or about["holder"], about["name"] or about["part"] or ""
    room = folder / "playbook" if problem.startswith(_OF_PLAYBOOK) else folder
    for path in sorted(room.rglob("*.yaml")):
        line = _line_of(path.read_text("utf-8"), owner, name)
        if line:
            return f"{path}, line {line}: {problem}"
    return problem


def _line_of(text: str, owner: str, name: str) -> int | None:
    """The line at which `owner` is defined, or `name` below it."""
    lines = text.splitlines()
    begins, inside = rf"(?:- )?(?:id|drug): {re.escape(owner)}", rf"\s+- (?:id: {re.escape(name)}\s*$|\{{id: {re.escape(name)},)"
    start = next((number for number, line in enumerate(lines, 1) if re.fullmatch(begins, line.rstrip())), None)
    if start is None or not name:
        return start
    return next((number for number, line in enumerate(lines[start:], start + 1) if re.match(inside, line)), start)


def main() -> None:
    """`python -m remission.knowledge.check_all knowledge/`"""
    told, problems = check_folder(Path(sys.argv[1]), date.today())
    sys.stdout.write(told + "\n")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()

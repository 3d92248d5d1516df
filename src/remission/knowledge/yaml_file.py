"""A file of the knowledge that was read, and the line on which a mistake in it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from remission.knowledge import plain_yaml
from remission.knowledge.problems import KnowledgeError

T = TypeVar("T")


class YamlFile:
    """A YAML file that remembers its text, so that a mistake can be shown with its line."""

    def __init__(self, path: Path, see: str = "docs/knowledge-format.md"):
        self.path, self.see = path, see
        self.text = path.read_text(encoding="utf-8")
        self.content = plain_yaml.parse(self.text, str(path))

    def convert(self, type_: type[T], content: Any = None, at: str = "$") -> T:
        """The content, or a part of it that stands at `at`, in its shape. Raises `KnowledgeError` with the line of a mistake."""
        try:
            return msgspec.convert(self.content if content is None else content, type_, strict=False)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `")
            raise self.error(at + path.rstrip("`").removeprefix("$"), message + ".") from error

    def error(self, at: str, problem: str) -> KnowledgeError:
        line = plain_yaml.line_of(self.text, at)
        where = f"{self.path}, line {line}" if line else str(self.path)
        return KnowledgeError(where, problem, f"See {self.see} (at {at}).")

"""YAML without surprises: `yes` is a word, `0.010` keeps its digits, a date is text, and a key stands once.

PyYAML reads YAML 1.1, where `no` is false and `1:30` is ninety. A clinician who writes `testicular: no` means the word.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from remission.knowledge.problems import KnowledgeError

_TYPED_BY_US = ("tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int")


# The parser written in C is eight times as fast; where PyYAML came without it, the other reads the same.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(_SafeLoader):  # type: ignore[misc]
    """A safe loader with only plain integers, decimals and true/false recognised, and no references between places."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node in self.constructed_objects:  # met before: a reference. A few lines of them can unfold into gigabytes
            raise yaml.constructor.ConstructorError(None, None, "a reference (*name) is not read here", node.start_mark)
        return super().construct_object(node, deep)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key “{key.value}” stands twice", key.start_mark)
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep))


def _resolvers() -> dict[str, list[tuple[str, Any]]]:
    kept = {
        first: [(tag, pattern) for tag, pattern in pairs if tag not in _TYPED_BY_US]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    ours = [
        ("tag:yaml.org,2002:int", re.compile(r"^-?[0-9]+$"), "-0123456789"),
        ("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), "-0123456789"),
        ("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), "tf"),
    ]
    for tag, pattern, firsts in ours:
        for first in firsts:
            kept.setdefault(first, []).append((tag, pattern))
    return kept


_PlainLoader.yaml_implicit_resolvers = _resolvers()
_PlainLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value, 10))
_PlainLoader.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(node.value))
_PlainLoader.add_constructor("tag:yaml.org,2002:bool", lambda _, node: node.value == "true")


def parse(text: str, where: str) -> Any:
    """The content of a YAML text. Raises `KnowledgeError` with file and line when it is malformed."""
    try:
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader with fewer types
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"{where}, line {mark.line + 1}" if mark else where
        raise KnowledgeError(line, f"this is not readable YAML ({error.problem}).", "Mend that line.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise KnowledgeError(where, f"this is not readable YAML ({error}).", "Mend the file.") from error


def read(path: Path) -> Any:
    """The content of a YAML file in UTF-8."""
    return parse(path.read_text(encoding="utf-8"), str(path))


def line_of(text: str, path: str) -> int | None:
    """The line at which a msgspec path such as `$.tables[0].rows[2].when` stands, counted from 1."""
    node = yaml.compose(text, Loader=_PlainLoader)
    line = node.start_mark.line + 1 if node else None
    for key, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", path):
        if isinstance(node, yaml.MappingNode) and key:
            node = next((value for name, value in node.value if name.value == key), None)
        elif isinstance(node, yaml.SequenceNode) and index and int(index) < len(node.value):
            node = node.value[int(index)]
        else:
            break
        if node is None:
            break
        line = node.start_mark.line + 1
    return line

"""A file in YAML or JSON that somebody handed over: read without trust, within a size and a depth, each place with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn

from remission.knowledge.model import Frozen
from remission.record.problems import InputProblem

_DEEPEST = 20  # levels of lists and mappings
Path = tuple[str | int, ...]


class Structured(Frozen, frozen=True):
    """What a file holds, and on which line each place of it begins (`("blocks", 0, "name")`), as far as that is known."""

    content: Any
    lines: dict[Path, int]

    def line(self, *path: str | int) -> int | None:
        """The line of a place, or of the nearest place around it."""
        return next((self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), None)


def read_structured(data: bytes, most_bytes: int) -> Structured:
    """The content of a file in UTF-8. Numbers with a point are `Decimal`; in YAML nothing is executed and nothing is a reference.

    Raises `InputProblem`: too large, no text, too deep, unreadable (with the line).
    """
    if len(data) > most_bytes:
        raise InputProblem("structured-too-large", most=f"{most_bytes // 1000:,}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputProblem("structured-not-text") from None
    if text.lstrip()[:1] in ("{", "["):
        return Structured(read_json(text), _lines_if_any(text))
    return Structured(_yaml(text), _lines_if_any(text))


def read_json(text: str) -> Any:
    """JSON with exact numbers; a key stands once. Raises `InputProblem`."""
    try:
        content = json.loads(text, parse_float=Decimal, parse_constant=_refused, object_pairs_hook=_once)
    except InputProblem:
        raise
    except json.JSONDecodeError as error:
        raise _unreadable(error.lineno) from None
    except RecursionError:
        raise InputProblem("structured-too-deep", most=_DEEPEST) from None
    except ValueError:  # a whole number of thousands of digits
        raise _unreadable() from None
    _refuse_depth(content)
    return content


def refuse_double_keys(text: str) -> None:
    """Raises `InputProblem` when a key stands twice in one object: which of the two is meant nobody can say."""
    try:
        _strict().decode(text)
    except json.JSONDecodeError as error:
        raise _unreadable(error.lineno) from None
    except RecursionError:
        raise InputProblem("structured-too-deep", most=_DEEPEST) from None


@cache
def _strict() -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=_refused)


def _unreadable(line: object = "") -> InputProblem:
    return InputProblem("structured-unreadable-line", line=line) if line else InputProblem("structured-unreadable")


def _refused(written: str) -> NoReturn:
    raise InputProblem("structured-no-number", value=written)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise InputProblem("structured-key-twice", key=twice)
    return made


def _refuse_depth(content: Any) -> None:
    """Level by level, so that a deep file needs no deep stack."""
    level = [content]
    for _ in range(_DEEPEST):
        inner = [part for part in level if isinstance(part, (dict, list))]
        level = [value for part in inner for value in (part.values() if isinstance(part, dict) else part)]
        if not level:
            return
    raise InputProblem("structured-too-deep", most=_DEEPEST)


def _yaml(text: str) -> Any:
    from remission.knowledge import plain_yaml
    from remission.knowledge.problems import KnowledgeError

    _walked(text)
    try:
        return plain_yaml.parse(text, "")
    except KnowledgeError as error:
        raise _unreadable(error.where.rpartition(" ")[2]) from None
    except (TypeError, ValueError):  # a list as a key, a whole number of thousands of digits
        raise _unreadable() from None


def _walked(text: str) -> None:
    """Looks at a YAML text event by event before it is built: deep nesting and references are refused here, at no cost.

    Raises `InputProblem`.
    """
    import yaml

    depth = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.AliasEvent):
                raise InputProblem("structured-reference")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise InputProblem("structured-too-deep", most=_DEEPEST)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _unreadable(mark.line + 1 if mark else "") from None
    except yaml.YAMLError:
        raise _unreadable() from None


def _lines_if_any(text: str) -> dict[Path, int]:
    """The line of every place. JSON is nearly always YAML too; where it is not, no line is known."""
    import yaml

    try:
        _walked(text)
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (InputProblem, yaml.YAMLError):
        return {}
    return dict(_places(node, ()))


def _places(node: Any, path: Path) -> Iterator[tuple[Path, int]]:
    import yaml

    if node is None:
        return
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _places(value, (*path, str(key.value)))
            yield (*path, str(key.value)), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _places(value, (*path, number))

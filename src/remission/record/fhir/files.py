"""Opens a FHIR file or folder: one resource, a Bundle, or NDJSON, as a list of resources that each keep their raw bytes.

A file that is broken anywhere is refused whole: half a record could give another answer than all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from remission.knowledge.decoding import json_decoder
from remission.knowledge.model import Frozen
from remission.record.fhir.shapes import Header, Shape
from remission.record.problems import InputProblem
from remission.record.structured import read_json, refuse_double_keys

MOST_BYTES = 100_000_000  # of one file, or of a folder together: far above one child's record
_MOST_FILES = 500
_LONGEST_LINE = 20_000_000
_DEEPEST_BUNDLE = 4
_NDJSON, _JSON = frozenset({".ndjson", ".jsonl"}), frozenset({".json"})
_NO_SHAPE = "?"

S = TypeVar("S", bound=Shape)


class Held(Frozen, frozen=True, gc=False):
    """One resource of the record: its number (from 1), what it calls itself, its raw bytes, and where it stands.

    `address` is the full address that a Bundle gives it. `inside` is the number of the resource that contains it, or 0.
    `subject` and `visit` are what it says, as JSON, of whom it is about and of the encounter.
    A resource that is no resource has the type "?".
    """

    number: int
    type: str
    id: str
    raw: msgspec.Raw
    file: str
    place: int
    in_bundle: bool = False
    address: str = ""
    inside: int = 0
    version: str = ""
    updated: str = ""
    subject: bytes = b""
    visit: bytes = b""

    @property
    def name(self) -> str:
        """How the record itself calls it: Observation/wbc-1."""
        return f"{self.type}/{self.id}" if self.id else self.type


class Opened(Frozen, frozen=True):
    """All resources, the files of the folder that were not read, and whether a search has more pages than were given."""

    resources: tuple[Held, ...]
    other_files: tuple[str, ...] = ()
    goes_on: bool = False


class _Kind(Shape, frozen=True):
    resource_type: str = ""


class _Entry(Shape, frozen=True):
    full_url: str = ""
    resource: msgspec.Raw = msgspec.Raw()


class _Link(Shape, frozen=True):
    relation: str = ""


class _Bundle(Shape, frozen=True):
    entry: tuple[_Entry, ...] = ()


class _Links(Shape, frozen=True):
    link: tuple[_Link, ...] = ()


def decoded(shape: type[S], raw: bytes | msgspec.Raw) -> S | None:
    """The elements of a resource that `shape` names; None when they have another form than FHIR gives them."""
    try:
        return json_decoder(shape).decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def is_fhir(path: Path) -> bool:
    """Whether a path holds FHIR, by its content: a folder with NDJSON, or a file whose first object names its resourceType."""
    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:
            start = file.read(65_536).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError:
        return False
    return start.startswith(b"{") and b'"resourceType"' in start


def open_fhir(path: Path) -> Opened:
    """The resources of a file or a folder. Raises `InputProblem`: unreadable (with the place), too large, empty, not UTF-8."""
    files, others = _files_of(path)
    held: list[Held] = []
    pages: list[bool] = []
    left = MOST_BYTES
    for file in files:
        data = _bytes_of(file, left)
        left -= len(data)
        pages.append(_has_next_page(data))
        held += _resources(data, file.name, len(held) + 1)
    if not held:
        raise InputProblem("fhir-empty", file=path.name)
    return Opened(tuple(held), tuple(others), goes_on=all(pages))


def open_bytes(data: bytes, name: str) -> Opened:
    """The resources of a file's content. Raises `InputProblem` as `open_fhir` does."""
    if len(data) > MOST_BYTES:
        raise InputProblem("fhir-too-large", file=name, most=MOST_BYTES // 1_000_000)
    held = tuple(_resources(data, name, 1))
    if not held:
        raise InputProblem("fhir-empty", file=name)
    return Opened(held, goes_on=_has_next_page(data))


def _has_next_page(data: bytes) -> bool:
    """Whether a file is one page of a search, and says that another follows."""
    links = decoded(_Links, msgspec.Raw(data.removeprefix(b"\xef\xbb\xbf"))) if b'"next"' in data else None
    return links is not None and any(link.relation == "next" for link in links.link)


def _files_of(path: Path) -> tuple[list[Path], list[str]]:
    """The files to read, in the order of their names, and the names of the others in the folder."""
    if not path.is_dir():
        return [path], []
    inside = sorted(path.iterdir())
    if len(inside) > _MOST_FILES:
        raise InputProblem("fhir-too-many-files", file=path.name, most=_MOST_FILES)
    read = [file for file in inside if file.is_file() and (file.suffix.lower() in _NDJSON or _holds_json(file))]
    return read, [file.name for file in inside if file not in read]


def _holds_json(file: Path) -> bool:
    return file.suffix.lower() in _JSON and is_fhir(file)


def _bytes_of(file: Path, left: int) -> bytes:
    try:
        if file.stat().st_size > left:
            raise InputProblem("fhir-too-large", file=file.name, most=MOST_BYTES // 1_000_000)
        return file.read_bytes()
    except OSError as error:
        raise InputProblem("file-unreadable", file=str(file), reason=error.strerror or "") from None


def _resources(data: bytes, name: str, number: int) -> Iterator[Held]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputProblem("fhir-not-text", file=name) from None
    numbering = _Numbering(name, number)
    if not data.strip():
        return
    if _is_one_object(data, name):
        yield from numbering.of_object(msgspec.Raw(data))
        return
    for line, text in enumerate(data.split(b"\n"), 1):
        if len(text) > _LONGEST_LINE:
            raise InputProblem("fhir-line-too-long", file=name, line=line)
        if text.strip():
            yield from numbering.of_line(msgspec.Raw(text), line)


def _is_one_object(data: bytes, name: str) -> bool:
    """Whether a file is one JSON object, by its name, and otherwise by whether its first line is one and others follow."""
    if Path(name).suffix.lower() in _NDJSON:
        return False
    first, _, rest = data.lstrip().partition(b"\n")
    return not rest.strip() or _wrong_with(first) != ""


def _wrong_with(text: bytes | msgspec.Raw) -> str:
    """Why a text is no JSON: "malformed" or "deep"; empty when it is."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except RecursionError:
        return "deep"
    except (msgspec.MsgspecError, ValueError):
        return "malformed"
    return ""


class _Numbering:
    """Numbers the resources of one file as they are met."""

    def __init__(self, file: str, number: int):
        self.file, self.number = file, number

    def of_line(self, raw: msgspec.Raw, line: int) -> Iterator[Held]:
        """The resource of one line of NDJSON. Raises `InputProblem` when the line is no JSON."""
        header = decoded(Header, raw)
        if header is None and (wrong := _wrong_with(raw)):
            raise InputProblem(f"fhir-line-{wrong}", file=self.file, line=line)
        yield from self._resource(raw, header, line)

    def of_object(self, raw: msgspec.Raw) -> Iterator[Held]:
        """The resources of a Bundle, or the one resource that a file holds. Raises `InputProblem` when it holds none."""
        if wrong := _wrong_with(raw):
            raise InputProblem(f"fhir-{wrong}", file=self.file, line=_line_of_error(bytes(raw)))
        kind = decoded(_Kind, raw)
        if kind is None or not kind.resource_type:
            raise InputProblem("fhir-no-resource", file=self.file)
        yield from self._resource(raw, decoded(Header, raw), 1)

    def _resource(
        self, raw: msgspec.Raw, header: Header | None, place: int, address: str = "", in_bundle: int = 0
    ) -> Iterator[Held]:  # fmt: skip
        """A resource and those inside it; in place of a Bundle, what it holds."""
        kind = header or decoded(_Kind, raw)
        if kind is not None and kind.resource_type == "Bundle":
            yield from self._bundle(raw, in_bundle + 1)
            return
        held = self._held(raw, header, place, address, in_bundle > 0)
        yield held
        for contained in header.contained if header else ():
            yield self._held(contained, decoded(Header, contained), place, "", in_bundle > 0, held.number)

    def _bundle(self, raw: msgspec.Raw, depth: int) -> Iterator[Held]:
        bundle = decoded(_Bundle, raw)
        if bundle is None or depth > _DEEPEST_BUNDLE:
            raise InputProblem("fhir-bundle-malformed", file=self.file)
        _refuse_hidden(bytes(raw), bundle, self.file)
        for place, entry in enumerate(bundle.entry, 1):
            if bytes(entry.resource):
                yield from self._resource(entry.resource, decoded(Header, entry.resource), place, entry.full_url, depth)

    def _held(
        self, raw: msgspec.Raw, header: Header | None, place: int, address: str, in_bundle: bool, inside: int = 0
    ) -> Held:  # fmt: skip
        number, self.number = self.number, self.number + 1
        if header is None or not header.resource_type:
            return Held(number, _NO_SHAPE, "", raw, self.file, place, in_bundle, address, inside)
        versions = (header.meta.version_id, header.meta.last_updated) if header.meta else ("", "")
        about = (bytes(header.subject), bytes(header.encounter) or bytes(header.context))
        return Held(number, header.resource_type, header.id, raw, self.file, place, in_bundle, address, inside, *versions, *about)


def _refuse_hidden(raw: bytes, bundle: _Bundle, file: str) -> None:
    """A key that stands twice around the resources could hide some of them. Raises `InputProblem`.

    The resources themselves are cut out first, so that only the Bundle's own few keys are read again, slowly and strictly.
    """
    parts, at = [], 0
    for entry in bundle.entry:
        inner = bytes(entry.resource)
        start = raw.find(inner, at) if inner else -1
        if start >= 0:
            parts.append(raw[at:start])
            at = start + len(inner)
    text = b"0".join([*parts, raw[at:]]).decode("utf-8")
    try:
        refuse_double_keys(text)
    except InputProblem as problem:
        raise InputProblem("fhir-bundle-unclear", file=file, problem=problem) from None


def _line_of_error(data: bytes) -> object:
    """The line on which a file stops being JSON, as far as that can be said."""
    try:
        read_json(data.decode("utf-8"))
    except InputProblem as problem:
        return problem.values.get("line", "")
    return ""

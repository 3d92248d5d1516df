"""A plan file that a clinic hands over: read as far as it can be, with everything that is to be mended or confirmed at once.

Nothing of it is kept by reading it: `confirmed` gives the plan as far as the family confirms. The format is in docs/plan-file.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from remission.care.drugs import plain, standard_name
from remission.care.plan import Item, Phase, Plan
from remission.care.plan_check import LeftOut, PlanProblem, check_plan, without
from remission.care.plan_days import days_of, days_written, written_days
from remission.care.road import Delay, Place
from remission.knowledge.model import Frozen, Text
from remission.knowledge.protocols import Route
from remission.knowledge.shelf import Shelf
from remission.record.problems import InputProblem, nearest
from remission.record.structured import Path, Structured, read_structured

__all__ = [
    "PlanFile",
    "PlanProblem",
    "check_plan",
    "confirmed",
    "dates_of",
    "days_of",
    "days_written",
    "kind_named",
    "read_plan_file",
]

MOST_BYTES = 200_000
_MOST_BLOCKS, _MOST_ITEMS, _LONGEST_TEXT = 60, 100, 300
_KEYS = ("title", "counts-from", "blocks")
_BLOCK_KEYS = ("name", "days", "repeats", "starts", "gives")
_ITEM_KEYS = ("what", "by", "on", "amount")

# How a sheet names the ways, in either language; accents and capitals aside.
_ROUTE_NAMES: dict[Route, str] = {
    "mouth": "mouth, by mouth, oral, orally, po, p.o., boca, por boca, via oral, vo, v.o.",
    "vein": "vein, into a vein, iv, i.v., intravenous, vena, en una vena, intravenosa, intravenoso, via intravenosa, ev",
    "muscle": "muscle, into a muscle, im, i.m., intramuscular, musculo, en un musculo, via intramuscular",
    "skin": "skin, under the skin, sc, s.c., sq, subq, subcutaneous, piel, bajo la piel, subcutanea, subcutaneo",
    "spinal-fluid": "spinal-fluid, spinal fluid, into the spinal fluid, it, i.t., intrathecal, intratecal, via intratecal",
    "vein-or-muscle": "vein-or-muscle, iv/im, im/iv, iv or im, im or iv, iv o im, im o iv",
    "vein-or-skin": "vein-or-skin, iv/sc, sc/iv, iv or sc, sc or iv, iv o sc, sc o iv",
    "mouth-or-vein": "mouth-or-vein, po/iv, iv/po, po or iv, iv or po, vo/iv, iv/vo, vo o iv, iv o vo",
    "not-stated": "not-stated, not stated, no se indica",
}
_ROUTES: dict[str, Route] = {name: route for route, names in _ROUTE_NAMES.items() for name in names.split(", ")}

# Which kind of block a name tells of, the more special first. It only chooses which questions to offer.
_KINDS = (
    ("interim-maintenance", r"\b(interim maintenance|mantenimiento (intermedio|interino))\b"),
    ("delayed-intensification", r"\b(delayed intensification|intensificacion (tardia|diferida|retardada))\b"),
    ("prephase", r"\b(pre-?phase|pre-?fase)\b"),
    ("induction", r"\b(induction|induccion)\b"),
    ("consolidation", r"\b(consolidation|consolidacion)\b"),
    ("maintenance", r"\b(maintenance|mantenimiento)\b"),
)


class PlanFile(Frozen, frozen=True):
    """What a file holds. `plan` has no errors in it but still everything that is doubtful; `starts` are the first days that the
    file gives, by block."""

    plan: Plan
    problems: tuple[PlanProblem, ...]
    starts: dict[str, date]

    @property
    def unreadable(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.plan.phases


def read_plan_file(data: bytes, shelf: Shelf) -> PlanFile:
    """The plan of a file, and every problem of it at once. It never raises: what cannot be read at all is a problem, too."""
    try:
        read = read_structured(data, MOST_BYTES)
    except InputProblem as problem:
        return PlanFile(_empty(), (PlanProblem(problem.word, problem.word, problem.values),), {})
    return _Reader(read, shelf).file()


def confirmed(plan_file: PlanFile, accepted: set[str]) -> Plan:
    """The plan as far as it may be kept: without errors, and with a doubtful part only where the family confirmed every doubt."""
    return without(
        plan_file.plan, (part for problem in plan_file.problems if problem.id not in accepted for part in problem.leaves_out)
    )


def dates_of(plan_file: PlanFile, plan: Plan) -> tuple[date | None, tuple[Delay, ...]]:
    """The first day that a file gives, and the delays by which its later blocks begin on the days that it gives; None when the
    first block of the plan has no date."""
    first = plan_file.starts.get(plan.phases[0].id) if plan.phases else None
    if first is None:
        return None, ()
    delays: list[Delay] = []
    following = first
    for phase in plan.phases:
        starts = plan_file.starts.get(phase.id, following)
        if starts > following:
            delays.append(Delay(Place(phase.id), (starts - following).days))
        following = max(starts, following) + timedelta(days=phase.lasts * phase.repeats)
    return first, tuple(delays)


def kind_named(name: str) -> str:
    """The kind of block that a name tells of; nothing when it tells none."""
    return next((kind for kind, pattern in _KINDS if re.search(pattern, plain(name))), "")


class _Block(NamedTuple):
    """Which block is being read."""

    id: str
    name: str


class _Reader:
    """Reads a file place by place, gathering problems on the way."""

    def __init__(self, read: Structured, shelf: Shelf):
        self.read, self.shelf = read, shelf
        self.found: list[PlanProblem] = []
        self.lines: dict[tuple[str, str], int | None] = {}  # where a block or an item of it stands
        self.numbers: dict[str, int] = {}  # which block of the file became which of the plan
        self.first_day: Literal[0, 1] = 1

    def file(self) -> PlanFile:
        content = self.read.content
        if not isinstance(content, dict) or not isinstance(content.get("blocks"), list) or not content["blocks"]:
            self.problem("plan-file-no-blocks", ())
            return PlanFile(_empty(), tuple(self.found), {})
        self.unknown_keys(content, _KEYS, ())
        self.first_day, counted = self.counting(content)
        phases = tuple(self.blocks(content["blocks"]))
        title = self.title(content.get("title"))
        plan = Plan(title, phases if counted else (), "copied", self.first_day)
        if counted == "unsaid":
            gone = tuple(LeftOut(phase.id) for phase in phases)
            self.problem("plan-file-counting-unsaid", (), gone, is_doubt=True)
        checked = tuple(self.with_line(problem) for problem in check_plan(plan, self.shelf))
        whole = without(plan, (part for problem in checked if not problem.is_doubt for part in problem.leaves_out))
        starts = dict(self.starts(content["blocks"], whole))
        return PlanFile(whole, _told_apart(sorted((*self.found, *checked), key=lambda problem: problem.line or 0)), starts)

    # --- the file --------------------------------------------------------------------------------------------------------

    def title(self, value: Any) -> Text:
        if isinstance(value, dict) and set(value) == {"en", "es"}:
            return Text(*(self.text(value[lang], ("title", lang)) for lang in ("en", "es")))
        said = self.text(value, ("title",))
        if said:
            return Text(said, said)
        self.problem("plan-file-no-title", ())
        return self.shelf.protocols["blank"].title

    def counting(self, content: dict[str, Any]) -> tuple[Literal[0, 1], str]:
        """The number of a block's first day, and whether it was said; nothing said leaves a doubt, nonsense keeps nothing."""
        said = content.get("counts-from")
        if said is None:
            return 1, "unsaid"
        if str(said) not in ("0", "1"):
            self.problem("plan-file-counting", ("counts-from",), value=_shown(said))
            return 1, ""
        return (0 if str(said) == "0" else 1), "said"

    def blocks(self, blocks: list[Any]) -> Iterator[Phase]:
        names: list[str] = []
        if len(blocks) > _MOST_BLOCKS:
            self.problem("plan-file-too-many", ("blocks", _MOST_BLOCKS), most=_MOST_BLOCKS)
        for number, block in enumerate(blocks[:_MOST_BLOCKS]):
            path: Path = ("blocks", number)
            if not isinstance(block, dict):
                self.problem("plan-file-no-block", path)
                continue
            phase = self.block(block, path, names)
            if phase:
                self.numbers[phase.id] = number
                yield phase

    # --- a block ---------------------------------------------------------------------------------------------------------

    def block(self, block: dict[str, Any], path: Path, names: list[str]) -> Phase | None:
        """A block; None when it has no name or no length, with its medicines still looked at, so that all is said at once."""
        self.unknown_keys(block, _BLOCK_KEYS, path)
        name = self.text(block.get("name"), (*path, "name"))
        block_id = _unique(name or f"block-{path[1]}", names)
        self.lines[block_id, ""] = self.read.line(*path)
        lasts = self.whole(block, "days", path, name)
        repeats = self.whole(block, "repeats", path, name) if "repeats" in block else 1
        items = tuple(self.items(block.get("gives"), (*path, "gives"), _Block(block_id, name)))
        if not name:
            self.problem("plan-file-block-no-name", path)
        if not name or lasts is None or repeats is None:
            return None
        return Phase(block_id, Text(name, name), lasts, items, repeats, kind_named(name))

    def items(self, gives: Any, path: Path, block: _Block) -> Iterator[Item]:
        if gives is None:
            return
        if not isinstance(gives, list):
            self.problem("plan-file-gives", path, block=block.name)
            return
        if len(gives) > _MOST_ITEMS:
            self.problem("plan-file-too-many", (*path, _MOST_ITEMS), most=_MOST_ITEMS)
        names: list[str] = []
        for number, given in enumerate(gives[:_MOST_ITEMS]):
            item = self.item(given, (*path, number), block, names)
            if item:
                self.lines[block.id, item.id] = self.read.line(*path, number)
                yield item

    def item(self, given: Any, path: Path, block: _Block, names: list[str]) -> Item | None:
        if not isinstance(given, dict):
            self.problem("plan-file-no-item", path, block=block.name)
            return None
        self.unknown_keys(given, _ITEM_KEYS, path)
        what = self.text(given.get("what"), (*path, "what"))
        route = self.route(given.get("by"), (*path, "by"), what, block)
        days = self.days(given.get("on"), (*path, "on"), what, block)
        amount = self.text(given.get("amount"), (*path, "amount"))
        if not what:
            self.problem("plan-file-item-no-name", path, block=block.name)
        if not what or route is None or not days:
            return None
        known = standard_name(self.shelf, what)
        item_id = _unique(f"{known} {route}", names)
        twice = tuple(sorted({day for day in days if days.count(day) > 1})) if len(days) > len(set(days)) else ()
        if twice:
            gone, shown = (LeftOut(block.id, item_id, twice),), days_written(twice, self.first_day)
            self.problem("plan-file-day-twice", (*path, "on"), gone, is_doubt=True, item=what, block=block.name, days=shown)
        return Item(item_id, known, route, tuple(sorted(set(days))), amount)

    def route(self, said: Any, path: Path, what: str, block: _Block) -> Route | None:
        """The way; one that was left out is "not stated", one that nobody can read leaves the medicine out."""
        if said is None:
            return "not-stated"
        route = _ROUTES.get(plain(str(said)))
        if route is None:
            near = nearest(plain(str(said)), list(_ROUTES))
            self.problem(
                "plan-file-route-near" if near else "plan-file-route",
                path,
                item=what,
                block=block.name,
                value=_shown(said),
                near=near,
            )
        return route

    def days(self, said: Any, path: Path, what: str, block: _Block) -> list[int]:
        """The days as they stand there; none, with a problem, when they are missing or unreadable."""
        parts = said if isinstance(said, list) else [said]
        if said is None or not all(isinstance(part, (int, str)) and not isinstance(part, bool) for part in parts):
            self.problem("plan-file-no-days", path, item=what, block=block.name)
            return []
        try:
            return written_days(", ".join(str(part) for part in parts), self.first_day)
        except InputProblem as problem:
            self.problem("plan-file-days", path, item=what, block=block.name, says=problem)
            return []

    # --- first days ------------------------------------------------------------------------------------------------------

    def starts(self, blocks: list[Any], plan: Plan) -> Iterator[tuple[str, date]]:
        """The first days that the file gives. One on which the block before it still runs is not taken."""
        following: date | None = None
        for phase in plan.phases:
            number = self.numbers[phase.id]
            starts = self.day(blocks[number].get("starts"), ("blocks", number, "starts"), phase)
            if starts and following and starts < following:
                self.problem(
                    "plan-file-overlap",
                    ("blocks", number, "starts"),
                    block=phase.name,
                    starts=starts,
                    ends=following - timedelta(1),
                )
                starts = None
            if starts:
                yield phase.id, starts
            following = _after(starts or following, phase)

    def day(self, said: Any, path: Path, phase: Phase) -> date | None:
        if said is None:
            return None
        try:
            day = date.fromisoformat(str(said))
        except ValueError:
            day = None
        if day is None or not 1990 <= day.year <= 2150:
            self.problem("plan-file-date", path, block=phase.name, value=_shown(said))
            return None
        return day

    # --- values ----------------------------------------------------------------------------------------------------------

    def text(self, value: Any, path: Path) -> str:
        """A text or a number, as it is written."""
        if value is None:
            return ""
        if isinstance(value, (dict, list, bool)):
            self.problem("plan-file-no-text", path)
            return ""
        written = " ".join((f"{value:f}" if isinstance(value, Decimal) else str(value)).split())
        if len(written) > _LONGEST_TEXT:
            self.problem("plan-file-text-too-long", path, most=_LONGEST_TEXT)
            return ""
        return written

    def whole(self, block: Mapping[str, Any], key: str, path: Path, name: str) -> int | None:
        """A whole number; None, with a problem, when it is missing or none."""
        written = str(block.get(key, "")).strip()
        if re.fullmatch(r"[0-9]{1,4}", written):
            return int(written)
        at = (*path, key) if key in block else path
        self.problem("plan-file-whole", at, block=name, key=key, value=_shown(block.get(key)))
        return None

    def unknown_keys(self, found: Mapping[Any, Any], known: tuple[str, ...], path: Path) -> None:
        for key in found:
            if key not in known:
                near = nearest(str(key), list(known))
                word = "plan-file-key-near" if near else "plan-file-key"
                self.problem(word, (*path, str(key)), key=_shown(key), near=near, known=", ".join(known))

    def problem(
        self, word: str, path: Path, leaves_out: tuple[LeftOut, ...] = (), is_doubt: bool = False, **values: object
    ) -> None:
        place = "/".join(map(str, path))
        self.found.append(PlanProblem(f"{word}:{place}", word, values, leaves_out, is_doubt, self.read.line(*path)))

    def with_line(self, problem: PlanProblem) -> PlanProblem:
        part = problem.leaves_out[0]
        return replace(problem, line=self.lines.get((part.phase, part.item)))


def _told_apart(problems: list[PlanProblem]) -> tuple[PlanProblem, ...]:
    """Each with an id of its own."""
    seen: dict[str, int] = {}
    told = []
    for problem in problems:
        seen[problem.id] = number = seen.get(problem.id, 0) + 1
        told.append(problem if number == 1 else replace(problem, id=f"{problem.id}#{number}"))
    return tuple(told)


def _after(starts: date | None, phase: Phase) -> date | None:
    """The first day after all cycles of a block."""
    return starts + timedelta(days=phase.lasts * phase.repeats) if starts else None


def _unique(name: str, names: list[str]) -> str:
    """An id made of a name: the same each time the file is opened, and its own within its block or file."""
    base = re.sub(r"[^a-z0-9]+", "-", plain(name)).strip("-")[:60] or "x"
    made = next(one for one in (base, *(f"{base}-{number}" for number in range(2, 1000))) if one not in names)
    names.append(made)
    return made


def _shown(value: Any) -> str:
    """A value of the file as a sentence shows it."""
    return "" if value is None else str(value)[:60]


def _empty() -> Plan:
    return Plan(Text("", ""), (), "copied")

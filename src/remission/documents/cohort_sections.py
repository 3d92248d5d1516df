"""The parts of a cohort's report on who was read and which groups they are in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from remission.cohort.figures import STATES
from remission.cohort.hiding import Count
from remission.cohort.reporting import YEARS, Baseline, Crossing, Followed, Groups, Point, Undecided
from remission.documents.cohort_pictures import Bar, BarGroup, Step, bars_picture, cross_picture, flow_picture, room_for_counts
from remission.documents.cohort_words import CohortWords
from remission.documents.paper import Drawing, Section, Table

_MOST_FACTS, _MOST_OPEN, _MOST_APART = 8, 6, 6  # told of a scheme
_MOST_BARS = 28  # and names of schemes, in one picture: as many as a page of paper has room for


class Part(NamedTuple):
    """A part of the report: its heading stands in the contents; the sections below may have headings of their own."""

    id: str
    heading: str
    sections: tuple[Section, ...]


def short(told: CohortWords) -> Part:
    """What a reader in a hurry takes away."""
    report = told.report
    items = [told.say("rep-short-children", usable=told.count(report.flow.usable)), *_short_schemes(told)]
    items += list(_short_survival(told)) or [told.say("rep-short-no-outcomes")]
    return Part("short", told.say("rep-short"), (Section(items=(*items, told.say("rep-short-limits"))),))


def _short_schemes(told: CohortWords) -> Iterator[str]:
    why = {undecided.scheme: undecided for undecided in told.report.undecided}
    followed = [curves.scheme for curves in told.report.curves if curves.scheme and curves.endpoint == "efs"]
    for groups in told.report.groups:
        if groups.scheme not in (followed or [told.report.groups[0].scheme]):
            continue
        counts = [count.number for _, count in groups.groups]
        if None not in counts:
            decided = Count(sum(number or 0 for number in counts))
            line = told.say(
                "rep-short-scheme", scheme=told.scheme(groups.scheme), decided=told.count_of(decided, told.report.flow.usable),
                children=told.count(told.report.flow.usable), undecided=told.count_of(groups.undecided, told.report.flow.usable),
            )  # fmt: skip
            needed = why[groups.scheme].facts[:1] if groups.scheme in why else ()
            more = [told.say("rep-short-missing", fact=told.fact(fact.fact), among=told.count(fact.among)) for fact in needed]
            yield " ".join([line, *more])


def _short_survival(told: CohortWords) -> Iterator[str]:
    for curves in told.report.curves:
        line = curves.lines[0]
        at = _last_year(line)
        if curves.scheme or at is None:
            continue
        year, point = at
        word = "rep-short-survival" if line.children.number is not None else "rep-short-survival-hidden"
        yield told.say(
            word, endpoint=told.say(f"rep-{curves.endpoint}"), year=told.when(year, point),
            share=told.share(point.share), low=told.share(point.low or 0), high=told.share(point.high or 1),
            children=told.count(line.children), events=told.count(line.events),
        )  # fmt: skip


def _last_year(line: Followed) -> tuple[int, Point] | None:
    """The last of the years told at which a curve says something with an interval."""
    told = [(year, point) for year, point in zip(YEARS, line.years, strict=False) if point and point.low is not None]
    return told[-1] if told else None


# --- the flow ------------------------------------------------------------------------------------------------------------


def flow(told: CohortWords, wide: bool) -> Part:
    steps, ends = _steps(told)
    title = told.say("rep-flow")
    rows = [(step.label, step.count) for step in (*steps, *ends)]
    left = [(told.say("rep-flow-rejected"), told.count(told.report.flow.rejected))] if told.report.about.records else []
    left += [(told.say("rep-flow-contradictory"), told.count(told.report.flow.contradictory))]
    says = "; ".join(f"{label}: {count}" for label, count in (*rows, *left)) + "."
    table = Table(title, (told.say("rep-step"), told.say("rep-number")), (*rows, *left))
    picture = Section(
        paragraphs=(told.say("rep-flow-lead"), *(note.in_(told.lang) for note in told.report.about.reading)),
        drawing=Drawing(flow_picture(told.words, title, says, steps, ends, wide), says),
    )
    return Part("flow", title, (picture, Section(table=table), *_left_out(told), *_counters(told), *_remarks(told)))


def _steps(told: CohortWords) -> tuple[list[Step], list[Step]]:
    flow, ends = told.report.flow, []
    records = Step(told.say("rep-flow-records"), told.count(flow.records), _leaves(told, flow.rejected, "rep-flow-rejected"))
    children = Step(
        told.say("rep-flow-children"), told.count(flow.children), _leaves(told, flow.contradictory, "rep-flow-contradictory")
    )  # fmt: skip
    usable = Step(told.say("rep-flow-usable"), told.count(flow.usable))
    for endpoint, followed in flow.followed.items():
        label, out = told.say(f"rep-flow-{endpoint}"), flow.not_followed[endpoint]
        said = label if out.number == 0 else told.say("rep-flow-end", label=label, count=told.count(out))
        ends.append(Step(said, told.count(followed)))
    return [*([records] if told.report.about.records else []), children, usable], ends


def _leaves(told: CohortWords, count: Count, word: str) -> tuple[str, ...]:
    """What leaves the flow here, where anything does."""
    return () if count.number == 0 else (told.say("rep-flow-leaves", count=told.count(count), what=told.say(word).lower()),)


def _left_out(told: CohortWords) -> Iterator[Section]:
    reasons = told.report.flow.left_out
    if not reasons:
        return
    by_reason: dict[str, dict[str, Count]] = {}
    for endpoint, counts in reasons.items():
        for reason, count in counts:
            if count.number != 0:
                by_reason.setdefault(reason, {})[endpoint] = count
    heading = told.say("rep-left-out")
    if not by_reason:
        yield Section(heading=heading, paragraphs=(told.say("rep-none-left-out"),))
        return
    rows = tuple(
        (told.say(f"cohort-out-{reason}"), *(told.count(counts[endpoint]) if endpoint in counts else "0" for endpoint in reasons))
        for reason, counts in by_reason.items()
    )
    head = (told.say("rep-reason"), *(told.say(f"rep-{endpoint}") for endpoint in reasons))
    yield Section(heading=heading, paragraphs=(told.say("rep-left-out-lead"),), table=Table(heading, head, rows))


def _counters(told: CohortWords) -> Iterator[Section]:
    rows = tuple((told.counter(word), told.count(count)) for word, count in told.report.flow.counters if count.number != 0)
    if rows:
        heading = told.say("rep-counters")
        table = Table(heading, (told.say("rep-reason"), told.say("rep-times")), rows)
        yield Section(heading=heading, paragraphs=(told.say("rep-counters-lead"),), table=table)


def _remarks(told: CohortWords) -> Iterator[Section]:
    items = [
        told.say(f"cohort-mind-{remark}", count=told.count(count))
        for remark, count in told.report.flow.remarks
        if count.number != 0
    ]
    if items:
        yield Section(heading=told.say("rep-remarks"), items=tuple(items))


# --- the children --------------------------------------------------------------------------------------------------------


def baseline(told: CohortWords) -> Part:
    usable = told.report.flow.usable
    rows = tuple(row for line in told.report.baseline if _is_known(line) for row in _baseline_rows(told, line))
    head = (told.say("rep-fact"), told.say("rep-value"), told.say("rep-children"))
    title = told.say("rep-baseline")
    lead = told.say("rep-baseline-lead", children=told.count(usable))
    return Part("children", title, (Section(paragraphs=(lead,), table=Table(title, head, rows)), recorded(told)))


def _is_known(line: Baseline) -> bool:
    return any(count.number != 0 for _, count in line.lines) or line.in_part.number != 0


def _baseline_rows(told: CohortWords, line: Baseline) -> Iterator[tuple[str, ...]]:
    """The name of a fact stands in its first row alone."""
    usable = told.report.flow.usable
    rows = [(told.kind(kind), told.count_of(count, usable)) for kind, count in line.lines]
    if line.in_part.number != 0:
        rows.append((told.say("rep-in-part"), told.count_of(line.in_part, usable)))
    rows.append((told.say("rep-not-known"), told.count_of(line.not_known, usable)))
    if line.spread:
        rows.append(_median_row(told, line))
    for number, row in enumerate(rows):
        yield (told.fact(line.fact) if number == 0 else "", *row)


def _median_row(told: CohortWords, line: Baseline) -> tuple[str, str]:
    assert line.spread is not None  # noqa: S101 - asked by the caller
    definition = told.library.facts[line.fact]

    quartiles = (line.spread.half, line.spread.quarter, line.spread.three_quarters)
    if definition.unit == "d":
        half, low, high = (told.say("rep-years", years=told.years(value)) for value in quartiles)
    else:
        half, low, high = (told.words.quantity(definition, Decimal(repr(round(value, 1)))) for value in quartiles)
    label = told.say("rep-median", count=told.count(Count(line.spread.children)))
    return label, told.say("rep-median-value", half=half, quarter=low, three_quarters=high)


def recorded(told: CohortWords) -> Section:
    """How well each fact is recorded."""
    usable = told.report.flow.usable
    rows = tuple((told.fact(line.fact), *(told.count_of(count, usable) for count in line.states)) for line in told.report.recorded)
    head = (told.say("rep-fact"), *(told.say(f"rep-state-{state}") for state in STATES))
    heading = told.say("rep-recorded")
    return Section(heading=heading, paragraphs=(told.say("rep-recorded-lead"),), table=Table(heading, head, rows))


# --- groups --------------------------------------------------------------------------------------------------------------


def groups(told: CohortWords, wide: bool) -> Part:
    usable = told.report.flow.usable
    shown = [line for line in told.report.groups if any(count.number != 0 for _, count in line.groups)]
    none = [told.scheme(line.scheme) for line in told.report.groups if line not in shown]
    title = told.say("rep-groups")
    rows = tuple(
        (told.scheme(line.scheme) if number == 0 else "", told.answer(line.scheme, answer), told.count_of(count, usable))
        for line in shown
        for number, (answer, count) in enumerate(_answers(line))
    )
    sections = [Section(paragraphs=(told.say("rep-groups-lead"),)), *_group_pictures(told, title, shown, wide)]
    if rows:
        sections.append(
            Section(table=Table(title, (told.say("rep-scheme"), told.say("rep-group"), told.say("rep-children")), rows))
        )
    if none:
        sections.append(Section(paragraphs=(told.say("rep-no-answer-at-all", schemes="; ".join(none)),)))
    return Part("groups", title, tuple(sections))


def _group_pictures(told: CohortWords, title: str, shown: list[Groups], wide: bool) -> Iterator[Section]:
    """All schemes to one scale, as many to a picture as a page of paper has room for."""
    bars = [BarGroup(told.scheme(line.scheme), [_bar(told, line.scheme, *answer) for answer in _answers(line)]) for line in shown]
    room = room_for_counts(bars)
    for page in _pages(bars):
        says = " ".join(f"{group.name}: {', '.join(f'{bar.label} {bar.count}' for bar in group.bars)}." for group in page)
        yield Section(drawing=Drawing(bars_picture(told.words, title, says, page, room, wide), says))


def _pages(groups: list[BarGroup]) -> Iterator[list[BarGroup]]:
    page: list[BarGroup] = []
    for group in groups:
        if page and sum(len(one.bars) + 1 for one in (*page, group)) > _MOST_BARS:
            yield page
            page = []
        page.append(group)
    if page:
        yield page


def _answers(line: Groups) -> list[tuple[str, Count]]:
    return [*line.groups, ("undecided", line.undecided), ("not-applicable", line.not_applicable)]


def _bar(told: CohortWords, scheme: str, answer: str, count: Count) -> Bar:
    usable = told.report.flow.usable
    is_open = answer in ("undecided", "not-applicable")
    return Bar(told.answer(scheme, answer), told.count_of(count, usable), told.share_of(count, usable), is_open)


def why(told: CohortWords) -> Part:
    sections = [Section(paragraphs=(told.say("rep-why-lead"),))]
    for line in told.report.undecided:
        sections += _why_scheme(told, line)
    return Part("undecided", told.say("rep-why"), tuple(sections))


def _why_scheme(told: CohortWords, line: Undecided) -> Iterator[Section]:
    name = told.scheme(line.scheme)
    heading = told.say("rep-why-scheme", scheme=name, children=told.count(line.children))
    needed = tuple(
        (told.fact(fact.fact), told.count_of(fact.among, line.children), told.count(fact.alone))
        for fact in line.facts[:_MOST_FACTS]
    )
    head = (told.say("rep-still-needed"), told.say("rep-among"), told.say("rep-alone"))
    yield Section(heading=heading, table=Table(f"{name}: {told.say('rep-still-needed').lower()}", head, needed))
    opened = [(told.open_groups(line.scheme, possible), told.count_of(count, line.children)) for possible, count in line.open]
    further = len(opened) - _MOST_OPEN
    more = (told.say("rep-more-open-one" if further == 1 else "rep-more-open", number=further),) if further > 0 else ()
    title = f"{name}: {told.say('rep-open').lower()}"
    yield Section(table=Table(title, (told.say("rep-open"), told.say("rep-children")), tuple(opened[:_MOST_OPEN])))
    if more:
        yield Section(paragraphs=more)


# --- two schemes, and the source ---------------------------------------------------------------------------------------------


def crossings(told: CohortWords, wide: bool) -> Part | None:
    sections = [section for crossing in told.report.crossings for section in _crossing(told, crossing, wide)]
    if not sections:
        return None
    return Part("cross", told.say("rep-cross"), (Section(paragraphs=(told.say("rep-cross-lead"),)), *sections))


def _crossing(told: CohortWords, crossing: Crossing, wide: bool) -> Iterator[Section]:
    rows = [place for place, row in enumerate(crossing.cells) if any(count.number != 0 for count in row)]
    columns = [place for place in range(len(crossing.columns)) if any(row[place].number != 0 for row in crossing.cells)]
    row_names = [told.answer(crossing.first, crossing.rows[place]) for place in rows]
    column_names = [told.answer(crossing.second, crossing.columns[place]) for place in columns]
    counts = [[crossing.cells[row][column] for column in columns] for row in rows]
    first, second = told.scheme(crossing.first), told.scheme(crossing.second)
    title = told.say("rep-cross-title", first=first, second=second)
    fields = [[(told.count(count), _share(count, line)) for count in line] for line in counts]
    said = tuple((name, *(told.count(count) for count in line)) for name, line in zip(row_names, counts, strict=True))
    says = " ".join(
        f"{name}: {', '.join(f'{column} {count}' for column, count in zip(column_names, line, strict=True))}."
        for name, *line in said
    )
    picture = cross_picture(told.words, title, says, row_names, column_names, fields, wide)
    yield Section(heading=title, drawing=Drawing(picture, says))
    head = (told.say("rep-cross-head", first=first, second=second), *column_names)
    yield Section(table=Table(title, head, said))
    if crossing.apart:
        yield Section(paragraphs=(told.say("rep-apart"),), items=tuple(_apart(told, crossing)))


def _share(count: Count, line: list[Count]) -> float | None:
    """A field's share of its row; unknown where a count of the row is hidden."""
    numbers = [other.number for other in line]
    if count.number is None or None in numbers:
        return None
    return count.number / max(sum(number or 0 for number in numbers), 1)


def _apart(told: CohortWords, crossing: Crossing) -> Iterator[str]:
    for apart in crossing.apart[:_MOST_APART]:
        group = told.answer(crossing.first, apart.group)
        most, other = told.answer(crossing.second, apart.most), told.answer(crossing.second, apart.other)
        line = told.say(
            "rep-apart-one", first=told.scheme(crossing.first), second=told.scheme(crossing.second), group=_quoted(told, group),
            most=_quoted(told, most), other=_quoted(told, other), children=told.count(Count(apart.children)),
        )  # fmt: skip
        features = [
            told.say(
                "rep-apart-feature", kind=_sentence(told.kind_of_child(feature.kind)), here=feature.here, of=feature.of,
                usual=feature.usual, of_usual=feature.of_usual,
            )
            for feature in apart.features
        ]  # fmt: skip
        yield " ".join([line, *features])


def _quoted(told: CohortWords, text: str) -> str:
    return told.say("rep-quoted", text=text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def compared(told: CohortWords) -> Part | None:
    sections = []
    for result in told.report.compared:
        scheme = result.comparison.scheme
        rows = tuple(
            (said, told.answer(scheme, expected), told.count(agree), told.count(differ), told.count(undecided))
            for said, expected, agree, differ, undecided in result.rows
        )
        head = tuple(map(told.say, ("rep-said", "rep-expected", "rep-agree", "rep-differ", "rep-undecided")))
        text = result.comparison.text.in_(told.lang)
        sections.append(Section(paragraphs=(text,), table=Table(told.scheme(scheme), head, rows)))
    return Part("compared", told.say("rep-compared"), tuple(sections)) if sections else None

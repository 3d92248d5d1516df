"""The parts of a cohort's report on what became of the children: survival, and which event came first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remission.cohort.reporting import YEARS, Curves, Followed, Incidences
from remission.documents.cohort_pictures import Line, curves_picture
from remission.documents.cohort_sections import Part
from remission.documents.cohort_words import CohortWords
from remission.documents.paper import Drawing, Section, Table
from remission.documents.wording import source_short

_INDUCTION_FAILURE = "schrappe-2012"  # the source in which it was read how one large study defined it
_LAST = len(YEARS) - 1


def survival(told: CohortWords, wide: bool) -> Part:
    sections = [Section(heading=told.say("rep-definitions"), items=tuple(_definitions(told)))]
    for curves in told.report.curves:
        sections += _curves(told, curves, wide)
    if all(not curves.scheme for curves in told.report.curves):
        sections.append(Section(paragraphs=(told.say("rep-no-group-followed"),)))
    return Part("survival", told.say("rep-survival"), tuple(sections))


def _definitions(told: CohortWords) -> Iterator[str]:
    about = told.report.about
    if about.time_zero is None:
        yield told.say("rep-time-zero-unknown")
    else:
        word = "rep-time-zero" if about.time_zero_stated else "rep-time-zero-inferred"
        yield told.say(word, time_zero=about.time_zero.in_(told.lang))
    yield told.say("rep-def-efs")
    yield told.say("rep-def-os")
    yield told.say("rep-def-induction", source=source_short(told.words, told.library.sources[_INDUCTION_FAILURE]))
    yield told.say("rep-def-events")
    yield told.say("rep-days-years")


def _curves(told: CohortWords, curves: Curves, wide: bool) -> Iterator[Section]:
    title = told.say(f"rep-{curves.endpoint}")
    if curves.scheme:
        title = told.say("rep-by", endpoint=title, scheme=told.scheme(curves.scheme))
    names = [_group(told, curves.scheme, line) for line in curves.lines]
    drawn = [(name, line) for name, line in zip(names, curves.lines, strict=True) if not line.hidden and line.group != "undecided"]
    yield Section(heading=title, paragraphs=tuple(_before_curves(told, curves)), drawing=_drawing(told, title, drawn, wide))
    yield Section(table=_estimates(told, title, names, curves.lines))
    risk = _risk_table(told, title, [(name, line) for name, line in zip(names, curves.lines, strict=True) if line.at_risk])
    yield Section(table=risk, paragraphs=tuple(_after_curves(told, curves, names)))


def _group(told: CohortWords, scheme: str, line: Followed) -> str:
    return told.answer(scheme, line.group) if scheme else told.say("rep-all")


def _before_curves(told: CohortWords, curves: Curves) -> Iterator[str]:
    if curves.scheme and told.library.schemes[curves.scheme].phase == "response":
        yield told.say("rep-response-scheme")


def _after_curves(told: CohortWords, curves: Curves, names: Sequence[str]) -> Iterator[str]:
    for name, line in zip(names, curves.lines, strict=True):
        if line.emptied:
            yield told.say("rep-curve-emptied", group=name)
    if curves.test:
        test, tests = curves.test, told.report.tests
        p = told.say("rep-p-small") if test.p < 0.001 else told.say("rep-p", p=f"{test.p:.3f}")
        degrees = told.say("rep-degree" if test.degrees == 1 else "rep-degrees", degrees=test.degrees)
        yield told.say("rep-test", statistic=f"{test.statistic:.2f}", degrees=degrees, p=p)
        yield told.say("rep-test-looks", tests=tests) if tests > 1 else told.say("rep-test-one-look")


def _drawing(told: CohortWords, title: str, drawn: Sequence[tuple[str, Followed]], wide: bool) -> Drawing | None:
    if not drawn:
        return None
    says = " ".join(_says(told, name, line) for name, line in drawn)
    risk = told.say("rep-risk-rounded" if told.hides else "rep-at-risk")
    lines = [_line(told, name, line) for name, line in drawn]
    picture = curves_picture(
        told.words, title, says, lines, told.say("rep-years-axis"), risk, (told.say("rep-band"),), wide, rising=False
    )
    return Drawing(picture, says)


def _line(told: CohortWords, name: str, line: Followed) -> Line:
    legend = told.say("rep-curve-legend", group=name, children=told.count(line.children), events=told.count(line.events))
    points = tuple((point.day, point.share, point.low, point.high) for point in line.points)
    return Line(name, legend, points, line.last_day, tuple(told.count(count) for count in line.at_risk))


def _says(told: CohortWords, name: str, line: Followed) -> str:
    """A curve in words: what it says at each year told."""
    shares = [
        told.say("rep-curve-share-one" if when == "1" else "rep-curve-share", share=told.share(point.share), year=when)
        for year, point in zip(YEARS, line.years, strict=False)
        if point and (when := told.when(year, point))
    ]
    return told.say("rep-curve-says", group=name, shares=", ".join(shares) or told.say("rep-not-followed"))


def _estimates(told: CohortWords, title: str, names: Sequence[str], lines: Sequence[Followed]) -> Table:
    head = (
        told.say("rep-group"),
        told.say("rep-children"),
        told.say("rep-events"),
        *map(told.at_year, YEARS),
        told.say("rep-median-time"),
    )
    rows = [(name, *_estimated(told, line)) for name, line in zip(names, lines, strict=True)]
    return Table(told.say("rep-table-curves", title=title), head, tuple(rows))


def _estimated(told: CohortWords, line: Followed) -> tuple[str, ...]:
    counts = (told.count(line.children), told.count(line.events))
    if line.hidden:
        return (*counts, *[told.say("rep-not-shown")] * (len(YEARS) + 1))
    return (*counts, *(told.estimate(point) for point in line.years), _median(told, line))


def _median(told: CohortWords, line: Followed) -> str:
    if line.median is None:
        return told.say("rep-not-reached")
    if line.median.low is None and line.median.high is None:
        return told.say("rep-years", years=told.years(line.median.day))
    low, high = (told.say("rep-open-end") if day is None else told.years(day) for day in (line.median.low, line.median.high))
    return told.say("rep-years-from-to", years=told.years(line.median.day), low=low, high=high)


def _risk_table(told: CohortWords, title: str, lines: Sequence[tuple[str, Followed]]) -> Table | None:
    years = max((len(line.at_risk) for _, line in lines), default=0)
    if not years:
        return None
    head = (told.say("rep-year-head"), *(name for name, _ in lines))
    rows = tuple(
        (str(year), *(told.count(line.at_risk[year]) if year < len(line.at_risk) else "0" for _, line in lines))
        for year in range(years)
    )
    return Table(told.say("rep-table-risk", title=title), head, rows)


# --- which event came first ----------------------------------------------------------------------------------------------


def incidence(told: CohortWords, wide: bool) -> Part | None:
    if not told.report.incidences:
        return None
    everybody, *by_group = told.report.incidences
    met = [line for line in everybody.lines if line.events.number != 0]
    sections = [Section(paragraphs=(told.say("rep-incidence-lead"),), drawing=_incidence_drawing(told, met, wide))]
    sections.append(Section(table=_incidence_table(told, met)))
    sections += _relapse_by_group(told, by_group)
    return Part("incidence", told.say("rep-incidence"), tuple(sections))


def _incidence_drawing(told: CohortWords, lines: Sequence[Followed], wide: bool) -> Drawing | None:
    drawn = [line for line in lines if not line.hidden]
    if not drawn:
        return None
    title = told.say("rep-incidence-title")
    names = [told.say(f"event-{line.group}") for line in drawn]
    says = " ".join(_says(told, name, line) for name, line in zip(names, drawn, strict=True))
    points = [
        Line(
            name, told.say("rep-curve-events", group=name, events=told.count(line.events)),
            tuple((point.day, point.share, point.low, point.high) for point in line.points), line.last_day,
        )
        for name, line in zip(names, drawn, strict=True)
    ]  # fmt: skip
    axis, note = told.say("rep-years-axis"), told.say("rep-band-other")
    return Drawing(curves_picture(told.words, title, says, points, axis, "", (note,), wide, rising=True), says)


def _incidence_table(told: CohortWords, lines: Sequence[Followed]) -> Table:
    head = (told.say("rep-event"), told.say("rep-events"), *map(told.at_year, YEARS))
    rows = tuple((told.say(f"event-{line.group}"), told.count(line.events), *_incidence_cells(told, line)) for line in lines)
    return Table(told.say("rep-incidence-title"), head, rows)


def _incidence_cells(told: CohortWords, line: Followed) -> tuple[str, ...]:
    if line.hidden:
        return (told.say("rep-not-shown"),) * len(YEARS)
    return tuple(told.estimate(point) for point in line.years)


def _relapse_by_group(told: CohortWords, by_group: Sequence[Incidences]) -> Iterator[Section]:
    """Relapse at the last of the years told, a row a group."""
    rows, before = [], ""
    for incidences in by_group:
        relapse = next(line for line in incidences.lines if line.group == "relapse")
        scheme = told.scheme(incidences.scheme) if incidences.scheme != before else ""
        before = incidences.scheme
        cells = (told.count(relapse.children), told.count(relapse.events), _incidence_cells(told, relapse)[_LAST])
        rows.append((scheme, told.answer(incidences.scheme, incidences.group), *cells))
    if rows:
        title = told.say("rep-incidence-groups", year=YEARS[_LAST])
        head = tuple(map(told.say, ("rep-scheme", "rep-group", "rep-children", "rep-events")))
        table = Table(title, (*head, told.at_year(YEARS[_LAST])), tuple(rows))
        yield Section(heading=title, paragraphs=(told.say("rep-incidence-no-test"),), table=table)

"""The charts: inside their frame, no words on other words, the same in words as in the picture, in both languages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from remission.care.plan import Phase, Plan, published
from remission.care.road import Change, Delay, Hold, Place, Road, laid_out
from remission.documents.charts import Band, CountChart, CountPoint, TeamLine, count_chart, count_rows, count_table, count_words
from remission.documents.drawing import WIDE, WIDTH
from remission.documents.mrd_chart import MrdPoint, mrd_chart, mrd_table, mrd_words
from remission.documents.road_picture import road_picture, road_words
from remission.documents.scales import date_ticks, value_ticks
from remission.documents.wording import Wording, grouped
from remission.knowledge.model import LANGS, Lang, Text
from remission.record.reading import read_fact
from remission.rules.compiled import load_library, load_shelf

SVG = "{http://www.w3.org/2000/svg}"
LIBRARY = load_library()
SHELF = load_shelf()
EN, ES = Wording(LIBRARY, "en"), Wording(LIBRARY, "es")
JANUARY, MARCH = date(2026, 1, 20), date(2026, 3, 2)
SPOKEN: dict[Lang, Wording] = {"en": EN, "es": ES}
MEAN_LETTER, MEAN_POINT = 0.53, 0.3  # em; points and blanks are narrow

langs = st.sampled_from(LANGS)


# --- what is in a picture ------------------------------------------------------------------------------------------------


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - we wrote it a moment ago


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in parsed(svg).iter(f"{SVG}text")]


def shapes(svg: str, kind: str, **having: str) -> list[ElementTree.Element]:
    wanted = {name.replace("_", "-"): value for name, value in having.items()}
    return [shape for shape in parsed(svg).iter(f"{SVG}{kind}") if all(shape.get(name) == value for name, value in wanted.items())]


def text_boxes(svg: str) -> list[tuple[str, float, float, float, float]]:
    """Every text with its left, top, right and bottom, by the mean width of letters."""
    boxes = []
    for element in parsed(svg).iter(f"{SVG}text"):
        text, size = "".join(element.itertext()), float(element.get("font-size", "0"))
        x, y = float(element.get("x", "-1")), float(element.get("y", "-1"))
        wide = size * sum(MEAN_POINT if letter in " .,:;'" else MEAN_LETTER for letter in text)
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[element.get("text-anchor", "start")]
        boxes.append((text, left, y - size * 0.7, left + wide, y + size * 0.2))
    return boxes


def spots(svg: str) -> list[tuple[float, float]]:
    """Every spot that a circle, a box or a path touches."""
    found = []
    for circle in shapes(svg, "circle"):
        x, y, radius = (float(circle.get(name, "-1")) for name in ("cx", "cy", "r"))
        found += [(x - radius, y - radius), (x + radius, y + radius)]
    for box in shapes(svg, "rect"):
        x, y, width, height = (float(box.get(name, "-1")) for name in ("x", "y", "width", "height"))
        assert width >= 0
        assert height >= 0
        found += [(x, y), (x + width, y + height)]
    for path in shapes(svg, "path"):
        found += drawn_by(path.get("d", ""))
    return found


def drawn_by(path: str) -> list[tuple[float, float]]:
    x, y, found = 0.0, 0.0, []
    for command, numbers in re.findall(r"([MLHVZ])([^MLHVZ]*)", path):
        at = [float(number) for number in numbers.split()]
        x, y = (x, y) if command == "Z" else (at[0], y) if command == "H" else (x, at[0]) if command == "V" else (at[0], at[1])
        found.append((x, y))
    assert len(re.findall(r"[A-Za-z]", path)) == len(found), "a command that this test does not know"
    return found


def assert_well_drawn(svg: str, wide: bool) -> None:
    """Valid, without style, script or ids, in ink alone, inside the frame, no words on words."""
    drawn = parsed(svg)
    width, height = WIDE if wide else WIDTH, float(drawn.get("height", "0"))
    assert drawn.get("viewBox") == f"0 0 {width} {drawn.get('height')}"
    assert drawn.findtext(f"{SVG}title")
    assert drawn.findtext(f"{SVG}desc")
    assert {element.tag for element in drawn.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "text", "tspan", "path", "rect", "circle")
    }
    assert not [element for element in drawn.iter() if {"style", "id", "class"} & set(element.attrib)]
    assert {shape.get(paint) for shape in drawn.iter() for paint in ("fill", "stroke")} <= {"currentColor", "none", None}
    assert "color" not in drawn.attrib, "a chart takes the ink of its page"
    for x, y in spots(svg):
        assert -0.1 <= x <= width + 0.1
        assert -0.1 <= y <= height + 0.1
    boxes = text_boxes(svg)
    for text, left, top, right, bottom in boxes:
        assert left >= -1, text
        assert right <= width + 1, text
        assert top >= 0, text
        assert bottom <= height, text
    for (one, left, top, right, bottom), (other, its_left, its_top, its_right, its_bottom) in combinations(boxes, 2):
        apart = right <= its_left + 1 or its_right <= left + 1 or bottom <= its_top + 1 or its_bottom <= top + 1
        assert apart, f"“{one}” lies on “{other}”"


def english_words() -> set[str]:
    """Words that stand in the English texts of the charts and in no Spanish one."""
    ours = [text for name, text in LIBRARY.words.items() if name.startswith("chart-") or name == "months"]
    english, spanish = ({word for text in ours for word in plain_words(text.in_(lang))} for lang in LANGS)
    return {word for word in english - spanish if len(word) > 2}


def plain_words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", re.sub(r"\{\w+\}", " ", text).lower())


def assert_spanish(*said: str) -> None:
    found = {word for text in said for word in plain_words(text)} & english_words()
    assert not found


# --- a count over time ---------------------------------------------------------------------------------------------------


def chart(*values: object, every: int = 6, derived: tuple[int, ...] = (), **more: object) -> CountChart:
    points = tuple(
        CountPoint(JANUARY + timedelta(every * number), Decimal(str(value)), number in derived)
        for number, value in enumerate(values)
    )
    last = max([MARCH, *(point.on for point in points)])
    return replace(CountChart("Neutrophils (ANC)", "/µL", points, JANUARY, last), **more)


SIX_WEEKS = chart(2400, 1900, 1300, 700, 560, 320, 450, 810)

days = st.dates(date(2023, 1, 1), date(2027, 12, 31))
amounts = st.one_of(
    st.decimals(0, 20, places=1), st.integers(0, 6000).map(Decimal), st.integers(0, 10**9).map(Decimal), st.just(Decimal(0))
)
names = st.text("abcdefghij mnopqrstuvwxyzáéíñ", min_size=1, max_size=40).map(lambda name: name.strip() or "a")


@st.composite
def charts(draw: st.DrawFn) -> CountChart:
    first = draw(days)
    lasts = draw(st.integers(0, 1200))
    ahead = st.integers(-40, lasts + 40).map(lambda after: first + timedelta(after))
    points = draw(st.lists(st.builds(CountPoint, ahead, amounts, st.booleans()), max_size=50))
    bands, starts = [], first - timedelta(draw(st.integers(0, 60)))
    for name in draw(st.lists(names, max_size=14)):
        ends = starts + timedelta(draw(st.integers(1, 200)))
        bands.append(Band(name, starts, ends))
        starts = ends + timedelta(draw(st.sampled_from([0, 0, 7])))
    lines = draw(st.lists(st.builds(TeamLine, amounts, names, st.sampled_from(["", "Dr. Lee"]), st.none() | days), max_size=3))
    return CountChart("ANC", "/µL", tuple(points), first, first + timedelta(lasts), tuple(bands), tuple(lines))


@given(charts(), langs, st.booleans())
def test_any_count_is_drawn_inside_its_frame_and_no_words_lie_on_others(chart: CountChart, lang: Lang, wide: bool) -> None:
    words = SPOKEN[lang]
    drawn = count_chart(words, chart, wide)
    assert_well_drawn(drawn, wide)
    assert drawn == count_chart(words, chart, wide)


@given(charts(), langs)
def test_every_point_shown_is_a_dot_and_the_words_name_the_extremes(chart: CountChart, lang: Lang) -> None:
    words = SPOKEN[lang]
    drawn, said = count_chart(words, chart), count_words(words, chart)
    shown = [point for point in chart.points if chart.first_day <= point.on <= chart.last_day]
    in_legend = any(point.is_derived for point in shown)
    assert len(shapes(drawn, "circle")) == len(shown) + in_legend
    assert len(shapes(drawn, "circle", fill="none")) == sum(point.is_derived for point in shown) + in_legend
    assert [row[:2] for row in count_rows(words, chart)] == [
        (words.day(point.on), grouped(point.value)) for point in sorted(shown, key=lambda point: point.on)[::-1]
    ]
    if shown:
        first, lowest, last = min(shown, key=lambda p: p.on), min(p.value for p in shown), sorted(shown, key=lambda p: p.on)[-1]
        assert {grouped(value) for value in (first.value, lowest, last.value)} <= set(texts(drawn))
        assert all(grouped(value) in said for value in (first.value, lowest, last.value))
    assert said in (parsed(drawn).findtext(f"{SVG}desc") or "").replace("μ", "µ")


@given(charts(), st.randoms())
def test_the_order_in_which_points_come_changes_nothing(chart: CountChart, chance: Random) -> None:
    one_a_day = tuple({point.on: point for point in chart.points}.values())
    mixed = list(one_a_day)
    chance.shuffle(mixed)
    ordered, shuffled = replace(chart, points=one_a_day), replace(chart, points=tuple(mixed))
    assert count_chart(EN, ordered) == count_chart(EN, shuffled)


@given(charts())
def test_higher_values_stand_higher_and_later_ones_further_right(chart: CountChart) -> None:
    plain = replace(chart, points=tuple(replace(point, is_derived=False) for point in chart.points), bands=(), lines=())
    at = [(float(dot.get("cx", "0")), float(dot.get("cy", "0"))) for dot in shapes(count_chart(EN, plain), "circle")]
    for (one, (x, y)), (other, (its_x, its_y)) in pairwise(zip(plain.shown, at, strict=True)):
        assert x <= its_x
        assert (one.value <= other.value and y >= its_y) or (one.value >= other.value and y <= its_y)


@pytest.mark.parametrize(
    ("shown", "en", "es"),
    [
        (
            chart(2400, 1900, 320, 810, every=10),
            "First 2,400 /µL on January 20, lowest 320 on February 9, last 810 on February 19.",
            "Primer valor: 2,400 /µL el 20 de enero; el más bajo: 320 el 9 de febrero; el último: 810 el 19 de febrero.",
        ),
        (
            chart(),
            "Nothing is recorded from January 20, 2026 to March 2, 2026.",
            "No hay nada anotado del 20 de enero de 2026 al 2 de marzo de 2026.",
        ),
        (chart(0), "One value: 0 /µL on January 20, 2026.", "Un solo valor: 0 /µL el 20 de enero de 2026."),
        (
            chart(5, 5, 5),
            "All 3 values are 5 /µL, from January 20 to February 1.",
            "Los 3 valores son 5 /µL, del 20 de enero al 1 de febrero.",
        ),
        (
            chart(100, 300, 900),
            "First and lowest 100 /µL on January 20, last 900 on February 1.",
            "Primer valor y el más bajo: 100 /µL el 20 de enero; el último: 900 el 1 de febrero.",
        ),
        (
            chart(900, 300, 100),
            "First 900 /µL on January 20, last and lowest 100 on February 1.",
            "Primer valor: 900 /µL el 20 de enero; el último y el más bajo: 100 el 1 de febrero.",
        ),
    ],
)  # fmt: skip
def test_a_count_in_words(shown: CountChart, en: str, es: str) -> None:
    assert count_words(EN, shown) == en
    assert count_words(ES, shown) == es


def test_days_of_two_years_are_said_with_their_years() -> None:
    said = count_words(EN, replace(chart(10, 5, 7, every=200), unit="g/dL"))
    assert said == "First 10 g/dL on January 20, 2026, lowest 5 on August 8, 2026, last 7 on February 24, 2027."


def test_no_count_gives_a_sheet_with_a_sentence_and_nothing_drawn() -> None:
    drawn = count_chart(ES, chart())
    assert "No hay nada anotado" in " ".join(texts(drawn))
    assert not [*shapes(drawn, "circle"), *shapes(drawn, "path")]


def test_a_gap_of_more_than_28_days_is_dotted_and_explained() -> None:
    joined, apart = count_chart(EN, chart(5, 6, every=28)), count_chart(EN, chart(5, 6, every=29))
    assert not shapes(joined, "path", stroke_dasharray="1 5")
    assert len(shapes(apart, "path", stroke_dasharray="1 5")) == 2, "the gap, and its sign in the legend"
    assert any("28 days" in text for text in texts(apart))


def test_only_the_teams_own_line_is_drawn_and_it_says_who_told_it_and_when() -> None:
    line = TeamLine(Decimal(750), "start of the next block", "Dr. Lee", date(2025, 12, 3))
    told = " ".join(texts(count_chart(EN, replace(SIX_WEEKS, lines=(line,)))))
    assert "750 /μL, your team's line: start of the next block. Told by Dr. Lee on December 3, 2025." in told
    unknown = " ".join(texts(count_chart(EN, replace(SIX_WEEKS, lines=(replace(line, told_by="", told_on=None),)))))
    assert "Who said it, and when, is not recorded." in unknown
    assert not shapes(count_chart(EN, SIX_WEEKS), "path", stroke_dasharray="5 5"), "there is no line of ours"


def test_a_block_is_named_above_the_chart_or_numbered_and_named_below() -> None:
    bands = (
        Band("Interim maintenance", date(2025, 12, 1), date(2026, 1, 24)),
        Band("Delayed", date(2026, 1, 31), date(2026, 3, 28)),
    )
    drawn = count_chart(EN, replace(SIX_WEEKS, bands=bands))
    assert {"1", "Interim maintenance", "Delayed"} <= set(texts(drawn))
    assert "2" not in texts(drawn)
    assert count_rows(EN, replace(SIX_WEEKS, bands=bands))[0][2] == "Delayed"


def test_the_table_leaves_out_columns_in_which_nothing_stands() -> None:
    assert count_table(EN, SIX_WEEKS).head == ("Date", "Value (/µL)")
    derived = count_table(ES, replace(SIX_WEEKS, points=(CountPoint(JANUARY, Decimal("0.50"), True),)))
    assert derived.rows == (("20 de enero de 2026", "0.5", "calculado con los otros valores del hemograma"),)


def test_three_hundred_points_and_what_no_xml_may_hold() -> None:
    many = chart(*(value * 37 % 5000 for value in range(300)), every=2)
    assert_well_drawn(count_chart(EN, many), wide=False)
    odd = count_chart(EN, replace(SIX_WEEKS, title="a\x0b<b>&\x00\ud800c"))
    assert "a <b>&  c · /μL" in texts(odd)


def test_no_english_in_spanish() -> None:
    line = TeamLine(Decimal(750), "A", "B", MARCH)
    full = chart(2400, 1300, 320, 810, every=30, derived=(1,), title="C", lines=(line,), bands=(Band("D", JANUARY, MARCH),))
    for shown in (full, replace(full, points=()), replace(full, points=full.points[:1])):
        drawn = count_chart(ES, shown)
        assert_spanish(parsed(drawn).findtext(f"{SVG}desc") or "", count_words(ES, shown), *texts(drawn))
    assert english_words() >= {"lowest", "worked", "january", "ahead"}


# --- scales --------------------------------------------------------------------------------------------------------------


@given(st.decimals(0, 10**12, allow_nan=False), st.integers(2, 8))
def test_values_are_ticked_at_one_two_or_five_times_a_power_of_ten(high: Decimal, about: int) -> None:
    ticks = value_ticks(Decimal(0), high, about)
    steps = {other - one for one, other in pairwise(ticks)}
    assert ticks[0] == 0
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= about + 2
    assert len(steps) == 1
    assert str(steps.pop().normalize().as_tuple().digits) in ("(1,)", "(2,)", "(5,)")


@given(days, st.integers(0, 4000), langs, st.integers(200, 700))
def test_dates_are_ticked_in_order_the_first_with_its_year(first: date, lasts: int, lang: Lang, width: int) -> None:
    last = first + timedelta(lasts)
    ticks = date_ticks(SPOKEN[lang], first, last, lambda tick: width * (tick.on - first).days / max(lasts, 1))
    assert ticks
    assert all(first <= tick.on <= last for tick in ticks)
    assert str(ticks[0].on.year) in (ticks[0].label, ticks[0].year)
    assert [tick.on for tick in ticks] == sorted({tick.on for tick in ticks})


def test_a_chart_of_thousands_of_years_is_still_drawn() -> None:
    assert_well_drawn(count_chart(EN, replace(SIX_WEEKS, first_day=date.min, last_day=date.max)), wide=False)


# --- MRD -----------------------------------------------------------------------------------------------------------------


def mrd(text: str, on: date | None = JANUARY, label: str = "marrow") -> MrdPoint:
    return MrdPoint(label, read_fact(LIBRARY, "mrd_eoi", text), on)


REPORTS = (
    "1.2%",
    "0.03%",
    "<0.01%",
    "0",
    "negative",
    "negative (limit 0.001%)",
    "positive",
    ">10%",
    "100%",
    "0.00001%",
    "0.01-0.1%",
    "<0.000001%",
)


@given(st.lists(st.builds(mrd, st.sampled_from(REPORTS), st.none() | days, names), max_size=14), langs, st.booleans())
def test_any_results_are_drawn_inside_the_frame(results: list[MrdPoint], lang: Lang, wide: bool) -> None:
    words = SPOKEN[lang]
    drawn = mrd_chart(words, tuple(results), wide)
    assert_well_drawn(drawn, wide)
    assert drawn == mrd_chart(words, tuple(results), wide)
    assert len(mrd_table(words, tuple(results)).rows) == len(results)


def test_each_step_of_the_scale_is_ten_times_fewer_and_as_far_as_the_others() -> None:
    drawn = mrd_chart(EN, tuple(mrd(text) for text in ("10%", "1%", "0.1%", "0.01%", "0.001%", "0.0001%")))
    heights = [float(dot.get("cy", "0")) for dot in shapes(drawn, "circle")]
    assert {round(below - above) for above, below in pairwise(heights)} == {36}
    assert {"100 %", "0.0001 %", "1 in 10", "1 in 1,000,000"} <= set(texts(drawn))


def test_a_result_below_a_limit_is_an_open_arrow_down_from_it_and_never_a_dot() -> None:
    for report in ("<0.01%", "negative (limit 0.01%)", "0 (limit 0.01%)", "0.001% (limit 0.01%)"):
        drawn = mrd_chart(EN, (mrd("0.01%"), mrd(report)))
        limit = float(shapes(drawn, "circle")[0].get("cy", "0"))
        arrow = next(path for path in shapes(drawn, "path", fill="none") if path.get("d", "").count("L") == 2)
        heights = [y for _, y in drawn_by(arrow.get("d", ""))]
        assert len(shapes(drawn, "circle")) == 1
        assert heights[0] == min(heights) == pytest.approx(limit, abs=0.2)
        assert max(heights) > limit + 20
        assert "< 0.01 %" in texts(drawn)


@pytest.mark.parametrize("report", ["negative", "0", "positive", "0.00001%", "<0.00001%"])
def test_what_has_no_place_on_the_scale_is_named_beside_it(report: str) -> None:
    drawn = mrd_chart(EN, (mrd("0.03%"), mrd(report, MARCH, "blood")))
    told = texts(drawn)
    assert len(shapes(drawn, "circle")) == 1
    assert "blood, March 2, 2026: " in " ".join(told[told.index("Not placed on the scale:") :])
    assert "2" not in told


def test_mrd_in_words() -> None:
    results = (mrd("<0.01%", MARCH, "blood"), mrd("0.03%"), mrd("negative", None, "later"))
    assert mrd_words(EN, results).replace("\N{NO-BREAK SPACE}", " ") == (
        "later, day not recorded: not found, limit of the test not said. marrow, January 20, 2026: 0.03 %. "
        "blood, March 2, 2026: below 0.01 %."
    )
    assert mrd_words(EN, ()) == "No MRD result is recorded."
    assert_spanish(mrd_words(ES, results), *texts(mrd_chart(ES, (*results, mrd(">10%"), mrd("0.01-0.1%")))))


# --- the road ------------------------------------------------------------------------------------------------------------

FIRST = date(2025, 8, 5)
PLANS = {name: published(protocol) for name, protocol in SHELF.protocols.items()}
COPIED = replace(PLANS["blank"], origin="copied")


def on_day(day: int) -> date:
    return FIRST + timedelta(day - 1)


def own(*lasts: int, first_day: int = 1, repeats: int = 1) -> Road:
    phases = [Phase(f"p{number}", Text(f"Phase {number}", f"Fase {number}"), long) for number, long in enumerate(lasts, 1)]
    phases[-1] = replace(phases[-1], repeats=repeats)
    return laid_out(replace(Plan(Text("Ours", "Lo nuestro"), tuple(phases), "copied"), first_day=first_day), FIRST)


@st.composite
def dated_roads(draw: st.DrawFn) -> Road:
    plan = draw(st.sampled_from(sorted(PLANS)).map(PLANS.__getitem__))
    places = [(Place(phase.id, cycle), phase.lasts) for phase in plan.phases for cycle in range(1, phase.repeats + 1)]
    changes: list[Change] = []
    for _ in range(draw(st.integers(0, 5))):
        at, lasts = draw(st.sampled_from(places))
        long = draw(st.integers(1, 60))
        changes.append(Delay(at, long) if draw(st.booleans()) else Hold(at, draw(st.integers(1, lasts)), long, "fever"))
    return laid_out(plan, FIRST, changes)


@given(dated_roads(), st.integers(-30, 1200), langs, st.booleans())
def test_any_road_is_drawn_on_any_day(road: Road, after: int, lang: Lang, wide: bool) -> None:
    words, today = SPOKEN[lang], FIRST + timedelta(after)
    drawn = road_picture(words, road, today, wide)
    assert_well_drawn(drawn, wide)
    assert drawn == road_picture(words, road, today, wide)
    assert road_words(words, road, today) in (parsed(drawn).findtext(f"{SVG}desc") or "")
    mark = words.say("chart-road-today", on="").split(",")[0]
    assert any(text.startswith(mark) for text in texts(drawn)) == (road.blocks[0].starts <= today < road.ends)


@given(st.lists(st.integers(1, 120), min_size=1, max_size=30), st.integers(-10, 2000), st.booleans())
def test_any_plan_of_ones_own_is_drawn(lasts: list[int], after: int, wide: bool) -> None:
    assert_well_drawn(road_picture(EN, own(*lasts), FIRST + timedelta(after), wide), wide)


def bars(svg: str) -> list[ElementTree.Element]:
    """The boxes of the bar: those of its height, not those of the legend."""
    return [box for box in shapes(svg, "rect") if float(box.get("height", "0")) >= 30]


def test_blocks_are_as_wide_as_they_are_long_and_a_long_one_is_drawn_broken() -> None:
    widths = [float(box.get("width", "0")) + 3 for box in bars(road_picture(EN, own(30, 60, 60, 30), FIRST - timedelta(1)))]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.3)
    drawn = road_picture(EN, own(30, 60, 60, 600), FIRST)
    assert len(bars(drawn)) == 5
    assert "drawn shorter than it is" in texts(drawn)
    assert "drawn shorter than it is" not in texts(road_picture(EN, own(30, 60, 60, 30), FIRST))


def test_past_is_filled_now_is_outlined_ahead_is_dashed() -> None:
    drawn = bars(road_picture(EN, own(30, 60, 60), on_day(31)))
    assert [box.get("fill-opacity") for box in drawn] == ["0.4", None, None]
    assert [box.get("stroke-width") for box in drawn] == ["1.5", "3", "1.5"]
    assert [box.get("stroke-dasharray") for box in drawn] == [None, None, "5 5"]


def test_today_is_marked_inside_its_block() -> None:
    for day in (1, 31, 90, 91, 150):
        drawn = road_picture(EN, own(30, 60, 60), on_day(day))
        arrow = next(path for path in shapes(drawn, "path", fill_opacity="1"))
        tip = drawn_by(arrow.get("d", ""))[2][0]
        now = next(box for box in bars(drawn) if box.get("stroke-width") == "3")
        left, width = float(now.get("x", "0")), float(now.get("width", "0"))
        assert left - 1.6 <= tip <= left + width + 1.6


def test_a_wait_is_a_gap_and_a_hold_is_hatched() -> None:
    plain = own(30, 60, 60)
    waited = laid_out(plain.plan, FIRST, [Delay(Place("p2"), 7)])
    held = laid_out(plain.plan, FIRST, [Hold(Place("p2"), 15, 10, "fever.")])
    assert not shapes(road_picture(EN, plain, FIRST), "path", stroke_dasharray="1 5")
    drawn = road_picture(EN, waited, FIRST)
    assert len(shapes(drawn, "path", stroke_dasharray="1 5")) == 2, "the wait, and its sign"
    assert "Begins after a wait of 7 days." in texts(drawn)
    hatched = road_picture(EN, held, FIRST)
    assert len(shapes(hatched, "path")) > len(shapes(road_picture(EN, plain, FIRST), "path")) + 10
    assert {"on hold", "On hold for 10 days before day 15."} <= {text.split(" Reason")[0] for text in texts(hatched)}
    assert "Reason: fever." in (parsed(hatched).findtext(f"{SVG}desc") or "")


def test_a_hold_is_hatched_where_its_days_are() -> None:
    held = laid_out(own(30, 60, 60).plan, FIRST, [Hold(Place("p2"), 15, 10)])
    drawn = road_picture(EN, held, FIRST, wide=True)
    block = bars(drawn)[1]
    left, width = float(block.get("x", "0")) - 1.5, float(block.get("width", "0")) + 3
    across = [x for path in shapes(drawn, "path", stroke_width="1.2") for x, y in drawn_by(path.get("d", "")) if y < 70]
    assert min(across) == pytest.approx(left + width * 14 / 70, abs=0.3)
    assert max(across) == pytest.approx(left + width * 24 / 70, abs=0.3)


@pytest.mark.parametrize(
    ("day", "en", "es"),
    [
        (
            35 + 28 + 56 + 15,
            "Induction, consolidation and first interim maintenance are done. Delayed intensification: day 15 of 56. "
            "Ahead: second interim maintenance; maintenance, cycles of 84 days.",
            "Bloques terminados: inducción, consolidación y primer mantenimiento intermedio. Intensificación tardía: día 15 de 56. "
            "Por delante: segundo mantenimiento intermedio; mantenimiento, ciclos de 84 días.",
        ),
        (
            35 + 28 + 56 + 56 + 56 + 84 + 1,
            "Induction, consolidation, first interim maintenance, delayed intensification and second interim maintenance are done. "
            "Maintenance, cycles of 84 days (cycle 2 of 6): day 1 of 84.",
            "Bloques terminados: inducción, consolidación, primer mantenimiento intermedio, intensificación tardía y segundo "
            "mantenimiento intermedio. Mantenimiento, ciclos de 84 días (ciclo 2 de 6): día 1 de 84.",
        ),
    ],
)
def test_where_we_are_in_words(day: int, en: str, es: str) -> None:
    road = laid_out(COPIED, FIRST)
    assert road_words(EN, road, on_day(day)) == en
    assert road_words(ES, road, on_day(day)) == es


def test_before_and_after_the_road_on_hold_and_while_waiting() -> None:
    road = own(30, 60, 60)
    assert road_words(EN, road, on_day(0)).startswith(
        "The road is set to begin on August 5, 2025. Phase 1, phase 2 and phase 3 are"
    )
    assert road_words(EN, road, on_day(151)).endswith("By its dates, the road ended on January 1, 2026.")
    waited = laid_out(road.plan, FIRST, [Delay(Place("p2"), 7)])
    assert road_words(EN, waited, on_day(32)) == (
        "Phase 1 is done. Waiting for the next block: phase 2, set for September 11, 2025. Phase 3 is ahead."
    )
    held = laid_out(road.plan, FIRST, [Hold(Place("p1"), 15, 10), Hold(Place("p2"), 1, 3)])
    told = [road_words(EN, held, on_day(day)).split(". ")[0] for day in (14, 15, 24, 25)]
    hold = "Phase 1: on hold; day 15 is set for August 29"
    assert told == ["Phase 1: day 14 of 30", hold, hold, "Phase 1: day 15 of 30"]
    assert "Phase 2: on hold; day 1 is set for September 17." in road_words(EN, held, on_day(41))


def test_days_are_printed_as_the_plans_own_sheet_counts_them() -> None:
    road = own(30, 60, first_day=0)
    assert road_words(EN, road, on_day(1)).startswith("Phase 1: day 0 (its days run from 0 to 29).")
    held = laid_out(road.plan, FIRST, [Hold(Place("p1"), 15, 1)])
    assert "On hold for 1 day before day 14." in texts(road_picture(EN, held, FIRST))


def test_an_and_before_i_is_e_in_spanish() -> None:
    road = laid_out(COPIED, FIRST)
    assert "primer mantenimiento intermedio e intensificación tardía." in road_words(ES, road, on_day(35 + 28 + 56 + 56 + 1))


@pytest.mark.parametrize("lang", LANGS)
def test_a_published_road_is_marked_as_an_example(lang: Lang) -> None:
    words = Wording(LIBRARY, lang)
    example = words.say("road-example").split()[:3]
    assert " ".join(example) in " ".join(texts(road_picture(words, laid_out(PLANS["ccg-1991"], FIRST), FIRST)))
    assert " ".join(example) not in " ".join(texts(road_picture(words, laid_out(COPIED, FIRST), FIRST)))


def test_the_road_speaks_no_english_in_spanish() -> None:
    plan = own(30, 60, 84, repeats=3).plan
    road = laid_out(
        plan, FIRST, [Delay(Place("p2"), 1), Delay(Place("p3", 2), 9), Hold(Place("p1"), 3, 1), Hold(Place("p2"), 3, 4)]
    )
    for day in (0, 3, 20, 33, 60, 180, 200, 1000):
        drawn = road_picture(ES, road, on_day(day), wide=True)
        assert_spanish(parsed(drawn).findtext(f"{SVG}desc") or "", *texts(drawn))

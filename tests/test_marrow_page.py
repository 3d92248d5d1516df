"""The page "What happens in the marrow": it shows what the model left, and foretells nothing about anybody real."""

from __future__ import annotations

import itertools
import os
import re
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

from remission.documents import marrow_told
from remission.documents.drawing import text_width
from remission.documents.marrow_pictures import PLACES, _places, marrow_road, marrow_window
from remission.documents.marrow_told import View
from remission.documents.wording import Wording
from remission.knowledge.model import LANGS, Lang
from remission.knowledge.problems import KnowledgeError
from remission.knowledge.shown_child import AFTER, BEFORE, read_shown
from remission.rules.compiled import load_library, load_shelf, load_shown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remission.site.settings")

import django

django.setup()

from django.test import Client  # noqa: E402 - after Django has read its settings

from remission.site.addresses import address  # noqa: E402

ROOT = Path(__file__).parent.parent / "knowledge"
CHILD = load_shown()
PLAN = CHILD.plan
NONE, MOST = PLAN.missed[0].id, PLAN.missed[-1].id
CNS1, CNS3 = PLAN.spinal[0].id, PLAN.spinal[-1].id
END = int(CHILD.told["treatment_ends"])


def words(lang: Lang = "en") -> Wording:
    return Wording(load_library(), lang)


def at(day: int, missed: str = NONE, spinal: str = CNS1) -> View:
    return View(CHILD, missed, spinal, PLAN.days.index(day))


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": "127.0.0.1:8642"}, raise_request_exception=False)


def page(browser: Client, lang: Lang = "en", **asked: str | int) -> str:
    answer = browser.get(address("marrow", lang), asked)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the data -------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not find_spec("numpy"), reason="numpy is not installed (the extra `simulate`)")
def test_what_is_shown_is_what_the_model_leaves() -> None:
    """When the model has changed: `python -m remission.simulate.shown`, after `--choose` where the child no longer fits."""
    from remission.simulate.shown import tables

    made = tables(PLAN)
    folder = ROOT / "simulate" / "shown"
    assert {path.name for path in folder.iterdir()} == made.keys()
    for name, text in made.items():
        assert (folder / name).read_text("utf-8") == text, f"{name} is another run's"


@pytest.mark.skipif(not find_spec("numpy"), reason="numpy is not installed (the extra `simulate`)")
def test_the_child_shown_is_one_of_those_chosen_by_rule() -> None:
    from remission.simulate.shown import CANDIDATES, choose

    assert PLAN.number in choose(PLAN, most=CANDIDATES)


@pytest.mark.skipif(not find_spec("numpy"), reason="numpy is not installed (the extra `simulate`)")
def test_other_invented_children_keep_cells_for_longer_with_every_pill_taken() -> None:
    """The page says so where this child has none left any more: nobody is to read into it that pills could end sooner."""
    from remission.simulate.child import series_of
    from remission.simulate.cohort import Setting
    from remission.simulate.outcomes import Daily

    daily = series_of(range(300), Setting(PLAN.seed, adherence=1.0, days=651)).daily
    gone = next(day for day, cells in zip(CHILD.missed[NONE].days, CHILD.missed[NONE].cells, strict=True) if not cells)
    assert "Other invented children" in " ".join(marrow_told.sees(words(), at(512)))
    assert gone < 512
    assert (daily[Daily.TREATABLE, :, -1] > 0).sum() > 3


def test_the_site_needs_no_numpy_for_it() -> None:
    import subprocess
    import sys

    code = "import sys; import remission.site.views.marrow; sys.exit('numpy' in sys.modules or 'numba' in sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "remission.site.settings"}
    assert (
        subprocess.run([sys.executable, "-c", f"import django; django.setup(); {code}"], env=environment, check=False).returncode
        == 0
    )


def test_series_of_another_child_are_refused(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(ROOT / "simulate", tmp_path / "simulate")
    plan = tmp_path / "simulate" / "shown.yaml"
    plan.write_text(re.sub(r"(?m)^number: \d+", "number: 1", plan.read_text("utf-8")), "utf-8")
    with pytest.raises(KnowledgeError, match="another child"):
        read_shown(tmp_path)
    (tmp_path / "simulate" / "shown" / "child.tsv").unlink()
    with pytest.raises(KnowledgeError, match="is missing"):
        read_shown(tmp_path)


def test_the_child_shows_what_the_page_tells() -> None:
    """Fast before the diagnosis, gone from sight by day 29, gone in the model with every pill taken, not with many missed."""
    assert CHILD.told["male"] == 0, "the words say “she”"
    assert at(0).blasts > 0.85
    assert at(28).blasts < marrow_told.LIMIT
    assert CHILD.told["mrd_29"] == 0
    full, most = CHILD.missed[NONE], CHILD.missed[MOST]
    assert full.days == PLAN.days
    assert full.cells[-1] == 0
    assert len(most.days) < len(PLAN.days)
    assert most.days[-1] > END
    last = [at(END, one.id).cells for one in PLAN.missed]
    assert last == sorted(last), "the more is missed, the more is left at the end"
    assert [run.cells[PLAN.days.index(0)] for run in CHILD.spinal.values()] == sorted(
        run.cells[PLAN.days.index(0)] for run in CHILD.spinal.values()
    )
    assert sum(CHILD.spinal[CNS3].given) > sum(CHILD.spinal[CNS1].given)


def test_until_maintenance_no_choice_of_pills_makes_a_difference() -> None:
    begins = CHILD.missed[NONE].phase.index("maintenance")
    assert len({run.cells[:begins] + run.neutrophils[:begins] for run in CHILD.missed.values()}) == 1


def test_what_is_read_beside_it_stands_in_the_library() -> None:
    phases = {BEFORE, AFTER, *CHILD.missed[NONE].phase}
    assert PLAN.read.keys() == phases
    named = [*itertools.chain(*PLAN.read.values()), *PLAN.read_missed, *PLAN.read_spinal]
    for name in named:
        topic, _, claim = name.partition("/")
        assert claim in {one.id for one in load_shelf().topics[topic].claims}, name
    assert all(topic in load_shelf().topics for topic in PLAN.read_more)


def test_moments_are_days_of_the_picture_and_the_end_is_the_end() -> None:
    moments = {moment.id: moment.day for moment in PLAN.moments}
    assert moments["end"] == END
    assert moments["diagnosis"] == PLAN.opens_at == 0
    assert moments["day-29"] == 28
    assert at(moments["maintenance"]).phase == at(moments["in-maintenance"]).phase == "maintenance"
    assert at(moments["consolidation"]).phase == "consolidation"
    assert at(moments["intensification"]).phase == "intensification"
    assert PLAN.days[-1] - END == pytest.approx(365, abs=2)


# --- the words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "en", "es"),
    [
        (-30, "30 days before the diagnosis", "30 días antes del diagnóstico"),
        (0, "The day of the diagnosis. Treatment begins.", "El día del diagnóstico. Empieza el tratamiento."),
        (7, "Day 8 of treatment · Induction", "Día 8 del tratamiento · Inducción"),
        (232, "Day 233 of treatment, month 8 · Maintenance", "Día 233 del tratamiento, mes 8 · Mantenimiento"),
        (794, "The last day of treatment", "El último día del tratamiento"),
        (976, "26 weeks after treatment ended", "26 semanas después del fin del tratamiento"),
    ],
)
def test_the_moment_is_said_as_doctors_count(day: int, en: str, es: str) -> None:
    assert marrow_told.when_and_phase(words(), at(day)) == en
    assert marrow_told.when_and_phase(words("es"), at(day)) == es


def test_what_is_seen_follows_the_numbers() -> None:
    assert "fill the marrow" in marrow_told.sees(words(), at(0))[0]
    assert "finds none" in marrow_told.sees(words(), at(50))[0]
    assert "partly empty" in " ".join(marrow_told.sees(words(), at(7)))
    assert "nobody can know" in marrow_told.sees(words(), at(END))[0]
    assert "below what the test can see" in " ".join(marrow_told.why(words(), at(28)))
    assert "leave" not in marrow_told.sees(words(), at(END))[0]


def test_missed_pills_come_with_the_caution_and_the_comparison() -> None:
    said = " ".join(marrow_told.missed_told(words(), at(512, MOST)))
    assert "proves nothing" in said
    assert "With no pill missed" in said
    assert marrow_told.missed_told(words(), at(512))[0] == "Missed pills in maintenance: None missed."
    assert "has not begun" in marrow_told.missed_told(words(), at(28, MOST))[0]


def test_where_the_model_stops_the_page_says_so(browser: Client) -> None:
    stopped = unescape(page(browser, step=len(PLAN.days) - 1, missed=MOST))
    assert "Here the model stops" in stopped
    assert "not for blame" in stopped
    assert "Never give a double dose" in stopped
    assert "Here the model stops" not in page(browser, step=len(PLAN.days) - 1)


@pytest.mark.parametrize(
    ("number", "told"), [(869_386_168_896, "900,000,000,000"), (94, "90"), (96, "100"), (9.6, "10"), (1, "1"), (0.4, "0")]
)
def test_numbers_have_one_figure_that_counts(number: float, told: str) -> None:
    assert marrow_told.rounded(number) == told


@pytest.mark.parametrize("lang", LANGS)
def test_no_survival_no_forecast_and_the_standing_line_on_every_view(browser: Client, lang: Lang) -> None:
    forbidden = re.compile(r"surviv|prognos(?!ticar)|cure rate|chance of|sobreviv|supervivencia|probabilidad", re.IGNORECASE)
    for step, missed, spinal in itertools.product((0, 20, 43, 80, 130, len(PLAN.days) - 1), (NONE, MOST), (CNS1, CNS3)):
        made = unescape(page(browser, lang, step=step, missed=missed, spinal=spinal))
        assert words(lang).say("marrow-invented") in made
        assert made.count(words(lang).say("marrow-invented-short")) == 3, "under every picture, so on every print"
        shown = made[made.index('<div class="travels">') : made.index("<footer")]
        own = re.sub(r'<div class="claim".*?</details>\s*</div>|<section class="terms".*?</section>', "", shown, flags=re.DOTALL)
        assert not forbidden.search(own), forbidden.search(own)


def test_words_are_used_and_there() -> None:
    used = "".join(
        path.read_text("utf-8") for path in (ROOT.parent / "src" / "remission").rglob("*") if path.suffix in (".py", ".html")
    )
    made = {
        f"marrow-{kind}-{one.id}"
        for kind, ones in (("missed", PLAN.missed), ("spinal", PLAN.spinal), ("moment", PLAN.moments))
        for one in ones
    }
    made |= {f"marrow-why-{phase}" for phase in (*PLAN.read, "diagnosis", "growing")} | {
        f"marrow-limits-{one}" for one in _limits()
    }
    made |= {f"marrow-legend-{one}" for one in ("leukemia", "white", "red", "platelets")} | {"marrow-before", "marrow-after"}
    made |= {f"marrow-axis-{one}" for one in ("diagnosis", "end", "last", "stops")}
    made |= {f"marrow-{count}{more}" for count in ("neutrophils", "platelets", "hemoglobin") for more in ("", "-are")}
    have = {word for word in load_library().words if word.startswith("marrow-")}
    assert made <= have
    assert {word for word in have - made if f'"{word}"' not in used} == set()


def _limits() -> tuple[str, ...]:
    from remission.site.views.marrow import _LIMITS

    return _LIMITS


# --- the pictures ---------------------------------------------------------------------------------------------------------


def test_every_place_of_the_window_is_used_once() -> None:
    assert len(set(_places())) == PLACES


def dark_cells(svg: str) -> int:
    return svg.count('fill-opacity="0.9"') + svg.count('fill-opacity="0.92"')


def test_the_window_is_dark_at_diagnosis_and_light_in_remission() -> None:
    legend = 1
    assert dark_cells(marrow_window(words(), at(0))) - legend > 0.85 * PLACES
    assert dark_cells(marrow_window(words(), at(28))) - legend == 0
    week = marrow_window(words(), at(7))
    assert week.count("<circle") < marrow_window(words(), at(36)).count("<circle"), "after a week of treatment there is empty room"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
def test_pictures_are_whole_inside_their_frame_and_told_in_words(lang: Lang, wide: bool) -> None:
    for step, missed, spinal in itertools.product(range(0, len(PLAN.days), 12), (NONE, MOST), (CNS1, CNS3)):
        view = View(CHILD, missed, spinal, step)
        for svg in (marrow_road(words(lang), view, wide), marrow_window(words(lang), view)):
            drawn = ElementTree.fromstring(svg)  # noqa: S314 - our own
            told = "".join(drawn.find("{http://www.w3.org/2000/svg}desc").itertext())  # type: ignore[union-attr]
            assert marrow_told.sees(words(lang), view)[0] in told
            width, height = float(drawn.get("width", "")), float(drawn.get("height", ""))
            for element in drawn.iter():
                if element.text and (size := element.get("font-size")):
                    wide_as, x = text_width(element.text, int(size)), float(element.get("x", ""))
                    left = x - {"start": 0, "middle": wide_as / 2, "end": wide_as}[element.get("text-anchor", "start")]
                    assert left >= -2
                    assert left + wide_as <= width + 2, element.text
                for name, most in (("x", width), ("cx", width), ("y", height), ("cy", height)):
                    assert 0 <= float(element.get(name, "0")) <= most


# --- the page -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_every_view_has_ids_once_and_links_that_stay_here(browser: Client, lang: Lang) -> None:
    for step, missed, spinal in itertools.product((0, 43, 60, 120, len(PLAN.days) - 1), (NONE, MOST), (CNS1, CNS3)):
        made = page(browser, lang, step=step, missed=missed, spinal=spinal)
        ids = re.findall(r'\bid="([^"]+)"', made)
        assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
        assert set(re.findall(r'popovertarget="([^"]+)"', made)) <= set(ids)
        assert not re.search(r"\s(?:style|on\w+)=\"", made)
        assert re.findall(r"<script(?![^>]*\bsrc=)", made) == []


def test_links_keep_the_choices_and_the_other_language_the_view(browser: Client) -> None:
    made = unescape(page(browser, step=60, missed=MOST, spinal=CNS3))
    assert f'href="{address("marrow", "es")}?step=60&missed={MOST}&spinal={CNS3}"' in made
    assert all(f"missed={MOST}&spinal={CNS3}" in link for link in re.findall(r'href="(\?[^"]+)" data-step', made))
    assert re.search(rf'value="{MOST}" checked', made)
    assert re.search(r'id="step"[^>]*value="60"', made)


@pytest.mark.parametrize(
    "asked",
    [{"step": "-1"}, {"step": "٣"}, {"step": "9" * 50}, {"step": "x"}, {"missed": "../etc"}, {"spinal": "<b>"}, {"step": "99999"}],
)
def test_strange_addresses_show_a_view_all_the_same(browser: Client, asked: dict[str, str]) -> None:
    made = browser.get(address("marrow", "en"), asked).content.decode()
    assert "What happens in the marrow" in made
    assert re.search(rf'name="missed" value="{NONE}" checked', made.replace('form="travel" ', ""))
    assert not any(f"{name}={value}" in unescape(made) for name, value in asked.items())


def test_a_part_holds_what_changes_and_is_not_kept(browser: Client) -> None:
    whole = browser.get(address("marrow", "en"), {"step": 60})
    part = browser.get(address("marrow", "en"), {"step": "60", "part": "yes"})
    assert whole.headers["Cache-Control"] == "no-cache"
    assert part.headers["Cache-Control"] == "no-store"
    assert "<h1" not in part.content.decode()
    named = re.compile(r'data-part="(\w+)"')
    assert set(named.findall(part.content.decode())) == set(named.findall(whole.content.decode()))


def test_the_page_is_reached_from_the_first_page_and_from_reading(browser: Client) -> None:
    for lang in LANGS:
        for start in (f"/{lang}/", address("cells", lang), address("treatment", lang)):
            assert f'href="{address("marrow", lang)}"' in browser.get(start).content.decode()


def test_the_look_stays_small() -> None:
    import gzip

    static = ROOT.parent / "src" / "remission" / "site" / "static" / "remission"
    assert len(gzip.compress((static / "look.css").read_bytes())) < 15_000
    assert len(gzip.compress((static / "marrow.js").read_bytes())) < 2_000

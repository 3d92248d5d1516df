"""An invented child's page: pictures and words in one file that needs nothing else, runs no script, and prints."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

import numpy as np

from remission.documents.lone_page import Frame, lone_page
from remission.documents.simulate_charts import Curve, Mark, Picture, Values, bands_of, picture_svg
from remission.documents.wording import Wording, lowered
from remission.knowledge.model import Lang, Library
from remission.simulate.child import AFTER, Child
from remission.simulate.model import load_simulation
from remission.simulate.outcomes import DEATH, FAILURE, MARROW, NONE, RELAPSE, SPINAL, TESTIS
from remission.simulate.roads import LINES

_DAYS_AFTER = 180
_LIMITS = ("medicine", "plan", "body", "sure", "own")
_SITES = {MARROW: "marrow", SPINAL: "spinal", TESTIS: "testis"}


def child_page(library: Library, child: Child, lang: Lang) -> str:
    """The page of one invented child."""
    return _Page(Wording(library, lang), child).html()


class _Page:
    def __init__(self, words: Wording, child: Child):
        self.words, self.child, self.told = words, child, child.told
        self.simulation = load_simulation()
        self.names = {phase.id: phase.name.in_(words.lang) for phase in self.simulation.schedule.phases}
        self.names |= {"before": words.say("simulate-before"), AFTER: words.say("simulate-after")}
        self.limit = next(one.value for one in self.simulation.parameters if one.id == "mrd_limit")
        self.zero = int(np.flatnonzero(child.days == 0)[0])

    def say(self, word: str, **values: object) -> str:
        return self.words.say(word, **values)

    def html(self) -> str:
        frame = Frame(
            lang=self.words.lang, title=self.say("simcli-page-title", number=self.child.number), skip=self.say("simcli-skip"),
            notice=self.say("simcli-standing"), invented=self.say("simcli-invented"),
        )  # fmt: skip
        parts = (*self._short(), *self._year(), *self._road(), *self._phases(), *self._limits(), *self._made())
        return lone_page(frame, "\n".join(parts))

    # --- parts --------------------------------------------------------------------------------------------------------------------

    def _short(self) -> Iterator[str]:
        yield _heading("short", self.say("simcli-short"))
        yield f"<dl>{''.join(_line(label, value) for label, value in self._facts())}</dl>"
        yield _paragraph(self._event_told())

    def _facts(self) -> Iterator[tuple[str, str]]:
        told, say = self.told, self.say
        years = int(told["age"])
        yield say("simulate-column-age"), say("simcli-age-years", years=years) if years else say("simcli-age-below")
        yield say("simcli-sex"), say("simcli-boy" if told["male"] else "simcli-girl")
        yield say("simulate-column-kind"), self.simulation.classes[int(told["kind"])].name.in_(self.words.lang)
        yield say("simulate-column-line"), say(f"simulate-line-{LINES[int(told['line'])]}")
        yield say("simulate-column-cns"), say("simcli-cns", status=int(told["cns"]))
        if told["down"]:
            yield say("simulate-column-down"), say("yes")
        yield say("simulate-column-white-start"), f"{told['white_start']:.1f} ×10⁹/L"
        if np.isfinite(told["mrd_29"]):
            yield say("simulate-column-mrd-29"), self._mrd(told["mrd_29"])
        yield say("simulate-column-adherence"), f"{100 * told['adherence']:.0f} %"

    def _mrd(self, value: float) -> str:
        return f"{100 * value:.2g} %" if value else self.say("simcli-mrd-below", limit=f"{100 * self.limit:g} %")

    def _event_told(self) -> str:
        event, day = int(self.told["event"]), float(self.told["event_day"])
        if event == NONE:
            return self.say("simcli-event-none", years=f"{day / 365.25:.0f}")
        sites = [self.say(f"simulate-site-{name}") for site, name in _SITES.items() if int(self.told["sites"]) & site]
        word = {FAILURE: "failure", RELAPSE: "relapse", DEATH: "death"}.get(event, "other")
        return self.say(f"simcli-event-{word}", months=f"{day / 30.4375:.0f}", sites=self.words.joined(sites, "and"))

    def _year(self) -> Iterator[str]:
        """From before the diagnosis to the first weeks of maintenance, all counts."""
        yield _heading("first", self.say("simcli-first"))
        yield _paragraph(self.say("simcli-first-says"))
        last = self._last_day(self._starts("maintenance") + 90)
        yield self._figure("simcli-first", last, (*self._leukemia(), *self._counts()))

    def _road(self) -> Iterator[str]:
        """The whole way, with the medicine taken at home."""
        yield _heading("road", self.say("simcli-road"))
        yield _paragraph(self.say("simcli-road-says"))
        last = self._last_day(
            self.told["treatment_ends"] + _DAYS_AFTER, self.told["event_day"] if self.told["event"] == RELAPSE else 0
        )
        medicine = self._week(np.where(self._in("maintenance"), self.series("dose") * self.series("taken"), np.nan))
        dose = Curve(self.say("simcli-dose-taken"), self.say("simcli-of-full"), medicine, most=1.25)
        neutrophils = self._counts()[0]
        yield self._figure("simcli-road", last, (*self._leukemia(), neutrophils, dose))

    def _phases(self) -> Iterator[str]:
        yield _heading("phases", self.say("simcli-phases"))
        heads = ("phase", "days", "neutrophils", "platelets", "hemoglobin", "fevers", "transfusions")
        head = "".join(
            f'<th scope="col"{_n(place)}>{escape(self.say(f"simcli-head-{one}"))}</th>' for place, one in enumerate(heads)
        )
        rows = "".join(f"<tr>{self._row(first, last, phase)}</tr>" for first, last, phase in self._runs())
        label = escape(self.say("simcli-phases"))
        yield (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{label}"><table><caption class="unseen">{label}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )
        harms = [harm.name.in_(self.words.lang) for harm in self.simulation.harms if self.told[harm.id]]
        if harms:
            yield _paragraph(self.say("simcli-harms", harms=", ".join(harms)) + " " + self.say("simulate-sampled"))

    def _runs(self) -> Iterator[tuple[int, int, str]]:
        """Each stretch of a phase as places of its first and last day, until the series ends."""
        known = np.flatnonzero(np.isfinite(self.series("neutrophils")))
        places = range(self.zero, int(known[-1]) + 1)
        for phase, run in groupby(places, key=lambda place: self.child.phases[place]):
            listed = list(run)
            yield listed[0], listed[-1], phase

    def _row(self, first: int, last: int, phase: str) -> str:
        at = slice(first, last + 1)
        days = f"{self.child.days[first] + 1}–{self.child.days[last] + 1}"
        lows = [
            f"{np.nanmin(self.series(name)[at]):.{digits}f}"
            for name, digits in (("neutrophils", 2), ("platelets", 0), ("hemoglobin", 1))
        ]
        counted = [int(np.nansum(self.series("fever")[at]))]
        counted.append(int(np.nansum(self.series("platelets_given")[at]) + np.nansum(self.series("red_given")[at])))
        cells = [days, *lows, *map(str, counted)]
        return f'<th scope="row">{escape(self.names[phase])}</th>' + "".join(f'<td class="n">{cell}</td>' for cell in cells)

    def _limits(self) -> Iterator[str]:
        yield _heading("limits", self.say("simcli-limits"))
        yield "<ul>" + "".join(f"<li>{escape(self.say(f'simcli-limit-{one}'))}</li>" for one in _LIMITS) + "</ul>"

    def _made(self) -> Iterator[str]:
        it = self.child.setting
        arm = next(one.name.in_(self.words.lang) for one in self.simulation.schedule.arms if one.id == it.arm)
        told = self.say("simcli-made", seed=it.seed, number=self.child.number, version=self.child.version, arm=lowered(arm))
        yield f'<p class="made">{escape(told)}</p>'

    # --- pictures -----------------------------------------------------------------------------------------------------------------

    def series(self, name: str) -> Values:
        return self.child.series[name]

    def _in(self, phase: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.array([one == phase for one in self.child.phases])

    def _starts(self, phase: str) -> int:
        found = np.flatnonzero(self._in(phase))
        return int(self.child.days[found[0]]) if len(found) else int(self.child.days[-1])

    def _last_day(self, wanted: float, needed: float = 0) -> int:
        """The last day shown: as wanted, long enough for what is needed, and no longer than the series."""
        known = np.flatnonzero(np.isfinite(self.series("neutrophils")))
        return int(min(max(wanted, needed + 14), self.child.days[known[-1]] + 14, self.child.days[-1]))

    def _leukemia(self) -> tuple[Curve, Curve]:
        consolidation = np.flatnonzero(self._in("consolidation"))
        tests = [(28.0, float(self.told["mrd_29"]))]
        if len(consolidation):
            tests.append((float(self.child.days[consolidation[-1]] + 1), float(self.told["mrd_consolidation"])))
        known = tuple(test for test in tests if np.isfinite(test[1]))
        blasts = self.series("blasts")
        return (
            Curve(self.say("simulate-daily-blasts"), "%", 100 * blasts, most=100.0),
            Curve(self.say("simcli-mrd-curve"), "", blasts, limit=self.limit, tests=known),
        )

    def _counts(self) -> tuple[Curve, ...]:
        fevers = self._days_of("fever")
        return (
            Curve(self.say("simulate-daily-neutrophils"), "×10⁹/L", self.series("neutrophils"), signs=fevers),
            Curve(self.say("simulate-daily-platelets"), "×10⁹/L", self.series("platelets"), signs=self._days_of("platelets_given")),
            Curve(self.say("simulate-daily-hemoglobin"), "g/dL", self.series("hemoglobin"), signs=self._days_of("red_given")),
        )

    def _days_of(self, name: str) -> tuple[float, ...]:
        return tuple(float(day) for day in self.child.days[np.nan_to_num(self.series(name)) > 0])

    @staticmethod
    def _week(values: Values) -> Values:
        """The mean of seven days, so that single missed doses make a curve and no comb."""
        known = np.isfinite(values)
        kernel = np.ones(7)
        total, days = (
            np.convolve(np.where(known, values, 0.0), kernel, "same"),
            np.convolve(known.astype(np.float64), kernel, "same"),
        )
        return np.where(known, total / np.maximum(days, 1.0), np.nan)

    def _figure(self, word: str, last: int, curves: tuple[Curve, ...]) -> str:
        shown = self.child.days <= last
        days = self.child.days[shown]
        cut = tuple(
            Curve(
                one.title,
                one.unit,
                one.values[shown],
                one.most,
                one.limit,
                one.tests,
                tuple(day for day in one.signs if day <= last),
            )
            for one in curves
        )
        phases = [phase for phase, is_shown in zip(self.child.phases, shown.tolist(), strict=True) if is_shown]
        day = float(self.told["event_day"])
        event = Mark(day, self._event_told()) if int(self.told["event"]) != NONE and day <= last else None
        picture = Picture(
            self.say(word),
            self._described(last),
            days,
            cut,
            bands_of(self.names, days, phases),
            event,
            self.say("simcli-chart-signs"),
        )
        wide, narrow = (picture_svg(self.words, picture, wide=wide) for wide in (True, False))
        said = f"<figcaption>{escape(picture.description)}</figcaption>"
        return f'<figure><div class="wide">{wide}</div><div class="narrow">{narrow}</div>{said}</figure>'

    def _described(self, last: int) -> str:
        """What a picture shows, in words."""
        series = self.series("neutrophils")
        on_road = (self.child.days >= 0) & (self.child.days <= last) & np.isfinite(series)
        lowest = int(np.nanargmin(np.where(on_road, series, np.nan)))
        blasts = self.series("blasts")
        said = [
            self.say("simcli-said-start", share=f"{100 * blasts[self.zero]:.0f}", count=f"{series[self.zero]:.2f}"),
            self.say("simcli-said-lowest", count=f"{series[lowest]:.2f}", day=int(self.child.days[lowest]) + 1),
        ]
        if np.isfinite(self.told["blasts_29"]):
            said.insert(1, self.say("simcli-said-induction", share=_share(float(self.told["blasts_29"]))))
        gone = np.flatnonzero((blasts == 0) & (self.child.days >= 0) & (self.child.days <= last))
        if len(gone):
            said.append(self.say("simcli-said-gone", months=f"{self.child.days[gone[0]] / 30.4375:.0f}"))
        return " ".join(said)


def _share(share: float) -> str:
    """A share in percent, as short as it can be said."""
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1g} %" if share >= 1e-6 else "< 0.0001 %"


def _heading(place: str, text: str) -> str:
    return f'<h2 id="{place}">{escape(text)}</h2>'


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _line(label: str, value: str) -> str:
    return f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"


def _n(place: int) -> str:
    return ' class="n"' if place else ""

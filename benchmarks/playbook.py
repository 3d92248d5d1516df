"""The family's file and pages after two years of daily notes. Each number stands beside its bound, or beside the bare database."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remission.site.settings")
WRITES, BOUND_MS = 500, 250.0
PAGES = ("today", "road", "medicines", "my-counts", "history", "more")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REMISSION_DATA"] = folder
        report_writes(Path(folder))
        report_pages(Path(folder))


def report_writes(folder: Path) -> None:
    """Notes acknowledged one by one, beside bare inserts into SQLite with the same promise (WAL, synchronous=FULL)."""
    from remission.home.notes import Note
    from remission.home.store import HomeFile, new_id

    with HomeFile(folder / "writes") as home:
        ours = each(lambda number: home.write(Note("a", "question", new_id(), {"text": str(number)}), "Mom"))
    bare = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
    theirs = each(lambda number: bare.execute("INSERT INTO note (text) VALUES (?)", (str(number),)))
    bare.close()
    print(f"a note kept        {ours * 1000:7.2f} ms   {ours / theirs:.1f} times a bare insert ({theirs * 1000:.2f} ms)")


def each(write: Callable[[int], object]) -> float:
    """Seconds for one of many writes."""
    start = time.perf_counter()
    for number in range(WRITES):
        write(number)
    return (time.perf_counter() - start) / WRITES


def report_pages(folder: Path) -> None:
    """Pages of a child with two years of ticks, counts and diary."""
    import django

    django.setup()
    from django.test import Client

    from remission.site.addresses import address
    from remission.site.views.papers import PAPERS

    browser = Client(headers={"host": "127.0.0.1"})
    child = browser.post(address("mine-example", "en")).headers["Location"].split("/")[3]
    count = fill(folder, child)
    print(f"pages of a child with {count:,} notes (bound {BOUND_MS:.0f} ms)")
    addresses = [(name, address(name, "en", child=child)) for name in PAGES]
    addresses += [(f"paper {name}", address("paper", "en", name, child=child)) for name in PAPERS]
    addresses += [("card as PDF", address("paper-pdf", "en", "card", child=child))]
    for name, at in addresses:
        took = []
        for _ in range(5):
            start = time.perf_counter()
            browser.get(at)
            took.append((time.perf_counter() - start) * 1000)
        print(f"  {name:22} {median(took):6.0f} ms  {'' if median(took) <= BOUND_MS else 'SLOW'}")


def fill(folder: Path, child: str) -> int:
    """Two years: four medicines a day, a diary entry every third day, a count every fifth."""
    from remission.home.notes import Note
    from remission.home.store import HomeFile, new_id

    with HomeFile(folder) as home:
        medicines = [note.id for note in home.notes(child, "medicine")][:4]
        notes = []
        for back in range(730):
            on = (date.today() - timedelta(days=back)).isoformat()
            notes += [
                Note(child, "dose", new_id(), {"medicine": m, "on": on, "slot": "evening", "what": "given"}) for m in medicines
            ]
            if back % 3 == 0:
                notes.append(Note(child, "diary", new_id(), {"on": on, "temperature": "37.0 °C", "note": "a line or two " * 8}))
            if back % 5 == 0:
                notes.append(Note(child, "count", new_id(), {"on": on, "wbc": "2.4 10*9/L", "neutrophils": "40"}))
        home.write_all(notes, "Mom")
        return len(home.notes(child))


if __name__ == "__main__":
    main()

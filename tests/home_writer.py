"""A process that writes into a family's file and is killed while it does (see test_home_crash.py).

It prints a line for each write once it was acknowledged: the number of the change, the note, what stands since.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from pathlib import Path

from remission.home.archive import Archive, ArchivedChild, take_in
from remission.home.notes import Change, Note
from remission.home.problems import HomeProblem
from remission.home.store import HomeFile, new_id


def acknowledge(*told: object) -> None:
    os.write(1, (json.dumps(told) + "\n").encode())  # one write, so that two threads never mix their lines


def write_on(folder: Path, seed: int) -> None:
    """Writes new notes, changes old ones, takes away and undoes, until the process ends. Each thread has its own notes."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    child, notes = new_id(), [new_id() for _ in range(20)]
    with HomeFile(folder) as home:
        while True:
            note = chance.choice(notes)
            what = chance.random()
            if what < 0.8:
                kept = home.write(Note(child, "diary", note, {"note": "x" * chance.randrange(400) + str(chance.random())}), "Ana")
                acknowledge(kept.seq, child, note, kept.values)
            elif what < 0.9:
                if change := home.remove(child, "diary", note, "Ana"):
                    acknowledge(change.seq, child, note, None)
            elif found := home.history(child, "diary", note):
                undone = home.undo(found[-1].seq, "Ana")
                acknowledge(undone.seq, child, note, undone.after)


def write(folder: Path, seed: int) -> None:
    for thread in range(3):
        threading.Thread(target=write_on, args=(folder, seed * 10 + thread)).start()


def erase(folder: Path, child: str) -> None:
    with HomeFile(folder) as home:
        acknowledge("begins")
        home.erase(child)
        acknowledge("done")


def import_(folder: Path, change_as_json: str) -> None:
    """Takes in two children of 500 changes each."""
    import msgspec
    from msgspec.structs import replace

    first = msgspec.json.decode(change_as_json, type=Change)
    children = []
    for child in ("c1", "c2"):
        children.append(ArchivedChild(child, tuple(replace(first, child=child, id=f"n{n}", seq=n) for n in range(1, 501))))
    with HomeFile(folder) as home:
        acknowledge("begins")
        take_in(home, Archive(tuple(children)))
        acknowledge("done")


if __name__ == "__main__":
    what, folder, argument = sys.argv[1:]
    try:
        {"write": lambda: write(Path(folder), int(argument)), "erase": lambda: erase(Path(folder), argument),
         "import": lambda: import_(Path(folder), argument)}[what]()  # fmt: skip
    except HomeProblem as problem:
        acknowledge("problem", problem.word, str(problem.values))

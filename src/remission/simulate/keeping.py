"""A long run kept part by part, so that it can be stopped and go on: each part is written whole or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from remission.simulate.columns import COLUMNS, Column
from remission.simulate.problems import SimulationProblem
from remission.whole_file import whole_file, write_whole

if TYPE_CHECKING:
    from remission.simulate.cohort import Setting


class Kept:
    """The folder of a run: `run.json` says which run it is, a file for each part holds its columns."""

    def __init__(self, folder: Path, setting: Setting, n: int, names: tuple[str, ...], version: str):
        self.folder, self.names = folder, names
        about = {"setting": asdict(setting), "children": n, "columns": list(names), "model": version}
        told = json.dumps(json.loads(json.dumps(about)), sort_keys=True, indent=1)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "run.json"
        if file.exists() and file.read_text(encoding="utf-8") != told:
            raise SimulationProblem("simulate-other-run", folder=str(folder))
        if not file.exists():
            write_whole(file, told.encode())

    def _file(self, first: int) -> Path:
        return self.folder / f"part-{first:09d}.npy"

    def read(self, first: int, size: int) -> dict[str, Column] | None:
        """A part that is there and whole; None when it is to be run."""
        try:
            table = np.load(self._file(first), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return {name: table[name] for name in self.names} if len(table) == size and table.dtype.names == self.names else None

    def write(self, first: int, columns: dict[str, Column]) -> None:
        table = np.empty(len(columns[self.names[0]]), dtype=[(name, COLUMNS[name].kept) for name in self.names])
        for name in self.names:
            table[name] = columns[name]
        with whole_file(self._file(first)) as half, half.open("wb") as opened:
            np.save(opened, table)

"""Where the family's file lies: in the user's own data folder, unless somebody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from remission.home.problems import HomeProblem

DATA_VARIABLE = "REMISSION_DATA"


def data_folder(given: Path | None) -> Path:
    """The folder of the family's file: as given, as `REMISSION_DATA` says, or the usual place of this system. It is not made."""
    said = given or os.environ.get(DATA_VARIABLE, "").strip()
    if not said:
        return _usual_folder()
    folder = Path(said).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise HomeProblem("home-folder-is-file", path=folder)
    return folder


def _usual_folder() -> Path:
    try:
        from platformdirs import user_data_path
    except ImportError:
        raise HomeProblem("home-extra-missing") from None
    return user_data_path("remission", appauthor=False)

"""Renews the locks: exact versions with hashes, and no download address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).with_name("uv")
COMMON = ["--generate-hashes", "--no-header", "--no-annotate", "--python-version", "3.11", "--universal", "--quiet"]


def lock(name: str, *what: str) -> None:
    out = ROOT / "requirements" / name
    command = [str(UV), "pip", "compile", *COMMON, *what, "--output-file", str(out)]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own arguments


if __name__ == "__main__":
    base = ("pyproject.toml", "requirements/build.in")
    lock("core.txt", *base)
    served = (*base, "--extra", "site")
    lock("site.txt", *served, "--constraint", "requirements/core.txt")
    lock("cohort.txt", *base, "--extra", "cohort", "--constraint", "requirements/site.txt")
    lock("simulate.txt", *base, "--extra", "simulate", "--constraint", "requirements/cohort.txt")
    everything = (*served, "--extra", "cohort", "--extra", "postgres", "--extra", "simulate", "--group", "dev")
    agreed = [f"--constraint=requirements/{name}.txt" for name in ("site", "cohort", "simulate")]
    lock("dev.txt", *everything, *agreed)
    lock("browser.txt", *everything, "--group", "browser", "--constraint", "requirements/dev.txt")
    lock("spark.txt", *everything, "--extra", "spark", "--constraint", "requirements/dev.txt")

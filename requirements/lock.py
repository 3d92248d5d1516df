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
    lock("core.txt", "pyproject.toml", "requirements/build.in")
    everything = ("pyproject.toml", "requirements/build.in", "--extra", "site")
    lock("site.txt", *everything, "--constraint", "requirements/core.txt")
    lock("dev.txt", *everything, "--group", "dev", "--constraint", "requirements/site.txt")
    lock("browser.txt", *everything, "--group", "dev", "--group", "browser", "--constraint", "requirements/dev.txt")

"""What the commands share: the language, and colour on a terminal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

_STYLES: dict[str, dict[str, Any]] = {
    "heading": {"bold": True},
    "decided": {"fg": "green"},
    "open": {"fg": "yellow"},
    "quiet": {"dim": True},
    "warning": {"fg": "magenta"},
}


def default_lang() -> str:
    """Spanish where the machine speaks Spanish (REMISSION_LANG, LC_ALL, LC_MESSAGES or LANG), otherwise English."""
    for name in ("REMISSION_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return "es" if value.lower().startswith("es") else "en"
    return "en"


lang_option = click.option(
    "--lang", type=click.Choice(["en", "es"]), default=default_lang, help="Language of the answer; yours unless you say otherwise."
)


data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="The folder of the family's file; the usual one unless you say otherwise."
)


def coloured(text: str, role: str) -> str:
    """Colour by role. `click.echo` takes it off again where the output is no terminal."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **_STYLES[role])

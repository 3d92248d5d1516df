"""What the documentation shows is what the software does."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from conftest import ROOT
from remission.cli.main import cli

README = (ROOT / "README.md").read_text("utf-8")
BIN = Path(sys.executable).parent


def test_the_example_in_the_readme_is_what_is_printed() -> None:
    block = next(block for block in re.findall(r"```\n(.*?)```", README, re.DOTALL) if block.startswith("$ remission"))
    command, _, shown = block.partition("\n")
    arguments = shlex.split(command.removeprefix("$ remission "))
    printed = subprocess.run([str(BIN / "remission"), *arguments, "--lang", "en"], capture_output=True, text=True, check=True)
    assert printed.stdout.startswith(shown.removesuffix("…\n"))


def test_the_python_in_the_readme_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("data-required ('standard', 'high')")


@pytest.mark.parametrize("page", ["cohorts.md"])
def test_the_python_in_a_page_prints_what_it_shows(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tried = doctest.testfile(str(ROOT / "docs" / page), module_relative=False, encoding="utf-8")
    assert tried.attempted > 2
    assert tried.failed == 0


def test_the_readme_names_every_command() -> None:
    assert [name for name in cli.list_commands(click.Context(cli)) if f"remission {name}" not in README] == []


def test_every_link_inside_the_documentation_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))]
    assert links
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("target", re.findall(r"(?m)(?:^|`)make ([a-z-]+)", README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")))
def test_every_make_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

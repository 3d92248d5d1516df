"""The wheel, installed alone into an empty environment, explains a child with the knowledge inside it."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_carries_the_compiled_knowledge_and_no_yaml_of_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "remission/_compiled/library.msgpack" in names
    assert "remission/_compiled/programs.msgpack" in names
    assert "remission/_compiled/search.sqlite" in names
    assert "remission/documents/explain.schema.json" in names
    assert "remission/documents/paper.typ" in names
    assert "remission/documents/fonts/atkinson-hyperlegible-next-400.ttf" in names
    assert "remission/site/templates/site/base.html" in names
    assert "remission/site/static/remission/look.css" in names
    assert "remission/site/static/remission/OFL.txt" in names
    assert not [name for name in names if name.startswith(("knowledge/", "tests/"))]


def test_it_explains_a_child_alone(wheel: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    venv.create(alone, with_pip=True)
    pip = [str(alone / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--require-hashes", "--requirement", str(ROOT / "requirements" / "core.txt")], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    command = [str(alone / "bin" / "remission"), "explain", "--age", "4y", "--wbc", "12000/uL", "--lineage", "b", "--json"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout)["decisions"][0]["outcome"] == "standard"
    heavy = (
        "import remission.cli.main, sys; print([m for m in ('pandas', 'numpy', 'django', 'duckdb', 'yaml') if m in sys.modules])"
    )
    loaded = subprocess.run([str(alone / "bin" / "python"), "-c", heavy], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"

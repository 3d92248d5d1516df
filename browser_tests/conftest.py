"""A real server and a real browser. `make browser-test` runs these; Debian's Chromium must be installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

expect.set_options(timeout=20_000)  # a page that is slow on a busy machine is not a wrong page


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.exit("Chromium was not found. On Debian: apt-get install chromium libatomic1. Or set CHROMIUM.", returncode=2)
    return {"executable_path": found, "args": ["--no-sandbox"]}


class Server:
    """`remission serve` as a family runs it, with its file in `data`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        command = [sys.executable, "-m", "remission.cli.main", "serve", "--no-browser", "--lang", "en", "--data", str(data)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        assert self._process.stdout
        said = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found, f"the server said: {said}"
        self.address = found[0]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("data"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def base_url(server: Server) -> str:
    return server.address


@pytest.fixture
def asked(context: BrowserContext) -> list[str]:
    """Every address the browser asks for."""
    addresses: list[str] = []
    context.on("request", lambda request: addresses.append(request.url))
    return addresses


@pytest.fixture
def without_script(browser: Browser, base_url: str) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    yield context.new_page()
    context.close()

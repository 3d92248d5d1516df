"""`remission serve`: a real server on loopback, and what it says when it cannot start."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conftest import Run

COMMAND = [sys.executable, "-m", "remission.cli.main", "serve", "--no-browser"]


@contextmanager
def serving(*options: str) -> Iterator[str]:
    process = subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def test_it_says_where_it_is_and_answers_there() -> None:
    with serving("--lang", "es") as said:
        found = re.search(r"http://127\.0\.0\.1:\d+/es/", said)
        assert found, said
        with urllib.request.urlopen(found[0]) as answer:  # noqa: S310 - our own server
            assert '<html lang="es">' in answer.read().decode()


def test_two_can_run_at_once() -> None:
    with serving("--lang", "en") as first, serving("--lang", "en") as second:
        assert first != second
        assert "http://127.0.0.1:" in second


def test_it_listens_on_this_machine_alone() -> None:
    with serving("--lang", "en") as said:
        port = int(re.findall(r":(\d+)/", said)[0])
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)}
        for address in addresses - {"127.0.0.1", "127.0.1.1"}:
            with socket.socket() as visitor:
                visitor.settimeout(2)
                assert visitor.connect_ex((address, port)) != 0


def test_a_port_that_is_taken_is_refused_with_a_sentence(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("serve", "--no-browser", "--port", str(port))
    assert result.code == 2
    assert f"Port {port} is taken" in result.err


def test_without_its_extra_it_says_how_to_install_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "remission.site.server", None)
    result = run("serve", "--no-browser")
    assert result.code == 2
    assert "remission[site]" in result.err

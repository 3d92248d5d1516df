"""The plug is pulled: the real server is killed while several people write, and every answer it had given is found again."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from remission.home.notes import Note
from remission.home.store import HomeFile, new_id

ROUNDS, WRITERS = 4, 4
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Server:
    """`remission serve` on a folder, to be killed."""

    def __init__(self, data: Path):
        command = [sys.executable, "-m", "remission.cli.main", "serve", "--no-browser", "--lang", "en", "--data", str(data)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        assert self.process.stdout
        found = re.search(r"(http://127\.0\.0\.1:(\d+))", self.process.stdout.readline())
        assert found
        self.address, self.port = found[1], int(found[2])

    def kill(self) -> None:
        assert self.process.poll() is None, "the server fell over by itself"
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()


class Writer(threading.Thread):
    """Somebody who writes one question after the other, and remembers those that were acknowledged."""

    def __init__(self, server: Server, child: str, name: str):
        super().__init__(daemon=True)
        self.server, self.child, self.label = server, child, name
        self.acknowledged: list[str] = []

    def run(self) -> None:
        at = f"/en/my-child/{self.child}/notes/question/new/"
        with suppress(HTTPException, OSError), closing(HTTPConnection("127.0.0.1", self.server.port, timeout=20)) as line:
            line.request("GET", at)
            form = line.getresponse()
            cookie = str(form.headers["Set-Cookie"]).partition(";")[0]
            token = _TOKEN.search(form.read().decode())
            assert token
            for number in range(100_000):  # until the server is gone
                self._write(line, at, cookie, token[1], f"{self.label}-{number}")

    def _write(self, line: HTTPConnection, at: str, cookie: str, token: str, text: str) -> None:
        sent = urlencode({"csrfmiddlewaretoken": token, "text": text, "by-whom": self.label})
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Referer": f"{self.server.address}{at}"}
        line.request("POST", at, sent, headers)
        answer = line.getresponse()
        answer.read()
        assert answer.status == HTTPStatus.FOUND, f"not kept: {answer.status}"
        self.acknowledged.append(text)


def test_what_was_acknowledged_is_there_after_the_server_was_killed(data: Path) -> None:
    child = new_id()
    with HomeFile(data) as home:
        home.write(Note(child, "child", child, {"name": "Ana", "born": "2021-05-04"}), "Mom")
    acknowledged: set[str] = set()
    for turn in range(ROUNDS):
        server = Server(data)
        writers = [Writer(server, child, f"{turn}-{name}") for name in range(WRITERS)]
        for writer in writers:
            writer.start()
        until = time.monotonic() + 20
        while not all(writer.acknowledged for writer in writers) and time.monotonic() < until:
            time.sleep(0.02)  # a busy machine takes its time to begin
        time.sleep(random.Random(turn).uniform(0.5, 1.5))  # noqa: S311 - any moment will do
        server.kill()
        for writer in writers:
            writer.join(15)
            acknowledged |= set(writer.acknowledged)
        with HomeFile(data) as home:
            kept = {note.said("text") for note in home.notes(child, "question")}
        assert acknowledged <= kept
    assert len(acknowledged) >= ROUNDS * WRITERS, "the server wrote nothing before it was killed"

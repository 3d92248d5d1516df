"""A real PostgreSQL server for the tests, from Debian's package: made in a folder of its own, thrown away at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_BINARIES = Path("/usr/lib/postgresql")
_MISSING = "PostgreSQL is not installed. On Debian: apt-get install postgresql"


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """The address of a running server, by a socket in its own folder: no port is opened, and each test process has its own."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'remission[postgres]'")
    folder = Path(tempfile.mkdtemp(prefix="remission-postgres-"))  # a socket's path may not be long
    binaries = _binaries()
    try:
        _start(binaries, folder)
        yield f"host={folder} dbname=postgres user=postgres"
    finally:
        _as_nobody_special(binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = [path for path in _BINARIES.glob("*/bin") if (path / "initdb").exists()]
    if not found:
        pytest.skip(_MISSING)
    return max(found, key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)


def _start(binaries: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    _as_nobody_special(
        binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"
    )
    settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c shared_buffers=64MB"
    _as_nobody_special(binaries / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-o", settings, "start")


def _as_nobody_special(*command: object, check: bool = True) -> None:
    """The server refuses to run as root, where containers often run tests."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *words]
    subprocess.run(words, check=check, capture_output=True, cwd="/tmp")  # noqa: S108 (readable by every user)

"""Types are looked up one at a time: many threads that ask for the library at once, in a fresh process, all get it."""

from __future__ import annotations

import subprocess
import sys

_AT_ONCE = """
import sys
from threading import Barrier, Thread
from remission.rules.compiled import load_codes, load_library, load_programs, load_shelf

sys.setswitchinterval(1e-6)
start, got = Barrier(8), []

def ask():
    start.wait()
    got.append((len(load_shelf().glossary), load_library().hash, len(load_programs()), len(load_codes())))

threads = [Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(got), len(set(got)))
"""


def test_threads_that_load_the_library_at_once_all_get_it() -> None:
    for _ in range(3):
        run = subprocess.run([sys.executable, "-c", _AT_ONCE], capture_output=True, text=True, timeout=60, check=False)
        assert (run.returncode, run.stdout) == (0, "8 1\n"), run.stderr

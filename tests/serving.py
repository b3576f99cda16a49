"""`framing serve` as its users start it: a process of its own, on a free port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    url: str
    said: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def serving(*options: str) -> Iterator[Served]:
    """Start it, give it once it answers, stop it; what it said on standard error is in `said`."""
    command = [sys.executable, "-m", "framing.cli", "serve", "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    try:
        first = process.stderr.readline()
        found = re.search(r"http://\S+:\d+", first)
        assert found, first + process.stderr.read()
        served = Served(process, found[0])
        reader = threading.Thread(target=lambda: served.said.extend(process.stderr or ()), daemon=True)
        reader.start()
        yield served
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

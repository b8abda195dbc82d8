"""A real server in a process of its own, asked over the loopback address."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from browser import axe as axe
from browser import chromium as chromium

STUDY = """
name: tiny
data: digits
protocol: {epochs: 3, batch_size: 64, seeds: 2, validation: {holdout: 0.2}, margin: 0.01}
models:
  small: {mlp: {hidden: [16]}}
  wide: {mlp: {hidden: [32]}}
"""
COMMAND = (sys.executable, "-c", "from bakeoff.cli.app import main; main()")
PATIENCE_SECONDS = 60


@dataclass
class Site:
    """A running server.

    Attributes:
        port: Where it listens.
        process: Its own.
        folder: Where it was started.
        errors: What it says on standard error.
    """

    port: int
    process: subprocess.Popen[str]
    folder: Path
    errors: Path

    @property
    def host(self) -> str:
        """What an honest browser writes into the Host header."""
        return f"127.0.0.1:{self.port}"

    def ask(
        self, method: str, address: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request and return status, headers (in lower case) and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, address, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def error(self, method: str, address: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Status and sentence of a request that is refused."""
        status, _, text = self.ask(method, address, body, headers)
        return status, json.loads(text)["error"]

    def events(self) -> Iterator[dict[str, Any]]:
        """Every snapshot that the server tells."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", "/events")
            answer = connection.getresponse()
            assert answer.headers["content-type"].startswith("text/event-stream")
            while line := answer.readline():
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])


@contextlib.contextmanager
def started(folder: Path, *arguments: str) -> Iterator[Site]:
    """Start `bakeoff serve` in a folder; Ctrl-C ends it."""
    call = [*COMMAND, "serve", *arguments, "--port", "0", "--json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        tempfile.NamedTemporaryFile("w") as errors,
        subprocess.Popen(
            call, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        try:
            assert process.stdout is not None
            text = ""
            while not text.rstrip().endswith("}") and (line := process.stdout.readline()):
                text += line
            yield Site(int(urlsplit(json.loads(text)["address"]).port or 0), process, folder, Path(errors.name))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory) -> Iterator[Site]:
    """A study that nobody has run yet."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "tiny.yaml").write_text(STUDY)
    with started(folder, "tiny.yaml") as site:
        yield site

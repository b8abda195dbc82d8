"""Listen until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bakeoff.errors import WorkerError
from bakeoff.server.app import make_app
from bakeoff.server.guards import Names
from bakeoff.spec import Study

MOST_CONNECTIONS = 100
HEADER_SECONDS = 10.0
"""So long may a request's headers take to arrive; until then it is one of the connections that there may be."""

STOP_SECONDS = 3
"""So long may answers take that are under way when the server ends."""


def serve(
    study: Study | None,
    folder: Path,
    *,
    host: str,
    port: int,
    run_command: str = "bakeoff run STUDY",
    tell: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the pages of a study and its store; returns after Ctrl-C.

    Args:
        study: None to browse the store only.
        folder: The store's; it may come into being later.
        host: Name or address to listen on; only this machine reaches 127.0.0.1.
        port: From 0 to 65535; 0 takes any that is free.
        run_command: What trains the study into this store, to be typed.
        tell: Called with the address, once it can be asked.

    Raises:
        WorkerError: Nobody can listen there.
    """
    listening = _listen(host, port)
    port = int(listening.getsockname()[1])
    server: uvicorn.Server
    app = make_app(
        study,
        folder,
        names=Names.of(host, port),
        run_command=run_command,
        is_stopping=lambda: server.should_exit,
    )
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        loop="asyncio",
        http=HastyProtocol,
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = uvicorn.Server(config)
    tell(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
    with contextlib.closing(listening), contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


class HastyProtocol(H11Protocol):
    """HTTP that hangs up on who does not finish the headers of a request: uvicorn alone would wait for ever."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._watch_headers()

    def data_received(self, data: bytes) -> None:
        """Wait on if this did not complete the headers, however often something comes."""
        super().data_received(data)
        self._watch_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        super().connection_lost(exc)
        self._forget_deadline()

    def _watch_headers(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._forget_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)  # asyncio sends without delay if the protocol is named
        if os.name != "nt":  # where it would let others take the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
            listening.listen()
        except BaseException:
            listening.close()
            raise
        return listening
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkerError(
            f"nobody can listen on {host}, port {port} ({reason}): choose another --port, or --port 0 for any that is "
            "free"
        ) from None

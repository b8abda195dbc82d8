"""Listen until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from bakeoff.errors import WorkerError
from bakeoff.server.app import make_app
from bakeoff.server.guards import Names
from bakeoff.spec import Study

MOST_CONNECTIONS = 100
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
        http="h11",
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = uvicorn.Server(config)
    tell(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
    with contextlib.closing(listening), contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


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

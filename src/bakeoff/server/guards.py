"""What is refused before any page is asked: other hosts' names, other sites' requests, bodies that are too long.

A server on the loopback address is reached by every page that this machine's browser shows. So the Host header must be
one of the server's own names (a name of a stranger that resolves to 127.0.0.1 is DNS rebinding), requests that another
site's page makes are refused, and a body is counted while it arrives.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 * 1024 * 1024
"""Of a request's body."""

BODY_SECONDS = 20.0
"""So long may a body take to arrive."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send our own forms with `Origin: null`
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_OWN_SITE = {"same-origin", "none"}
_READS = {"GET", "HEAD"}
_UNREAD = {400, 403, 408, 413}
"""After these the rest of a body may still be coming: the connection ends, so that nobody goes on listening to it."""


class Refusal(Exception):
    """A request that is not answered.

    Args:
        status: Of HTTP.
        sentence: What was required, and what was received.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status = status
        self.sentence = sentence

    def response(self) -> Response:
        """One sentence, for programs and people."""
        headers = {"Connection": "close"} if self.status in _UNREAD else {}
        return JSONResponse({"error": self.sentence}, self.status, headers)


@dataclass(frozen=True)
class Names:
    """Under which names a server may be asked.

    Attributes:
        hosts: Names and addresses as a Host header spells them, without the port.
        port: Where it listens.
        any_address: Whether every address counts, because it listens on all of them: an address in a Host header is
            nobody's name, so it cannot be rebound.
    """

    hosts: frozenset[str]
    port: int
    any_address: bool = False

    @classmethod
    def of(cls, host: str, port: int) -> Names:
        """The names of a server that listens on this host and port.

        >>> Names.of("127.0.0.1", 8000).allow("localhost:8000"), Names.of("127.0.0.1", 8000).allow("evil.example:8000")
        (True, False)
        """
        everywhere = host in ("0.0.0.0", "::", "")
        machine = {socket.gethostname().lower(), socket.getfqdn().lower()} if everywhere else set()
        own = f"[{host}]" if ":" in host else host
        return cls(frozenset({"127.0.0.1", "localhost", "[::1]", own.lower()} | machine), port, everywhere)

    def allow(self, header: str) -> bool:
        """Whether a Host header is one of them."""
        name, port = _split_host(header.lower())
        right_port = port == str(self.port) or (not port and self.port == 80)
        return right_port and (name in self.hosts or (self.any_address and _is_address(name)))


class Guard:
    """Wraps an application: refuses strangers, and gives every answer the headers that keep pages to themselves."""

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = find_refusal(scope["method"], Headers(scope=scope), self.names)
        answer = refusal.response() if refusal else self.app
        await answer(scope, receive, send_guarded)


def find_refusal(method: str, headers: Headers, names: Names) -> Refusal | None:
    """Why a request must not be answered; None if it may be.

    Args:
        method: Of HTTP.
        headers: All of them.
        names: Of this server.
    """
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not names.allow(hosts[0]):
        return Refusal(400, "the Host header is none of this server's names: use the address that bakeoff serve prints")
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    own_origin = origin is None or origin.lower() == f"http://{hosts[0].lower()}"
    if method not in _READS and not (own_origin and site in _OWN_SITE):
        return Refusal(403, "this request comes from another site's page: send it from this server's own pages")
    links = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    if site not in _OWN_SITE and not links:
        return Refusal(403, "another site's page may link here, but not load anything from here")
    return None


async def read_body(request: Request, *, most: int = MOST_BYTES, seconds: float = BODY_SECONDS) -> bytes:
    """The body of a request, counted while it arrives.

    Raises:
        Refusal: It is longer than `most` bytes, takes longer than `seconds`, or does not arrive.
    """
    too_long = Refusal(413, f"the body must not be longer than {most} bytes: make the image smaller")
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > most:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise too_long
    except TimeoutError:
        raise Refusal(408, f"the body did not arrive within {seconds:g} seconds: send it again") from None
    except ClientDisconnect:
        raise Refusal(400, "the body did not arrive: send it again") from None
    return bytes(body)


def _split_host(header: str) -> tuple[str, str]:
    """Name and port; the port is empty where none is written."""
    name, colon, port = header.rpartition(":")
    return (name, port) if colon and not header.endswith("]") else (header, "")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True

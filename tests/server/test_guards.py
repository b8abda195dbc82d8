"""Who may ask."""

import asyncio

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from bakeoff.server.guards import Names, Refusal, find_refusal, read_body

LOOPBACK = Names.of("127.0.0.1", 8000)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
def test_own_names(host):
    """Every way to write the loopback address."""
    assert find_refusal("GET", Headers({"host": host}), LOOPBACK) is None


@pytest.mark.parametrize(
    "host",
    ["", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8001", "evil.example:8000", "localhost.evil.example:8000",
     "127.0.0.1.evil.example:8000", "192.168.1.5:8000", "localhost:8000:8000", "localhost@evil.example:8000", "[::1]"],
)  # fmt: skip
def test_strangers_names(host):
    """Any other name, address or port: DNS rebinding, or a mistake."""
    refusal = find_refusal("GET", Headers({"host": host}), LOOPBACK)
    assert refusal is not None
    assert refusal.status == 400


def test_exactly_one_host():
    """None, or two of them, are nobody's."""
    two = Headers(raw=[(b"host", b"localhost:8000"), (b"host", b"evil.example:8000")])
    assert [getattr(find_refusal("GET", headers, LOOPBACK), "status", 0) for headers in (Headers({}), two)] == [
        400,
        400,
    ]


def test_port_80_needs_no_port():
    """A browser leaves it out."""
    assert Names.of("127.0.0.1", 80).allow("localhost")
    assert not LOOPBACK.allow("localhost")


def test_the_host_that_was_given():
    """Its own name, and IPv6 addresses as they are written in addresses of pages."""
    assert Names.of("bake.example", 1).allow("bake.example:1")
    assert Names.of("fe80::1", 1).allow("[fe80::1]:1")
    assert not Names.of("bake.example", 1).allow("10.0.0.1:1")


def test_all_addresses():
    """A server on all addresses is asked by any of them, but by nobody's name: only names can be rebound."""
    names = Names.of("0.0.0.0", 1)
    assert names.allow("10.1.2.3:1")
    assert names.allow("[fe80::1]:1")
    assert not names.allow("evil.example:1")


@pytest.mark.parametrize(
    ("extra", "allowed"),
    [
        ({}, True),
        ({"origin": "http://localhost:8000"}, True),
        ({"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "http://127.0.0.1:8000"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "https://localhost:8000"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, False),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, False),
    ],
)
def test_posts_come_from_own_pages(extra, allowed):
    """Or from a program, which says nothing of where it comes from."""
    refusal = find_refusal("POST", Headers({"host": "localhost:8000", **extra}), LOOPBACK)
    assert (refusal is None) == allowed
    if refusal:
        assert (refusal.status, refusal.sentence.split(":")[0]) == (403, "this request comes from another site's page")


def test_other_sites_may_link_only():
    """Their pages can send a reader here, but neither embed nor fetch."""
    site = {"host": "localhost:8000", "sec-fetch-site": "cross-site"}
    link = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert find_refusal("GET", Headers({**site, **link}), LOOPBACK) is None
    for load in ({"sec-fetch-mode": "no-cors"}, {"sec-fetch-dest": "iframe"}, {"sec-fetch-dest": "object"}):
        refusal = find_refusal("GET", Headers({**site, **link, **load}), LOOPBACK)
        assert refusal is not None
        assert refusal.sentence == "another site's page may link here, but not load anything from here"


def _read(messages, *, headers=(), **limits):
    """Read a body that arrives in these messages, and then nothing any more."""
    left = list(messages)

    async def receive():
        return left.pop(0) if left else await asyncio.Event().wait()

    scope = {"type": "http", "method": "POST", "headers": list(headers)}
    return asyncio.run(read_body(Request(scope, receive), **limits))


def _piece(content, *, more):
    return {"type": "http.request", "body": content, "more_body": more}


def test_a_body_in_pieces():
    """All of them, in order, up to the last byte that is allowed."""
    assert _read([_piece(b"ab", more=True), _piece(b"c", more=False)], most=3) == b"abc"


@pytest.mark.parametrize(
    ("messages", "headers", "status", "words"),
    [
        ([_piece(b"ab", more=True), _piece(b"cd", more=True)], (), 413, "must not be longer than 3 bytes"),
        ([], [(b"content-length", b"4")], 413, "must not be longer than 3 bytes"),
        ([], [(b"content-length", b"-1")], 413, "must not be longer than 3 bytes"),
        ([_piece(b"a", more=True)], (), 408, "did not arrive within 0.05 seconds: send it again"),
        ([{"type": "http.disconnect"}], (), 400, "the body did not arrive: send it again"),
    ],
)
def test_bodies_that_are_not_waited_for(messages, headers, status, words):
    """Too long, however that is found out; too slow; and gone."""
    with pytest.raises(Refusal, match=words) as told:
        _read(messages, headers=headers, most=3, seconds=0.05)
    assert told.value.status == status

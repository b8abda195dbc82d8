"""A real server on the loopback address refuses what it must, and ends when it is told to."""

import contextlib
import http.client
import json
import signal
import socket

import pytest

from bakeoff.server.app import MOST_STREAMS
from bakeoff.server.guards import MOST_BYTES
from bakeoff.server.serving import MOST_CONNECTIONS
from server.conftest import PATIENCE_SECONDS, STUDY, started

pytestmark = pytest.mark.pages

PAGES = ["/", "/draw", "/store", "/serve.css", "/watch.js", "/draw.js"]
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("page", PAGES)
def test_pages_keep_to_themselves(empty_site, page):
    """Every answer may load from its own server only, is not stored, sniffed or framed, and tells no other site."""
    status, headers, body = empty_site.ask("GET", page)
    assert (status, bool(body)) == (200, True)
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert headers["cache-control"] == "no-store"
    assert not [name for name in headers if name.startswith("access-control") or name == "server"]


@pytest.mark.parametrize("page", ["/", "/draw", "/store"])
def test_pages_have_nothing_inline(empty_site, page):
    """No script, style or address that the policy would forbid."""
    html = empty_site.ask("GET", page)[2].decode()
    assert "<script>" not in html
    assert "<style" not in html
    assert " style=" not in html
    assert "//" not in html.replace("<!doctype", "")


def test_refusals_have_the_headers_too(empty_site):
    """What is refused keeps to itself as well."""
    status, headers, _ = empty_site.ask("GET", "/", headers={"Host": "evil.example"})
    assert (status, headers["cache-control"]) == (400, "no-store")


@pytest.mark.parametrize("page", [*PAGES, "/events", "/report", "/nothing"])
def test_strangers_names_are_refused(empty_site, page):
    """On every address: a page of another name that resolves to this machine gets nothing."""
    status, sentence = empty_site.error("GET", page, headers={"Host": f"evil.example:{empty_site.port}"})
    assert (status, sentence.split(":")[0]) == (400, "the Host header is none of this server's names")


@pytest.mark.parametrize("page", ["/predict", "/judge"])
def test_other_sites_posts_are_refused(empty_site, page):
    """A form on another site's page changes nothing."""
    headers = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    status, sentence = empty_site.error("POST", page, b"{}", headers)
    assert (status, sentence.split(":")[0]) == (403, "this request comes from another site's page")


@pytest.mark.parametrize(
    "address",
    [
        "/../../etc/passwd",
        "/serve.css/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/static/../app.py",
        "/store/bakeoff-store.json",
        "/tiny.yaml",
        "/draw.js%00.png",
        "/\\..\\..\\tiny.yaml",
    ],
)
def test_no_address_is_a_path(empty_site, address):
    """What is not in the list of pages does not exist, whatever lies on the disk."""
    assert empty_site.error("GET", address) == (404, "there is no such page here")


def test_queries_choose_no_file(empty_site):
    """Nor does anything behind the question mark."""
    plain = empty_site.ask("GET", "/store")[2]
    assert empty_site.ask("GET", "/store?store=/etc&file=/etc/passwd")[2] == plain


def test_other_methods(empty_site):
    """Reading is reading, asking is asking."""
    words = "this address is not asked in this way"
    assert empty_site.error("GET", "/predict") == (405, words)
    assert empty_site.error("POST", "/", b"") == (405, words)
    assert empty_site.error("DELETE", "/store") == (405, words)


def test_an_announced_body_is_refused_unread(empty_site):
    """Not a byte of it is waited for."""
    with socket.create_connection(("127.0.0.1", empty_site.port), timeout=PATIENCE_SECONDS) as connection:
        head = f"POST /predict HTTP/1.1\r\nHost: {empty_site.host}\r\nContent-Length: 8388609\r\n\r\n"
        connection.sendall(head.encode())
        assert b" 413 " in connection.recv(1000)


def test_an_unannounced_body_is_counted(empty_site):
    """A body in pieces, of which nobody says how many there will be, ends with the first byte beyond the limit."""
    with socket.create_connection(("127.0.0.1", empty_site.port), timeout=PATIENCE_SECONDS) as connection:
        head = f"POST /predict HTTP/1.1\r\nHost: {empty_site.host}\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        for _ in range(MOST_BYTES // 0x10000):
            connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        connection.sendall(b"1\r\nx\r\n")
        assert b" 413 " in connection.makefile("rb").read()
    assert empty_site.error("POST", "/predict", b"x", {"Content-Type": "text/plain"})[0] == 415


def test_a_slow_client_keeps_nobody_waiting(empty_site):
    """Ten that never finish their bodies, and ten that never finish their headers; everybody else is answered."""
    with contextlib.ExitStack() as stack:
        for number in range(20):
            connection = socket.create_connection(("127.0.0.1", empty_site.port), timeout=PATIENCE_SECONDS)
            stack.enter_context(connection)
            head = f"POST /predict HTTP/1.1\r\nHost: {empty_site.host}\r\nContent-Length: 1000\r\n"
            connection.sendall(head.encode() + (b"\r\nabc" if number % 2 else b""))
        assert empty_site.ask("GET", "/watch.js")[0] == 200


def test_headers_that_never_end(empty_site):
    """Who does not finish the head of a request, be it a first or a second one, is hung up on; others get in again."""
    with contextlib.ExitStack() as stack:
        kept = stack.enter_context(contextlib.closing(http.client.HTTPConnection("127.0.0.1", empty_site.port)))
        kept.request("GET", "/watch.js")
        assert kept.getresponse().read()
        waiting = [kept.sock]
        for _ in range(MOST_CONNECTIONS + 10):
            connection = socket.create_connection(("127.0.0.1", empty_site.port))
            waiting.append(stack.enter_context(connection))
        for connection in waiting:
            connection.settimeout(PATIENCE_SECONDS)
            connection.sendall(b"GET / HTTP/1.1\r\n")
        assert empty_site.ask("GET", "/watch.js")[0] == 503
        assert [connection.recv(1000) for connection in waiting] == [b""] * len(waiting)
        assert empty_site.ask("GET", "/watch.js")[0] == 200


def test_without_networks_nobody_votes(empty_site):
    """The page says why, and so does the answer to a drawing."""
    assert b"There is no store in" in empty_site.ask("GET", "/draw")[2]
    status, sentence = empty_site.error("POST", "/predict", json.dumps({"pixels": [[255]]}), JSON)
    assert (status, sentence.startswith("there is no store in bakeoff-store")) == (409, True)
    assert empty_site.error("GET", "/report")[0] == 409


def test_nothing_runs(empty_site):
    """The first page and the events say what to do, before there is a store."""
    assert b"<code>bakeoff run tiny.yaml</code>" in empty_site.ask("GET", "/")[2]
    news = next(empty_site.events())
    assert (news["total"], news["running"], news["sentence"].startswith("There is no store")) == (0, 0, True)


def test_not_everybody_can_watch(empty_site):
    """Streams stay open, so there is a limit, and it is lifted when somebody leaves."""
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_STREAMS):
            watching = empty_site.events()
            next(watching)
            stack.callback(watching.close)
        status, sentence = empty_site.error("GET", "/events")
        assert (status, sentence) == (503, f"{MOST_STREAMS} pages are watching already: close one of them")
    assert any(_begin_to_watch(empty_site) == 200 for _ in range(1000))


def _begin_to_watch(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", "/events")
        return connection.getresponse().status


def test_looking_leaves_nothing_behind(empty_site):
    """Serving makes no folder and no file."""
    empty_site.ask("GET", "/")
    assert [path.name for path in empty_site.folder.iterdir()] == ["tiny.yaml"]


def test_without_a_study(tmp_path):
    """The store alone can be browsed, and the page for drawing says what is missing."""
    with started(tmp_path) as site:
        assert b"There is no store in" in site.ask("GET", "/")[2]
        assert b"bakeoff serve STUDY" in site.ask("GET", "/draw")[2]
        assert site.ask("GET", "/events")[0] == 404


def test_ctrl_c_ends_it(tmp_path):
    """At once and without a word, also while somebody watches: nothing has to be cancelled."""
    (tmp_path / "tiny.yaml").write_text(STUDY)
    with started(tmp_path, "tiny.yaml") as site:
        watching = site.events()
        next(watching)
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(PATIENCE_SECONDS) == 0
        assert list(watching) == []
        assert site.errors.read_text() == ""

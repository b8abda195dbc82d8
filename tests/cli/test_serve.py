"""`bakeoff serve`: wrong calls, a missing extra, and a port that is taken."""

import importlib
import socket
import sys

import pytest


@pytest.mark.parametrize("arguments", [["--set", "protocol.epochs=1"], ["--only", "cnn"]])
def test_changes_need_a_study(bakeoff, arguments):
    """Without a study there is nothing to change."""
    code, _, err = bakeoff("serve", *arguments)
    assert code == 2
    assert "they change a study: name one" in err


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_ports(bakeoff, port):
    """Numbers that are no ports are wrong usage."""
    assert bakeoff("serve", "--port", port)[0] == 2


@pytest.fixture
def without(monkeypatch):
    """Makes a package as if it were not installed, and the server as if nobody had imported it yet."""

    def hide(package):
        for name in [name for name in sys.modules if name.startswith("bakeoff.server")]:
            monkeypatch.delitem(sys.modules, name)
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, package, None)

    return hide


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_a_missing_extra(bakeoff, without, missing):
    """One sentence says what to install."""
    without(missing)
    code, _, err = bakeoff("serve")
    assert code == 1
    assert err.startswith(f"bakeoff: bakeoff serve needs {missing}")
    assert err.endswith(", which is not installed: pip install 'bakeoff[serve]'\n")


def test_another_missing_module_is_a_bug(bakeoff, without):
    """It is not dressed up as a missing extra."""
    without("loky")
    with pytest.raises(ModuleNotFoundError, match="loky"):
        bakeoff("serve")


def test_a_port_that_is_taken(bakeoff):
    """One sentence, exit 1, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, err = bakeoff("serve", "--port", port)
    assert code == 1
    assert f"nobody can listen on 127.0.0.1, port {port} (" in err
    assert "--port 0 for any that is free" in err


def test_the_address_is_told(bakeoff, monkeypatch):
    """To people with a warning where others can reach it, to programs as JSON."""
    serving = importlib.import_module("bakeoff.server.serving")
    monkeypatch.setattr(serving, "serve", lambda *_, tell, host, **__: tell(f"http://{host}:1/"))
    assert bakeoff("serve")[1] == "Open http://127.0.0.1:1/ (bakeoff-store). Ctrl-C ends it.\n"
    assert "Whoever reaches this machine" in bakeoff("serve", "--host", "0.0.0.0")[1]
    assert '"address": "http://127.0.0.1:1/"' in bakeoff("serve", "quickstart", "--json")[1]

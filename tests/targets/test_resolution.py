"""Looking a host's name up may hang; neither --timeout nor Ctrl-C may wait for that."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest

from hmp.qmp.errors import ConnectError
from hmp.targets.address import parse_target
from hmp.targets.resolution import addresses

LIMIT = 30.0


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A name server that answers nothing until the event is set."""
    answers, ask = threading.Event(), socket.getaddrinfo

    def hang(*arguments: Any, **named: Any) -> Any:
        if not named.get("flags"):
            answers.wait(LIMIT)
            raise socket.gaierror(socket.EAI_AGAIN, "later")
        return ask(*arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield answers
    answers.set()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_needs_no_name_server(name_server: threading.Event, host: str) -> None:
    """It is at hand."""
    (found,) = addresses(host, 4444, monotonic() + LIMIT)

    assert found[4][:2] == (host, 4444)


def test_a_name_of_this_host() -> None:
    """As the system has it."""
    found = addresses("localhost", 4444, monotonic() + LIMIT)

    assert {address[0] for *_, address in found} <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(("timeout", "wait"), [(0.2, None), (None, 0.2)])
def test_the_time_limit(
    name_server: threading.Event, timeout: float | None, wait: float | None
) -> None:
    """Of connecting, which is named with the host."""
    begun = monotonic()
    with pytest.raises(ConnectError, match=r"no address for 'a\.example': the name server"):
        parse_target("a.example:4444").open(timeout=timeout, wait=wait)

    assert monotonic() < begun + LIMIT / 2


def test_ctrl_c(name_server: threading.Event) -> None:
    """It ends the wait at once."""
    connect: Callable[..., object] = parse_target("a.example:4444").open
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begun = monotonic()
    with pytest.raises(KeyboardInterrupt):
        connect(timeout=LIMIT)

    assert monotonic() < begun + LIMIT / 2
    timer.join()

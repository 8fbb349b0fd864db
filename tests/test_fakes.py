"""What tests rely on in their fakes."""

from __future__ import annotations

import socket

import pytest

from tests.fakes import FakeServer, Peer


def test_a_mistake_of_a_servers_script_fails_its_test() -> None:
    """It is raised in a thread, and again when the server is left."""

    def script(peer: Peer) -> None:
        raise ZeroDivisionError

    server = FakeServer(script)
    server.__enter__()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(server.path)
        client.recv(1)

    with pytest.raises(ZeroDivisionError):
        server.__exit__(None, None, None)

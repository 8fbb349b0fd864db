"""Whether this host has IPv6, and a port of its loopback address."""

from __future__ import annotations

import socket

import pytest


def free_port() -> int:
    """Return a port of ::1 on which nothing listens. Raises OSError without IPv6."""
    with socket.socket(socket.AF_INET6) as sock:
        sock.bind(("::1", 0))
        port: int = sock.getsockname()[1]
        return port


def _missing() -> bool:
    try:
        free_port()
    except OSError:
        return True
    return False


needs_ipv6 = pytest.mark.skipif(_missing(), reason="no IPv6 on the loopback interface")

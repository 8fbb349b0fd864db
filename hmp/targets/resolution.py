"""The addresses of a host, within a time limit: looking a name up may hang."""

from __future__ import annotations

import socket
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def addresses(
    host: str, port: int, deadline: float, kind: int = socket.SOCK_STREAM
) -> list[tuple[Any, ...]]:
    """Return the addresses of a host as `socket.getaddrinfo` does.

    deadline: by `time.monotonic`. Raises OSError, also if the name server does not answer
    until then; UnicodeError for a text that cannot be a name.
    """
    try:
        numeric = socket.AI_NUMERICHOST
        return list(socket.getaddrinfo(host, port, type=kind, flags=numeric))
    except socket.gaierror:
        pass  # a name, which takes a name server
    from hmp.qmp.worker import Worker

    # in a thread, since neither a signal nor a limit ends the call
    worker = Worker("look a host up")
    left = max(deadline - monotonic(), 0.001)
    try:
        return list(worker.run(lambda: socket.getaddrinfo(host, port, type=kind), left))
    except TimeoutError:
        raise OSError(f"no address for '{host}': the name server does not answer") from None
    finally:
        worker.end()

"""A socket that reaches its machine through something else: a tunnel, a program.

Whatever reads and writes a connected socket can use it. Its `Carrier`, which is what it
reaches the machine through, matters only at the end: the carrier knows the reason, and is
released with the last copy of the socket.
"""

from __future__ import annotations

import os
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from hmp.qmp.errors import MachineGoneError

    class Carrier(Protocol):
        """What a stream passes through on its way to the machine."""

        def gone(self, name: str) -> MachineGoneError:
            """Return the error for the end of the stream; name: the machine's."""
            ...

        def opened(self) -> None:
            """Note that the machine has greeted."""

        def release(self) -> None:
            """Release the carrier's resources; called once."""


said: list[Callable[[str], None]] = []
"""Functions for the lines that a carrier's program writes for the user.

The last one is called, from any thread. Without one, they go to our standard error.
"""


class Stream(socket.socket):
    """The near end; created from a connected socket, which it takes over.

    Descriptors cannot be passed through it, although it is a Unix socket.
    """

    def __init__(
        self, sock: socket.socket, carrier: Carrier, copies: list[None] | None = None
    ) -> None:
        timeout = sock.gettimeout()
        super().__init__(sock.family, sock.type, sock.proto, sock.detach())
        self.settimeout(timeout)
        self.carrier = carrier
        # A list that all copies share serves as their number: append and pop are atomic, so
        # that copies can be closed in different threads.
        self._copies = [None] if copies is None else copies
        self._counted = True

    def dup(self) -> Stream:
        """Return a copy; the carrier is kept until all copies are closed."""
        sock = socket.socket(fileno=os.dup(self.fileno()))
        sock.settimeout(self.gettimeout())
        self._copies.append(None)
        return Stream(sock, self.carrier, self._copies)

    def close(self) -> None:
        """Close this copy. Idempotent."""
        super().close()
        if self._counted:
            self._counted = False
            self._copies.pop()
            if not self._copies:
                self.carrier.release()

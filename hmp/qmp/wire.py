"""Bytes over a connected socket, none of which Ctrl-C can lose or send twice.

KeyboardInterrupt may be raised between any two bytecodes. So received bytes, and the count
of sent ones, are stored in the same step in which the socket is used.
"""

from __future__ import annotations

# not `socket`, which makes enums of all constants: that would cost each start 6 %
import _socket
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hmp.qmp.errors import MachineGoneError
    from hmp.qmp.stream import Carrier

_AT_MOST = (1 << 16,)
"""The argument for reading the socket."""


class Wire:
    """Sends requests and receives replies; gone: makes the error for a lost machine."""

    __slots__ = ("_gone", "_outgoing", "_socket")

    def __init__(self, sock: _socket.socket, gone: Callable[[], MachineGoneError]) -> None:
        self._socket = sock
        self._gone = gone
        # the rest of a request that was cancelled after a part had been sent; the request
        # after it; and the numbers of bytes of the two sent by each call
        self._outgoing: tuple[bytes, bytes, list[int]] = (b"", b"", [])

    def send(self, data: bytes, deadline: float | None) -> None:
        """Send a request, after the rest of one that was sent partially.

        An earlier request of which nothing has been sent was cancelled, and is dropped.
        Raises TimeoutError, MachineGoneError.
        """
        begun, request, counts = self._outgoing
        sent = sum(counts)
        rest = (begun + request if sent > len(begun) else begun)[sent:]
        self._outgoing = rest, data, counts = rest, data, []
        left: bytes | memoryview = rest + data
        try:
            while left:
                self._limit_time(deadline)
                # sent and counted in one step, which Ctrl-C cannot interrupt
                counts.extend(map(self._socket.send, (left,)))
                if counts[-1] == len(left):
                    return  # as nearly always
                left = memoryview(left)[counts[-1] :]
        except TimeoutError:
            raise
        except OSError as error:
            raise self._gone() from error

    def receive(self, chunks: list[bytes], deadline: float | None) -> None:
        """Wait for bytes, and append them to `chunks`.

        Raises TimeoutError, MachineGoneError.
        """
        try:
            self._limit_time(deadline)
            # received and stored in one step, which Ctrl-C cannot interrupt
            chunks.extend(map(self._socket.recv, _AT_MOST))
        except TimeoutError:
            raise
        except OSError as error:
            raise self._gone() from error
        if not chunks[-1]:
            raise self._gone()

    def _limit_time(self, deadline: float | None) -> None:
        """Set the socket's timeout by a deadline or None. Raises TimeoutError."""
        if deadline is not None:
            left = deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
        elif self._socket.gettimeout() is not None:  # to save a call for most requests
            self._socket.settimeout(None)

    @property
    def carrier(self) -> Carrier | None:
        """The carrier of the connection, if it is more than a socket."""
        return getattr(self._socket, "carrier", None)  # a Stream has one


def send_descriptors(sock: _socket.socket, data: bytes, descriptors: Sequence[int]) -> int:
    """Send bytes with open descriptors; return how many bytes were sent. Raises OSError."""
    from array import array  # late, since few commands need it

    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array("i", descriptors))
    return sock.sendmsg([data], [rights])

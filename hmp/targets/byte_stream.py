"""Bytes to and from a monitor that is not QMP: over a socket, or a terminal device.

Ctrl-C may raise KeyboardInterrupt anywhere here. No byte is lost then: what is received,
and the count of what is sent, is stored in the same step in a list of the caller. `send`
and `receive` raise TimeoutError at a deadline, MachineGoneError at the end of the stream.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from select import EPOLLRDHUP, epoll, select
from struct import pack
from time import monotonic

from hmp.qmp.errors import MachineGoneError
from hmp.qmp.stream import Stream
from hmp.qmp.wire import send_descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable, Sequence

# bytes of one read: more would only take memory
_AT_MOST = 1 << 18
_FOREVER = pack("ll", 0, 0)


class ByteStream:
    """A stream over a connected socket, which it owns.

    name: the machine's name in messages. greets: whether a monitor greets each client.
    """

    greets = True

    def __init__(self, sock: _socket.socket, name: str) -> None:
        self.name = name
        self._socket = sock
        self._limits: dict[int, bytes] = {}
        self._descriptors: list[int] = []
        self._watch(sock.fileno())
        sock.settimeout(None)
        if sock.family != socket.AF_UNIX:
            # keys are small packets; Nagle's algorithm would hold one back until the last
            # is acknowledged
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _watch(self, fd: int) -> None:
        """Watch only for the end, since another thread may be reading."""
        self._ends = epoll()
        self._ends.register(fd, EPOLLRDHUP)

    def fileno(self) -> int:
        """Return a descriptor that is readable when the far side has closed the stream."""
        return -1 if self._ends.closed else self._ends.fileno()

    def send(self, data: bytes, counts: list[int], deadline: float | None) -> None:
        """Send bytes; the number of those sent by each call is appended to `counts`."""
        while (sent := sum(counts)) < len(data):
            try:
                self._send(data[sent:], counts, deadline)
            # the socket options of `_limit` end a call with EAGAIN, which Python takes for
            # BlockingIOError
            except (TimeoutError, BlockingIOError):
                raise TimeoutError from None
            except OSError as error:
                raise self.gone() from error

    @property
    def passes_descriptors(self) -> bool:
        """Whether `attach` works."""
        return self._socket.family == socket.AF_UNIX and not isinstance(
            self._socket, Stream
        )

    def attach(self, descriptors: Sequence[int]) -> None:
        """Send file descriptors with the next bytes."""
        self._descriptors = list(descriptors)

    def receive(self, chunks: list[bytes], at_least: int, deadline: float | None) -> None:
        """Wait for some bytes and append them to `chunks`.

        at_least: how many are certain to come; waiting for all of them at once is faster.
        """
        try:
            self._receive(chunks, at_least, deadline)
        except (TimeoutError, BlockingIOError):
            raise TimeoutError from None
        except OSError as error:
            raise self.gone() from error
        # an empty read is the end of the stream
        if not chunks[-1]:
            raise self.gone()

    def ended(self) -> bool:
        """Return whether the far side has closed the stream."""
        return not self._ends.closed and bool(self._ends.poll(0))

    def opened(self) -> None:
        """Note that the machine has greeted."""
        if isinstance(self._socket, Stream):
            self._socket.carrier.opened()

    def gone(self) -> MachineGoneError:
        """Return the error for a lost machine."""
        if isinstance(self._socket, Stream):
            return self._socket.carrier.gone(self.name)
        return MachineGoneError(f"the machine at {self.name} closed the connection")

    def _send(self, data: bytes, counts: list[int], deadline: float | None) -> None:
        self._limit(socket.SO_SNDTIMEO, deadline)
        # sent and counted in one step, which Ctrl-C cannot interrupt
        if self._descriptors:
            counts.append(send_descriptors(self._socket, data, self._descriptors))
            self._descriptors = []
            return
        counts.extend(map(self._socket.send, (data,)))

    def _receive(self, chunks: list[bytes], at_least: int, deadline: float | None) -> None:
        self._limit(socket.SO_RCVTIMEO, deadline)
        size = min(at_least, _AT_MOST) if at_least > 1 else _AT_MOST
        # one call for an echo whose length is known, however many packets it comes in
        flags = int(socket.MSG_WAITALL) if at_least > 1 else 0
        # received and stored in one step
        chunks.extend(map(self._socket.recv, (size,), (flags,)))

    def _limit(self, option: int, deadline: float | None) -> None:
        """Limit how long the kernel waits: a blocking call can wait for many bytes."""
        value = _FOREVER
        if deadline is not None:
            left = deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            # struct timeval; all zeros would mean no limit
            value = pack("ll", int(left), max(int(left % 1 * 1e6), 1))
        if self._limits.get(option, _FOREVER) != value:
            self._socket.setsockopt(socket.SOL_SOCKET, option, value)
            self._limits[option] = value

    def close(self) -> None:
        """Close the stream, also while another thread waits for it. Idempotent."""
        with suppress(OSError):
            # close() alone would not wake a thread that waits in recv()
            self._socket.shutdown(socket.SHUT_RDWR)
        self._ends.close()
        self._socket.close()


class TerminalStream(ByteStream):
    """A stream over a terminal device, such as the one of ``-monitor pty``."""

    greets = False
    passes_descriptors = False

    def __init__(self, fd: int, name: str) -> None:
        self.name = name
        self._fd = fd
        self._watch(fd)
        # a byte in this pipe ends the wait of another thread
        self._woken, self._wake = os.pipe()

    def opened(self) -> None:
        """Do nothing: nothing carries this stream."""

    def ended(self) -> bool:
        """Return whether the far side has closed the device."""
        return self._fd < 0 or super().ended()

    def gone(self) -> MachineGoneError:
        """Return the error for a lost machine."""
        self._release()
        return MachineGoneError(f"the machine at {self.name} closed the connection")

    def _release(self) -> None:
        """Close the device: as long as anyone has it open, no new QEMU gets its number."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _send(self, data: bytes, counts: list[int], deadline: float | None) -> None:
        self._wait(lambda left: select([self._woken], [self._fd], [], left), deadline)
        counts.extend(map(os.write, (self._fd,), (data,)))

    def _receive(self, chunks: list[bytes], at_least: int, deadline: float | None) -> None:
        self._wait(lambda left: select([self._woken, self._fd], [], [], left), deadline)
        chunks.extend(map(os.read, (self._fd,), (_AT_MOST,)))

    def _wait(
        self,
        ready: Callable[[float | None], tuple[list[int], list[int], list[int]]],
        deadline: float | None,
    ) -> None:
        left = None if deadline is None else deadline - monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        readable, writable, _ = ready(left)
        # closed by another thread
        if self._fd < 0 or self._woken in readable:
            raise self.gone()
        if not (readable or writable):
            raise TimeoutError

    def close(self) -> None:
        """Close the device. Idempotent."""
        if self._ends.closed:
            return
        os.write(self._wake, b".")
        self._ends.close()
        self._release()

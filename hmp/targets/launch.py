"""A QEMU that the monitor starts itself and that ends with it.

A socket pair connects the two: others find no path to open, and we have no listener to
wait for and nothing to clean up.
"""

from __future__ import annotations

import os
import socket
import sys

from hmp.qmp.blocking import BUSY, BlockingConnection
from hmp.qmp.errors import ConnectError, MachineGoneError, QMPError
from hmp.targets.guard import Guarded, GuardedCommand, how_it_ended, start
from hmp.targets.standard_error import StandardError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hmp.qmp.exchange import Trace

_START_LIMIT = 60.0
"""Seconds that a QEMU has to start by default; loading a large image takes time."""
_END_LIMIT = 5.0


class StartError(ConnectError):
    """A QEMU ended before it greeted: how, and QEMU's own reason, a line or empty."""

    def __init__(self, ending: str, reason: str) -> None:
        super().__init__(f"{ending}: {reason}" if reason else ending)
        self.ending = ending
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.ending, self.reason)


class Launched(BlockingConnection):
    """The connection to a QEMU that `launch` started; closing it ends the QEMU too.

    end_limit: seconds the QEMU may take to exit before it is killed.
    """

    def __init__(
        self,
        process: Guarded,
        errors: StandardError,
        sock: socket.socket,
        name: str,
        *,
        timeout: float | None,
        wait: float | None,
        trace: Trace | None,
        end_limit: float,
    ) -> None:
        self.process = process
        self.errors = errors
        self.end_limit = end_limit
        self._deaf = False
        limit = _start_limit(timeout, wait)
        super().__init__(sock, name, timeout=timeout, trace=trace, connect_limit=limit)

    def gone(self) -> MachineGoneError:
        """Return the error that says how QEMU ended."""
        return MachineGoneError(f"{self.name} {_ending(self.process, self.end_limit)}")

    def limit(self, command: str) -> float | None:
        """Return how long to wait for a reply, as our own QEMU may have been stopped."""
        if command == "quit" and self.timeout is None:
            return self.end_limit
        return self.timeout

    def no_reply(self, command: str, limit: float) -> QMPError | MachineGoneError:
        """Return the error for a missing reply; a QEMU that hangs is ended."""
        if command != "quit":
            return super().no_reply(command, limit)
        self._deaf = True
        return MachineGoneError(f"{self.name} does not answer, and has been terminated")

    def close(self) -> None:
        """Ask QEMU to quit, close the socket, and end every process that was started."""
        if not self.process.ours:
            super().close()
            return
        if not self._deaf and self._leaves():
            self.process.wait(self.end_limit)
        super().close()
        self.process.end(self.end_limit)
        self.errors.finish(self.end_limit)

    def _leaves(self) -> bool:
        """Ask QEMU to quit; return whether it has closed the connection."""
        try:
            self.socket.settimeout(self.end_limit)
            self.socket.send(self.session.request("quit", None)[1])
            # QEMU drops pending commands when its client disconnects
            while self.socket.recv(1 << 16):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass  # it was closed before
        return True


def launch(
    argv: Sequence[str],
    *,
    timeout: float | None = None,
    wait: float | None = None,
    trace: Trace | None = None,
    end_limit: float = _END_LIMIT,
) -> Launched:
    """Start a QEMU by its command line and connect to it.

    wait: seconds that it has to start; by default the timeout, or a minute without one.

    Its standard input is empty and its standard output goes to our standard error,
    since the monitor uses both of ours. It ends when we do, with every process it has
    started; see `hmp.targets.guard`. Raises ConnectError when it cannot be started,
    StartError when it ends before it greets.
    """
    ours, theirs = socket.socketpair()
    name = os.path.basename(argv[0])
    fd = theirs.fileno()
    # one more monitor, whatever monitors the command line has itself
    added = ["-chardev", f"socket,id=hmp-monitor,fd={fd}"]
    added += ["-qmp", "chardev:hmp-monitor"]
    # what was written so far comes before what QEMU writes there
    if sys.stderr is not None:  # our caller may have closed it
        sys.stderr.flush()
    errors = StandardError()
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        streams = nothing, 2, errors.write
        command = GuardedCommand([*argv, *added], keep=(fd,), streams=streams)
        process = start(command, end_limit)
    except OSError as error:
        ours.close()
        raise ConnectError(f"cannot start {argv[0]}: {error.strerror}") from error
    finally:
        theirs.close()
        os.close(nothing)
        errors.follow()
    try:
        launched = Launched(
            process,
            errors,
            ours,
            name,
            timeout=timeout,
            wait=wait,
            trace=trace,
            end_limit=end_limit,
        )
        launched.settle()
        return launched
    except MachineGoneError as error:
        process.end(end_limit)
        # BUSY would blame another client, and this pair of sockets has none
        if BUSY not in str(error):
            errors.finish(end_limit)
            reason = errors.reason().removeprefix(f"{name}: ")
            raise StartError(str(error), reason) from error
        limit = _start_limit(timeout, wait)
        raise ConnectError(f"{name} did not answer within {limit:g} s") from error
    except BaseException:
        process.end(end_limit)
        raise


def _start_limit(timeout: float | None, wait: float | None) -> float:
    """Return the seconds until a QEMU must have sent its greeting."""
    if wait is not None:
        return wait
    return _START_LIMIT if timeout is None else timeout


def _ending(process: Guarded, limit: float) -> str:
    """Describe how the process ended; its socket closes slightly earlier."""
    status = process.wait(limit)
    return "closed the connection" if status is None else how_it_ended(status)

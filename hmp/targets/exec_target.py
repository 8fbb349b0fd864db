"""``exec:COMMAND``: a machine's monitor on a program's standard streams.

For what only another program reaches: ``exec:sudo socat - UNIX:/run/vm.qmp``,
``exec:kubectl exec -i POD -- socat - UNIX:/run/qmp``. The command is split into words as a
shell would, but runs without one; for a shell's own features, ``exec:sh -c '…'``.
"""

from __future__ import annotations

import shlex
import socket

from hmp.qmp.errors import ConnectError, MachineGoneError
from hmp.qmp.secrets import mask_target
from hmp.qmp.stream import Stream
from hmp.targets.companion import Companion
from hmp.targets.questions import terminal_access
from hmp.targets.target import StreamTarget

_GRACE = 0.5
"""Seconds that a program gets to end when its input ends."""


class ExecTarget(StreamTarget):
    """A program, by its words; text: the target as typed."""

    __slots__ = ("text", "words")
    connect_limit = 30.0  # it may ask for a password

    def __init__(self, text: str, words: list[str]) -> None:
        self.text = text
        self.words = words

    def __str__(self) -> str:
        return mask_target(self.text)

    def diagnosed(
        self, error: MachineGoneError, name: str = "", wanted: str = ""
    ) -> MachineGoneError:
        """Return the error with the reason; see `StreamTarget.diagnosed`."""
        if not isinstance(error.__cause__, TimeoutError):
            return error
        reason = f"no answer; {self.words[0]} runs, but nothing greets through it"
        return ConnectError(f"cannot connect to {name or self}: {reason}")

    def connect(self, timeout: float) -> socket.socket:
        """Start the program; see `StreamTarget.connect`."""
        ours, theirs = socket.socketpair()
        try:
            fd = theirs.fileno()
            program = Companion(self.words, (fd, fd), terminal_access())
        except BaseException:
            ours.close()
            raise
        finally:
            # only the program may have it, so that its end is the end of the stream
            theirs.close()
        program.follow()
        return Stream(ours, _Running(program))


class _Running:
    """The program of one connection."""

    def __init__(self, program: Companion) -> None:
        self.program = program

    def gone(self, name: str) -> MachineGoneError:
        """Return the error that says how it ended; see `Carrier.gone`."""
        ending = self.program.ending() or "closed its output"
        return MachineGoneError(f"{self.program.name} {ending}")

    def opened(self) -> None:
        """Show the program's messages from now on; see `Carrier.opened`."""
        self.program.show_all()

    def release(self) -> None:
        """End it; its input has ended already. See `Carrier.release`."""
        self.program.end(_GRACE)


def parse_exec(text: str) -> ExecTarget:
    """Read ``exec:COMMAND``. Raises ValueError."""
    try:
        words = shlex.split(text.partition(":")[2])
    except ValueError as error:
        raise ValueError(f"'{mask_target(text)}': {str(error).lower()}") from error
    if not words:
        raise ValueError("'exec:' needs a command")
    if "\0" in text:
        raise ValueError("a command cannot contain a NUL character")
    return ExecTarget(text, words)

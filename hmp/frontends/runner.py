"""Runs the lines of front ends without a prompt; the message after Ctrl-C, for all of them.

A `Runner` runs the lines of a script, or of a program that a monitor is served to. Lines go
in as read; comments end here, the rest goes to the monitor, and each `Call` that comes back
is given to the front end, which only writes. People at a prompt have more than that:
`hmp.frontends.session_runner`.
"""

from __future__ import annotations

from hmp.monitor.call import Call
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.line import is_comment, is_comment_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.monitor.monitor import Monitor


class LineFrontEnd(FrontEnd):
    """A front end that reads lines: the interface that `Runner` needs."""

    runner: Runner

    def show_call(self, call: Call) -> None:
        """Show the result of a line, or its error."""
        raise NotImplementedError

    async def run_line(self, text: str) -> bool:
        """Run another line and show its result; return whether it succeeded."""
        return await self.runner.run(text)


def interrupted(monitor: Monitor) -> str:
    """Return the message for a line that Ctrl-C has stopped."""
    call = monitor.call
    if call.continues:
        return f"stopped waiting; {call.continues}"
    if call.done:
        return ""  # between two lines of a file, for example
    if call.endless and not call.may_change:
        return ""
    from hmp.qmp.halted import halted  # late: it is rare

    # a machine that reads its commands later may carry out a change then
    late = "; the machine may still carry it out" if call.may_change else ""
    why = halted(monitor.connection.pid)
    return f"stopped waiting{late}{f': {why}' if why else ''}"


def is_command(data: bytes) -> bool:
    """Return whether a line is more than blanks or a comment."""
    return bool(data.strip()) and not is_comment_bytes(data)


def not_run(count: int, where: str = "") -> str:
    """Return the sentence about lines that were not run."""
    return (
        f"1 line{where} was not run" if count == 1 else f"{count} lines{where} were not run"
    )


class Runner:
    """Runs lines on a monitor, and gives their results to the front end."""

    def __init__(self, monitor: Monitor, front: LineFrontEnd) -> None:
        self.monitor = monitor
        self._front = front

    async def run_bytes(self, data: bytes, source: str = "", number: int = 0) -> bool:
        """Run a line that may not be text; return whether it succeeded.

        source, number: the file that contains it, if any, and its number there.
        """
        # before it is decoded, since a comment may be in any encoding
        if is_comment_bytes(data):
            return True
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            place = f"{source}:{number}: " if source else ""
            return self._show(self._undecodable(data, error, place))
        call = await self.monitor.run(text)
        return call is None or self._show(call)

    async def run(self, text: str) -> bool:
        """Run a line; return whether it succeeded. Raises MachineGoneError."""
        call = None if is_comment(text) else await self.monitor.run(text)
        return call is None or self._show(call)

    def _show(self, call: Call) -> bool:
        self._front.show_call(call)
        return call.error is None

    def _undecodable(self, data: bytes, error: UnicodeDecodeError, place: str) -> Call:
        line = self.monitor.parse(data.decode(errors="backslashreplace"))
        call = Call(line, self.monitor.qmp.version, 0)
        reason = f"{place}the line is not valid UTF-8 at byte {error.start + 1}"
        call.error = CommandFailedError(f"Error: {reason}\n")
        return call

"""The script front end: lines from a pipe, a file or the command line.

Lines run as they arrive, one after the other; their output is flushed before the program
waits for more input. Neither prompt_toolkit nor Rich nor asyncio is needed here: handlers
are driven by hand, since a blocking connection never suspends them. `hmp.cli` picks the
writer that formats the results.
"""

from __future__ import annotations

from hmp.display.sink import show_message
from hmp.frontends.lines import Lines
from hmp.frontends.runner import LineFrontEnd, Runner, interrupted, is_command, not_run
from hmp.monitor.call import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        Callable,
        Coroutine,
        Iterator,
        Sequence,
    )
    from typing import Any, TypeVar

    from hmp.display.output import Writer
    from hmp.monitor.call import Call
    from hmp.monitor.events import Event
    from hmp.monitor.monitor import Monitor

    Value = TypeVar("Value")
    Driver = Callable[[Coroutine[Any, Any, Value]], Value]
    """Runs a coroutine to its end."""


def drive(coroutine: Coroutine[object, None, Value]) -> Value:
    """Run a coroutine that never suspends, and return its value.

    Exceptions pass through. A coroutine that suspends after all gets a RuntimeError at the
    point where it waits.
    """
    try:
        coroutine.send(None)
        coroutine.throw(RuntimeError("needs an event loop, and a script has none"))
    except StopIteration as stop:
        value: Value = stop.value
        return value
    raise RuntimeError("the coroutine did not finish")


def driven(values: AsyncGenerator[Value, None]) -> Iterator[Value]:
    """Yield what an asynchronous generator that never suspends does; see `drive`."""
    while True:
        try:
            value = drive(values.__anext__())
        except StopAsyncIteration:
            return
        yield value


def answer(monitor: Monitor, text: str) -> str:
    """Run a line and return the monitor's text for it, result or error.

    For human-monitor-command of a machine in this process.
    """
    call = drive(monitor.run(text))
    return "" if call is None else shown(call)


class Script(LineFrontEnd):
    """Runs lines one after the other on a monitor and shows their results.

    stop_on_error: end at the first command that fails. driver: runs the handlers'
    coroutines. before_line: called before each line. failed: whether any command has
    failed. more: whether more lines may come after ``quit`` than were counted. advises:
    whether to add what to do about a line that only a session understands; a program that
    reads QEMU's monitor would take that for its text.
    """

    local = True
    advises = False
    more = False

    def __init__(
        self,
        monitor: Monitor,
        writer: Writer,
        stop_on_error: bool,
        driver: Driver[bool] = drive,
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.runner = Runner(monitor, self)
        self.writer = writer
        self.stop_on_error = stop_on_error
        self.drive = driver
        self.before_line: Callable[[], None] = lambda: None
        self.failed = False
        self._next = ""  # the query of the next line, where it has been looked at
        self.detailed = writer.detailed
        monitor.front = self

    def before_wait(self) -> None:
        """Flush the output of earlier lines, since this line may take long."""
        self.writer.flush()

    def show_event(self, event: Event) -> None:
        """Write an event to the results at once."""
        self.writer.event(event)

    def has_reader(self) -> bool:
        """Return whether the results still have a reader."""
        return self.writer.out.has_reader()

    def warn(self, text: str) -> bool:
        """Show a warning on standard error."""
        from hmp.display.sanitise import one_line  # late: it is rare

        self.writer.complain(f"hmp: {one_line(text)}\n")
        return True

    def trace(self, on: bool) -> None:
        """Show the QMP messages on standard error, or stop doing so."""
        self.monitor.show_messages(show_message if on else None)

    def show_call(self, call: Call) -> None:
        """Write the result of a line, or its error."""
        advice = ""
        if call.error is not None and self.advises:
            from hmp.frontends.shell import needs_session  # late, since few lines fail

            advice = needs_session(call.line)
            call.hint = advice or call.hint
        if call.error is not None and self.monitor.connection.demonstration:
            # no program expects QEMU's bare text of it
            advice = call.hint
        self.writer.show(call)
        # a presentation may have failed as well
        self.failed = self.failed or call.error is not None
        if advice and not self.detailed:
            self.writer.complain(f"{advice}\n")

    async def read_file(self, path: str) -> bytes:
        """Return the contents of a file. Raises OSError."""
        from hmp.frontends.files import read_file  # late, since few need it

        return read_file(path, seconds=self.monitor.connection.timeout)

    def run(self, lines: Lines | Sequence[bytes], source: str = "") -> bool:
        """Run the lines; return whether the caller should run more.

        source: the file that contains them, if any. Raises MachineGoneError and OSError,
        BrokenPipeError included.
        """
        lines = lines if isinstance(lines, Lines) else Lines([lines])
        for number, data in enumerate(lines, 1):
            self.before_line()
            self._look_ahead(data, lines.following)
            well = self.drive(self.runner.run_bytes(data, source, number))
            if not well and self.stop_on_error:
                return False
            if self.monitor.ended:
                self.skip(lines)
                return False
        return True

    def skip(self, lines: Lines | Sequence[bytes]) -> None:
        """Count lines that come after ``quit``, for `report_unrun`."""
        lines = lines if isinstance(lines, Lines) else Lines([lines])
        self.unrun += sum(map(is_command, lines.rest()))
        self.more = self.more or not lines.over

    def _look_ahead(self, data: bytes, following: bytes) -> None:
        """Let the connection send the next line's query before this one is shown.

        Only if both lines do no more than ask, so that their order does not matter. A
        recording and a trace show line after line.
        """
        monitor = self.monitor
        connection = monitor.connection
        if not connection.looks_ahead:
            return
        query, self._next = self._next, ""
        if (
            not monitor.recordings
            and connection.trace is None
            and (query or self._query(data))
        ):
            self._next = self._query(following)
        connection.foresee(self._next)

    def _query(self, data: bytes) -> str:
        """Return the QMP command that is all a line needs; empty if it needs more."""
        return self.monitor.parse(data.decode(errors="replace")).query

    def report_unrun(self) -> None:
        """Say how many lines came after ``quit``, if any."""
        if self.unrun:
            missed = not_run(self.unrun, " after 'quit'")
            self.warn(f"at least {missed}" if self.more else missed)

    def part(self) -> None:
        """Report what was not run, and dismiss the jobs that the lines have left."""
        self.report_unrun()
        if self.monitor.left_jobs:
            self.drive(self._leave_jobs())

    async def _leave_jobs(self) -> bool:
        # late: hardly any line leaves one
        from hmp.monitor.jobs import PARTING, leave_jobs, left_behind

        self.monitor.connection.timeout = PARTING
        await leave_jobs(self.monitor)
        return all(map(self.warn, left_behind(self.monitor)))

    def interrupted(self) -> None:
        """Name the work that the machine continues after Ctrl-C, if any."""
        if self.monitor.call.continues:
            self.writer.complain(f"hmp: {interrupted(self.monitor)}\n")

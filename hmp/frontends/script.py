"""The script front end: lines from a pipe, a file or the command line.

Lines run as they arrive, one after the other; their output is flushed before the program
waits for more input. Neither prompt_toolkit nor Rich nor asyncio is needed here: handlers
are driven by hand, since a blocking connection never suspends them. `hmp.cli` picks the
writer that formats the results.
"""

from __future__ import annotations

import os

from hmp.display.sink import show_message
from hmp.frontends.runner import LineFrontEnd, Runner, interrupted
from hmp.monitor.call import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Any, TypeVar

    from hmp.display.output import Writer
    from hmp.monitor.call import Call
    from hmp.monitor.events import Event
    from hmp.monitor.monitor import Monitor

    Value = TypeVar("Value")
    Driver = Callable[[Coroutine[Any, Any, Value]], Value]
    """Runs a coroutine to its end."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Written by some editors at the beginning of a file."""
_CHUNK = 1 << 16


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


def answer(monitor: Monitor, text: str) -> str:
    """Run a line and return the monitor's text for it, result or error.

    For human-monitor-command of a machine in this process.
    """
    call = drive(monitor.run(text))
    return "" if call is None else shown(call)


class Script(LineFrontEnd):
    """Runs lines one after the other on a monitor and shows their results.

    stop_on_error: end at the first command that fails. driver: runs the handlers'
    coroutines. failed: whether any command has failed.
    """

    local = True

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
        self.failed = False
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
        self.writer.complain(f"hmp: {text}\n")
        return True

    def trace(self, on: bool) -> None:
        """Show the QMP messages on standard error, or stop doing so."""
        self.monitor.show_messages(show_message if on else None)

    def show_call(self, call: Call) -> None:
        """Write the result of a line, or its error."""
        self.writer.show(call)
        self.failed = self.failed or call.error is not None

    async def read_file(self, path: str) -> bytes:
        """Return the contents of a file. Raises OSError."""
        from hmp.frontends.files import read_file  # late, since few need it

        return read_file(path)

    def run(self, lines: Iterable[bytes], source: str = "") -> bool:
        """Run the lines; return whether the caller should run more.

        source: the file that contains them, if any. Raises MachineGoneError and OSError,
        BrokenPipeError included.
        """
        for number, data in enumerate(lines, 1):
            well = self.drive(self.runner.run_bytes(data, source, number))
            if not well and self.stop_on_error:
                return False
            if self.monitor.ended:
                return False
        return True

    def interrupted(self) -> None:
        """Name the work that the machine continues after Ctrl-C, if any."""
        if self.monitor.call.continues:
            self.writer.complain(f"hmp: {interrupted(self.monitor)}\n")


def read_lines(fd: int, before_wait: Callable[[], None]) -> Iterator[bytes]:
    """Yield the lines of a descriptor as they arrive, without their line ends.

    before_wait: called before each read, which may block.
    """
    splitter = LineSplitter()
    while True:
        before_wait()
        chunk = _read(fd)
        if not chunk:
            break
        yield from splitter.feed(chunk)
    yield from splitter.end()


class LineSplitter:
    """Cuts lines out of the chunks of a script, in time linear in what is read."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and yield the lines that it completes, without their ends."""
        if self._first:
            chunk, self._first = chunk.removeprefix(BYTE_ORDER_MARK), False
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            whole = b"".join([*self._begun, line]) if self._begun else line
            self._begun = []
            yield whole[:-1] if whole[-1:] == b"\r" else whole
        if rest:
            self._begun.append(rest)

    def end(self) -> Iterator[bytes]:
        """Yield the last line, if it has no end."""
        if self._begun:
            yield b"".join(self._begun)


def _read(fd: int) -> bytes:
    """Read the available bytes, waiting for the first; empty at the end."""
    while True:
        try:
            return os.read(fd, _CHUNK)
        except BlockingIOError:
            # another program made it non-blocking
            from select import select

            select([fd], [], [])


def split_lines(data: bytes) -> list[bytes]:
    """Split the text of a file or a ``-c`` option into its lines."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    return [line.removesuffix(b"\r") for line in data.split(b"\n")]

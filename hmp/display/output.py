"""Writing results and errors: as text or Rich views, on two streams.

A writer turns a `Call` into one of the output formats. Standard output is flushed before
anything is written to standard error, so that both are in order on a terminal.
"""

from __future__ import annotations

import os

from hmp.monitor.call import presented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.display.sink import Sink
    from hmp.monitor.call import Call
    from hmp.monitor.events import Event


class Writer:
    """Shows calls on two sinks; base of the output formats.

    detailed: whether it shows more than QEMU's own text.
    """

    detailed = True

    def __init__(self, out: Sink, err: Sink) -> None:
        self.out = out
        self.err = err

    def show(self, call: Call) -> None:
        """Show the result of a call, or its error."""
        text = presented(call, self.result)
        if call.error is None:
            self.out.write(text)
        else:
            self.failure(call)
        self.out.relieve()

    def result(self, call: Call) -> str:
        """Return the output for a call that succeeded."""
        raise NotImplementedError

    def piped(self, call: Call) -> str:
        """Return the output of a call for a program, or a file."""
        return call.lines()

    def event(self, event: Event) -> None:
        """Write an event at once. Raises OSError."""
        from hmp.display.event_text import event_line  # late, since most see no event

        self.out.write(f"{event_line(event)}\n")
        self.out.flush()

    def failure(self, call: Call) -> None:
        """Show the error of a call."""
        self.complain(call.error_text())

    def complain(self, text: str) -> None:
        """Write to standard error, after flushing standard output."""
        self.out.flush()
        self.err.write(text)
        self.err.flush()

    def flush(self) -> None:
        """Flush both streams; an embedded machine may write to either."""
        self.out.flush()
        self.err.flush()


class TextWriter(Writer):
    """Writes QEMU's own text byte for byte, but with plain line ends."""

    detailed = False

    def result(self, call: Call) -> str:
        """Return the text of the value."""
        return call.text()


class RichWriter(Writer):
    """Writes views, or the text of a command that has no view."""

    def show(self, call: Call) -> None:
        """Write the view or the error of a call."""
        from hmp.display.richtext import present
        from hmp.display.screen import Screen

        text = present(call, Screen(self.out.fd, os.environ))
        if call.error is None:
            self.out.write(text, ours=True)
            self.out.relieve()
            return
        self.out.flush()
        self.err.write(text, ours=True)
        self.err.flush()

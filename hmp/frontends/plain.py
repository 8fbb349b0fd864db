"""The session on a dumb terminal, or with only one of input and output a terminal.

A prompt, a line, its output: no cursor movement, no colours, no prompt_toolkit. The
terminal does the editing. Events are printed before the prompt, and as they arrive while
it waits.
"""

from __future__ import annotations

import os
import select

from hmp.frontends.script import Script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hmp.display.output import Writer
    from hmp.display.sink import Sink
    from hmp.monitor.monitor import Monitor


class PlainSession(Script):
    """Runs lines from standard input; prompt and events go to one of the sinks."""

    interactive = True

    def __init__(
        self, monitor: Monitor, writer: Writer, prompts: Sink, *, yes: bool = False
    ) -> None:
        super().__init__(monitor, writer, stop_on_error=False)
        self.prompts = prompts
        self.yes = yes
        self.typed: list[str] = []
        monitor.listeners.append(self._on_event)

    def history(self) -> list[str]:
        """Return the lines that were typed."""
        return self.typed

    def _on_event(self, event: dict[str, Any]) -> None:
        from hmp.display.event_text import event_line

        if self.following:
            return
        self.prompts.write(f"{event_line(event)}\n")

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo."""
        from getpass import getpass

        self.prompts.flush()
        return getpass(prompt)

    async def confirm(self, question: str) -> bool:
        """Ask on the terminal; anything but "y" or "yes" means no. With -y: do not ask."""
        from hmp.display.sanitise import one_line

        if self.yes:
            return True
        self.prompts.write(f"{one_line(question)} [y/N] ")
        self.prompts.flush()
        return _read_line().strip().lower() in (b"y", b"yes")

    def run_session(self) -> bool:
        """Run lines until the end of input; return whether all of them succeeded.

        Ctrl-C cancels a line or a command, not the session. Raises MachineGoneError.
        """
        while not self.monitor.ended:
            try:
                self.run(self._lines())
                break
            except KeyboardInterrupt:
                self.prompts.write("\n")
        self.writer.flush()
        return not self.failed

    def _lines(self) -> Iterator[bytes]:
        name = "qemu" if self.monitor.qmp.has_hmp else "hmp"
        while True:
            self.writer.flush()
            self.prompts.write(f"({name}) ")
            self.prompts.flush()
            self._wait()
            line = _read_line()
            if not line:
                self.prompts.write("\n")
                self.prompts.flush()
                return
            text = line.rstrip(b"\r\n")
            shown = text.decode(errors="replace")
            if text and not self.monitor.parse(shown).holds_secret:
                self.typed.append(shown)
            yield text

    def _wait(self) -> None:
        """Wait for input, and show the events that arrive meanwhile."""
        qmp = self.monitor.connection
        if qmp.fileno() < 0:
            return
        qmp.take_buffered()
        self.prompts.flush()
        while True:
            readable, _, _ = select.select([0, qmp.fileno()], [], [])
            if qmp.fileno() in readable:
                qmp.take_events()
                self.prompts.flush()
            if 0 in readable:
                return


def _read_line() -> bytes:
    """Read one line; a terminal returns at most one line from each read."""
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(0, 4096)
        if not chunk:
            break
        line += chunk
    return line

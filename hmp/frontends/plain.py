"""The session on a dumb terminal, or with only one of input and output a terminal.

A prompt, a line, its output: no cursor movement, no colours, no prompt_toolkit. The
terminal does the editing, and Tab lists what can be typed. Events are printed before the
prompt, and as they arrive while it waits.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import nullcontext
from threading import Timer
from time import localtime, sleep, strftime
from typing import TYPE_CHECKING

from hmp.display.output import RichWriter
from hmp.display.sanitise import one_line, sanitise
from hmp.display.sink import show_message
from hmp.frontends.base_session import Session
from hmp.frontends.cooked import TAB, end_of_line, read_piece, run_program, unseen
from hmp.frontends.files import read_file, write_file
from hmp.frontends.history_file import history_path
from hmp.frontends.line_candidates import fill, insertion, line_candidates
from hmp.frontends.runner import interrupted
from hmp.frontends.script import drive
from hmp.frontends.session_runner import program_problem
from hmp.frontends.state import banner
from hmp.monitor import waiting
from hmp.monitor.call import Call, presented
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.secrets import mask_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hmp.completion.candidates import Candidate
    from hmp.display.output import Writer
    from hmp.display.sink import Sink
    from hmp.frontends.config import Config
    from hmp.frontends.script import Driver
    from hmp.frontends.shell import Redirect
    from hmp.frontends.state import MachineState
    from hmp.monitor.events import Event
    from hmp.monitor.kinds import Kind, Word
    from hmp.monitor.monitor import Monitor

_LISTED = 100
"""The most candidates that are listed."""


class PlainSession(Session):
    """Runs lines from standard input; prompt and events go to one of the sinks.

    failed: whether any line has failed.
    """

    local = True

    def __init__(
        self,
        monitor: Monitor,
        writer: Writer,
        prompts: Sink,
        config: Config,
        kinds: Mapping[str, Kind],
        driver: Driver[Any] = drive,
        state: MachineState | None = None,
    ) -> None:
        super().__init__(monitor, config, kinds, history_path(config), state)
        self.writer = writer
        self.prompts = prompts
        self.kinds = kinds
        self.drive = driver
        self.detailed = writer.detailed
        self.failed = False
        self._misread = False
        self._events = monitor.event_log()

    # The front end for handlers

    def note_event(self, event: Event) -> None:
        """Keep an event for the next look at the prompt."""
        self._events.add(event)

    def write_event(self, event: Event) -> None:
        """Write an event to the results at once."""
        self.writer.event(event)

    def has_reader(self) -> bool:
        """Return whether the results, or the pipe of this line, still have a reader."""
        return super().has_reader() and self.writer.out.has_reader()

    def before_wait(self) -> None:
        """Flush the output of earlier lines, since this line may take long."""
        super().before_wait()
        self.writer.flush()

    def later(self, seconds: float, work: Callable[[], None]) -> Timer:
        """Return what calls a function after some seconds, while a line waits."""
        timer = Timer(seconds, work)  # a thread: the connection blocks this one
        timer.daemon = True
        timer.start()
        return timer

    def tell_of_wait(self, why: str) -> None:
        """Show that a line waits for the machine, and why."""
        self.tell(f"no answer yet; Ctrl-C stops waiting{': ' if why else ''}{why}")

    def warn(self, text: str) -> bool:
        """Show a warning."""
        self._write(f"hmp: {one_line(text)}\n")
        return True

    def tell(self, text: str) -> None:
        """Show a sentence."""
        self._write(f"{one_line(text)}\n")

    def trace(self, on: bool) -> None:
        """Show the QMP messages on standard error, or stop doing so."""
        self.monitor.show_messages(show_message if on else None)

    async def read_file(self, path: str) -> bytes:
        """Return the contents of a file. Raises OSError."""
        return read_file(path, seconds=self.monitor.connection.timeout)

    async def ask(self, prompt: str, *, secret: bool = False) -> str | None:
        """Return the answer to a question; None at the end of input, or after Ctrl-C."""
        self.before_wait()
        try:
            with unseen() if secret else nullcontext():
                self._write(prompt)
                answer = read_piece()
        except KeyboardInterrupt:
            answer = b""
        # the terminal has echoed neither an unseen answer's Enter nor Ctrl-D or Ctrl-C
        if secret or not answer:
            self._write("\n")
        return answer.decode(errors="replace").rstrip("\r\n") if answer else None

    async def watch(self, text: str, interval: float, field: str | None) -> None:
        """Run a line every interval seconds, until Ctrl-C."""
        if field is not None:
            raise CommandFailedError("Error: plots need a terminal that can draw\n")
        self.monitor.call.endless = True
        while True:
            clock = strftime("%H:%M:%S", localtime())
            line = one_line(mask_line(text))
            self._write(f"every {interval:g} s: {line}   {clock}   (Ctrl-C ends it)\n")
            await self.runner.run(text)
            self.writer.flush()
            if self._misread:
                raise CommandFailedError("Error: watch cannot run this line\n")
            await waiting.sleep(self.monitor, interval)

    # The front end for the runner

    async def present(self, call: Call, typed: bool) -> str:
        """Show the result of a line, or its error."""
        self._misread = call.misread
        self.writer.show(call)
        if call.error is not None and call.hint and not isinstance(self.writer, RichWriter):
            self.writer.complain(f"{one_line(call.hint)}\n")
        return ""

    async def repeat(self, line: str) -> None:
        """Show a line that was recalled."""
        self._write(f"{one_line(line)}\n")

    async def say(self, text: str) -> None:
        """Show text that hmp itself has made."""
        self._write(text)

    async def text(self, call: Call) -> str:
        """Return a result as text for a program or a file."""
        return presented(call, self.writer.piped)

    async def send(self, text: str, redirect: Redirect) -> str:
        """Send text to a shell command or a file; return the error, or empty."""
        if redirect.kind == "|":
            return self._run(redirect.target, sanitise(text))
        path = os.path.expanduser(redirect.target)
        try:
            limit = self.monitor.connection.timeout
            write_file(path, text, redirect.kind == ">>", seconds=limit)
        except OSError as error:
            return f"cannot write {path}: {error.strerror}"
        return ""

    async def shell(self, command: str) -> str:
        """Run a shell command on the terminal; return the error, or empty."""
        return self._run(command)

    def _run(self, command: str, text: str | None = None) -> str:
        self.writer.flush()
        return program_problem(command, run_program(command, text), piped=text is not None)

    async def show_part(self, call: Call, stopped: bool) -> None:
        """Show what has come of a line so far."""
        if stopped:
            self._write("\n")
        await self.present(call, typed=False)

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        sleep(seconds)

    # The loop

    def _write(self, text: str) -> None:
        self.writer.flush()
        self.prompts.write(text)
        self.prompts.flush()

    def run_session(self) -> bool:
        """Run lines until the end of input; return whether all of them succeeded.

        Ctrl-C cancels a line or a command, not the session. Raises MachineGoneError.
        """
        for number in (signal.SIGTERM, signal.SIGHUP):
            # so that the terminal is restored
            signal.signal(number, lambda came, frame: sys.exit(128 + came))
        self._write(banner(self.monitor))
        with end_of_line(TAB):
            self._run_session()
        if self.monitor.left_jobs:
            self.drive(self._leave_jobs())
        self.past.trim()
        self.writer.flush()
        return not self.failed

    async def _leave_jobs(self) -> None:
        from hmp.monitor.jobs import PARTING, leave_jobs, left_behind

        self.monitor.connection.timeout = PARTING
        await leave_jobs(self.monitor)
        for line in left_behind(self.monitor):
            self.warn(line)

    def _run_session(self) -> None:
        begun = False
        while not self.monitor.ended:
            try:
                if not begun:
                    begun = True  # Ctrl-C ends the wait for a machine that hangs
                    self.drive(self.state.look_up())
                self._run_lines()
                break
            except KeyboardInterrupt:
                said = interrupted(self.monitor)
                self._write(f"\n{one_line(said)}\n" if said else "\n")

    def _run_lines(self) -> None:
        while not self.monitor.ended:
            line = self._read_line()
            if line is None:
                self._write("\n")
                return
            self.failed = not self._run_bytes(line) or self.failed
            if self.state.may_be_old:
                self.drive(self.state.look_up())

    def _run_bytes(self, data: bytes) -> bool:
        try:
            line = data.decode()
        except UnicodeDecodeError as error:
            self._write(f"Error: the line is not valid UTF-8 at byte {error.start + 1}\n")
            return False
        self.past.add(line)
        self.say_what_is_not_kept()
        well: bool = self.drive(self.runner.run_typed(line))
        return well

    def _read_line(self) -> bytes | None:
        """Return a line; None at the end of input."""
        text = b""
        while True:
            self._write_events()
            parts = self.state.prompt(self.config.prompt)
            shown = text.decode(errors="replace")
            self._write("".join(part for _, part in parts) + one_line(shown))
            self._wait()
            piece = read_piece()
            if not piece and not text:
                return None
            text += piece
            if not piece.endswith(TAB):
                return text.rstrip(b"\r\n")
            self._write("\n")
            typed = text[: -len(TAB)].decode(errors="surrogateescape")
            text = self._completed(typed).encode(errors="surrogateescape")

    def _write_events(self) -> None:
        self._write("".join(f"{one_line(line)}\n" for line in self._events.take()))

    def _wait(self) -> None:
        """Wait for input, and show the events that arrive meanwhile."""
        qmp = self.monitor.connection
        if qmp.fileno() < 0:
            return
        # its descriptor is not readable for what has been read already
        qmp.take_buffered()
        while True:
            self._write_events()
            readable, _, _ = select.select([0, qmp.fileno()], [], [])
            if qmp.fileno() in readable:
                qmp.take_events()
            if 0 in readable:
                return

    # Completion

    def _completed(self, text: str) -> str:
        """Complete a line by the common beginning of its candidates; list several."""
        found = self._candidates(text)
        found = [c for c in found if c.begins] or found
        written = ((candidate, insertion(candidate, text)) for candidate in found)
        offered = [(c, inserted) for c, inserted in written if inserted is not None]
        filled = fill(offered, text)
        if len(offered) > 1 or filled == text:
            self._list([candidate for candidate, _ in offered])
        return filled

    def _candidates(self, text: str) -> list[Candidate]:
        """Return the candidates, once the machine's words are known."""
        self.word_cache.requested = True
        try:
            self._look(text)
            for kind, context in self.word_cache.take_wanted():
                self.word_cache.store(kind, context, self._words(kind, context))
            return self._look(text)
        finally:
            self.word_cache.requested = False

    def _look(self, text: str) -> list[Candidate]:
        table, look = self.monitor.commands, self.word_cache.look
        return line_candidates(text, table, self.aliases, look, self.kinds)

    def _words(self, kind: Kind, context: str) -> tuple[Word, ...] | None:
        try:
            found: tuple[Word, ...] = self.drive(self.monitor.words(kind, context))
            return found
        except Exception:  # a machine that fails, or replies nonsense, yields no words
            return None

    def _list(self, found: list[Candidate]) -> None:
        for candidate in found[:_LISTED]:
            name = one_line(candidate.name or candidate.text)
            self.prompts.write(f"{name}  {one_line(candidate.about)}".rstrip() + "\n")
        if len(found) > _LISTED:
            self.prompts.write(f"... and {len(found) - _LISTED} more\n")

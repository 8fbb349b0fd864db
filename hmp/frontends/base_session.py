"""What all sessions have in common, with or without a screen editor."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hmp.completion.cache import WordCache
from hmp.display.event_text import event_line
from hmp.display.sanitise import one_line
from hmp.frontends.history_file import LineHistory
from hmp.frontends.parsing import LineParser
from hmp.frontends.session_runner import PromptFrontEnd, SessionRunner
from hmp.frontends.shell import expand_near
from hmp.frontends.state import MachineState
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.secrets import mask_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Protocol

    from hmp.frontends.config import Config
    from hmp.monitor.events import Event
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor

    class Timer(Protocol):
        """What calls a function later."""

        def cancel(self) -> object:
            """Call it no more."""
            ...


_PATIENCE = 2.0
"""Seconds until a line that waits for the machine says so."""


class Session(PromptFrontEnd):
    """A monitor that a user works with: history, aliases, state, questions, events.

    kinds: kinds by type letter, for arguments whose entry declares none. history: the
    path of the history file; None to keep the lines in memory. state: what the prompt
    shows; None: the machine's.
    """

    def __init__(
        self,
        monitor: Monitor,
        config: Config,
        kinds: Mapping[str, Kind],
        history: str | None,
        state: MachineState | None = None,
    ) -> None:
        super().__init__()
        self.monitor = monitor
        self.config = config
        self.confirms = config.confirm
        self.aliases.update(config.aliases)
        self.parse = LineParser(monitor, self.aliases)
        self.past = LineHistory(history, self.is_secret)
        self.state = state or MachineState(monitor)
        self.word_cache = WordCache()
        self.runner = SessionRunner(monitor, self, self.word_cache, kinds)
        self._complained = False
        self._patience: Timer | None = None
        monitor.front = self
        monitor.listeners.append(self._on_event)

    def is_secret(self, line: str) -> bool:
        """Return whether a line, or one that it expands to as an alias, has a secret."""
        return mask_line(line) != line or any(
            self.parse(each).holds_secret for each in expand_near(line, self.aliases)
        )

    def history(self) -> list[str]:
        """Return the lines of the session."""
        return self.past.lines

    def say_what_is_not_kept(self) -> None:
        """Report an error of the history file once."""
        if self.past.problem and not self._complained:
            self._complained = self.warn(self.past.problem)

    # Events

    def _on_event(self, event: Event) -> None:
        self.state.on_event(event)
        self.word_cache.expire()
        if not self.following:
            self.note_event(event)

    def note_event(self, event: Event) -> None:
        """Show an event that no line follows, soon."""
        raise NotImplementedError

    def show_event(self, event: Event) -> None:
        """Show an event that a line follows, where its result goes."""
        if self.outlet is None:
            self.write_event(event)
        else:
            self.outlet.write(f"{event_line(event)}\n")

    def write_event(self, event: Event) -> None:
        """Write an event at once."""
        raise NotImplementedError

    def has_reader(self) -> bool:
        """Return whether the place of the events still has a reader."""
        try:
            return self.outlet is None or self.outlet.has_reader()
        except OSError as error:
            raise CommandFailedError(f"Error: cannot write: {error.strerror}\n") from error

    # Waiting

    def later(self, seconds: float, work: Callable[[], None]) -> Timer:
        """Return what calls a function after some seconds, while a line waits."""
        raise NotImplementedError

    def tell_of_wait(self, why: str) -> None:
        """Show that a line waits for the machine; why: the reason, if it is known."""
        raise NotImplementedError

    @contextmanager
    def patient(self) -> Generator[None]:
        """Tell the user if the line that runs within the block has no answer for long."""
        self.before_wait()  # as the line that runs this one has shown that it works
        self._patience = self.later(_PATIENCE, self._overdue)
        try:
            yield
        finally:
            self.before_wait()

    def before_wait(self) -> None:
        """Note that the line shows itself, or says, why it takes long."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _overdue(self) -> None:
        from hmp.qmp.halted import halted  # late: it is rare

        self.tell_of_wait(halted(self.monitor.connection.pid))

    # Questions

    async def ask(self, prompt: str, *, secret: bool = False) -> str | None:
        """Return the answer to a question; None if there was none.

        secret: do not show the answer.
        """
        raise NotImplementedError

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo."""
        answer = await self.ask(prompt, secret=True)
        if answer is None:
            raise CommandFailedError("", "no password was given")
        return answer

    async def confirm(self, question: str) -> bool:
        """Ask for confirmation, unless the user does not want to be asked."""
        if not self.confirms:
            return True
        answer = await self.ask(f"{one_line(question)} [y/N] ")
        return (answer or "").strip().lower() in ("y", "yes")

    async def confirm_typed(self, question: str, word: str) -> bool:
        """Ask for a word as confirmation, unless the user does not want to be asked."""
        if not self.confirms:
            return True
        answer = await self.ask(f"{one_line(question)} Type {word} to continue: ")
        return (answer or "").strip() == word

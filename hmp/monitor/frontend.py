"""The front end as handlers see it: the user, the screen, other lines.

Each front end derives from `FrontEnd` and overrides what it can do; the base class is the
behaviour of a script, which has neither a user nor a terminal.
"""

from __future__ import annotations

from hmp.monitor.errors import CommandFailedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.monitor.call import Call
    from hmp.monitor.events import Event


class FrontEnd:
    """A front end as handlers see it; this base class is for scripts.

    interactive: whether a user can answer questions. detailed: whether to show more than
    QEMU's own text. screen: whether pictures and redrawing make sense. local: whether
    lines come from the user who started this program rather than over a socket; only that
    user may read this host's files. expands: whether this front end has aliases; aliases:
    their lines by name. sourced: the files whose lines are being run, outermost first.
    stop_on_error: whether to stop at the first line that fails. ends_machine: whether the
    machine ends with the session, as one that hmp has started does. unrun: how many lines
    came after ``quit``. following: whether a
    command shows the events itself, so that the front end must not. shows_parts: whether
    `show_part` may be called while the line runs.
    """

    aliases: dict[str, list[str]]
    interactive = False
    detailed = False
    screen = False
    expands = False
    following = False
    local = False
    stop_on_error = False
    ends_machine = False
    shows_parts = False
    unrun: int = 0

    def __init__(self) -> None:
        self.aliases = {}
        self.sourced: list[str] = []

    def history(self) -> Iterable[str]:
        """Return the lines of the session, oldest first."""
        return ()

    def progress(self, what: str, done: int, total: int) -> None:
        """Show progress; total is 0 if it is not known."""

    def before_wait(self) -> None:
        """Called when a line begins to wait, perhaps for long: flush the output."""

    def show_event(self, event: Event) -> None:
        """Show an event at once, while the line that follows events still runs.

        Raises BrokenPipeError if the output has no reader any more.
        """

    async def show_part(self, call: Call, stopped: bool) -> None:
        """Show what has come of a line so far; stopped: the user has stopped waiting."""

    def has_reader(self) -> bool:
        """Return whether the output of a running line still has a reader.

        Raises CommandFailedError if output is only shown after the line has ended.
        """
        raise CommandFailedError("Error: events cannot be followed from here\n")

    def trace(self, on: bool) -> None:
        """Show the QMP messages as they pass, or stop doing so."""

    def warn(self, text: str) -> bool:
        """Show a warning at once; return whether it could be shown."""
        return False

    def tell(self, text: str) -> None:
        """Show a user a sentence beside the result; nothing in a script."""

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo. Raises CommandFailedError without a user."""
        text = "terminal does not support password prompting\n"
        raise CommandFailedError(text, text.strip())

    async def confirm(self, question: str) -> bool:
        """Ask for confirmation; return True if no user can answer."""
        return True

    async def confirm_typed(self, question: str, word: str) -> bool:
        """Ask for a word as confirmation; return True if no user can answer."""
        return True

    async def watch(self, text: str, interval: float, field: str | None) -> None:
        """Run a line every interval seconds and redraw its result, until Ctrl-C.

        field: the number to plot over time. Raises CommandFailedError without a terminal.
        """
        raise CommandFailedError("Error: watch needs a terminal\n")

    async def top(self, interval: float) -> None:
        """Show what the machine does on the whole screen, until the user leaves.

        Raises CommandFailedError without a terminal.
        """
        raise CommandFailedError(
            "Error: top needs a terminal that can draw; 'hmp --top' also writes text\n"
        )

    async def draw_screen(self, device: str | None, head: int | None) -> None:
        """Draw the guest's screen. Raises QMPError, CommandFailedError (no terminal)."""
        raise CommandFailedError("Error: drawing needs a terminal that can draw\n")

    async def browse(self) -> None:
        """Let the user browse the help. Raises CommandFailedError without a terminal."""
        raise CommandFailedError("Error: browsing needs a terminal that can draw\n")

    async def run_line(self, text: str) -> bool:
        """Run another line and show its result; return whether it succeeded."""
        raise CommandFailedError("Error: lines cannot be run from here\n")

    async def read_file(self, path: str) -> bytes:
        """Return a file of this host as bytes. Raises OSError, CommandFailedError."""
        raise CommandFailedError("Error: files cannot be read from here\n")

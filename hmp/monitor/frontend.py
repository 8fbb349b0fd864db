"""What a handler may ask of the front end: the person, the screen, other lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.monitor.errors import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.monitor.events import Event
    from hmp.monitor.monitor import Monitor


def banner(monitor: Monitor, program: str = "") -> str:
    """Return the line that a session begins with.

    program: what it calls itself; without it, that goes by the machine.
    """
    version = ".".join(map(str, monitor.qmp.version))
    program = program or ("QEMU" if monitor.qmp.has_hmp else "hmp")
    mode = ", read-only" if monitor.read_only else ""
    return f"{program} {version} monitor{mode} - type 'help' for more information\n"


class FrontEnd:
    """A front end as handlers see it; this one is for scripts, where nobody sits.

    interactive: whether there is somebody to ask. detailed: whether somebody reads what
    goes beyond QEMU's own text. screen: whether pictures and redrawing make sense.
    local: whether lines come from who started this program, and not over a socket: files
    of this host are for nobody else. expands: whether words can stand for lines here, and
    aliases: those that do. sourced: the files whose lines are being run, one in the
    other. stop_on_error: whether the first line that fails is the last one. following:
    whether a command shows the events that come, so that the front end need not.
    """

    aliases: dict[str, list[str]]
    interactive = False
    detailed = False
    screen = False
    expands = False
    following = False
    local = False
    stop_on_error = False

    def __init__(self) -> None:
        self.aliases = {}
        self.sourced: list[str] = []

    def history(self) -> Iterable[str]:
        """Return the lines of the session, oldest first."""
        return ()

    def progress(self, what: str, done: int, total: int) -> None:
        """Show how far something is; total is 0 where that is not known."""

    def before_wait(self) -> None:
        """Be told that a line begins to wait; it may take long until it returns."""

    def show_event(self, event: Event) -> None:
        """Show an event at once, while the line that follows them still runs.

        Raises BrokenPipeError when the reader has gone.
        """

    def has_reader(self) -> bool:
        """Return whether somebody reads what is shown while a line runs.

        Raises CommandFailedError where it is shown only afterwards.
        """
        raise CommandFailedError("Error: nothing can be followed from here\n")

    def trace(self, on: bool) -> None:
        """Show the QMP messages as they pass, or no longer."""

    def warn(self, text: str) -> bool:
        """Show a warning of ours as it comes up; return whether there is where to."""
        return False

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo. Raises CommandFailedError without a user."""
        text = "terminal does not support password prompting\n"
        raise CommandFailedError(text, text.strip())

    async def confirm(self, question: str) -> bool:
        """Ask whether to go on; nobody to ask means yes."""
        return True

    async def watch(self, text: str, interval: float, field: str | None) -> None:
        """Run a line again and again, drawn over and over, until Ctrl-C.

        field: what to plot over time. Raises CommandFailedError where nothing can be drawn.
        """
        raise CommandFailedError("Error: watch needs a terminal\n")

    async def draw_screen(self, device: str | None, head: int | None) -> None:
        """Draw the guest's screen. Raises QMPError, CommandFailedError without a screen."""
        raise CommandFailedError("Error: drawing needs a terminal\n")

    async def browse(self) -> None:
        """Let the user browse the help. Raises CommandFailedError where nobody can."""
        raise CommandFailedError("Error: browsing needs a terminal\n")

    async def run_line(self, text: str) -> bool:
        """Run another line and show what comes; return whether it went well."""
        raise CommandFailedError("Error: lines cannot be run from here\n")

    async def read_file(self, path: str) -> bytes:
        """Return what is in a file of this host. Raises OSError, CommandFailedError."""
        raise CommandFailedError("Error: files cannot be read from here\n")

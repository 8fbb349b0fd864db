"""What a handler may ask of the front end: the person, the screen, other lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterable


class Front:
    """A front end as handlers see it; this one is for scripts, where nobody sits.

    interactive: whether there is somebody to ask. detailed: whether somebody reads what
    goes beyond QEMU's own text. screen: whether pictures and redrawing make sense.
    """

    interactive = False
    detailed = False
    screen = False

    def history(self) -> Iterable[str]:
        """Return the lines of the session, oldest first."""
        return ()

    def progress(self, what: str, done: int, total: int) -> None:
        """Show how far something is; total is 0 where that is not known."""

    def write(self, text: str) -> None:
        """Show text of ours before the result: what is followed, what is drawn."""

    def trace(self, on: bool) -> None:
        """Show the QMP messages as they pass, or no longer."""

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo. Raises CommandFailed where nobody answers."""
        text = "terminal does not support password prompting\n"
        raise CommandFailed(text, text.strip())

    async def confirm(self, question: str) -> bool:
        """Ask whether to go on; nobody to ask means yes."""
        return True

    async def run_line(self, text: str) -> bool:
        """Run another line and show what comes; return whether it went well."""
        raise CommandFailed("Error: lines cannot be run from here\n")

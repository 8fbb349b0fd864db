"""Standard input of ``hmp --mcp``: an agent's lines, whose length has a limit."""

from __future__ import annotations

import os

from hmp.frontends.lines import read_lines


class AgentInput:
    """A text file as far as the package ``mcp`` reads one, which knows no limit.

    It ends at a line that is too long, with `error`. What hmp starts gets no input, since
    it would take the agent's.
    """

    def __init__(self) -> None:
        self._lines = read_lines(os.dup(0), lambda: None)
        self.error: OSError | None = None
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)

    def readline(self) -> str:
        """Return the next line with its end; empty at the end of the input."""
        try:
            line = next(self._lines, None)
        except OSError as error:
            self.error, line = error, None
        return "" if line is None else f"{line.decode(errors='replace')}\n"

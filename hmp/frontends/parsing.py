"""One parse of the line being typed, shared by colours, hints and completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.frontends.shell import split_output, unfinished_output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hmp.monitor.line import Line
    from hmp.monitor.monitor import Monitor


class LineParser:
    """Parses by a monitor's table and caches the last few results.

    aliases: the lines by alias; aliases count as known commands.
    """

    def __init__(
        self, monitor: Monitor, aliases: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.monitor = monitor
        self.aliases: Mapping[str, Sequence[str]] = aliases if aliases is not None else {}
        self._lines: dict[str, Line] = {}

    def __call__(self, text: str) -> Line:
        """Return the parsed line."""
        line = self._lines.get(text)
        if line is None:
            # for each key, colours, bar and completion parse the same few texts
            if len(self._lines) > 8:
                self._lines.clear()
            typed = text.rstrip().removesuffix(unfinished_output(text)).rstrip()
            part, _ = split_output(typed)
            line = self._lines[text] = self.monitor.parse(part)
        return line

    def is_alias(self, text: str) -> bool:
        """Return whether a line begins with an alias."""
        return text.strip().partition(" ")[0] in self.aliases

"""``watch``: a line run at intervals and redrawn, with the changes marked."""

from __future__ import annotations

import asyncio
import re
from time import localtime, strftime
from typing import TYPE_CHECKING

from hmp.display.fields import field_of
from hmp.display.plot import plot
from hmp.display.sanitise import one_line
from hmp.frontends.aside import aside
from hmp.monitor.call import presented
from hmp.qmp.secrets import mask_line

if TYPE_CHECKING:
    from hmp.monitor.call import Call
    from hmp.monitor.monitor import Monitor
    from hmp.terminal.screen_output import Stage

_WORDS = re.compile(r"\S+|\s+")
_MARK, _PLAIN = "\x1b[7m", "\x1b[0m"
_KEPT = 1000


class Watch:
    """Draws a line's result every interval seconds, until it is cancelled.

    field: plot this number of the value over time instead of showing the result.
    """

    def __init__(
        self, monitor: Monitor, stage: Stage, text: str, interval: float, field: str | None
    ) -> None:
        self.monitor = monitor
        self.stage = stage
        self.text = text
        self.interval = interval
        self.field = field
        self.numbers: list[float] = []
        self._before: list[str] = []
        self._drawn = 0

    async def run(self) -> None:
        """Draw until cancelled. Raises MachineGoneError."""
        self.monitor.call.endless = True
        while True:
            call = await self.monitor.run(self.text)
            if call is None:
                return
            self._draw(await aside(self._lines, call))
            await asyncio.sleep(self.interval)

    def _lines(self, call: Call) -> list[str]:
        clock = strftime("%H:%M:%S", localtime())
        line = one_line(mask_line(self.text))
        head = f"every {self.interval:g} s: {line}   {clock}   (Ctrl-C ends it)"
        screen = self.stage.screen()
        body = self._view(call) if self.field is None else []
        if call.error is not None:
            from hmp.display.richtext import error_for_eyes

            body = error_for_eyes(call).split("\n")
        elif self.field is not None:
            self.numbers = [*self.numbers, field_of(call.value, self.field)][-_KEPT:]
            body = plot(
                self.numbers, one_line(self.field), screen.width, 10, screen.unicode
            )
        lines = [head, "", *body]
        return [line[: screen.width - 1] for line in lines[: screen.height - 1]]

    def _view(self, call: Call) -> list[str]:
        """Return the view without colours, or the text, as lines."""
        from hmp.display.richtext import result_text

        screen = self.stage.screen()
        screen.colours = False
        text = presented(call, lambda call: result_text(call, screen))
        return text.rstrip("\n").split("\n")

    def _draw(self, lines: list[str]) -> None:
        """Draw the lines over the last ones, and mark what is new."""
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        body = "".join(
            f"\x1b[2K{self._marked(index, line)}\n" for index, line in enumerate(lines)
        )
        rest = "\x1b[J" if self._drawn > len(lines) else ""
        self.stage.write(f"{up}{body}{rest}")
        self._drawn = len(lines)
        self._before = lines

    def _marked(self, index: int, line: str) -> str:
        """Mark the words of a line that were not there before."""
        if index == 0 or not self._before or self.field is not None:
            return line
        old = self._before[index] if index < len(self._before) else ""
        if line == old or not self.stage.screen().colours:
            return line
        before = _WORDS.findall(old)
        parts = []
        for place, word in enumerate(_WORDS.findall(line)):
            new = not word.isspace() and (place >= len(before) or before[place] != word)
            parts.append(f"{_MARK}{word}{_PLAIN}" if new else word)
        return "".join(parts)

"""``watch``: a line run at intervals and redrawn, with the changes marked.

It has the screen for itself meanwhile (the terminal's alternate screen), so that a window
of any new size can be drawn afresh; the last frame stays when it ends.
"""

from __future__ import annotations

import asyncio
import re
from math import nan
from time import localtime, strftime
from typing import TYPE_CHECKING

from hmp.display.elide import end_cut
from hmp.display.fields import field_of
from hmp.display.plot import plots
from hmp.display.sanitise import one_line, sanitise
from hmp.frontends.in_thread import in_thread
from hmp.frontends.session_runner import program_problem
from hmp.monitor.call import Call, presented
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.help import nearest
from hmp.qmp.secrets import mask_line
from hmp.terminal.programs import filtered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmp.display.screen import Screen
    from hmp.frontends.session_runner import SessionRunner
    from hmp.frontends.shell import Redirect
    from hmp.terminal.screen_output import ScreenOutput

    Part = Call | Sequence[str]
    """What one line has left: a result to be shown as a view, or rows."""

_WORDS = re.compile(r"\S+|\s+")
_MARK, _PLAIN = "\x1b[7m", "\x1b[0m"
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?7l\x1b[2J", "\x1b[?7h\x1b[?1049l"
"""The alternate screen, without wrapping of long rows; and back."""
_BEGIN, _END = "\x1b[?2026h\x1b[H", "\x1b[J\x1b[?2026l"
"""Around a frame, which a terminal that can shows as a whole."""
# numbers of a plot: more columns than any screen has
_KEPT = 1000
_LOOK = 0.1
"""Seconds between two looks at the size of the window."""


class Watch:
    """Draws a line's result every interval seconds, until it is cancelled.

    field: plot this number of the value over time instead of showing the result.
    """

    def __init__(
        self,
        runner: SessionRunner,
        output: ScreenOutput,
        text: str,
        interval: float,
        field: str | None,
    ) -> None:
        self.runner = runner
        self.monitor = runner.monitor
        self.output = output
        self.text = text
        self.interval = interval
        self.field = field
        self.numbers: dict[str, list[float]] = {}
        self._head = ""
        self._size = (0, 0)
        self._before: list[str] = []

    async def run(self) -> None:
        """Draw until cancelled. Raises CommandFailedError, MachineGoneError."""
        self.monitor.call.endless = True
        try:
            while True:
                parts = await self._look()
                if not self.drawn:
                    self._refuse_misread(parts)
                await self._draw(parts)
                await self._rest(parts)
        finally:
            # the last frame stays above the prompt, though the alternate screen goes
            if self.drawn:
                self.output.write(_LEAVE + "".join(f"{row}\n" for row in self._before))

    def _refuse_misread(self, parts: Sequence[Part]) -> None:
        """Raise the error of a line that does not parse, as it will not the next time."""
        for part in parts:
            if isinstance(part, Call) and part.misread:
                error = CommandFailedError(part.error_text())
                if part.entry is None:
                    hint = nearest(self.monitor.commands, part.line.text.split())
                    error.hint = part.line.hide(hint)
                raise error

    # Looking

    async def _look(self) -> list[Part]:
        """Run the lines once, and return the result of each, and of those they run."""
        parts: list[Part] = []

        async def take(call: Call, redirect: Redirect | None) -> None:
            if self.field is None:  # a plot is of the watched line's own value
                parts.append(await self._part(call, redirect))

        before, self.runner.taker = self.runner.taker, take
        try:
            for line, redirect in self.runner.meant(self.text):
                with self.runner.front.patient():
                    call = await self.monitor.run(line)
                if call is not None:
                    parts.append(await self._part(call, redirect))
        finally:
            self.runner.taker = before
        clock = strftime("%H:%M:%S", localtime())
        line = one_line(mask_line(self.text))
        self._head = f"every {self.interval:g} s: {line}   {clock}   (Ctrl-C ends it)"
        return parts

    async def _part(self, call: Call, redirect: Redirect | None) -> Part:
        if self.field is not None:
            found = {
                name: field_of(part.value, self.field)
                for name, part in call.each()
                if part.error is None
            }
            # a machine that has not answered has a gap, unless none has
            for name in {**self.numbers, **found} if found else ():
                series = [*self.numbers.get(name, ()), found.get(name, nan)]
                self.numbers[name] = series[-_KEPT:]
        if call.error is not None or self.field is not None or redirect is None:
            return call
        text = await self.runner.front.text(call)
        if call.error is not None:
            return call
        # as with any line: a file gets the text, and the screen only says so
        if redirect.kind != "|":
            problem = await self.runner.front.send(text, redirect)
            return [one_line(problem or f"written to {redirect.target}")]
        output, status = await filtered(redirect.target, sanitise(text))
        problem = program_problem(redirect.target, status, piped=True)
        rows = sanitise(output).expandtabs().rstrip("\n").split("\n")
        return [*rows, one_line(problem)] if problem else rows

    # Drawing

    @property
    def drawn(self) -> bool:
        """Whether a frame is on the screen."""
        return bool(self._before)

    def tell_of_wait(self, said: str, why: str) -> None:
        """Write that the line waits, and why, over the head of the last frame."""
        screen = self.output.screen()
        more = "…" if screen.unicode else "..."
        rows = (f"{end_cut(row, screen.width, more)}\x1b[K" for row in (said, why))
        self.output.write("\x1b[H" + "\n".join(rows))

    async def _rest(self, parts: Sequence[Part]) -> None:
        """Wait for the interval; draw again when the window has another size."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.interval
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(left, _LOOK))
            screen = self.output.screen()
            if (screen.width, screen.height) != self._size:
                await self._draw(parts)

    async def _draw(self, parts: Sequence[Part]) -> None:
        """Draw a frame, and mark the words that the last frame did not have."""
        screen = self.output.screen()
        same = self._size == (screen.width, screen.height)
        marks = same and screen.colours and self.field is None
        screen.colours = False  # they would count as changes
        rows = await in_thread(self._rows, parts, screen)
        marked = [
            self._marked(n, row) if marks and n else row for n, row in enumerate(rows)
        ]
        enter = "" if self.drawn else _ENTER
        # each row erases its own rest: erasing the whole screen first would flicker
        drawn = "\n".join(f"{row}\x1b[K" for row in marked)
        self.output.write(f"{enter}{_BEGIN}{drawn}{_END}")
        self._size = screen.width, screen.height
        self._before = rows

    def _rows(self, parts: Sequence[Part], screen: Screen) -> list[str]:
        """Return the rows of a frame, which fit the screen and say what they leave out."""
        from hmp.display.call_view import error_for_eyes
        from hmp.display.richtext import result_text

        rows = [self._head, ""]
        for part in parts:
            if not isinstance(part, Call):
                rows += part
                continue
            text = ""
            if self.field is None:
                text = presented(part, lambda call: result_text(call, screen))
            elif part.error is None:
                rows += plots(self.numbers, one_line(self.field), screen)
            if part.error is not None:
                text = error_for_eyes(part)
            rows += text.rstrip("\n").split("\n") if text else []
        more = "…" if screen.unicode else "..."
        if len(rows) > screen.height:
            kept = max(screen.height - 1, 1)
            rows[kept:] = [f"{more} {len(rows) - kept} more lines"]
        return [end_cut(row, screen.width, more) for row in rows]

    def _marked(self, index: int, row: str) -> str:
        """Mark the words of a row that were not there before."""
        old = self._before[index] if index < len(self._before) else ""
        if row == old:
            return row
        before = _WORDS.findall(old)
        parts: list[str] = []
        for place, word in enumerate(_WORDS.findall(row)):
            new = not word.isspace() and (place >= len(before) or before[place] != word)
            parts.append(f"{_MARK}{word}{_PLAIN}" if new else word)
        return "".join(parts)

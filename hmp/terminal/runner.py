"""Runs a line of the session: a comment, a shell command, an alias, a command.

A line comes in as typed. Aliases are expanded here and output is redirected here; the
monitor only sees its own language. Results go to the `Stage`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.frontends.aside import aside
from hmp.monitor.errors import LineError, UnknownCommandError
from hmp.monitor.line import is_comment
from hmp.monitor.monitor import Call, presented
from hmp.monitor.raw_qmp import join_messages
from hmp.terminal.shell import AliasLoopError, expand_alias, split_output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hmp.completion.cache import WordCache
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor
    from hmp.terminal.screen_output import Stage


class Runner:
    """Runs lines on a monitor and shows their results.

    kinds: kinds by type letter, for arguments whose entry declares none. column: returns
    the screen column at which the typed line begins. mend: called with a line that does
    not parse, and its error.
    """

    def __init__(
        self,
        monitor: Monitor,
        stage: Stage,
        *,
        aliases: Mapping[str, Sequence[str]],
        knowledge: WordCache,
        kinds: Mapping[str, Kind],
        column: Callable[[], int],
        mend: Callable[[str, LineError], None],
    ) -> None:
        self.monitor = monitor
        self.stage = stage
        self.aliases = aliases
        self.knowledge = knowledge
        self.kinds = kinds
        self.column = column
        self.mend = mend

    async def run_typed(self, text: str) -> bool:
        """Run the typed text; if several lines were pasted, up to the first failure."""
        typed = [line for line in text.split("\n") if line.strip()]
        lines = join_messages(typed)
        if len(typed) < 2 and lines == typed:
            return await self.run(text, typed=True)
        for number, line in enumerate(lines, 1):
            if not await self.run(line):
                left = len(lines) - number
                lines_left = "1 line was" if left == 1 else f"{left} lines were"
                return await self._well(f"{lines_left} not run" if left else "")
        return True

    async def run(self, line: str, typed: bool = False) -> bool:
        """Run a line: a comment, a shell command, a command, or the lines of an alias.

        typed: whether the line is right above on the screen. Returns whether all
        succeeded. Raises MachineGoneError.
        """
        if is_comment(line):
            return True
        try:
            if not line.startswith("!"):
                lines = expand_alias(line, self.aliases)
                return all([await self._run_one(x, typed and x == line) for x in lines])
            problem = await self.stage.shell(line[1:])
        except AliasLoopError as error:
            problem = str(error)
        return await self._well(problem)

    async def _run_one(self, line: str, typed: bool) -> bool:
        text, redirect = split_output(line)
        with self.stage.toward(redirect) as outlet:
            call = await self.monitor.run(text)
        self.knowledge.expire()
        if call is None:
            return True
        if outlet is not None and outlet.opened and call.error is None:
            await outlet.ended()
            return True
        text = "" if redirect is None else await aside(presented, call, Call.text)
        if redirect is not None and call.error is None:
            return await self._well(await self.stage.redirect(text, redirect))
        await self._show(call, typed)
        return call.error is None

    async def _well(self, problem: str) -> bool:
        """Show a problem; return True if it is empty."""
        if problem:
            await self.stage.show(f"{one_line(problem)}\n")
        return not problem

    async def _show(self, call: Call, typed: bool) -> None:
        from hmp.display.richtext import present

        if call.error is not None and not call.hint:
            from hmp.completion.suggestions import suggest

            look = self.knowledge.look
            hint = await suggest(self.monitor, call, self.kinds, look)
            call.hint = call.line.hide(hint)
        column = self.column() if typed else None
        # in a thread, so that Ctrl-C and other tasks are handled meanwhile
        text = await aside(present, call, self.stage.screen(), column)
        if call.error is None:
            self.knowledge.learn(text)
            await self.stage.show_long(text)
            return
        unknown = isinstance(call.error, UnknownCommandError)
        kept = not (unknown or call.line.holds_secret)
        if typed and isinstance(call.error, LineError) and kept:
            self.mend(call.line.text, call.error)
        await self.stage.show(text)

"""What a line from a prompt means, and what follows when it fails.

A `SessionRunner` is the runner of every session: plain, terminal or telnet. It knows
aliases, pipes and files, shell commands, and several pasted lines; a line that fails gets a
hint, or is offered for correction.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from hmp.display.fields import numbers_of
from hmp.display.sanitise import one_line
from hmp.frontends.outlet import Outlet
from hmp.frontends.runner import not_run
from hmp.frontends.shell import AliasError, expand_alias, split_output, unfinished_output
from hmp.monitor.errors import CommandFailedError, LineError, UnknownCommandError
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.line import is_comment, keeps_output

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping
    from contextlib import AbstractContextManager

    from hmp.completion.cache import WordCache
    from hmp.frontends.shell import Redirect
    from hmp.monitor.call import Call
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor

    Taker = Callable[[Call, Redirect | None], Awaitable[None]]

_NUMBERS = 200
"""The most numbers of a result that completion offers."""


class PromptFrontEnd(FrontEnd):
    """A front end with a prompt: the interface that `SessionRunner` needs.

    outlet: receives the results of a line, and the events that it follows; None: the
    terminal does. confirms: whether to ask before destructive commands.
    """

    runner: SessionRunner
    interactive = expands = confirms = True
    outlet: Outlet | None = None

    @property
    def shows_parts(self) -> bool:  # type: ignore[override] # it is a constant there
        """Whether results go to the terminal, which takes them in parts."""
        return self.outlet is None

    async def present(self, call: Call, typed: bool) -> str:
        """Show the result of a line, or its error; return the shown text if it is known.

        typed: whether the line is the last one above, as the user has typed it.
        """
        raise NotImplementedError

    async def say(self, text: str) -> None:
        """Show text that hmp itself has made."""
        raise NotImplementedError

    def correct(self, text: str, error: LineError) -> None:
        """Offer a typed line that does not parse for correction."""

    async def repeat(self, line: str) -> None:
        """Show a line that is not on the screen as typed, before its result."""

    async def text(self, call: Call) -> str:
        """Return a result as text for a program or a file.

        An error of the presentation is left in the call.
        """
        raise NotImplementedError

    async def send(self, text: str, redirect: Redirect) -> str:
        """Send text to a shell command or a file; return the error, or empty."""
        raise NotImplementedError

    async def shell(self, command: str) -> str:
        """Run a shell command on the terminal; return the error, or empty."""
        raise NotImplementedError

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        raise NotImplementedError

    def patient(self) -> AbstractContextManager[None]:
        """Return a context that says so if the line within it has no answer for long."""
        return nullcontext()

    async def run_line(self, text: str) -> bool:
        """Run another line and show its result; return whether it succeeded."""
        return await self.runner.run(text)


def program_problem(command: str, status: int, *, piped: bool) -> str:
    """Describe a program's exit status if it means a failure; else return "".

    A program in a pipe may use 1 to answer, as grep does.
    """
    # as `subprocess` has it, or a shell in between
    interrupted = status in (-signal.SIGINT, 128 + signal.SIGINT)
    fine = status <= 1 if piped else not status or interrupted
    return "" if fine else f"'{command}' ended with status {status}"


class SessionRunner:
    """Runs the lines of a prompt, with everything that people expect of one.

    word_cache: the words that completion knows. kinds: kinds by type letter, for arguments
    whose entry declares none. taker: takes the results of lines, each with where it goes,
    instead of the front end.
    """

    taker: Taker | None = None

    def __init__(
        self,
        monitor: Monitor,
        front: PromptFrontEnd,
        word_cache: WordCache,
        kinds: Mapping[str, Kind],
    ) -> None:
        self.monitor = monitor
        self.front = front
        self.word_cache = word_cache
        self.kinds = kinds

    async def run_typed(self, text: str) -> bool:
        """Run the typed text; if several lines were pasted, up to the first failure."""
        from hmp.frontends.history_file import recalled
        from hmp.frontends.pasted import without_prompt
        from hmp.monitor.raw_qmp import join_messages

        line = recalled(text, list(self.front.history()))
        if line is None:
            return await self._well("Error: no such line; 'info history' lists them")
        if line != text:
            text = line
            await self.front.repeat(text)
        # lines that were copied from a session or from documentation begin with its prompt
        text = "\n".join(map(without_prompt, text.split("\n")))
        typed = [line for line in text.split("\n") if line.strip()]
        lines = join_messages(typed)
        # one line: run it as typed, so that an error can offer it for correction
        if len(typed) < 2 and lines == typed:
            well = await self.run(text, typed=True)
        else:
            well = await self._run_pasted(lines)
        if self.front.unrun:
            await self._well(not_run(self.front.unrun))
            self.front.unrun = 0
        return well

    async def _run_pasted(self, lines: list[str]) -> bool:
        for number, line in enumerate(lines, 1):
            await self.front.repeat(line)
            well = await self.run(line)
            if not well or self.monitor.ended:
                self.front.unrun += len(lines) - number
                return well
        return True

    async def run(self, text: str, typed: bool = False) -> bool:
        """Run a line: a comment, a shell command, a command, or the lines of an alias.

        typed: whether it is right above on the screen. Returns whether all succeeded.
        Raises MachineGoneError.
        """
        if is_comment(text):
            return True
        if text.startswith("!"):
            # whoever is at the other end of a socket must not run programs here
            if not self.front.local:
                return await self._well("Error: shell commands cannot be run from here")
            return await self._well(await self.front.shell(text[1:]))
        try:
            lines = self.meant(text)
        except CommandFailedError as error:
            return await self._well(error.text.rstrip())
        return all(
            [
                # in a list, not a generator: the other lines run also after one has failed
                await self._run_one(line, redirect, typed and text.startswith(line))
                for line, redirect in lines
            ]
        )

    def meant(self, text: str) -> list[tuple[str, Redirect | None]]:
        """Return the lines that a line means, each with where its result goes.

        A pipe or file after ``watch`` or ``time`` is left to the line that they run. Raises
        CommandFailedError if aliases lead back to each other, if this front end must not
        use programs and files, or if a pipe or file is missing at the end.
        """
        try:
            lines = [self._split(line) for line in expand_alias(text, self.front.aliases)]
        except AliasError as error:
            raise CommandFailedError(f"{error}\n") from error
        if not self.front.local and any(redirect for _, redirect in lines):
            raise CommandFailedError("Error: programs and files cannot be used from here\n")
        return lines

    def _split(self, line: str) -> tuple[str, Redirect | None]:
        if sign := unfinished_output(line):
            missing = "command, such as '| grep on'" if sign == "|" else "file"
            raise CommandFailedError(f"Error: '{sign}' at the end needs a {missing}\n")
        text, redirect = split_output(line)
        kept = redirect is not None and keeps_output(self.monitor.parse(text))
        return (line, None) if kept else (text, redirect)

    async def _run_one(self, line: str, redirect: Redirect | None, typed: bool) -> bool:
        if self.taker is not None:
            return await self._taken(line, redirect, self.taker)
        with self._toward(redirect) as outlet:
            with self.front.patient():
                call = await self.monitor.run(line)
            # the line may have changed what names the machine has
            self.word_cache.expire()
            if call is None:
                return True
            text = "" if outlet is None else await self.front.text(call)
            if outlet is not None and call.error is None:
                outlet.add(text)
            if outlet is not None and redirect is not None and outlet.opened:
                await outlet.written(self.front.pause)
        sent = redirect is None or outlet is None or await self._deliver(outlet)
        if outlet is None or call.error is not None:
            await self._present(call, typed)
        return sent and not call.failed

    async def _taken(self, line: str, redirect: Redirect | None, taker: Taker) -> bool:
        call = await self.monitor.run(line)
        self.word_cache.expire()
        if call is None:
            return True
        await taker(call, redirect)
        return not call.failed

    async def _deliver(self, outlet: Outlet) -> bool:
        """Send the held results; wait for a program that has received them already."""
        if outlet.opened:
            await outlet.ended(self.front.pause)
        elif outlet.held:
            return await self._well(await self.front.send("".join(outlet.held), outlet.to))
        return True

    @contextmanager
    def _toward(self, redirect: Redirect | None) -> Generator[Outlet | None]:
        """Within the block, send the output of a line to its redirect.

        A line without a redirect has that of the line that runs it.
        """
        if redirect is None:
            yield self.front.outlet
            return
        before = self.front.outlet
        self.front.outlet = outlet = Outlet(redirect)
        try:
            yield outlet
        finally:
            self.front.outlet = before
            # here and not only after delivery: Ctrl-C must not leave a pipe open
            outlet.close()

    async def _present(self, call: Call, typed: bool) -> None:
        if call.error is not None and not call.hint:
            from hmp.completion.suggestions import suggest

            look = self.word_cache.look
            # before the error is shown, as it is part of it
            hint = await suggest(self.monitor, call, self.kinds, look)
            call.hint = call.line.hide(hint)
        text = await self.front.present(call, typed)
        if call.error is None:
            self.word_cache.learn(text)
            if numbers := numbers_of(call.value)[:_NUMBERS]:
                self.word_cache.seen = call.shown_line.strip(), numbers
        elif typed and isinstance(call.error, LineError):
            unknown = isinstance(call.error, UnknownCommandError)
            if not (unknown or call.line.holds_secret):
                self.front.correct(call.line.text, call.error)

    async def _well(self, problem: str) -> bool:
        """Show a problem, if any; return True without one."""
        if problem:
            await self.front.say(f"{one_line(problem)}\n")
        return not problem

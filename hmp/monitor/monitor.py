"""The monitor: takes a line, runs its command on a machine, returns the result.

`Monitor.run` parses the line by the table, then calls the handler or passes the line on
to QEMU's own monitor. It prints nothing; the `Call` that it returns goes to a front end.
The errors of a line are caught only here: nothing but MachineGoneError leaves it.
"""

from __future__ import annotations

from collections import deque
from itertools import islice

from hmp.monitor.call import Call, Text, blame
from hmp.monitor.errors import CommandError, CommandFailedError, refusal
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.line import NESTED, PRINT_DEFAULTS, Line, parse_line
from hmp.qmp.errors import MachineGoneError, QMPError
from hmp.qmp.shapes import event_error
from hmp.qmp.wrapped import CheckedConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from typing import Any, TypeVar

    from hmp.language.qdict import QDict
    from hmp.monitor.earlier_results import EarlierResults
    from hmp.monitor.entry import Entry, Table
    from hmp.monitor.events import EventLog
    from hmp.monitor.kinds import Kind, Word
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message, Trace

    Value = TypeVar("Value")
    Handler = Callable[["Monitor", QDict], Coroutine[Any, Any, Any]]
    Reach = Callable[[str], Coroutine[Any, Any, tuple[list[Connection], bool]]]

EVENTS_KEPT = 1000
"""Events that a monitor remembers."""


class Monitor:
    """A human monitor on one machine.

    For handlers: qmp is the connection for their QMP commands; it checks the replies, and
    with read_only it refuses any command that might change the machine. raw: the same
    without the checks, for commands that pass any reply on. front: the front end.
    commands: the table, with its sub-tables. line, call: those being run; a cancelled call
    stays. depth: how many lines are nested. cpu: the current CPU; None until ``cpu`` sets
    it. ended: set after ``quit``. events: the last events, oldest first; event_count: how
    many have ever come. awaited: the numbers of the events that a line has waited for.
    reads_binary: whether the machine reads 0b11 as a number; None: not asked yet.
    left_jobs: by name, what each job of ours does whose line has stopped waiting.
    initialised: whether the machine is known to have been created, which ``-preconfig``
    delays. connection: the connection itself, which qmp may wrap.

    For front ends: title: what a session's first line says; empty: program and version.
    listeners are called with every event. recordings receive each line before it runs, its
    passwords masked; recorded receives the messages in addition to any other trace. reach:
    connects to another machine by its TARGET, if not None; returns the connection with
    those that it needs, and whether it is for reading only.
    """

    title = ""

    def __init__(
        self, qmp: Connection, commands: Table, *, read_only: bool = False
    ) -> None:
        self.commands = commands
        self.front = FrontEnd()
        self.read_only = read_only
        self.cpu: int | None = None
        self.print_defaults: tuple[str, int] = PRINT_DEFAULTS
        self.depth = 0
        self.ended = False
        self._earlier: EarlierResults | None = None
        self.events: deque[Message] = deque(maxlen=EVENTS_KEPT)
        self.event_count = 0
        self.awaited: set[int] = set()
        self.left_jobs: dict[str, str] = {}
        # the number, name and error of events that do not match their schema
        self._wrong: deque[tuple[int, str, str]] = deque(maxlen=EVENTS_KEPT)
        self._line_begun = 0
        self._line_before = 0
        self._change_begun: int | None = None
        self._cautioned = False
        self.listeners: list[Callable[[Message], None]] = []
        # the replay of a recording finds its place by the lines
        begin_line = getattr(qmp, "begin_line", None)
        self.recordings: list[Callable[[str], None]] = [begin_line] if begin_line else []
        self.recorded: Trace | None = None
        self.line = Line("", commands)
        self.call = Call(self.line, qmp.version, 0)
        self.call.done = True
        self.reach: Reach | None = None
        self.attach(qmp)

    def attach(self, qmp: Connection) -> None:
        """Continue with another connection to the machine."""
        self.connection = qmp
        self.initialised = False
        self.supported: frozenset[str] | None = None
        self.reads_binary: bool | None = None
        if self.read_only or qmp.caution:
            from hmp.monitor.guards import guarded

            qmp = guarded(qmp, self)
        self.raw = qmp
        self.qmp = qmp if self.connection.trusted else CheckedConnection(qmp)
        qmp.on_event = self._on_event

    def show_messages(self, show: Trace | None) -> None:
        """Show QMP messages as they pass, or stop doing so; a recording continues."""
        from hmp.qmp.recording import both

        self.qmp.trace = both(show, self.recorded)

    def _on_event(self, event: Message) -> None:
        if not self.connection.trusted and (wrong := event_error(event)):
            self._wrong.append((self.event_count, event["event"], wrong))
            if not self.depth:
                self.report_wrong_events()
            return
        self.events.append(event)
        self.event_count += 1
        # a copy: a listener may remove itself, as one that waits for a single event does
        for listener in list(self.listeners):
            listener(event)

    def report_wrong_events(self) -> None:
        """Warn of each event that does not match its schema, if the front end can."""
        while self._wrong and self.front.warn(self._wrong[0][2]):
            self._wrong.popleft()

    def wrong_event(self, begin: int = 0, name: str = "*") -> str:
        """Return the error of the first wrong event since `begin`, once; empty without one.

        name: a pattern for its name.
        """
        for wrong in self._wrong:
            from fnmatch import fnmatchcase  # late, since hardly any event is wrong

            if wrong[0] >= begin and fnmatchcase(wrong[1], name):
                self._wrong.remove(wrong)
                return wrong[2]
        return ""

    def event_log(self) -> EventLog:
        """Return a log for a front end that shows events between lines."""
        from hmp.monitor.events import EventLog

        return EventLog()

    def connections(self, name: str) -> Mapping[str, Connection | None]:
        """Return the connections by name; None means that a machine is away.

        name: the name of a single machine, which front ends show.
        """
        return {name: self.connection}

    def choose(self, name: str) -> None:
        """Continue with one machine of a set only."""

    async def words(self, kind: Kind, context: str) -> tuple[Word, ...]:
        """Return the machine's words of a kind, for completion. Raises many exceptions."""
        from hmp.monitor.from_text import asked
        from hmp.monitor.kinds import texts

        assert kind.fetch is not None
        return tuple(texts(await kind.fetch(asked(self.qmp), context)))

    def progress(self, what: str, done: int, total: int) -> None:
        """Show progress; see `FrontEnd.progress`."""
        self.front.progress(what, done, total)

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo; see `FrontEnd.ask_secret`."""
        return await self.front.ask_secret(prompt)

    def parse(self, text: str, registers: Mapping[str, int] | None = None) -> Line:
        """Parse a line without asking the machine; registers: their known values."""
        defaults, version = self.print_defaults, self.qmp.version
        binary = self.reads_binary is not False
        return parse_line(text, self.commands, registers, defaults, version, binary=binary)

    async def run(self, text: str) -> Call | None:
        """Run a line; None for a blank one.

        Raises MachineGoneError; every other failure is in the Call.
        """
        line = self.parse(text)
        if line.blank:
            return None
        self._line_before, self._line_begun = self._line_begun, self.event_count
        outer = self.call
        self.call = call = self._call_of(line)
        if self.depth:
            # a line within `watch` or `time` may take as long as the one that runs it
            call.endless = outer.endless
        if call.may_change:
            self._change_begun = self._line_begun
        for begin_line in self.recordings:
            begin_line(call.shown_line.strip())
        self.star_out(line.secrets())
        self.depth += 1
        try:
            if self.depth > NESTED:
                raise refusal(f"lines nested more than {NESTED} deep")
            call.value = await self._result(call)
        except (CommandError, QMPError) as error:
            call.error = error
            call.hint = error.hint
        except MachineGoneError:
            call.done = True
            raise
        except Exception as error:
            blame(call, error)
        finally:
            self.depth -= 1
        await self._conclude(call)
        if self.depth:
            self.call = outer
        return call

    def star_out(self, secrets: Sequence[str]) -> None:
        """Let traces and recordings of the messages star out the secrets of a line."""
        self.connection.hidden = secrets

    async def _conclude(self, call: Call) -> None:
        """Complete the error of a line that has run, and note what the next one needs."""
        if call.error is not None and not self.initialised:
            from hmp.monitor.preconfig import judge

            # with -preconfig, some errors do not tell their cause
            await judge(self, call)
        if call.error is not None:
            call.hide_secrets()
        if self._wrong and not self.depth:
            self.report_wrong_events()
        if missed := self.connection.missed or (not self.depth and self.wrong_event()):
            # even if the command ignored it
            call.value, call.error = None, CommandFailedError(f"Error: {missed}\n", missed)
        # as in QEMU, also after an error: the format of a failed `x` is the next default
        self.print_defaults = call.line.print_defaults
        call.done = True

    def _call_of(self, line: Line) -> Call:
        return Call(line, self.qmp.version, self.cpu or 0)

    def events_since(self, number: int) -> list[tuple[int, Message]]:
        """Return the events after the first `number` ones, each with its own number."""
        # only the last EVENTS_KEPT events are still there
        first = max(number, self.event_count - len(self.events))
        missed = islice(self.events, len(self.events) - (self.event_count - first), None)
        return list(enumerate(missed, first))

    def cause(self) -> int:
        """Return the number of events when the line began that may have caused later ones.

        That is the last line that may have changed something; without one, the previous
        line. A line that asks for this shares it with the next one.
        """
        if self._change_begun is not None:
            return self._change_begun
        self._line_begun = self._line_before
        return self._line_before

    def look(self, value: Value) -> Value:
        """Return a line's value; keep it, and give the previous one to the call."""
        from hmp.monitor.earlier_results import EarlierResults

        self._earlier = self._earlier or EarlierResults()
        self.call.before = self._earlier.replace(self.line.text, value)
        return value

    async def _result(self, call: Call) -> Any:
        entry = call.entry
        self.line = call.line
        if entry is not None:
            if why := self.connection.lacking(call.line.command.strip(), entry.needs):
                raise CommandFailedError(f"Error: {why}\n", why)
            if entry.qmp and not self.connection.takes_qmp:
                from hmp.monitor.passthrough import by_line

                return await by_line(self, call, entry)
        if entry is None or entry.handler is None:
            if entry is not None and not call.line.error:
                await self.confirm(call, entry)
            return self.look(await self._forward(call.line))
        return await self._handled(call, entry, entry.handler)

    async def _handled(self, call: Call, entry: Entry[Any], handler: Handler) -> Any:
        """Run a line by its handler, or by QEMU's monitor if its QMP lacks the command."""
        if call.line.depends_on_machine:
            from hmp.monitor.passthrough import as_machine_reads

            call.line = await as_machine_reads(self, call.line)
        if call.line.error is not None:
            # QEMU refuses an unknown command before it looks at its arguments
            if self.qmp.has_hmp and await self.lacks(entry.qmp[:1]):
                return await self._forward(call.line)
            from hmp.monitor.confirmation import foreseen

            await foreseen(self, call, entry)
            raise call.line.error
        if entry.after_preconfig:
            from hmp.monitor.preconfig import check

            await check(self, call.line)
        if entry.asks_user:
            await self.confirm(call, entry)
        try:
            value = await handler(self, call.args)
        except QMPError as error:
            from hmp.monitor.passthrough import fall_back

            # the monitor of an older QEMU may have the command although its QMP lacks it
            return await fall_back(self, entry, call.line, error)
        if hasattr(value, "cr_await"):
            value.close()
            raise TypeError("the handler returned a coroutine; write 'await' before it")
        if entry.text_function is None and value and not isinstance(value, str):
            # as text it prints nothing, which must not hide what -o json would refuse
            from json import dumps

            dumps(value)
        return value

    async def _forward(self, line: Line) -> Text:
        """Run a line in QEMU's own monitor. Raises CommandError, QMPError."""
        from hmp.monitor.passthrough import forward  # late: most lines have a handler

        return await forward(self, line)

    async def confirm(self, call: Call, entry: Entry[Any]) -> None:
        """Ask the user, if the line needs it. Raises DeclinedError, CommandFailedError."""
        from hmp.monitor.confirmation import confirm  # late: most lines change nothing

        await confirm(self, call, entry)

    async def agree_to_change(self) -> bool:
        """Ask about the connection's caution once, before the first change."""
        question = f"{self.connection.caution}: Continue?"
        self._cautioned = self._cautioned or await self.front.confirm(question)
        return self._cautioned

    async def supported_commands(self) -> frozenset[str]:
        """Return the names of the machine's QMP commands (asked once). Raises QMPError."""
        if self.supported is None:
            names = await self.qmp.execute("query-commands")
            self.supported = frozenset(item["name"] for item in names)
        return self.supported

    async def supports(self, command: str) -> bool:
        """Return whether the machine has a QMP command. Raises QMPError."""
        return command in await self.supported_commands()

    async def lacks(self, commands: Sequence[str]) -> bool:
        """Return whether the machine is known to have none of these QMP commands."""
        if not commands:
            return False
        try:
            return (await self.supported_commands()).isdisjoint(commands)
        except QMPError:
            return False

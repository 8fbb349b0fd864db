"""The lines of a script on all machines of a set.

Each machine has a thread, as many as the fan-out at the same time. In it the usual script
front end runs all lines on the usual blocking connection, so that a machine which hangs or
fails delays only itself. Results are kept; the caller shows them in the order of the set.
"""

from __future__ import annotations

from threading import Event
from time import monotonic

from hmp.display import make_writer
from hmp.display.json_output import JsonWriter
from hmp.display.sink import Sink
from hmp.fleet.at_once import CLOSE_LIMIT, at_once, is_qemu, reach, reason
from hmp.frontends.script import Script
from hmp.library.opening import reached
from hmp.monitor.monitor import Monitor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hmp.display.output import Writer
    from hmp.fleet.sets import SetMember
    from hmp.monitor.entry import Table
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace


class Plan:
    """What to do on each machine.

    lines: those of each source, with its name. style, query, raw: of the output. trace:
    makes the callback for a machine's messages. timeout, wait, read_only, stop_on_error,
    config: as on the command line. alone: whether the set has one machine. ended: whether
    no further line shall run.
    """

    def __init__(
        self,
        lines: Sequence[tuple[Sequence[bytes], str]],
        table: Table,
        *,
        style: str = "text",
        query: str | None = None,
        raw: bool = False,
        timeout: float | None = None,
        wait: float | None = None,
        read_only: bool = False,
        stop_on_error: bool = False,
        config: str | None = None,
        alone: bool = True,
        trace: Callable[[str], Trace | None] = lambda name: None,
    ) -> None:
        self.lines = lines
        self.table = table
        self.style = style
        self.query = query
        self.raw = raw
        self.timeout = timeout
        self.wait = wait
        self.read_only = read_only
        self.stop_on_error = stop_on_error
        self.config = config
        self.alone = alone
        self.trace = trace
        self.ended = False

    def check(self) -> None:
        """End the calling thread if the program is about to end."""
        if self.ended:
            raise SystemExit

    async def reach(self, target: str) -> tuple[list[Connection], bool]:
        """Connect to another machine, but not for several, which would compete for it."""
        if not self.alone:
            raise ValueError("only one machine can move to another: name it alone")
        return await reached(target, self.config, self.timeout)


class Captured(Sink):
    """A stream that keeps the pieces of its text, in order with those of another one."""

    __slots__ = ("pieces",)

    def __init__(self, fd: int, pieces: list[tuple[int, str]]) -> None:
        super().__init__(fd)
        self.terminal = False  # the text is sanitised when it is shown
        self.pieces = pieces

    def write(self, text: str, ours: bool = False) -> None:
        """Keep a text."""
        if text:
            self.pieces.append((self.fd, text))

    def flush(self) -> None:
        """Do nothing: all text is kept."""

    def has_reader(self) -> bool:
        """Return True: the text is kept."""
        return True


class Outcome:
    """What a machine has answered.

    pieces: what was written, each with its descriptor: 1 for results, 2 for errors.
    failed: whether a command has failed. gone: why the machine could not be reached, or
    went away; None if neither. twin: the name of another outcome, which is of the same
    machine and has all of its results. resumes: whether the machine may be stopped until
    the connection is closed. done: set at the end.
    """

    def __init__(self, member: SetMember) -> None:
        self.member = member
        self.pieces: list[tuple[int, str]] = []
        self.failed = False
        self.gone: str | None = None
        self.twin = ""
        self.resumes = (member.address or "").startswith("gdb:")
        self.done = Event()

    @property
    def text(self) -> str:
        """All that was written, results and errors."""
        return "".join(text for _, text in self.pieces)


def run_all(members: Sequence[SetMember], plan: Plan, fanout: int) -> list[Outcome]:
    """Start to run the lines on all machines; return their outcomes, which fill up.

    The threads do not keep the program from ending.
    """
    outcomes = [Outcome(member) for member in members]
    first: dict[int, str] = {}
    at_once(lambda outcome: _run(outcome, plan, first), outcomes, fanout)
    return outcomes


def end_all(outcomes: Iterable[Outcome], plan: Plan) -> None:
    """Let machines that must not stay stopped end their lines, and run no further ones."""
    plan.ended = True
    deadline = monotonic() + CLOSE_LIMIT
    for outcome in outcomes:
        if outcome.resumes:
            outcome.done.wait(max(deadline - monotonic(), 0))


def _run(outcome: Outcome, plan: Plan, first: dict[int, str]) -> None:
    try:
        _run_lines(outcome, plan, first)
    except Exception as error:
        outcome.gone = reason(error)
    finally:
        outcome.done.set()


def _run_lines(outcome: Outcome, plan: Plan, first: dict[int, str]) -> None:
    """Run all lines on a machine. Raises MachineGoneError, ValueError.

    first: by process, the name by which it was reached first; by any other name, it runs
    nothing.
    """
    member = outcome.member
    plan.check()
    connection, read_only = reach(
        member,
        timeout=plan.timeout,
        wait=plan.wait,
        trace=plan.trace(member.name),
        config=plan.config,
    )
    outcome.resumes = connection.resumes
    try:
        # setdefault is one step, so of two threads with one process only one runs the lines
        name = first.setdefault(connection.pid, member.name)
        if name != member.name and is_qemu(connection.pid):
            outcome.twin = name
            return
        monitor = Monitor(connection, plan.table, read_only=plan.read_only or read_only)
        monitor.reach = plan.reach
        script = Script(monitor, _writer(outcome, plan), plan.stop_on_error)
        script.advises = not plan.alone
        script.before_line = plan.check
        for lines, name in plan.lines:
            # now, since the machine may go away in the next source
            going = script.run(lines, name)
            outcome.failed = script.failed
            if not going:
                break
        script.part()
    finally:
        connection.close()


def _writer(outcome: Outcome, plan: Plan) -> Writer:
    out, err = Captured(1, outcome.pieces), Captured(2, outcome.pieces)
    writer = make_writer(plan.style, out, err, plan.query, plan.raw)
    if isinstance(writer, JsonWriter) and not plan.raw:  # raw lines get it in the report
        writer.head = {"target": outcome.member.name}
    return writer

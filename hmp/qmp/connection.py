"""The interface to a machine, wherever it runs.

There are several implementations of `Connection`: `hmp.qmp.blocking` and `hmp.qmp.aio`
use the socket of a QMP server, `hmp.qmp.local` a machine in this process.
"""

from __future__ import annotations

from hmp.qmp.errors import BadReplyError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol

    from hmp.qmp.errors import MachineGoneError
    from hmp.qmp.exchange import Exchange, Listener, Message, Request, Trace
    from hmp.qmp.executes import Executes
    from hmp.qmp.introspected import Introspected
    from hmp.qmp.together import Together

    class Reachable(Protocol):
        """A machine's address, which can be connected to."""

        def open(
            self,
            *,
            timeout: float | None = None,
            wait: float | None = None,
            trace: Trace | None = None,
        ) -> Connection:
            """Connect; see `hmp.targets.target.Target.open`. Raises MachineGoneError."""
            ...
else:
    Executes = object


class Connection(Executes):
    """A machine that takes QMP commands.

    version: (major, minor, micro) of the server. has_hmp: whether it has its own human
    monitor, which runs the lines that we pass on. needs_loop: whether `execute` may
    suspend, so that an event loop must run it. missed: the requests of a line that a
    recording has no reply for; empty on all other machines. trusted: whether replies are
    already checked against the machine's own schema. on_event: called with each event; set
    it before the first command. trace: called with every message; None: no tracing.
    hidden: the secrets of the running line, which are masked in every message.
    timeout: seconds that one reply may take; None: no limit. target: the address for
    connecting again; None if that is impossible. pid: the process that listens at the other
    end, if that is a Unix socket of this host; 0 if it is not known. on_lost: called once,
    with the reason, when the connection is lost; only connections that serve an event loop
    call it.
    looks_ahead: whether `foresee` saves time. passes_descriptors: whether
    `execute_with_descriptors` may work. notice: a line for the user of a session about how
    the machine was reached; mostly empty. caution: what the user has to agree to before
    the first command that changes something; mostly empty.

    door: the name of the way to the machine, for messages about what it lacks. takes_qmp:
    whether it carries QMP commands, not only lines of QEMU's own monitor. sends_events:
    whether it delivers events. is_agent: whether a guest agent answers, not a machine.
    sandboxed: whether QEMU is known to be in a sandbox that forbids it to start programs.
    resumes: whether the machine may be stopped until `close` continues it. demonstration:
    of a machine of our own, with which nothing is lost: what it is, and how to reach a real
    one.
    """

    door = "QMP"
    takes_qmp = True
    sends_events = True
    is_agent = False
    sandboxed = False
    resumes = False
    demonstration = ""

    needs_loop = False
    looks_ahead = False
    passes_descriptors = False
    missed = ""
    notice = ""
    caution = ""
    trusted = False
    hidden: Sequence[str] = ()
    timeout: float | None = None
    target: Reachable | None = None
    pid = 0
    trace: Trace | None
    _schema: Introspected | None = None
    version: tuple[int, int, int]
    has_hmp: bool
    on_event: Callable[[Message], None]
    # without staticmethod the class would make a method of it, with one more argument
    on_lost: Callable[[MachineGoneError], None] = staticmethod(lambda gone: None)

    if not TYPE_CHECKING:  # the stub of `Executes` has the type of each command's result

        async def execute(
            self,
            command: str,
            arguments: Mapping[str, Any] | None = None,
            /,
            **members: Any,
        ) -> Any:
            """Run a QMP command and return its value.

            Arguments are a mapping, keywords, or both; None stands for an absent
            optional member. Raises QMPError for an error reply, MachineGoneError if the
            machine is gone.
            """
            raise NotImplementedError

    def resemble(self, other: Connection) -> None:
        """Take over what another connection to the same machine says about it."""
        self.version = other.version
        self.target = other.target
        self.pid = other.pid
        self.has_hmp = other.has_hmp
        self.door = other.door
        self.takes_qmp = other.takes_qmp
        self.sends_events = other.sends_events
        self.is_agent = other.is_agent
        self.sandboxed = other.sandboxed
        self.caution = other.caution

    def lacking(self, name: str, needs: str) -> str:
        """Return why a monitor command does not work here; empty if it may.

        name: the command's. needs: what its entry says that it needs.
        """
        if needs == "qmp" and not self.takes_qmp:
            return f"'{name}' needs QMP commands, which {self.door} does not take"
        if needs == "events" and not self.sends_events:
            return f"'{name}' needs events, which {self.door} does not send"
        if needs == "agent" and not self.is_agent:
            return f"'{name}' needs a guest agent: connect with hmp qga:NAME"
        return ""

    def settle(self) -> None:
        """Wait until the machine has agreed to talk, which the first command does, too.

        Raises ConnectError, ProtocolError, MachineGoneError, and is closed then.
        """

    async def adopt(self) -> Connection:
        """Return the form of this connection that serves the running event loop.

        It may be this connection itself. The caller closes both.
        """
        return self

    async def execute_each(self, requests: Sequence[Request], /) -> list[Any]:
        """Run QMP commands that do not need each other's results.

        Returns the value of each, or the exception that `execute` would raise for it. A
        socket carries all requests before the first reply. Raises MachineGoneError.
        """
        outcomes: list[Any] = []
        for command, arguments in requests:
            try:
                outcomes.append(await self.execute(command, arguments))
            except (QMPError, BadReplyError) as error:
                outcomes.append(error)
        return outcomes

    def together(self) -> Together:
        """Return a collector of QMP commands for one round trip; see `Together`."""
        from hmp.qmp.together import Together

        return Together(self.execute_each)

    def foresee(self, command: str) -> None:
        """Expect this query, without arguments, right after the next command.

        A connection may send it before the caller asks for it. If another command comes
        instead, the reply to the query is dropped. Empty: nothing is expected.
        """

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band, if the machine supports that.

        For commands that must get through while another one blocks. Without support it
        runs like any other command. Raises what `execute` raises.
        """
        return await self.execute(command, arguments)

    async def execute_with_descriptors(
        self, command: str, arguments: Message, descriptors: Sequence[int], /
    ) -> Any:
        """Run a QMP command that takes file descriptors: getfd or add-fd.

        The descriptors stay open here. Raises QMPError if they cannot be passed, and what
        `execute` raises.
        """
        raise QMPError("this connection cannot pass file descriptors")

    async def pause(self, seconds: float) -> None:
        """Wait for some seconds, or until the machine sends something.

        For callers that poll for progress; events are delivered meanwhile.
        Raises MachineGoneError.
        """
        raise NotImplementedError

    def fileno(self) -> int:
        """Return a descriptor that is readable when events arrive between requests.

        -1 for a machine without one.
        """
        return -1

    def take_buffered(self) -> None:
        """Deliver the events that have been read but not delivered yet.

        To be called before waiting for the descriptor, which is not readable for them any
        more. Raises MachineGoneError.
        """

    def take_events(self) -> None:
        """Read and deliver the events that arrived between requests.

        To be called when the descriptor is readable. Raises MachineGoneError.
        """

    async def schema(self) -> Introspected:
        """Return the machine's QMP schema as the machine reports it; asked for once.

        Raises QMPError, MachineGoneError, and BadReplyError where replies are checked.
        """
        if self._schema is None:
            from hmp.qmp.introspected import Introspected

            entries: Any = await self.execute("query-qmp-schema")
            self._schema = Introspected(entries)
        return self._schema

    async def describe(self, command: str) -> str:
        """Return the documentation of a QMP command; empty if it has none.

        Raises MachineGoneError.
        """
        try:
            return (await self.schema()).describe(command)
        except (QMPError, BadReplyError, RecursionError):
            return ""  # a machine without introspection

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command without waiting, and drop its reply.

        For event listeners, which cannot wait. A no-op on a machine that sends no events.
        Raises MachineGoneError.
        """

    def abandon(self) -> None:
        """Give up the request that runs, as its caller waits no longer; from any thread.

        A no-op where the reply can be dropped when it comes.
        """

    def close(self) -> None:
        """Close the connection. Idempotent."""
        raise NotImplementedError


class SessionConnection(Connection):
    """A connection whose events and messages pass through an `Exchange`."""

    session: Exchange

    @property
    def on_event(self) -> Listener:
        """Called with each event as it is read."""
        return self.session.on_event

    @on_event.setter
    def on_event(self, listener: Listener) -> None:
        self.session.on_event = listener

    @property
    def hidden(self) -> Sequence[str]:
        """The secrets of the running line."""
        return self.session.hidden

    @hidden.setter
    def hidden(self, values: Sequence[str]) -> None:
        self.session.hidden = values

    @property
    def trace(self) -> Trace | None:
        """Called with every message; None: no tracing."""
        return self.session.trace

    @trace.setter
    def trace(self, trace: Trace | None) -> None:
        self.session.trace = trace

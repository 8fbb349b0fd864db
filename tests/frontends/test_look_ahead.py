"""The query of a script's next line, sent together with that of the line before it."""

from __future__ import annotations

from collections.abc import Callable
from select import select
from socket import SHUT_RDWR
from time import monotonic, sleep
from typing import Any

import pytest

from hmp.display.output import TextWriter
from hmp.display.sink import Sink
from hmp.frontends.lines import Lines
from hmp.frontends.script import Script, drive
from hmp.monitor.call import Call
from hmp.monitor.monitor import Monitor
from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.errors import MachineGoneError, NoReplyError, QMPError
from hmp.targets.socket_target import SocketTarget
from tests.fakes import LIMIT, FakeServer, Message, Peer, tables

VALUES: dict[str, Any] = {
    "query-status": {"status": "running", "running": True, "singlestep": False},
    "query-name": {"name": "vm"},
    "query-uuid": {"UUID": "some"},
    "query-balloon": QMPError("No balloon"),
    "query-migrate": {},
    "query-commands": [{"name": "query-name"}],
    "human-monitor-command": "unknown command: 'info nope'\r\n",
    "query-qmp-schema": QMPError("no schema"),
    "cont": {},
}


class Shown(TextWriter):
    """A writer that keeps the text of each call."""

    def __init__(self) -> None:
        super().__init__(Sink(1), Sink(2))
        self.texts: list[str] = []

    def show(self, call: Call) -> None:
        """Keep the text of a call."""
        self.texts.append(call.text() if call.error is None else call.error_text())


class Server:
    """A machine that reads some requests before each reply.

    ahead: the number of requests that it has read but not answered when it sends each
    reply, so that a client which sends fewer gets none. values: its replies. seen: the
    commands as they came.
    """

    def __init__(self, *ahead: int) -> None:
        self.ahead = ahead
        self.values = dict(VALUES)
        self.seen: list[str] = []
        self._open: list[Message] = []

    def __call__(self, peer: Peer) -> None:
        """Serve a client."""
        peer.negotiate()
        for count in self.ahead:
            while len(self._open) < count:
                self._open.append(peer.read())
                self.seen.append(self._open[-1]["execute"])
            self._answer(peer)
        while True:  # at the end in lockstep
            if not self._open:
                self._open.append(peer.read())
                self.seen.append(self._open[-1]["execute"])
            self._answer(peer)

    def _answer(self, peer: Peer) -> None:
        request = self._open.pop(0)
        command = request["execute"]
        peer.reply(request, self.values[command])


def run(
    server: Callable[[Peer], object],
    *lines: str,
    stop: bool = False,
    far: bool = True,
    read_only: bool = False,
    shows: type[Shown] = Shown,
    prepare: Callable[[Monitor], None] = lambda monitor: None,
) -> list[str]:
    """Run a script on a machine that is far away, or near; return what it shows."""
    with FakeServer(server) as fake:
        connection = SocketTarget(fake.path).open_qmp(timeout=10)
        connection.settle()
        assert not connection.far
        connection.far = far
        writer = shows()
        try:
            monitor = Monitor(connection, tables(), read_only=read_only)
            prepare(monitor)
            Script(monitor, writer, stop).run([line.encode() for line in lines])
        finally:
            connection.close()
        return writer.texts


@pytest.mark.parametrize("read_only", [False, True])
def test_the_next_query_is_sent_before_the_reply_to_this_one(read_only: bool) -> None:
    """So a script of queries takes half as long where a reply takes its time."""
    server = Server(2, 2, 1)

    texts = run(server, "info name", "info uuid", "info status", read_only=read_only)

    assert texts == ["vm\n", "some\n", "VM status: running\n"]
    assert server.seen == ["query-name", "query-uuid", "query-status"]


@pytest.mark.parametrize(
    "lines",
    [
        ("info name", "cont", "info uuid"),
        ("cont", "info name", "cont"),
        ("info uuid", "qmp query-status", "info name"),
        ("info name", "# comment", "info uuid"),
        ("info name", "info nope", "info uuid"),
        ("info uuid", "info migrate -x", "info name"),
    ],
)
def test_nothing_is_sent_ahead_around_other_lines(lines: tuple[str, ...]) -> None:
    """What changes the machine, and what needs more than a query, waits its turn."""
    server = Server()
    replies: list[int] = []

    def checking(peer: Peer) -> None:
        reply = peer.reply

        def counted(request: Message, value: Any) -> None:
            replies.append(len(server.seen))
            reply(request, value)

        peer.reply = counted  # type: ignore[method-assign] # to count the requests
        server(peer)

    run(checking, *lines)

    assert replies[1:] == list(range(1, len(replies)))


@pytest.mark.parametrize("far", [True, False])
@pytest.mark.parametrize("kind", ["traced", "recorded"])
def test_lines_are_asked_one_by_one(kind: str, far: bool) -> None:
    """Who looks at each message sees them in order."""

    def prepare(monitor: Monitor) -> None:
        if kind == "traced":
            monitor.show_messages(lambda arrow, message: events.append(arrow))
        if kind == "recorded":
            monitor.recordings.append(events.append)

    events: list[str] = []
    server = Server(1, 1)

    texts = run(server, "info name", "info uuid", far=far, prepare=prepare)

    assert texts == ["vm\n", "some\n"]
    if kind == "traced":
        assert events == ["->", "<-", "->", "<-"]


def test_a_line_that_fails_may_end_the_script() -> None:
    """The query that was sent ahead is not shown."""
    server = Server(2, 1)

    texts = run(server, "info balloon", "info name", "info uuid", stop=True)

    assert texts == ["Error: No balloon\n"]
    assert "query-uuid" not in server.seen


def test_a_line_whose_reply_is_an_error_leaves_the_next_one_alone() -> None:
    """The machine may be asked more about the error, before the next line runs."""
    server = Server(2, 2)

    texts = run(server, "info balloon", "info name", "info uuid")

    assert texts == ["Error: No balloon\n", "vm\n", "some\n"]


def test_a_near_machine_has_one_query_at_a_time() -> None:
    """It gets the next one while the result of this one is shown."""
    server = Server()
    open_queries: list[int] = []

    def checking(peer: Peer) -> None:
        reply = peer.reply

        def counted(request: Message, value: Any) -> None:
            open_queries.append(len(select([peer.socket], [], [], 0.05)[0]))
            reply(request, value)

        peer.reply = counted  # type: ignore[method-assign] # to look at what waits
        server(peer)

    class Waiting(Shown):
        def show(self, call: Call) -> None:
            """Wait for the next query before anything is shown."""
            wanted = min(len(self.texts) + 2, 3)
            end = monotonic() + LIMIT
            while len(server.seen) < wanted:
                assert monotonic() < end, server.seen
                sleep(0.001)
            super().show(call)

    texts = run(checking, "info name", "info uuid", "info status", far=False, shows=Waiting)

    assert texts == ["vm\n", "some\n", "VM status: running\n"]
    assert not any(open_queries)


def test_nothing_is_sent_to_a_near_machine_after_a_failure() -> None:
    """The script may end, or ask more about the error."""
    server = Server()

    texts = run(server, "info balloon", "info name", stop=True, far=False)

    assert texts == ["Error: No balloon\n"]
    assert "query-name" not in server.seen


def test_a_machine_that_ends_after_a_reply_is_reported_by_the_next_line() -> None:
    """The reply that came before is shown."""

    def serve(peer: Peer) -> None:
        peer.negotiate()
        request = peer.read()
        peer.reply(request, VALUES["query-name"])
        peer.socket.shutdown(SHUT_RDWR)

    def script(connection: BlockingConnection) -> None:
        connection.far = False
        connection.foresee("query-uuid")
        assert drive(connection.execute("query-name")) == {"name": "vm"}
        with pytest.raises(MachineGoneError):
            drive(connection.execute("query-uuid"))

    connected(script, serve)


def connected(script: Callable[[BlockingConnection], None], server: Any) -> None:
    """Run a script on a connection to a machine, as if it were far away."""
    with FakeServer(server) as fake:
        connection = SocketTarget(fake.path).open_qmp(timeout=10)
        connection.far = True
        try:
            script(connection)
        finally:
            connection.close()


def test_another_command_drops_the_query_sent_ahead() -> None:
    """A later caller gets the reply to its own request."""

    def script(connection: BlockingConnection) -> None:
        connection.foresee("query-uuid")
        assert drive(connection.execute("query-name")) == {"name": "vm"}
        assert drive(connection.execute("query-status"))["running"]
        server.values["query-uuid"] = {"UUID": "another"}
        assert drive(connection.execute("query-uuid")) == {"UUID": "another"}

    server = Server(2)
    connected(script, server)


def test_commands_sent_together_drop_it_too() -> None:
    """Their replies are sorted by their own ids."""

    def script(connection: BlockingConnection) -> None:
        connection.foresee("query-uuid")
        drive(connection.execute("query-name"))
        requests: list[tuple[str, Message]] = [("query-uuid", {}), ("query-name", {})]
        assert drive(connection.execute_each(requests)) == [
            {"UUID": "some"},
            {"name": "vm"},
        ]
        assert drive(connection.execute("query-uuid")) == {"UUID": "some"}

    connected(script, Server(2))


def test_taking_events_drops_it_too() -> None:
    """What waits for events reads past its reply."""

    def script(connection: BlockingConnection) -> None:
        connection.foresee("query-uuid")
        drive(connection.execute("query-name"))
        drive(connection.pause(0.5))
        assert drive(connection.execute("query-uuid")) == {"UUID": "some"}

    connected(script, Server(2))


def test_a_reply_that_is_late_is_the_one_that_is_missing() -> None:
    """The query that was sent ahead has a time limit of its own."""

    def serve(peer: Peer) -> None:
        peer.negotiate()
        name, uuid = peer.read(), peer.read()
        peer.reply(uuid, VALUES["query-uuid"])
        late.append(name)
        again = peer.read()
        peer.reply(name, VALUES["query-name"])
        peer.reply(again, {"UUID": "another"})

    def script(connection: BlockingConnection) -> None:
        connection.timeout = 0.2
        connection.foresee("query-uuid")
        with pytest.raises(NoReplyError):
            drive(connection.execute("query-name"))
        connection.timeout = 10
        assert drive(connection.execute("query-uuid")) == {"UUID": "another"}

    late: list[Message] = []
    connected(script, serve)


def test_the_next_line_is_only_known_where_it_has_come() -> None:
    """A program that waits for a result before it writes on is served."""
    lines = Lines([[b"a", b"b"], [b"c"]])

    known = [(line, lines.following) for line in lines]

    assert known == [(b"a", b"b"), (b"b", b""), (b"c", b"")]

from __future__ import annotations

import copy
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.blocking import BUSY, BlockingConnection
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NoReplyError,
    ProtocolError,
    QMPError,
)
from hmp.targets.socket_target import SocketTarget
from tests.fakes import GREETING, FakeServer, Message, Peer, answer, serving, wire

PLAIN_GREETING = copy.deepcopy(GREETING)
PLAIN_GREETING["QMP"]["capabilities"] = []


@contextmanager
def connected(
    script: Callable[[Peer], object], **options: Any
) -> Iterator[BlockingConnection]:
    """Connect to a server that negotiates, and then follows a script."""

    def whole(peer: Peer) -> None:
        peer.negotiate()
        script(peer)

    with FakeServer(whole) as server:
        connection = SocketTarget(server.path).open_qmp(**options)
        try:
            connection.settle()
            yield connection
        finally:
            connection.close()


def ask(connection: BlockingConnection, command: str, **arguments: Any) -> Any:
    """Run a command."""
    return drive(connection.execute(command, arguments))


@pytest.mark.parametrize(
    ("greeting", "arguments"),
    [(GREETING, {"enable": ["oob"]}), (PLAIN_GREETING, None)],
)
def test_capabilities_are_negotiated(greeting: Message, arguments: Message | None) -> None:
    """Out-of-band execution is asked for where it is offered."""
    seen: list[Message] = []

    with FakeServer(lambda peer: seen.append(peer.negotiate(greeting))) as server:
        connection = SocketTarget(server.path).open_qmp()
        connection.close()

    assert connection.version == (10, 2, 2)
    assert connection.has_hmp
    assert connection.session.oob == (arguments is not None)
    assert seen[0]["execute"] == "qmp_capabilities"
    assert seen[0].get("arguments") == arguments


@pytest.mark.parametrize(
    "data",
    [
        wire(GREETING),
        json.dumps(GREETING, indent=4).encode() + b"\r\n",
        b"\r\n" + wire(GREETING),
    ],
)
def test_a_greeting_may_come_in_pieces(data: bytes) -> None:
    """Compact or pretty, byte by byte."""

    def script(peer: Peer) -> None:
        peer.send_split(data)
        peer.reply(peer.read(), {})
        peer.serve({"query-name": {"name": "vm"}})

    with FakeServer(script) as server:
        connection = SocketTarget(server.path).open_qmp()
        assert ask(connection, "query-name") == {"name": "vm"}
        connection.close()


def refusal(script: Callable[[Peer], object], limit: float = 5.0) -> MachineGoneError:
    """Return the error of a connection that does not come about."""
    with FakeServer(script) as server:
        sock = SocketTarget(server.path).connect(5)
        with pytest.raises(MachineGoneError) as caught:
            BlockingConnection(sock, "NAME", connect_limit=limit).settle()
        assert sock.fileno() == -1
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("first", [b"", wire(GREETING)[:20]])
def test_a_server_that_does_not_greet_in_time(first: bytes) -> None:
    """Somebody else must hold it; the message says so."""

    def script(peer: Peer) -> None:
        peer.send(first)
        peer.read()

    error = refusal(script, limit=0.05)

    assert isinstance(error, ConnectError)
    assert str(error) == f"cannot connect to NAME: {BUSY}"


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (
            b"garbage\n",
            "NAME: the machine does not speak QMP: not a QMP message: 'garbage'",
        ),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "NAME: the machine does not speak QMP"),
        (
            b"QEMU 7.2.22 monitor - type 'help' for more information\r\n(qemu) ",
            'NAME: the machine does not speak QMP: not a QMP message: "QEMU 7.2.22 monitor',
        ),
        (b"{}\n", "NAME sent no QMP greeting"),
        (b'{"QMP": {}}\n', "NAME sent no QMP greeting"),
        (b'{"QMP": []}\n', "NAME sent no QMP greeting"),
        (b'{"QMP": null}\n', "NAME sent no QMP greeting"),
        (b'{"QMP": {"version": 7, "capabilities": []}}\n', "NAME sent no QMP greeting"),
        (
            wire(GREETING).replace(b"10", b'"ten"'),
            "NAME sent no QMP greeting",
        ),
        (
            wire(GREETING).replace(b"10", b"1e999"),
            "NAME: the machine does not speak QMP",
        ),
        (wire(GREETING).replace(b'["oob"]', b"7"), "NAME sent no QMP greeting"),
    ],
)
def test_a_server_of_another_kind(sent: bytes, message: str) -> None:
    """It is the protocol's error, in one line."""

    def script(peer: Peer) -> None:
        peer.send(sent)
        peer.read()

    error = refusal(script)

    assert isinstance(error, ProtocolError)
    assert str(error).startswith(message)


@pytest.mark.parametrize("sent", [b"", wire(GREETING)[:20], wire(GREETING)])
def test_a_server_that_closes_before_all_is_agreed(sent: bytes) -> None:
    """Wherever it does."""

    def script(peer: Peer) -> None:
        peer.send(sent)

    assert str(refusal(script)) == "the machine at NAME closed the connection"


def test_capabilities_that_are_refused() -> None:
    """There is no connection then; the reason is the server's own."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        peer.reply(peer.read(), QMPError("no"))
        peer.read()

    assert str(refusal(script)) == "NAME refuses to negotiate capabilities: no"


def test_a_value_is_the_replys() -> None:
    """Arguments go along; None is left out."""
    seen: list[Message] = []

    def script(peer: Peer) -> None:
        while True:
            seen.append(peer.read())
            peer.reply(seen[-1], len(seen))

    with connected(script) as connection:
        assert ask(connection, "eject", device="d", force=None) == 1
        assert ask(connection, "stop") == 2

    ids = [message.pop("id") for message in seen]
    assert ids[0] != ids[1]
    assert seen == [
        {"execute": "eject", "arguments": {"device": "d"}},
        {"execute": "stop"},
    ]


def test_an_error_reply_is_raised_and_the_connection_goes_on() -> None:
    """It is an answer like any other."""
    answers = {"a": QMPError("no a", "DeviceNotFound"), "b": 7}

    with connected(lambda peer: peer.serve(answers)) as connection:
        with pytest.raises(QMPError, match="no a") as caught:
            ask(connection, "a")
        assert ask(connection, "b") == 7
    assert caught.value.error_class == "DeviceNotFound"


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_reply_may_come_in_pieces(size: int) -> None:
    """With events before, between and behind, and of any length."""
    value = {"text": '{"\\' * 20, "more": [{}] * 10}

    def script(peer: Peer) -> None:
        for _ in range(2):
            request = peer.read()
            messages = [
                {"event": "A"},
                {"event": "B"},
                answer(request, value),
                {"event": "C"},
            ]
            peer.send_split(b"".join(map(wire, messages)), size)
        peer.read()

    seen: list[str] = []
    with connected(script) as connection:
        connection.on_event = lambda event: seen.append(event["event"])
        assert connection.on_event is connection.session.on_event
        assert ask(connection, "x") == value
        assert ask(connection, "x") == value

    assert seen[:5] == ["A", "B", "C", "A", "B"]


def test_a_large_reply() -> None:
    """Megabytes are one value."""
    text = "x" * 5_000_000

    with connected(lambda peer: peer.serve({"x": text})) as connection:
        assert ask(connection, "x") == text


REPLY = wire({"return": {"name": "vm"}})


@pytest.mark.parametrize("cut", [0, 1, len(REPLY) // 2, len(REPLY) - 3])
def test_a_machine_that_goes_away_in_a_command(cut: int) -> None:
    """One clear error, and again for whoever asks on."""

    def script(peer: Peer) -> None:
        peer.read()
        peer.send(REPLY[:cut])

    with connected(script) as connection:
        for _ in range(2):
            with pytest.raises(MachineGoneError, match="closed the connection"):
                ask(connection, "x")


@pytest.mark.parametrize(
    "act", [lambda connection: ask(connection, "x"), BlockingConnection.take_events]
)
def test_a_machine_that_goes_away_between_commands(
    act: Callable[[BlockingConnection], object],
) -> None:
    """It is found out with the next one, or when events are read."""
    with (
        connected(lambda peer: None) as connection,
        pytest.raises(MachineGoneError, match="closed the connection"),
    ):
        act(connection)


@pytest.mark.parametrize(
    "sent",
    [
        b"garbage\n",
        b"[]\n",
        b'{"event": 7}\n',
        b'{"return": NaN}\n',
        b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}\n",
    ],
)
def test_a_machine_that_stops_speaking_qmp(sent: bytes) -> None:
    """It is gone, for all that we can know."""

    def script(peer: Peer) -> None:
        peer.read()
        peer.send(sent)
        peer.read()

    with connected(script) as connection, pytest.raises(ProtocolError):
        ask(connection, "x")


def test_a_command_that_takes_too_long_is_given_up() -> None:
    """What comes late is not the next command's; then all is as before."""
    given_up = threading.Event()

    def script(peer: Peer) -> None:
        late = peer.read()
        given_up.wait(10)
        second = peer.read()
        peer.send(answer(late, "late"), {"event": "A"}, answer(second, "second"))
        peer.serve({"third": "third"})

    with connected(script, timeout=0.05) as connection:
        with pytest.raises(NoReplyError, match=r"^no reply to 'late' within 0.05 s$"):
            ask(connection, "late")
        given_up.set()
        connection.timeout = 5
        assert ask(connection, "second") == "second"
        assert ask(connection, "third") == "third"


def test_half_a_reply_that_comes_too_late() -> None:
    """Its rest is its own, too."""
    given_up = threading.Event()

    def script(peer: Peer) -> None:
        data = wire(answer(peer.read(), "late"))
        peer.send(data[:12])
        given_up.wait(10)
        second = peer.read()
        peer.send(data[12:], answer(second, "second"))
        peer.read()

    with connected(script, timeout=0.05) as connection:
        with pytest.raises(NoReplyError):
            ask(connection, "late")
        given_up.set()
        connection.timeout = 5
        assert ask(connection, "second") == "second"


def test_several_late_replies() -> None:
    """Each is dropped as it comes, in whatever order."""

    def script(peer: Peer) -> None:
        first, second, third = peer.read(), peer.read(), peer.read()
        peer.send(answer(second, 2), answer(first, 1), answer(third, 3))
        peer.read()

    with connected(script, timeout=0.03) as connection:
        for command in ("first", "second"):
            with pytest.raises(NoReplyError):
                ask(connection, command)
        connection.timeout = 5
        assert ask(connection, "third") == 3


def test_a_request_that_is_not_read_is_given_up() -> None:
    """The time counts for sending, too; its rest goes out before the next request."""
    go_on = threading.Event()

    def script(peer: Peer) -> None:
        go_on.wait(10)
        peer.serve({"x": "late", "y": 1})

    with connected(script, timeout=0.05) as connection:
        for _ in range(2):  # the second one's beginning is not sent
            with pytest.raises(NoReplyError):
                ask(connection, "x", text="x" * 5_000_000)
        go_on.set()
        connection.timeout = 10
        assert ask(connection, "y") == 1


def test_a_request_of_which_nothing_was_sent_is_dropped() -> None:
    """What was given up must not be carried out with the next command."""
    seen: list[str] = []
    go_on = threading.Event()

    def script(peer: Peer) -> None:
        go_on.wait(10)
        while True:
            request = peer.read()
            seen.append(request["execute"])
            peer.reply(request, 1)

    with connected(script, timeout=0.05) as connection:
        for command in ("begun", "dropped"):
            with pytest.raises(NoReplyError):
                ask(connection, command, text="x" * 5_000_000)
        go_on.set()
        connection.timeout = 10
        assert ask(connection, "last") == 1

    assert seen == ["begun", "last"]


STRAYS: list[Message | bytes] = [
    {"return": {}},
    {"return": {}, "id": 1},
    {"return": {}, "id": "hmp-0123456789abcdef"},
    {"error": {"class": "GenericError", "desc": "late"}, "id": 2},
    {"return": {}, "id": None},
    {"return": {}, "id": []},
    {},
    GREETING,
]
"""What is no reply to a request of ours."""


def test_what_is_for_others_is_never_taken_for_a_reply() -> None:
    """Before and behind the greeting, the negotiation and each reply, and in double."""

    def script(peer: Peer) -> None:
        peer.send(*STRAYS[:-2], GREETING, *STRAYS)
        first = answer(peer.read(), {})
        peer.send(first, first, *STRAYS)
        for number in range(3):
            reply = answer(peer.read(), number)
            peer.send(*STRAYS, first, reply, reply, *STRAYS)

    with FakeServer(script) as server:
        connection = SocketTarget(server.path).open_qmp()
        assert [ask(connection, "x") for _ in range(3)] == [0, 1, 2]
        connection.close()


def test_ids_of_another_client_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A late reply to the client before, unless the two began at nearly the same number."""
    begins = iter((1234, 5000, 9998)).__next__
    monkeypatch.setattr("hmp.qmp.exchange._any_number", begins)
    before: list[Message] = []

    def script(peer: Peer) -> None:
        requests = [peer.negotiate()]
        while True:
            peer.send(*(answer(request, "late") for request in before))
            requests.append(peer.read())
            peer.send(*(answer(request, "late") for request in before))
            peer.reply(requests[-1], "own")
            if len(requests) == 4:
                before.extend(requests)
                return

    with FakeServer(script) as server:
        for _ in range(3):
            connection = SocketTarget(server.path).open_qmp()
            assert [ask(connection, "x") for _ in range(3)] == ["own"] * 3
            connection.close()


UNREADABLE: Message = {"error": {"class": "GenericError", "desc": "JSON parse error"}}


def test_a_request_that_the_server_cannot_read() -> None:
    """Its error has no id; that it is this one's, the reply to another request shows."""

    def script(peer: Peer) -> None:
        peer.read()
        peer.send(UNREADABLE)
        peer.serve({"query-version": {}, "y": 1})

    with connected(script) as connection:
        with pytest.raises(QMPError, match=r"^JSON parse error$"):
            ask(connection, "x")
        assert ask(connection, "y") == 1


def test_an_error_without_id_that_is_for_others() -> None:
    """The command's own reply comes first."""

    def script(peer: Peer) -> None:
        for number in range(3):
            peer.send(UNREADABLE)
            request = peer.read()
            peer.send(UNREADABLE, answer(request, number), UNREADABLE)
            peer.reply(peer.read(), {})

    with connected(script) as connection:
        assert [ask(connection, "x") for _ in range(3)] == [0, 1, 2]


def test_a_server_that_greets_but_does_not_answer() -> None:
    """It is still at work for somebody else; no other client holds the socket."""

    def script(peer: Peer) -> None:
        peer.send(GREETING, {"return": {}})
        peer.read()
        peer.read()

    error = refusal(script, limit=0.05)

    assert isinstance(error, ConnectError)
    assert (
        "NAME: it greets but does not answer yet; it is still working on a command"
        in str(error)
    )
    assert "holds" not in str(error)


def test_an_interrupt_leaves_the_connection_in_step() -> None:
    """Ctrl-C gives up the command; its reply is dropped as it comes."""

    def script(peer: Peer) -> None:
        late = peer.read()
        peer.send({"event": "A"})
        second = peer.read()
        peer.send(answer(late, "late"), answer(second, "second"))
        peer.read()

    with connected(script) as connection:
        connection.on_event = lambda event: signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            ask(connection, "late")
        assert ask(connection, "second") == "second"


@pytest.mark.parametrize("timeout", [None, 0.01])
def test_events_are_taken_while_nothing_is_under_way(timeout: float | None) -> None:
    """However long the last command is past, and as many as there are."""
    go = threading.Event()

    def script(peer: Peer) -> None:
        peer.reply(peer.read(), {})
        go.wait(10)
        peer.send({"event": "A"}, {"event": "B"})
        peer.read()

    seen: list[str] = []
    with connected(script) as connection:
        connection.timeout = timeout
        connection.on_event = lambda event: seen.append(event["event"])
        with suppress(NoReplyError):  # the machine may be slow: the time is over even then
            ask(connection, "x")
        until = time.monotonic() + 0.02
        while time.monotonic() < until:
            pass  # until the time for that command is over
        go.set()
        while len(seen) < 2:
            connection.take_events()

    assert seen == ["A", "B"]


def test_events_behind_a_reply_are_there_without_waiting() -> None:
    """They came in one piece with it, and the socket will not tell of them."""

    def script(peer: Peer) -> None:
        request = peer.read()
        peer.send(answer(request, 1), {"event": "A"}, {"event": "B"})
        peer.read()

    seen: list[str] = []
    with connected(script) as connection:
        connection.on_event = lambda event: seen.append(event["event"])
        assert ask(connection, "x") == 1
        connection.take_buffered()

    assert seen == ["A", "B"]


@pytest.mark.parametrize(
    ("greeting", "key"), [(GREETING, "exec-oob"), (PLAIN_GREETING, "execute")]
)
def test_out_of_band_execution(greeting: Message, key: str) -> None:
    """Where the server offers it; the value is the reply's either way."""
    seen: list[Message] = []

    def script(peer: Peer) -> None:
        peer.negotiate(greeting)
        seen.append(peer.read())
        peer.reply(seen[0], "done")
        peer.read()

    with FakeServer(script) as server:
        connection = SocketTarget(server.path).open_qmp()
        assert drive(connection.execute_oob("migrate-pause")) == "done"
        connection.close()

    assert seen[0][key] == "migrate-pause"


def test_what_the_machine_tells_of_itself_is_asked_once() -> None:
    """Its schema is long."""
    numbers = count(1)
    entries = [
        {"name": "stop", "meta-type": "command", "arg-type": "0", "ret-type": "0"},
        {"name": "0", "meta-type": "object", "members": []},
    ]

    def script(peer: Peer) -> None:
        while True:
            peer.reply(peer.read(), entries if next(numbers) == 1 else None)

    with connected(script) as connection:
        assert drive(connection.describe("stop")) == "stop"
        assert drive(connection.describe("nope")) == ""
        assert drive(connection.schema()).commands() == ["stop"]
    assert next(numbers) == 2


def test_a_machine_that_tells_nothing_of_itself() -> None:
    """There is nothing to read then, and no error."""
    with serving({"query-qmp-schema": QMPError("no")}) as server:
        connection = SocketTarget(server.path).open_qmp()
        assert drive(connection.describe("stop")) == ""
        connection.close()


def test_closing_twice_does_no_harm() -> None:
    """The socket is ours."""
    with connected(lambda peer: peer.serve({})) as connection:
        connection.close()
        connection.close()

        assert connection.socket.fileno() == -1
        with pytest.raises(MachineGoneError):
            ask(connection, "x")


def test_a_limit_of_one_command_is_not_the_next_ones() -> None:
    """Nor that of reading events."""
    go_on = threading.Event()

    def script(peer: Peer) -> None:
        peer.reply(peer.read(), 1)
        go_on.wait(10)
        peer.send({"event": "A"})
        peer.reply(peer.read(), 2)

    with connected(script, timeout=5) as connection:
        ask(connection, "x")
        connection.timeout = None
        go_on.set()
        connection.take_events()
        assert connection.socket.gettimeout() is None
        assert ask(connection, "x") == 2

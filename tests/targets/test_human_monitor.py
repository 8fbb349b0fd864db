"""The human monitor door against a line editor of our own, hostile texts included."""

from __future__ import annotations

import gc
import os
import random
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmp.frontends.script import drive
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NoReplyError,
    NotYetError,
    ProtocolError,
    QMPError,
)
from hmp.targets.byte_stream import ByteStream
from hmp.targets.human_monitor import HumanMonitor
from hmp.targets.line_editor import echo, echo_length
from hmp.targets.socket_target import SocketTarget
from tests.fakes import LIMIT, FakeServer, Peer
from tests.targets.editor import GREETING, PROMPT, Editor

Answer = Callable[[bytes], bytes | None]


@contextmanager
def connected(
    answer: Answer,
    greeting: bytes = GREETING + PROMPT,
    *,
    size: int = 0,
    timeout: float | None = None,
) -> Iterator[tuple[HumanMonitor, Editor]]:
    """Yield a connection to an editor; size: how many bytes of it come at a time."""
    ours, theirs = socket.socketpair()

    def split(data: bytes) -> None:
        for start in range(0, len(data), size):
            theirs.sendall(data[start : start + size])

    editor = Editor(theirs, answer, split if size else None)
    thread = threading.Thread(target=editor.serve, args=(greeting,))
    thread.start()
    try:
        deadline = time.monotonic() + LIMIT
        monitor = HumanMonitor(ByteStream(ours, "it"), deadline=deadline, timeout=timeout)
        yield monitor, editor
        monitor.close()
    finally:
        ours.close()
        thread.join(LIMIT)
        theirs.close()


def test_the_length_of_an_echo() -> None:
    """It grows with the square of what is typed."""
    assert [len(echo(b"x" * n)) for n in range(130)] == [echo_length(n) for n in range(130)]


@pytest.mark.parametrize("size", [0, 1, 3, 1000])
def test_lines_and_replies(size: int) -> None:
    """The version comes with the greeting; each reply is exactly what was printed."""
    replies = {b"info name": b"vm\r\n", b"stop": b"", b"x": b"no line end", b"": b""}
    with connected(lambda line: replies[line], size=size) as (monitor, editor):
        assert monitor.version == (10, 2, 2)
        for line, reply in replies.items():
            assert monitor.run(line.decode()) == reply.decode()
        assert editor.lines == list(replies)


HOSTILE = [
    b"(qemu) ",
    b"\r\n(qemu) \r\n(qemu) ",
    PROMPT + echo(b"0123"),
    PROMPT + b"a\x1b[K",
    PROMPT + b"\x1b[D" * 3,
    b"\x1b[K" * 100 + PROMPT,
    b"Password: ",
    b"Password: " + echo(b"****"),
    b"info evil\x1b[K\r\n(qemu) ",
    b"\xff\xfe\x00\x9b" * 9,
    b"\x1b",
]


@pytest.mark.parametrize("reply", HOSTILE)
@pytest.mark.parametrize("size", [0, 1])
def test_a_reply_may_contain_anything(reply: bytes, size: int) -> None:
    """Prompts, echoes and password prompts in it do not end it."""
    with connected(lambda line: reply, size=size) as (monitor, _):
        for _ in range(3):
            assert monitor.run("info evil") == reply.decode(errors="replace")


def test_a_reply_that_guesses_the_token() -> None:
    """Text with the very echo of it is a reply like any other.

    The far side can read the token, so here it plays unfairly.
    """
    sent: list[bytes] = []

    class Spied(ByteStream):
        def send(self, data: bytes, counts: list[int], deadline: float | None) -> None:
            sent.append(data)
            super().send(data, counts, deadline)

    def answer(line: bytes) -> bytes:
        token = sent[-1].rpartition(b"\n")[2]
        return b"\x1b[0m" + PROMPT + echo(token) + b"rest"

    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=Editor(theirs, answer).serve)
    thread.start()
    monitor = HumanMonitor(Spied(ours, "it"), deadline=time.monotonic() + LIMIT)
    for _ in range(3):
        reply = monitor.run("info evil")
        assert reply.startswith("\x1b[0m(qemu) ")
        assert reply.endswith("rest")
    monitor.close()
    thread.join(LIMIT)
    theirs.close()


@given(
    st.lists(st.sampled_from([*HOSTILE, b"x", b"\r\n", b"\x1b[D", b"\xc3"]), max_size=9),
    st.integers(1, 40),
)
@settings(deadline=None, max_examples=40)
def test_any_reply_in_any_pieces(parts: list[bytes], size: int) -> None:
    """Each comes as it was sent, and so does the next."""
    reply = b"".join(parts)
    with connected(lambda line: reply, size=size) as (monitor, _):
        assert monitor.run("a") == reply.decode(errors="replace")
        assert monitor.run("b") == reply.decode(errors="replace")


def test_a_huge_reply() -> None:
    """It takes time in proportion to its size."""
    reply = b"0123456789abcde\r\n" * (1 << 20)
    with connected(lambda line: reply) as (monitor, _):
        assert monitor.run("info mtree") == reply.decode()


def test_long_lines() -> None:
    """The longest is typed whole; QEMU would cut a longer one off."""
    with connected(lambda line: b"%d" % len(line)) as (monitor, editor):
        assert monitor.run("x" * 4095) == "4095"
        with pytest.raises(QMPError, match=r"the line has 4096 bytes, and .* at most 4095"):
            monitor.run("é" * 2048)
        assert monitor.run("é" * 2047) == "4094"
        assert len(editor.lines) == 2


@pytest.mark.parametrize("line", ["\x1b[A", "a\nb", "a\rquit", "\x00", "x\x7f", "Û", "ě"])
def test_lines_that_the_editor_would_take_for_keys(line: str) -> None:
    """They are refused, and nothing is typed."""
    with connected(lambda line: b"") as (monitor, editor):
        with pytest.raises(QMPError, match="human monitor"):
            monitor.run(line)
        monitor.run("a\tb")
    assert editor.lines == [b"a b"]  # a tab would complete a word


def test_characters_of_several_bytes() -> None:
    """They are typed byte by byte, and come back whole."""
    with connected(lambda line: line) as (monitor, _):
        assert monitor.run("info é€𝄞") == "info é€𝄞"


def test_a_reply_that_is_late() -> None:
    """It is waited for so long; then the next line waits for it, and gets its own reply."""
    late = threading.Event()

    def answer(line: bytes) -> bytes:
        if line == b"slow":
            late.wait(LIMIT)
        return line + b" done"

    with connected(answer, timeout=0.2) as (monitor, editor):
        with pytest.raises(NoReplyError, match=r"no reply to 'slow' within 0\.2 s"):
            monitor.run("slow")
        with pytest.raises(NoReplyError):
            monitor.run("held up")
        late.set()
        monitor.timeout = LIMIT
        assert monitor.run("next") == "next done"
        assert editor.lines == [b"slow", b"next"]


def test_ctrl_c_at_any_time() -> None:
    """A line that was cut off is finished first, and replies never get mixed up."""
    dice = random.Random(11)
    seconds = float(os.environ.get("HMP_TEST_RANDOM_SECONDS", "3"))

    armed = False

    def interrupt(number: int, frame: object) -> None:
        if armed:
            raise KeyboardInterrupt

    def answer(line: bytes) -> bytes:
        return b"<" + line + b"\x1b>" * (line[-1] % 2)

    before = signal.signal(signal.SIGALRM, interrupt)
    gc.disable()  # an interrupt in a callback of the collector is only a warning
    count = cut = 0
    try:
        with connected(answer) as (monitor, _):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                count += 1
                line, reply = f"line {count}", ""
                try:
                    armed = True
                    signal.setitimer(signal.ITIMER_REAL, dice.random() * 0.004 + 1e-6)
                    reply = monitor.run(line)
                    armed = False
                except KeyboardInterrupt:
                    cut += 1
                armed = False
                if reply:
                    assert reply.encode() == answer(line.encode())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
    assert count > 20
    assert cut


def test_a_question_for_a_password() -> None:
    """It is told from a reply; no line is taken for the password."""
    answers: dict[bytes, bytes | None] = {b"ask": None, b"a": b"b"}
    with connected(answers.__getitem__) as (monitor, editor):
        for line in ("ask", "a", "a"):
            with pytest.raises(QMPError, match="asks for a password"):
                monitor.run(line)
    assert editor.passwords == []
    assert editor.lines == [b"ask"]


def test_a_question_of_an_earlier_client() -> None:
    """Whoever connects later finds the question, and no token becomes the password."""
    ours, theirs = socket.socketpair()
    editor = Editor(theirs, lambda line: b"")
    editor.asking = True
    thread = threading.Thread(target=editor.serve, args=(GREETING + b"Password: ",))
    thread.start()
    with pytest.raises(ConnectError, match="asks for a password"):
        HumanMonitor(ByteStream(ours, "it"), deadline=time.monotonic() + LIMIT)
    thread.join(LIMIT)
    theirs.close()
    assert editor.passwords == []


@pytest.mark.parametrize(
    ("greeting", "kind", "said"),
    [
        (b'{"QMP": {}}\n', ProtocolError, "QMP answers there"),
        (b"x" * 70_000, ProtocolError, "no human monitor"),
        (b"QEMU monitor\r\n(qemu) ", ConnectError, "no answer"),
        (GREETING + PROMPT, ConnectError, "greets but does not answer yet"),
    ],
)
def test_what_is_no_human_monitor(
    greeting: bytes, kind: type[Exception], said: str
) -> None:
    """The reason is said in one line."""
    ours, theirs = socket.socketpair()
    theirs.sendall(greeting)
    with pytest.raises(kind, match=said) as caught:
        HumanMonitor(ByteStream(ours, "it"), deadline=time.monotonic() + 0.3)
    assert "\n" not in str(caught.value)
    assert ours.fileno() == -1
    theirs.close()


def test_a_machine_that_ends() -> None:
    """While it greets, it may still start; later it is gone."""
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(NotYetError, match="the machine at it closed the connection"):
        HumanMonitor(ByteStream(ours, "it"), deadline=time.monotonic() + LIMIT)

    def answer(line: bytes) -> bytes:
        editor.socket.shutdown(socket.SHUT_RDWR)
        return b""

    with connected(answer) as (monitor, editor):
        assert monitor.fileno() >= 0
        monitor.take_events()
        with pytest.raises(MachineGoneError, match="closed the connection"):
            monitor.run("quit")
        with pytest.raises(MachineGoneError):
            monitor.take_events()


def test_only_lines_pass() -> None:
    """Any QMP command but two is refused, with the name of the door."""
    numbers = {b"cpu 3": b"", b"cpu 9": b"invalid CPU index\r\n"}
    with connected(lambda line: numbers.get(line, line)) as (monitor, editor):
        assert drive(monitor.execute("query-version"))["qemu"]["minor"] == 2
        with pytest.raises(QMPError) as caught:
            drive(monitor.execute("query-status"))
        assert caught.value.error_class == "CommandNotFound"
        assert "QEMU's human monitor takes monitor lines only" in caught.value.desc
        run = {"command-line": "info name"}
        assert drive(monitor.execute("human-monitor-command", run)) == "info name"
        for cpu in (3, 3):
            drive(monitor.execute("human-monitor-command", {**run, "cpu-index": cpu}))
        with pytest.raises(QMPError, match="expects a CPU number"):
            drive(monitor.execute("human-monitor-command", {**run, "cpu-index": 9}))
    assert editor.lines.count(b"cpu 3") == 1


def test_traces_hide_secrets() -> None:
    """A trace shows the line and its text; passwords in both are starred out."""
    seen: list[tuple[str, dict[str, str]]] = []
    with connected(lambda line: b"it is sesame!\r\n") as (monitor, _):
        monitor.trace = lambda arrow, message: seen.append((arrow, message))
        assert "sesame" not in monitor.run("set_password vnc sesame!")
    assert "sesame" not in repr(seen)
    assert [(arrow, *message) for arrow, message in seen] == [
        ("->", "line"),
        ("<-", "text"),
    ]


@pytest.mark.parametrize(
    ("line", "reply", "shown"),
    [
        ("qom-get /objects/s data", '"sesame!"\r\n', "***\n"),
        ('qom-get "/objects/s" "data"', '"sesame!"\r\n', "***\n"),
        ("qom-get /objects/t password", '"sesame!"', "***"),
        ("qom-get /objects/s data", "Error: Device '/objects/s' not found\r\n", ""),
        ("qom-get /objects/s id", '"s"\r\n', ""),
    ],
)
def test_a_secret_property_is_not_shown(line: str, reply: str, shown: str) -> None:
    """It was, and in traces and recordings as well; errors and other values are."""
    seen: list[dict[str, str]] = []
    with connected(lambda _: reply.encode()) as (monitor, _):
        monitor.trace = lambda arrow, message: seen.append(message)
        assert monitor.run(line) == (shown or reply)
    assert seen[1] == {"text": shown or reply}


def served(peer: Peer, greeting: bytes = GREETING + PROMPT) -> None:
    """Be a human monitor for one client."""
    Editor(peer.socket, lambda line: b"<" + line + b">\r\n").serve(greeting)


@pytest.mark.parametrize("options", [b"", b"\xff\xfb\x01\xff\xfb\x03\xff\xfd\x00"])
def test_the_greeting_tells_which_monitor_it_is(options: bytes) -> None:
    """What a telnet server says of options comes before it, with QMP as well."""
    with FakeServer(lambda peer: served(peer, options + GREETING + PROMPT)) as server:
        connection = SocketTarget(server.path).open()
        assert isinstance(connection, HumanMonitor)
        assert connection.target is not None
        assert connection.run("a") == "<a>\r\n"
        connection.close()

    def qmp(peer: Peer) -> None:
        peer.send(options)
        peer.negotiate()
        peer.read()

    with FakeServer(qmp) as server:
        connection = SocketTarget(server.path).open()
        assert not isinstance(connection, HumanMonitor)
        connection.close()


def test_a_greeting_in_pieces() -> None:
    """It may come byte by byte."""

    def slow(peer: Peer) -> None:
        for byte in b"\xff\xfb\x01" + GREETING[:-1]:
            peer.send(bytes([byte]))
            time.sleep(0.0005)
        served(peer, GREETING[-1:] + PROMPT)

    with FakeServer(slow) as server:
        connection = SocketTarget(server.path).open()
        assert re.match("<a>", drive(connection.execute(*_line("a"))))
        connection.close()


def _line(text: str) -> tuple[str, dict[str, str]]:
    return "human-monitor-command", {"command-line": text}

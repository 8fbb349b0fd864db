"""The gdb door against a gdb server of our own."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NoReplyError,
    ProtocolError,
    QMPError,
)
from hmp.targets.address import parse_target
from hmp.targets.byte_stream import ByteStream
from hmp.targets.gdb_packets import next_packet, packet
from hmp.targets.gdb_target import GdbMonitor
from tests.fakes import LIMIT
from tests.program import HMP, ROOT

VERSION = b"10.2.2 (it)\r\n"
MANY = 5000
"""Lines of which no script gets to the last before a signal arrives."""


class Server:
    """A gdb server as QEMU's behaves: any byte stops the machine, and is dropped."""

    def __init__(self, sock: socket.socket, answer: Callable[[str], bytes]) -> None:
        self.socket = sock
        self.answer = answer
        self.heard: Callable[[str], object] = lambda line: None
        self.runs = False
        self.state = b"paused"
        self.lines: list[str] = []
        self.seen: list[bool] = []

    def serve(self) -> None:
        """Answer until the client leaves."""
        data = b""
        with suppress(ConnectionError):
            while chunk := self.socket.recv(4096):
                for byte in chunk:
                    if self.runs and byte not in b"+":
                        self.runs = False
                        self.socket.sendall(packet(b"T02thread:01;"))
                        continue
                    data += bytes([byte])
                    if match := re.search(rb"\$([^#]*)#..\Z", data):
                        data = b""
                        self._packet(match[1])

    def _packet(self, data: bytes) -> None:
        self.socket.sendall(b"+")
        if not data.startswith(b"qRcmd,"):
            self.socket.sendall(packet(b"PacketSize=400;multiprocess+"))
            return
        line = bytes.fromhex(data[6:].decode()).decode()
        self.heard(line)
        text = {
            "info version": VERSION,
            "info status": b"VM status: " + self.state + b"\r\n",
        }.get(line)
        if text is None:
            self.lines.append(line)
            text = b"" if line in ("cont", "stop") else self.answer(line)
        for start in range(0, len(text), 100):
            self.socket.sendall(packet(b"O" + text[start : start + 100].hex().encode()))
        self.runs = self.runs or line == "cont"
        self.socket.sendall(packet(b"OK"))


@contextmanager
def connected(
    answer: Callable[[str], bytes] = lambda line: line.encode(),
    state: bytes = b"paused",
    timeout: float | None = None,
) -> Iterator[tuple[GdbMonitor, Server]]:
    """Yield a connection to such a server."""
    ours, theirs = socket.socketpair()
    server = Server(theirs, answer)
    server.state = state
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        deadline = time.monotonic() + LIMIT
        monitor = GdbMonitor(ByteStream(ours, "it"), deadline=deadline, timeout=timeout)
        yield monitor, server
        monitor.close()
    finally:
        ours.close()
        thread.join(LIMIT)
        theirs.close()


def test_the_machine_runs_on_after_each_line() -> None:
    """It is stopped to be asked, says so, and is continued."""
    with connected() as (monitor, server):
        assert monitor.version == (10, 2, 2)
        assert monitor.notice.endswith("it runs now, even if it was paused before")
        assert monitor.run("info status") == "VM status: running\r\n"
        assert monitor.run("x" * 300) == "x" * 300
        assert server.lines == ["cont", "cont", "x" * 300, "cont"]
    assert server.runs


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("asked", ["info kvm", "info version"])
@pytest.mark.parametrize("others", [[], ["no-such"]])
def test_a_script_that_is_ended_leaves_the_machine_running(
    number: signal.Signals, asked: str, others: list[str], tmp_path: Path
) -> None:
    """As by timeout(1), while the machine is stopped to be asked, also one of a set."""
    sent: list[str] = []

    def heard(line: str) -> None:
        if line == asked:
            process.send_signal(number)
        sent.append(line)

    path = str(tmp_path / "gdb")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.settimeout(LIMIT)
        listener.bind(path)
        listener.listen()
        targets = [f"gdb:{path}", *(str(tmp_path / name) for name in others)]
        lines = tmp_path / "lines"
        lines.write_text("info kvm\n" * MANY)
        process = subprocess.Popen(
            [*HMP, *targets, "-f", lines], cwd=ROOT, stderr=subprocess.DEVNULL
        )
        peer, _ = listener.accept()
        with peer:
            server = Server(peer, lambda line: b"")
            server.heard = heard
            server.serve()

    assert process.wait(LIMIT) == (130 if number == signal.SIGINT else 128 + number)
    assert server.runs
    assert sent.count("info kvm") < MANY


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_top_leaves_the_machine_running(
    number: signal.Signals, place: int, tmp_path: Path
) -> None:
    """Whichever line it is ended at, while it connects or asks."""
    sent: list[str] = []

    def heard(line: str) -> None:
        if len(sent) == place:
            process.send_signal(number)
            time.sleep(0.1)
        sent.append(line)

    path = str(tmp_path / "gdb")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.settimeout(LIMIT)
        listener.bind(path)
        listener.listen()
        process = subprocess.Popen(
            [*HMP, "--top", "-o", "text", f"gdb:{path}"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        peer, _ = listener.accept()
        with peer:
            server = Server(peer, lambda line: b"")
            server.heard = heard
            server.serve()

    process.wait(LIMIT)
    assert len(sent) > place
    assert server.runs


def test_closing_waits_for_the_line_of_another_thread() -> None:
    """As that of a session does, whose lines run in a thread."""
    begun = threading.Event()

    def answer(line: str) -> bytes:
        begun.set()
        time.sleep(0.2)
        return b"done"

    texts: list[str] = []
    with connected(answer) as (monitor, server):
        thread = threading.Thread(target=lambda: texts.append(monitor.run("slow")))
        thread.start()
        begun.wait(LIMIT)
        monitor.close()
        assert server.runs
        thread.join(LIMIT)
    assert texts == ["done"]


def test_a_machine_that_is_to_be_paused_stays_so() -> None:
    """After stop, until cont."""
    with connected() as (monitor, server):
        monitor.run("stop")
        assert not server.runs
        assert monitor.run("info status") == "VM status: paused\r\n"
        assert not server.runs
        monitor.run("c")
        assert server.runs
        monitor.run("s")
    assert not server.runs


@pytest.mark.parametrize("state", [b"paused (prelaunch)", b"paused (postmigrate)"])
def test_a_machine_that_has_another_reason_to_be_paused(state: bytes) -> None:
    """It is never continued: its disks may belong to another machine by now."""
    with connected(state=state) as (monitor, server):
        assert monitor.run("info status") == f"VM status: {state.decode()}\r\n"
        assert monitor.notice.endswith("at each command")
    assert "cont" not in server.lines


def test_late_replies() -> None:
    """The next line waits for the reply of the one before; the machine runs in the end."""
    late = threading.Event()

    def answer(line: str) -> bytes:
        if line == "slow":
            late.wait(LIMIT)
        return line.encode()

    with connected(answer, timeout=0.2) as (monitor, server):
        with pytest.raises(NoReplyError):
            monitor.run("slow")
        with pytest.raises(NoReplyError):
            monitor.run("held up")
        late.set()
        monitor.timeout = LIMIT
        assert monitor.run("next") == "next"
        with pytest.raises(QMPError, match="takes at most 507"):
            monitor.run("é" * 300)
        with pytest.raises(QMPError, match="control characters"):
            monitor.run("info name\nquit")
    assert [line for line in server.lines if line != "cont"] == ["slow", "next"]
    assert server.runs


@given(st.binary(max_size=60), st.binary(max_size=9))
def test_packets(data: bytes, before: bytes) -> None:
    """Escapes and runs are read; what comes between packets is not."""
    escaped = b"".join(
        b"}" + bytes([byte ^ 0x20]) if byte in b"$#}*" else bytes([byte]) for byte in data
    )
    received = bytearray(before.replace(b"$", b"") + packet(escaped) + b"+")
    assert next_packet(received, 0) == (data, len(received) - 1)
    for end in range(len(before), len(received) - 1):
        assert next_packet(received[:end], 0) is None


def test_a_run_and_a_wrong_checksum() -> None:
    """A character that repeats is written once; a packet that arrived wrong is an error."""
    assert next_packet(bytearray(packet(b"0* x")), 0) == (b"0000x", 8)
    with pytest.raises(ProtocolError, match="wrong checksum"):
        next_packet(bytearray(b"$OK#9b"), 0)
    with pytest.raises(ProtocolError, match="wrong checksum"):
        next_packet(bytearray(b"$OK#zz"), 0)


@pytest.mark.parametrize(
    ("answers", "kind", "said"),
    [
        ([], ConnectError, "no answer"),
        ([packet(b""), packet(b"")], ProtocolError, "takes no lines"),
        ([packet(b""), packet(b"E01")], ProtocolError, "takes no lines"),
        ([packet(b""), packet(b"O4142") + packet(b"OK")], ProtocolError, "no gdb server"),
    ],
)
def test_what_is_another_server(
    answers: list[bytes], kind: type[Exception], said: str
) -> None:
    """Others take no lines of QEMU's monitor."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        for answer in answers:
            theirs.recv(4096)
            theirs.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises(kind, match=said):
        GdbMonitor(ByteStream(ours, "it"), deadline=time.monotonic() + 0.5)
    assert ours.fileno() == -1
    thread.join(LIMIT)
    theirs.close()


def test_a_machine_that_quits() -> None:
    """It is gone, and closing does not wait for it."""

    def answer(line: str) -> bytes:
        server.socket.shutdown(socket.SHUT_RDWR)
        return b""

    with connected(answer) as (monitor, server):
        with pytest.raises(MachineGoneError):
            monitor.run("quit")
        assert monitor.fileno() >= 0
        with pytest.raises(MachineGoneError):
            monitor.take_events()


def test_addresses() -> None:
    """A gdb server may be on a Unix socket, too."""
    for text in ("gdb:localhost:1234", "gdb:/tmp/gdb"):
        assert str(parse_target(text)) == text
    for text in ("gdb:", "gdb:tcp:x", "gdb:/dev/null"):
        with pytest.raises(ValueError, match=r"empty|HOST:PORT|no gdb server"):
            parse_target(text)

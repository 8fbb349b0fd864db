"""Recordings: what is written, and the machine that they make."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from select import select
from subprocess import CompletedProcess
from time import sleep
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.builtin import load_tables
from hmp.frontends.script import answer, drive
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import ConnectError, QMPError
from hmp.qmp.recording import Recorder, RecordingFile, both
from hmp.qmp.replay import ReplayConnection, open_recording, read_records
from hmp.targets.socket_target import SocketTarget
from tests.fakes import GREETING, FakeServer, Message, Peer, serving
from tests.program import HMP, ROOT, run

VERSION = {"qemu": {"major": 10, "minor": 2, "micro": 2}, "package": ""}
RUNNING = {"status": "running", "running": True}
PAUSED = {"status": "paused", "running": False}


def replay(*records: Message) -> ReplayConnection:
    """Return the machine of some records behind a greeting."""
    return ReplayConnection([{"<-": GREETING}, *records], "a recording")


def line(text: str, *exchanges: Any) -> list[Message]:
    """Return the records of a line: commands and what came of each, in turn."""
    records: list[Message] = [{"line": text}]
    for command, value in zip(exchanges[::2], exchanges[1::2], strict=True):
        request = {"execute": command} if isinstance(command, str) else command
        reply = value if isinstance(value, dict) and "error" in value else {"return": value}
        records += [{"->": request}, {"<-": reply}]
    return records


def prints(connection: ReplayConnection, *lines: str) -> list[str]:
    """Return what our monitor prints for lines on a recorded machine."""
    monitor = Monitor(connection, load_tables())
    return [answer(monitor, text) for text in lines]


LINES = [
    "info status",
    "stop",
    "info status",
    "set_password vnc hunter2",
    "nope",
    "info pci",
]


def record(script: Any) -> tuple[list[str], str]:
    """Return what lines print on a server, and the recording of that."""
    file = StringIO()
    recorder = Recorder(file)
    with script as server:
        connection = SocketTarget(server.path).open_qmp(trace=recorder.trace)
        monitor = Monitor(connection, load_tables())
        recorder.begin(connection)
        monitor.recordings.append(recorder.begin_line)
        printed = [answer(monitor, text) for text in LINES]
        connection.close()
    return printed, file.getvalue()


def machine(peer: Peer) -> None:
    """Be a machine that can be stopped."""
    peer.negotiate()
    state = RUNNING
    while True:
        request = peer.read()
        command = request["execute"]
        if command == "query-status":
            peer.reply(request, state)
        elif command == "stop":
            state = PAUSED
            stamp = {"seconds": 1, "microseconds": 0}
            peer.send({"event": "STOP", "timestamp": stamp})
            peer.reply(request, {})
        elif command == "human-monitor-command":
            peer.reply(request, "unknown command: 'nope'\r\n")
        else:
            peer.reply(request, QMPError(f"no {command} today"))


@pytest.mark.parametrize(
    ("command", "agent"), [("query-name", False), ("guest-info", True)]
)
def test_a_recording_knows_whose_it_is(command: str, agent: bool) -> None:
    """By what was asked, since an agent's session looks different."""
    assert replay(*line("a line", command, {})).is_agent == agent


def test_the_same_lines_print_the_same(tmp_path: Path) -> None:
    """Results, errors, what QEMU's own monitor said, and events, with nobody there."""
    printed, text = record(FakeServer(machine))
    path = tmp_path / "recording"
    path.write_text(text)
    connection = open_recording(str(path))
    monitor = Monitor(connection, load_tables())
    heard: list[str] = []
    monitor.listeners.append(lambda event: heard.append(event["event"]))

    assert [answer(monitor, line) for line in LINES] == printed
    assert printed[0] != printed[2]
    assert heard == ["STOP"]
    assert connection.version == (10, 2, 2)
    assert connection.missed == ""


def test_no_password_is_in_it() -> None:
    """Neither in a line nor in a message."""
    _, text = record(FakeServer(machine))

    assert "hunter2" not in text
    assert '{"line": "set_password vnc ***"}' in text
    assert '"password": "***"' in text


def test_each_record_is_an_object_on_a_line() -> None:
    """The greeting first, lines before what they lead to."""
    _, text = record(FakeServer(machine))
    records = [json.loads(part) for part in text.splitlines()]

    assert records[0] == {"<-": GREETING}
    assert {next(iter(record)) for record in records} == {"<-", "->", "line"}
    begin = records.index({"line": "info status"})
    request, reply = records[begin + 1]["->"], records[begin + 2]["<-"]
    assert request == {"execute": "query-status", "id": request["id"]}
    assert reply == {"return": RUNNING, "id": request["id"]}


def test_a_line_is_found_where_it_was_recorded_next() -> None:
    """Each time with its own answers, and from the begin again."""
    connection = replay(
        *line("info status", "query-status", RUNNING),
        *line("info name", "query-name", {"name": "vm"}),
        *line("info status", "query-status", PAUSED),
    )

    assert prints(connection, *["info status"] * 3, "info name") == [
        "VM status: running\n",
        "VM status: paused\n",
        "VM status: running\n",
        "vm\n",
    ]


def test_what_is_asked_again_is_answered_in_order_and_then_the_same() -> None:
    """As long work does; its events come once."""
    connection = replay(
        {"line": "x"},
        {"->": {"execute": "query-jobs"}},
        {"<-": {"event": "E", "timestamp": {"seconds": 1, "microseconds": 0}}},
        {"<-": {"return": [1]}},
        {"->": {"execute": "query-jobs"}},
        {"<-": {"return": [2]}},
    )
    heard: list[Message] = []
    connection.on_event = heard.append
    connection.begin_line("x")

    values = [drive(connection.execute("query-jobs")) for _ in range(3)]

    assert values == [[1], [2], [2]]
    assert len(heard) == 1
    drive(connection.pause(3600))


def test_what_was_asked_before_is_known_later() -> None:
    """What a session asks only once, such as the schema, is as it was last."""
    connection = replay(
        *line("a", "query-status", RUNNING),
        *line("b", "query-status", PAUSED),
        *line("c", "query-name", {}),
    )
    connection.begin_line("c")

    assert drive(connection.execute("query-status")) == PAUSED


def test_arguments_tell_requests_apart() -> None:
    """In whatever order they stand."""
    connection = replay(
        *line("a", {"execute": "x", "arguments": {"a": 1, "b": 2}}, "first"),
        *line("a", {"execute": "x", "arguments": {"a": 1}}, "second"),
        *line("a", {"exec-oob": "x"}, "third"),
    )

    assert drive(connection.execute("x", {"b": 2}, a=1)) == "first"
    assert drive(connection.execute("x", a=1, b=None)) == "second"
    assert drive(connection.execute("x")) == "third"


def test_replies_that_come_in_another_order() -> None:
    """They are known by their ids."""
    connection = replay(
        {"->": {"execute": "a", "id": 1}},
        {"->": {"execute": "b", "id": 2}},
        {"<-": {"return": "B", "id": 2}},
        {"<-": {"return": "A", "id": 1}},
        {"<-": {"return": "late", "id": 7}},
    )

    assert [drive(connection.execute(name)) for name in "ab"] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "info status",
            "Error: the recording has no reply to this 'query-status':"
            " the line 'info status' was not recorded\n",
        ),
        (
            "info pci",  # whose handler has a text of its own for any error
            "Error: the recording has no reply to this 'query-pci':"
            " the line 'info pci' was not recorded\n",
        ),
        ("info name", "Error: the recording has no reply to this 'query-name'\n"),
    ],
)
def test_a_line_that_diverges_says_so(text: str, complaint: str) -> None:
    """Whatever a command makes of errors."""
    assert prints(replay(*line("info name", "query-uuid", {})), text) == [complaint]


def test_errors_are_recorded_too() -> None:
    """With their class, which commands look at."""
    error = {"error": {"class": "DeviceNotFound", "desc": "no such thing"}}
    connection = replay(*line("a", "x", error))

    with pytest.raises(QMPError, match="no such thing") as caught:
        drive(connection.execute("x"))
    assert caught.value.error_class == "DeviceNotFound"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", " is not a recording of a QMP session"),
        (b'{"line": "stop"}\n', " is not a recording of a QMP session"),
        (
            b'{"<-": ' + b"[" * 5000 + b"]" * 5000 + b"}\n",
            " is not a recording: line 1: nested too deeply",
        ),
        (b'{"<-": {"QMP": 1}}\n', " is not a recording: line 1: not the greeting of a QMP"),
        (
            b'{"<-": {"QMP": {"version": {"qemu": {}}}}}\n',
            " is not a recording: line 1: not the greeting of a QMP session",
        ),
        (b'{"->": {"id": [], "execute": "x"}}', " is not a recording of a QMP session"),
        (b'{"->": {"execute": 1}}\n', " is not a recording: line 1: the request has no"),
        (
            b'{"->": {"execute": "x", "arguments": 1}}\n',
            " is not a recording: line 1: the arg",
        ),
        (b'{"<-": {"error": 1}}\n', " is not a recording: line 1: the reply has neither"),
        (b'{"<-": {"event": 1}}\n', " is not a recording: line 1: the event has no name"),
        (
            b'{"<-": {"event": "A", "data": 1}}\n',
            " is not a recording: line 1: the event's",
        ),
        (
            b'{"line": 1}\n',
            " is not a recording: line 1: neither a message nor a monitor line",
        ),
        (b"\n[1]\n", " is not a recording: line 2: neither a message nor a monitor line"),
        (
            b'{"<-": 1}\n',
            " is not a recording: line 1: neither a message nor a monitor line",
        ),
        (
            b'{"->": []}\n',
            " is not a recording: line 1: neither a message nor a monitor line",
        ),
        (b'{"line": \n', " is not a recording: line 1: Expecting value"),
        (b'{"line": ', " is not a recording of a QMP session"),
        (b"[" * 100000 + b"\n", " is not a recording: line 1: "),
        (b"\xff\xfe\n", " is not a recording: line 1: "),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes, reason: str) -> None:
    """One clear error, which names the file and the line."""
    path = tmp_path / "bad"
    path.write_bytes(content)

    with pytest.raises(ConnectError) as caught:
        open_recording(str(path))
    assert str(caught.value).startswith(f"{path}{reason}")


def test_a_device_that_never_ends_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before it fills the memory."""
    monkeypatch.setattr("hmp.qmp.replay._LONGEST", 1 << 20)

    with pytest.raises(ConnectError, match="/dev/zero: a line is longer than 1 MiB"):
        open_recording("/dev/zero")


def test_a_file_that_is_not_there() -> None:
    """That is said, too."""
    with pytest.raises(ConnectError, match="cannot read /no/recording: No such file"):
        open_recording("/no/recording")


def test_two_are_told_what_passes() -> None:
    """Or one, or nobody."""
    heard: list[str] = []
    trace = both(lambda *_: heard.append("a"), lambda *_: heard.append("b"))
    assert trace is not None
    trace("->", {})

    assert heard == ["a", "b"]
    assert both(None, None) is None


def test_the_program_records_and_replays(tmp_path: Path) -> None:
    """A recording of a script is a machine for the same script."""
    path = str(tmp_path / "recording")
    script = "# a comment\n\ninfo status\nnope\n  info   version\nstop\ninfo status\n"

    first = run("--record", path, script=script, merged=True)
    again = run(f"replay:{path}", script=script, merged=True)

    assert first.stdout == again.stdout
    assert first.returncode == again.returncode == 1
    assert "VM status: paused" in again.stdout
    assert Path(path).read_text().count('{"line": ') == 5


def test_showing_the_messages_does_not_end_a_recording(tmp_path: Path) -> None:
    """Nor does showing them no longer."""
    path = tmp_path / "recording"
    script = "trace on\ninfo status\ntrace off\ninfo name\n"
    result = run("--record", str(path), script=script)

    sent = [json.loads(text).get("->", {}) for text in path.read_text().splitlines()]
    assert [request["execute"] for request in sent if request][-2:] == [
        "query-status",
        "query-name",
    ]
    assert "query-status" in result.stderr
    assert "query-name" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["--record", "/no/folder/x"],
            "hmp: cannot write /no/folder/x: No such file or directory\n",
        ),
        (
            ["replay:/no/folder/x"],
            "hmp: cannot read /no/folder/x: No such file or directory\n",
        ),
    ],
)
def test_files_that_cannot_be(arguments: list[str], complaint: str) -> None:
    """One line says which and why."""
    result = run(*arguments, script="info status\n")

    assert result.stderr == complaint
    assert result.returncode in (2, 3)


def test_a_recording_of_a_server_that_is_asked_for_nothing() -> None:
    """It has the greeting at least."""
    file = StringIO()
    with serving({}) as server:
        SocketTarget(server.path).open_qmp(trace=Recorder(file).trace).close()

    assert json.loads(file.getvalue().splitlines()[0]) == {"<-": GREETING}


def recorded(path: Path, *lines: str, limit: int = 0) -> CompletedProcess[str]:
    """Run lines on a machine and record that; limit: KiB that the file may have."""
    with serving({"query-status": RUNNING, "query-name": {"name": "x" * 500}}) as server:
        script = f"ulimit -f {limit}; " if limit else ""
        command = ["bash", "-c", f'{script}exec "$@"', "bash", *HMP]
        return subprocess.run(
            [*command, "--record", str(path), server.path],
            input="\n".join(lines),
            capture_output=True,
            text=True,
            cwd=ROOT,
        )


def test_a_recording_is_private(tmp_path: Path) -> None:
    """It holds what the guest holds; one that was there before becomes so."""
    for name in ("new", "old"):
        path = tmp_path / name
        if name == "old":
            path.write_text("much\n" * 1000)
            path.chmod(0o644)
        assert recorded(path, "info status").returncode == 0

        assert path.stat().st_mode & 0o777 == 0o600
        assert prints(open_recording(str(path)), "info status") == ["VM status: running\n"]


def test_a_recording_begins_when_the_machine_is_reached(tmp_path: Path) -> None:
    """What is there is kept, and nothing is made, when it cannot be."""
    path = tmp_path / "record"
    assert run("--record", str(path), "-c", "stop", str(tmp_path / "none")).returncode == 3
    assert not path.exists()

    path.write_text("worth keeping")
    assert run("--record", str(path), "-c", "stop", str(tmp_path / "none")).returncode == 3
    assert path.read_text() == "worth keeping"


def test_a_full_disk_ends_the_recording_and_not_the_session(tmp_path: Path) -> None:
    """It is said once; what was recorded can be replayed."""
    path = tmp_path / "record"
    result = recorded(path, *["info status", "info name"] * 20, limit=4)

    assert result.returncode == 0
    assert result.stdout.count("VM status: running") == 20
    complaint = f"hmp: the recording {path} ends here: File too large\n"
    assert result.stderr == complaint
    assert path.stat().st_size <= 4096
    assert path.read_bytes().endswith(b"}\n")
    assert prints(open_recording(str(path)), "info status") == ["VM status: running\n"]


def test_a_pipe_that_is_not_read_holds_up_nothing(tmp_path: Path) -> None:
    """A session would hang, deaf to Ctrl-C. A reader that comes later gets all of it."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    file = RecordingFile(str(tmp_path / "pipe"))
    file.open()
    for _ in range(10):
        file.write("x" * 50_000)
    with ThreadPoolExecutor() as pool:
        end = pool.submit(file.finish)
        got = 0
        while got < 500_000:
            select([reader], [], [])
            got += len(os.read(reader, 1 << 16))
        end.result()
    os.close(reader)


def test_a_pipe_that_is_read_late_gets_all_of_a_run(tmp_path: Path) -> None:
    """The program ends when the rest is read."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with ThreadPoolExecutor() as pool:
        run_ = pool.submit(recorded, tmp_path / "pipe", *["info name"] * 200)
        select([reader], [], [])
        sleep(0.5)  # the pipe is full by then; if not, it is read in any case
        os.set_blocking(reader, True)
        with open(reader, "rb") as pipe:
            got = pipe.read()
        assert run_.result().returncode == 0

    assert len(got) > 1 << 16  # more than the pipe holds
    assert got.count(b'"line"') == 200
    assert got.endswith(b"}\n")


def test_a_pipe_that_is_never_read_ends_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before what waits for it fills the memory, and when hmp ends."""
    monkeypatch.setattr("hmp.qmp.recording._UNREAD", 100_000)
    monkeypatch.setattr("hmp.qmp.recording._PATIENCE", 0.05)
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    said: list[str] = []
    for size in (300_000, 80_000):
        file = RecordingFile(str(tmp_path / "pipe"))
        file.complain = said.append
        file.open()
        file.write("x" * size)
        file.finish()
    os.close(reader)

    assert said == [f"the recording {tmp_path}/pipe ends here: it is not read"] * 2


def test_a_device_that_is_full() -> None:
    """The same for what is no file."""
    result = recorded(Path("/dev/full"), "info status", "info status")

    assert result.returncode == 0
    assert result.stdout == "VM status: running\n" * 2
    complaint = "hmp: the recording /dev/full ends here: No space left on device\n"
    assert result.stderr == complaint


def test_a_pipe_that_nobody_reads(tmp_path: Path) -> None:
    """It is an error, and not waited for."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    result = recorded(path, "info status")

    assert result.returncode == 2
    assert result.stderr == f"hmp: cannot write {path}: No such device or address\n"


def test_a_recording_that_was_cut_anywhere(tmp_path: Path) -> None:
    """What is whole of it can be replayed, as far as it goes."""
    path = tmp_path / "record"
    assert recorded(path, "info status", "info name").returncode == 0
    whole = path.read_bytes()
    greeting = whole.index(b"\n")

    for size in range(greeting, len(whole)):
        path.write_bytes(whole[:size])
        assert open_recording(str(path)).version == (10, 2, 2)


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 50))
def test_damaged_recordings(noise: bytes, start: int, length: int) -> None:
    """Any bytes, or a recording with any bytes in it, are a machine or one clear error."""
    records = [{"<-": GREETING}, *line("info status", "query-status", RUNNING)]
    good = "".join(f"{json.dumps(record)}\n" for record in records).encode()
    place = start % len(good)
    for data in (noise, good[:place] + noise + good[place + length :]):
        try:
            machine = ReplayConnection(read_records(data.splitlines(True), "name"), "name")
        except ConnectError:
            continue
        prints(machine, "info status", "stop", "info name")


def test_a_file_keeps_what_comes_before_it_is_open(tmp_path: Path) -> None:
    """And only its owner can read it, whoever could read the file before."""
    path = tmp_path / "recording"
    path.write_text("something older, and longer than all of this")
    path.chmod(0o644)
    file = RecordingFile(str(path))
    file.write("a\n")
    assert path.read_text().startswith("something older")

    file.open()
    file.write("ä\n")
    assert path.read_text() == "a\nä\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_recording_that_cannot_be_written_ends() -> None:
    """What follows is dropped; the session is told once."""
    complaints: list[str] = []
    file = RecordingFile("/dev/full")
    file.complain = complaints.append
    file.write("a\n")
    file.open()
    file.write("b\n")

    assert complaints == ["the recording /dev/full ends here: No space left on device"]


def test_a_recording_ends_after_its_last_whole_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of which a part was written is cut off."""
    path = tmp_path / "recording"
    file = RecordingFile(str(path))
    file.open()
    file.write("one\n")
    write, limits = os.write, [2, 0]

    def limited(fd: int, data: bytes) -> int:
        limit = limits.pop(0)
        if not limit:
            raise OSError(28, "No space left on device")
        return write(fd, data[:limit])

    monkeypatch.setattr(os, "write", limited)
    file.write("two\n")
    assert path.read_text() == "one\n"

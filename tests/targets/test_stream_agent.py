"""Guest agents: a real one, and one that misbehaves."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmp.builtin import load_tables
from hmp.frontends.script import drive
from hmp.monitor.monitor import Monitor
from hmp.qmp.connection import Connection
from hmp.qmp.errors import ConnectError, MachineGoneError, NoReplyError, QMPError
from hmp.targets.address import parse_target
from hmp.targets.agent_target import parse_agent
from tests.fakes import LIMIT
from tests.program import ROOT
from tests.targets.agents import PlayedAgent, RealAgent, needs_agent


@pytest.fixture(scope="module")
def agent() -> Iterator[Path]:
    """A real agent's socket."""
    with RealAgent() as agent:
        yield agent.path


def hmp(*arguments: str, script: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [sys.executable, "-m", "hmp", *arguments],
        input=script,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=2 * LIMIT,
    )


def opened(played: PlayedAgent, **options: Any) -> Connection:
    """Connect to a played agent."""
    return parse_target(f"qga:{played.path}").open(**options)


def said(value: object) -> bytes:
    """Return a reply."""
    return json.dumps({"return": value}).encode() + b"\n"


# The real one


@needs_agent
def test_a_script_asks_a_real_agent(agent: Path) -> None:
    """Commands of its own, raw ones with checks, and what an agent does not have."""
    script = "\n".join(
        [
            'guest exec sh -c "echo out; echo err >&2; exit 3"',
            "qmp guest-ping",
            "qmp guest-exec pat=/bin/true",
            "qmp guest-get-nothing",
            "qmp guest-shutdown",
            "info status",
            "info qtree",
            "type x",
        ]
    )
    done = hmp(f"qga:{agent}", script=script)

    assert "out\nerr\nexit status 3\n{\n}\n" in done.stdout
    assert "Error: 'pat' is not expected\n" in done.stderr
    assert "Error: no QMP command 'guest-get-nothing'\n" in done.stderr
    assert "has been disabled" in done.stderr
    for line in (
        "a guest agent has no QMP command 'query-status', which this needs",
        "'info qtree' needs the monitor of a real QEMU, which a guest agent does not have",
        "a guest agent has no QMP command 'input-send-event', which this needs",
    ):
        assert f"Error: {line}\n" in done.stderr
    assert done.returncode == 1


@needs_agent
def test_the_list_has_its_version(agent: Path) -> None:
    """As its executable has it, among other words."""
    listed = json.loads(
        next(
            line
            for line in hmp("--list", "-o", "json").stdout.splitlines()
            if str(agent) in line
        )
    )
    connection = parse_target(f"qga:{agent}").open()
    assert listed["version"] == ".".join(map(str, connection.version))
    connection.close()


@needs_agent
def test_files_of_the_guest(agent: Path, tmp_path: Path) -> None:
    """Written and read in chunks."""
    text = "one line, with ümlauts\n" * 40_000
    source, there = tmp_path / "source", tmp_path / "there"
    source.write_text(text)
    done = hmp(f"qga:{agent}", "-c", f"guest write {there} {source}")
    assert done.stdout == f"{len(text.encode())} bytes written\n"
    assert there.read_text() == text
    assert hmp(f"qga:{agent}", "-c", f"guest read {there}").stdout == text
    there.write_bytes(b"\0\xff")

    binary = hmp(f"qga:{agent}", "-o", "json", "-c", f"guest read {there}")
    assert json.loads(binary.stdout)["return"] == {"base64": "AP8="}
    plain = hmp(f"qga:{agent}", "-c", f"guest read {there}")
    assert plain.stderr == "Error: the file is not UTF-8 text; -o json shows it in base64\n"


@needs_agent
def test_a_read_only_session_reads_files(agent: Path, tmp_path: Path) -> None:
    """And writes none."""
    file = tmp_path / "file"
    file.write_text("content\n")
    script = f"guest read {file}\nguest write {file} {file}\nguest exec true\nguest ip\n"
    done = hmp("--read-only", f"qga:{agent}", script=script)

    assert done.stdout.startswith("content\nlo: ")
    assert done.stderr.count("refused: this session is read-only") == 2
    assert file.read_text() == "content\n"


@needs_agent
def test_descriptions_come_from_our_schema(agent: Path) -> None:
    """Completion knows the commands that this agent has, and their arguments."""
    connection = parse_target(f"qga:{agent}").open()
    schema = drive(connection.schema())

    assert {"guest-exec", "guest-get-osinfo", "guest-ping"} <= set(schema.commands())
    assert [member["name"] for member in schema.members("guest-file-open")] == [
        "path",
        "mode",
    ]
    assert "its arguments" in drive(connection.describe("guest-exec"))
    connection.close()


@needs_agent
def test_an_exec_can_be_given_up(agent: Path) -> None:
    """At its own limit; the agent works as before."""
    done = hmp(f"qga:{agent}", script="guest exec -t 0.2 sleep 2\nguest exec echo on\n")

    assert done.stderr.startswith("Error: the program has not ended within 0.2 s")
    assert done.stdout == "on\n"


@needs_agent
def test_a_recording_of_an_agent_is_replayed(agent: Path, tmp_path: Path) -> None:
    """Without the agent."""
    path = tmp_path / "recording"
    lines = ("-c", "guest exec echo hello", "-c", "qmp guest-get-host-name")
    first = hmp("--record", str(path), f"qga:{agent}", *lines)
    second = hmp(f"replay:{path}", *lines)

    assert first.stdout.startswith("hello\n")
    assert (second.stdout, second.stderr) == (first.stdout, first.stderr)


# One that misbehaves


@pytest.mark.parametrize(
    "noise",
    [
        b'{"return": {}}\n',
        b'{"return": {"half',
        b"\xff\xff",
        b'\xff{"return": 7}\n',
        b'{"error": {"class": "GenericError", "desc": "old"}}\n\xff',
        b"\x00\xfe\n\n\n",
    ],
)
def test_what_earlier_clients_left_is_dropped(noise: bytes) -> None:
    """Whatever stands on the wire before our first reply."""
    with PlayedAgent(lambda request: said("ours"), noise) as played:
        connection = opened(played)
        assert connection.version == (9, 9, 1)
        assert drive(connection.execute("guest-anything")) == "ours"
        connection.close()


def test_a_late_reply_is_no_other_requests() -> None:
    """After a time limit the two are synchronised again."""
    late: list[bytes] = []

    def answer(request: dict[str, Any]) -> bytes | None:
        if request["execute"] == "slow":
            late.append(said("late"))
            return None
        return b"".join(late) + said("mine") if not late else late.pop() + said("mine")

    with PlayedAgent(answer) as played:
        connection = opened(played, timeout=0.3)
        with pytest.raises(NoReplyError, match="no reply to 'slow' within 0"):
            drive(connection.execute("slow"))
        assert played.client is not None
        played.client.sendall(late.pop())
        assert drive(connection.execute("quick")) == "mine"
        connection.close()


def test_a_caller_that_gives_up_frees_the_agent() -> None:
    """In a session, too, where nothing limits the time."""

    async def run() -> None:
        with PlayedAgent(
            lambda request: None if request["execute"] == "slow" else said("mine")
        ) as played:
            served = await opened(played).adopt()
            slow = asyncio.ensure_future(served.execute("slow"))
            while not played.requests:
                await asyncio.sleep(0.01)
            slow.cancel()
            await asyncio.wait([slow], timeout=LIMIT)
            assert await asyncio.wait_for(served.execute("quick"), LIMIT) == "mine"
            served.close()

    asyncio.run(run())


def test_success_of_a_shutdown_is_silence() -> None:
    """The error that an agent may send instead is the command's."""
    with PlayedAgent(lambda request: None) as played:
        connection = opened(played)
        assert drive(connection.execute("guest-shutdown")) == {}
        connection.close()
    error = {"error": {"class": "GenericError", "desc": "not now"}}
    with PlayedAgent(lambda request: json.dumps(error).encode() + b"\n") as played:
        connection = opened(played)
        with pytest.raises(QMPError, match="not now"):
            drive(connection.execute("guest-shutdown"))
        connection.close()


def test_a_guest_that_ends_is_a_success_too() -> None:
    """It closes the connection before it can answer."""

    def answer(request: dict[str, Any]) -> bytes | None:
        raise OSError

    with PlayedAgent(answer) as played:
        connection = opened(played)
        assert drive(connection.execute("guest-shutdown")) == {}
        with pytest.raises(MachineGoneError, match="closed the connection"):
            drive(connection.execute("guest-ping"))
        connection.close()


def test_a_silent_socket_is_explained() -> None:
    """It may be a guest without an agent, or another client's."""
    with PlayedAgent(lambda request: None) as played:
        played._reply = lambda request: None  # type: ignore[method-assign]  # silent
        with pytest.raises(ConnectError, match="no guest agent answers"):
            opened(played, timeout=0.3)


def test_an_unknown_command_of_a_newer_agent_can_be_called() -> None:
    """With any arguments; ours says nothing of it."""
    with PlayedAgent(lambda request: said({"new": True})) as played:
        connection = opened(played)
        monitor = Monitor(connection, load_tables())
        call = drive(monitor.run("qmp guest-new-thing some=1"))
        assert call is not None
        assert call.value == {"new": True}
        assert played.requests[-1]["arguments"] == {"some": 1}
        names = drive(connection.execute("query-commands"))
        assert {"name": "guest-exec"} not in names
        assert {"name": "guest-new-thing"} in names
        connection.close()


@pytest.mark.parametrize(
    "reply",
    [
        b"no json\n",
        b"[]\n",
        b'{"neither": 1}\n',
        b'{"return": {"pid": "no number"}}\n',
        b'{"return": {"exited": true, "out-data": "!!"}}\n',
    ],
)
def test_malformed_replies_are_errors(reply: bytes) -> None:
    """Of the line, or the end of the connection; never a traceback."""
    with PlayedAgent(lambda request: reply) as played:
        connection = opened(played)
        monitor = Monitor(connection, load_tables())
        try:
            call = drive(monitor.run("guest exec ls"))
        except MachineGoneError:
            pass
        else:
            assert call is not None
            assert call.error is not None
            assert "bug" not in call.error_text()
        connection.close()


EXAMPLES = 3000 if os.environ.get("HMP_TEST_RANDOM_SECONDS") else 60
PIECES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [b"\xff", b"\n", b'{"return": 1}\n', b'\xff{"return": 1}\n', b'{"error": {']
    ),
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(PIECES, max_size=6).map(b"".join))
def test_any_noise_is_dropped(noise: bytes) -> None:
    """Whatever it is, the first reply that we take is ours."""
    with PlayedAgent(lambda request: said("ours"), noise) as played:
        connection = opened(played)
        assert drive(connection.execute("guest-anything")) == "ours"
        connection.close()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(PIECES, max_size=4).map(b"".join))
def test_any_reply_is_a_value_or_an_error(reply: bytes) -> None:
    """And the one after it is that of its own request, unless the connection has ended."""

    def answer(request: dict[str, Any]) -> bytes:
        return said("next") if request["execute"] == "guest-next" else reply

    with PlayedAgent(answer) as played:
        connection = opened(played, timeout=0.1)
        with suppress(QMPError, MachineGoneError):
            drive(connection.execute("guest-first"))
        with suppress(QMPError, MachineGoneError):
            connection.timeout = LIMIT
            assert drive(connection.execute("guest-next")) == "next"
        connection.close()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("qga:/run/agent", "SocketTarget"),
        ("qga:unix:/run/agent", "SocketTarget"),
        ("qga:localhost:1234", "SocketTarget"),
        ("qga:libvirt:vm", "DomainTarget"),
        ("qga:qemu:///system/vm", "DomainTarget"),
        ("qga:vm", "NoneType"),
    ],
)
def test_addresses(text: str, kind: str) -> None:
    """They are read, and print as they were typed."""
    target = parse_agent(text)

    assert str(target) == text
    assert type(target.inner).__name__ == kind


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("qga:", "needs an address"),
        ("qga:qga:vm", "cannot have a guest agent"),
        ("qga:localhost:99999", "not a TCP port"),
    ],
)
def test_wrong_addresses(text: str, problem: str) -> None:
    """They are refused."""
    with pytest.raises(ValueError, match=problem):
        parse_target(text)

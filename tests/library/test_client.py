from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

import hmp
from hmp.client import (
    BadReplyError,
    ConnectError,
    EventTimeoutError,
    LineFailedError,
    Machine,
    MachineGoneError,
    QMPError,
    connect,
)
from hmp.library.python_names import command_name, member_names
from hmp.qmp.reply_types import COMMANDS
from tests.fakes import FAKE_QEMU, LIMIT, FakeServer, Peer, serving
from tests.program import ROOT

STATUS = {"status": "running", "running": True}


def test_a_line_has_a_value_and_a_text() -> None:
    """The value is QMP's, the text QEMU's own."""
    with serving({"query-status": STATUS}) as server, hmp.connect(server.path) as vm:
        result = vm.run("info status")

        assert (result.value, result.text, result.error) == (
            STATUS,
            "VM status: running\n",
            None,
        )
        assert result.ok
        assert "running" in repr(result)


@pytest.mark.parametrize(
    "use",
    [
        lambda vm: vm.run("info status"),
        lambda vm: vm.qmp.query_status(),
        lambda vm: vm.wait("STOP", timeout=1),
        lambda vm: next(vm.events()),
    ],
)
@pytest.mark.parametrize("embedded", [True, False])
def test_what_is_closed_here_is_said_to_be(
    use: Callable[[Machine], object], embedded: bool
) -> None:
    """The machine is not blamed, and no error of the socket shows."""
    with serving({"query-status": STATUS}) as server:
        with connect(None if embedded else server.path) as vm:
            pass
        with pytest.raises(MachineGoneError, match="closed by this program") as caught:
            use(vm)

    assert caught.value.__cause__ is caught.value.__context__ is None


def test_what_is_closed_here_is_said_to_be_in_an_event_loop() -> None:
    """By each of its coroutines."""

    async def use() -> list[str]:
        async with hmp.aconnect() as vm:
            pass
        found = await asyncio.gather(
            vm.run("info status"),
            vm.qmp.query_status(),
            vm.wait("STOP"),
            anext(vm.events()),
            return_exceptions=True,
        )
        return [str(error) for error in found]

    assert set(asyncio.run(use())) == {
        "the connection to the machine was closed by this program, by close() or at the"
        " end of its 'with' block"
    }


def test_a_line_that_fails_raises() -> None:
    """With QEMU's description and class, and the text of its monitor."""
    answers = {"eject": QMPError("Device 'd' not found", "DeviceNotFound")}
    with serving(answers) as server, connect(server.path) as vm:
        with pytest.raises(LineFailedError) as caught:
            vm.run("eject d")

        assert (caught.value.desc, caught.value.error_class) == (
            "Device 'd' not found",
            "DeviceNotFound",
        )
        assert caught.value.text == "Error: Device 'd' not found\n"
        assert str(caught.value) == "eject d: Device 'd' not found"


@pytest.mark.parametrize(
    ("line", "desc"),
    [("eject d", "no such device"), ("eject", "block device name expected"), ("x y z", "")],
)
def test_an_error_can_be_a_value(line: str, desc: str) -> None:
    """Of the machine, of the language, or an unknown command."""
    answers = {"eject": QMPError("no such device")}
    with serving(answers) as server, connect(server.path) as vm:
        result = vm.run(line, check=False)

    assert not result.ok
    assert result.error is not None
    assert desc in result.error.desc
    assert result.text == result.error.text
    assert result.value is None


def test_a_secret_is_in_no_result() -> None:
    """Nor in the error, or the text of either."""
    answers = {"set_password": QMPError("bad password 'geheim'")}
    with serving(answers) as server, connect(server.path) as vm:
        error = vm.run("set_password vnc geheim", check=False).error

    assert error is not None
    assert "geheim" not in f"{error} {error!r} {error.text} {error.line}"


def test_an_empty_line_is_a_mistake() -> None:
    """A program that runs one has lost its text."""
    with connect() as vm, pytest.raises(ValueError, match="empty"):
        vm.run("  ")


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("query_status", "query-status"),
        ("device_add", "device_add"),
        ("block_resize", "block_resize"),
        ("human_monitor_command", "human-monitor-command"),
        ("stop", "stop"),
        ("query-status", "query-status"),
    ],
)
def test_python_names_of_commands(spelled: str, name: str) -> None:
    """A few of QMP's old commands have underscores."""
    assert command_name(spelled) == name


def test_every_command_has_a_python_name() -> None:
    """Which is its own with underscores."""
    known = [line.split()[0] for line in COMMANDS.splitlines()]
    assert "qmp_capabilities" in known
    assert [command_name(name.replace("-", "_")) for name in known] == known


@pytest.mark.parametrize(
    ("command", "members", "sent"),
    [
        ("netdev_add", {"a_b": 1}, {"a_b": 1}),
        ("object-add", {"a_b": 1}, {"a_b": 1}),
        ("block_resize", {"node_name": "n", "device": None}, {"node-name": "n"}),
        ("block_set_io_throttle", {"bps_rd": 1}, {"bps_rd": 1}),
        (
            "device_add",
            {"driver": "e1000", "my_prop": 1},
            {"driver": "e1000", "my_prop": 1},
        ),
        ("x", {"from_": 1}, {"from": 1}),
    ],
)
def test_python_names_of_arguments(
    command: str, members: dict[str, Any], sent: dict[str, Any]
) -> None:
    """None is absent; what may have any name keeps it."""
    assert member_names(command, members) == sent


def test_qmp_commands_are_methods() -> None:
    """By attribute and by name; arguments by name, in a dict, or both."""
    seen: list[Any] = []

    def script(peer: Peer) -> None:
        peer.negotiate()
        for _ in range(3):
            request = peer.read()
            seen.append((request["execute"], request.get("arguments")))
            peer.reply(request, {"n": len(seen)})

    with FakeServer(script) as server, connect(server.path) as vm:
        assert vm.qmp.query_status() == {"n": 1}
        assert vm.qmp("x-do", {"a_b": 1}, c_d=2, e=None) == {"n": 2}
        assert vm.qmp.block_resize(node_name="n", size=1) == {"n": 3}

    assert seen == [
        ("query-status", None),
        ("x-do", {"a_b": 1, "c-d": 2}),
        ("block_resize", {"node-name": "n", "size": 1}),
    ]


def test_a_qmp_error_is_an_exception() -> None:
    """Of QEMU's class."""
    with connect() as vm:
        with pytest.raises(QMPError) as caught:
            vm.qmp.no_such_command()

        assert caught.value.error_class == "CommandNotFound"
        with pytest.raises(AttributeError):
            vm.qmp.__wrapped__  # noqa: B018 - what inspection asks for is no command


def events(*names: str) -> FakeServer:
    """Return a server that sends events, each with its number, before the reply to stop."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        request = peer.read()
        for number, name in enumerate(names):
            peer.send({"event": name, "data": {"node-name": f"n{number}"}})
        peer.reply(request, {})
        peer.serve({"query-status": STATUS})

    return FakeServer(script)


def test_an_event_that_a_line_caused_is_not_missed() -> None:
    """Though it came before its reply; the data may choose among several."""
    with events("STOP", "A", "A", "A") as server, connect(server.path) as vm:
        vm.run("stop")
        vm.run("info status")

        assert vm.wait("A", node_name="n2", timeout=LIMIT)["data"] == {"node-name": "n2"}
        assert vm.wait("A", timeout=LIMIT)["data"] == {"node-name": "n1"}
        assert vm.wait("STOP", timeout=LIMIT)["event"] == "STOP"
        with pytest.raises(EventTimeoutError, match=r"no STOP within 0\.05 s"):
            vm.wait("STOP", timeout=0.05)
        with pytest.raises(TimeoutError):
            vm.wait("A", node_name="n9", timeout=0.05)


def test_an_event_of_a_wrong_shape() -> None:
    """It is raised once where events are read, and fails a line that it came with."""
    with events("RTC_CHANGE", "STOP") as server, connect(server.path) as vm:
        vm.qmp.stop()
        with pytest.raises(BadReplyError, match="'RTC_CHANGE' does not match its schema"):
            vm.wait("RTC_CHANGE", timeout=LIMIT)
        assert [event["event"] for event in vm.events(timeout=0.05)] == ["STOP"]
    with events("RTC_CHANGE", "STOP") as server, connect(server.path) as vm:
        vm.qmp.stop()
        with pytest.raises(BadReplyError, match="'RTC_CHANGE' does not match its schema"):
            list(vm.events(timeout=0.05))
    with (
        events("RTC_CHANGE") as server,
        connect(server.path) as vm,
        pytest.raises(LineFailedError, match="'RTC_CHANGE' does not match its schema"),
    ):
        vm.run("stop")


def test_events_come_once_each() -> None:
    """Until none has come for a time."""
    with events("STOP", "A", "B") as server, connect(server.path) as vm:
        vm.run("stop")

        assert [event["event"] for event in vm.events(timeout=0.05)] == ["STOP", "A", "B"]
        assert list(vm.events(timeout=0.05)) == []


def test_a_limit_of_none_is_for_what_has_arrived() -> None:
    """It need not have been read yet."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        request = peer.read()
        peer.reply(request, {})
        assert asked.wait(LIMIT)
        peer.send({"event": "A"}, {"event": "B"})
        sent.set()
        peer.socket.recv(1)  # until the client has closed it

    asked, sent = threading.Event(), threading.Event()
    with FakeServer(script) as server, connect(server.path) as vm:
        vm.qmp.stop()
        assert list(vm.events(0)) == []
        asked.set()
        assert sent.wait(LIMIT)

        assert [event["event"] for event in vm.events(0)] == ["A", "B"]


@pytest.mark.parametrize("timeout", [LIMIT, None])
def test_an_event_that_comes_later(timeout: float | None) -> None:
    """It is waited for, as long as it takes."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        for name in ("A", "B"):
            peer.reply(peer.read(), {})
            assert not never.wait(0.05)
            peer.send({"event": name})
        peer.socket.recv(1)  # until the client has closed it

    never = threading.Event()
    with FakeServer(script) as server, connect(server.path) as vm:
        vm.qmp.stop()
        assert vm.wait("A", timeout=timeout)["event"] == "A"
        vm.qmp.stop()
        events = iter(vm.events(timeout))
        assert [next(events)["event"] for _ in range(2)] == ["A", "B"]


def test_a_machine_that_goes_away() -> None:
    """An exception, in each method."""

    def script(peer: Peer) -> None:
        peer.negotiate()

    with FakeServer(script) as server, connect(server.path) as vm:
        for method in (lambda: vm.run("info status"), lambda: vm.qmp.stop()):
            with pytest.raises(MachineGoneError):
                method()
        with pytest.raises(MachineGoneError):
            vm.wait("A", timeout=LIMIT)


def test_an_empty_target_is_a_mistake() -> None:
    """It would mean the machine in this process."""
    with pytest.raises(ValueError, match=r"^the target is empty$"):
        connect("")


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("configured", [False, True])
def test_a_target_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: bool, configured: bool
) -> None:
    """It, or the caller, may say that the machine is only read."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "hmp").mkdir()
    with serving({"query-status": STATUS}) as server:
        (tmp_path / "hmp" / "config.toml").write_text(
            f'[targets.web]\ntarget = "{server.path}"\n'
            f"read_only = {str(configured).lower()}\n"
        )
        with connect("web", read_only=typed) as vm:
            assert vm.monitor.read_only is (typed or configured)
            assert vm.target == "web"


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("/nonexistent/qmp", ConnectError),
        ("no-such-machine", ConnectError),
        ("", ValueError),
    ],
)
def test_a_machine_that_cannot_be_reached(target: str, error: type[Exception]) -> None:
    """The text says what to do."""
    with pytest.raises(error):
        connect(target)


def test_a_machine_that_may_only_be_read() -> None:
    """Lines and QMP commands are refused alike."""
    answers = {"query-status": STATUS}
    with serving(answers) as server, connect(server.path, read_only=True) as vm:
        assert vm.qmp.query_status() == STATUS
        with pytest.raises(QMPError, match="read-only"):
            vm.qmp.stop()
        with pytest.raises(LineFailedError, match="read-only"):
            vm.run("stop")


def test_the_embedded_machine_prints_where_it_is_told() -> None:
    """And nowhere else."""
    printed: list[str] = []
    with connect(output=printed.append) as vm:
        vm.run("hello-world Moon")

    assert printed == ["Moon\n"]


def test_the_same_in_an_event_loop() -> None:
    """Lines, QMP commands, waits and events are coroutines."""

    async def main() -> None:
        with events("STOP", "A") as server:
            async with hmp.aconnect(server.path) as vm:
                await vm.run("stop")
                assert (await vm.wait("A", timeout=LIMIT))["event"] == "A"
                assert [e["event"] async for e in vm.events(timeout=0.05)] == ["STOP", "A"]
                both: list[Coroutine[Any, Any, Any]] = [
                    vm.qmp.query_status(),
                    vm.qmp("query-status"),
                ]
                assert await asyncio.gather(*both) == [STATUS, STATUS]
                with pytest.raises(EventTimeoutError):
                    await vm.wait("B", timeout=0.05)

    asyncio.run(main())


def test_lines_at_the_same_time() -> None:
    """None counts as part of another: each has its own limit, result and secrets."""
    names = [f"s{number}" for number in range(30)]
    lines = [f"object_add secret,id={name},data=geheim-{name}" for name in names]

    def script(peer: Peer) -> None:
        peer.negotiate()
        # the last one is answered first, and none before all have come
        for request in reversed([peer.read() for _ in names]):
            name = request["arguments"]["id"]
            peer.reply(request, QMPError(f"geheim-{name} is wrong"))

    async def main() -> None:
        with FakeServer(script) as server:
            async with hmp.aconnect(server.path, trace=lambda *m: seen.append(m)) as vm:
                found = await asyncio.gather(*(vm.run(line, check=False) for line in lines))
                assert [result.line for result in found] == shown
                assert [str(result.error) for result in found] == [
                    f"{line}: *** is wrong" for line in shown
                ]

    seen: list[Any] = []
    shown = [f"object_add secret,id={name},data=***" for name in names]
    asyncio.run(main())
    assert "geheim" not in str(seen)


def test_a_line_that_waits_beside_another() -> None:
    """It ends with the event that the other one causes."""

    async def main() -> None:
        with events("STOP") as server:
            async with hmp.aconnect(server.path) as vm:
                waiting = asyncio.create_task(vm.run(f"wait STOP --timeout {LIMIT}"))
                await asyncio.sleep(0)
                await vm.run("stop")
                assert (await waiting).value["event"] == "STOP"

    asyncio.run(main())


def test_connecting_that_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection that its thread makes nevertheless is closed."""
    given_up, closed = threading.Event(), threading.Event()

    class Late:
        close = closed.set

    def connect(*_: object) -> tuple[Late, bool]:
        given_up.wait(LIMIT)
        return Late(), False

    async def main() -> None:
        connecting = asyncio.ensure_future(hmp.aconnect("vm").__aenter__())
        await asyncio.sleep(0.01)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        given_up.set()
        assert await asyncio.to_thread(closed.wait, LIMIT)

    monkeypatch.setattr("hmp.client._connection", connect)
    asyncio.run(main())


def test_a_machine_may_be_awaited_too() -> None:
    """Then the caller closes it; a block closes it at its end, also after an error."""

    async def main() -> None:
        with serving({"query-status": STATUS}) as server:
            vm = await hmp.aconnect(server.path)
            assert await vm.qmp.query_status() == STATUS
            vm.close()
        with serving({"query-status": STATUS}) as server:
            with pytest.raises(ZeroDivisionError):
                async with hmp.aconnect(server.path) as vm:
                    raise ZeroDivisionError
            with pytest.raises(MachineGoneError):
                await vm.qmp.query_status()

    asyncio.run(main())


SMALL = """
import sys
from hmp import connect
with connect(sys.argv[1]) as vm:
    vm.run("info status"); vm.qmp.query_status()
heavy = {"asyncio", "rich", "prompt_toolkit", "argparse", "threading"}
sys.exit(", ".join(heavy & set(sys.modules)) or 0)
"""


def test_the_blocking_form_imports_little() -> None:
    """No event loop, and nothing that draws."""
    with serving({"query-status": STATUS}) as server:
        done = subprocess.run(
            [sys.executable, "-c", SMALL, server.path],
            capture_output=True,
            timeout=LIMIT,
            cwd=ROOT,
        )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_what_there_is_not() -> None:
    """A misspelt name of the package is an error as of any."""
    with pytest.raises(AttributeError, match="conect"):
        hmp.conect  # noqa: B018 - it is not there


def test_null_in_arguments_is_sent() -> None:
    """Under QMP's names; a Python argument that is None is left out."""
    seen: list[Any] = []

    def script(peer: Peer) -> None:
        peer.negotiate()
        while True:
            request = peer.read()
            seen.append(request.get("arguments"))
            peer.reply(request, {} if len(seen) == 1 else QMPError("no"))

    with FakeServer(script) as server, connect(server.path) as vm:
        vm.qmp("x-set", {"a-b": None}, c=None)
        with pytest.raises(QMPError, match="no"):
            vm.qmp("x-set", {"a-b": None})

    assert seen == [{"a-b": None}, {"a-b": None}]


def test_a_command_line_is_a_list_of_words() -> None:
    """A text would start a program called by its first letter."""
    with pytest.raises(ValueError, match=r"a list of words: shlex\.split\('qemu -M q'\)"):
        hmp.launch("qemu -M q")
    with pytest.raises(ValueError, match="empty"):
        hmp.launch([])


def test_a_machine_that_is_started() -> None:
    """It has its command line for a name, and ends with its connection."""
    words = [sys.executable, str(FAKE_QEMU), "-S"]
    with hmp.launch(words, read_only=True) as machine:
        assert machine.target == " ".join(words)
        assert machine.monitor.read_only
        assert machine.version == machine.monitor.qmp.version


def test_what_programs_with_sets_need_comes_late() -> None:
    """As names of the module, which has no others."""
    from hmp import client
    from hmp.fleet import machine_sets, node_sets

    assert client.Machines is machine_sets.Machines
    assert client.AsyncMachines is machine_sets.AsyncMachines
    assert client.SetError is node_sets.SetError
    with pytest.raises(
        AttributeError, match=r"module 'hmp\.client' has no attribute 'Sets'"
    ):
        _ = client.Sets


class Asked(Exception):
    """The table was asked for, with these directories, and whether all of it is read."""


async def awaited(opening: Any) -> None:
    """Wait for a machine."""
    await opening


@pytest.mark.parametrize(
    "work",
    [
        lambda: hmp.connect(extend=["x"]),
        lambda: hmp.connect("/none", extend=["x"]),
        lambda: asyncio.run(awaited(hmp.aconnect("/none", extend=["x"]))),
        lambda: hmp.connect_all("/none", extend=["x"]),
        lambda: hmp.connect("vm[1-2]", extend=["x"]),
        lambda: hmp.launch(["/none"], extend=["x"]),
    ],
)
def test_the_table_is_read_as_far_as_it_is_used(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]
) -> None:
    """With the program's own directories."""

    def asked(directories: list[str], lazy: bool = False) -> None:
        raise Asked(directories, lazy)

    monkeypatch.setattr("hmp.client.load_tables", asked)
    with pytest.raises(Asked) as caught:
        work()

    assert caught.value.args == (["x"], True)

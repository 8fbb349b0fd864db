from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hmp.language.qemu_opts import OptionsError
from hmp.machine.machine import EmbeddedMachine, Extension
from hmp.qapi import QAPIError
from hmp.serving.base_client import UNREAD_LIMIT
from hmp.serving.hmp_client import echo
from hmp.serving.monitors import serve
from hmp.serving.sockets import ListenError
from tests.fakes import tables, until
from tests.serving.served import Message, QmpClient, Served, run, serving

TCP = "tcp:127.0.0.1:0,server=on,wait=off"

SCHEMA = """
##
# @sleep:
#
# Wait until somebody calls wake.
##
{ 'command': 'sleep', 'coroutine': true }

##
# @wake:
#
# Let those go on that sleep.
##
{ 'command': 'wake', 'allow-oob': true }

##
# @WATCHDOG:
#
# Comes no more than once a second.
#
# @count: which one it is.
##
{ 'event': 'WATCHDOG', 'data': { 'count': 'int' } }
"""


def unix(path: Path) -> str:
    """Return the option of a Unix socket that waits for nobody."""
    return f"unix:{path},server=on,wait=off"


def sleeping(folder: Path) -> tuple[Extension, list[str]]:
    """Return commands that wait and wake, and a list of what becomes of the waiting."""
    path = folder / "schema.json"
    path.write_text(SCHEMA)
    awake = asyncio.Event()
    log: list[str] = []

    async def qmp_sleep() -> None:
        log.append("sleeps")
        try:
            await awake.wait()
        except asyncio.CancelledError:
            log.append("cancelled")
            raise
        log.append("woke")

    def qmp_wake() -> None:
        awake.set()

    return Extension(str(path), [qmp_sleep, qmp_wake]), log


def test_a_daemon_s_loop_is_as_before(tmp_path: Path) -> None:
    """Start and stop leave no task, no reader, no listener, no signal handler."""
    path = tmp_path / "q"

    async def main() -> None:
        loop = asyncio.get_running_loop()
        before = len(asyncio.all_tasks()), _readers(loop), _signals()
        for _ in range(2):
            async with serving(qmp=[unix(path), TCP], monitor=TCP) as served:
                first, second = await served.qmp(0), await served.qmp(1)
                human = await served.human(2)
                assert await first.ask("query-name") == {"return": {}}
                listeners = served.machine.listeners
            assert not path.exists()
            assert listeners == []
            assert not served.machine.ended
            assert (await first.rest(), await second.rest()) == (b"", b"")
            assert await human.rest() == b""
        await asyncio.sleep(0)
        assert (len(asyncio.all_tasks()), _readers(loop), _signals()) == before

    run(main())


def _readers(loop: asyncio.AbstractEventLoop) -> set[int]:
    selector: Any = loop._selector  # type: ignore[attr-defined]  # nobody else tells
    return set(selector.get_map())


def _signals() -> list[Any]:
    return [signal.getsignal(number) for number in signal.valid_signals()]


def test_addresses_are_as_qemu_writes_them(tmp_path: Path) -> None:
    """In the order of the options; port 0 is whichever was free."""

    async def main() -> None:
        async with serving(
            qmp=[unix(tmp_path / "q"), "null", TCP], monitor=unix(tmp_path / "m")
        ) as served:
            first, second, third = served.server.addresses
            assert first == f"unix:{tmp_path}/q"
            kind, host, port = second.split(":")
            assert (kind, host) == ("tcp", "127.0.0.1")
            assert int(port) > 0
            assert third == f"unix:{tmp_path}/m"

    run(main())


def test_what_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    """The first socket is gone again when the second one cannot be had."""

    async def main() -> None:
        with pytest.raises(ListenError, match="No such file or directory"):
            async with serving(qmp=[unix(tmp_path / "q"), unix(tmp_path / "x" / "y")]):
                raise AssertionError
        assert not (tmp_path / "q").exists()

    run(main())
    machine = EmbeddedMachine(output=print)
    with pytest.raises(OptionsError, match="not a valid char driver"):
        serve(machine, qmp="nonsense")
    machine.close()


def test_others_than_this_host_are_told_of(tmp_path: Path) -> None:
    """Who listens beyond loopback says so; who doesn't, says nothing."""

    async def main() -> list[str]:
        exposed = "tcp:0.0.0.0:0,server=on,wait=off"
        async with serving(qmp=[TCP, exposed, unix(tmp_path / "q")]) as served:
            address = served.server.addresses[1]
            assert served.notices == [
                f"warning: -qmp {exposed}: a monitor has no authentication:"
                f" whoever can connect to {address} controls the machine"
            ]
            return served.notices

    run(main())


def test_a_second_client_waits_its_turn(tmp_path: Path) -> None:
    """It is connected, hears nothing, and is served when the first is gone."""

    async def main() -> None:
        async with serving(qmp=unix(tmp_path / "q")) as served:
            first = await served.qmp()
            second = await served.connect(0)
            second.send('{"execute": "qmp_capabilities"}')
            for _ in range(20):
                await first.ask("query-status")
            assert second.reader._buffer == b""  # type: ignore[attr-defined]  # no peek
            await first.close()
            assert "QMP" in await second.read()
            assert await second.read() == {"return": {}}

    run(main())


def test_wait_lets_the_machine_go_on_with_the_client() -> None:
    """It is told where to connect to, as QEMU does; then a client comes."""

    async def main() -> None:
        notices: list[str] = []
        machine = EmbeddedMachine(output=print)
        option = "tcp:127.0.0.1:0,server=on"
        server = serve(machine, qmp=option, notice=notices.append)
        entering = asyncio.ensure_future(server.__aenter__())
        await until(lambda: notices, "the notice")
        (address,) = server.addresses
        assert notices == [
            f"info: -qmp {option}: waiting for connection on: {address},server=on"
        ]
        assert not entering.done()
        client = await QmpClient.connect(address)
        await entering
        await client.negotiate()
        await server.close()
        await client.close()
        machine.close()

    run(main())


def test_who_waits_can_be_cancelled(tmp_path: Path) -> None:
    """Nothing is left open then."""

    async def main() -> None:
        machine = EmbeddedMachine(output=print)
        path = tmp_path / "q"
        server = serve(machine, qmp=f"unix:{path},server=on", notice=lambda text: None)
        entering = asyncio.ensure_future(server.__aenter__())
        await until(path.exists, "the socket")
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        assert not path.exists()
        machine.close()

    run(main())


def test_a_client_that_dies_harms_nobody(tmp_path: Path) -> None:
    """In the midst of a message, of a string, of its negotiation; by FIN or by reset."""

    async def main() -> None:
        async with serving(qmp=[unix(tmp_path / "q"), TCP]) as served:
            other = await served.qmp(1)
            for last in ('{"execute": ', '{"execute": "query-st', "'\\", "[[[[", ""):
                client = await served.qmp(0)
                client.send(last)
                await client.writer.drain()
                client.writer.transport.abort()
                assert await other.ask("query-name") == {"return": {}}
            assert await (await served.qmp(0)).ask("query-name") == {"return": {}}
            assert served.notices == []

    run(main())


def test_quit_is_told_to_all_and_ends_all(tmp_path: Path) -> None:
    """The reply, SHUTDOWN for every client, then the end; what follows is not read."""

    async def main() -> None:
        async with serving(qmp=[unix(tmp_path / "q"), TCP], monitor=TCP) as served:
            quitter, other = await served.qmp(0), await served.qmp(1)
            human = await served.human(2)
            quitter.send('{"execute": "quit", "id": 1}{"execute": "query-name"}')

            await served.server.ended()
            lines = (await quitter.rest()).splitlines()
            reply, event = (json.loads(line) for line in lines)
            assert event["event"] == "SHUTDOWN"
            assert event["data"] == {"guest": False, "reason": "host-qmp-quit"}
            assert reply == {"return": {}, "id": 1}
            assert json.loads(await other.rest())["event"] == "SHUTDOWN"
            assert await human.rest() == b""
            assert served.machine.ended
            assert not (tmp_path / "q").exists()
            await served.server.deserted()

    run(main())


QUITS = [
    {"execute": "quit"},
    {"execute": "human-monitor-command", "arguments": {"command-line": "quit"}},
]


@pytest.mark.parametrize("at_end", [False, True], ids=["stays", "sends all at once"])
@pytest.mark.parametrize("quit_", QUITS, ids=lambda message: str(message["execute"]))
def test_quit_is_answered_before_it_is_announced(
    tmp_path: Path, quit_: dict[str, Any], at_end: bool
) -> None:
    """In whatever way a client asks for it, and behind the events of earlier commands."""

    async def main() -> None:
        async with serving(qmp=unix(tmp_path / "q")) as served:
            client = await served.connect()
            for message in (
                {"execute": "qmp_capabilities", "id": 0},
                {"execute": "stop", "id": 1},
                {**quit_, "id": 2},
            ):
                client.send(json.dumps(message))
            if at_end:
                client.writer.write_eof()
            messages = map(json.loads, (await client.rest()).splitlines())
            told = [message.get("event", message.get("id")) for message in messages]
            assert told[1:] == [0, "STOP", 1, 2, "SHUTDOWN"]

    run(main())


def test_quit_of_a_human_monitor(tmp_path: Path) -> None:
    """It ends the machine as well."""

    async def main() -> None:
        async with serving(qmp=TCP, monitor=unix(tmp_path / "m")) as served:
            client = await served.qmp()
            human = await served.human(1)
            human.send("quit\ninfo status\n")
            assert (await client.event())["data"]["reason"] == "host-qmp-quit"
            assert await human.rest() == echo("quit")
            await served.server.ended()

    run(main())


def test_the_end_meets_a_client_that_just_comes(tmp_path: Path) -> None:
    """It is let in, or not; but it gets an end, and so does everybody else."""

    async def main() -> None:
        for turns in range(6):
            async with serving(qmp=[unix(tmp_path / "q"), TCP]) as served:
                quitter = await served.qmp(1)
                with socket.socket(socket.AF_UNIX) as late:
                    late.setblocking(False)
                    late.connect(str(tmp_path / "q"))
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    served.machine.execute("quit", {})
                    assert b"SHUTDOWN" in await quitter.rest()
                    loop = asyncio.get_running_loop()
                    try:
                        while await loop.sock_recv(late, 1000):
                            pass
                    except ConnectionResetError:
                        pass

    run(main())


def test_events_go_to_who_has_begun(tmp_path: Path) -> None:
    """To all of them, in the order in which they happen, before their cause's reply."""

    async def main() -> None:
        async with serving(qmp=[TCP] * 3) as served:
            one, two = await served.qmp(0), await served.qmp(1)
            mute = await served.connect(2)
            await mute.read()
            one.send('{"execute": "stop"}{"execute": "cont"}')
            names = [(await one.read()).get("event") for _ in range(4)]
            assert names == ["STOP", None, "RESUME", None]
            assert [(await two.event())["event"] for _ in range(2)] == ["STOP", "RESUME"]
            await mute.ask("query-name")
            assert mute.events == []

    run(main())


def test_events_come_at_qemu_s_rates(tmp_path: Path) -> None:
    """The first at once, then the last of each second."""
    (tmp_path / "schema.json").write_text(SCHEMA)

    async def main() -> None:
        extension, _ = sleeping(tmp_path)
        async with serving(qmp=TCP, extensions=[extension]) as served:
            client = await served.qmp()
            loop = asyncio.get_running_loop()
            begun = loop.time()
            for count in range(100):
                served.machine.emit("WATCHDOG", count=count)
            assert (await client.event())["data"] == {"count": 0}
            assert (await client.event())["data"] == {"count": 99}
            assert 0.95 < loop.time() - begun < 5

    run(main())


def test_a_client_that_never_reads_events_is_cut_off(tmp_path: Path) -> None:
    """What is held for it has a limit; the operator is told, and another may come."""

    async def main() -> None:
        option = unix(tmp_path / "q")
        async with serving(qmp=[option, TCP]) as served:
            deaf, reader = await served.qmp(0), await served.qmp(1)
            deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
            sent = 0
            while not served.notices:
                for _ in range(100):
                    served.machine.emit("STOP")
                sent += len((await reader.until(b"}\r\n")) * 100)
                for _ in range(99):
                    await reader.until(b"}\r\n")
            assert served.notices == [
                f"warning: -qmp {option}: a client did not read its output and was"
                " disconnected"
            ]
            assert UNREAD_LIMIT < sent < 3 * UNREAD_LIMIT
            await served.qmp(0)

    run(main())


def test_a_client_that_never_reads_replies_waits_for_itself() -> None:
    """Its requests are not carried out, nor read; the others never notice."""

    async def main() -> None:
        async with serving(qmp=[TCP, TCP]) as served:
            deaf, other = await served.qmp(0), await served.qmp(1)
            deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
            request = b'{"execute": "query-qmp-schema"}' * 100
            (client,) = served.server._backends[0].clients
            for _ in range(100):
                deaf.send(request)
                assert await other.ask("query-name") == {"return": {}}
            await until(lambda: not client.reads, "the client to be held back")
            replies = client.transport.get_write_buffer_size()
            for _ in range(100):
                await other.ask("query-name")
            assert client.transport.get_write_buffer_size() <= replies < 1 << 20
            assert served.notices == []
            deaf.writer.transport.resume_reading()  # type: ignore[attr-defined]
            for _ in range(200):
                assert "return" in await deaf.reply()

    run(main())


def test_a_command_that_waits_holds_up_its_own_client_alone(tmp_path: Path) -> None:
    """Its requests behind that one wait, but for out-of-band ones; other clients don't."""

    async def main() -> None:
        extension, log = sleeping(tmp_path)
        async with serving(qmp=[TCP, TCP], extensions=[extension]) as served:
            client, other = await served.qmp(0, "oob"), await served.qmp(1)
            client.send('{"execute": "sleep", "id": 1} {"execute": "query-name", "id": 2}')
            await until(lambda: log, "the command to begin")
            assert await other.ask("query-name") == {"return": {}}
            client.send('{"exec-oob": "wake", "id": 3}')
            replies = [(await client.reply())["id"] for _ in range(3)]
            assert replies == [3, 1, 2]

    run(main())


def test_a_command_outlives_its_client_but_not_the_server(tmp_path: Path) -> None:
    """As in QEMU, it runs on when its client is lost; when we stop, it is cancelled."""

    async def main() -> None:
        extension, log = sleeping(tmp_path)
        async with serving(qmp=[TCP, TCP], extensions=[extension]) as served:
            for left in (1, 2):
                client = await served.qmp(0)
                client.send('{"execute": "sleep"}')
                await until(lambda: len(log) == left, "the command")  # noqa: B023
                client.reset()
            other = await served.qmp(1)
            await other.ask("query-name")
            assert log == ["sleeps", "sleeps"]
            await served.server.close()
            assert log == ["sleeps", "sleeps", "cancelled", "cancelled"]

    run(main())


def test_a_command_of_a_line_outlives_its_client(tmp_path: Path) -> None:
    """The line is given up with its client, not what it has the machine do."""

    async def main() -> None:
        extension, log = sleeping(tmp_path)
        async with serving(qmp=TCP, monitor=[TCP], extensions=[extension]) as served:
            other, human = await served.qmp(0), await served.human(1)
            human.send("qmp sleep\n")
            await until(lambda: log, "the command to begin")
            human.reset()
            await served.human(1)
            await other.ask("wake")
            await until(lambda: log == ["sleeps", "woke"], "its end")

    run(main())


def test_nobody_comes_through_nothing() -> None:
    """A monitor on ``null`` is there, but nobody needs to wait for its clients."""

    async def main() -> None:
        async with serving(qmp="null") as served:
            assert served.server.addresses == []
            await served.server.deserted()

    run(main())


def test_half_closed_is_not_gone(tmp_path: Path) -> None:
    """Who has said all gets all replies, also those that have to be waited for."""

    async def main() -> None:
        extension, _ = sleeping(tmp_path)
        async with serving(qmp=[TCP, TCP], extensions=[extension]) as served:
            client, other = await served.qmp(0), await served.qmp(1)
            client.send('{"execute": "sleep"}{"execute": "query-name", "id": 1}')
            client.writer.write_eof()
            await other.ask("wake")
            assert await client.rest() == b'{"return": {}}\r\n{"return": {}, "id": 1}\r\n'

    run(main())


def test_a_monitor_may_connect_by_itself(tmp_path: Path) -> None:
    """To one who listens there; when that one goes, nobody comes any more."""
    path = tmp_path / "theirs"

    async def main() -> None:
        served_there: asyncio.Queue[QmpClient] = asyncio.Queue()
        theirs = await asyncio.start_unix_server(
            lambda reader, writer: served_there.put_nowait(QmpClient(reader, writer)), path
        )
        async with theirs, serving(qmp=f"unix:{path}") as served:
            assert served.server.addresses == []
            client = await served_there.get()
            await client.negotiate()
            deserted = asyncio.ensure_future(served.server.deserted())
            assert await client.ask("query-name") == {"return": {}}
            assert not deserted.done()
            await client.close()
            await deserted

    run(main())


def test_too_many_open_files_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is let in later."""

    async def main() -> None:
        async with serving(qmp=unix(tmp_path / "q")) as served:
            failures = iter([OSError(24, "Too many open files")])
            accept = socket.socket.accept

            def refuse(sock: socket.socket) -> Any:
                for failure in failures:
                    raise failure
                return accept(sock)

            monkeypatch.setattr(socket.socket, "accept", refuse)
            monkeypatch.setattr("hmp.serving.backend._RETRY", 0.01)
            assert await (await served.qmp()).ask("query-name") == {"return": {}}

    run(main())


Ask = Callable[[QmpClient], Any]


async def _line(client: QmpClient, line: str, **more: Any) -> Message:
    arguments = {"command-line": line, **more}
    return await client.ask("human-monitor-command", **arguments)


def test_human_monitor_command_runs_the_same_tables() -> None:
    """Results and errors as the human monitor prints them; its state is new each time."""

    async def main() -> None:
        async with serving(qmp=TCP) as served:
            client = await served.qmp()
            assert await _line(client, "info status") == {
                "return": "VM status: running\r\n"
            }
            assert await _line(client, "hello-world moon") == {"return": ""}
            assert served.printed == ["moon\n"]
            status = await _line(client, "info status", **{"cpu-index": 0})
            assert status == {"return": "VM status: running\r\n"}
            assert await _line(client, "nonsense") == {
                "return": "unknown command: 'nonsense'\r\n"
            }
            assert await _line(client, " ") == {"return": ""}
            (stop, reply) = (await _line(client, "stop"), client.events)
            assert stop == {"return": ""}
            assert [event["event"] for event in reply] == ["STOP"]

    run(main())


@pytest.mark.parametrize("index", [1, -1, 1 << 40])
def test_human_monitor_command_has_no_cpu(index: int) -> None:
    """But the one that every monitor begins with; QEMU without CPUs says this."""

    async def main() -> Message:
        async with serving(qmp=TCP) as served:
            client = await served.qmp()
            return await _line(client, "info status", **{"cpu-index": index})

    assert run(main()) == {
        "error": {
            "class": "GenericError",
            "desc": "Parameter 'cpu-index' expects a CPU number",
        }
    }


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("source /dev/zero", "Error: lines of files cannot be run from here\r\n"),
        ("time source /dev/zero", "Error: lines cannot be run from here\r\n"),
        ("watch info status", "Error: watch needs a terminal\r\n"),
        ("help browse", None),
    ],
)
def test_lines_of_others_stay_harmless(line: str, text: str | None) -> None:
    """No files of this host, no screen that is drawn for ever."""

    async def main() -> Message:
        async with serving(qmp=TCP) as served:
            client = await served.qmp()
            return await _line(client, line)

    reply = run(main())
    assert "return" in reply
    assert text is None or reply == {"return": text}


def test_human_monitor_command_may_wait(tmp_path: Path) -> None:
    """A line whose QMP command is a coroutine."""
    folder = tmp_path / "commands"
    folder.mkdir()

    async def main() -> None:
        extension, log = sleeping(tmp_path)
        async with serving(qmp=[TCP, TCP], extensions=[extension]) as served:
            client, other = await served.qmp(0), await served.qmp(1)
            arguments = {"command-line": "qmp sleep"}
            request = {"execute": "human-monitor-command", "arguments": arguments}
            client.send(json.dumps(request))
            await until(lambda: log, "the command to begin")
            await other.ask("wake")
            assert await client.reply() == {"return": "{\r\n}\r\n"}

    run(main())


def test_the_machine_s_own_command_comes_back() -> None:
    """When the server ends, the machine has what it had."""

    async def main() -> None:
        machine = EmbeddedMachine(output=print)
        machine.human_monitor = lambda line: f"{line}!\n"
        before = machine.commands["human-monitor-command"]
        async with serve(machine, qmp=TCP, table=tables()):
            assert machine.commands["human-monitor-command"] is not before
        arguments = {"command-line": "x"}
        assert machine.execute("human-monitor-command", arguments) == "x!\r\n"
        machine.close()

    run(main())


def test_an_alarm_that_is_closed_is_not_watched_any_more(tmp_path: Path) -> None:
    """A descriptor with its number can be watched in the same loop."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with serving(qmp=TCP) as served:
            number = served.machine.timers.alarm.fileno()
            assert number is not None
            served.machine.execute("quit", {})
            ours, other = socket.socketpair()
            with ours, other:
                taken = [ours] if ours.fileno() == number else [ours.dup()]
                loop.add_reader(taken[0], lambda: None)
                loop.remove_reader(taken[0])
                for sock in taken:
                    sock.close()
            await served.server.ended()

    run(main())


def test_what_a_command_raises_is_its_client_s_alone(tmp_path: Path) -> None:
    """An error for it, a record for the log; the machine lives on."""
    path = tmp_path / "schema.json"
    path.write_text(
        "##\n# @fall:\n#\n# Fail.\n##\n{ 'command': 'fall', 'coroutine': true }\n"
    )

    async def qmp_fall() -> None:
        raise ValueError("a bug")

    async def main() -> None:
        extension = Extension(str(path), [qmp_fall])
        async with serving(qmp=TCP, extensions=[extension]) as served:
            client = await served.qmp()
            assert await client.ask("fall") == {
                "error": {
                    "class": "GenericError",
                    "desc": "The command fall failed: ValueError: a bug",
                }
            }
            assert await client.ask("query-name") == {"return": {}}

    run(main())


def test_a_chardev_that_nobody_uses_is_told_of() -> None:
    """It is not opened."""
    from hmp.serving.monitor_options import MonitorOptions
    from hmp.serving.monitors import Server

    async def main() -> list[str]:
        notices: list[str] = []
        options = MonitorOptions()
        options.chardev("socket,id=a,path=/nowhere/q,server=on")
        machine = EmbeddedMachine(output=print)
        async with Server(machine, options, notice=notices.append):
            pass
        machine.close()
        return notices

    assert run(main()) == [
        "warning: -chardev socket,id=a,path=/nowhere/q,server=on:"
        " no -mon uses it, so it is not opened"
    ]


def test_a_schema_that_does_not_fit_is_no_machine(tmp_path: Path) -> None:
    """The daemon hears of it as it starts, not its clients."""
    path = tmp_path / "schema.json"
    path.write_text("##\n# @fall:\n#\n# Fail.\n##\n{ 'command': 'fall' }\n")

    with pytest.raises(QAPIError, match="qmp_fall"):
        Served([Extension(str(path), [])])

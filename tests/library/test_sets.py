"""Sets of machines for programs: results by target, errors by target."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hmp.client import (
    AsyncMachines,
    ConnectError,
    LineFailedError,
    Machine,
    MachineGoneError,
    Machines,
    QMPError,
    SetError,
    SomeFailedError,
    aconnect,
    aconnect_all,
    connect,
    connect_all,
)
from hmp.library.results import Answers
from tests.fakes import LIMIT, FakeServer, Peer, serving

RUNNING = {"query-status": {"status": "running", "running": True}, "stop": {}}
BROKEN = {"query-status": QMPError("no status today"), "stop": QMPError("never")}

Start = Callable[..., str]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts machines; it returns their names without numbers."""
    with ExitStack() as running:

        def begin(*answers: dict[str, Any] | FakeServer) -> str:
            for number, served in enumerate(answers, 1):
                server = served if isinstance(served, FakeServer) else serving(served)
                running.enter_context(server)
                (tmp_path / f"vm{number}").symlink_to(server.path)
            return str(tmp_path / "vm")

        yield begin


def test_results_by_target(start: Start) -> None:
    """Of lines, of QMP commands, and of any function, in the order of the set."""
    vm = start(RUNNING, RUNNING, RUNNING)
    with connect_all(f"{vm}[2-3],{vm}1") as vms:
        lines = vms.run("info status")
        status = vms.qmp.query_status()
        names = vms.each(lambda machine: machine.target)

    assert list(lines) == list(vms) == [f"{vm}2", f"{vm}3", f"{vm}1"]
    assert lines[f"{vm}1"].text == "VM status: running\n"
    assert status[f"{vm}2"]["running"]
    assert names == {name: name for name in vms}


def test_connect_knows_sets(start: Start) -> None:
    """By the words of the command line; one target stays one machine."""
    vm = start(RUNNING, RUNNING)
    with connect(f"{vm}[1-2]") as vms:
        assert isinstance(vms, Machines)
        assert len(vms) == 2
    with connect(f"{vm}1") as machine:
        assert machine.run("info status").ok


def test_errors_by_target(start: Start) -> None:
    """One that fails, or is not there, hides no other."""
    vm = start(RUNNING, BROKEN, RUNNING)
    with connect_all(f"{vm}[1-4]") as vms:
        with pytest.raises(SomeFailedError) as caught:
            vms.run("info status")
        assert list(vms.errors) == [f"{vm}4"]

    assert list(caught.value.answers) == [f"{vm}1", f"{vm}3"]
    failed, absent = caught.value.errors.values()
    assert isinstance(failed, LineFailedError)
    assert isinstance(absent, ConnectError)
    assert str(caught.value).startswith(
        f"2 of 4 machines failed: {vm}2: info status: no status today; {vm}4: cannot "
    )


def test_errors_can_be_values(start: Start) -> None:
    """As with one machine."""
    vm = start(RUNNING, BROKEN)
    with connect_all(f"{vm}[1-2]") as vms:
        answers = vms.run("info status", check=False)

    assert answers[f"{vm}1"].ok
    assert str(answers.errors[f"{vm}2"]) == "info status: no status today"


def deaf(peer: Peer) -> None:
    """Greet, and never answer."""
    peer.negotiate()
    peer.read()
    peer.socket.recv(1)  # until the client gives up


def test_one_that_hangs_holds_up_no_other(start: Start) -> None:
    """It fails after the time limit, the others have answered."""
    vm = start(RUNNING, FakeServer(deaf), RUNNING)
    with (
        connect_all(f"{vm}[1-3]", timeout=0.5, fanout=2) as vms,
        pytest.raises(SomeFailedError, match=r"1 of 3 .*vm2: no reply to") as caught,
    ):
        vms.qmp.query_status()

    assert len(caught.value.answers) == 2


def test_results_are_waited_for(start: Start) -> None:
    """Until the slowest has come."""
    vm = start(RUNNING, RUNNING)

    def slow(machine: Machine) -> str:
        if machine.target.endswith("1"):
            time.sleep(0.2)
        return machine.target

    with connect_all(f"{vm}[1-2]") as vms:
        assert list(vms.each(slow).values()) == [f"{vm}1", f"{vm}2"]


def test_events_by_target(start: Start) -> None:
    """Each machine's own."""

    def stops(peer: Peer) -> None:
        peer.negotiate()
        request = peer.read()
        peer.send({"return": {}, "id": request["id"]})
        peer.send({"event": "STOP", "data": {"x-y": 1}})
        peer.socket.recv(1)  # until the client has seen it

    vm = start(FakeServer(stops), FakeServer(stops))
    with connect_all(f"{vm}[1-2]") as vms:
        vms.run("stop")
        events = vms.wait("STOP", timeout=LIMIT, x_y=1)

    assert [event["event"] for event in events.values()] == ["STOP", "STOP"]


def sends(name: str, *, stays: bool = True) -> FakeServer:
    """Return a server that sends two events after its first reply, and may then end."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        peer.reply(peer.read(), {})
        peer.send({"event": name, "data": {"n": 1}}, {"event": name, "data": {"n": 2}})
        if stays:
            peer.socket.recv(1)  # until the client has closed it

    return FakeServer(script)


def test_events_come_with_their_target(start: Start) -> None:
    """Each once; one that goes away ends no other's."""
    vm = start(sends("A"), sends("B", stays=False), sends("C"))
    with connect_all(f"{vm}[1-3]") as vms:
        vms.qmp.stop()
        found = list(vms.events(timeout=0.3))
        again = list(vms.events(0))

        assert isinstance(vms.errors[f"{vm}2"], MachineGoneError)
    assert sorted((name, event["data"]["n"]) for name, event in found) == [
        (f"{vm}{machine}", n) for machine in (1, 2, 3) for n in (1, 2)
    ]
    assert again == []


def test_a_flood_of_events_hides_no_other_machine(start: Start) -> None:
    """The machines take turns."""

    def floods(peer: Peer) -> None:
        peer.negotiate()
        peer.reply(peer.read(), {})
        peer.send(*({"event": "FLOOD"} for _ in range(1000)))
        peer.socket.recv(1)  # until the client has closed it

    async def read() -> list[str]:
        async with aconnect_all(f"{vm}[3-4]") as vms:
            await vms.qmp.stop()
            return [event["event"] async for _, event in vms.events(0.5)]

    vm = start(FakeServer(floods), sends("B"), FakeServer(floods), sends("B"))
    with connect_all(f"{vm}[1-2]") as vms:
        vms.qmp.stop()
        found = [event["event"] for _, event in vms.events(0.5)]
    for events in (found, asyncio.run(asyncio.wait_for(read(), LIMIT))):
        assert len(events) == 1002
        assert events.index("B") < 500


def test_events_with_thousands_of_open_files(start: Start) -> None:
    """Which select() does not take."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, before[1]), before[1]))
    vm = start(sends("A"), sends("A"))
    with ExitStack() as files:
        files.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        for _ in range(1100):
            files.enter_context(open(os.devnull))
        with connect_all(f"{vm}[1-2]") as vms:
            vms.qmp.stop()
            assert len(vms.wait("A", timeout=LIMIT)) == 2
            assert len(list(vms.events(0.3))) == 4
            assert not vms.errors


def test_events_end_with_the_last_machine(start: Start) -> None:
    """Though they have no limit."""
    vm = start(sends("A", stays=False), sends("B", stays=False))
    with connect_all(f"{vm}[1-2]") as vms:
        vms.qmp.stop()
        assert len(list(vms.events())) == 4


def test_events_in_a_loop_come_with_their_target(start: Start) -> None:
    """As they do where nothing else runs."""
    vm = start(sends("A"), sends("B", stays=False), sends("C"))

    async def main() -> list[tuple[str, int]]:
        async with aconnect_all(f"{vm}[1-3]") as vms:
            await vms.qmp.stop()
            found = [(name, event["data"]["n"]) async for name, event in vms.events(0.3)]
            assert [event async for event in vms.events(0)] == []
            assert isinstance(vms.errors[f"{vm}2"], MachineGoneError)
            return found

    found = asyncio.run(asyncio.wait_for(main(), LIMIT))
    assert sorted(found) == [(f"{vm}{m}", n) for m in (1, 2, 3) for n in (1, 2)]


def test_a_function_may_return_an_exception(start: Start) -> None:
    """That is a value, and no failure."""
    vm = start(BROKEN, BROKEN)
    with connect_all(f"{vm}[1-2]") as vms:
        errors = vms.each(lambda machine: machine.run("info status", check=False).error)

    assert len(errors) == 2


def test_machines_may_be_left_out(start: Start) -> None:
    """By a set of their own; and a set without machines is an error."""
    vm = start(RUNNING, RUNNING)
    with connect_all(f"{vm}[1-2]", exclude=[f"{vm}2"]) as vms:
        assert list(vms) == [f"{vm}1"]
    with pytest.raises(SetError, match="names no machine"):
        connect_all(f"{vm}1", exclude=[f"{vm}1"])


def test_reading_only_holds_for_all(start: Start) -> None:
    """None of them is sent what may change it."""
    vm = start(RUNNING, RUNNING)
    with connect_all(f"{vm}[1-2]", read_only=True) as vms:
        errors = vms.run("stop", check=False).errors

    assert len(errors) == 2


def test_an_event_loop_has_the_same(start: Start) -> None:
    """Results and errors by target."""
    vm = start(RUNNING, BROKEN, RUNNING)

    async def main() -> Answers[Any]:
        async with aconnect_all(f"{vm}[1-4]") as vms:
            assert list(vms) == [f"{vm}1", f"{vm}2", f"{vm}3"]
            with pytest.raises(SomeFailedError, match="2 of 4 machines failed"):
                await vms.qmp.query_status()
            answers = await vms.run("info status", check=False)
        async with await aconnect(f"{vm}1,{vm}3") as both:
            assert isinstance(both, AsyncMachines)
            answered: Any = await both.run("info status")
            assert len(answered) == 2
        return answers

    answers = asyncio.run(asyncio.wait_for(main(), LIMIT))
    assert list(answers) == [f"{vm}1", f"{vm}3"]
    assert list(answers.errors) == [f"{vm}2", f"{vm}4"]


def test_a_set_that_is_given_up(start: Start) -> None:
    """Connections that were made by then are closed, for the next client."""
    greeted, closed = threading.Event(), threading.Event()

    def answers(peer: Peer) -> None:
        peer.negotiate()
        greeted.set()
        try:
            peer.read()
        finally:
            closed.set()

    vm = start(FakeServer(answers), FakeServer(lambda peer: peer.read()))

    async def main() -> None:
        connecting = asyncio.ensure_future(aconnect_all(f"{vm}[1-2]").__aenter__())
        assert await asyncio.to_thread(greeted.wait, LIMIT)
        await asyncio.sleep(0.1)  # so that the loop has taken it
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert await asyncio.to_thread(closed.wait, LIMIT)

    asyncio.run(main())

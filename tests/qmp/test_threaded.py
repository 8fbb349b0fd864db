"""Connections that block: by calls, and served to an event loop by a thread."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.calls import CallConnection
from hmp.qmp.errors import MachineGoneError, NoReplyError, QMPError
from hmp.qmp.threaded import ThreadedConnection
from hmp.qmp.worker import Task, Worker
from tests.fakes import LIMIT
from tests.program import ROOT

Message = dict[str, Any]


class Asked(CallConnection):
    """A machine that answers each request by a function of it."""

    has_hmp = False
    version = (9, 8, 7)

    def __init__(
        self, answer: Callable[[Message], Message], timeout: float | None = None
    ) -> None:
        super().__init__("asked", timeout=timeout)
        self.answer = answer
        self.requests: list[Message] = []
        self.released = False

    def ask(self, command: str, request: bytes) -> bytes:
        """Keep the request, and answer it."""
        self.requests.append(json.loads(request))
        return json.dumps(self.answer(self.requests[-1])).encode()

    def release(self) -> None:
        """Keep that it was called."""
        self.released = True


def echo(request: Message) -> Message:
    """Answer with the request's command."""
    return {"return": request["execute"]}


class Gate:
    """Answers wait here until the test lets them pass."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def answer(self, request: Message) -> Message:
        """Let ``slow`` wait."""
        if request["execute"] == "slow":
            self.reached.set()
            assert self.open.wait(LIMIT)
        return echo(request)


def test_a_request_has_its_id_in_traces_alone() -> None:
    """What is sent has none, which libvirt would refuse."""
    machine = Asked(echo)
    seen: list[tuple[str, Message]] = []
    machine.trace = lambda arrow, message: seen.append((arrow, message))

    assert drive(machine.execute("one", member=1)) == "one"
    machine.close()

    assert machine.requests == [{"execute": "one", "arguments": {"member": 1}}]
    (_, request), (_, reply) = seen
    assert request["id"] == reply["id"]


def test_an_error_reply_is_raised() -> None:
    """As from any machine."""
    error = {"class": "DeviceNotFound", "desc": "no such thing"}
    machine = Asked(lambda request: {"error": error})

    with pytest.raises(QMPError) as raised:
        drive(machine.execute("one"))
    machine.close()

    assert raised.value.error_class == "DeviceNotFound"


def test_a_password_is_starred_out_where_the_machine_repeats_it() -> None:
    """Though no id on the wire ties the two together."""
    machine = Asked(lambda request: {"error": {"class": "GenericError", "desc": "pw123?"}})
    seen: list[Message] = []
    machine.trace = lambda arrow, message: seen.append(message)

    with pytest.raises(QMPError) as raised:
        drive(machine.execute("set_password", protocol="vnc", password="pw123"))
    machine.close()

    assert "pw123" not in f"{raised.value} {seen}"


def test_events_come_with_the_next_reply_or_by_themselves() -> None:
    """From whatever thread they come, the caller's delivers them."""
    machine = Asked(echo)
    heard: list[str] = []
    machine.on_event = lambda event: heard.append(event["event"])
    machine.arrive(b'{"event": "A"}')
    thread = threading.Thread(target=machine.arrive, args=(b'{"event": "B"}',))
    thread.start()
    thread.join()

    drive(machine.execute("one"))
    assert heard == ["A", "B"]
    machine.arrive(b'{"event": "C"}')
    drive(machine.pause(LIMIT))
    assert heard == ["A", "B", "C"]
    machine.close()


def test_a_lost_machine_is_noticed_while_waiting() -> None:
    """And stays lost."""
    machine = Asked(echo)
    machine.arrive(MachineGoneError("it is gone"))

    for _ in range(2):
        with pytest.raises(MachineGoneError, match="it is gone"):
            drive(machine.pause(LIMIT))
    machine.close()


def test_a_late_reply_is_dropped() -> None:
    """And is no other request's."""
    gate = Gate()
    machine = Asked(gate.answer, timeout=0.05)

    with pytest.raises(NoReplyError, match="no reply to 'slow' within"):
        drive(machine.execute("slow"))
    machine.timeout = None
    gate.open.set()

    assert drive(machine.execute("next")) == "next"
    machine.close()


def test_a_request_that_has_not_begun_is_dropped_with_its_caller() -> None:
    """It would run when nobody expects it any more."""
    gate = Gate()
    machine = Asked(gate.answer, timeout=0.05)

    for command in ("slow", "dropped"):
        with pytest.raises(NoReplyError):
            drive(machine.execute(command))
    machine.timeout = None
    gate.open.set()
    drive(machine.execute("last"))
    machine.close()

    assert [request["execute"] for request in machine.requests] == ["slow", "last"]


def test_a_foreseen_query_runs_before_it_is_asked_for() -> None:
    """Each runs once, and in order."""
    machine = Asked(echo)

    for command, following in pairwise(["query-a", "query-b", "query-c", ""]):
        machine.foresee(following)
        assert drive(machine.execute(command)) == command
    assert drive(machine.execute("query-c")) == "query-c"
    machine.close()

    names = [request["execute"] for request in machine.requests]
    assert names == ["query-a", "query-b", "query-c", "query-c"]


def test_another_request_drops_the_foreseen_query() -> None:
    """A later caller gets a reply to its own."""
    machine = Asked(lambda request: {"return": len(machine.requests)})
    machine.foresee("query-b")

    assert drive(machine.execute("query-a")) == 1
    assert drive(machine.execute("query-b", member=1)) == 3
    assert drive(machine.execute("query-b")) == 4
    machine.close()


def test_a_foreseen_query_is_dropped_with_the_one_before() -> None:
    """The line that was to need it may never come."""
    gate = Gate()
    machine = Asked(gate.answer, timeout=0.05)
    machine.foresee("query-b")

    with pytest.raises(NoReplyError):
        drive(machine.execute("slow"))
    machine.timeout = None
    gate.open.set()
    drive(machine.execute("last"))
    machine.close()

    assert [request["execute"] for request in machine.requests] == ["slow", "last"]


def test_a_call_that_is_cancelled_as_it_begins_is_not_waited_for() -> None:
    """Threads of an event loop wait without a limit."""
    task = Task(lambda: None, lambda: None)
    task.cancelled = True
    task.run()

    with pytest.raises(RuntimeError, match="cancelled"):
        task.wait(LIMIT)


def test_closing_does_not_wait_for_a_call_that_hangs() -> None:
    """A library may never return."""
    gate = Gate()
    machine = Asked(gate.answer, timeout=0.05)
    with pytest.raises(NoReplyError):
        drive(machine.execute("slow"))

    begun = monotonic()
    machine.close()
    assert monotonic() - begun < LIMIT
    assert not machine.released
    machine.arrive(b'{"event": "LATE"}')
    gate.open.set()
    with pytest.raises(MachineGoneError):
        drive(machine.execute("more"))


HANGS = """
import sys, threading
from hmp.qmp.worker import Worker
worker = Worker("hangs")
try:
    print("ready", flush=True)
    worker.run(lambda: threading.Event().wait(), None)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_the_wait_and_the_program() -> None:
    """Even where the call itself never ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HANGS], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)

    assert process.communicate(timeout=LIMIT)[0] == "interrupted\n"
    assert process.returncode == 0


def test_calls_run_in_order() -> None:
    """One after the other, and each caller gets its own value or error."""
    worker = Worker("orderly")
    ran: list[int] = []
    for number in range(5):
        worker.submit(partial(ran.append, number))

    assert worker.run(lambda: list(ran)) == [0, 1, 2, 3, 4]
    with pytest.raises(ZeroDivisionError):
        worker.run(lambda: 1 // 0)
    worker.end()


def test_an_event_loop_is_served() -> None:
    """Requests, events and the loss of the machine arrive in the loop's thread."""

    async def run() -> None:
        machine = Asked(echo)
        served = await machine.adopt()
        heard: asyncio.Queue[str] = asyncio.Queue()
        threads: list[int] = []
        lost: asyncio.Future[MachineGoneError] = asyncio.get_running_loop().create_future()

        def on_event(event: Message) -> None:
            threads.append(threading.get_ident())
            heard.put_nowait(event["event"])

        served.on_event = on_event
        served.on_lost = lost.set_result
        both = await asyncio.gather(served.execute("one"), served.execute("two"))
        assert [*both] == ["one", "two"]
        machine.arrive(b'{"event": "A"}')
        assert await asyncio.wait_for(heard.get(), LIMIT) == "A"
        await served.execute("three")
        machine.arrive(MachineGoneError("it is gone"))
        assert str(await asyncio.wait_for(lost, LIMIT)) == "it is gone"
        with pytest.raises(MachineGoneError, match="it is gone"):
            await served.execute("four")
        assert set(threads) == {threading.get_ident()}
        served.close()
        assert machine.released

    asyncio.run(run())


def test_a_cancelled_caller_waits_no_longer() -> None:
    """The next request waits for the one that still runs."""

    async def run() -> None:
        gate = Gate()
        machine = Asked(gate.answer)
        served = ThreadedConnection(machine)
        slow = asyncio.ensure_future(served.execute("slow"))
        await asyncio.to_thread(gate.reached.wait)
        never = asyncio.ensure_future(served.execute("never"))
        await asyncio.sleep(0)
        slow.cancel()
        never.cancel()
        await asyncio.wait([slow, never], timeout=LIMIT)
        assert slow.cancelled()
        following = asyncio.ensure_future(served.execute("following"))
        gate.open.set()
        assert await following == "following"
        assert [r["execute"] for r in machine.requests] == ["slow", "following"]
        served.close()

    asyncio.run(run())


def test_who_waits_for_a_call_that_hangs_hears_of_the_loss() -> None:
    """The call may never return, and the connection is still closed."""

    async def run() -> None:
        gate = Gate()
        machine = Asked(gate.answer)
        served = ThreadedConnection(machine)
        slow = asyncio.ensure_future(served.execute("slow"))
        await asyncio.to_thread(gate.reached.wait)
        machine.arrive(MachineGoneError("it is gone"))
        with pytest.raises(MachineGoneError, match="it is gone"):
            await asyncio.wait_for(slow, LIMIT)
        served.close()
        gate.open.set()

    asyncio.run(run())


def test_nothing_is_left_open() -> None:
    """Neither descriptors nor threads."""
    descriptors = len(os.listdir("/proc/self/fd"))
    threads = set(threading.enumerate())
    for _ in range(20):
        machine = Asked(echo)
        drive(machine.execute("one"))
        machine.close()
        machine.close()
    for thread in set(threading.enumerate()) - threads:
        thread.join(LIMIT)

    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert set(threading.enumerate()) <= threads

"""Replies of a machine at the far end of a connection, and who waits for them."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from hmp.qmp.errors import MachineGoneError, QMPError
from hmp.serving.remote_machine import RemoteMachine, _fail, _pass_on
from tests.fakes import FakeConnection

GONE = MachineGoneError("it has gone")


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (QMPError("no"), {"error": {"class": "GenericError", "desc": "no"}}),
        (
            QMPError("no", "DeviceNotFound"),
            {"error": {"class": "DeviceNotFound", "desc": "no"}},
        ),
    ],
)
def test_an_error_of_qemu_is_a_reply(error: QMPError, reply: Any) -> None:
    """It has QEMU's class and words."""

    async def test() -> None:
        waiting = asyncio.get_running_loop().create_future()
        _fail(waiting, error)
        assert waiting.result() == reply
        _fail(waiting, GONE)  # too late
        assert waiting.result() == reply

    asyncio.run(test())


def test_replies_are_passed_on() -> None:
    """With their errors, to whoever still waits."""

    async def test() -> None:
        loop = asyncio.get_running_loop()
        for outcome in ({"return": 1}, GONE):
            waiting, answer = loop.create_future(), loop.create_future()
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
            _pass_on(waiting, answer)
            assert outcome in (waiting.exception(), waiting.exception() or waiting.result())

    asyncio.run(test())


def test_clients_that_have_gone_are_no_error() -> None:
    """The loop does not complain of an exception that was never retrieved."""
    complaints: list[object] = []

    async def test() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: complaints.append(context))
        waiting = loop.create_future()
        _fail(waiting, GONE)
        other, late, answers = loop.create_future(), loop.create_future(), []
        late.cancel()
        for to in (other, late):
            answers.append(loop.create_future())
            answers[-1].set_exception(GONE)
            _pass_on(to, answers[-1])
        del waiting, other, late, answers, to
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(test())
    assert complaints == []


def test_a_machine_that_is_let_go_stays_and_one_that_is_closed_does_not() -> None:
    """Its listeners hear once that it has ended for them."""
    heard: list[str] = []

    async def test() -> None:
        connection = FakeConnection()
        machine = RemoteMachine(connection, lambda command, arguments: True)
        machine.on_end.append(lambda: heard.append("end"))
        machine.shutdown()
        machine.shutdown()
        assert (heard, connection.closed) == (["end"], 0)
        machine.close()
        assert (heard, connection.closed, machine.ended) == (["end"], 1, True)

    asyncio.run(test())

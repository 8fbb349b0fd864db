"""A session on a set of machines, on a terminal with a screen editor and on a plain one."""

from __future__ import annotations

import pytest

from tests.fleet.conftest import Fleet
from tests.terminal.machine import ScriptedMachine

PROMPT = "./vm[1-3] 3/3> "


@pytest.mark.parametrize("dumb", [False, True])
def test_a_session(fleet: Fleet, dumb: bool) -> None:
    """A line runs on all; what happens to the machines is one line each."""
    session = fleet.open(dumb=dumb)
    session.wait_prompt(PROMPT)
    session.run("info status", PROMPT)
    assert "./vm[1-2]" in session.text
    for machine in fleet.machines[:2]:
        machine.send("STOP")
    session.wait_for("STOP: ./vm[1-2]")

    fleet.machines[1].hold_clients()
    fleet.machines[1].drop()
    session.wait_for("gone: ./vm2")
    if not dumb:  # a plain session does not draw its prompt again
        session.wait_prompt("./vm[1-3] 2/3> ")
    session.run("info name", "./vm[1-3] 2/3> ")
    assert "machine1" in session.text
    assert "machine2" not in session.text
    fleet.machines[1].release_clients()
    session.wait_for("back: ./vm2")
    if not dumb:
        session.wait_prompt(PROMPT)
    session.run("info name | grep 2", PROMPT)
    assert "./vm2: machine2" in session.rows


def test_a_machine_that_does_not_answer(fleet: Fleet) -> None:
    """It holds up neither the first prompt nor the others; Ctrl-C names it."""
    slow = ScriptedMachine()
    slow.hold_clients()
    fleet.add(slow)
    session = fleet.open()
    session.wait_for("not reached: ./vm4")
    session.wait_prompt("./vm[1-4] 3/4> ")
    slow.release_clients()
    session.wait_prompt("./vm[1-4] 4/4> ")

    slow.hold()
    session.type("info name\r")
    session.wait_for("1 left, ./vm4")
    session.interrupt()
    session.wait_for("stopped waiting; ./vm4 had not answered")
    assert "machine3" in session.text


def test_top(fleet: Fleet) -> None:
    """All machines, one that goes away as well; Enter leaves the chosen one in the set."""
    session = fleet.open()
    session.wait_prompt(PROMPT)
    session.type("top -d 0.2\r")
    session.wait_for("3 machines: 1 paused, 2 running")
    fleet.machines[2].hold_clients()
    fleet.machines[2].drop()
    session.wait_for("1 no answer, 2 running")
    session.type("\x1b[B")
    session.wait_for("2 of 3")
    session.type("\r")
    session.wait_prompt("./vm2 1/1> ")
    session.run("info name", "./vm2 1/1> ")
    session.wait_for("machine2")

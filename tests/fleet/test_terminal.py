"""A session on a set of machines, on a terminal with a screen editor and on a plain one."""

from __future__ import annotations

import os
from pathlib import Path

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
    session.wait_for("machine3")
    session.interrupt()
    session.wait_for("stopped waiting; ./vm4 had not answered")
    assert session.text.count("machine3") == 1


def test_a_plain_session_shows_who_is_missing(fleet: Fleet) -> None:
    """The others' results are there at once, and its own when it comes."""
    session = fleet.open(dumb=True)
    session.wait_prompt(PROMPT)
    fleet.machines[1].hold()
    session.type("info name\r")
    session.wait_for("no answer yet from ./vm2; Ctrl-C stops waiting")
    assert "machine3" in session.text
    assert "machine2" not in session.text
    fleet.machines[1].release()
    session.wait_for("./vm2 (1)")
    session.wait_prompt(PROMPT)
    assert session.text.count("machine3") == 1


@pytest.mark.parametrize("dumb", [False, True])
def test_a_watched_line_goes_on_without_it(fleet: Fleet, dumb: bool) -> None:
    """The others are looked at again, and so is the one that hangs once it answers."""
    session = fleet.open(dumb=dumb)
    session.wait_prompt(PROMPT)
    session.type("watch -n 0.5 info status\r")
    session.wait_for("./vm[1-2]")
    fleet.machines[1].hold()
    session.wait_for("Error: no answer")
    fleet.machines[2].answers["query-status"] = {"status": "shutdown", "running": False}
    session.wait_for("shutdown")
    session.wait(lambda: "Error: no answer" in session.text)
    assert "1 left" not in session.text
    fleet.machines[1].release()
    session.wait(lambda: "./vm[1-2]" in session.text and "no answer" not in session.text)
    session.interrupt()
    session.wait_prompt(PROMPT)


def test_a_plot_has_a_gap_for_it(fleet: Fleet) -> None:
    """Its last number is not shown as if it were the newest."""
    session = fleet.open()
    session.wait_prompt(PROMPT)
    session.type("watch -n 0.5 --plot running info status\r")
    session.wait(lambda: any("./vm2 " in row and "1 |" in row for row in session.rows))
    fleet.machines[1].hold()
    session.wait(lambda: any("./vm2 " in row and "- |" in row for row in session.rows))
    session.interrupt()
    session.wait_prompt(PROMPT)


@pytest.mark.parametrize("dumb", [False, True])
def test_no_machine_answers(fleet: Fleet, dumb: bool) -> None:
    """The session says so, and Ctrl-C ends it."""
    session = fleet.open(dumb=dumb)
    session.wait_prompt(PROMPT)
    for machine in fleet.machines:
        machine.hold()
    session.type("info name\r")
    session.wait_for("no answer yet from ./vm[1-3]; Ctrl-C stops waiting")
    session.interrupt()
    session.wait_for("stopped waiting; ./vm[1-3] had not answered")
    session.wait_prompt(PROMPT)


def test_a_plain_session_ends_well_whatever_failed(fleet: Fleet) -> None:
    """Errors are for the user."""
    session = fleet.open(dumb=True)
    session.wait_prompt(PROMPT)
    session.run("nonsense", PROMPT)
    session.type("\x04")

    assert session.wait_end() == 0


def test_a_fifo_without_a_writer_is_given_up(fleet: Fleet) -> None:
    """After ``--timeout``, though no machine in particular is waited for."""
    os.mkfifo(fleet.folder / "fifo")
    session = fleet.open("--timeout", "0.5", dumb=True)
    session.wait_prompt(PROMPT)
    session.run("source fifo", PROMPT)

    assert "Error: cannot read fifo: nothing came within the time limit" in session.rows


def test_raw_values_have_their_machines(fleet: Fleet) -> None:
    """In a plain session; they are lines, as text is."""
    session = fleet.open("-o", "json", "-q", "name", "--raw", dumb=True)
    session.wait_prompt(PROMPT)
    session.run("info name", PROMPT)

    assert [f"./vm{number}: machine{number}" for number in (1, 2, 3)] == [
        row for row in session.rows if ": machine" in row
    ]


def test_tab_offers_more_machines(fleet: Fleet, tmp_path: Path) -> None:
    """Groups too, after a sign."""
    folder = tmp_path / "hmp"
    folder.mkdir()
    (folder / "config.toml").write_text('[groups]\nracks = ["vm1"]\n')
    session = fleet.open("--config", str(folder / "config.toml"))
    session.wait_prompt(PROMPT)
    # by their beginnings: this host may run more machines than fit the menu
    session.type("+@r\t")
    session.wait_for("+@racks")
    session.type("\x15-./\t")
    session.wait_for("-./vm2")


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

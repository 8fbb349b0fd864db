"""What happens to the machine while one sits at the prompt."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.commands.test_snapshots import disks, node
from tests.fakes import Message
from tests.terminal.machine import ScriptedMachine
from tests.terminal.test_session import Start

PROMPT = "(qemu vm) "
ERRORS = {"drive1": "no space left"}


def test_events_come_above_a_half_typed_line(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """In words, with what the line was kept; the prompt follows the state."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("info sta")
    session.wait_row(f"{PROMPT}info sta")
    machine.send("STOP")
    session.wait_row("(qemu vm paused) info sta")
    machine.send("RESUME")
    session.wait_row(f"{PROMPT}info sta")
    machine.send("BLOCK_JOB_READY", device="drive0", speed=0)

    session.wait_for("BLOCK_JOB_READY  device=drive0 speed=0")
    session.wait_row(f"{PROMPT}info sta")
    rows = [row for row in session.rows if "STOP" in row or "RESUME" in row]
    assert [row.split()[1] for row in rows] == ["STOP", "RESUME"]


def test_an_event_of_a_wrong_shape(terminal: Start, machine: ScriptedMachine) -> None:
    """One line says so, above the prompt or above the result of the line that it meets."""
    session = terminal(machine.path, columns=140)
    session.wait_prompt(PROMPT)
    machine.send_as_is({"event": "JOB_STATUS_CHANGE", "data": {"id": ["\x1b[31m"]}})
    said = "hmp: the machine's event 'JOB_STATUS_CHANGE' does not match its schema: it must"
    session.wait_for(said)
    session.type("wait STOP\r")
    machine.send_as_is({"event": "RTC_CHANGE", "data": {"offset": "\x1b[31m"}})
    machine.send("STOP")
    session.wait_for("RTC_CHANGE' does not match its schema: offset must be an integer")
    session.wait_prompt("(qemu vm paused) ")

    assert session.text.count("does not match") == 2


def test_a_flood_leaves_the_prompt_usable(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """Repeated events are one line with their number; the line can be edited on."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("info st")
    session.wait_row(f"{PROMPT}info st")
    machine.send(*["RTC_CHANGE"] * 10_000)
    session.type("atus")
    session.wait_row(f"{PROMPT}info status")
    session.wait(lambda: "(x" in session.text, "how often it came")
    session.type("\r")

    session.wait_for("● running")
    assert session.text.count("RTC_CHANGE") < 10


def test_different_events_are_not_taken_for_one(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """Only what says the same is counted together; what is too much is said to be."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    machine.send("JOB_STATUS_CHANGE", id="j", status="running")  # nothing to tell of
    machine.send("STOP", "RESUME", "STOP")
    session.wait_row("(qemu vm paused)")
    session.wait(lambda: session.text.count("STOP") == 2)
    assert "JOB_STATUS_CHANGE" not in session.text
    machine.send(*[name for _ in range(500) for name in ("WAKEUP", "SUSPEND")])

    session.wait_for("more events")


def test_the_events_that_came_are_listed(terminal: Start, machine: ScriptedMachine) -> None:
    """All of them, or those whose names fit a pattern or a regular expression."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    machine.send("BLOCK_JOB_READY", "NIC_RX_FILTER_CHANGED")
    session.wait_for("NIC_RX")
    session.run("clear", PROMPT)
    session.run("events", PROMPT)
    assert "BLOCK_JOB_READY" in session.text
    assert "NIC_RX_FILTER_CHANGED" in session.text
    session.run("clear", PROMPT)
    session.run("events BLOCK_*", PROMPT)
    assert "BLOCK_JOB_READY" in session.text
    assert "NIC_RX" not in session.text
    session.run("clear", PROMPT)
    session.run("events -r rx.*changed$", PROMPT)

    assert "NIC_RX_FILTER_CHANGED" in session.text
    assert "BLOCK_JOB_READY" not in session.text


def test_events_are_followed(terminal: Start, machine: ScriptedMachine) -> None:
    """events -f shows what comes until Ctrl-C, and nothing that does not fit."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    machine.send("SUSPEND")
    session.wait_row("(qemu vm suspended)")
    session.wait_for("SUSPEND")
    session.run("clear", "(qemu vm suspended) ")
    session.type("events -f S*\r")
    session.wait_for("SUSPEND")
    machine.send("WAKEUP", "STOP")
    session.wait_for("STOP")
    session.type("\x03")

    session.wait_prompt("(qemu vm paused) ")
    assert session.text.count("STOP") == 1
    assert "WAKEUP" not in session.text
    assert "gave up" not in session.text


def test_wait_for_an_event(terminal: Start, machine: ScriptedMachine) -> None:
    """It returns with the event; or says that it did not come."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("wait STOP\r")
    session.wait(lambda: session.screen.cursor.x == 0)
    machine.send("STOP")
    session.wait_prompt("(qemu vm paused) ")
    session.run("wait RESUME --timeout 0.1", "(qemu vm paused) ")

    assert "Error: no RESUME within 0.1 s" in session.rows


@pytest.mark.parametrize("dumb", [False, True])
def test_a_line_that_waits_says_so(
    terminal: Start, machine: ScriptedMachine, dumb: bool
) -> None:
    """If the machine does not answer; not if the line or a question waits."""
    session = terminal(machine.path, TERM="dumb") if dumb else terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("wait STOP --timeout 3\r")
    session.wait_for("Error: no STOP within 3 s")
    session.wait_prompt(PROMPT)
    assert "no answer yet" not in session.text
    machine.hold()
    session.type("info name\r")
    session.wait_for("no answer yet; Ctrl-C stops waiting")
    machine.release()
    session.wait_for("\nvm\n")
    session.wait_prompt(PROMPT)
    assert ("no answer yet" in session.text) == dumb  # a bar is taken away


@pytest.mark.parametrize("dumb", [False, True])
def test_a_watched_line_that_waits_says_so(
    terminal: Start, machine: ScriptedMachine, dumb: bool
) -> None:
    """At each look; not while it rests, and no longer than the machine is silent."""
    session = terminal(machine.path, TERM="dumb") if dumb else terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("watch -n 2.5 info name\r")
    session.wait_for("every 2.5 s: info name")
    session.wait(lambda: sum(row == "vm" for row in session.rows) == 1 + dumb, "a look")
    assert "no answer yet" not in session.text
    machine.hold()
    session.wait_for("no answer yet; Ctrl-C stops waiting")
    machine.release()
    session.wait(lambda: dumb or "no answer yet" not in session.text, "the next frame")
    session.type("\x03")
    session.wait_prompt(PROMPT)


def test_wait_for_a_job(terminal: Start, machine: ScriptedMachine) -> None:
    """It returns when the job is gone, with how far it is meanwhile."""
    jobs = [
        {
            "id": "j0",
            "type": "backup",
            "status": "running",
            "current-progress": 1,
            "total-progress": 4,
        }
    ]
    machine.answers["query-jobs"] = jobs
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("wait job j0\r")
    session.wait_for("25%")
    jobs.clear()
    machine.send("JOB_STATUS_CHANGE", id="j0", status="null")

    session.wait_prompt(PROMPT)
    session.run("wait job nope", PROMPT)
    assert "Error: no job 'nope'" in session.rows


def test_a_snapshot_that_was_given_up(terminal: Start, machine: ScriptedMachine) -> None:
    """Its job is dismissed when it ends, though nobody waits for it any more."""
    machine.answers.update(disks(node("n0")).machine.answers)
    machine.answers.update({"job-dismiss": {}, "snapshot-save": partial(_begin, machine)})
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("savevm one\r")
    # its bar, below the prompt that it was typed at
    session.wait(lambda: any(row.startswith("savevm one") for row in session.rows))
    machine.wait_for("snapshot-save")
    session.interrupt()
    session.wait_for("stopped waiting; savevm one continues (it cannot be cancelled)")
    session.wait_prompt(PROMPT)
    for status in ("waiting", "pending", "concluded"):
        machine.send("JOB_STATUS_CHANGE", id="hmp-0", status=status)

    machine.wait_for("job-dismiss")
    dismissals = [r for r in machine.requests if r.get("execute") == "job-dismiss"]
    assert [r["arguments"] for r in dismissals] == [{"id": "hmp-0"}]
    machine.send("JOB_STATUS_CHANGE", id="hmp-0", status="null")
    session.run("wait JOB_STATUS_CHANGE status=null", PROMPT)
    dismissals = [r for r in machine.requests if r.get("execute") == "job-dismiss"]
    assert len(dismissals) == 1


def _begin(machine: ScriptedMachine, arguments: Message) -> Any:
    """Begin a job that gets nowhere."""
    progress = {"current-progress": 0, "total-progress": 1}
    job = {"id": arguments["job-id"], "type": "snapshot-save", "status": "running"}
    machine.answers["query-jobs"] = [{**job, **progress}]
    return {}


def test_wait_for_a_job_that_was_faster(terminal: Start, machine: ScriptedMachine) -> None:
    """What ended since the line before is no unknown job; how it ended is told."""
    machine.answers["query-jobs"] = []

    def cancel(arguments: Message) -> Any:
        device = arguments["device"]
        machine.send("BLOCK_JOB_COMPLETED", device=device, error=ERRORS.get(device, ""))
        return {}

    machine.answers["block-job-cancel"] = cancel
    session = terminal("-y", machine.path)
    session.wait_prompt(PROMPT)
    session.run("block_job_cancel drive0", PROMPT)
    session.run("wait job drive0", PROMPT)
    assert "Error" not in session.text
    session.run("block_job_cancel drive1", PROMPT)
    session.run("wait job drive1", PROMPT)

    assert "Error: no space left" in session.rows


def test_notes_are_broken_between_words(terminal: Start, machine: ScriptedMachine) -> None:
    """On a narrow screen; events as well."""
    session = terminal(machine.path, columns=50)
    session.wait_prompt(PROMPT)
    machine.send("DEVICE_DELETED", device="a" * 15, path="b" * 18)
    session.wait(lambda: f"path={'b' * 18}" in session.rows, "the second line")
    machine.hold_clients()
    machine.drop()
    session.wait(lambda: "connection; waiting for it to come back" in session.rows)


def test_gone_and_back(terminal: Start, machine: ScriptedMachine) -> None:
    """One line says so, commands say so, and it is connected again by itself."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("info sta")
    session.wait_row(f"{PROMPT}info sta")
    machine.hold_clients()
    machine.drop()
    session.wait_row("(qemu vm disconnected) info sta")
    assert " ".join(session.text.split()).count("waiting for it to come back") == 1
    session.type("tus\r")
    session.wait_for("not connected: ")
    session.type("help stop\r")
    session.wait_for("pause the machine")  # help is local
    session.type("system_reset\r")  # nothing to confirm
    session.wait(lambda: session.text.count("not connected: ") == 2)
    machine.release_clients()
    session.wait_for(f"connected to {machine.path} again")

    session.wait_prompt(PROMPT)
    session.run("info status", PROMPT)
    assert "● running" in session.rows
    assert machine.clients == 2


def test_gone_for_good(terminal: Start, machine: ScriptedMachine) -> None:
    """With --no-reconnect the session ends with the machine."""
    session = terminal("--no-reconnect", machine.path)
    session.wait_prompt(PROMPT)
    machine.drop()

    assert session.wait_end() == 3
    assert " ".join(session.text.split()).count("closed the connection") == 1
    assert machine.clients == 1

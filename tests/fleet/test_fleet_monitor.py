"""The monitor of a session on a set of machines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Sequence
from subprocess import Popen

import pytest

from hmp.completion.candidates import complete
from hmp.display.json_output import JsonWriter, RawWriter
from hmp.display.output import TextWriter
from hmp.display.richtext import present
from hmp.display.screen import Screen
from hmp.fleet.fleet_event_log import FleetEventLog
from hmp.fleet.fleet_monitor import FleetMonitor
from hmp.fleet.run_all import Captured
from hmp.fleet.sets import SetMember, Sets
from hmp.frontends.config import Config
from hmp.monitor.call import Call
from hmp.monitor.gathered import GatheredCall
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import LIMIT, Message
from tests.fleet.conftest import Answering, Fleet


async def result(monitor: FleetMonitor, line: str) -> Call:
    """Run a line."""
    call = await monitor.run(line)
    assert call is not None
    return call


async def view(monitor: FleetMonitor, line: str) -> list[list[str]]:
    """Return what a terminal shows of a line, as rows of words."""
    call = await result(monitor, line)
    screen = Screen(1, {})
    screen.width, screen.colours, screen.unicode = 200, False, True
    return [row.split() for row in present(call, screen).split("\n")]


def test_equal_results_are_gathered(fleet: Fleet) -> None:
    """As text, each under the names of its machines; programs get lines with names."""

    async def test(monitor: FleetMonitor) -> None:
        call = await result(monitor, "info status")
        assert call.text() == (
            "vm[1-2] (2)\nVM status: running\nvm3 (1)\nVM status: paused\n"
        )
        assert call.lines() == (
            "vm1: VM status: running\nvm2: VM status: running\nvm3: VM status: paused\n"
        )
        assert not call.failed
        pieces: list[tuple[int, str]] = []
        TextWriter(Captured(1, pieces), Captured(2, pieces)).show(
            await result(monitor, "stop")
        )
        assert pieces == []  # as of one machine

    fleet.run(test)


def test_a_machine_that_is_stopped_says_so(fleet: Fleet) -> None:
    """It is connected, and its last state is of no use."""

    async def test(monitor: FleetMonitor) -> None:
        with Popen(["sleep", "60"]) as process:
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
            connection = monitor.machines["vm2"].connection
            assert connection is not None
            connection.pid = process.pid
            text = (await result(monitor, "targets")).text()
            process.kill()
        why = f"its process is stopped; resume it with: kill -CONT {process.pid}"
        assert text == f"vm1: running\nvm2: no answer ({why})\nvm3: paused\n"

    fleet.run(test)


def test_different_results_are_one_table(fleet: Fleet) -> None:
    """With a column for the machine; tables have all rows of each machine."""
    fleet.machines[1].answers["query-block"] = []

    async def test(monitor: FleetMonitor) -> None:
        rows = await view(monitor, "info status")
        assert rows[0] == ["machine", "status"]
        assert rows[2:4] == [["vm[1-2]", "●", "running"], ["vm3", "○", "paused"]]
        rows = await view(monitor, "info block")
        assert rows[0][:2] == ["machine", "device"]
        assert [row[:2] for row in rows[2:5]] == [
            ["vm[1,3]", "drive0"],
            ["vm[1,3]", "cd0"],
            ["vm2", "No"],
        ]

    fleet.run(test)


def test_generated_names_are_no_difference(fleet: Fleet) -> None:
    """Neither in text nor in a view, which then show no machine's own."""
    for number, machine in enumerate(fleet.machines):
        node = {"node-name": f"#block{number}47", "drv": "raw", "ro": False, "file": "x"}
        machine.answers["query-named-block-nodes"] = [node]

    async def test(monitor: FleetMonitor) -> None:
        call = await result(monitor, "info block -n")
        assert call.text().startswith("vm[1-3] (3)\n#block*: x (raw)\n")
        rows = await view(monitor, "info block -n")
        assert rows[0] == ["vm[1-3]", "(3)"]
        assert ["#block*", "x"] in [row[:2] for row in rows]
        for number, machine in enumerate(fleet.machines[:2]):
            busy = QMPError(f"'#block{number}47' is busy")
            machine.answers["query-named-block-nodes"] = busy
        joined = "vm[1-2] (2)\nError: '#block*' is busy\n"
        assert joined in (await result(monitor, "info block -n")).text()
        rows = await view(monitor, "info block -n")
        assert rows[-3:-1] == [["vm[1-2]", "(2)"], ["Error:", "'#block*'", "is", "busy"]]

    fleet.run(test)


def test_threads_are_no_difference(fleet: Fleet) -> None:
    """The host numbers them; a machine that differs otherwise keeps its own."""
    for number, machine in enumerate(fleet.machines):
        cpu = {"cpu-index": 0, "qom-path": "/c", "thread-id": 40 + number, "target": "arm"}
        machine.answers["query-cpus-fast"] = [cpu] * (2 if number else 1)

    async def test(monitor: FleetMonitor) -> None:
        call = await result(monitor, "info cpus")
        assert "vm1 (1)\n* CPU #0: thread_id=40\n" in call.text()
        assert "vm[2-3] (2)\n* CPU #0: thread_id=*\n" in call.text()
        rows = await view(monitor, "info cpus")
        assert [row for row in rows if row[:1] == ["vm1"] and "40" in row]
        assert [row for row in rows if row[:1] == ["vm[2-3]"] and "*" in row]

    fleet.run(test)


def test_errors(fleet: Fleet) -> None:
    """One that all have in common is the line's; others stand under their machines."""
    fleet.machines[1].answers["query-status"] = QMPError("no status today")

    async def test(monitor: FleetMonitor) -> None:
        call = await result(monitor, "info status")
        assert call.failed
        assert call.error is None
        assert "vm2 (1)\nError: no status today\n" in call.text()
        rows = await view(monitor, "info status")
        assert ["vm2", "(1)"] in rows
        assert ["vm1", "●", "running"] in rows
        for machine in fleet.machines:
            machine.answers["query-status"] = QMPError("no status today")
        call = await result(monitor, "info status")
        assert call.error_text() == "Error: no status today\n"
        call = await result(monitor, "device_del")
        assert call.error is not None
        assert all("device_del" not in machine.commands for machine in fleet.machines)

    fleet.run(test)


def test_the_set_changes(fleet: Fleet) -> None:
    """By @, + and -; what names no machine leaves it as it was."""

    async def test(monitor: FleetMonitor) -> None:
        for line, names in (
            ("-vm2", ["vm1", "vm3"]),
            ("@vm2", ["vm2"]),
            ("+ vm3 vm1", ["vm2", "vm3", "vm1"]),
            ("targets vm3 vm2", ["vm3", "vm2"]),
        ):
            assert (await result(monitor, line)).error is None
            assert list(monitor.machines) == names
        assert (await result(monitor, "info status")).text().count("(1)") == 2
        text = (await result(monitor, "targets")).text()
        assert text == "vm3: paused\nvm2: running\n"
        assert (await result(monitor, "@all")).error is None
        assert list(monitor.machines) == ["vm1", "vm2", "vm3"]
        await result(monitor, "@vm3 vm2")
        for line, error in (
            ("-vm2 vm3", "no machine would be left"),
            ("-vm1", "the session has none of vm1"),
            ("@nosuch", "'nosuch' matches no machine"),
            ("+", "+ needs machines, such as +vm[1-3]"),
        ):
            assert (await result(monitor, line)).error_text() == f"Error: {error}\n"
        assert list(monitor.machines) == ["vm3", "vm2"]

    fleet.run(test)


@pytest.mark.parametrize("typed", ["nosuch", "./nosuch", "vm1 nosuch"])
@pytest.mark.parametrize("sign", "@+")
def test_a_name_that_nothing_has_changes_nothing(
    fleet: Fleet, sign: str, typed: str
) -> None:
    """One that the session began with may be away."""

    async def test(monitor: FleetMonitor) -> None:
        monitor.find = Sets(Config({}), lambda host: []).members
        (fleet.folder / "vm1").unlink()
        text = (await result(monitor, f"{sign}{typed}")).error_text()
        name = typed.removeprefix("vm1 ")
        assert text.startswith(
            f"Error: cannot connect to {name}: no such socket, configured"
        )
        assert list(monitor.machines) == ["vm1", "vm2", "vm3"]

    fleet.run(test)


def test_equal_events_are_one_line(fleet: Fleet) -> None:
    """Those of several machines are one line that names them; each is kept."""

    async def test(monitor: FleetMonitor) -> None:
        log = monitor.event_log()
        came = asyncio.Event()

        def take(event: Message) -> None:
            log.add(event)
            if monitor.event_count == 4:
                came.set()

        monitor.listeners.append(take)
        for machine in fleet.machines[:2]:
            machine.send("STOP")
        fleet.machines[2].send("RESUME", "RESUME")
        await asyncio.wait_for(came.wait(), 10)
        lines = [line.partition(" ")[2] for line in log.take()]
        assert sorted(lines) == ["RESUME: vm3  (x2)", "STOP: vm[1-2]"]
        assert (await result(monitor, "events STOP")).text().count("STOP: vm") == 2
        rows = await view(monitor, "events STOP")
        assert sorted(row[1:3] for row in rows[2:4]) == [["vm1", "STOP"], ["vm2", "STOP"]]

    fleet.run(test)


@pytest.mark.parametrize("answer", [False, True])
def test_a_destructive_line_asks_once(fleet: Fleet, answer: bool) -> None:
    """With what it does, on how many and which machines."""
    front = Answering(answer)
    for machine in fleet.machines:
        machine.answers["system_reset"] = machine.answers["device_del"] = {}
        machine.answers["qom-get"] = QMPError("not found", "DeviceNotFound")

    async def test(monitor: FleetMonitor) -> None:
        call = await result(monitor, "system_reset")
        assert call.failed is not answer
        assert len(front.asked) == 1
        what = "this resets 3 machines without asking their guests"
        assert front.asked[0] == f"system_reset on 3 machines, vm[1-3]: {what}. Continue?"
        # known to be wrong, everywhere and on each machine
        await result(monitor, "system_reset now")
        call = await result(monitor, "device_del nosuch")
        assert call.error_text() == "Error: Device 'nosuch' not found\n"
        assert len(front.asked) == 1
        # it would fail on two of the machines
        found = {"type": "e1000", "hotpluggable": True}
        fleet.machines[1].answers["qom-get"] = lambda args: found[args["property"]]
        call = await result(monitor, "device_del net1")
        assert front.asked[1].startswith("device_del net1 on 1 machine, vm2: ")
        assert call.failed
        if answer:
            assert isinstance(call, GatheredCall)
            assert [name for name, _ in call.parts] == ["vm1", "vm2", "vm3"]

    fleet.run(test, front)
    assert all(("system_reset" in m.commands) is answer for m in fleet.machines)
    unplugged = ["device_del" in machine.commands for machine in fleet.machines]
    assert unplugged == [False, answer, False]


def test_a_read_only_session_refuses_without_asking(fleet: Fleet) -> None:
    """All machines refuse alike, which is one error."""
    front = Answering()

    async def test(monitor: FleetMonitor) -> None:
        call = await result(monitor, "system_reset")
        assert "read-only" in call.error_text()
        assert front.asked == []

    fleet.run(test, front, read_only=True)


def test_a_password_is_asked_once(fleet: Fleet) -> None:
    """All machines get the same one."""
    front = Answering()
    for machine in fleet.machines:
        machine.answers["change-vnc-password"] = machine.answers["set_password"] = {}

    async def test(monitor: FleetMonitor) -> None:
        call = await result(monitor, "change vnc password")
        assert not call.failed

    fleet.run(test, front)
    assert front.secrets == 1


def test_completion_marks_what_some_have(fleet: Fleet) -> None:
    """All words are offered; those that not all machines have name the others."""
    from completions.block import BLOCK_DEVICE

    fleet.machines[1].answers["query-block"] = []

    async def test(monitor: FleetMonitor) -> None:
        words = dict(await monitor.words(BLOCK_DEVICE, ""))
        assert words["drive0"].endswith("only vm[1,3]")
        fleet.machines[1].answers["query-block"] = fleet.machines[0].answers["query-block"]
        words = dict(await monitor.words(BLOCK_DEVICE, ""))
        assert "only" not in words["drive0"]

    fleet.run(test)


def test_a_machine_is_lost_while_it_works(fleet: Fleet) -> None:
    """The others' results are shown, and its error."""

    async def test(monitor: FleetMonitor) -> None:
        fleet.machines[1].hold()
        line = asyncio.create_task(result(monitor, "info name"))
        await asyncio.to_thread(fleet.machines[1].wait_for, "query-name")
        fleet.machines[1].drop()
        text = (await line).text()
        assert "vm3 (1)\nmachine3\n" in text
        assert "vm2 (1)\nError: the machine was lost meanwhile\n" in text
        states = {name: machine.state for name, machine in monitor.machines.items()}
        assert states == {"vm1": "running", "vm2": "gone", "vm3": "paused"}

    fleet.run(test)


def test_a_machine_that_was_never_reached(fleet: Fleet) -> None:
    """Its row says so, and why."""
    (fleet.folder / "vm1").unlink()
    (fleet.folder / "vm1").touch()

    async def test(monitor: FleetMonitor) -> None:
        row = monitor.machines["vm1"].row()
        assert (row["machine"], row["state"], row["version"]) == ("vm1", "not reached", "")
        assert str(row["detail"]).endswith("/vm1: not a socket")
        assert monitor.machines["vm2"].row()["detail"] == ""

    fleet.run(test)


def test_signs_complete_machines(fleet: Fleet) -> None:
    """Those that the sign can add or take out; ``@`` offers all."""

    async def test(monitor: FleetMonitor) -> None:
        assert await view(monitor, "-vm2") == [[]]
        rows = await view(monitor, "targets")
        assert rows[2][:3] == ["vm1", "●", "running"]
        offered = {
            sign: {c.text: c.about for c in complete(f"{sign}v", monitor.commands)}
            for sign in "@+-"
        }
        assert offered == {
            "@": {"@vm1": "running", "@vm2": "taken out", "@vm3": "paused"},
            "+": {"+vm2": "taken out"},
            "-": {"-vm1": "running", "-vm3": "paused"},
        }
        assert "targets" in [c.text for c in complete("tar", monitor.commands)]

    fleet.run(test)


def test_quit_on_some_of_the_machines(fleet: Fleet) -> None:
    """The session stays for the others, and ends with the last ones."""
    for machine in fleet.machines:
        machine.answers["quit"] = {}

    async def test(monitor: FleetMonitor) -> None:
        await result(monitor, "@vm1")
        assert not (await result(monitor, "quit")).failed
        assert not monitor.ended
        await result(monitor, "@all")
        await result(monitor, "quit")
        assert monitor.ended

    fleet.run(test)


def test_a_group_after_a_sign(fleet: Fleet) -> None:
    """One ``@`` is enough, also for completion; a machine of that name comes first."""

    async def test(monitor: FleetMonitor) -> None:
        plain = monitor.find

        def find(words: Sequence[str]) -> Sequence[SetMember]:
            if words == ["@pair"]:
                return plain(["vm1", "vm3"])
            return (
                [SetMember(word) for word in words] if words == ["pair"] else plain(words)
            )

        monitor.find = find
        for line in ("@pair", "@@pair"):
            await result(monitor, "@all")
            call = await result(monitor, line)
            assert (call.error_text(), list(monitor.machines)) == ("", ["vm1", "vm3"])
        call = await result(monitor, "+pair")
        assert "cannot connect to pair" in call.error_text()
        looked = monitor.commands.short_forms("@", lambda kind, context: [("@pair", "x")])
        assert ("@pair", "x") in looked

    fleet.run(test)


def test_json_has_an_object_for_each_machine(fleet: Fleet) -> None:
    """With its name."""

    async def test(monitor: FleetMonitor) -> None:
        pieces: list[tuple[int, str]] = []
        writer = JsonWriter(Captured(1, pieces), Captured(2, pieces), "status")
        call = await result(monitor, "info status")
        writer.show(call)
        shown = "".join(text for _, text in pieces)
        assert writer.piped(call) == shown
        assert shown.splitlines() == [
            '{"target": "vm1", "line": "info status", "return": "running"}',
            '{"target": "vm2", "line": "info status", "return": "running"}',
            '{"target": "vm3", "line": "info status", "return": "paused"}',
        ]
        pieces.clear()
        RawWriter(Captured(1, pieces), Captured(2, pieces), "status").show(call)
        shown = "".join(text for _, text in pieces)
        assert shown.splitlines() == ["vm1: running", "vm2: running", "vm3: paused"]

    fleet.run(test)


def test_who_is_missing_is_shown(fleet: Fleet) -> None:
    """A line that takes long has a bar for all machines."""
    front = Answering()

    async def test(monitor: FleetMonitor) -> None:
        fleet.machines[1].hold()
        line = asyncio.create_task(monitor.run("info status"))
        while not front.drawn:
            await asyncio.sleep(0.05)
        assert front.drawn[0] == "1 left, vm2 66 %"
        line.cancel()
        with pytest.raises(asyncio.CancelledError):
            await line
        assert monitor.call.continues == "vm2 had not answered"

    fleet.run(test, front)


def test_ctrl_c_names_the_work_that_continues(fleet: Fleet) -> None:
    """And the command that cancels it, as in a session on one machine."""
    for machine in fleet.machines:
        machine.answers |= {"migrate": {}, "query-migrate": {"status": "active"}}

    async def test(monitor: FleetMonitor) -> None:
        line = asyncio.create_task(monitor.run("migrate tcp:host:1"))
        # it is also asked before the start, when nothing continues yet
        while not all(
            "migrate" in machine.commands and machine.commands[-1] == "query-migrate"
            for machine in fleet.machines
        ):
            await asyncio.sleep(0.01)
        line.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await line
        work = "the migration continues ('migrate_cancel' cancels it)"
        assert monitor.call.continues == f"vm[1-3] had not answered; {work}"

    fleet.run(test)


def test_none_can_be_reached(fleet: Fleet) -> None:
    """The session does not begin."""
    for number in (1, 2, 3):
        (fleet.folder / f"vm{number}").unlink()
        (fleet.folder / f"vm{number}").touch()

    async def test(monitor: FleetMonitor) -> None:
        raise AssertionError

    with pytest.raises(MachineGoneError, match="none of 3 machines can be reached; vm1: "):
        fleet.run(test)


def test_a_machine_that_stays_away_is_tried_less_often(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pause is longer by a fifth, up to five seconds."""
    (fleet.folder / "vm2").unlink()
    (fleet.folder / "vm2").touch()
    pauses: list[float] = []
    enough = asyncio.Event()

    async def test(monitor: FleetMonitor) -> None:
        async def rest(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 12:
                enough.set()
                await asyncio.sleep(3600)

        monkeypatch.setattr(monitor, "rest", rest)
        await asyncio.wait_for(enough.wait(), LIMIT)

    fleet.run(test)
    assert pauses[:3] == pytest.approx([1.2, 1.44, 1.728])
    assert pauses[-2:] == [5.0, 5.0]


def test_a_set_knows_its_own_command_and_those_of_its_machines(fleet: Fleet) -> None:
    """By all of their names, which suggestions are made from."""

    async def test(monitor: FleetMonitor) -> None:
        names = [*monitor.commands.names()]
        assert {"targets", "info", "cont", "c"} <= {*names}

    fleet.run(test)


def test_names_that_do_not_fold_are_cut() -> None:
    """An event of every fourth of a thousand machines does not fill the screen."""
    log = FleetEventLog()
    stamp = {"seconds": 0, "microseconds": 0}
    for number in range(1, 1001, 4):
        log.add({"event": "gone", "timestamp": stamp, "target": f"vm{number}"})
    (line,) = log.take()
    assert "gone: vm[1,5,9,13," in line
    assert line.endswith("… (250 machines)")
    assert len(line) < 250


def test_machines_that_are_away_need_no_threads(fleet: Fleet) -> None:
    """In a session whose loop runs all the time."""

    async def test(monitor: FleetMonitor) -> None:
        for machine in fleet.machines:
            machine.hold_clients()
            machine.drop()
        while monitor.present:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        assert not [t for t in threading.enumerate() if "sleep" in t.name]

    fleet.run(test)

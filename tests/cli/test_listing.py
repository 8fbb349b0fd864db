"""What ``hmp --list`` prints."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.cli import listing
from hmp.cli.listing import list_machines
from hmp.cli.machine_table import table
from hmp.display.sanitise import one_line
from hmp.targets import run_states
from hmp.targets.discovery import FOREIGN, RunningMachine, as_json, machines
from hmp.targets.doors import AGENT, GDB, HUMAN, QMP, SERIAL, Door
from hmp.targets.processes import Host
from tests.targets.command_lines import LINES, host, process


def test_a_table() -> None:
    """A row a machine, and what to do for those that cannot be reached."""
    found = [
        RunningMachine(
            12,
            ("vm", "100"),
            (
                Door(QMP, "/a b", FOREIGN),
                Door(HUMAN, "h:1"),
                Door(GDB, "gdb:localhost:1234"),
                Door(AGENT, "qga:/g"),
                Door(SERIAL, "/s"),
                Door(QMP, "", "on descriptor 3"),
            ),
            "kvm",
            "7.2.22",
            manager="Proxmox",
        ),
        RunningMachine(345, (), (), "qemu-system-arm"),
        RunningMachine(
            6, (), (Door(QMP, "", "on descriptor 3"),), "kvm", process_state="stopped"
        ),
        RunningMachine(7, (), (Door(GDB, "gdb:h:1"),), "kvm"),
        RunningMachine(8, ("x",), (Door(QMP, "/x"),), "kvm", user="eve"),
        RunningMachine(9, (), (Door(AGENT, "", "on a vsock device"),), "qemu-ga"),
    ]
    found[0].run_state = "running"
    found[1].run_state = "paused"
    found[3].run_state = "running"

    assert table(found).splitlines() == [
        "PID  NAME  ID   STATE    PROGRAM          VERSION  MANAGER  TARGET",
        ' 12  vm    100  running  kvm              7.2.22   Proxmox  "/a b" (another'
        " user's), h:1 (human monitor), qga:/g",
        "345  -     -    paused   qemu-system-arm  -        -        - (no monitor; start"
        " it with -qmp unix:PATH,server=on,wait=off)",
        "  6  -     -    stopped  kvm              -        -        - (QMP on"
        " descriptor 3)",
        "  7  -     -    running  kvm              -        -        gdb:h:1 (gdb server)",
        "  8  -     -    unknown  kvm              -        -        /x, of user eve, calls"
        ' itself "x"',
        "  9  -     -    running  qemu-ga          -        -        - (guest agent on a"
        " vsock device)",
    ]


def test_json() -> None:
    """All that is known, null where it is not."""
    (found,) = machines(host(process(LINES["PROXMOX"])))

    assert as_json(found) == {
        "pid": 7,
        "name": "win10",
        "names": ["win10", "100"],
        "state": None,
        "program": "kvm",
        "version": None,
        "manager": "Proxmox",
        "user": None,
        "target": "/var/run/qemu-server/100.qmp",
        "doors": [
            {"kind": "QMP", "target": "/var/run/qemu-server/100.qmp", "note": None},
            {
                "kind": "guest agent",
                "target": "qga:/var/run/qemu-server/100.qga",
                "note": None,
            },
            {
                "kind": "QMP",
                "target": None,
                "note": "it connects to /var/run/qmeventd.sock itself",
            },
        ],
    }
    assert as_json(RunningMachine(1, (), (Door(QMP, "/a"),), user="eve"))["target"] is None


ANY = st.text(st.characters(codec=None) | st.sampled_from('\n\r\t "\\\\-\u2028\u200b'))
DOOR = st.builds(Door, st.sampled_from([QMP, HUMAN, GDB, AGENT, SERIAL]), ANY, ANY)
MACHINE = st.builds(
    RunningMachine,
    st.integers(1, 1 << 22),
    st.lists(ANY.filter(bool), max_size=2).map(tuple),
    st.lists(DOOR, max_size=3).map(tuple),
    ANY,
    ANY,
    ANY,
    ANY,
    ANY,
)


@given(found=st.lists(MACHINE, min_size=1, max_size=4))
def test_a_row_is_a_machine(found: list[RunningMachine]) -> None:
    """Whatever names, users and sockets are called; a name is one word of its row."""
    _, *rows = table(found).splitlines()

    assert len(rows) == len(found)
    for row, machine in zip(rows, found, strict=True):
        assert row == one_line(row)
        pid, word = row.split()[:2]
        assert pid == str(machine.pid)
        if machine.user:
            assert word == "-"
        else:
            assert word == (machine.name or "-") or word.startswith('"')
        json.dumps(as_json(machine))


def test_no_machine_is_asked_for_its_state_if_that_is_not_wanted(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A socket that serves one client at a time is not taken because of a Tab."""

    def ask(host: Host) -> list[RunningMachine]:
        raise AssertionError("machines are asked")

    running = host(process(LINES["PROXMOX"]))
    monkeypatch.setattr(listing, "this_host", lambda: running)
    monkeypatch.setattr(run_states, "machines_here", ask)
    monkeypatch.setenv("HMP_LIST_STATES", "no")
    list_machines("json", None)
    assert json.loads(capfd.readouterr().out)["name"] == "win10"
    monkeypatch.delenv("HMP_LIST_STATES")
    with pytest.raises(AssertionError, match="machines are asked"):
        list_machines("json", None)


@pytest.mark.parametrize(
    ("style", "printed"), [(None, "no running QEMU found\n"), ("json", "")]
)
def test_where_no_machine_runs(
    style: str | None,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A list says so; JSON has no lines."""
    monkeypatch.setattr(listing, "this_host", host)
    list_machines(style, None)

    assert capfd.readouterr().out == printed

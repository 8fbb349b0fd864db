"""The human monitor and gdb doors on real QEMUs: Unix, TCP, telnet, pty, gdb."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from select import select

import pytest

from hmp.frontends.script import drive
from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ
from hmp.monitor.from_text import asked
from hmp.qmp.errors import ConnectError, MachineGoneError, NoReplyError, QMPError
from hmp.serving.line_keys import LineKeys
from hmp.targets.gdb_target import GdbMonitor
from hmp.targets.human_monitor import HumanMonitor
from hmp.targets.line_connection import LineConnection
from tests.fakes import LIMIT
from tests.program import run
from tests.qemu.chosen import STATE, VALUES
from tests.qemu.configurations import everything, make_files
from tests.qemu.differential import compare
from tests.qemu.doors import DOORS, DoorSession, ManyDoors, connect
from tests.qemu.exceptions import DIFFERENT, LEFT_OUT
from tests.qemu.lines import generated
from tests.qemu.machines import RunningQemu, qemus
from tests.qemu.report import Report

MACHINE = ["-M", "pc", "-m", "32", "-nodefaults", "-name", "vm", "-S"]
READS = ["info name", "info status", "info version", "info qtree", "help", "info mtree -f"]


@pytest.fixture
def qemu(qemu_command: list[str]) -> Iterator[ManyDoors]:
    """A machine with every door."""
    machine = ManyDoors(qemu_command, MACHINE)
    yield machine
    machine.close()


def opened(qemu: ManyDoors, door: str) -> LineConnection:
    """Connect, and see that it is a door for lines."""
    connection = connect(qemu.target(door))
    assert isinstance(connection, GdbMonitor if door == "gdb" else HumanMonitor)
    return connection


@pytest.mark.parametrize("door", DOORS)
def test_each_door(qemu: ManyDoors, door: str) -> None:
    """The text of a line is that of human-monitor-command; a second client can follow."""
    for _ in range(2):
        connection = opened(qemu, door)
        assert connection.version == qemu.version
        for line in READS:
            assert connection.run(line).replace("\r\n", "\n") == qemu.oracle.hmp(line)
        connection.close()


@pytest.mark.parametrize("door", DOORS)
def test_a_script(qemu: ManyDoors, door: str) -> None:
    """Results, errors, JSON, and what cannot pass."""
    lines = ("info name", "stop now", "wait STOP", "info status", "help wait")
    done = run(qemu.target(door), *(part for line in lines for part in ("-c", line)))

    name, status, said = done.stdout.splitlines()
    assert (name, status) == ("vm", "VM status: paused (prelaunch)")
    assert " (not here: 'wait' needs events, which QEMU's " in said
    assert ": extraneous characters at the end of line\n" in done.stderr
    assert "Error: 'wait' needs events, which QEMU's " in done.stderr
    assert done.returncode == 1

    done = run(qemu.target(door), "-o", "json", "-c", "info name")
    assert done.stdout == '{"line": "info name", "text": "vm\\n"}\n'


@pytest.mark.parametrize("door", ["unix", "telnet", "pty"])
def test_the_line_editor(qemu: ManyDoors, door: str) -> None:
    """It takes 4095 bytes, and characters of several; no key is pressed by a line."""
    connection = opened(qemu, door)
    for length in (1, 100, 4094, 4095):
        line = "info nam" + "z".rjust(length - 8) if length > 9 else "x" * length
        assert connection.run(line) == qemu.oracle.hmp(line).replace("\n", "\r\n")
    with pytest.raises(QMPError, match="at most 4095"):
        connection.run("x" * 4096)
    for line in ("né", "info €𝄞", "drive_del \xa0é"):
        assert connection.run(line) == qemu.oracle.hmp(line).replace("\n", "\r\n")
    with pytest.raises(QMPError, match="the byte 9B"):
        connection.run("info ě")
    connection.close()


def test_keys_are_drawn_as_our_served_monitors_do(qemu: ManyDoors) -> None:
    """Each key, and those that erase."""
    ours = LineKeys()
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(f"{qemu.folder}/m")
        sock.settimeout(LIMIT)
        with sock.makefile("rb") as printed:
            printed.readline()
            assert printed.read(7) == b"(qemu) "
            for keys in (
                "abc\x08d",
                " e\x17ef",
                "  \x17\x17x",
                "\x7f\x7fa\x05b",
                "ä  \x17",
            ):
                sock.sendall(keys.encode())
                expected = b"".join(ours.type(keys.encode()))
                assert printed.read(len(expected)) == expected


def test_lines_through_gdb_have_an_end_too(qemu: ManyDoors) -> None:
    """The server says how long its packets may be."""
    connection = opened(qemu, "gdb")
    for length in (10, 2043):
        line = "info nam" + "z".rjust(length - 8)
        assert connection.run(line) == "unknown command: 'info nam'\r\n"
    with pytest.raises(QMPError, match="takes at most"):
        connection.run("x" * 70_000)
    connection.close()


def test_a_reply_with_a_prompt_in_it(qemu_command: list[str]) -> None:
    """The machine's name is whatever its owner likes."""
    name = "vm\r\n(qemu) \x1b[D\x1b[K\r\n(qemu) A\x1b[KPassword: "
    machine = ManyDoors(qemu_command, [*MACHINE, "-name", name])
    try:
        for door in DOORS:
            connection = opened(machine, door)
            for _ in range(3):
                said = connection.run("info name").replace("\r\n", "\n")
                assert said == machine.oracle.hmp("info name")
                assert said.replace("\r", "").startswith("vm\n(qemu) ")
            connection.close()
    finally:
        machine.close()


def test_a_password(qemu_command: list[str]) -> None:
    """A question is recognised; with an answer in the line none is asked."""
    vnc = ["-display", "none", "-vnc", "unix:v,password=on"]
    machine = ManyDoors(qemu_command, [*MACHINE, *vnc])
    try:
        done = run(machine.target("unix"), "-c", "change vnc password")
        assert done.returncode == 1
        assert "password" in done.stderr
        connection = opened(machine, "unix")
        assert connection.run("info name") == "vm\r\n"  # nothing was asked there
        assert connection.run("change vnc password sesame") == ""
        with pytest.raises(QMPError, match="asks for a password"):
            connection.run("change vnc password")
        with pytest.raises(QMPError, match="asks for a password"):
            connection.run("info name")
        connection.close()
        with pytest.raises(ConnectError, match="asks for a password"):
            connect(machine.target("unix"), 5)
    finally:
        machine.close()


@pytest.mark.parametrize("door", DOORS)
def test_a_machine_that_hangs_for_a_while(qemu: ManyDoors, door: str) -> None:
    """The limit holds; afterwards a line gets its own reply, not the late one."""
    connection = opened(qemu, door)
    connection.timeout = 0.3
    qemu.process.send_signal(signal.SIGSTOP)
    with pytest.raises(NoReplyError, match="no reply to 'info version' within"):
        connection.run("info version")
    with pytest.raises(NoReplyError):
        connection.run("info uuid")
    qemu.process.send_signal(signal.SIGCONT)
    connection.timeout = 60
    assert connection.run("info name") == "vm\r\n"
    connection.close()


@pytest.mark.parametrize("door", DOORS)
def test_quit(qemu_command: list[str], door: str) -> None:
    """The machine ends without an error; the line after it is counted, not run."""
    machine = ManyDoors(qemu_command, MACHINE)
    try:
        done = run(machine.target(door), "-c", "info name", "-c", "quit", "-c", "nope")
        assert (done.returncode, done.stdout) == (0, "vm\n")
        assert done.stderr == "hmp: 1 line after 'quit' was not run\n"
        assert machine.process.wait(60) == 0
    finally:
        machine.close()


def test_a_machine_that_is_killed(qemu: ManyDoors) -> None:
    """The loss shows while nothing is asked."""
    connections = [opened(qemu, door) for door in DOORS if door != "gdb"]
    qemu.process.kill()
    qemu.process.wait()
    for connection in connections:
        select([connection], [], [], 30)
        with pytest.raises(MachineGoneError, match="closed the connection"):
            connection.take_events()
        connection.close()


@pytest.mark.parametrize("door", [door for door in DOORS if door != "gdb"])
def test_in_an_event_loop(qemu: ManyDoors, door: str) -> None:
    """The loop stays free, Ctrl-C leaves lines in step, and a loss shows at once."""

    async def session() -> None:
        connection = await opened(qemu, door).adopt()
        lost = asyncio.Event()
        connection.on_lost = lambda gone: lost.set()
        ask = "human-monitor-command"
        for _ in range(3):
            long = asyncio.create_task(connection.execute(ask, {"command-line": "help"}))
            await asyncio.sleep(0)
            long.cancel()
            name = await connection.execute(ask, {"command-line": "info name"})
            assert name == "vm\r\n"
        qemu.process.kill()
        async with asyncio.timeout(60):
            await lost.wait()
        with pytest.raises(MachineGoneError):
            await connection.execute(ask, {"command-line": "info name"})
        connection.close()

    asyncio.run(session())


def test_gdb_leaves_a_machine_as_it_is_to_be(qemu: ManyDoors) -> None:
    """A running machine runs on, one that has not begun does not, nor a stopped one."""

    def status() -> str:
        text: str = qemu.oracle.hmp("info status")
        return text.strip()

    connection = opened(qemu, "gdb")
    connection.run("info name")
    connection.close()
    assert status() == "VM status: paused (prelaunch)"

    qemu.oracle.hmp("cont")
    connection = opened(qemu, "gdb")
    assert status() == "VM status: running"
    assert connection.run("info status") == "VM status: running\r\n"
    assert status() == "VM status: running"
    connection.run("stop")
    assert status() == "VM status: paused"
    connection.run("cont")
    assert status() == "VM status: running"
    connection.run("info name")
    connection.close()
    assert status() == "VM status: running"

    connection = opened(qemu, "gdb")
    connection.run("stop")
    connection.close()
    assert status() == "VM status: paused"


FAILING = [
    "info qom-tree /nope",
    "change vnc nope",
    "cpu 99",
    "sendkey nope",
    "info nope",
    "device_add nope",
    "block_resize nope 1G",
    "stop extra",
    "object_del nope",
    "info exports",
    "block-export-add nbd",
    "type x",
]


def test_failures_are_failures(qemu: ManyDoors) -> None:
    """Each is recognised by its text, and none of these changes anything."""
    monitor = DoorSession(qemu, qemu.target("unix"))
    assert [line for line in FAILING if monitor.call(line).error is None] == []
    assert monitor.call("info status").error is None
    monitor.connection.close()


REFUSED = [
    "object_add memory-backend-ram,id=m,size=-1",
    "object_add memory-backend-ram,id=m,size=16E",
    "object_add memory-backend-ram,id=m,size=1k,nonsense=1",
    "object_add throttle-group,id=t,x-bps-total=-1",
    "device_add e1000,mac=x",
    "drive_add 0 if=none,file=null-co://,size=1kk",
    "migrate_set_parameter max-bandwidth -1",
    "balloon -1",
]


def test_values_are_refused_as_over_qmp(qemu: ManyDoors) -> None:
    """By us, before they could end the guest, or by QEMU; in the same words."""
    sessions = [
        DoorSession(qemu, target)
        for target in (qemu.path, qemu.target("unix"), qemu.target("gdb"))
    ]
    for line in REFUSED:
        over_qmp, typed, by_gdb = (session.ours(line) for session in sessions)
        assert over_qmp
        assert (typed, by_gdb) == (over_qmp, over_qmp), line
    for session in sessions:
        session.connection.close()
    assert qemu.process.poll() is None


CRASHING = [
    (
        "info virtio-status /machine/peripheral/rng/virtio-backend",
        (11, 1),
        "Error: QEMU 11.1 crashes when asked this",
    ),
    ("info virtio-status /machine", (11, 1), "is not a realized VirtIODevice"),
    ("calc_dirty_rate -r 1", (7, 2), "needs KVM; without it, this would crash QEMU"),
]


def test_lines_that_would_crash_the_machine_are_not_sent(qemu: ManyDoors) -> None:
    """The handler, which knows of them, looks at the line first."""
    monitor = DoorSession(qemu, qemu.target("unix"))
    assert monitor.ours("device_add virtio-rng-pci,id=rng") == ""
    for line, release, said in CRASHING:
        if qemu.version[:2] == release:
            assert said in monitor.ours(line)
        assert monitor.ours("info name") == "vm\n"
    monitor.connection.close()


COMPLETED = {
    "query-block": ("device", "removable"),
    "query-chardev": ("label", "filename"),
    "query-cpus-fast": ("cpu-index",),
    "query-mice": ("name",),
    "query-migrate-capabilities": ("capability", "state"),
    "trace-event-get-state": ("name",),
    "x-query-virtio": ("path", "name"),
}


def test_words_for_completion(qemu_command: list[str], files: Path) -> None:
    """They are read from texts, and are those that QMP has."""
    monitor = ["-monitor", "unix:m,server=on,wait=off"]
    machine = RunningQemu(qemu_command, [*everything(), *monitor], files)
    connection = connect(f"{machine.folder}/m")
    qmp = asked(connection)
    try:
        for command, members in COMPLETED.items():
            named = {"name": "*"} if command == "trace-event-get-state" else {}
            reply = machine.oracle.qmp(command, **named)
            if "error" in reply:
                continue  # an older QEMU
            ours, theirs = (
                sorted(str([item.get(member) for member in members]) for item in found)
                for found in (drive(qmp.execute(command, named)), reply["return"])
            )
            assert ours == [words for words in theirs if not words.startswith("[''")]
        for path in ("/machine/peripheral", "/objects"):
            below = drive(qmp.execute("qom-list", path=path))
            assert below == machine.oracle.qmp("qom-list", path=path)["return"]
        state = drive(qmp.execute("query-status"))["status"]
        assert state == machine.oracle.qmp("query-status")["return"]["status"]
        name = drive(qmp.execute("query-name")).get("name")
        assert name == machine.oracle.qmp("query-name")["return"].get("name")
    finally:
        connection.close()
        machine.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images that machines find where they run."""
    return make_files(tmp_path_factory.mktemp("files"))


def test_both_monitors_say_the_same(qemu_label: str, files: Path) -> None:
    """The lines of the parity suite that read, values, and their text through the door."""
    command = qemus()[qemu_label]
    monitor = ["-monitor", "unix:m,server=on,wait=off"]
    machines = [RunningQemu(command, [*everything(), *monitor], files) for _ in range(2)]
    ours, theirs = (DoorSession(machine, f"{machine.folder}/m") for machine in machines)
    try:
        lines = [
            *generated(ours.monitor.commands, theirs.connection, READ),
            *VALUES,
            *generated(ours.monitor.commands, theirs.connection, CHANGE, DESTRUCTIVE),
            *STATE,
        ]
        left_out = [left for left in LEFT_OUT if left.applies(qemu_label, "everything")]
        safe = [
            line
            for line in lines
            # QEMU has none of the agent's commands
            if not line.startswith("guest") and not any(o.match(line) for o in left_out)
        ]
        answers = compare(ours, theirs, safe)
    finally:
        for session in (ours, theirs):
            session.connection.close()
            session.qemu.close()
    found = Report(qemu_label, answers, DIFFERENT)
    print(f"{qemu_label} through the human monitor: {found}")  # noqa: T201 - the figures
    assert not found.unexplained, "\n".join(map(str, found.unexplained))
    assert found.lines > 1500

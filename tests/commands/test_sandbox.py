"""Lines that would end a QEMU whose sandbox forbids it to start programs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.fakes import FakeSession, Message

KILLING = [
    "migrate -d exec:true",
    "migrate_incoming exec:true",
    "netdev_add tap,id=t0",
    "netdev_add tap,id=t0,script=no",
    "netdev_add tap,id=t0,script=no,downscript=no,helper=/bin/true",
    "netdev_add bridge,id=b0",
    "qmp migrate uri=exec:true",
    'qmp {"execute": "netdev_add", "arguments": {"type": "bridge", "id": "b0"}}',
]
HARMLESS = [
    "migrate -d tcp:localhost:1",
    "netdev_add tap,id=t0,script=no,downscript=no",
    "netdev_add tap,id=t0,fd=3",
    "netdev_add user,id=u0",
    "qmp stop",
]


@pytest.fixture
def sandboxed() -> Iterator[int]:
    """A process that was started with the option that forbids programs."""
    code = "import sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, "-sandbox", "on,spawn=deny"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun: its command line is its own
        yield process.pid


def session(version: tuple[int, int, int] = (7, 2, 0)) -> FakeSession:
    """A session on a machine that takes all of these lines."""
    names = ("migrate", "migrate-incoming", "netdev_add", "stop")
    answers: Message = {**{name: {} for name in names}, "query-qmp-schema": []}
    return FakeSession(answers, version=version)


def sent(made: FakeSession) -> list[str]:
    """The commands that change something."""
    return [name for name, _ in made.calls if not name.startswith("query-")]


@pytest.mark.parametrize("line", KILLING)
def test_a_program_would_end_it(line: str, sandboxed: int) -> None:
    """The line is refused with the reason; a newer QEMU refuses by itself."""
    machine, newer, free = session(), session((10, 0, 0)), session()
    machine.machine.pid = newer.machine.pid = sandboxed

    text = machine.prints(line)
    newer.prints(line)
    free.prints(line)

    assert text == (
        "Error: this would end QEMU: its sandbox forbids it to start a program;"
        " nothing was sent\n"
    )
    assert sent(machine) == []
    assert len(sent(newer)) == len(sent(free)) == 1


@pytest.mark.parametrize("line", KILLING)
def test_through_the_human_monitor(line: str) -> None:
    """Its lines are checked, too; it takes no QMP."""
    made = session()
    made.machine.sandboxed, made.machine.takes_qmp = True, False

    text = made.prints(line)

    assert "forbids it to start a program" in text or text.startswith("Error: 'qmp' needs")
    assert sent(made) == []


@pytest.mark.parametrize("line", HARMLESS)
def test_no_program(line: str) -> None:
    """Other lines pass."""
    made = session()
    made.machine.sandboxed = True

    assert made.prints(line) in ("", "{\n}\n")
    assert len(sent(made)) == 1


def test_through_libvirt() -> None:
    """libvirt's domains are known to have such a sandbox, wherever they run."""
    made = session()
    made.machine.sandboxed = True

    assert "its sandbox, as libvirt sets it up, forbids it" in made.prints(KILLING[0])
    assert sent(made) == []

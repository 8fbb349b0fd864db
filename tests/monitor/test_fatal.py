"""Lines and QMP commands that would end QEMU, by a sandbox or by a fault of a release."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.fakes import FakeSession, Message
from tests.monitor.test_by_line import User

KILLING = [
    "migrate -d exec:true",
    "migrate_incoming exec:true",
    "netdev_add tap,id=t0",
    "netdev_add tap,id=t0,script=no",
    "netdev_add tap,id=t0,script=no,downscript=no,helper=/bin/true",
    "netdev_add bridge,id=b0",
    "qmp migrate uri=exec:true",
    'qmp {"execute": "netdev_add", "arguments": {"type": "bridge", "id": "b0"}}',
    "migrate_recover exec:true",
    'qmp human-monitor-command command-line="migrate -d exec:true"',
    'qmp human-monitor-command command-line="  netdev_add bridge,id=b0"',
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
    names = ("migrate", "migrate-incoming", "migrate-recover", "netdev_add", "stop")
    answers: Message = {**{name: {} for name in names}, "query-qmp-schema": []}
    answers["human-monitor-command"] = ""
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


@pytest.mark.parametrize("takes_qmp", [True, False])
@pytest.mark.parametrize(
    "line",
    ["netdev_add bridge,id=b0", "migrate -d exec:true", "migrate_incoming exec:true"],
)
def test_a_process_that_cannot_be_seen(line: str, takes_qmp: bool) -> None:
    """Over TCP and the like a user is asked, and a script is not."""
    seen, unseen, newer, script = session(), session(), session((10, 0, 0)), session()
    seen.machine.pid = 1
    for made in (seen, unseen, newer, script):
        made.machine.takes_qmp = takes_qmp
    users = [User(False) for _ in range(3)]
    for made, user in zip((seen, unseen, newer), users, strict=True):
        made.monitor.front = user

    seen.prints(line)
    newer.prints(line)
    printed = unseen.prints(line)
    script.prints(line)

    warned = ["this starts a program, which ends" in "".join(u.questions) for u in users]
    assert warned == [False, True, False]
    assert printed == "cancelled\n"
    assert sent(unseen) == []
    assert len(sent(script)) == 1


DYING = [
    ((7, 2, 0), "calc-dirty-rate calc-time=1 mode=dirty-ring", "needs KVM"),
    ((11, 1, 0), "migrate uri=rdma:x", "bad RDMA migration address 'x'"),
    ((11, 1, 0), "migrate-incoming uri=rdma:x", "bad RDMA migration address 'x'"),
    ((11, 1, 0), "x-query-virtio-status path=/x", "QEMU 11.1 crashes"),
    (
        (11, 1, 0),
        'human-monitor-command command-line="info virtio-status /x"',
        "QEMU 11.1 crashes",
    ),
    (
        (7, 2, 0),
        '{"execute": "human-monitor-command", "arguments":'
        ' {"command-line": "calc_dirty_rate -b 1"}}',
        "needs KVM",
    ),
]


@pytest.mark.parametrize(("version", "request_text", "why"), DYING)
def test_what_ends_a_release_is_refused_as_qmp(
    version: tuple[int, int, int], request_text: str, why: str
) -> None:
    """As it is typed at ``qmp``; each ended a real QEMU of that release."""
    answers: Message = {
        "query-kvm": {"enabled": False, "present": True},
        "query-qmp-schema": [],
        "qom-get": True,
    }
    made = FakeSession(answers, version=version)

    assert why in made.prints(f"qmp {request_text}")
    assert {name for name, _ in made.calls} <= answers.keys()


@pytest.mark.parametrize("size", ["18446744073709551615", "0xffffffffffff0000"])
@pytest.mark.parametrize(
    "line",
    [
        "object_add memory-backend-ram,id=m,size={}",
        "object_add qom-type=memory-backend-memfd,size={},id=m",
        'object_add {{"qom-type": "memory-backend-ram", "id": "m", "size": {}}}',
        "qmp object-add qom-type=memory-backend-ram id=m size={}",
        'qmp human-monitor-command command-line="object_add memory-backend-ram,size={}"',
    ],
)
def test_a_memory_that_would_wrap_around_is_refused(line: str, size: str) -> None:
    """QEMU rounds its size up to 0, and aborts: all releases did."""
    if "{{" in line and size.startswith("0x"):
        size = str(int(size, 0))
    made = FakeSession({"query-qmp-schema": [], "object-add": {}})

    assert made.prints(line.format(size)) == (
        f"Error: a memory of {int(size, 0)} bytes would crash QEMU; nothing was sent\n"
    )
    assert sent(made) == []


@pytest.mark.parametrize("size", ["18446744073709486079", "1M", "x"])
def test_other_memories_are_qemus_own_business(size: str) -> None:
    """It answers that there is not so much, or that this is not a size."""
    made = FakeSession({"object-add": {}})

    made.prints(f"object_add memory-backend-ram,id=m,size={size}")

    assert sent(made) != []


def test_a_line_that_ends_nothing_is_qemus_own() -> None:
    """What hmp would refuse or does not know is sent as it is."""
    made = session()

    for line in ("migrate", "nonsense", "migrate -d tcp:localhost:1", ""):
        made.prints(f'qmp human-monitor-command command-line="{line}"')

    assert sent(made) == ["human-monitor-command"] * 4


@pytest.mark.parametrize("arguments", ["5", "[]", "null", '"x"'])
@pytest.mark.parametrize("name", ["migrate", "netdev_add", "human-monitor-command", "x"])
def test_arguments_that_are_no_object(name: str, arguments: str) -> None:
    """Also where no schema tells what they should be."""
    text = f'{{"execute": "{name}", "arguments": {arguments}}}'

    for version in ((7, 2, 0), (11, 1, 0)):
        made = FakeSession(version=version)
        assert made.prints(f"qmp {text}") == 'Error: "arguments" must be an object\n'
        assert sent(made) == []

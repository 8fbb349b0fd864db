"""Lines and QMP commands that would end QEMU, by a sandbox or by a fault of a release."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from hmp.qmp.errors import QMPError
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


COMPARE = "colo-compare,id=c,primary_in=s0,secondary_in=s1,outdev=s2,iothread=io0"


def comparing(**answers: Any) -> FakeSession:
    """A session on a machine with the chardevs that a colo-compare needs, and others."""
    sockets, others = ("s0", "s1", "s2", "busy"), ("null0",)
    kinds = {
        "/chardevs": [
            *({"name": name, "type": "child<chardev-socket>"} for name in sockets),
            *({"name": name, "type": "child<chardev-null>"} for name in others),
        ],
        "/objects": [
            {"name": "type", "type": "string"},
            {"name": "io0", "type": "child<iothread>"},
            {"name": "rng", "type": "child<rng-builtin>"},
        ],
    }
    chardevs = [
        {"label": name, "filename": "", "frontend-open": name == "busy"}
        for name in (*sockets, *others)
    ]
    usual: Message = {
        "human-monitor-command": "",
        "object-add": {},
        "qom-list": lambda members: kinds[members["path"]],
        "query-chardev": chardevs,
        "query-migrate": {},
        "query-qmp-schema": [],
    }
    return FakeSession({**usual, **answers})


WAYS = [
    "object_add {}",
    "qmp object-add {}",
    'qmp human-monitor-command command-line="object_add {}"',
]


def asked(way: str, options: str) -> str:
    """The line that adds an object, with its options as that way writes them."""
    if way.startswith("qmp object-add"):
        kind, *rest = options.split(",")
        options = " ".join([f"qom-type={kind}", *rest])
    return way.format(options)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (COMPARE.replace("s2", "nope"), "'nope' is not a free socket chardev"),
        (COMPARE.replace("s0", "null0"), "'null0' is not a free socket chardev"),
        (COMPARE.replace("s1", "busy"), "'busy' is not a free socket chardev"),
        (COMPARE + ",notify_dev=x", "'x' is not a free socket chardev"),
        (COMPARE.replace("s2", "s1"), "its chardevs must differ"),
        (COMPARE.replace("io0", "io9"), "no iothread is called 'io9'"),
        (COMPARE.replace("io0", "rng"), "no iothread is called 'rng'"),
        (COMPARE.replace("id=c", "id=rng"), "an object is already called 'rng'"),
        (COMPARE + ",compare_timeout=0", "'compare_timeout' must be positive"),
        (COMPARE + ",max_queue_size=0x0", "'max_queue_size' must be positive"),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_a_colo_compare_that_fails_is_refused(way: str, options: str, why: str) -> None:
    """QEMU 7.2 and 10.0 abort of one, and 11.1 hangs."""
    made = comparing()

    assert made.prints(asked(way, options)) == (
        f"Error: {why}, and a colo-compare that fails would crash or hang QEMU;"
        " nothing was sent\n"
    )
    assert not {"object-add", "human-monitor-command"} & set(sent(made))


@pytest.mark.parametrize(
    "options",
    [
        COMPARE,
        COMPARE.replace("io0", "/objects/io0"),
        COMPARE + ",compare_timeout=10",
        "colo-compare,id=c",
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_other_colo_compares_are_qemus_own_business(way: str, options: str) -> None:
    """It makes them, or answers that an option is missing."""
    made = comparing()

    made.prints(asked(way, options))

    assert {"object-add", "human-monitor-command"} & set(sent(made))


@pytest.mark.parametrize("way", WAYS)
def test_an_x_remote_object_is_for_the_start(way: str) -> None:
    """QEMU uses its device as soon as it exists, before it has been named, and crashes."""
    options = "x-remote-object,id=r,fd=1,devid=d"
    made = comparing()

    assert made.prints(asked(way, options)) == (
        "Error: an x-remote-object must be given when QEMU starts (-object);"
        " adding one later would crash QEMU; nothing was sent\n"
    )
    assert not {"object-add", "human-monitor-command"} & set(sent(made))


def test_with_preconfig_an_x_remote_object_is_in_time() -> None:
    """QEMU then looks for its device only when the machine exists."""
    why = "The command query-migrate is permitted only after machine initialization"
    early = comparing(**{"query-migrate": QMPError(f"{why} has completed")})
    early.monitor.initialised = False

    early.prints("qmp object-add qom-type=x-remote-object id=r fd=1 devid=d")

    assert sent(early) == ["object-add"]


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

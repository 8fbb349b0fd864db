"""The door to use of a machine that was named."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets import door_holders, name_lookup
from hmp.targets.discovery import FOREIGN, MONITORS, RunningMachine
from hmp.targets.doors import AGENT, GDB, HUMAN, QMP, Door
from hmp.targets.managers import manager_of
from hmp.targets.name_lookup import AmbiguousNameError, pick, target_named


def machine(*doors: Door, pid: int = 7, name: str = "vm", user: str = "") -> RunningMachine:
    """Return a machine that runs."""
    return RunningMachine(pid, [name] if name else [], list(doors), user=user)


OURS, THEIRS = Door(QMP, "/run/ours"), Door(QMP, "/run/theirs", note=FOREIGN)
GUEST = Door(AGENT, "/run/agent")


@pytest.mark.parametrize(
    ("machines", "kinds", "target"),
    [
        ([machine(OURS)], MONITORS, "/run/ours"),
        ([machine(THEIRS, OURS)], MONITORS, "/run/ours"),
        ([machine(THEIRS)], MONITORS, "/run/theirs"),
        ([machine(OURS), machine(THEIRS, pid=8)], MONITORS, "/run/ours"),
        ([machine(Door(HUMAN, "/run/h"), OURS)], MONITORS, "/run/h"),
        ([machine(OURS, GUEST)], (AGENT,), "/run/agent"),
        ([machine(Door(QMP, ""), OURS)], MONITORS, "/run/ours"),
    ],
)
def test_the_door_of_a_machine(
    machines: list[RunningMachine], kinds: tuple[str, ...], target: str
) -> None:
    """The first that can be reached; another user's only if there is nothing else."""
    assert pick("vm", machines, kinds, here=False).target == target


@pytest.mark.parametrize(
    ("machines", "kinds", "reason"),
    [
        (
            [machine(OURS), machine(OURS, pid=8)],
            MONITORS,
            "several QEMUs are called 'vm': processes 7, 8",
        ),
        (
            [machine(THEIRS), machine(THEIRS, pid=8)],
            MONITORS,
            "several QEMUs are called 'vm': processes 7, 8",
        ),
        (
            [machine()],
            MONITORS,
            "'vm' is running but has no monitor that can be reached; see hmp --list",
        ),
        (
            [machine(OURS)],
            (AGENT,),
            "'vm' is running but has no guest agent that can be reached; see hmp --list",
        ),
        (
            [machine(Door(QMP, "", note="on stdio"))],
            MONITORS,
            f"'vm' is running but has no monitor that can be reached: {QMP} on stdio;"
            " see hmp --list",
        ),
    ],
)
def test_a_name_that_does_not_lead_to_one_door(
    machines: list[RunningMachine], kinds: tuple[str, ...], reason: str
) -> None:
    """The error says why."""
    with pytest.raises(AmbiguousNameError) as caught:
        pick("vm", machines, kinds, here=False)

    assert str(caught.value) == reason


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some machines of this host, and a domain of libvirt that does not run."""
    found = [
        machine(OURS),
        machine(THEIRS, name="foreign", pid=8),
        machine(Door(QMP, "/run/eve"), name="hers", pid=9, user="eve"),
        machine(Door(QMP, "/run/x y"), name="", pid=10),
        machine(name="closed", pid=11),
    ]
    monkeypatch.setattr(name_lookup, "machines", lambda host: found)
    monkeypatch.setattr(
        name_lookup, "find_domain", lambda name: name if name == "off" else None
    )


@pytest.mark.usefixtures("here")
def test_targets_of_names() -> None:
    """A machine, or a domain."""
    assert target_named("vm") == "/run/ours"
    assert target_named("off") == "libvirt:off"
    assert target_named("off", (AGENT,)) == "qga:off"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("foreign", ConnectError, "/run/theirs is another user's socket"),
        (
            "hers",
            ConnectError,
            "only your own and root's machines are found by name, and process 9 of user eve"
            " calls itself so; its socket: /run/eve",
        ),
        ("7", ConnectError, "that is the process of a QEMU; try vm"),
        ("10", ConnectError, "that is the process of a QEMU; try '/run/x y'"),
        (
            "11",
            NotYetError,
            "no such socket, configured target or running QEMU; see hmp --list",
        ),
        ("nope", NotYetError, "no such socket, configured target or running QEMU"),
    ],
)
def test_names_that_lead_nowhere(name: str, kind: type[Exception], reason: str) -> None:
    """The error says what may be meant."""
    with pytest.raises(kind) as caught:
        target_named(name)

    assert type(caught.value) is kind
    assert str(caught.value).startswith(f"cannot connect to {name}: {reason}")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/run/qemu-server/100.qmp", ("Proxmox", "100")),
        ("/var/run/qemu-server/100.qmp", ("Proxmox", "100")),
        ("/run/incus/vm/qemu.monitor", ("incus", "vm")),
        ("/var/log/lxd/vm/qemu.monitor", ("LXD", "vm")),
        ("/var/lib/lxd/logs/vm/qemu.monitor", ("LXD", "vm")),
        ("/home/me/.colima/_lima/colima/qmp.sock", ("colima", "colima")),
        ("/home/me/.colima/_lima/colima-x/qmp.sock", ("colima", "x")),
        ("/home/me/.lima/vm/qmp.sock", ("lima", "vm")),
        ("/run/user/1/podman/qmp_vm.sock", ("podman", "vm")),
        ("/home/me/.minikube/machines/vm/monitor", ("minikube", "vm")),
        ("/home/me/.docker/machine/machines/vm/qmp", ("docker-machine", "vm")),
        ("/run/vc/vm/abc/qmp.sock", ("kata", "abc")),
        ("/run/kata-containers/vc/vm/abc/extra.sock", ("kata", "abc")),
        ("/home/me/vms/debian-monitor.socket", ("quickemu", "debian")),
        ("/tmp/vm-state-node1/qmp", ("NixOS test", "node1")),
        ("/home/me/GNS3/projects/1/project-files/qemu/2", ("GNS3", "")),
        ("/opt/unetlab/tmp/0/1", ("EVE-NG", "")),
        (
            "/var/snap/multipassd/vault/instances/vm/x",
            ("multipass", "vm"),
        ),
        ("/run/lima/vm/qmp.sock", ("", "")),
        ("/tmp/qmp", ("", "")),
    ],
)
def test_managers_by_the_places_of_their_files(path: str, found: tuple[str, str]) -> None:
    """And what they call the machine."""
    assert manager_of(["/tmp/other", path]) == found
    assert manager_of([]) == ("", "")


@pytest.mark.parametrize(
    ("held", "chosen", "human"),
    [
        ("", "q", ""),
        ("q", "q2", ""),
        ("q q2", "q", "h"),
        ("q q2 h", "q", ""),
        ("q2 h", "q", ""),
    ],
)
def test_a_door_without_a_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str, chosen: str, human: str
) -> None:
    """Of those for QMP; else a session takes the human monitor, never gdb, which pauses."""
    kinds = {"q": QMP, "q2": QMP, "h": HUMAN, "g": GDB}
    with ExitStack() as stack:
        for name in kinds:
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(str(tmp_path / name))
            server.listen()
            if name in held.split():
                client = stack.enter_context(socket.socket(socket.AF_UNIX))
                client.connect(str(tmp_path / name))
                stack.enter_context(server.accept()[0])
        here = machine(*[Door(kind, str(tmp_path / name)) for name, kind in kinds.items()])
        target = pick("vm", [here]).target
        monkeypatch.setattr(door_holders, "machines", lambda: [machine(pid=6), here])

        assert Path(target).name == chosen
        assert Path(door_holders.free_human_monitor(target)).name == human

"""Why a server of another host does not answer, as ssh finds out; no ssh is needed here."""

from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import ConnectError
from hmp.targets import ssh_diagnosis
from hmp.targets.discovery import RunningMachine
from hmp.targets.doors import AGENT, HUMAN, QMP, SERIAL, Door
from hmp.targets.ssh_diagnosis import why_silent
from hmp.targets.ssh_mux import Destination


class Host:
    """A host, perhaps with a port of its own for ssh."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port

    def __str__(self) -> str:
        return "there"


class Ssh:
    """What is printed there."""

    def __init__(self, printed: str, port: int | None = None) -> None:
        self.printed = printed
        self.host = Host(port)
        self.sent: list[bytes] = []

    def run(self, program: object, data: bytes = b"", limit: float | None = None) -> bytes:
        """Return what a program prints."""
        self.sent.append(data)
        if not self.printed:
            raise ConnectError("ssh has ended")
        return self.printed.encode()


def vm(*doors: tuple[str, str], name: str = "web", **more: Any) -> RunningMachine:
    """Return the machine of process 7."""
    made = [Door(kind, target) for kind, target in doors]
    for door in made:
        door.path = door.target if door.target.startswith("/") else ""
    return RunningMachine(7, [name] if name else [], made, **more)


QEMU = "server 7 S qemu-system-x86\n"
HELD = f"{QEMU}client 9 S virsh\nheld\n"
SOCKET = (QMP, "/run/q")


@pytest.mark.parametrize(
    ("printed", "machine", "wanted", "said"),
    [
        ("", None, QMP, "there does not answer any more"),
        ("nothing\n", None, QMP, ""),
        (
            "server 7 T qemu\n",
            vm(SOCKET),
            QMP,
            "QEMU 'web' (process 7) on there is stopped; resume it there with: kill -CONT"
            " 7",
        ),
        (
            "server 7 t qemu\n",
            vm(SOCKET, name=""),
            QMP,
            "QEMU (process 7) on there is stopped; resume it there with: kill -CONT 7",
        ),
        (
            "server 7 S nginx\nserver 8 S other\n",
            None,
            QMP,
            "nginx (process 7) on there listens there, which is not a QEMU; hmp --list"
            " there: shows what can be reached",
        ),
        ("server 7 S qemu-ga\n", None, AGENT, ""),
        (QEMU, vm(SOCKET), QMP, ""),
        (
            HELD,
            vm(SOCKET),
            QMP,
            "virsh (process 9) on there holds it, and QEMU serves one client at a time: end"
            " that, or give QEMU a second -qmp socket",
        ),
        (
            HELD,
            vm(SOCKET, (QMP, "/run/q2")),
            QMP,
            "virsh (process 9) on there holds it, and QEMU serves one client at a time: end"
            " that, or try there:/run/q2",
        ),
        (
            f"{QEMU}held\n",
            vm(SOCKET),
            QMP,
            "another client holds it, and QEMU serves one client at a time: end that, or"
            " give QEMU a second -qmp socket",
        ),
        (
            HELD,
            vm(SOCKET, (QMP, "libvirt:web"), manager="libvirt"),
            QMP,
            "libvirt holds it; try qemu+ssh://there/system/web",
        ),
        (
            HELD,
            vm(SOCKET, (QMP, "/run/q2"), user="eve"),
            QMP,
            "virsh (process 9) on there holds it, and QEMU serves one client at a time: end"
            " that, or give QEMU a second -qmp socket",
        ),
        (QEMU, vm((HUMAN, "/run/q"), (QMP, "/run/q2")), QMP, ""),
        (
            QEMU,
            vm((SERIAL, "/run/q"), (QMP, "/run/q2")),
            QMP,
            "that is the serial port of QEMU 'web' (process 7) on there; try there:/run/q2",
        ),
        (
            QEMU,
            vm((SERIAL, "/run/q")),
            QMP,
            "that is the serial port of QEMU 'web' (process 7) on there; hmp --list there:"
            " shows what can be reached",
        ),
        (
            QEMU,
            vm((AGENT, "/run/q")),
            QMP,
            "that is the guest agent of QEMU 'web' (process 7) on there; try there:/run/q",
        ),
    ],
)
def test_why_a_server_is_silent(
    monkeypatch: pytest.MonkeyPatch,
    printed: str,
    machine: RunningMachine | None,
    wanted: str,
    said: str,
) -> None:
    """It is stopped, no QEMU, or held by another client."""
    found = [RunningMachine(1, ["other"], []), *([machine] if machine else [])]
    monkeypatch.setattr(ssh_diagnosis, "captured", lambda ssh: None)
    monkeypatch.setattr(ssh_diagnosis, "machines", lambda host: found)
    ssh: Any = Ssh(printed)

    assert why_silent(ssh, Destination("/run/q"), wanted) == said
    assert ssh.sent == [b"/run/q"]


def test_a_port_is_looked_up_as_the_kernel_lists_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And no address is suggested that has no place for the port of ssh's own."""
    machine = vm((SERIAL, "127.0.0.1:4444"), (QMP, "/run/q2"))
    monkeypatch.setattr(ssh_diagnosis, "captured", lambda ssh: None)
    monkeypatch.setattr(ssh_diagnosis, "machines", lambda host: [machine])
    ssh: Any = Ssh(QEMU, port=2222)
    said = why_silent(ssh, Destination("127.0.0.1", 4444), QMP)

    assert ssh.sent == [b"115C"]
    assert said == (
        "that is the serial port of QEMU 'web' (process 7) on there; hmp --list HOST: shows"
        " what can be reached"
    )

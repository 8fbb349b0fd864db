"""A real agent in a real guest, through libvirt and on a socket of QEMU's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.fakes import LIMIT
from tests.program import run
from tests.qemu import linux_guest
from tests.qemu.libvirtd import TestedDomain, libvirtd, missing, virsh, wait
from tests.qemu.linux_guest import LinuxGuest
from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

_MISSING = linux_guest.missing()
pytestmark = [
    pytest.mark.timeout(600),  # a guest of TCG takes ten seconds and more to boot
    pytest.mark.skipif(not os.environ.get("HMP_TEST_LONG"), reason="long: HMP_TEST_LONG=1"),
    pytest.mark.skipif(bool(_MISSING), reason=_MISSING or "a guest can be made"),
]
_BOOT = 240.0
"""Seconds that the guest may take to boot."""

FROZEN = """\
guest freeze
qmp guest-fsfreeze-status
guest exec true
guest thaw
qmp guest-fsfreeze-status
"""


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> LinuxGuest:
    """The files of the guest."""
    return LinuxGuest(tmp_path_factory.mktemp("guest"))


def until_it_answers(target: str) -> None:
    """Wait until the guest has booted."""
    deadline = monotonic() + _BOOT
    while (done := run("--timeout", "5", target, "-c", "qmp guest-ping")).returncode:
        assert monotonic() < deadline, done.stderr
        sleep(0.5)


@contextmanager
def through_libvirt(command: list[str], guest: LinuxGuest) -> Iterator[str]:
    """Run the guest as a domain; yield its agent's target."""
    with libvirtd():
        domain = TestedDomain(f"hmp-guest-{os.getpid()}", command, guest=guest)
        try:
            yield f"qga:{domain.target}"
            wait(lambda: "shut off" in virsh("domstate", domain.name), "the end")
        finally:
            domain.close()


@contextmanager
def on_a_socket(command: list[str], guest: LinuxGuest) -> Iterator[str]:
    """Run the guest in a QEMU of ours; yield its agent's target."""
    options = [
        "-M",
        "pc",
        "-m",
        "256",
        "-nodefaults",
        "-no-reboot",
        "-kernel",
        str(guest.kernel),
        "-initrd",
        str(guest.initrd),
        "-append",
        "quiet panic=-1 mitigations=off",
        "-drive",
        f"file={guest.disk},if=virtio,format=raw",
        "-chardev",
        "socket,id=agent,path=agent,server=on,wait=off",
        "-device",
        "virtio-serial",
        "-device",
        "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
    ]
    qemu = RunningQemu(command, options)
    try:
        yield f"qga:{qemu.folder}/agent"
        assert qemu.process.wait(LIMIT) == 0
    finally:
        qemu.close()


Way = Callable[[list[str], LinuxGuest], AbstractContextManager[str]]
WAYS = [
    pytest.param(
        through_libvirt,
        marks=pytest.mark.skipif(bool(missing()), reason=missing() or "libvirt is here"),
    ),
    on_a_socket,
]


@pytest.mark.parametrize("way", WAYS)
def test_a_guest_from_its_boot_to_its_end(
    qemu_command: list[str], guest: LinuxGuest, way: Way, tmp_path: Path
) -> None:
    """Programs, files, addresses; its disk frozen and thawed; and it shuts down."""
    with way(qemu_command, guest) as agent:
        until_it_answers(agent)
        assert run(agent, "-c", "guest exec uname").stdout == "Linux\n"
        assert "127.0.0.1/8" in run(agent, "-c", "guest ip").stdout
        assert run(agent, "-c", "guest fsinfo").stdout.startswith("/mnt: vda (ext4), ")
        assert run(agent, "-c", "guest users").returncode == 0

        source = tmp_path / "source"
        source.write_text("some line\n" * 50_000)
        assert run(agent, "-c", f"guest write /mnt/file {source}").returncode == 0
        assert run(agent, "-c", "guest read /mnt/file").stdout == source.read_text()

        long = f"qmp guest-file-write handle=1000 buf-b64={'A' * 200_000}"
        refused = run(agent, script=f"{long}\nguest exec true\n")
        assert refused.stderr.count("Error: ") == 1

        done = run(agent, script=FROZEN)
        assert done.stdout.splitlines() == [
            "1 file system frozen",
            '"frozen"',
            "1 file system thawed",
            '"thawed"',
        ]
        assert "the agent is in frozen state" in done.stderr
        assert run(agent, "-c", "guest exec true").returncode == 0

        session = Terminal(agent, columns=120)
        try:
            session.type("guest fsi\t")
            session.wait_for("guest fsinfo")
            session.type("\r")
            session.wait_for("ext4")
        finally:
            session.close()

        assert (run("-y", agent, "-c", "guest shutdown")).stderr == ""

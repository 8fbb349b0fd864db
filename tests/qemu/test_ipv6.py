"""Real QEMUs that listen on an IPv6 address, through each door that has an address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ipv6 import free_port, needs_ipv6
from tests.program import run
from tests.qemu.machines import RunningQemu
from tests.targets.sshd import Sshd, make_key, needs_sshd

pytestmark = [pytest.mark.qemu, needs_ipv6]

NAME = f"hmp-six-{os.getpid()}"
DOORS = {
    "": "-mon chardev=qmp,mode=control",
    "monitor:": "-mon chardev=monitor",
    "telnet:": "-mon chardev=telnet",
    "gdb:": "-gdb chardev:gdb",
}


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    """A port of each door."""
    return {scheme: free_port() for scheme in DOORS}


@pytest.fixture(scope="module")
def qemu(qemu_command: list[str], ports: dict[str, int]) -> Iterator[RunningQemu]:
    """A QEMU whose doors are ports of ::1, one of them for telnet."""
    arguments = ["-M", "q35", "-nodefaults", "-S", "-name", NAME]
    for scheme, option in DOORS.items():
        name = scheme.strip(":") or "qmp"
        telnet = ",telnet=on" if name == "telnet" else ""
        address = f"host=::1,port={ports[scheme]},server=on,wait=off{telnet}"
        arguments += ["-chardev", f"socket,id={name},{address}", *option.split()]
    made = RunningQemu(qemu_command, arguments)
    yield made
    made.close()


def test_each_door(qemu: RunningQemu, ports: dict[str, int]) -> None:
    """With brackets around the address, as it is listed."""
    listed = next(row for row in run("--list").stdout.splitlines() if NAME in row)
    for scheme, port in ports.items():
        target = f"{scheme}[::1]:{port}"
        done = run(target, "-c", "info name")
        assert (done.stdout, done.stderr) == (f"{NAME}\n", ""), target
        assert scheme == "gdb:" or target.removeprefix("monitor:") in listed
    suffixes = ",server=on,wait=off,ipv6=on"
    assert run(f"tcp:[::1]:{ports['']}{suffixes}", "-c", "info name").returncode == 0


@needs_sshd
def test_a_host_of_ssh(
    qemu: RunningQemu,
    ports: dict[str, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its address in brackets, and an address there."""
    server = Sshd(tmp_path / "sshd", make_key(tmp_path / "key"), "ListenAddress ::1")
    (tmp_path / "known").write_text(f"near {server.key}")
    (tmp_path / "config").write_text(
        f"HostKeyAlias near\nUserKnownHostsFile {tmp_path}/known\nPort {server.port}\n"
        f"IdentityFile {tmp_path}/key\nIdentitiesOnly yes\nIdentityAgent none\n"
    )
    monkeypatch.setenv("HMP_SSH", f"ssh -F {tmp_path}/config")
    try:
        for target in (
            f"ssh://[::1]:{server.port}{qemu.path}",
            f"[::1]:tcp:[::1]:{ports['']}",
        ):
            done = run(target, "-c", "info name")
            assert (done.stdout, done.stderr) == (f"{NAME}\n", ""), target
    finally:
        server.close()

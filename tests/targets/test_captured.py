"""Another host's processes, as a shell script prints them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.targets.captured import CAPTURE, read_capture
from hmp.targets.discovery import machines
from tests.targets.command_lines import FILES, LINES, words
from tests.targets.processes import NOBODY, calling_itself

NAME = f"hmp-captured-{os.getpid()}"


def digits(text: str) -> str:
    """Return a text as the script prints it."""
    return os.fsencode(text).hex()


def captured(line: str, *more: str, caller: int = 1000) -> bytes:
    """Return what the script prints about one process."""
    command = digits("".join(f"{word}\0" for word in words(line)))
    status = ["State: T (stopped)", "Uid: 1000 1000 1000 1000"]
    rows = [f"caller {caller}", "pid 7", f"cmdline {command}", *status, *more]
    return "".join(f"{row}\n" for row in rows).encode()


def test_what_is_printed_is_read() -> None:
    """Everything that a listing shows."""
    path, text = next(iter(FILES.items()))
    (machine,) = machines(
        read_capture(
            captured(
                LINES["LXD"],
                f"cwd {digits('/')}",
                "version 11.1.3",
                f"file {digits(path)} {digits(text)}",
                f"inside {digits('/var/snap/lxd/common/lxd/logs/juju-lxd/qemu.monitor')}",
            )
        ),
        versions=True,
    )

    monitor = "/proc/7/root/var/snap/lxd/common/lxd/logs/juju-lxd/qemu.monitor"
    assert machine.targets == (monitor,)
    assert (machine.version, machine.state, machine.user) == ("11.1.3", "stopped", "")
    assert (machine.manager, machine.name) == ("LXD", "juju-lxd")


def test_whom_to_trust_there() -> None:
    """The user whom the script ran as, and libvirt's word."""
    rows = captured(LINES["PROXMOX"], "owner 1000 ada", caller=1)
    (machine,) = machines(read_capture(rows))
    assert machine.user == "ada"
    path = digits("/var/run/qemu-server/100.qmp")
    (machine,) = machines(read_capture(captured(LINES["PROXMOX"], f"socket 5 {path}")))
    assert machine.doors[0].note == "another user's"
    domain = f"domain 7 {digits('win7_bios_q35')}"
    (machine,) = machines(read_capture(captured(LINES["LIBVIRT"], domain, caller=1)))
    assert (machine.user, machine.targets) == ("", ("libvirt:win7_bios_q35",))
    rows = captured(LINES["LIBVIRT"], domain, "contained")
    assert machines(read_capture(rows))[0].targets == ()
    rows = captured(LINES["GNS3"], "network")
    assert machines(read_capture(rows))[0].targets == ()


_KEYS = """
caller domain socket owner pid cmdline cwd State: Uid: version network contained file inside
"""
KEY = st.sampled_from(_KEYS.split())
ROW = st.lists(KEY | st.integers().map(str) | st.text() | st.binary().map(bytes.hex))


@given(rows=st.lists(ROW))
def test_any_output_is_read(rows: list[list[str]]) -> None:
    """A host may print anything."""
    text = "".join(f"{' '.join(row)}\n" for row in rows)
    data = captured(LINES["PROXMOX"]) + text.encode("utf-8", "replace")

    assert machines(read_capture(data), versions=True)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_script_runs(tmp_path: Path, shell: str) -> None:
    """On this host; it prints names as digits, and files that -readconfig names."""
    config = tmp_path / "qemu.conf"
    config.write_text(FILES["/run/incus/web1/qemu.conf"])
    name = f'{NAME}\npid 1 "$(id)"'
    arguments = ("-name", name.replace(",", ",,"), "-readconfig", str(config))
    with calling_itself(*arguments) as pid:
        done = subprocess.run([shell, "-c", CAPTURE], capture_output=True)
    found = {machine.pid: machine for machine in machines(read_capture(done.stdout))}

    assert (done.returncode, done.stderr) == (0, b"")
    assert found[pid].name == name
    assert found[pid].targets == ("/run/incus/web1/qemu.monitor",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users")
def test_the_script_says_whose_a_process_is(tmp_path: Path) -> None:
    """As --list does here; it reads no file for another user's process."""
    config = tmp_path / "qemu.conf"
    config.write_text("")
    for user, name, read in ((NOBODY, "nobody", False), (None, "", True)):
        with calling_itself("-name", NAME, "-readconfig", str(config), user=user) as pid:
            done = subprocess.run(["sh", "-c", CAPTURE], capture_output=True)
        found = {machine.pid: machine for machine in machines(read_capture(done.stdout))}
        assert found[pid].user == name
        assert (f"file {digits(str(config))} ".encode() in done.stdout) == read

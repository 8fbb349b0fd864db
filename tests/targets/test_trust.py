"""Names and sockets count when they are the caller's or root's."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from hmp.targets.discovery import machines
from hmp.targets.processes import this_host
from hmp.targets.trust import listeners, socket_owner, trusted, user_name
from tests.program import run
from tests.targets.processes import NOBODY, calling_itself

NAME = f"hmp-foreign-{os.getpid()}"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users")


@pytest.mark.parametrize(
    ("uids", "owner"),
    [
        ("0 0 0 0", 0),
        ("4000 4000 4000 4000", 4000),
        ("4000 0 0 0", 4000),  # a program that root lends its rights to
        ("0 4000 0 4000", 4000),
    ],
)
def test_a_process_is_of_all_its_users(tmp_path: Path, uids: str, owner: int) -> None:
    """Whichever of them it acts for, one that is not trusted decides."""
    tabs = uids.replace(" ", "\t")
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cmdline").write_bytes(b"qemu-system-x86_64\0")
    status = f"Name:\tqemu\nState:\tT (stopped)\nUid:\t{tabs}\nGid:\t0\t0\t0\t0\n"
    (tmp_path / "7" / "status").write_text(status)
    (machine,) = machines(this_host(str(tmp_path)))

    assert machine.user == (user_name(owner) if owner else "")
    assert machine.state == "stopped"


def test_the_caller_and_root_are_trusted() -> None:
    """Nobody else is."""
    assert trusted(0)
    assert trusted(os.geteuid())
    assert not trusted(os.geteuid() + 1)


def test_who_listens_at_a_port(tmp_path: Path) -> None:
    """By the kernel's table; a socket of somebody else decides."""
    (tmp_path / "net").mkdir()
    row = "0: 0100007F:{port:04X} 0 {state} 0:0 00:0 0 {uid} 0 1\n"
    (tmp_path / "net" / "tcp").write_text(
        "head\n"
        + row.format(port=4444, state="0A", uid=0)
        + row.format(port=4445, state="0A", uid=4000)
        + row.format(port=4446, state="01", uid=4000)
    )

    ports = listeners(str(tmp_path))
    assert socket_owner("localhost:4444", ports) == 0
    assert socket_owner("[::1]:4445", ports) == 4000
    assert socket_owner("localhost:4446", ports) is None
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert socket_owner(f"127.0.0.1:{port}") == os.geteuid()


@as_root
def test_another_users_process_is_listed_as_theirs(tmp_path: Path) -> None:
    """Whatever it calls itself: it has no name here, forges no row, and is not asked."""
    name = f"{NAME}\n       1  prod                  /run/prod.sock"
    arguments = ("-name", name.replace(",", ",,"), "-qmp", "unix:/x,server=on")
    with calling_itself(*arguments, user=NOBODY) as pid:
        done = run("--list")
        (machine,) = [machine for machine in machines() if machine.pid == pid]
        assert machine.user == "nobody"

    (row,) = [line for line in done.stdout.splitlines() if str(pid) in line.split()]
    assert row.split()[:4] == [str(pid), "-", "-", "unknown"]
    assert "/x, of user nobody, calls itself" in row
    assert f'"{NAME}\\n ' in row
    assert not any(line.split()[:2] == ["1", "prod"] for line in done.stdout.splitlines())


@as_root
def test_another_users_process_is_not_reached_by_its_name(tmp_path: Path) -> None:
    """The error says whose it is; where there is one to trust as well, that is meant."""
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(theirs))
        listening.listen()
        listening.setblocking(False)
        arguments = ("-name", NAME, "-qmp", f"unix:{theirs},server=on")
        with calling_itself(*arguments, user=NOBODY) as pid:
            done = run(NAME, "-c", "info name")
            assert done.returncode == 3
            assert f"process {pid} of user nobody calls itself so" in done.stderr
            with pytest.raises(BlockingIOError):
                listening.accept()
            with calling_itself("-name", NAME, "-qmp", f"unix:{ours},server=on"):
                done = run(NAME, "-c", "info name")

    assert (done.returncode, str(ours) in done.stderr) == (3, True)


@as_root
def test_another_users_socket_is_not_reached_by_a_name(tmp_path: Path) -> None:
    """Though the process is ours: somebody has put their own in its place."""
    path = tmp_path / "qmp"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        os.chown(path, NOBODY, NOBODY)
        listening.listen()
        with calling_itself("-name", NAME, "-qmp", f"unix:{path},server=on"):
            done = run(NAME, "-c", "info name")
            listed = run("--list").stdout

            ours = ("-name", NAME, "-qmp", f"unix:{tmp_path}/ours,server=on")
            with calling_itself(*ours):
                both = run(NAME, "-c", "info name")

    assert done.returncode == 3
    assert f"{path} is another user's socket" in done.stderr
    assert f"{tmp_path}/ours: QEMU '{NAME}'" in both.stderr
    assert f"{path} (another user's)" in listed


@as_root
def test_libvirt_says_whose_domain_it_is(tmp_path: Path) -> None:
    """Its QEMUs run as a user of their own, and only root can write in its folder."""
    libvirt = Path("/run/libvirt/qemu")
    if not libvirt.is_dir():
        pytest.skip("libvirt does not run here")
    monitor = (
        "-chardev",
        "socket,id=charmonitor,fd=3,server=on",
        "-name",
        f"guest={NAME}",
        "-mon",
        "chardev=charmonitor,mode=control",
    )
    with calling_itself(*monitor, user=NOBODY) as pid:
        (unknown,) = [machine for machine in machines() if machine.pid == pid]
        file = libvirt / f"{NAME}.pid"
        file.write_text(str(pid))
        (known,) = [machine for machine in machines() if machine.pid == pid]
        os.chown(file, NOBODY, NOBODY)
        (forged,) = [machine for machine in machines() if machine.pid == pid]
        file.unlink()

    assert (unknown.user, known.user, forged.user) == ("nobody", "", "nobody")
    assert known.targets == (f"libvirt:{NAME}",)


def test_a_name_is_not_a_path(tmp_path: Path) -> None:
    """Or else any file of root's that holds the number would do."""
    assert not this_host().vouched("../../crond", os.getpid())
    assert not this_host().vouched("a\0b", os.getpid())


def test_a_user_without_a_name() -> None:
    """Is a number."""
    assert user_name(0) == "root"
    assert user_name(4_000_000_000) == "4000000000"

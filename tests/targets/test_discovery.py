"""Which machines a host has, and how they are reached, by their command lines."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.discovery import RunningMachine, machines
from hmp.targets.doors import AGENT, GDB, HUMAN, QMP, SERIAL
from hmp.targets.name_lookup import AmbiguousNameError, target_named
from hmp.targets.processes import Host, LocalProcess, Process, split_program, this_host
from tests.targets.command_lines import FILES, LINES, host, process, words

QEMU = "/usr/bin/qemu-system-x86_64"


def machine(
    arguments: str | list[str], files: dict[str, str] | None = None, folder: str = "/cwd"
) -> RunningMachine:
    """Return the machine with a command line."""
    (found,) = machines(host(process(arguments, files, folder)))
    return found


@pytest.mark.parametrize(
    ("arguments", "targets"),
    [
        (["-qmp", "unix:/a,server=on,wait=off"], ("/a",)),
        (["--qmp", "unix:b,server"], ("/cwd/b",)),
        (["-qmp", "unix:./x/../b,server"], ("/cwd/b",)),
        (["-qmp", "unix:/a"], ()),
        (["-qmp", "unix:/a,server=off"], ()),
        (["-qmp", "unix:/a,server=on,abstract=on"], ("unix:@/a",)),
        (["-qmp", "tcp:localhost:4444,server=on"], ("localhost:4444",)),
        (["-qmp", "tcp::4444,server=on"], ("localhost:4444",)),
        (["-qmp", "tcp:0.0.0.0:4444,server=on"], ("localhost:4444",)),
        (["-qmp", "tcp:[::1]:4444,server=on"], ("[::1]:4444",)),
        (["-qmp", "tcp::4444,server=on,ipv6=on"], ("[::1]:4444",)),
        (["-qmp", "tcp::4444,server=on,ipv4=off"], ("[::1]:4444",)),
        (["-qmp", "tcp::4444,server=on,ipv4=on,ipv6=on"], ("localhost:4444",)),
        (["-qmp", "tcp:h:0,server=on"], ()),
        (["-qmp", "tcp:h:99999999999999999999999,server=on"], ()),
        (["-qmp", "websocket:h:1,server=on"], ()),
        (["-qmp-pretty", "unix:/a,server=on"], ("/a",)),
        (["-qmp", "stdio"], ()),
        (["-monitor", "unix:/hmp,server=on"], ("/hmp",)),
        (["-monitor", "telnet::1,server=on"], ("telnet:localhost:1",)),
        (["-monitor", "none"], ()),
        (["-serial", "mon:unix:/s,server=on"], ("/s",)),
        (["-serial", "unix:/s,server=on"], ()),
        (["-gdb", "tcp::5"], ("gdb:localhost:5",)),
        (["-gdb", "unix:/g,server=on"], ("gdb:/g",)),
        (["-s"], ("gdb:localhost:1234",)),
        (["-gdb", "none"], ()),
        (["-s", "-monitor", "unix:/h,server", "-qmp", "unix:/q,server"], ("/q", "/h")),
        (
            ["-chardev", "socket,id=c,path=/a,server=on", "-mon", "c,mode=control"],
            ("/a",),
        ),
        (
            ["-chardev", "socket,path=x,id=c,server=on", "-mon", "chardev=c,mode=control"],
            ("/cwd/x",),
        ),
        (["-chardev", "socket,id=c,path=/a,server=on", "-qmp", "chardev:c"], ("/a",)),
        (["-chardev", "socket,id=c,path=/a,server=on", "-mon", "c"], ("/a",)),
        (["-chardev", "socket,id=c,path=/a", "-mon", "c,mode=control"], ()),
        (["-chardev", "socket,id=c,path=/a,server=on", "-mon", "d"], ()),
        (["-chardev", "file,id=c,path=/a", "-mon", "c,mode=control"], ()),
        (
            ["-chardev", "socket,id=c,port=1,server=on", "-mon", "c,mode=control"],
            ("localhost:1",),
        ),
        (["-qmp", "unix:/a,,b,server=on"], ("/a,b",)),
        (["-qmp", "unix:/a,server=on", "-qmp", "unix:/b,server=on"], ("/a", "/b")),
        (["-append", "-qmp", "unix:/a,server=on"], ()),
        (["-name", "-s"], ()),
    ],
)
def test_targets(arguments: list[str], targets: tuple[str, ...]) -> None:
    """The sockets that it listens on, whichever way they were asked for; QMP first."""
    found = machine([QEMU, *arguments]).targets

    assert found[: len(targets)] == targets
    assert set(found[len(targets) :]) <= {"gdb:localhost:1234"}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("vm", "vm"),
        ("guest=vm,debug-threads=on", "vm"),
        ("vm,process=x", "vm"),
        ("process=x", ""),
        ("process=x,guest=vm", "vm"),
        ("a,,b", "a,b"),
    ],
)
def test_names(value: str, name: str) -> None:
    """As -name has them."""
    assert machine([QEMU, "-name", value]).name == name


@pytest.mark.parametrize(
    ("arguments", "program"),
    [
        (["qemu-system-aarch64"], "qemu-system-aarch64"),
        (["/usr/libexec/qemu-kvm"], "qemu-kvm"),
        (["/usr/bin/kvm"], "kvm"),
        (["/usr/bin/qemu-lite-system-x86_64"], "qemu-lite-system-x86_64"),
        (["/lib64/ld-linux.so", "--library-path", "/x", "/x/qemu-kvm"], "qemu-kvm"),
        (["ld-2.31.so", "--inhibit-cache", "/x/qemu-kvm"], "qemu-kvm"),
        (["/nix/x/.qemu-kvm-wrapped"], "qemu-kvm"),
        (["qemu-storage-daemon"], "qemu-storage-daemon"),
        (["/usr/sbin/qemu-ga"], "qemu-ga"),
        (["python", "qemu-system-x86_64"], None),
        (["vim", "/src/qemu-system-notes"], None),
        (["qemu-img", "info"], None),
        (["ld-linux.so", "--library-path"], None),
        ([], None),
    ],
)
def test_programs(arguments: list[str], program: str | None) -> None:
    """QEMUs under their names, also behind a dynamic loader."""
    found = split_program(arguments)

    assert (found and found[0]) == program


QGA = "/var/run/qemu-server/100.qga"


@pytest.mark.parametrize(
    ("line", "manager", "names", "targets"),
    [
        (LINES["LIBVIRT"], "libvirt", ("win7_bios_q35",), ("libvirt:win7_bios_q35",)),
        (LINES["PROXMOX"], "Proxmox", ("win10", "100"), ("/var/run/qemu-server/100.qmp",)),
        (
            LINES["PROXMOX_OLD"],
            "Proxmox",
            ("yf01", "109"),
            ("/var/run/qemu-server/109.qmp",),
        ),
        (
            LINES["LXD"],
            "LXD",
            ("juju-lxd",),
            ("/var/snap/lxd/common/lxd/logs/juju-lxd/qemu.monitor",),
        ),
        (LINES["INCUS"], "incus", ("web1",), ("/run/incus/web1/qemu.monitor",)),
        (
            LINES["LIMA"],
            "lima",
            ("lima-default", "default"),
            ("/home/nevill/.lima/default/qmp.sock",),
        ),
        (
            LINES["COLIMA"],
            "colima",
            ("lima-colima", "colima"),
            ("/home/nevill/.colima/_lima/colima/qmp.sock",),
        ),
        (
            LINES["PODMAN"],
            "podman",
            ("podman-machine-default",),
            ("/run/user/1000/podman/qmp_podman-machine-default.sock",),
        ),
        (
            LINES["MINIKUBE"],
            "minikube",
            ("minikube",),
            ("/home/u/.minikube/machines/minikube/monitor",),
        ),
        (
            LINES["DOCKER_MACHINE"],
            "docker-machine",
            ("dev",),
            ("/home/u/.docker/machine/machines/dev/monitor",),
        ),
        (
            LINES["KATA_OLD"],
            "kata",
            ("sandbox-f218abcb05f6", "f218abcb05f6"),
            ("/run/vc/vm/f218abcb05f6/qmp.sock",),
        ),
        (LINES["KATA"], "kata", ("sandbox-57c1765d4751", "57c1765d4751"), ()),
        (
            LINES["KATA_DEBUG"],
            "kata",
            ("sandbox-52649472ee61", "52649472ee61"),
            ("/run/vc/vm/52649472ee61/hmp.sock",),
        ),
        (
            LINES["QUICKEMU"],
            "quickemu",
            ("ghostbsd-22.01.12-mate",),
            ("/cwd/ghostbsd-22.01.12-mate/ghostbsd-22.01.12-mate-monitor.socket",),
        ),
        (
            LINES["NIXOS"],
            "NixOS test",
            ("machine",),
            ("/build/vm-state-machine/qmp",),
        ),
        (LINES["DOCKUR"], "", ("macos",), ("telnet:localhost:7100",)),
        (LINES["OBJECTS"], "", ("new",), ("/run/new.qmp", "/run/new.hmp")),
        (LINES["LOADER"], "", ("loaded",), ("/run/loaded.qmp",)),
        (LINES["GDB_ONLY"], "", (), ("gdb:localhost:1234",)),
        (LINES["STORAGE_DAEMON"], "", (), ("/run/qsd.sock",)),
    ],
)
def test_managers(
    line: str, manager: str, names: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    """Each keeps its sockets elsewhere, and has names of its own."""
    found = machine(line)

    assert (found.manager, found.names, found.targets) == (manager, names, targets)
    for name in names if targets else ():
        running = host(process(line, folder="/cwd"))
        assert target_named(name, host=running) == targets[0]


@pytest.mark.parametrize(
    ("option", "manager"),
    [
        ("-pidfile /var/run/qemu-server/100.pid", "Proxmox"),
        ("-readconfig /run/incus/vm/qemu.conf", "incus"),
        ("-pidfile /tmp/100.pid", ""),
        ("-kernel /var/run/qemu-server/100.pid", ""),
    ],
)
def test_managers_by_other_files(option: str, manager: str) -> None:
    """Where the machine's number or its configuration is kept, not what it boots."""
    found = machine(f"qemu-system-x86_64 -qmp unix:/tmp/q,server {option}")

    assert (found.manager, found.targets) == (manager, ("/tmp/q",))


@pytest.mark.parametrize(
    ("line", "folder", "manager", "target"),
    [
        (
            LINES["GNS3"],
            "/home/nsrc/GNS3/projects/538fd89a/project-files/qemu/a1b1bac7",
            "GNS3",
            "127.0.0.1:38863",
        ),
        (LINES["EVE_NG"], "/opt/unetlab/tmp/0/64c869bb/6", "EVE-NG", "127.0.0.1:42379"),
    ],
)
def test_managers_by_folder(line: str, folder: str, manager: str, target: str) -> None:
    """Their monitors are ports; the folder in which the QEMU runs tells."""
    found = machine(line, folder=folder)

    assert (found.manager, found.targets) == (manager, (target,))
    assert found.doors[0].kind == HUMAN


def test_libvirt_holds_its_monitors() -> None:
    """Whether they have a path or only a descriptor; a free socket is still reached."""
    (monitor, agent, *rest) = machine(LINES["LIBVIRT"]).doors
    assert (monitor.kind, monitor.note) == (QMP, "held by libvirt")
    assert (agent.kind, agent.target) == (AGENT, "qga:win7_bios_q35")
    assert {door.kind for door in rest} == {SERIAL}
    extra = " -chardev socket,id=x,path=/x,server=on -mon chardev=x,mode=control"
    assert machine(LINES["LIBVIRT"] + extra).targets == ("/x", "libvirt:win7_bios_q35")
    assert machine(LINES["LIBVIRT_OLD"]).targets == ("libvirt:baytrail-x64-sb",)


def test_a_socket_that_another_qemu_has_taken_over() -> None:
    """By its path the machine would be taken for the other; its next door is used."""

    class WithListeners(Host):
        def listener(self, path: str) -> int:
            return {"/q": 8, "/unknown": 9}.get(path, 0)

    first = [QEMU, "-qmp", "unix:/q,server", "-monitor", "unix:/h,server"]
    second = [QEMU, "-qmp", "unix:/q,server", "-qmp", "unix:/unknown,server"]
    third = [QEMU, "-qmp", "unix:/unknown,server", "-gdb", "unix:/silent,server"]
    numbered = [process(line, pid=7 + at) for at, line in enumerate((first, second, third))]
    found = machines(WithListeners([*numbered, process(third, pid=10)]))

    assert [each.targets for each in found] == [
        ("/h",),
        ("/q",),
        ("/unknown", "gdb:/silent"),
        ("gdb:/silent",),
    ]
    assert found[0].doors[0].note == "at /q, which process 8 has taken over"


def test_a_libvirt_in_a_container_is_not_asked() -> None:
    """KubeVirt's: ours knows nothing of the domain."""

    class Contained(Process):
        @property
        def contained(self) -> bool:
            return True

    argv = words(LINES["LIBVIRT"])
    (found,) = machines(host(Contained(7, "qemu-system-x86_64", argv[1:])))

    assert found.targets == ()
    assert any("container" in door.note for door in found.doors if door.kind == QMP)


def test_guest_agents() -> None:
    """Behind a port of a virtual machine, and as a program of its own."""
    (agent,) = [door for door in machine(LINES["PROXMOX"]).doors if door.kind == AGENT]
    assert agent.target == f"qga:{QGA}"
    assert target_named("100", (AGENT,), host(process(LINES["PROXMOX"]))) == f"qga:{QGA}"
    assert [door.target for door in machine(LINES["AGENT"]).doors] == ["qga:/run/qga.sock"]
    assert machine(LINES["AGENT"]).program == "qemu-ga"
    (inside,) = machine(LINES["AGENT_IN_GUEST"]).doors
    assert (inside.target, inside.note) == ("", "on a virtio-serial device")


def test_names_that_mean_several_or_nothing() -> None:
    """Both say so; a name of a QEMU's own goes before those of managers."""
    two = host(process([QEMU, "-name", "a"], pid=1), process([QEMU, "-name", "a"], pid=2))
    with pytest.raises(AmbiguousNameError, match="called 'a': processes 1, 2"):
        target_named("a", host=two)
    with pytest.raises(NotYetError, match="no such socket, configured target"):
        target_named("b", host=two)
    with pytest.raises(AmbiguousNameError, match="QMP on descriptor 3, which has no path"):
        target_named("57c1765d4751", host=host(process(LINES["KATA"])))
    both = host(
        process(LINES["PROXMOX"]), process([QEMU, "-name", "100", "-qmp", "unix:/x,server"])
    )
    assert target_named("100", host=both) == "/x"
    assert target_named("win10", host=both) == "/var/run/qemu-server/100.qmp"


def test_the_number_of_a_process_is_no_name() -> None:
    """The error has the name; a machine whose own name it is goes before."""
    vm = process([QEMU, "-name", "vm", "-qmp", "unix:/x,server"], pid=7)
    plain = process([QEMU, "-qmp", "unix:/y,server"], pid=8)
    with pytest.raises(ConnectError, match=r"that is the process of a QEMU; try vm$"):
        target_named("7", host=host(vm, plain))
    with pytest.raises(ConnectError, match=r"that is the process of a QEMU; try /y$"):
        target_named("8", host=host(vm, plain))
    seven = process([QEMU, "-name", "7", "-qmp", "unix:/z,server"], pid=9)
    assert target_named("7", host=host(vm, seven)) == "/z"


def fake(proc: Path, pid: int, *arguments: str) -> None:
    """Put a process into a folder that looks like /proc."""
    (proc / str(pid)).mkdir()
    data = "".join(f"{argument}\0" for argument in arguments)
    (proc / str(pid) / "cmdline").write_bytes(data.encode())


def test_a_proc_with_every_manager(tmp_path: Path) -> None:
    """Its files say what the lines do; -readconfig is read through a process's root."""
    proc, root = tmp_path / "proc", tmp_path / "root"
    proc.mkdir()
    for name, text in FILES.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True)
        path.write_text(text)
    for pid, line in enumerate(LINES.values(), 100):
        fake(proc, pid, *words(line))
        (proc / str(pid) / "cwd").symlink_to("/cwd")
        if "-readconfig" in line:
            (proc / str(pid) / "root").symlink_to(root)

    def known(found: RunningMachine) -> tuple[object, ...]:
        doors = [(door.kind, door.target, door.note) for door in found.doors]
        return found.program, found.manager, found.names, doors

    found = machines(this_host(str(proc)))
    assert [known(one) for one in found] == [known(machine(one)) for one in LINES.values()]


def test_what_cannot_be_looked_at_is_passed_over(tmp_path: Path) -> None:
    """Other people's processes, those that end meanwhile, hosts without /proc."""
    (tmp_path / "1").mkdir()
    (tmp_path / "self").mkdir()
    fake(tmp_path, 12, "/nonexistent/kvm", "-qmp", "unix:a,server=on")
    fake(tmp_path, 2, QEMU, "-readconfig", "nonsense")
    fake(tmp_path, 3, "sh", "qemu")
    found = machines(this_host(str(tmp_path)), versions=True)

    assert [m.pid for m in found] == [2, 12]
    assert found[1].targets == ("/a",)
    assert found[1].version == ""
    assert machines(this_host(str(tmp_path / "nope"))) == []


def test_a_process_may_have_any_name(tmp_path: Path) -> None:
    """Its state and user stand after it in the same file."""
    fake(tmp_path, 7, QEMU, "-qmp", "unix:a,server=on")
    (tmp_path / "7" / "status").write_bytes(
        b"Name:\t\xff\xc3\xa9\nState:\tT (stopped)\nUid:\t4242 4242 4242 4242\n"
    )
    (found,) = machines(this_host(str(tmp_path)))

    assert (found.state, found.user) == ("stopped", "4242")


def test_a_version_is_read_and_a_file_is_not_run(tmp_path: Path) -> None:
    """The text that --version would print is in every executable."""
    program = tmp_path / "qemu-system-x86_64"
    program.write_bytes(
        b"x" * 3_000_000 + b"QEMU emulator version 11.1.3 (v)\0" + b"y" * 99
    )
    fake(tmp_path, 5, str(program), "-M", "none")
    fake(tmp_path, 6, str(tmp_path / "qemu-ga"))
    (tmp_path / "qemu-ga").write_bytes(b"QEMU Guest Agent ")

    assert [m.version for m in machines(this_host(str(tmp_path)), True)] == ["11.1.3", ""]


def may_unshare() -> bool:
    """Return whether namespaces can be made here."""
    try:
        done = subprocess.run(["unshare", "-m", "-n", "true"], capture_output=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0


IN_A_CONTAINER = """
mount -t tmpfs none "$1" && cd "$1" && exec "$2" -c '
import socket, sys
for name in ("a", "b"):
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(sys.argv[1] + "/" + name)
    listening.listen()
    globals()[name] = listening
print(flush=True)
sys.stdin.read()
' "$1"
"""


@pytest.mark.skipif(not may_unshare(), reason="namespaces cannot be made here")
def test_a_socket_in_a_container_is_reached_through_its_root(tmp_path: Path) -> None:
    """Its path leads nowhere here, or to another file; ports are not to be had at all."""
    (tmp_path / "b").touch()
    argv = [
        "unshare",
        "-m",
        "-n",
        "sh",
        "-c",
        IN_A_CONTAINER,
        "sh",
        str(tmp_path),
        sys.executable,
    ]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"\n"
        place = f"/proc/{child.pid}"
        arguments = [
            "-qmp",
            f"unix:{tmp_path}/a,server",
            "-qmp",
            "unix:b,server",
            "-monitor",
            "tcp::4444,server",
        ]
        running = LocalProcess(place, child.pid, ("qemu-system-x86_64", QEMU, arguments))
        (found,) = machines(host(running))
        for target in found.targets:
            # the path may be too long
            with socket.socket(socket.AF_UNIX) as sock, contextlib.chdir(place):
                sock.connect(os.path.relpath(target, place))
        assert child.stdin is not None
        child.stdin.close()

    root = f"{place}/root{tmp_path}"
    assert found.targets == (f"{root}/a", f"{root}/b")
    closed = [door for door in found.doors if not door.target]
    assert [(door.kind, door.note) for door in closed] == [
        (
            HUMAN,
            f"in another network: nsenter -t {child.pid} -n hmp localhost:4444",
        )
    ]
    assert GDB not in {door.kind for door in found.doors}

from __future__ import annotations

from pathlib import Path

import pytest

from hmp.targets.discovery import RunningMachine, listing, running_machines


def process(proc: Path, pid: int, *arguments: str, folder: Path | None = None) -> None:
    """Put a process into a folder that looks like /proc."""
    (proc / str(pid)).mkdir()
    data = "".join(f"{argument}\0" for argument in arguments)
    (proc / str(pid) / "cmdline").write_bytes(data.encode())
    if folder is not None:
        (proc / str(pid) / "cwd").symlink_to(folder)


def found(proc: Path, *arguments: str) -> tuple[str, tuple[str, ...]]:
    """Return name and targets of the only process that there is."""
    process(proc, 7, *arguments, folder=Path("/cwd"))
    (machine,) = running_machines(str(proc))
    assert machine.pid == 7
    return machine.name, machine.targets


QEMU = "/usr/bin/qemu-system-x86_64"


@pytest.mark.parametrize(
    ("arguments", "targets"),
    [
        (["-qmp", "unix:/a,server=on,wait=off"], ("/a",)),
        (["--qmp", "unix:b,server"], ("/cwd/b",)),
        (["-qmp", "unix:/a"], ()),
        (["-qmp", "unix:/a,server=off"], ()),
        (["-qmp", "tcp:localhost:4444,server=on"], ("localhost:4444",)),
        (["-qmp", "tcp::4444,server=on"], ("localhost:4444",)),
        (["-qmp", "tcp:[::1]:4444,server=on"], ("[::1]:4444",)),
        (["-qmp-pretty", "unix:/a,server=on"], ("/a",)),
        (["-qmp", "stdio"], ()),
        (["-monitor", "unix:/hmp,server=on"], ()),
        (
            ["-chardev", "socket,id=c,path=/a,server=on", "-mon", "c,mode=control"],
            ("/a",),
        ),
        (
            ["-chardev", "socket,path=x,id=c,server=on", "-mon", "chardev=c,mode=control"],
            ("/cwd/x",),
        ),
        (["-chardev", "socket,id=c,path=/a,server=on", "-qmp", "chardev:c"], ("/a",)),
        (["-chardev", "socket,id=c,path=/a,server=on", "-mon", "c"], ()),
        (["-chardev", "socket,id=c,path=/a", "-mon", "c,mode=control"], ()),
        (["-chardev", "file,id=c,path=/a", "-mon", "c,mode=control"], ()),
        (
            ["-chardev", "socket,id=c,port=1,server=on", "-mon", "c,mode=control"],
            ("localhost:1",),
        ),
        (["-qmp", "unix:/a,,b,server=on"], ("/a,b",)),
        (["-qmp", "unix:/a,server=on", "-qmp", "unix:/b,server=on"], ("/a", "/b")),
    ],
)
def test_targets(tmp_path: Path, arguments: list[str], targets: tuple[str, ...]) -> None:
    """The QMP sockets that it listens on, whichever way they were asked for."""
    assert found(tmp_path, QEMU, *arguments) == ("", targets)


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
def test_names(tmp_path: Path, value: str, name: str) -> None:
    """As -name has them."""
    assert found(tmp_path, QEMU, "-name", value)[0] == name


@pytest.mark.parametrize(
    ("arguments", "is_qemu"),
    [
        (["qemu-system-aarch64"], True),
        (["/usr/libexec/qemu-kvm"], True),
        (["/lib64/ld-linux.so", "--library-path", "/x", "/x/qemu-system-x86_64"], True),
        (["qemu-storage-daemon"], True),
        (["python", "qemu-system-x86_64"], False),
        (["vim", "/src/qemu-system-notes"], False),
        (["qemu-img", "info"], False),
        ([], False),
    ],
)
def test_programs(tmp_path: Path, arguments: list[str], is_qemu: bool) -> None:
    """QEMUs under their names, also behind a dynamic loader."""
    process(tmp_path, 1, *arguments)

    assert bool(running_machines(str(tmp_path))) == is_qemu


def test_what_cannot_be_looked_at_is_passed_over(tmp_path: Path) -> None:
    """Other people's processes, those that end meanwhile, hosts without /proc."""
    (tmp_path / "1").mkdir()
    (tmp_path / "self").mkdir()
    process(tmp_path, 12, QEMU, "-qmp", "unix:a,server=on")
    process(tmp_path, 2, QEMU)

    assert [m.pid for m in running_machines(str(tmp_path))] == [2, 12]
    assert running_machines(str(tmp_path))[1].targets == ("/a",)
    assert running_machines(str(tmp_path / "nope")) == []


def test_listing() -> None:
    """A line a machine, and what to do for those that cannot be reached."""
    text = listing([RunningMachine(12, "vm", ("/a", "h:1")), RunningMachine(345, "", ())])

    assert text.splitlines() == [
        "      12  vm                    /a, h:1",
        "     345  -                     no QMP socket; start it with -qmp"
        " unix:PATH,server=on,wait=off",
    ]
    assert listing([]) == "no running QEMU found\n"

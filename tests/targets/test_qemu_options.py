"""QEMU's command line is read as QEMU reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.targets.discovery import machines
from hmp.targets.qemu_options import (
    read_agent_options,
    read_config,
    read_daemon_options,
    read_device,
    read_options,
)
from tests.targets.command_lines import LINES, host, process
from tests.targets.command_lines import words as split


def settings(*arguments: str) -> list[tuple[str, dict[str, str]]]:
    """Read arguments that name no files."""
    return read_options(arguments, lambda path: None)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["-qmp", "unix:/a"], [("qmp", {"": "unix:/a"})]),
        (["--qmp", "-S"], [("qmp", {"": "-S"})]),  # an argument, whatever it looks like
        (["-S", "-qmp", "x"], [("S", {}), ("qmp", {"": "x"})]),
        (["disk.img", "-s"], [("s", {})]),
        (["-qmp"], []),
        (["-name", "a,,b,process=c"], [("name", {"guest": "a,b", "process": "c"})]),
        (["-name", "guest=x"], [("name", {"guest": "x"})]),
        (
            ["-chardev", "socket,id=c,path=/a,server,nowait"],
            [
                (
                    "chardev",
                    {"id": "c", "backend": "socket", "path": "/a", "server": "on"}
                    | {"wait": "off"},
                )
            ],
        ),
        (["-chardev", "socket,id=9"], [("chardev", {})]),
        (["-mon", "c"], [("mon", {"chardev": "c"})]),
        (
            ["-object", '{"qom-type":"monitor-qmp","id":"m","pretty":true,"x":1.5}'],
            [
                (
                    "object",
                    {"qom-type": "monitor-qmp", "id": "m", "pretty": "on", "x": "1.5"},
                )
            ],
        ),
        (["-object", "{'qom-type':'iothread'}"], [("object", {"qom-type": "iothread"})]),
        (["-object", '{"qom-type":'], [("object", {})]),
        (["-object", "{]"], [("object", {})]),
        (
            [
                "-chardev",
                '{"id":"c","backend":{"type":"socket","data":{"server":true,"addr":'
                '{"type":"unix","data":{"path":"/a"}}}}}',
            ],
            [
                (
                    "chardev",
                    {"id": "c", "backend": "socket", "server": "on", "addr": "unix"}
                    | {"path": "/a"},
                )
            ],
        ),
    ],
)
def test_options(arguments: list[str], found: list[tuple[str, dict[str, str]]]) -> None:
    """What takes a value, what does not, and lists in both of QEMU's forms."""
    assert settings(*arguments) == found


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("unix:/a,server=on", {"backend": "socket", "path": "/a", "server": "on"}),
        ("unix:/a,,b", {"backend": "socket", "path": "/a,b"}),
        ("unix:fd=3,server", {"backend": "socket", "fd": "3", "server": "on"}),
        ("unix:path=/a", {"backend": "socket", "path": "/a"}),
        ("tcp::1", {"backend": "socket", "host": "", "port": "1"}),
        ("tcp:[::1]:1", {"backend": "socket", "host": "[::1]", "port": "1"}),
        (
            "telnet:h:1,server,nowait",
            {"backend": "socket", "host": "h", "port": "1", "server": "on", "wait": "off"}
            | {"telnet": "on"},
        ),
        ("tcp:1", {"backend": "socket"}),
        ("chardev:c", {"chardev": "c"}),
        ("stdio", {"backend": "stdio"}),
        ("pty", {"backend": "pty"}),
        ("file:/x", {"backend": "file"}),
        ("", {"backend": ""}),
    ],
)
def test_devices(text: str, options: dict[str, str]) -> None:
    """The older form of character devices."""
    assert read_device(text) == options


def test_configuration_files() -> None:
    """Sections with and without ids; what is no entry is passed over."""
    text = '# x\n[chardev "m"]\n  path = "/a b"\nnonsense\n[mon]\nchardev="m"\n[x y]\n[]\n'

    assert read_config(text) == [
        ("chardev", {"id": "m", "path": "/a b"}),
        ("mon", {"chardev": "m"}),
    ]
    files = {"f": text}
    assert read_options(["-readconfig", "f", "-s"], files.get) == [
        ("readconfig", {"": "f"}),
        *read_config(text),
        ("s", {}),
    ]


def test_the_other_programs() -> None:
    """They read their options as most programs do."""
    assert read_daemon_options(["--chardev=null,id=c", "--mon", "c", "--daem"]) == [
        ("chardev", {"backend": "null", "id": "c"}),
        ("mon", {"mode": "control", "chardev": "c"}),
        ("daemonize", {"": ""}),
    ]
    assert read_daemon_options(["--nonsense"]) == []
    assert read_agent_options(["-m", "unix-listen", "--path=/x", "-F/hook", "-d"]) == {
        "method": "unix-listen",
        "path": "/x",
        "-d": "",
    }


_ODD = """
- -- -qmp -mon -chardev -name -readconfig -gdb -s -id -F { } [ , ,, = unix: tcp:: mon:
chardev: server=on id=c " port=99999999999999999999 /a charmonitor
"""
ODD = st.sampled_from([*_ODD.split(), "path=\0", "\udcff"])
WORD = st.lists(ODD | st.text(max_size=5), max_size=4).map("".join)
PROGRAM = st.sampled_from(["qemu-system-x86_64", "kvm", "qemu-storage-daemon", "qemu-ga"])


@given(program=PROGRAM, arguments=st.lists(WORD, max_size=12), text=st.text())
def test_any_command_line_is_read(program: str, arguments: list[str], text: str) -> None:
    """Never with an exception: it is somebody else's."""
    files = dict.fromkeys(arguments, text)
    (machine,) = machines(host(process([program, *arguments], files)))

    assert machine.program == program


@given(line=st.sampled_from(sorted(LINES.keys() - {"LOADER"})), data=st.data())
def test_any_change_of_a_command_line_is_read(line: str, data: st.DataObject) -> None:
    """Real ones, with a piece cut out or replaced."""
    words = split(LINES[line])
    at = data.draw(st.integers(1, len(words)))
    words[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(WORD, max_size=2))

    assert len(machines(host(process(words)))) == 1

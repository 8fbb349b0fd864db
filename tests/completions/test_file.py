from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from completions.file import FILE, OUR_FILE
from hmp.authoring import working_folder
from hmp.targets.libvirt_target import DomainTarget
from hmp.targets.monitor_target import MonitorTarget
from hmp.targets.private_monitor import PrivateMonitorTarget
from hmp.targets.socket_target import SocketTarget
from hmp.targets.target import Target
from tests.completions.helpers import placed, words
from tests.fakes import FakeConnection


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", ("", "")),
        ("a", ("a", "")),
        ("/", ("", "/")),
        ("/tmp/x", ("x", "/tmp/")),
        ("a/b/", ("", "a/b/")),
        ("~/x", ("x", "~/")),
    ],
)
def test_the_last_part_of_a_path_is_completed(typed: str, part: tuple[str, str]) -> None:
    """The folder before it is where to look."""
    assert placed(FILE, typed) == part


def test_our_own_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of this directory all but those that would mean a home, and of a home all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("~x", "b~"):
        (tmp_path / name).touch()

    assert words(OUR_FILE, {}, "") == [("b~", "")]
    assert words(OUR_FILE, {}, "~/") == [("b~", ""), ("~x", "")]
    assert words(OUR_FILE, {}, f"{tmp_path}/") == [("b~", ""), ("~x", "")]


def test_files_and_folders(tmp_path: Path) -> None:
    """Folders have a slash behind them."""
    (tmp_path / "b").touch()
    (tmp_path / "a c").mkdir()
    (tmp_path / ".hidden").touch()

    assert words(FILE, {}, f"{tmp_path}/") == [
        (".hidden", ""),
        ("a c/", "folder"),
        ("b", ""),
    ]


@pytest.mark.parametrize("context", ["/nonexistent/", "/etc/passwd/"])
def test_folders_that_are_none(context: str) -> None:
    """There is nothing in them."""
    assert words(FILE, {}, context) == []


def test_the_home_and_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their short names."""
    (tmp_path / "x").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert words(OUR_FILE, {}, "~/") == words(OUR_FILE, {}, "") == [("x", "")]
    assert words(FILE, {}, "") == [("x", "")]
    assert words(FILE, {}, "~/") == []
    assert os.getcwd() == str(tmp_path)


_SERVER = """
import socket, sys
server, port = socket.socket(socket.AF_UNIX), socket.create_server(("127.0.0.1", 0))
with server, port:
    server.bind(sys.argv[1])
    server.listen()
    print(port.getsockname()[1], flush=True)
    sys.stdin.read()
"""


def test_files_are_those_of_the_machine_s_folder(tmp_path: Path) -> None:
    """QEMU opens a relative name from where it was started, if it is on this host."""
    (tmp_path / "image").touch()
    path = str(tmp_path / "socket")
    arguments = [sys.executable, "-c", _SERVER, path]
    machine = FakeConnection({})
    with subprocess.Popen(
        arguments, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        by_path, by_port = SocketTarget(path, "", 0), SocketTarget(None, "127.0.0.1", port)
        for target in (
            by_path,
            by_port,
            PrivateMonitorTarget(by_path),
            MonitorTarget(by_path),
        ):
            machine.target = target
            assert working_folder(machine) == str(tmp_path)
        server.communicate()


@pytest.mark.parametrize(
    "target",
    [
        SocketTarget(None, "example.com", 1),
        PrivateMonitorTarget(SocketTarget(None, "example.com", 1)),
        DomainTarget("qemu+ssh://h/system/vm", ("qemu+ssh://h/system",), "vm"),
    ],
)
def test_files_of_another_host_are_unknown(target: Target) -> None:
    """None are offered."""
    machine = FakeConnection({})
    machine.target = target
    assert working_folder(machine) is None

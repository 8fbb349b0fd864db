"""What a TARGET is, and how another machine is reached by it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hmp.frontends.script import drive
from hmp.library.opening import is_name, opened, reached, resolved
from hmp.qmp.connection import Connection
from hmp.qmp.errors import ConnectError
from tests.fakes import serving

STATUS = {"status": "running", "running": True}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("vm1", True),
        ("vm1,web", True),
        ("vm 1", True),
        ("there,server=on", False),
        ("there", False),
        ("absent,server=on", True),
        ("there,bogus=on", True),
        ("a/b", False),
        ("host:4444", False),
        ("", True),
    ],
)
def test_what_is_a_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, name: bool
) -> None:
    """All but addresses and the files of this directory, with QEMU's options or without."""
    (tmp_path / "there").touch()
    monkeypatch.chdir(tmp_path)

    assert is_name(text) is name


def configured(folder: Path, target: str, read_only: bool) -> str:
    """Write a configuration with a target ``web``, and return its path."""
    file = folder / "config.toml"
    only = "true" if read_only else "false"
    file.write_text(f'[targets.web]\ntarget = "{target}"\nread_only = {only}\n')
    return str(file)


def test_a_name_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its address, with the home directory in it, and whether it is for reading only."""
    monkeypatch.setenv("HOME", "/home/me")

    for read_only in (True, False):
        found = resolved("web", configured(tmp_path, "~/qmp", read_only))
        assert found == ("/home/me/qmp", read_only)


def test_another_machine_is_reached_by_name_or_address(tmp_path: Path) -> None:
    """With ten seconds for each reply, unless the user says otherwise."""
    with serving({"query-status": STATUS}) as server:
        file = configured(tmp_path, server.path, True)
        for target, timeout, expected, read_only in (
            ("web", None, 10.0, True),
            (server.path, 3.0, 3.0, False),
        ):
            (connection,), found = drive(reached(target, file, timeout))
            assert (connection.timeout, found) == (expected, read_only)
            assert drive(connection.execute("query-status")) == STATUS
            connection.close()


def test_another_machine_is_reached_from_an_event_loop() -> None:
    """The connection for the loop comes first; the other one is to be closed, too."""

    async def work(path: str) -> tuple[list[Connection], bool]:
        connections, read_only = await reached(path)
        assert await connections[0].execute("query-status") == STATUS
        for connection in connections:
            connection.close()
        return connections, read_only

    with serving({"query-status": STATUS}) as server:
        connections, read_only = asyncio.run(work(server.path))

    assert (len(connections), connections[1].timeout, read_only) == (2, 10.0, False)


def test_a_recording_is_a_machine(tmp_path: Path) -> None:
    """Without a connection to any."""
    file = tmp_path / "session"
    file.write_text('{"hmp": 1}\n')

    with pytest.raises(ConnectError, match="session is not a recording of a QMP session"):
        drive(opened(f"replay:{file}").execute("query-status"))

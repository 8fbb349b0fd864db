"""The connection that options ask for, in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmp.cli.command_line import parse_command_line
from hmp.cli.open_machine import (
    CommandLineError,
    machine_trace,
    open_machine,
    reaching,
    resolve_target,
    use_free_monitor,
)
from hmp.cli.options import Options
from hmp.display.sink import Sink, show_message
from hmp.frontends.script import drive
from hmp.qmp.connection import Connection
from hmp.qmp.errors import ConnectError
from hmp.qmp.recording import Recorder, RecordingFile
from tests.fakes import FAKE_QEMU, serving, tables

STATUS = {"status": "running", "running": True}
DEMONSTRATION = "a demonstration machine; for a real one: hmp NAME or SOCKET (hmp --list)"


@pytest.fixture
def path() -> Iterator[str]:
    """A machine's socket."""
    with serving({"query-status": STATUS}) as server:
        yield server.path


def options(*arguments: str) -> Options:
    """Return the options of a command line."""
    return parse_command_line(list(arguments))


def opened(given: Options, session: bool = False) -> Connection:
    """Connect to the machine of the options."""
    return open_machine(given, tables(), Sink(1), None, session=session)


def configured(folder: Path, target: str, more: str = "") -> tuple[str, str]:
    """Return the option for a configuration with the target ``web``."""
    file = folder / "config.toml"
    file.write_text(f'[targets.web]\ntarget = "{target}"\n{more}\n')
    return "--config", str(file)


@pytest.mark.parametrize("hold", [(), ("--hold",)])
@pytest.mark.parametrize("session", [False, True])
def test_a_socket(path: str, session: bool, hold: tuple[str, ...]) -> None:
    """With the time for a reply that was asked for, as a script and as a session."""
    connection = opened(options("--timeout", "7", *hold, path), session)

    assert connection.timeout == 7
    assert drive(connection.execute("query-status")) == STATUS
    connection.close()


def test_the_machine_of_this_process() -> None:
    """A session says what it is."""
    given = options()

    script, session = opened(given), opened(given, session=True)
    assert (script.notice, session.notice) == ("", DEMONSTRATION)
    assert script.demonstration == DEMONSTRATION
    assert not opened(options("--monitor", "unix:/tmp/x,server=on")).demonstration
    assert opened(options("--timeout", "7")).timeout == 7


def test_a_recording(tmp_path: Path) -> None:
    """Without a machine; here a file that is none."""
    file = tmp_path / "session"
    file.touch()

    with pytest.raises(ConnectError, match="session is not a recording of a QMP session"):
        opened(options(f"replay:{file}"))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--clock", "sundial"), "--clock: this host has no alarm timer 'sundial', only "),
        (
            ("hmp:",),
            "'hmp:' is a host: name a machine of it, as in hmp:NAME;"
            " hmp --list hmp: shows them",
        ),
    ],
)
def test_what_cannot_be_opened(arguments: tuple[str, ...], error: str) -> None:
    """It is an error of the command line."""
    with pytest.raises(CommandLineError) as caught:
        opened(options(*arguments))

    assert str(caught.value).startswith(error)


@pytest.mark.parametrize(
    ("complaint", "option"),
    [
        ("q: -c: invalid option", "-c"),
        ("--hold: invalid option", "--hold"),
        ("q: --wait=5: invalid option", "--wait"),
        ("q: -foo: invalid option", ""),
        ("q: -c: requires an argument", ""),
        ("", ""),
    ],
)
def test_an_option_of_ours_that_a_qemu_gets(complaint: str, option: str) -> None:
    """The error says where it belongs; QEMU's own reason is shown before."""
    command = [sys.executable, str(FAKE_QEMU), f"complain={complaint}", "exit=1"]
    with pytest.raises(ConnectError) as caught:
        opened(options("--", *command))

    advice = f"; {option} is an option of hmp: put it before the --" if option else ""
    assert str(caught.value).partition(" ")[2] == f"ended with exit status 1{advice}"


@pytest.mark.parametrize(
    ("typed", "more", "read_only"),
    [
        ((), "", False),
        ((), "read_only = true", True),
        (("--read-only",), "", True),
        (("--read-only",), "read_only = true", True),
    ],
)
def test_a_name_of_the_configuration(
    tmp_path: Path, typed: tuple[str, ...], more: str, read_only: bool
) -> None:
    """It is replaced by its target; either may say that the machine is only read."""
    given = options(*typed, *configured(tmp_path, "/run/qmp", more), "web")
    resolve_target(given)

    assert (given.target, given.read_only) == ("/run/qmp", read_only)


@pytest.mark.parametrize("target", ["/run/web", "tcp:h:1", "./web"])
def test_an_address_stays_as_it_is(tmp_path: Path, target: str) -> None:
    """Whatever the configuration has."""
    given = options(*configured(tmp_path, "/run/qmp", "read_only = true"), target)
    resolve_target(given)

    assert (given.target, given.read_only) == (target, False)


def test_a_name_is_waited_for(tmp_path: Path) -> None:
    """What is left of the time is for the connection; never nothing, which is for ever."""
    given = options("--wait", "5", *configured(tmp_path, "/run/qmp"), "web")
    resolve_target(given)
    assert given.target == "/run/qmp"
    assert given.wait is not None
    assert 0 < given.wait <= 5

    absent = options("--wait", "0.3", "no-such-machine-here")
    with pytest.raises(ConnectError):
        resolve_target(absent)


def test_other_machines_are_reached_as_the_options_say(path: str, tmp_path: Path) -> None:
    """With the same configuration and time for a reply."""
    more = "read_only = true"
    given = options("--timeout", "7", *configured(tmp_path, path, more), "elsewhere")

    (connection,), read_only = drive(reaching(given)("web"))
    assert (connection.timeout, read_only) == (7, True)
    connection.close()


def test_who_sees_the_messages(tmp_path: Path) -> None:
    """The screen, a recording, both or neither."""
    recorder = Recorder(RecordingFile(str(tmp_path / "session")))

    assert machine_trace(options(), None) is None
    assert machine_trace(options("--trace"), None) is show_message
    assert machine_trace(options(), recorder) is not None


def test_the_human_monitor_of_a_machine_whose_qmp_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A session gets it instead of waiting, and is told; else the target stays."""
    found = {"/run/qmp": "/run/human"}
    place = "hmp.targets.door_holders.free_human_monitor"
    monkeypatch.setattr(place, lambda target: found.get(target, ""))
    held, free, none = options("/run/qmp"), options("/run/free"), options()

    assert use_free_monitor(held) == (
        "a client holds /run/qmp; this is the machine's human monitor, /run/human"
    )
    assert [use_free_monitor(free), use_free_monitor(none)] == ["", ""]
    assert [held.target, free.target, none.target] == ["/run/human", "/run/free", None]

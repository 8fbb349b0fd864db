"""Which run the options ask for, decided in this process without any machine."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from hmp.builtin import KINDS
from hmp.cli import run
from hmp.cli.open_machine import CommandLineError
from hmp.cli.options import Options
from hmp.serving.program import read_options
from tests.fakes import FakeConnection, FakeSession


def options(**values: Any) -> Options:
    """Return the options of a command line; target stands for targets, too."""
    made = Options()
    for name, value in values.items():
        setattr(made, name, value)
    if made.targets:
        made.target = made.targets[0]
    return made


@pytest.fixture
def terminals(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says which descriptors are a terminal, and whether that only prints."""

    def choose(*descriptors: int, dumb: bool = False) -> None:
        monkeypatch.setattr(os, "isatty", lambda fd: fd in descriptors)
        monkeypatch.setattr(run, "_is_dumb", lambda: dumb)

    return choose


@pytest.mark.parametrize(
    ("values", "fleet"),
    [
        ({}, False),
        ({"targets": ["/run/vm"]}, False),
        ({"targets": ["a", "b"]}, True),
        ({"targets": ["vm[1-3]"]}, True),
        ({"targets": ["@web"]}, True),
        ({"targets": ["web*"]}, True),
        ({"targets": ["web?"]}, True),
        ({"targets": ["a,b"]}, True),
        ({"targets": ["unix:@name"]}, False),
        ({"targets": ["[::1]:4444"]}, False),
        ({"targets": ["a"], "all": True}, True),
        ({"all": True}, True),
        ({"targets": ["a"], "exclude": ["b"]}, True),
    ],
)
def test_what_is_a_set(values: dict[str, Any], fleet: bool) -> None:
    """Several machines, or a word that may stand for several."""
    assert run._is_fleet(options(**values)) is fleet


LINE = [("line", "info status")]
MONITORS = [("-qmp", "unix:/x,server=on")]


@pytest.mark.parametrize(
    ("values", "descriptors", "script", "screen"),
    [
        ({}, (0, 1), False, True),
        ({}, (0,), False, False),
        ({}, (1,), True, False),
        ({}, (), True, False),
        ({"sources": LINE}, (0, 1), True, False),
        ({"output": "rich"}, (0, 1), False, True),
        ({"output": "text"}, (0, 1), False, False),
        ({"output": "json"}, (0, 1), False, False),
        ({"monitors": MONITORS}, (0, 1), False, True),
        ({"monitors": MONITORS}, (), False, False),
        ({"monitors": MONITORS, "sources": LINE}, (0, 1), False, False),
    ],
)
def test_who_gives_the_lines(
    terminals: Callable[..., None],
    values: dict[str, Any],
    descriptors: tuple[int, ...],
    script: bool,
    screen: bool,
) -> None:
    """A script, or a user with a keyboard and a screen."""
    terminals(*descriptors)
    assert run._is_script(options(**values)) is script
    assert run._is_terminal_session(options(**values)) is screen
    terminals(*descriptors, dumb=True)
    assert run._is_script(options(**values)) is script
    assert run._is_terminal_session(options(**values)) is False


RUNS = ("_serve", "_session", "_plain_session", "_script")


@pytest.mark.parametrize(
    ("values", "descriptors", "chosen"),
    [
        ({}, (0, 1), "_session"),
        ({}, (0,), "_plain_session"),
        ({}, (), "_script"),
        ({"sources": LINE}, (0, 1), "_script"),
        ({"monitors": MONITORS}, (0, 1), "_serve"),
        ({"monitors": MONITORS, "sources": LINE}, (), "_serve"),
    ],
)
@pytest.mark.parametrize("read_only", [False, True])
def test_the_run_on_a_machine(
    monkeypatch: pytest.MonkeyPatch,
    terminals: Callable[..., None],
    values: dict[str, Any],
    descriptors: tuple[int, ...],
    chosen: str,
    read_only: bool,
) -> None:
    """It has the whole time a connection, which is closed in the end."""
    connection, asked = FakeConnection(), list[dict[str, Any]]()

    def opened(*arguments: Any, session: bool) -> FakeConnection:
        asked.append({"session": session})
        return connection

    def noted(name: str) -> Callable[..., int]:
        def work(monitor: Any, *arguments: Any) -> int:
            asked.append({"run": name, "closed": connection.closed})
            asked[-1] |= {"read_only": monitor.read_only, "same": monitor.qmp is connection}
            return 7

        return work

    terminals(*descriptors)
    monkeypatch.setattr(run, "open_machine", opened)
    monkeypatch.setattr(run, "notice_signals", lambda: None)
    for name in RUNS:
        monkeypatch.setattr(run, name, noted(name))
    given = options(targets=["/run/vm"], read_only=read_only, **values)
    collects = gc.isenabled()
    gc.disable()
    try:
        assert run._run_on_machine(given, FakeSession().monitor.commands) == 7
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0  # what lives to the end is not looked at again
    finally:
        (gc.enable if collects else gc.disable)()
        gc.unfreeze()

    assert asked[0] == {"session": chosen != "_script"}
    assert asked[1]["run"] == chosen
    assert (asked[1]["closed"], asked[1]["read_only"]) == (0, read_only)
    assert connection.closed == 1


@pytest.mark.parametrize(
    ("values", "descriptors", "chosen"),
    [
        ({}, (0, 1), ("session", True)),
        ({}, (0,), ("session", False)),
        ({}, (), ("lines", None)),
        ({"sources": LINE}, (0, 1), ("lines", None)),
        ({"output": "json"}, (0, 1), ("session", False)),
    ],
)
def test_the_run_on_a_set(
    monkeypatch: pytest.MonkeyPatch,
    terminals: Callable[..., None],
    values: dict[str, Any],
    descriptors: tuple[int, ...],
    chosen: tuple[str, bool | None],
) -> None:
    """A session with all of its machines, or lines on each."""
    ran: list[tuple[str, bool | None]] = []

    def session(given: Options, *, screen: bool) -> int:
        ran.append(("session", screen))
        return 5

    def lines(given: Options, sources: object) -> int:
        ran.append(("lines", None))
        return 6

    terminals(*descriptors)
    monkeypatch.setattr("hmp.cli.fleet_session.run_fleet_session", session)
    monkeypatch.setattr("hmp.cli.fleet.run_fleet", lines)

    assert run._run_fleet(options(targets=["a", "b"], **values)) in (5, 6)
    assert ran == [chosen]


def test_a_set_has_no_monitors_to_open() -> None:
    """Those of one machine can be."""
    given = options(targets=["vm[1-2]"], monitors=MONITORS)
    with pytest.raises(CommandLineError, match=r"^'vm\[1-2\]' is a set, and the monitors "):
        run._run_fleet(given)


@pytest.mark.parametrize(
    ("values", "ends", "reconnects"),
    [
        ({}, False, True),
        ({"no_reconnect": True}, False, False),
        ({"launch": ["qemu"]}, True, True),
        ({"launch": ["qemu"], "monitors": MONITORS}, False, True),
    ],
)
@pytest.mark.parametrize(("trace", "same"), [(False, True), (True, False), (True, True)])
def test_the_options_of_a_session(
    monkeypatch: pytest.MonkeyPatch,
    values: dict[str, Any],
    ends: bool,
    reconnects: bool,
    trace: bool,
    same: bool,
) -> None:
    """A machine that hmp started ends with it; a trace stays off the prompt's screen."""
    monkeypatch.setattr(os.path, "sameopenfile", lambda one, other: same)
    target = object()
    monitor: Any = SimpleNamespace(connection=SimpleNamespace(target=target))
    found = run._session_options(monitor, options(trace=trace, yes=trace, **values))

    assert (found.ends_machine, found.target) == (ends, target if reconnects else None)
    assert (found.trace, found.yes) == (trace and same, trace)
    assert found.kinds is KINDS
    assert found.config.confirm


@pytest.mark.parametrize("well", [False, True])
@pytest.mark.parametrize("yes", [False, True])
def test_a_plain_session(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    yes: bool,
    well: bool,
) -> None:
    """Its prompts go to standard error where results are no screen's."""
    made: list[Any] = []

    class Plain:
        ends_machine = False

        def __init__(self, *arguments: Any) -> None:
            made.append((self, arguments))

        def run_session(self) -> bool:
            return well

    monkeypatch.setattr("hmp.frontends.plain.PlainSession", Plain)
    monitor = FakeSession().monitor
    monitor.connection.notice = "look out"
    streams = {name: SimpleNamespace(terminal=False, name=name) for name in ("out", "err")}
    writer: Any = SimpleNamespace(**streams)

    assert run._plain_session(monitor, writer, options(yes=yes, launch=["q"])) == (not well)
    ((session, arguments),) = made
    assert arguments[2].name == "err"
    assert arguments[3].confirm is not yes
    assert session.ends_machine
    assert capfd.readouterr().err == "hmp: look out\n"
    writer.out.terminal = True
    monitor.connection.notice = ""
    run._plain_session(monitor, writer, options())
    assert made[1][1][2].name == "out"
    assert not made[1][0].ends_machine
    assert capfd.readouterr().err == ""


STDIO = {
    "qmp": [("-qmp", "stdio")],
    "hmp": [("-monitor", "stdio")],
    "none": [("-monitor", "none")],
    "": [],
}


@pytest.mark.parametrize(
    ("stdio", "values", "descriptors", "kind"),
    [
        ("", {}, (0, 1), "TerminalConsole"),
        ("", {}, (0,), "ScriptConsole"),
        ("", {}, (), "ScriptConsole"),
        ("", {"sources": LINE}, (0, 1), "ScriptConsole"),
        ("qmp", {}, (0, 1), "LocalConsole"),
        ("hmp", {}, (0, 1), "TerminalConsole"),
        ("hmp", {"sources": LINE}, (0, 1), "ScriptConsole"),
        ("none", {}, (0, 1), "LocalConsole"),
    ],
)
@pytest.mark.parametrize("output", [None, "json"])
def test_the_front_end_of_a_serving_program(
    monkeypatch: pytest.MonkeyPatch,
    terminals: Callable[..., None],
    stdio: str,
    values: dict[str, Any],
    descriptors: tuple[int, ...],
    kind: str,
    output: str | None,
) -> None:
    """Its prompt or script, unless QMP has the streams or nothing is to be there."""
    made: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
    for name in ("LocalConsole", "ScriptConsole", "TerminalConsole"):

        def console(*arguments: Any, name: str = name, **named: Any) -> None:
            made.append((name, arguments, named))

        monkeypatch.setattr(f"hmp.serving.local_console.{name}", console)
    monkeypatch.setattr(run, "_session_options", lambda monitor, given: "options")
    terminals(*descriptors)
    monitors = read_options(STDIO[stdio])
    writer: Any = SimpleNamespace(out="out", err="err")
    run._front(FakeSession().monitor, writer, options(output=output, **values), monitors)

    ((name, arguments, named),) = made
    screen = kind == "TerminalConsole" and output is None
    assert name == ("ScriptConsole" if kind == "TerminalConsole" and not screen else kind)
    machine_output = "err" if output == "json" or stdio == "qmp" else "out"
    if name == "LocalConsole":
        assert arguments == (machine_output,)
    elif name == "ScriptConsole":
        sources = [b"info status"] if values else [None]
        assert arguments[1:] == (writer, machine_output)
        named_prompt = "(hmp) " if 0 in descriptors and not values else ""
        assert named == {"stop_on_error": False, "sources": sources, "prompt": named_prompt}
    else:
        assert arguments[1:] == ("out", "options")

"""What ``hmp --mcp`` gives to the server, in this process."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from hmp.agents.agent_machines import Settings
from hmp.cli.agents import serve_agents
from hmp.cli.open_machine import CommandLineError
from hmp.cli.options import Options
from hmp.fleet.node_sets import SetError


class Served(Exception):
    """The server has begun, with these settings."""


@pytest.fixture
def _served(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the server raise what it was given."""

    def serve(settings: Settings) -> None:
        raise Served(settings)

    monkeypatch.setattr("hmp.agents.mcp_server.serve", serve)
    collects = gc.isenabled()
    gc.disable()
    yield
    assert gc.isenabled()  # a server may run for days
    if not collects:
        gc.disable()


def options(**values: Any) -> Options:
    """Return the options of a command line."""
    made = Options()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def settings(given: Options) -> dict[str, Any]:
    """Return the settings that the server is given."""
    with pytest.raises(Served) as caught:
        serve_agents(given)
    found: Settings = caught.value.args[0]
    return vars(found)


@pytest.mark.usefixtures("_served")
def test_the_settings_are_those_of_the_command_line() -> None:
    """Under their own names."""
    values = {
        "targets": ["a", "b"],
        "exclude": ["c"],
        "timeout": 3.0,
        "wait": 4.0,
        "extend": ["x"],
        "config": "f",
        "hold": True,
    }
    found = settings(options(all=True, **values))

    assert found == {**values, "everything": True, "allowed": "read", "recording": None}
    assert settings(options())["everything"] is False
    assert settings(options())["hold"] is False


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize("allow", ["read", "change", "destructive", None])
def test_what_agents_may_do(allow: str | None) -> None:
    """They may read, unless more is allowed."""
    assert settings(options(allow=allow))["allowed"] == (allow or "read")


@pytest.mark.usefixtures("_served")
def test_the_recording(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is open before the first line, and of one machine."""
    file = tmp_path / "record"
    recording = settings(options(targets=["a"], record=str(file)))["recording"]
    assert file.exists()
    recording.complain("it is full")
    recording.finish()

    assert capfd.readouterr().err == "hmp: it is full\n"
    for targets in ([], ["a", "b"]):
        with pytest.raises(CommandLineError, match=r"^--record takes one machine: give"):
            serve_agents(options(targets=targets, record=str(file)))
    with pytest.raises(CommandLineError, match=r"^cannot write .*: Is a directory$"):
        serve_agents(options(targets=["a"], record=str(tmp_path)))


@pytest.mark.usefixtures("_served")
def test_a_set_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is wrong usage."""

    def serve(settings: Settings) -> None:
        raise SetError("no machine is called x")

    monkeypatch.setattr("hmp.agents.mcp_server.serve", serve)
    with pytest.raises(CommandLineError, match=r"^no machine is called x$"):
        serve_agents(options(targets=["x"]))

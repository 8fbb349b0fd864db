"""The message of an exception that ends a run, and its exit status."""

from __future__ import annotations

import errno

import pytest

from hmp.cli import failure
from hmp.cli.open_machine import CommandLineError
from hmp.display.json_output import QueryError
from hmp.monitor.entry import TableError
from hmp.monitor.errors import ConfigError
from hmp.qmp.errors import ConnectError, MachineGoneError


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (CommandLineError("no such option"), 2, "no such option"),
        (ConfigError("session: no"), 2, "session: no"),
        (TableError("x: no"), 2, "x: no"),
        (QueryError("--query: no"), 2, "--query: no"),
        (MachineGoneError("it has ended"), 3, "it has ended"),
        (ConnectError("no such socket"), 3, "no such socket"),
        (
            ModuleNotFoundError("No module named 'rich'"),
            2,
            "No module named 'rich'; install hmp with its dependencies",
        ),
        (
            OSError(errno.ENOSPC, "No space left"),
            1,
            "input or output failed: No space left",
        ),
    ],
)
def test_what_ended_a_run(
    error: Exception, status: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage, a machine that has gone, or this host's own trouble."""
    assert failure(error) == status
    assert capfd.readouterr() == ("", f"hmp: {said}\n")


def test_a_mistake_of_hmp(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its place; with HMP_DEBUG, the whole traceback."""
    monkeypatch.delenv("HMP_DEBUG", raising=False)
    try:
        raise ZeroDivisionError("oops")
    except ZeroDivisionError as caught:
        error = caught
    assert failure(error) == 1
    said = capfd.readouterr().err
    assert said.startswith("hmp: internal error: ")
    assert said.endswith("ZeroDivisionError: oops (HMP_DEBUG=1 shows more)\n")
    monkeypatch.setenv("HMP_DEBUG", "1")
    with pytest.raises(ZeroDivisionError, match="oops"):
        failure(error)

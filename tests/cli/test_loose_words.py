"""Words of a line in the place of machines: what is explained, and what is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hmp.cli import loose_words
from hmp.cli.open_machine import CommandLineError
from tests.cli.test_run import LINE, options
from tests.program import run as hmp


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        ({"targets": ["vm", "info", "status"]}, "hmp vm -c 'info status'"),
        ({"targets": ["a b", "stop"]}, "hmp 'a b' -c stop"),
        ({"targets": ["vm", "info"], "sources": LINE}, ""),
        ({"targets": ["vm", "other"]}, ""),
        ({"targets": ["vm", "/"]}, ""),
        ({"targets": ["stop", "vm"]}, ""),
    ],
)
def test_a_command_in_the_place_of_a_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, values: dict[str, Any], advice: str
) -> None:
    """It is explained, unless there may be a machine of that name."""
    monkeypatch.chdir(tmp_path)
    if not advice:
        loose_words.refuse_line(options(**values))
        return
    with pytest.raises(CommandLineError) as caught:
        loose_words.refuse_line(options(**values))

    word = values["targets"][1]
    reason = f"'{word}' is a command, not a machine; to run it: {advice}"
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["info", "block"], "'info block'"),
        (["info block"], "'info block'"),
        (["help"], "help"),
        (["stop"], "stop"),
    ],
)
def test_a_line_without_a_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], line: str
) -> None:
    """It is explained, in a checkout with its folder ``info``, too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "info").mkdir()
    with pytest.raises(CommandLineError) as caught:
        loose_words.refuse_command(words)

    name = words[0].split()[0]
    reason = (
        f"'{name}' is a command, not a machine; to run it: hmp -c {line}, or hmp TARGET"
    )
    assert str(caught.value) == f"{reason} -c {line}"


@pytest.mark.parametrize("words", [["vm1"], ["stop", "vm1"], ["info", "vm1"], ["info"]])
def test_names_of_machines_are_not_taken_for_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str]
) -> None:
    """Nor is a socket."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "info").touch()

    loose_words.refuse_command(words)


@pytest.mark.parametrize(
    ("sources", "missing", "line"),
    [
        ([("line", "info")], ["block"], "info block"),
        ([("line", "info")], ["block", "d0"], "info block d0"),
        ([("line", "stop"), ("line", "info")], ["status"], "info status"),
        ([("line", "info status")], ["vm1"], ""),
        ([("line", "help info")], ["status"], ""),
        ([("line", "stop")], ["vm1"], ""),
        ([("file", "info")], ["block"], ""),
        ([], ["block"], ""),
    ],
)
def test_a_line_that_lost_its_quotes(
    sources: list[tuple[str, str]], missing: list[str], line: str
) -> None:
    """As in ``ssh HOST hmp vm1 -c 'info block'``."""
    advice = f"quote it: -c '{line}' (through ssh, once more)" if line else ""

    said = loose_words.unquoted(options(sources=sources), missing)

    assert said.endswith(advice)
    assert bool(said) == bool(line)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["info", "block"], "'info' is a command"),
        (["stop"], "'stop' is a command"),
        (["-c", "info", "block"], "if 'block' belongs to the command, quote it"),
        (["/nosuch", "-c", "help", "block"], "hmp: if '/nosuch' belongs to the command"),
        (["set_password", "vnc", "SeCr3t"], "hmp -c 'set_password vnc ***'"),
        (["vm1", "set_password", "vnc", "SeCr3t"], "hmp vm1 -c 'set_password vnc ***'"),
    ],
)
def test_the_program_explains_it(arguments: list[str], reason: str) -> None:
    """For one machine and for a set."""
    done = hmp(*arguments)

    assert reason in done.stderr.splitlines()[-1]
    assert "SeCr3t" not in done.stderr

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hmp.qapi.__main__ import main
from tests.qapi.helpers import doc

TEXT = doc("@stop:", "", "Stop it.", "", "@force: x") + (
    "{ 'command': 'stop', 'data': { 'force': 'Num' } }\n"
    "{ 'enum': 'Num', 'data': [ 'one' ] }\n"
)


@pytest.fixture
def schema(tmp_path: Path) -> str:
    """Return the path of a good schema."""
    path = tmp_path / "a.json"
    path.write_text(TEXT + "{ 'event': 'STOPPED', 'if': 'A' }\n")
    return os.fspath(path)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    """Return the path of a bad schema."""
    path = tmp_path / "bad.json"
    path.write_text("\n{ 'command': 'Foo' }")
    return os.fspath(path)


@pytest.fixture
def historic(tmp_path: Path) -> str:
    """Return the path of a schema for the older edition."""
    path = tmp_path / "old.json"
    path.write_text(doc("@foo:", "Note: x") + "{ 'command': 'foo' }")
    return os.fspath(path)


Capture = pytest.CaptureFixture[str]


def test_check_is_silent_about_what_is_good(schema: str, capsys: Capture) -> None:
    """Check is silent about what is good."""
    assert main(["check", schema, schema]) == 0
    assert capsys.readouterr() == ("", "")


def test_check_says_what_is_wrong_in_every_file(
    schema: str, bad: str, capsys: Capture
) -> None:
    """Check says what is wrong in every file."""
    assert main(["check", bad, schema, "no-such.json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[:2] == [
        f"{bad}: In command 'Foo':",
        f"{bad}:2: the name of the command must be lower case",
    ]
    assert err.splitlines()[2].startswith("no-such.json: can't read")


@pytest.mark.parametrize("command", ["introspect", "types", "doc"])
def test_the_other_commands_check_too(command: str, bad: str, capsys: Capture) -> None:
    """The other commands check too."""
    assert main([command, bad]) == 1
    assert f"{bad}:2: " in capsys.readouterr().err


def test_introspect(schema: str, capsys: Capture) -> None:
    """Introspect."""
    assert main(["introspect", schema]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [info["name"] for info in found] == ["stop", "STOPPED", "0", "1", "2"]
    assert main(["introspect", schema, "--unmask", "--if", "B"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [info["name"] for info in found][:2] == ["stop", "q_obj_stop-arg"]
    assert main(["introspect", schema, "--if", "A", "--if", "B"]) == 0
    assert "STOPPED" in capsys.readouterr().out


def test_types(schema: str, capsys: Capture) -> None:
    """Types."""
    assert main(["types", schema]) == 0
    assert "class Num(_StrEnum):" in capsys.readouterr().out


def test_doc_of_everything_and_of_one(schema: str, capsys: Capture) -> None:
    """Doc of everything and of one."""
    assert main(["doc", schema]) == 0
    out = capsys.readouterr().out
    assert out.startswith("command stop\n")
    assert "enum Num" in out
    assert main(["doc", "-o", "md", schema, "stop"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("## command `stop`\n")
    assert "Num`\n\n```" not in out
    assert main(["doc", schema, "no-such"]) == 1
    assert capsys.readouterr().err == f"{schema}: 'no-such' is not defined\n"


def test_editions(historic: str, capsys: Capture) -> None:
    """Editions."""
    assert main(["check", historic]) == 0
    assert main(["check", "--edition", "7.2", historic]) == 0
    assert main(["check", "--edition", "10.0", historic]) == 1
    assert f"{historic}:3:1: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["check"], ["no-such"], ["doc", "-o", "html", "f"]]
)
def test_wrong_usage(arguments: list[str], capsys: Capture) -> None:
    """Wrong usage."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m hmp.qapi" in capsys.readouterr().err


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the tool as a program of its own."""
    command = [sys.executable, "-m", "hmp.qapi", *arguments]
    root = Path(__file__).parents[2]
    return subprocess.run(command, text=True, cwd=root, check=False, **options)


def test_it_runs_as_a_module(schema: str, bad: str) -> None:
    """It runs as a module."""
    assert run("check", schema).returncode == 0
    result = run("check", bad, stderr=subprocess.PIPE)
    assert (result.returncode, bad in result.stderr) == (1, True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_output_that_cannot_be_written(schema: str) -> None:
    """A full disk is reported in a line."""
    with open("/dev/full", "w") as full:
        result = run("types", schema, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert result.stderr.startswith("can't write the output: ")
    assert result.stderr.count("\n") == 1


def test_any_locale_will_do(tmp_path: Path) -> None:
    """What a terminal can't show is spelled out."""
    path = tmp_path / "a.json"
    path.write_text(doc("@stop:", "", "Überall.") + "{ 'command': 'stop' }", "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = run("doc", os.fspath(path), stdout=subprocess.PIPE, env=environment)
    assert r"\xdcberall." in result.stdout


def test_a_reader_that_goes_away_is_no_reason_for_a_traceback(schema: str) -> None:
    """A reader that goes away is no reason for a traceback."""
    read, write = os.pipe()
    os.close(read)
    result = run("types", schema, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (result.returncode, result.stderr) == (1, "")

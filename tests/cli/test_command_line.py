from __future__ import annotations

import pytest

from hmp.cli.command_line import make_parser, parse_command_line


def usage_error(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Return what is said about wrong usage, which ends with status 2."""
    with pytest.raises(SystemExit) as caught:
        parse_command_line(argv)
    out, err = capsys.readouterr()
    assert (caught.value.code, out) == (2, "")
    return err


def test_nothing_is_the_embedded_machine() -> None:
    """Everything has a value that says: nothing asked for."""
    options = parse_command_line([])

    assert vars(options) == {
        "target": None,
        "launch": None,
        "sources": [],
        "output": None,
        "stop_on_error": False,
        "trace": False,
        "timeout": None,
        "wait": None,
        "clock": None,
        "extend": [],
        "record": None,
        "version": False,
        "yes": False,
        "read_only": False,
        "no_reconnect": False,
        "query": None,
        "config": None,
        "list": False,
        "shell_completion": None,
        "monitors": [],
    }


@pytest.mark.parametrize(
    ("argv", "name", "value"),
    [
        (["/tmp/qmp"], "target", "/tmp/qmp"),
        ([""], "target", ""),
        (["-o", "json"], "output", "json"),
        (["--output=rich"], "output", "rich"),
        (["-e"], "stop_on_error", True),
        (["--trace"], "trace", True),
        (["--timeout", "1.5"], "timeout", 1.5),
        (["--wait", "2", "x"], "wait", 2.0),
        (["--clock", "unix"], "clock", "unix"),
        (["--extend", "a", "--extend", "b"], "extend", ["a", "b"]),
        (["--version"], "version", True),
        (["-y"], "yes", True),
        (["--read-only"], "read_only", True),
        (["--no-reconnect"], "no_reconnect", True),
        (["--query", "[].device"], "query", "[].device"),
        (["--config", "c.toml"], "config", "c.toml"),
        (["--list"], "list", True),
        (["--shell-completion", "fish"], "shell_completion", "fish"),
        (
            ["-qmp", "stdio", "-monitor", "none"],
            "monitors",
            [("-qmp", "stdio"), ("-monitor", "none")],
        ),
    ],
)
def test_options(argv: list[str], name: str, value: object) -> None:
    """Each option has its value."""
    assert getattr(parse_command_line(argv), name) == value


def test_lines_and_files_keep_their_order() -> None:
    """Whatever is mixed."""
    argv = ["-c", "a", "-f", "b", "--command=c", "x", "--file", "d", "-ce"]

    options = parse_command_line(argv)

    assert options.sources == [
        ("line", "a"),
        ("file", "b"),
        ("line", "c"),
        ("file", "d"),
        ("line", "e"),
    ]
    assert options.target == "x"


def test_standard_input_can_be_a_file() -> None:
    """A dash names it."""
    assert parse_command_line(["-f", "-"]).sources == [("file", "-")]


def test_parsers_share_nothing() -> None:
    """A second command line begins anew."""
    parse_command_line(["-c", "a", "--extend", "x"])

    assert parse_command_line([]).sources == []
    assert parse_command_line([]).extend == []


def test_behind_two_dashes_is_a_command_line() -> None:
    """It is QEMU's, and no option in it is ours."""
    options = parse_command_line(["-e", "--", "qemu", "-c", "x", "--", "-o", "y"])

    assert options.launch == ["qemu", "-c", "x", "--", "-o", "y"]
    assert options.stop_on_error
    assert options.sources == []


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["a", "b"], "unrecognized arguments: b"),
        (["--nope"], "unrecognized arguments: --nope"),
        (["--time", "1"], "unrecognized arguments: --time\n"),
        (["-o", "xml"], "invalid choice: 'xml'"),
        (["-c"], "expected one argument"),
        (["--wait", "0", "x"], "'0' is not a positive number of seconds"),
        (["--wait", "1"], "--wait needs a TARGET to wait for"),
        (["--timeout", "x"], "'x' is not a positive number of seconds"),
        (["--timeout", "0"], "'0' is not a positive number of seconds"),
        (["--timeout", "-1"], "'-1' is not a positive number of seconds"),
        (["--timeout", "inf"], "'inf' is not a positive number of seconds"),
        (["--timeout", "nan"], "'nan' is not a positive number of seconds"),
        (["--"], "'--' needs the command line of a QEMU after it"),
        (
            ["sock", "--", "qemu"],
            "give either a TARGET ('sock') or a command after '--', not both",
        ),
        (["sock", "--clock", "unix"], "--clock works with the embedded machine only"),
        (["--clock", "unix", "--", "qemu"], "--clock works with the embedded machine only"),
    ],
)
def test_wrong_usage(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what is wrong, behind a short usage."""
    said = usage_error(capsys, *argv)

    assert message in said
    assert said.startswith("usage: hmp [OPTION]... [TARGET]\n")


def test_help_explains_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    """Targets, options, and what the exit status means."""
    with pytest.raises(SystemExit) as caught:
        parse_command_line(["--help"])
    out, err = capsys.readouterr()

    assert (caught.value.code, err) == (0, "")
    for word in ("unix:PATH", "tcp:HOST:PORT", "Exit status", "-f FILE", "--extend DIR"):
        assert word in out
    assert max(map(len, out.splitlines())) <= 100


def test_every_option_has_a_help() -> None:
    """None is without an explanation."""
    actions = make_parser()._actions

    assert [action.dest for action in actions if not action.help] == []

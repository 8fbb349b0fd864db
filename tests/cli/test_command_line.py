from __future__ import annotations

from pathlib import Path

import pytest

from hmp.cli.command_line import InvocationError, parse_command_line
from hmp.cli.options import BY_NAME, MONITORS, OPTIONS, Options
from hmp.cli.run import _is_fleet
from hmp.cli.usage import help_text
from tests.program import run

ONLY_HERE = "--clock works with the demonstration machine only"


def test_nothing_is_the_embedded_machine() -> None:
    """Everything has a value that says: nothing asked for."""
    options = parse_command_line([])

    assert vars(options) == {
        "target": None,
        "targets": [],
        "exclude": [],
        "all": False,
        "fanout": None,
        "gather": False,
        "diff": False,
        "help": False,
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
        "hold": False,
        "read_only": False,
        "no_reconnect": False,
        "query": None,
        "raw": False,
        "config": None,
        "list": False,
        "top": False,
        "interval": None,
        "count": None,
        "shell_completion": None,
        "monitors": [],
        "mcp": False,
        "allow": None,
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
        (["a", "b", "--list"], "--list takes one host"),
        (
            ["a", "b", "-qmp", "null"],
            "the monitors of one machine can be opened, not those of several",
        ),
        (["a", "b", "--clock", "unix"], ONLY_HERE),
        (
            ["a", "b", "--", "qemu"],
            "give either a TARGET ('a') or a command after '--', not both",
        ),
        (["--list", "-q", "[]"], "--list does not work with --query; use '-o json' and jq"),
        (["--list", "-c", "stop"], "--list does not work with -c/--command"),
        (["--list", "--wait", "1"], "--list does not work with --wait"),
        (["--list", "--", "qemu"], "--list does not work with a command after '--'"),
        (["--top", "--trace"], "--top does not work with --trace"),
        (["--version", "--list"], "--version does not work with --list"),
        (
            ["--shell-completion", "zsh", "-c", "stop"],
            "--shell-completion does not work with -c/--command",
        ),
        (["-r", "a"], "--raw needs --query"),
        (["--fanout", "0", "a"], "argument --fanout: '0' is not a number from 1 to 10000"),
        (["--fanout", "x", "a"], "argument --fanout: 'x' is not a number from 1 to 10000"),
        (["--nope"], "unrecognized arguments: --nope"),
        (["--time", "1"], "unrecognized arguments: --time"),
        (["-ze"], "unrecognized arguments: -ze"),
        (["--trace=1"], "argument --trace: ignored explicit argument '1'"),
        (["-e=1"], "argument -e/--stop-on-error: ignored explicit argument '1'"),
        (["-c", "-e"], "argument -c/--command: expected one argument"),
        (["-c", "--nope"], "argument -c/--command: expected one argument"),
        (
            ["-o", "xml"],
            "argument -o/--output: invalid choice: 'xml' (choose from 'text',"
            " 'rich', 'json')",
        ),
        (["-c"], "argument -c/--command: expected one argument"),
        (["--wait", "0", "x"], "argument --wait: '0' is not a positive number of seconds"),
        (["--wait", "1"], "--wait needs a TARGET to wait for, or a QEMU after '--'"),
        (["--timeout", "x"], "argument --timeout: 'x' is not a positive number of seconds"),
        (["--timeout", "0"], "argument --timeout: '0' is not a positive number of seconds"),
        (
            ["--timeout", "-1"],
            "argument --timeout: '-1' is not a positive number of seconds",
        ),
        (
            ["--timeout", "inf"],
            "argument --timeout: 'inf' is not a positive number of seconds",
        ),
        (
            ["--timeout", "nan"],
            "argument --timeout: 'nan' is not a positive number of seconds",
        ),
        (["--"], "'--' needs the command line of a QEMU after it"),
        (
            ["--", "-c", "info status"],
            "'--' needs the command line of a QEMU after it; put '-c' before it if it is an"
            " option of hmp",
        ),
        (
            ["sock", "--", "qemu"],
            "give either a TARGET ('sock') or a command after '--', not both",
        ),
        (["sock", "--clock", "unix"], ONLY_HERE),
        (["--clock", "unix", "--", "qemu"], ONLY_HERE),
    ],
)
def test_wrong_usage(argv: list[str], message: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(InvocationError) as caught:
        parse_command_line(argv)

    assert str(caught.value) == message


MODES = {
    ("--mcp",): {
        "-c stop": "-c",
        "-o json": "-o",
        "-q [] -o json": "-o",
        "--query []": "--query",
        "--list": "--list",
        "--trace": "--trace",
        "--clock unix": "--clock",
        "-- qemu": "a command after '--'",
        "-qmp null": "-monitor, -qmp, -chardev and -mon",
    },
    ("--top",): {
        "-c stop": "-c and -f",
        "-f x": "-c and -f",
        "--list": "--list",
        "--query []": "--query",
        "--record x": "--record",
        "--trace": "--trace",
        "-b": "-b and --diff",
        "--diff": "-b and --diff",
        "-- qemu": "a command after '--'",
        "-monitor null": "-monitor, -qmp, -chardev and -mon",
    },
    ("--list",): {
        "-f x": "-c/--command",
        "--trace": "--trace",
        "--clock unix": "--clock",
        "--record x": "--record",
        "--exclude a": "-x/--exclude",
        "--fanout 2": "--fanout",
        "-b": "-b/--gather",
        "--diff": "--diff",
        "-qmp null": "-monitor, -qmp, -chardev and -mon",
        "-- qemu": "a command after '--'",
    },
    ("--version", "--shell-completion zsh"): {
        "-c stop": "-c/--command",
        "--query []": "-q/--query",
        "--top": "--top",
        "--mcp": "--mcp",
        "--record x": "--record",
        "-qmp null": "-monitor, -qmp, -chardev and -mon",
        "-- qemu": "a command after '--'",
    },
}
"""What each mode is refused with, and what the error calls that."""


@pytest.mark.parametrize(
    ("mode", "other", "name"),
    [
        (mode, other, name)
        for modes, others in MODES.items()
        for mode in modes
        for other, name in others.items()
    ],
)
def test_modes_that_would_ignore_an_option(mode: str, other: str, name: str) -> None:
    """It is refused."""
    with pytest.raises(InvocationError) as caught:
        parse_command_line([*mode.split(), *other.split()])

    assert str(caught.value).startswith(f"{mode.split()[0]} does not work with {name}")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("--allow change", "--allow works with --mcp only"),
        (
            "--mcp --allow change --read-only",
            "give either --allow or --read-only, not both",
        ),
        ("--interval 1 a", "--interval and --count work with --top only"),
        ("--count 1 a", "--interval and --count work with --top only"),
        ("--all -qmp null", "the monitors of one machine can be opened, not those of"),
        ("--list a", "--list takes a host, as in 'a:'"),
        ("--wait 1", "--wait needs a TARGET to wait for, or a QEMU after '--'"),
    ],
)
def test_options_that_need_another_one(argv: str, message: str) -> None:
    """The error names it."""
    with pytest.raises(InvocationError) as caught:
        parse_command_line(argv.split())

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "argv",
    [
        "--mcp --allow change a",
        "--mcp --read-only a b",
        "--top --interval 1 --count 2 a b",
        "--top -o json",
        "--list host: -o json --timeout 1",
        "--version -o json",
        "--wait 1 a",
        "--wait 1 -- qemu",
        "-q [] -r a",
        "-qmp null a",
    ],
)
def test_options_that_go_together(argv: str) -> None:
    """None is refused."""
    parse_command_line(argv.split())


@pytest.mark.parametrize(
    ("words", "several"),
    [
        ([], False),
        (["a"], False),
        (["a", "b"], True),
        (["--all"], True),
        (["-x", "a", "b"], True),
        (["a,b"], True),
        (["vm[1-2]"], True),
        (["vm*"], True),
        (["vm?"], True),
        (["@set"], True),
    ],
)
def test_targets_that_are_a_set(words: list[str], several: bool) -> None:
    """More than one, or a name that stands for more."""
    assert _is_fleet(parse_command_line(words)) is several


@pytest.mark.parametrize("option", ["-M q35", "-display none", "-nographic"])
def test_a_qemu_needs_two_dashes(option: str, tmp_path: Path) -> None:
    """Whoever leaves them out is told where they go, also if hmp has such an option."""
    qemu = tmp_path / "qemu-system-x86_64"
    qemu.touch(0o755)
    with pytest.raises(InvocationError) as caught:
        parse_command_line(["--trace", str(qemu), *option.split()])

    advice = f"; to start a QEMU, put -- before it: hmp --trace -- {qemu} {option}"
    assert str(caught.value).endswith(advice)
    with pytest.raises(InvocationError, match=r"unrecognized arguments: --nope$"):
        parse_command_line(["--nope", "--", str(qemu)])


def test_the_program_shows_its_usage_before_the_error() -> None:
    """On standard error, and ends with status 2."""
    done = run("--nope")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: hmp [OPTION]... [TARGET]...\n")
    assert done.stderr.endswith("\nhmp: error: unrecognized arguments: --nope\n")


def test_help_explains_every_option() -> None:
    """Targets, options, and what the exit status means."""
    done = run("--help")

    assert (done.returncode, done.stderr) == (0, "")
    for word in ("unix:PATH", "tcp:HOST:PORT", "Exit status", *BY_NAME):
        assert word in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("width", [1, 40, 60, 78, 98])
def test_help_fits_the_screen(width: int) -> None:
    """Explanations are wrapped, and no word of them is lost."""
    text = help_text(width)

    for option in (*OPTIONS, *MONITORS):
        assert option.help in " ".join(text.split())
    explained = [line[24:] for line in text.splitlines() if line.startswith(" " * 24)]
    assert all(len(line) <= max(width - 24, 11) or " " not in line for line in explained)


def test_help_is_shown_whatever_else_is_wrong() -> None:
    """Unless the mistake comes first."""
    assert parse_command_line(["--nope", "a", "b", "--help", "-o", "xml"]).help
    with pytest.raises(InvocationError):
        parse_command_line(["-o", "xml", "--help"])


def test_options_and_fields_match() -> None:
    """Each option sets a field, and each field but two has an option."""
    fields = {option.field for option in (*OPTIONS, *MONITORS)}

    assert fields == vars(Options()).keys() - {"target", "targets", "launch"}
    assert all(option.help for option in OPTIONS)


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        (["-ey"], {"stop_on_error": True, "yes": True}),
        (["-yc", "stop"], {"yes": True, "sources": [("line", "stop")]}),
        (["-yctop"], {"yes": True, "sources": [("line", "top")]}),
        (["-c=stop"], {"sources": [("line", "stop")]}),
        (["-c", "-1"], {"sources": [("line", "-1")]}),
        (["-c", "-x y"], {"sources": [("line", "-x y")]}),
        (["-c", ""], {"sources": [("line", "")]}),
        (
            ["-c", "stop", "-"],
            {"sources": [("line", "stop")], "target": "-", "targets": ["-"]},
        ),
        (["--command=a=b"], {"sources": [("line", "a=b")]}),
        (["--qmp=stdio"], {"monitors": [("-qmp", "stdio")]}),
        (["-qmp-pretty", "stdio"], {"monitors": [("-qmp-pretty", "stdio")]}),
    ],
)
def test_forms_of_options(argv: list[str], options: dict[str, object]) -> None:
    """Values apart or joined, switches in one word, words that begin with a dash."""
    parsed = vars(parse_command_line(argv))

    assert {name: parsed[name] for name in options} == options
    assert {n: v for n, v in parsed.items() if v and n not in options} == {}

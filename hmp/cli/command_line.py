"""The command line: parsed and checked before anything runs."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_DESCRIPTION = """\
The QEMU human monitor as a standalone program.

TARGET is the machine: omitted for the embedded machine in this process, PATH or
unix:PATH for a QMP socket, HOST:PORT or tcp:HOST:PORT for a QMP server there,
replay:FILE for a recording, or the name of a target in the configuration or of a
running QEMU.
After --, the command line of a QEMU: it is started, monitored, and ended."""

_EPILOG = """\
Standard input that is not a terminal is a script: one command per line; empty lines
and lines that begin with # are skipped. Exit status: 0 all commands succeeded,
1 a command failed, 2 wrong usage, 3 the machine could not be reached or went away."""


class _Ordered(argparse.Action):
    """Collects several options in the order given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        gathered = [*getattr(namespace, self.dest), (self.const, values)]
        setattr(namespace, self.dest, gathered)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive number of seconds")
    return value


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Return a formatter with a fixed width: argparse imports shutil to find one."""
    try:
        width = os.get_terminal_size().columns
    except OSError:
        width = 80
    return argparse.RawDescriptionHelpFormatter(prog, width=min(width, 100) - 2)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of hmp's options."""
    parser = argparse.ArgumentParser(
        "hmp",
        usage="hmp [OPTION]... [TARGET]\n       hmp [OPTION]... -- QEMU [ARGUMENT]...",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("target", nargs="?", metavar="TARGET", help=argparse.SUPPRESS)
    add(
        "-c",
        "--command",
        action=_Ordered,
        const="line",
        dest="sources",
        default=[],
        metavar="LINE",
        help="run LINE and exit; repeatable, in order",
    )
    add(
        "-f",
        "--file",
        action=_Ordered,
        const="file",
        dest="sources",
        metavar="FILE",
        help="run the lines of FILE (-: standard input) and exit",
    )
    add(
        "-o",
        "--output",
        choices=("text", "rich", "json"),
        help="how results are shown (rich on a terminal, text elsewhere)",
    )
    add(
        "-e",
        "--stop-on-error",
        action="store_true",
        help="stop at the first command that fails",
    )
    add("--trace", action="store_true", help="show the QMP messages on stderr")
    add(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="time limit for one QMP command, for waiting, and for connecting",
    )
    add(
        "--wait",
        type=_seconds,
        metavar="SECONDS",
        help="wait this long for the machine to start and its socket to answer",
    )
    add(
        "--clock",
        metavar="METHOD",
        help="alarm timer of the embedded machine (help: list them)",
    )
    add(
        "--extend",
        metavar="DIR",
        action="append",
        default=[],
        help="load more commands from DIR/commands and DIR/info; repeatable",
    )
    add("--record", metavar="FILE", help="record lines and QMP messages in FILE")
    _add_session_options(parser)
    _add_monitor_options(parser)
    add("--version", action="store_true", help="show the version and exit")
    return parser


def _add_session_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for safety, the session, and finding machines."""
    add = parser.add_argument
    add(
        "-y",
        "--yes",
        action="store_true",
        help="do not ask for confirmation before destructive commands",
    )
    add(
        "--read-only",
        action="store_true",
        help="refuse commands that might change the machine",
    )
    add("--no-reconnect", action="store_true", help="exit when the machine goes away")
    add(
        "--query",
        metavar="EXPR",
        help="JSON output, filtered by the JMESPath expression EXPR",
    )
    add("--config", metavar="FILE", help="the configuration file")
    add("--list", action="store_true", help="list the running QEMUs and exit")
    add(
        "--shell-completion",
        choices=("bash", "zsh", "fish"),
        help="print the completion script for this shell and exit",
    )


def _add_monitor_options(parser: argparse.ArgumentParser) -> None:
    """Add QEMU's own options for monitors."""
    group = parser.add_argument_group(
        "monitors",
        "Serve the embedded machine's monitors, with QEMU's own options: DEV is"
        "\nunix:PATH, tcp:HOST:PORT or telnet:HOST:PORT with ,server=on[,wait=off]"
        "\nappended, or stdio.",
    )
    for name, argument, text in (
        ("-qmp", "DEV", "QMP on DEV"),
        ("-qmp-pretty", "DEV", "the same, indented"),
        ("-monitor", "DEV", "the human monitor on DEV (none: not on this terminal)"),
        ("-chardev", "BACKEND,id=ID,...", "a socket, stdio or null backend named ID"),
        (
            "-mon",
            "chardev=ID,...",
            "a monitor on that backend: mode=readline|control,pretty=on|off",
        ),
    ):
        group.add_argument(
            name,
            f"-{name}",
            action=_Ordered,
            const=name,
            dest="monitors",
            default=[],
            metavar=argument,
            help=text,
        )


def parse_command_line(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the arguments after the program's name.

    The result has the options by name, ``target``, ``sources`` (a list of
    ("line"|"file", text)) and ``launch``: the command after ``--``, or None.
    Exits with status 2 and a message for wrong usage.
    """
    arguments, launch = list(argv), None
    if "--" in arguments:
        split = arguments.index("--")
        arguments, launch = arguments[:split], arguments[split + 1 :]
    parser = make_parser()
    options = parser.parse_args(arguments)
    options.launch = launch
    if launch is not None and not launch:
        parser.error("'--' needs the command line of a QEMU after it")
    if launch and options.target:
        parser.error(
            f"give either a TARGET ('{options.target}') or a command after '--', not both"
        )
    if options.monitors and (launch or options.target):
        name = options.monitors[0][0]
        parser.error(
            f"{name} works with the embedded machine only; pass it to the QEMU itself"
        )
    if options.wait and not options.target:
        parser.error("--wait needs a TARGET to wait for")
    if options.clock and (launch or options.target):
        parser.error("--clock works with the embedded machine only")
    return options

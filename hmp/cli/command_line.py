"""The command line: what the user asked for, checked, before anything runs."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_DESCRIPTION = """\
The QEMU human monitor as a program of its own.

TARGET is the machine: nothing for the embedded machine in this process, PATH or
unix:PATH for a QMP socket, HOST:PORT or tcp:HOST:PORT for a QMP server there,
replay:FILE for a recording, or a name: of a target in the configuration, or of a QEMU
that runs here.
Behind a --, the command line of a QEMU: it is started, monitored, and ended."""

_EPILOG = """\
Standard input that is not a terminal is a script: a command a line; empty lines
and lines that begin with # are skipped. Exit status: 0 all commands succeeded,
1 a command failed, 2 wrong usage, 3 the machine could not be reached or went away."""


class _Ordered(argparse.Action):
    """Gathers options of several names in the order in which they stand."""

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
        raise argparse.ArgumentTypeError(f"'{text}' is no positive number of seconds")
    return value


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Make the formatter, with a width: argparse imports shutil to find one."""
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
        help="give up on one QMP command, on waiting or connecting, after that long",
    )
    add(
        "--wait",
        type=_seconds,
        metavar="SECONDS",
        help="wait that long for the machine to start, its socket to appear and greet",
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
        help="take commands from DIR/commands and DIR/info as well; repeatable",
    )
    add(
        "--record", metavar="FILE", help="write lines and QMP messages to FILE as they pass"
    )
    _add_session_options(parser)
    _add_monitor_options(parser)
    add("--version", action="store_true", help="show the version and exit")
    return parser


def _add_session_options(parser: argparse.ArgumentParser) -> None:
    """Add what is about safety, the session, and what there is to connect to."""
    add = parser.add_argument
    add(
        "-y",
        "--yes",
        action="store_true",
        help="do not ask before commands that destroy something",
    )
    add(
        "--read-only",
        action="store_true",
        help="refuse all that might change the machine",
    )
    add("--no-reconnect", action="store_true", help="end when the machine goes away")
    add("--query", metavar="EXPR", help="JSON: only what JMESPath EXPR finds in values")
    add("--config", metavar="FILE", help="the configuration file")
    add("--list", action="store_true", help="list the QEMUs that run here, and exit")
    add(
        "--shell-completion",
        choices=("bash", "zsh", "fish"),
        help="print what makes this shell complete hmp's command line, and exit",
    )


def _add_monitor_options(parser: argparse.ArgumentParser) -> None:
    """Add QEMU's own options for monitors."""
    group = parser.add_argument_group(
        "monitors",
        "Open the embedded machine's monitors to others, in QEMU's own words: DEV is"
        "\nunix:PATH, tcp:HOST:PORT or telnet:HOST:PORT with ,server=on[,wait=off]"
        "\nbehind it, or stdio.",
    )
    for name, argument, text in (
        ("-qmp", "DEV", "QMP on DEV"),
        ("-qmp-pretty", "DEV", "the same, indented"),
        ("-monitor", "DEV", "the human monitor on DEV (none: nothing on this terminal)"),
        ("-chardev", "BACKEND,id=ID,...", "a socket, stdio or null by the name of ID"),
        ("-mon", "chardev=ID,...", "a monitor on it: mode=readline|control,pretty=on|off"),
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
    """Parse the arguments behind the program's name.

    The result has the options by name, ``target``, ``sources`` (a list of
    ("line"|"file", text)) and ``launch``: the command behind ``--``, or None.
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
        parser.error("the command line of a QEMU is missing behind '--'")
    if launch and options.target:
        parser.error(f"either a TARGET ('{options.target}') or a command behind '--'")
    if options.monitors and (launch or options.target):
        name = options.monitors[0][0]
        parser.error(f"{name} is for the embedded machine; give it to the QEMU itself")
    if options.wait and not options.target:
        parser.error("--wait is for a TARGET that may not be there yet")
    if options.clock and (launch or options.target):
        parser.error("--clock is for the embedded machine, not for a real QEMU")
    return options

"""The options of the program: one table, and the values that a command line gives them.

`hmp.cli.command_line` parses by the table, `hmp.cli.usage` makes the help of it, and
`hmp.cli.shell_completion` the completion for shells.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Options:
    """The values of a parsed command line; each attribute but two is an option's.

    target: the first machine; targets: all. launch: the command after ``--``, or None.
    sources: pairs of "line" or "file" and its text. monitors: pairs of QEMU's option and
    its value.
    """

    def __init__(self) -> None:
        self.target: str | None = None
        self.targets: list[str] = []
        self.exclude: list[str] = []
        self.all = False
        self.fanout: int | None = None
        self.gather = False
        self.diff = False
        self.launch: list[str] | None = None
        self.help = False
        self.sources: list[tuple[str, str]] = []
        self.output: str | None = None
        self.stop_on_error = False
        self.trace = False
        self.timeout: float | None = None
        self.wait: float | None = None
        self.clock: str | None = None
        self.extend: list[str] = []
        self.record: str | None = None
        self.yes = False
        self.read_only = False
        self.hold = False
        self.no_reconnect = False
        self.query: str | None = None
        self.raw = False
        self.config: str | None = None
        self.list = False
        self.top = False
        self.interval: float | None = None
        self.count: int | None = None
        self.mcp = False
        self.allow: str | None = None
        self.shell_completion: str | None = None
        self.version = False
        self.monitors: list[tuple[str, str]] = []


class Option:
    """One option of the command line.

    names: with their dashes, as the help shows them. field: the attribute of `Options` that
    it sets. value: what the help calls its value; empty for a switch. choices: the possible
    values. convert: makes the value of the text; raises ValueError. gather: for an option
    that can be repeated, returns an item of the field's list.
    """

    __slots__ = ("choices", "convert", "field", "gather", "help", "names", "value")

    def __init__(
        self,
        names: str,
        field: str,
        value: str,
        help: str,  # noqa: A002 - the table's word for it
        *,
        choices: tuple[str, ...] = (),
        convert: Callable[[str], Any] = str,
        gather: Callable[[str], Any] | None = None,
    ) -> None:
        self.names = names.split()
        self.field = field
        self.value = value or ",".join(choices).join(("{", "}") if choices else ("", ""))
        self.help = help
        self.choices = choices
        self.convert = convert
        self.gather = gather

    def store(self, options: Options, text: str) -> None:
        """Set the field by the text of a value. Raises ValueError."""
        if self.choices and text not in self.choices:
            known = ", ".join(map(repr, self.choices))
            raise ValueError(f"invalid choice: {text!r} (choose from {known})")
        if self.gather is not None:
            getattr(options, self.field).append(self.gather(text))
        else:
            setattr(options, self.field, self.convert(text))


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError(f"'{text}' is not a positive number of seconds")
    return value


def _count(text: str) -> int:
    # nine digits exceed the limit already; int() of thousands would take long
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 10_000):
        raise ValueError(f"'{text}' is not a number from 1 to 10000")
    return int(text)


def _tagged(tag: str) -> Callable[[str], tuple[str, str]]:
    return lambda text: (tag, text)


OPTIONS = (
    Option("-h --help", "help", "", "show this help message and exit"),
    Option(
        "-c --command",
        "sources",
        "LINE",
        "run LINE and exit; repeatable, in order",
        gather=_tagged("line"),
    ),
    Option(
        "-f --file",
        "sources",
        "FILE",
        "run the lines of FILE (-: standard input) and exit",
        gather=_tagged("file"),
    ),
    Option(
        "-o --output",
        "output",
        "",
        "how results are shown (rich on a terminal, text elsewhere)",
        choices=("text", "rich", "json"),
    ),
    Option(
        "-e --stop-on-error", "stop_on_error", "", "stop at the first command that fails"
    ),
    Option("--trace", "trace", "", "show the QMP messages on stderr"),
    Option(
        "--timeout",
        "timeout",
        "SECONDS",
        "time limit for one QMP command, for waiting, and for connecting",
        convert=_seconds,
    ),
    Option(
        "--wait",
        "wait",
        "SECONDS",
        "wait this long for the machine to start and its socket to answer",
        convert=_seconds,
    ),
    Option(
        "--clock",
        "clock",
        "METHOD",
        "alarm timer of the demonstration machine (help: list them)",
    ),
    Option(
        "--extend",
        "extend",
        "DIR",
        "load more commands from DIR/commands and DIR/info; repeatable",
        gather=str,
    ),
    Option(
        "--record", "record", "FILE", "record lines and QMP messages in FILE, replacing it"
    ),
    Option(
        "-y --yes", "yes", "", "do not ask for confirmation before destructive commands"
    ),
    Option("--read-only", "read_only", "", "refuse commands that might change the machine"),
    Option(
        "--hold",
        "hold",
        "",
        "keep TARGET's own monitor, instead of a private one (QEMU 11.1 and later)",
    ),
    Option(
        "-x --exclude",
        "exclude",
        "SET",
        "leave these machines out of the set; repeatable",
        gather=str,
    ),
    Option("--all", "all", "", "all machines of this host"),
    Option(
        "--fanout",
        "fanout",
        "N",
        "how many machines of a set to ask at the same time (64)",
        convert=_count,
    ),
    Option("-b --gather", "gather", "", "show equal results of a set's machines once"),
    Option("--diff", "diff", "", "show how results differ from the most frequent one"),
    Option("--no-reconnect", "no_reconnect", "", "exit when the machine goes away"),
    Option(
        "-q --query",
        "query",
        "EXPR",
        "JSON output, filtered by the JMESPath expression EXPR",
    ),
    Option("-r --raw", "raw", "", "with --query, plain values, each on a line"),
    Option("--config", "config", "FILE", "the configuration file"),
    Option(
        "--list",
        "list",
        "",
        "list the QEMUs and guest agents of this host, or of the target HOST:, and how to"
        " reach them",
    ),
    Option(
        "--top",
        "top",
        "",
        "show what the TARGETs, or all machines of this host, do: CPU, memory, disks,"
        " network, migration, jobs",
    ),
    Option(
        "-d --interval",
        "interval",
        "SECONDS",
        "with --top, the time between two looks (2)",
        convert=_seconds,
    ),
    Option(
        "-n --count",
        "count",
        "N",
        "with --top, as text, and the number of looks",
        convert=_count,
    ),
    Option(
        "--mcp",
        "mcp",
        "",
        "offer the TARGETs, or all machines of this host, to agents: a Model Context"
        " Protocol server on standard input and output",
    ),
    Option(
        "--allow",
        "allow",
        "",
        "what agents may do, besides reading (--mcp): change, or even destroy",
        choices=("change", "destructive"),
    ),
    Option(
        "--shell-completion",
        "shell_completion",
        "",
        "print the completion script for this shell and exit",
        choices=("bash", "zsh", "fish"),
    ),
    Option("--version", "version", "", "show the version and exit"),
)

MONITORS = tuple(
    Option(f"{name} -{name}", "monitors", value, text, gather=_tagged(name))
    for name, value, text in (
        ("-qmp", "DEV", "QMP on DEV"),
        ("-qmp-pretty", "DEV", "the same, indented"),
        ("-monitor", "DEV", "the human monitor on DEV (none: not on this terminal)"),
        ("-chardev", "BACKEND,id=ID,...", "a socket, stdio or null backend named ID"),
        (
            "-mon",
            "chardev=ID,...",
            "a monitor on that backend: mode=readline|control,pretty=on|off",
        ),
    )
)
"""QEMU's own options for monitors."""

BY_NAME = {name: option for option in (*OPTIONS, *MONITORS) for name in option.names}

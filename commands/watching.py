"""Repeated commands, the overview, aliases, and a clear screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from completions.monitor import ALIAS, LINE, WATCHED
from hmp.authoring import (
    READ,
    CommandFailedError,
    Monitor,
    QDict,
    Text,
    command,
    mask_line,
    refusal,
    seconds,
    take_leading,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

CATEGORY = "Session"


@command(
    "watch",
    args_type="line:S",
    params="[-n seconds] [--plot field] command",
    help="run a command repeatedly and mark changes, until Ctrl-C (--plot: plot a number"
    " in its value over time)",
    arguments={
        "-n seconds": "how often; by default every 2 seconds",
        "--plot field": "the number to plot, such as [0].stats.rd_bytes; Tab lists those"
        " of the last result, or else of common lines",
        "command": "command with its arguments",
    },
    words="repeat, monitor, graph, poll",
    effect=READ,
    kinds={"line": WATCHED},
    example="watch -n 1 info blockstats",
)
async def watch(mon: Monitor, args: QDict) -> None:
    """Have the front end run and draw a line repeatedly."""
    line, options = take_leading(args["line"], {"-n": "interval", "--plot": "field"})
    interval = seconds(options.get("interval", "2"), "-n")
    if not line:
        raise CommandFailedError("Error: watch needs a command\n")
    await mon.front.watch(line, interval, options.get("field"))


@command(
    "top",
    args_type="options:S?",
    params="[-d seconds]",
    help="show what the machine does, on the whole screen: CPU, memory, disks, network,"
    " migration, jobs",
    arguments={"-d seconds": "how often; by default every 2 seconds"},
    about="'hmp --top' shows all machines of a host, or those of a set.",
    words="load, usage, performance, throughput, statistics, monitor",
    effect=READ,
    example="top -d 1",
)
async def top(mon: Monitor, args: QDict) -> None:
    """Have the front end show the machine."""
    rest, options = take_leading(args.get("options", ""), {"-d": "interval"})
    if rest:
        raise CommandFailedError(f"Error: top takes no '{rest}'\n")
    await mon.front.top(seconds(options.get("interval", "2"), "-d"))


@command(
    "alias",
    args_type="name:s?,line:S?",
    params="[name [command]]",
    help="show the aliases, or define one ($1 to $9, $*: its arguments)",
    arguments={
        "name": "the alias",
        "command": "the line to run; $1 to $9 and $* stand for the arguments of the alias",
    },
    about="'unalias NAME' forgets one.",
    words="shortcut, macro",
    effect=READ,
    kinds={"name": ALIAS, "line": LINE},
    example="alias r system_reset",
)
async def alias(mon: Monitor, args: QDict) -> dict[str, list[str]]:
    """Return the aliases; with a line, set one first. Raises CommandFailedError."""
    aliases = _aliases(mon)
    if "name" not in args:
        return {name: _shown(lines) for name, lines in aliases.items()}
    name, line = _definition(args["name"], args.get("line", ""))
    if name.startswith("-"):
        raise CommandFailedError(
            f"Error: no alias can be named '{name}'; 'unalias NAME' forgets one\n"
        )
    if line:
        aliases[name] = [line]
        # one that adds arguments to the command of its name hides nothing
        if mon.commands.get(name) and line.split(" ", 1)[0] != name:
            mon.front.warn(
                f"the alias hides the command '{name}'; 'unalias {name}' brings it back"
            )
        return {}
    if name not in aliases:
        raise _no_alias(name)
    return {name: _shown(aliases[name])}


def _definition(name: str, line: str) -> tuple[str, str]:
    """Return name and line; ``NAME=LINE`` and ``NAME = LINE`` are understood, too."""
    name, equals, begin = name.partition("=")
    if equals:
        line = f"{begin} {line}".strip()
    elif line.startswith("= "):
        line = line[2:].strip()
    else:
        return name, line
    quoted = line[:1] in ("'", '"') and line[1:].endswith(line[:1])
    return name, line[1:-1] if quoted else line


def _no_alias(name: str) -> CommandFailedError:
    return refusal(f"no alias is named '{name}'")


def _shown(lines: list[str]) -> list[str]:
    """Return lines with their secrets masked."""
    return [mask_line(line) for line in lines]


def _aliases(mon: Monitor) -> dict[str, list[str]]:
    """Return the aliases of the session. Raises CommandFailedError if it has none."""
    if not mon.front.expands:
        raise CommandFailedError("Error: only sessions with a prompt have aliases\n")
    return mon.front.aliases


@alias.text
def alias_text(aliases: dict[str, list[str]]) -> Iterator[str]:
    """Yield one line per alias."""
    for name, lines in aliases.items():
        yield f"{name} = {'; '.join(lines)}"


@command(
    "unalias",
    args_type="name:s",
    help="forget an alias",
    effect=READ,
    kinds={"name": ALIAS},
)
async def unalias(mon: Monitor, args: QDict) -> None:
    """Forget an alias. Raises CommandFailedError."""
    if _aliases(mon).pop(args["name"], None) is None:
        raise _no_alias(args["name"])


_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
"""Cursor home, clear the screen, clear the scrollback."""


@command("clear", help="clear the screen", words="cls", effect=READ)
async def clear(mon: Monitor, args: QDict) -> Text:
    """Return the escape sequences that clear a terminal."""
    return Text(_CLEAR)


@clear.view
def clear_view(value: Text) -> RenderableType:
    """Pass the escape sequences through unsanitised, without a newline."""
    from rich.segment import Segment, Segments

    return Segments([Segment(value)])

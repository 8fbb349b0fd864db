"""The two manual pages: the program's, and that of its command language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from hmp.builtin import load_tables
from hmp.cli.options import MONITORS, OPTIONS, Option
from hmp.monitor.help import topics
from tests.manual.mdoc import facts, listed, literal, paragraph, sentence
from tests.program import ROOT

Topic = dict[str, Any]

PAGES = {"hmp": "1", "hmp-monitor": "7"}
"""The pages, and their sections."""

_PROGRAM = """\
`hmp` is the human monitor of QEMU as a program of its own: the commands of that monitor
on any machine within reach, with history, completion, help, live events, and output that
scripts can rely on.

On a terminal it is a session: lines are typed at a prompt, and F1 opens the help.
Standard input that is not a terminal is a script, one command a line, and so are `-c` and
`-f`. Results are the text that QEMU's own monitor prints, on standard output; errors go
to standard error.

The commands are in hmp-monitor(7). After `--` comes the command line of a QEMU: it is
started, monitored, and ended."""

_LANGUAGE = """\
This is the language of QEMU's human monitor as hmp(1) understands it, and the commands
that it knows, those of QEMU 7.2 to 11.1. A command that hmp does not know is passed on to
the machine's own monitor.

A line is the name of a command and its arguments, with blanks between them. In the usage
lines here, what is in brackets may be left out, and the words in it stand for values."""

_ARGUMENTS = {
    "a word": 'Ends at the next blank. One that begins with `"` ends at the closing quote'
    " and may contain blanks; in it `\\n`, `\\r`, `\\\\`, `\\'` and `\\\"` are escapes.",
    "a number": "Is an expression: decimal, hexadecimal (`0x10`) and octal (`010`) numbers,"
    " characters (`'a'`), registers of the current CPU (`$rip`), parentheses, and the"
    " operators `+ - * / % & | ^` and, before a value, `~`. `* / %` bind tightest, then"
    " `& | ^`, then `+ -`.",
    "a size": "Is in MiB, or has a suffix of `B K M G T P E`, as in `1.5G`.",
    "a time": "Is in seconds, or has a suffix of `ms us ns`.",
    "a format": "Follows a `/`: a count, a letter of `o d u x i c`, and a unit of"
    " `b h w g`, as in `x/8xw`.",
    "options": "Are `key=value` pairs with commas between; `,,` is a comma in a value.",
    "a flag": "Is a letter after a dash, as in `-f`; some take a value.",
}


def page(name: str, date: str) -> str:
    """Return the source of a manual page; date: of its last change, as mdoc writes it."""
    make = {"hmp": _program_page, "hmp-monitor": _language_page}[name]
    head = [f".Dd {date}", f".Dt {name.upper()} {PAGES[name]}", ".Os"]
    return "\n".join([*head, *make()]) + "\n"


def _program_page() -> Iterator[str]:
    yield from (".Sh NAME", ".Nm hmp", ".Nd the QEMU human monitor as a program of its own")
    yield from (".Sh SYNOPSIS", ".Nm", ".Op Ar OPTION ...", ".Op Ar TARGET ...")
    yield from (".Nm", ".Op Ar OPTION ...", ".Fl Fl", ".Ar QEMU Op Ar ARGUMENT ...")
    yield ".Sh DESCRIPTION"
    yield from _paragraphs(_PROGRAM)
    yield ".Ss Targets"
    yield from paragraph("A `TARGET` is the machine; several, or a set, are many machines.")
    yield from facts(_table("README.md", "TARGET"))
    yield ".Ss Sets"
    yield from facts(_table("docs/fleets.md", "set"))
    yield ".Ss Options"
    yield from listed(map(_option, OPTIONS))
    yield ".Ss Monitors"
    yield from paragraph(
        "These open the machine's monitors to others, with QEMU's own options. `DEV` is"
        " `unix:PATH`, `tcp:HOST:PORT` or `telnet:HOST:PORT`, with `,server=on` and perhaps"
        " `,wait=off` appended, or `stdio`."
    )
    yield from listed(map(_option, MONITORS))
    yield ".Ss Keys"
    yield from facts(_table("docs/session.md", "key"))
    yield ".Sh ENVIRONMENT"
    yield from facts(_table("docs/configuration.md", "variable"))
    yield ".Sh FILES"
    yield from facts(
        [
            ("~/.config/hmp/config.toml", "the configuration"),
            ("~/.local/state/hmp/history", "the lines of earlier sessions"),
        ]
    )
    yield ".Sh EXIT STATUS"
    yield from facts(_table("docs/scripts.md", "exit status"))
    yield ".Sh EXAMPLES"
    yield from facts(_EXAMPLES.items())
    yield from (".Sh SEE ALSO", ".Xr hmp-monitor 7")


_EXAMPLES = {
    "hmp vm1": "A session on a machine that runs here.",
    "hmp -- qemu-system-x86_64 -M q35": "Start a QEMU, monitor it, and end it.",
    "hmp -e -c 'info status' -c system_reset /tmp/vm1.sock": "Run two commands, and stop at"
    " the first that fails.",
    "hmp 'vm[1-60]' -b -c 'info status'": "Ask many machines, and show equal answers once.",
    "hmp vm1 -r -q '[].device' -c 'info block'": "Print the names of the block devices.",
}


def _language_page() -> Iterator[str]:
    yield from (".Sh NAME", ".Nm hmp-monitor", ".Nd commands of the QEMU human monitor")
    yield ".Sh DESCRIPTION"
    yield from _paragraphs(_LANGUAGE)
    yield ".Ss Arguments"
    yield from facts(_ARGUMENTS.items())
    yield ".Ss Lines of a session"
    yield from facts(_table("docs/session.md", "line"))
    yield ".Sh COMMANDS"
    yield from paragraph(
        "Each has its effect: one that reads changes nothing; a destructive one may lose"
        " data or end the guest, and asks first on a terminal."
    )
    found = sorted(topics(load_tables()), key=_order)
    for category, members in groupby(found, lambda topic: topic["category"]):
        yield f".Ss {category}"
        yield from listed((_usage(topic), _body(topic)) for topic in members)
    yield from (".Sh SEE ALSO", ".Xr hmp 1")


def _order(topic: Topic) -> tuple[str, bool, str]:
    """The order of commands: by category, ``info`` after the others, then by name."""
    return topic["category"], topic["name"].startswith("info "), topic["name"]


def _usage(topic: Topic) -> str:
    names = " | ".join(map(literal, topic["label"].split("|")))
    params = topic["params"].removeprefix(f"{topic['name']} ")
    given = params not in ("", topic["name"])
    return f"Ic {names}" + (f" No {literal(params)}" if given else "")


def _body(topic: Topic) -> Iterator[str]:
    """Yield what a command does, its arguments, its effect and its QMP commands."""
    yield from paragraph(sentence(_summary(topic)))
    for text in filter(None, topic["about"].split("\n\n")):
        yield ".Pp"
        yield from paragraph(text)
    if topic["arguments"]:
        rows = (
            (f"Ar {literal(item['name'])}", _meaning(item)) for item in topic["arguments"]
        )
        yield ".Pp"
        yield from listed(rows, compact=True)
    yield ".Pp"
    yield from paragraph(_effect(topic))
    if topic["example"]:
        yield f".Dl {literal(topic['example'])}"


def _summary(topic: Topic) -> str:
    """Return a command's sentence, without flags that the list of arguments explains."""
    text: str = topic["help"]
    listed_flags = {item["name"][:2] for item in topic["arguments"] if item["flag"]}
    match = re.search(r" \((-\w: .*)\)$", text)
    flags = set(re.findall(r"(?:^|, )(-\w): ", match[1])) if match else set()
    return text[: match.start()] if match and flags <= listed_flags else text


def _meaning(item: Topic) -> Iterator[str]:
    words = ": " + ", ".join(item["words"]) if "words" in item else ""
    notes = " (optional)" if item["optional"] and not item["flag"] else ""
    return paragraph(sentence(f"{item['what']}{notes}{words}"))


def _effect(topic: Topic) -> str:
    effect = {
        "read": "It only reads",
        "change": "It changes the machine",
        "destructive": "It is destructive",
    }[topic["effect"]]
    if topic["passthrough"]:
        return f"{effect}, and is run by QEMU's own monitor."
    calls = ", ".join(f"`{name}`" for name in topic["qmp"])
    return f"{effect}. QMP: {calls}." if calls else f"{effect}."


def _option(option: Option) -> tuple[str, Iterator[str]]:
    value = f" Ar {literal(option.value)}" if option.value else ""
    names = " , ".join(f"Fl {literal(name[1:])}{value}" for name in option.names)
    return names, paragraph(sentence(option.help))


def _paragraphs(text: str) -> Iterator[str]:
    for number, part in enumerate(text.split("\n\n")):
        if number:
            yield ".Pp"
        yield from paragraph(part)


def _table(path: str, head: str) -> list[tuple[str, str]]:
    """Return the rows of the table of a page whose first column has this head."""
    lines = iter((ROOT / path).read_text().splitlines())
    for line in lines:
        if line.startswith(f"| {head} |"):
            break
    rows = []
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            break
        first, second = re.split(r"(?<!\\)\|", line.strip("|"), maxsplit=1)
        rows.append((first.strip().replace(r"\|", "|"), second.strip().replace(r"\|", "|")))
    return rows

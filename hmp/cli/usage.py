"""What ``hmp --help`` prints, made from the table of options."""

from __future__ import annotations

import os

from hmp.cli.command_line import USAGE
from hmp.cli.options import MONITORS, OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hmp.cli.options import Option

_DESCRIPTION = """\
The QEMU human monitor as a standalone program.

TARGET is the machine: omitted for the demonstration machine in this process, PATH
or unix:PATH for a socket, HOST:PORT, tcp:HOST:PORT or telnet:HOST:PORT for a server
there, where QMP or QEMU's human monitor may answer, monitor:ADDRESS for the latter,
gdb:HOST:PORT for QEMU's gdb server, HOST:/PATH or HOST:NAME for a machine of another
host over ssh, exec:COMMAND for a program's standard streams, libvirt:NAME or a
libvirt URI and /NAME for a domain, qga:ADDRESS or qga:NAME for a guest agent,
replay:FILE for a recording, or the name of a target in the configuration, a running
QEMU or a domain. Several, or a set like 'vm[1-60]', 'web*' or @GROUP, run the same
lines at the same time, in a session as well.
After --, the command line of a QEMU: it is started, monitored, and ended."""

_MONITORS = """\
  Serve the machine's monitors to others, with QEMU's own options: DEV is
  unix:PATH, tcp:HOST:PORT or telnet:HOST:PORT with ,server=on[,wait=off]
  appended, or stdio."""

_EPILOG = """\
Standard input that is not a terminal is a script: one command per line; empty lines
and lines that begin with # are skipped. Exit status: 0 all commands succeeded,
1 a command failed, 2 wrong usage, 3 the machine could not be reached or went away."""

_INDENT = 24
"""The column where the explanations begin."""
# columns; longer lines of prose are hard to read
_WIDEST = 100


def help_text(width: int) -> str:
    """Return the help for a screen of this width."""
    options = "\n".join(line for option in OPTIONS for line in _lines(option, width))
    monitors = "\n".join(line for option in MONITORS for line in _lines(option, width))
    return (
        f"{USAGE}\n{_DESCRIPTION}\n\noptions:\n{options}\n\n"
        f"monitors:\n{_MONITORS}\n\n{monitors}\n\n{_EPILOG}\n"
    )


def columns() -> int:
    """Return the columns of the terminal, within reason."""
    try:
        return min(os.get_terminal_size().columns, _WIDEST) - 2
    except OSError:
        return 78


def _lines(option: Option, width: int) -> Iterator[str]:
    """Yield the lines of an option: its names, then the explanation beside or below."""
    value = f" {option.value}" if option.value else ""
    head = "  " + ", ".join(f"{name}{value}" for name in option.names)
    texts = list(_wrapped(option.help, max(width - _INDENT, 11)))
    if len(head) > _INDENT - 2:
        yield head
    else:
        yield head.ljust(_INDENT) + texts.pop(0)
    for text in texts:
        yield " " * _INDENT + text


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, none wider than `width` if its words allow."""
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line

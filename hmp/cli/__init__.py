"""The program ``hmp``: how its runs end, and `hmp.cli.main`, which begins them.

Exit status: 0 all commands succeeded, 1 a command failed, 2 usage, 3 the machine
could not be reached or went away; 130 after Ctrl-C in a script, and 141 when the
reader of standard output went away, as for any program that a signal ends; 128 plus
the signal's number after a signal that ends a session.
"""

from __future__ import annotations

import os

from hmp.display.sink import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

OK, FAILED, USAGE_STATUS, GONE = 0, 1, 2, 3
# as a shell has it: 128 and the number of SIGINT, and of SIGPIPE
INTERRUPTED, CLOSED_PIPE = 130, 141
SIGNALLED = 128


def complain(text: str, status: int, more: Iterable[str] = ()) -> int:
    """Write a message for people to standard error, as one line; return the given status.

    It may quote what the user has typed, or what a peer sent as its greeting. more: further
    lines.
    """
    from hmp.display.sanitise import one_line  # late: most runs have nothing to complain of

    lines = "\n".join(map(one_line, (text, *more)))
    return report(f"hmp: {lines}\n", status)


def report(text: str, status: int) -> int:
    """Write a text to standard error; return the given status."""
    from contextlib import suppress

    with suppress(OSError):  # the exit status still reports it
        say(2, text)
    return status


def failure(error: BaseException) -> int:
    """Report what ended the run; return the exit status."""
    from hmp.cli.open_machine import CommandLineError
    from hmp.display.json_output import QueryError
    from hmp.monitor.entry import TableError
    from hmp.monitor.errors import ConfigError
    from hmp.monitor.registry import module_error
    from hmp.qmp.errors import MachineGoneError

    if isinstance(error, CommandLineError):
        return complain(str(error), USAGE_STATUS, error.more)
    if isinstance(error, TableError | ConfigError | QueryError):
        return complain(str(error), USAGE_STATUS)
    if isinstance(error, MachineGoneError):
        return complain(str(error), GONE)
    if isinstance(error, ModuleNotFoundError):
        # hmp runs from a checkout without its dependencies
        return complain(f"{error}; install hmp with its dependencies", USAGE_STATUS)
    if isinstance(error, OSError):
        return complain(f"input or output failed: {error.strerror}", FAILED)
    if os.environ.get("HMP_DEBUG"):
        raise error
    place = module_error(error)
    return complain(f"internal error: {place} (HMP_DEBUG=1 shows more)", FAILED)

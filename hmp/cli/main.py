"""The program ``hmp``, from its arguments to its exit status.

What every start imports is kept small: modules that only some runs need are imported there.
"""

from __future__ import annotations

import gc
import os
import sys

from hmp import __version__
from hmp.cli import CLOSED_PIPE, INTERRUPTED, OK, USAGE_STATUS, complain, failure, report
from hmp.cli.command_line import USAGE, InvocationError, parse_command_line
from hmp.cli.missed_signals import leave_signals, notice_signals
from hmp.display.sink import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from hmp.cli.options import Options

_ENDING = "asyncio", "logging", "hmp.targets.ssh_master"
"""Modules that register what to do at the end."""


def program() -> NoReturn:
    """Run hmp as this process's program, and end the process."""
    gc.disable()  # starting makes many objects and no garbage; `hmp.cli.run` enables it
    status = _status()
    if not _needs_end():
        # all output is written: do not spend time on taking the interpreter apart
        os._exit(status)
    sys.exit(status)


def _needs_end() -> bool:
    """Return whether something waits for the interpreter's own end."""
    if any(name in sys.modules for name in _ENDING):
        return True
    threading = sys.modules.get("threading")
    if threading is None:
        return False
    return any(not thread.daemon for thread in threading.enumerate()[1:])


def main() -> int:
    """Run hmp within another program, with its arguments; return the exit status."""
    try:
        return _status()
    finally:
        leave_signals()


def _status() -> int:
    """Run hmp with the process's arguments; return the exit status."""
    _open_standard_streams()
    try:
        notice_signals()
        return _run(parse_command_line(sys.argv[1:]))
    except InvocationError as error:
        report(USAGE, USAGE_STATUS)
        return complain(f"error: {error}", USAGE_STATUS)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the output is closed; Python must not try to flush it again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return CLOSED_PIPE
    except SystemExit:
        raise
    except BaseException as error:  # as a command of an extension may raise
        return failure(error)


def _run(options: Options) -> int:
    """Do what needs no machine; leave everything else to `hmp.cli.run`."""
    if options.help:
        from hmp.cli.usage import columns, help_text

        say(1, help_text(columns()))
    elif options.version:
        say(1, f"hmp {__version__}\n")
    elif options.list:
        from hmp.cli.listing import list_machines

        list_machines(options.output, options.target)
    elif options.top:
        from hmp.cli.top import run_top

        return run_top(options)
    elif options.mcp:
        from hmp.cli.agents import serve_agents

        serve_agents(options)
    elif options.shell_completion:
        from hmp.cli.shell_completion import script

        say(1, script(options.shell_completion))
    else:
        from hmp.cli.run import run

        return run(options)
    return OK


def _open_standard_streams() -> None:
    """Open standard streams that the caller closed, so that no socket gets their numbers.

    All are opened for reading only, so that writing to one is an error rather than lost.
    """
    for fd in range(3):
        try:
            # the system gives a new descriptor the lowest free number, so a socket would
            # become 0, 1 or 2
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)

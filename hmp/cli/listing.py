"""What ``hmp --list`` prints: the machines of a host, and how to reach them."""

from __future__ import annotations

from os import environ, isatty

from hmp.display.sink import say
from hmp.targets.processes import this_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.targets.discovery import RunningMachine

_NOTHING = "no running QEMU found\n"


def _states() -> bool:
    """Return whether machines are to be asked for their states."""
    return environ.get("HMP_LIST_STATES") != "no"


def list_machines(style: str | None, where: str | None) -> None:
    """Print the machines of this host or of ``HOST:``, as text or as JSON.

    Raises CommandLineError, ConnectError.
    """
    found = _of_this_host() if where is None else _of_host(where)
    if style == "json":
        from json import dumps

        from hmp.targets.discovery import as_json

        say(1, "".join(f"{dumps(as_json(machine))}\n" for machine in found))
    elif found:
        from hmp.cli.machine_table import table

        say(1, table(found))
    else:
        say(1, _NOTHING)


def _of_this_host() -> list[RunningMachine]:
    """Return the machines of this host."""
    host = this_host()
    if not host.processes:
        return []  # without the imports that only machines need
    if _states():
        from hmp.targets.run_states import machines_here

        return machines_here(host)
    from hmp.targets.discovery import machines

    return machines(host)


def _of_host(where: str) -> list[RunningMachine]:
    """Return the machines of ``HOST:``; on a terminal, ssh may ask for a password."""
    from contextlib import nullcontext

    from hmp.cli.open_machine import CommandLineError
    from hmp.targets.questions import questions
    from hmp.targets.ssh_host import machines_of

    try:
        with questions() if isatty(0) else nullcontext():
            return machines_of(where, _states())
    except ValueError as error:
        raise CommandLineError(str(error)) from error

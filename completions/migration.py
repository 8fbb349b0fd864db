"""Migration: URIs, states, capabilities and parameters."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from hmp.authoring import (
    Connection,
    Kind,
    QDict,
    Word,
    after_scheme,
    natural,
)

if TYPE_CHECKING:
    from hmp.targets.discovery import RunningMachine


def _path_of_uri(part: str, context: str) -> int | None:
    """Return where a file name begins: after a scheme, or in a shell command."""
    if part.startswith("exec:"):
        words = re.match(r".*[\s|<>&;]", part)
        return words.end() if words else None
    return after_scheme("unix:", "file:")(part, context)


MIGRATION_URI = Kind(
    "migration URI",
    [
        ("tcp:", "HOST:PORT of another QEMU"),
        ("unix:", "path of a socket"),
        ("file:", "path of a file"),
        ("exec:", "shell command that reads or writes the stream"),
        ("fd:", "name of a descriptor from getfd"),
        ("vsock:", "CID:PORT"),
        ("rdma:", "HOST:PORT, over RDMA"),
    ],
    path=_path_of_uri,
)


def _target_part(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a machine of another host after ``HOST:``, the context."""
    host = re.match(r"[\w.@-]+:(?![\d/])", typed, re.ASCII)
    return (host.end(), host[0]) if host and host[0] not in _SCHEMES else (0, "")


_SCHEMES = ("gdb:", "exec:", "libvirt:", "monitor:", "qga:", "tcp:", "telnet:", "unix:")
TARGET = Kind(
    "machine, as on hmp's command line",
    place=_target_part,
    path=after_scheme("unix:"),
    local=True,
    on_request=bool,  # another host is asked over ssh
)
MIGRATION_STATE = Kind(
    "state in which the migration waits",
    [("pre-switchover", "ready to switch to the destination")],
    closed=True,
)
_UNITS = {
    "announce-initial": "ms",
    "announce-max": "ms",
    "announce-step": "ms",
    "avail-switchover-bandwidth": "bytes per second (or with a suffix)",
    "cpu-throttle-increment": "percent",
    "cpu-throttle-initial": "percent",
    "downtime-limit": "ms",
    "max-bandwidth": "bytes per second (a bare number is MiB)",
    "max-cpu-throttle": "percent",
    "max-postcopy-bandwidth": "bytes per second (a bare number is MiB)",
    "throttle-trigger-threshold": "percent",
    "vcpu-dirty-limit": "MB per second",
    "x-checkpoint-delay": "ms",
    "x-vcpu-dirty-limit-period": "ms",
    "xbzrle-cache-size": "bytes (a bare number is MiB)",
}

MIGRATION_CAPABILITY = Kind("migration capability", closed=True)
MIGRATION_PARAMETER = Kind("migration parameter", closed=True)


def _parameter(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a value of the parameter named by the argument before it."""
    return 0, str(args.get("parameter", ""))


MIGRATION_VALUE = Kind("value of the parameter", place=_parameter)


@TARGET.fetcher
async def targets(qmp: Connection, context: str) -> list[Word]:
    """Return the machines that may receive the guest: this host's and those configured.

    After a host, return that host's. Those that are ready come first.
    """
    # late: the lines of migration need none of what finds machines
    from hmp.authoring import load_config, machines_here, machines_of

    if context:
        return _ready_first(machines_of(context, states=True), context)
    configured = load_config(None, os.environ).targets
    here = [each for each in machines_here() if each.pid != qmp.pid and not each.user]
    named = natural((name, target.target) for name, target in configured.items())
    return _ready_first(here) + named


def _ready_first(machines: "Iterable[RunningMachine]", host: str = "") -> list[Word]:
    """Return the machines with QMP, each with its state and how it is reached."""
    ready, others = list[Word](), list[Word]()
    for machine in machines:
        way = machine.qmp_target.removeprefix(host)
        waits = machine.state == "inmigrate"
        state = "ready to receive" if waits else machine.state
        about = (state, way if machine.name else "")
        if way:
            word = machine.name or way, ", ".join(filter(None, about))
            (ready if waits else others).append(word)
    return natural(ready) + natural(others)


@MIGRATION_CAPABILITY.fetcher
async def capabilities(qmp: Connection, context: str) -> list[Word]:
    """Return the capabilities, and whether each is on."""
    found = await qmp.execute("query-migrate-capabilities")
    return [(c["capability"], "on" if c["state"] else "off") for c in found]


@MIGRATION_PARAMETER.fetcher
async def parameters(qmp: Connection, context: str) -> list[Word]:
    """Return the parameters, each with its current value."""
    # some parameters have no value until they are set, so the names come from the schema
    now = await qmp.execute("query-migrate-parameters")  # the schema is asked for once
    members = (await qmp.schema()).members("migrate-set-parameters")
    return [(m["name"], _shown(now.get(m["name"], ""))) for m in members]


@MIGRATION_VALUE.fetcher
async def values(qmp: Connection, context: str) -> list[Word]:
    """Return a note on a parameter, and the words of an enum or a switch."""
    schema = await qmp.schema()
    for member in schema.members("migrate-set-parameters"):
        if member["name"] == context:
            now: Mapping[str, object] = await qmp.execute("query-migrate-parameters")
            unit = _UNITS.get(context, "")
            kind = schema.type_words(member["type"]) + (f" in {unit}" if unit else "")
            note = f"{kind}, now {_shown(now[context])}" if context in now else kind
            return [("", note), *schema.value_words(member["type"])]
    return []


def _shown(value: object) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)

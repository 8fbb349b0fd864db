"""The QEMUs that run on this host, and how to reach them.

Read from the command lines in ``/proc``: the QMP sockets that a QEMU was started with,
and the name it was given. Linux only; elsewhere nothing is found.
"""

from __future__ import annotations

import os
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from hmp.language.options import split_items

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PROGRAM = r"(?:.*/)?(?:qemu-system-[\w-]+|qemu-kvm|kvm|qemu-storage-daemon)"
_LOADER = r"(?:.*/)?ld[-.].*"


class Machine(NamedTuple):
    """A QEMU that runs: its process, name, and the targets that reach its QMP."""

    pid: int
    name: str
    targets: tuple[str, ...]


def running_machines(proc: str = "/proc") -> list[Machine]:
    """Return the QEMUs that run on this host, as far as we may see them."""
    try:
        pids = sorted(int(entry) for entry in os.listdir(proc) if entry.isdigit())
    except OSError:
        return []
    found = []
    for pid in pids:
        arguments = _command_line(f"{proc}/{pid}/cmdline")
        start = _program(arguments)
        if start is not None:
            folder = _folder(f"{proc}/{pid}/cwd")
            rest = arguments[start + 1 :]
            found.append(Machine(pid, _name(rest), tuple(_targets(rest, folder))))
    return found


def _command_line(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return []
    return [os.fsdecode(part) for part in data.split(b"\0")[:-1]]


def _folder(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return "/"


def _program(arguments: Sequence[str]) -> int | None:
    """Return which argument is the QEMU; a dynamic loader may stand before it."""
    if not arguments:
        return None
    loaded = re.fullmatch(_LOADER, arguments[0]) is not None
    for index, argument in enumerate(arguments[: 8 if loaded else 1]):
        if re.fullmatch(_PROGRAM, argument):
            return index
    return None


def _name(arguments: Sequence[str]) -> str:
    for option, value in pairwise(arguments):
        if option in ("-name", "--name"):
            for index, item in enumerate(split_items(value)):
                key, equals, rest = item.partition("=")
                if key == "guest" and equals:
                    return rest
                if index == 0 and not equals:
                    return item
    return ""


def _targets(arguments: Sequence[str], folder: str) -> Iterator[str]:
    """Yield the targets of the QMP monitors that listen."""
    chardevs: dict[str, str] = {}
    monitors: list[str] = []
    for option, value in pairwise(arguments):
        kind = option.lstrip("-")
        if kind in ("qmp", "qmp-pretty"):
            target = _legacy(value, folder)
            if value.startswith("chardev:"):
                monitors.append(value.partition(":")[2])
            elif target:
                yield target
        elif kind == "chardev":
            options = _options(value)
            if target := _socket(options, folder):
                chardevs[options.get("id", "")] = target
        elif kind in ("mon", "monitor"):
            options = _options(value)
            if kind == "monitor" and "chardev" not in options:
                continue  # a human monitor
            if options.get("mode", "control" if kind == "monitor" else "") == "control":
                monitors.append(options.get("chardev", options.get("", "")))
    for name in monitors:
        if name in chardevs:
            yield chardevs[name]


def _options(value: str) -> dict[str, str]:
    """Return the options of a list by key; those without one stand for themselves.

    The first is the kind, under an empty key; a bare ``server`` means ``server=on``.
    """
    options: dict[str, str] = {}
    for index, item in enumerate(split_items(value)):
        key, equals, rest = item.partition("=")
        if equals:
            options[key] = rest
        elif index == 0:
            options[""] = item
        else:
            options[item] = "on"
    return options


def _legacy(value: str, folder: str) -> str:
    """Return the target of ``unix:PATH,server=on`` and ``tcp:HOST:PORT,server=on``."""
    first, *options = split_items(value)
    if not any(option in ("server", "server=on") for option in options):
        return ""
    if first.startswith("unix:"):
        return os.path.join(folder, first[5:])
    if first.startswith("tcp:"):
        host, _, port = first[4:].rpartition(":")
        return f"{host or 'localhost'}:{port}"
    return ""


def _socket(options: dict[str, str], folder: str) -> str:
    """Return the target of a ``socket`` character device that listens."""
    if options.get("", "socket") != "socket" or options.get("server") != "on":
        return ""
    if "path" in options:
        return os.path.join(folder, options["path"])
    if "port" in options:
        return f"{options.get('host') or 'localhost'}:{options['port']}"
    return ""


def listing(machines: Sequence[Machine]) -> str:
    """Return what ``hmp --list`` prints."""
    if not machines:
        return "no QEMU runs here that can be seen\n"
    lines = []
    for machine in machines:
        targets = ", ".join(machine.targets) or (
            "no QMP socket; start it with -qmp unix:PATH,server=on,wait=off"
        )
        lines.append(f"{machine.pid:>8}  {machine.name or '-':20}  {targets}\n")
    return "".join(lines)

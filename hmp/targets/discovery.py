"""The QEMUs running on this host, and how to reach them.

The command lines in ``/proc`` show the QMP sockets that each QEMU was started with, and
its name. Linux only; on other systems nothing is found.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from itertools import pairwise

from hmp.display.sanitise import one_line
from hmp.language.options import split_items
from hmp.targets.trust import is_foreign, process_owner, trusted, user_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PROGRAM = r"(?:.*/)?(?:qemu-system-[\w-]+|qemu-kvm|kvm|qemu-storage-daemon)"
_LOADER = r"(?:.*/)?ld[-.].*"


class RunningMachine:
    """A running QEMU: its process, its name, and the targets of its QMP servers."""

    __slots__ = ("name", "pid", "targets")

    def __init__(self, pid: int, name: str, targets: tuple[str, ...]) -> None:
        self.pid = pid
        self.name = name
        self.targets = targets


def running_machines(proc: str = "/proc") -> list[RunningMachine]:
    """Return the running QEMUs of the caller and of root."""
    return [machine for uid, machine in _machines(proc) if trusted(uid)]


def others_machines(proc: str = "/proc") -> list[tuple[str, RunningMachine]]:
    """Return other users' processes that claim to be QEMUs, with the user's name."""
    found = [(uid, machine) for uid, machine in _machines(proc) if not trusted(uid)]
    return [(user_name(uid), machine) for uid, machine in found]


def _machines(proc: str) -> Iterator[tuple[int, RunningMachine]]:
    """Yield the user and machine of each readable process that claims to be a QEMU."""
    try:
        pids = sorted(int(entry) for entry in os.listdir(proc) if entry.isdigit())
    except OSError:
        return
    for pid in pids:
        arguments = _command_line(f"{proc}/{pid}/cmdline")
        start = _program(arguments)
        if start is None:
            continue
        folder = _folder(f"{proc}/{pid}/cwd")
        rest = arguments[start + 1 :]
        with suppress(OSError):  # the process has ended
            owner = process_owner(f"{proc}/{pid}")
            yield owner, RunningMachine(pid, _name(rest), tuple(_targets(rest, folder)))


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
    """Return the index of the QEMU among the arguments; a loader may precede it."""
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
    """Yield the targets of the listening QMP monitors."""
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
    """Return the options of a list by key; an item without a key is its own key.

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


def listing(
    machines: Sequence[RunningMachine], others: Sequence[tuple[str, RunningMachine]] = ()
) -> str:
    """Return what ``hmp --list`` prints: process, name, targets.

    others: other users' machines; the names they claim are shown but never matched.
    """
    if not machines and not others:
        return "no running QEMU found\n"
    rows = [(m.pid, _word(m.name), _reached(m.targets)) for m in machines]
    for user, machine in others:
        name = f", calls itself {_quoted(machine.name)}" if machine.name else ""
        reached = f": {', '.join(machine.targets)}" if machine.targets else ""
        rows.append((machine.pid, "-", f"of user {user}{name}{reached}"))
    return "".join(f"{pid:>8}  {name:20}  {one_line(about)}\n" for pid, name, about in rows)


def _reached(targets: Sequence[str]) -> str:
    shown = [f"{t} (another user's)" if is_foreign(t) else t for t in targets]
    return ", ".join(shown) or (
        "no QMP socket; start it with -qmp unix:PATH,server=on,wait=off"
    )


def _word(name: str) -> str:
    """Return a name as one word of a row; ``-`` if it is empty."""
    plain = name != "-" and not re.search(r'[\s"\\]', name)
    return (one_line(name) if plain else _quoted(name)) or "-"


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{one_line(escaped)}"'

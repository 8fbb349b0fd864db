"""QEMU's options for monitors: ``-chardev``, ``-mon``, ``-qmp`` and ``-monitor``.

Text comes in, and the requested monitors come out as values; nothing is opened here. The
errors are in QEMU's words where QEMU has one.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hmp.language.qemu_opts import OptionsError, parse_options

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOCKET = frozenset(("id", "path", "host", "port", "fd", "server", "wait", "telnet"))
_FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
_IGNORED = frozenset(("delay", "nodelay"))
"""Options that QEMU accepts and that have no effect here."""


@dataclass(frozen=True, slots=True)
class Chardev:
    """The device that a monitor uses; this base class is ``null``, which has no clients.

    id: its name. text: the option that defines it, for messages.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class StdioChardev(Chardev):
    """Standard input and output."""


@dataclass(frozen=True, slots=True)
class SocketChardev(Chardev):
    """A socket, given by path, by host and port, or by an inherited descriptor.

    server: listen; otherwise connect. wait: the machine waits for the first client.
    telnet: speak telnet. family: of the host's addresses; 0 for all.
    """

    path: str = ""
    host: str = ""
    port: int = 0
    fd: int | None = None
    server: bool = False
    wait: bool = False
    telnet: bool = False
    family: int = 0


@dataclass(frozen=True, slots=True)
class MonitorOption:
    """A monitor: its chardev, QMP (control) or human, and whether QMP is indented."""

    chardev: Chardev
    control: bool
    pretty: bool = False


@dataclass(slots=True)
class MonitorOptions:
    """The monitor options of a program, added one by one.

    local: whether the program's own prompt or script is a monitor too, which
    ``-monitor none`` disables.
    """

    chardevs: dict[str, Chardev] = field(default_factory=dict[str, Chardev])
    local: bool = True
    _mons: list[tuple[str, bool, bool, str]] = field(
        default_factory=list[tuple[str, bool, bool, str]]
    )

    def chardev(self, text: str) -> None:
        """Add a ``-chardev``. Raises OptionsError."""
        self._define(read_chardev(text, f"-chardev {text}"))

    def mon(self, text: str) -> None:
        """Add a ``-mon``. Raises OptionsError."""
        options = _known(text, "chardev", frozenset(("chardev", "mode", "pretty", "id")))
        if "chardev" not in options:
            raise OptionsError("Parameter 'chardev' is missing")
        mode = options.get("mode", "readline")
        if mode not in ("control", "readline"):
            raise OptionsError(f"Parameter 'mode' does not accept value '{mode}'")
        pretty = _switch(options, "pretty", False)
        if "pretty" in options and mode == "readline":
            raise OptionsError("'pretty' is not compatible with HMP monitors")
        self._mons.append((options["chardev"], mode == "control", pretty, f"-mon {text}"))

    def qmp(self, text: str, *, pretty: bool = False) -> None:
        """Add a ``-qmp`` or ``-qmp-pretty``. Raises OptionsError."""
        option = "-qmp-pretty" if pretty else "-qmp"
        self._short(text, f"{option} {text}", control=True, pretty=pretty)

    def monitor(self, text: str) -> None:
        """Add a ``-monitor``; ``none`` adds nothing. Raises OptionsError."""
        if text == "none":
            self.local = False
        else:
            self._short(text, f"-monitor {text}", control=False)

    def _short(self, text: str, option: str, control: bool, pretty: bool = False) -> None:
        name = text.removeprefix("chardev:")
        if name == text:
            # the name that QEMU, too, gives a chardev of this kind
            name = f"compat_monitor{len(self._mons)}"
            self._define(read_device(text, name, option))
        self._mons.append((name, control, pretty, option))

    def _define(self, chardev: Chardev) -> None:
        if chardev.id in self.chardevs:
            raise OptionsError(f"Duplicate ID '{chardev.id}' for chardev")
        stdio = isinstance(chardev, StdioChardev)
        if stdio and any(isinstance(c, StdioChardev) for c in self.chardevs.values()):
            raise OptionsError("cannot use stdio by multiple character devices")
        self.chardevs[chardev.id] = chardev

    def take_stdio(self) -> MonitorOption | None:
        """Return the monitor on standard input and output, if any.

        A human one becomes the program's own front end, and is removed from `monitors`.
        """
        for monitor in self.monitors():
            if isinstance(monitor.chardev, StdioChardev):
                if not monitor.control:
                    del self.chardevs[monitor.chardev.id]
                    self._mons = [m for m in self._mons if m[0] != monitor.chardev.id]
                return monitor
        return None

    def unused(self) -> list[Chardev]:
        """Return the chardevs without a monitor."""
        used = {name for name, *_ in self._mons}
        return [chardev for name, chardev in self.chardevs.items() if name not in used]

    def monitors(self) -> list[MonitorOption]:
        """Return the requested monitors.

        Raises OptionsError for a monitor on an unknown chardev, or one that is in use.
        """
        return list(self._monitors())

    def _monitors(self) -> Iterator[MonitorOption]:
        used: set[str] = set()
        for name, control, pretty, option in self._mons:
            if name not in self.chardevs:
                raise OptionsError(f'{option}: chardev "{name}" not found')
            if name in used:
                raise OptionsError(f"{option}: chardev '{name}' is already in use")
            used.add(name)
            yield MonitorOption(self.chardevs[name], control, pretty)


def read_chardev(text: str, option: str) -> Chardev:
    """Parse the value of ``-chardev``. Raises OptionsError."""
    options = parse_options(text, "backend").last()
    if "id" not in options:
        raise OptionsError("chardev: no id specified")
    backend = options.pop("backend", "")
    if backend not in ("socket", "stdio", "null"):
        raise _no_driver(backend, "socket, stdio, null")
    return _make(backend, options["id"], options, option)


def read_device(text: str, name: str, option: str) -> Chardev:
    """Parse the value of ``-qmp`` or ``-monitor``. Raises OptionsError."""
    match = re.fullmatch(r"(tcp|telnet|unix):((?:[^,]|,,)*)(?:,(.*))?", text, re.DOTALL)
    if match is None:
        backend, _, rest = text.partition(",")
        if backend not in ("stdio", "null") or rest:
            raise _no_driver(text, "tcp:, telnet:, unix:, stdio, null, chardev:")
        return _make(backend, name, {}, option)
    kind, address = match[1], match[2].replace(",,", ",")
    options = parse_options(f"socket,{match[3] or ''}", "backend").last()
    del options["backend"]
    options |= {"path": address} if kind == "unix" else _host_and_port(address, text)
    if kind == "telnet":
        options["telnet"] = "on"
    return _make("socket", name, options, option)


def _no_driver(text: str, known: str) -> OptionsError:
    return OptionsError(f"'{text}' is not a valid char driver; supported: {known}")


def _host_and_port(address: str, text: str) -> dict[str, str]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*):([^:]*)", address)
    if match is None:
        raise OptionsError(f"parse error: {text}")
    return {"host": match[1].strip("[]"), "port": match[2]}


def _make(backend: str, name: str, options: dict[str, str], option: str) -> Chardev:
    """Return the chardev that options describe. Raises OptionsError."""
    known = {*_SOCKET, *_FAMILIES, *_IGNORED} if backend == "socket" else {"id"}
    for key in options.keys() - known:
        raise OptionsError(f"Invalid parameter '{key}'")
    if backend == "socket":
        return _make_socket(name, options, option)
    return StdioChardev(name, option) if backend == "stdio" else Chardev(name, option)


def _make_socket(name: str, options: dict[str, str], option: str) -> SocketChardev:
    server = _switch(options, "server", False)
    if "wait" in options and not server:
        raise OptionsError(
            "'wait' option is incompatible with socket in client connect mode"
        )
    given = [key for key in ("path", "host", "fd") if key in options]
    if len(given) > 1 or ("port" in options and given and given != ["host"]):
        raise OptionsError("chardev: socket: only one of path, host with port, and fd")
    if "port" not in options and given not in (["path"], ["fd"]):
        missing = "port" if given else "path, port or fd"
        raise OptionsError(f"chardev: socket: no {missing} given")
    return SocketChardev(
        name,
        option,
        path=_path(options),
        host=options.get("host", ""),
        port=_number(options, "port", 65535) or 0,
        fd=_number(options, "fd", 1 << 30),
        server=server,
        wait=server and _switch(options, "wait", True),
        telnet=_switch(options, "telnet", False),
        family=_family(options),
    )


def _family(options: dict[str, str]) -> int:
    """Return the family of addresses that ``ipv4`` and ``ipv6`` leave; 0 for all."""
    on = {key for key in _FAMILIES if _switch(options, key, False)}
    left = on or {key for key in _FAMILIES if _switch(options, key, True)}
    if not left:
        raise OptionsError("Cannot disable IPv4 and IPv6 at same time")
    return _FAMILIES[left.pop()] if len(left) == 1 else 0


def _path(options: dict[str, str]) -> str:
    if options.get("path") == "":
        raise OptionsError("chardev: socket: the path is empty")
    return options.get("path", "")


def _switch(options: dict[str, str], key: str, default: bool) -> bool:
    value = options.get(key, "on" if default else "off")
    if value not in ("on", "off"):
        raise OptionsError(f"Parameter '{key}' expects 'on' or 'off'")
    return value == "on"


def _number(options: dict[str, str], key: str, most: int) -> int | None:
    text = options.get(key)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > most:
        raise OptionsError(f"chardev: socket: {key} '{text}' is not a number up to {most}")
    return int(text)


def _known(text: str, implied: str, known: frozenset[str]) -> dict[str, str]:
    options = parse_options(text, implied).last()
    for key in options:
        if key not in known:
            raise OptionsError(f"Invalid parameter '{key}'")
    return options

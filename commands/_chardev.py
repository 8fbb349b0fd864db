"""Character device options, from QEMU's one-word form to QMP's ChardevBackend.

``chardev-add socket,id=c0,path=/tmp/c0,server=on,wait=off``. The type of an option does
not depend on the backend; a backend ignores options that it does not know, as in QEMU.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from commands._errors import ID_HINT
from commands._numbers import SIZE_HINT, read_number, read_size_option
from hmp.authoring import (
    CoercionError,
    CommandFailedError,
    OptionsError,
    QMPError,
    parse_options,
    plain_integer,
    plain_size,
    read_switch,
    releases,
)

# QEMU's options of character devices, by their types
_TEXTS = (
    "backend",
    "id",
    "path",
    "input-path",
    "host",
    "port",
    "fd",
    "localaddr",
    "localport",
    "tls-creds",
    "tls-authz",
    "chardev",
    "name",
    "logfile",
    *(f"chardevs.{index}" for index in range(4)),
)
_SWITCHES = (
    "ipv4",
    "ipv6",
    "wait",
    "server",
    "delay",
    "nodelay",
    "telnet",
    "tn3270",
    "websocket",
    "mux",
    "signal",
    "append",
    "logappend",
    "mouse",
    "clipboard",
    "tight",
    "abstract",
)
_NUMBERS = ("to", "reconnect", "reconnect-ms", "width", "height", "cols", "rows")
_SIZES = ("size",)
# options that releases after 7.2 added
_SINCE = {
    "input-path": releases.FILE_INPUT,
    "reconnect-ms": releases.RECONNECT_MS,
    **{f"chardevs.{index}": releases.CHARDEV_HUB for index in range(4)},
}

_HINTS = {" an identifier": ID_HINT, " below 2^64": SIZE_HINT}

_SPICE_NAMES = "allowed spice char type names: vdagent, smartcard, usbredir\n"

Options = dict[str, Any]
"""Parsed options. Any, because the type of a value follows from its key (`_convert`)."""

Members = dict[str, object]
"""Members of a QMP object."""


class ChardevError(CommandFailedError):
    """Options that do not describe a backend."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Error: {reason}\n", reason)


class UnknownBackendError(ChardevError):
    """A backend that is unknown, or missing from this QEMU."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is not a valid char driver name")


class UnparsableError(CommandFailedError):
    """Options that do not parse. QEMU prints the reason, then a second error."""

    def __init__(self, error: OptionsError) -> None:
        reason = str(error)
        lines = [*error.warnings, *filter(None, [reason])]
        text = "".join(f"{line}\n" for line in lines)
        hint = next((hint for end, hint in _HINTS.items() if reason.endswith(end)), "")
        super().__init__(f"{text}{hint}Error: Parsing chardev args failed\n", reason)


class ChardevOptions:
    """The parsed options of a character device.

    options: converted by their types. warnings: the lines that QEMU's monitor prints
    about switches without ``=on``.
    """

    __slots__ = ("options", "warnings")

    def __init__(self, text: str, version: tuple[int, int, int]) -> None:
        """Parse the options as QEMU of this version does. Raises UnparsableError."""

        def check(key: str, value: str) -> None:
            # an option of a later release is as unknown as a mistyped one
            if version < _SINCE.get(key, version):
                raise OptionsError(f"Invalid parameter '{key}'")
            # QEMU checks each value while it reads, even one that a later one replaces
            _convert(key, value)

        try:
            parsed = parse_options(text, "backend", check)
        except OptionsError as error:
            raise UnparsableError(error) from error
        found = parsed.last()
        self.options: Options = {key: _convert(key, found[key]) for key in found}
        self.warnings = parsed.warnings()


def hard_to_read(text: str, version: tuple[int, int, int]) -> bool:
    """Return whether only QEMU's own monitor can read the options faithfully.

    That holds for numbers that releases read differently, and for deprecated backend
    names, about which QEMU warns only once.
    """
    try:
        items = parse_options(text, "backend").items
    except OptionsError:
        # an error that we word as QEMU does
        return False
    aliases = ("tty", "parport") if version < releases.NO_CHARDEV_ALIASES else ()
    return any(
        (item.key == "backend" and item.value in aliases)
        or (item.key in _SIZES and plain_size(item.value) is None)
        or (item.key in _NUMBERS and plain_integer(item.value) is None)
        for item in items
    )


def _convert(key: str, value: str) -> str | int | bool:
    """Convert an option by its type. Raises OptionsError."""
    if key in _TEXTS:
        return value
    try:
        if key in _SWITCHES:
            return read_switch(value)
        if key in _NUMBERS:
            return read_number(key, value)
        if key in _SIZES:
            return read_size_option(key, value)
    except CoercionError as error:
        raise OptionsError(f"Parameter '{key}' expects {error}") from error
    raise OptionsError(f"Invalid parameter '{key}'")


def backend_of(options: Options) -> Members:
    """Return QMP's ChardevBackend. Raises ChardevError."""
    if "backend" not in options:
        raise ChardevError(f'chardev: "{options.get("id", "(null)")}" missing backend')
    kind: str = options["backend"]
    # a backend that only a newer QEMU has cannot be given: its options are unknown here
    make = _BACKENDS.get(kind)
    if make is None:
        raise UnknownBackendError(kind)
    common = _some(options, "logfile", "logappend")
    return {"type": kind, "data": {**common, **make(options)}}


def _some(options: Options, *keys: str) -> Members:
    """Return the given options of these keys. QEMU treats a number of 0 as not given."""
    return {
        key: options[key]
        for key in keys
        if options.get(key) not in (None, 0) or options.get(key) is False
    }


def _nothing(options: Options) -> Members:
    return {}


def _device(label: str) -> Callable[[Options], Members]:
    def make(options: Options) -> Members:
        if "path" not in options:
            raise ChardevError(f"chardev: {label}: no device path given")
        return {"device": options["path"]}

    return make


def _file(options: Options) -> Members:
    if "path" not in options:
        raise ChardevError("chardev: file: no filename given")
    members = {"out": options["path"], "append": options.get("append", False)}
    if "input-path" in options:
        members["in"] = options["input-path"]
    return members


def _named(label: str, member: str) -> Callable[[Options], Members]:
    def make(options: Options) -> Members:
        if "name" not in options:
            raise ChardevError(f"chardev: {label}: no name given")
        return {member: options["name"]}

    return make


def _mux(options: Options) -> Members:
    if "chardev" not in options:
        raise ChardevError("chardev: mux: no chardev given")
    return {"chardev": options["chardev"]}


def _hub(options: Options) -> Members:
    present: list[str] = []
    while (name := options.get(f"chardevs.{len(present)}")) is not None:
        present.append(name)
    return {"chardevs": present}


def _ringbuf(options: Options) -> Members:
    """Return the size truncated to 32 bits, as QEMU's monitor truncates it."""
    size = (options.get("size", 0) + (1 << 31)) % (1 << 32) - (1 << 31)
    return {"size": size} if size else {}


def _address(options: Options) -> Members:
    """Return the legacy SocketAddress of path, host and port, or fd."""
    if sum(key in options for key in ("path", "fd", "host")) > 1:
        raise ChardevError("None or one of 'path', 'fd' or 'host' option required.")
    if "path" in options:
        data = _some(options, "path", "abstract", "tight")
        return {"type": "unix", "data": data}
    if "host" in options:
        if "port" not in options:
            raise ChardevError("chardev: socket: no port given")
        return {"type": "inet", "data": _some_inet(options)}
    return {"type": "fd", "data": {"str": options.get("fd", "")}}


def _some_inet(options: Options) -> Members:
    return {
        "host": options["host"],
        "port": options["port"],
        **_some(options, "to", "ipv4", "ipv6"),
    }


_RECONNECT = ("reconnect", "reconnect-ms")


def _socket(options: Options) -> Members:
    server = options.get("server", False)
    members = {
        "addr": _address(options),
        "server": server,
        **_some(options, "telnet", "tn3270", "websocket", "tls-creds", "tls-authz"),
        **{key: options[key] for key in _RECONNECT if key in options},
        # delay and nodelay are opposite names of one switch; delay wins
        "nodelay": not options.get("delay", not options.get("nodelay", False)),
    }
    # QMP refuses wait for a client, so a client gets it only if it was typed
    if server or "wait" in options:
        members["wait"] = options.get("wait", True)
    return members


def _udp(options: Options) -> Members:
    if not options.get("port"):
        raise ChardevError("chardev: udp: remote port not specified")
    remote = {
        "host": options.get("host") or "localhost",
        "port": options["port"],
        **_some(options, "ipv4", "ipv6"),
    }
    members: Members = {"remote": {"type": "inet", "data": remote}}
    if options.get("localaddr") or options.get("localport"):
        local = {
            "host": options.get("localaddr", ""),
            # 0 lets the kernel choose a port
            "port": options.get("localport") or "0",
        }
        members["local"] = {"type": "inet", "data": local}
    return members


_BACKENDS: dict[str, Callable[[Options], Members]] = {
    **dict.fromkeys(
        ("null", "msmouse", "wctablet", "braille", "testdev", "console", "pty"),
        _nothing,
    ),
    "file": _file,
    "pipe": _device("pipe"),
    "serial": _device("serial/tty"),
    "parallel": _device("parallel"),
    "socket": _socket,
    "udp": _udp,
    "mux": _mux,
    "hub": _hub,
    **dict.fromkeys(("ringbuf", "memory"), _ringbuf),
    "stdio": lambda options: {"signal": options.get("signal", True)},
    "vc": lambda options: _some(options, "width", "height", "cols", "rows"),
    "spicevmc": _named("spice channel", "type"),
    "spiceport": _named("spice port", "fqdn"),
    "qemu-vdagent": lambda options: {
        "mouse": options.get("mouse", True),
        "clipboard": options.get("clipboard", False),
    },
    "dbus": _named("dbus", "name"),
}


@contextmanager
def warnings_first(warnings: list[str]) -> Generator[None]:
    """Prefix errors raised in the block with these warnings, as QEMU prints them first."""
    before = "".join(f"{line}\n" for line in warnings)
    try:
        yield
    except CommandFailedError as error:
        error.text = f"{before}{error.text}"
        raise
    except QMPError as error:
        after = _SPICE_NAMES if "unsupported type name: " in error.desc else ""
        if not before and not after:
            raise
        raise CommandFailedError(
            f"{before}Error: {error.desc}\n{after}", error.desc
        ) from error

"""Character device options, from QEMU's one-word form to QMP's ChardevBackend.

``chardev-add socket,id=c0,path=/tmp/c0,server=on,wait=off``. Every option has one
type, whatever the backend; a backend takes those that it knows and ignores the
others, as in QEMU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hmp.authoring import (
    CommandFailed,
    OptionsError,
    QMPError,
    SizeError,
    parse_options,
    read_size,
    short_forms,
)

_TEXTS = (
    *("backend", "id", "path", "input-path", "host", "port", "fd", "localaddr"),
    *("localport", "tls-creds", "tls-authz", "chardev", "name", "logfile"),
    *(f"chardevs.{index}" for index in range(4)),
)
_SWITCHES = (
    *("ipv4", "ipv6", "wait", "server", "delay", "nodelay", "telnet", "tn3270"),
    *("websocket", "mux", "signal", "append", "logappend", "mouse", "clipboard"),
    *("tight", "abstract"),
)
_NUMBERS = ("to", "reconnect", "reconnect-ms", "width", "height", "cols", "rows")
_SIZES = ("size",)

ID_HINT = "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.\n"
_SIZE_HINT = (
    "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
    "and exabytes, respectively.\n"
)

Options = dict[str, Any]


class Refused(CommandFailed):
    """Options that no backend can be made of."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Error: {reason}\n", reason)


class UnknownBackend(Refused):
    """A backend that there is not, or not in this QEMU."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is not a valid char driver name")


class Unparsable(CommandFailed):
    """Options that do not parse; QEMU prints the reason and then this."""

    def __init__(self, reason: str, hint: str = "") -> None:
        text = f"{reason}\n{hint}Error: Parsing chardev args failed\n"
        super().__init__(text, reason)


def parse_chardev(text: str) -> Options:
    """Return the options by name, converted by their types. Raises Unparsable."""
    try:
        pairs = parse_options(text, "backend")
    except OptionsError as error:
        raise Unparsable(str(error), ID_HINT) from error
    options = {key: _convert(key, value) for key, value in pairs}
    if text.partition(",")[0] == "id":
        # QEMU looks for an id before it knows what the first item is
        options.setdefault("id", "on")
    return options


def _convert(key: str, value: str) -> Any:
    if key in _TEXTS:
        return value
    if key in _SWITCHES:
        if value not in ("on", "off"):
            raise Unparsable(f"Parameter '{key}' expects 'on' or 'off'")
        return value == "on"
    if key in _NUMBERS:
        if not (value.isascii() and value.isdigit()):
            raise Unparsable(f"Parameter '{key}' expects a number")
        return int(value)
    if key in _SIZES:
        return _size(key, value)
    raise Unparsable(f"Invalid parameter '{key}'")


def _size(key: str, value: str) -> int:
    try:
        size, end = read_size(value, 0)
        if end == len(value):
            return size
    except SizeError:
        pass
    raise Unparsable(
        f"Parameter '{key}' expects a non-negative number below 2^64", _SIZE_HINT
    )


def backend_of(options: Options) -> dict[str, Any]:
    """Return QMP's ChardevBackend. Raises Refused."""
    if "backend" not in options:
        raise Refused(f'chardev: "{options.get("id", "(null)")}" missing backend')
    name: str = options["backend"]
    kind: str = _ALIASES.get(name, name)
    make = _BACKENDS.get(kind)
    if make is None:
        raise UnknownBackend(name)
    common = _some(options, "logfile", "logappend")
    return {"type": kind, "data": {**common, **make(options)}}


def _some(options: Options, *keys: str) -> Options:
    """Return the options of these keys that were given; numbers of 0 were not."""
    return {
        key: options[key]
        for key in keys
        if options.get(key) not in (None, 0) or options.get(key) is False
    }


def _nothing(options: Options) -> Options:
    return {}


def _device(label: str) -> Callable[[Options], Options]:
    def make(options: Options) -> Options:
        if "path" not in options:
            raise Refused(f"chardev: {label}: no device path given")
        return {"device": options["path"]}

    return make


def _file(options: Options) -> Options:
    if "path" not in options:
        raise Refused("chardev: file: no filename given")
    members = {"out": options["path"], "append": options.get("append", False)}
    if "input-path" in options:
        members["in"] = options["input-path"]
    return members


def _named(label: str, member: str) -> Callable[[Options], Options]:
    def make(options: Options) -> Options:
        if "name" not in options:
            raise Refused(f"chardev: {label}: no name given")
        return {member: options["name"]}

    return make


def _mux(options: Options) -> Options:
    if "chardev" not in options:
        raise Refused("chardev: mux: no chardev given")
    return {"chardev": options["chardev"]}


def _hub(options: Options) -> Options:
    names = [options.get(f"chardevs.{index}") for index in range(4)]
    present = [name for name in names if name is not None]
    if not present:
        raise Refused("hub: 'chardevs' list is not defined")
    return {"chardevs": present}


def _address(options: Options) -> Options:
    """Return the legacy SocketAddress of path, host and port, or fd."""
    if sum(key in options for key in ("path", "fd", "host")) > 1:
        raise Refused("None or one of 'path', 'fd' or 'host' option required.")
    if "path" in options:
        data = _some(options, "path", "abstract", "tight")
        return {"type": "unix", "data": data}
    if "host" in options:
        if "port" not in options:
            raise Refused("chardev: socket: no port given")
        return {"type": "inet", "data": _some_inet(options)}
    return {"type": "fd", "data": {"str": options.get("fd", "")}}


def _some_inet(options: Options) -> Options:
    return {
        "host": options["host"],
        "port": options["port"],
        **_some(options, "to", "ipv4", "ipv6"),
    }


def _socket(options: Options) -> Options:
    server = options.get("server", False)
    members = {
        "addr": _address(options),
        "server": server,
        **_some(options, "telnet", "tn3270", "websocket", "tls-creds", "tls-authz"),
        **_some(options, "reconnect", "reconnect-ms"),
        "nodelay": not options.get("delay", not options.get("nodelay", False)),
    }
    if server or "wait" in options:
        members["wait"] = options.get("wait", True)
    return members


def _udp(options: Options) -> Options:
    if not options.get("port"):
        raise Refused("chardev: udp: remote port not specified")
    remote = {
        "host": options.get("host") or "localhost",
        "port": options["port"],
        **_some(options, "ipv4", "ipv6"),
    }
    members: Options = {"remote": {"type": "inet", "data": remote}}
    if options.get("localaddr") or options.get("localport"):
        local = {
            "host": options.get("localaddr", ""),
            "port": options.get("localport") or "0",
        }
        members["local"] = {"type": "inet", "data": local}
    return members


_ALIASES = {"tty": "serial", "parport": "parallel"}

_BACKENDS: dict[str, Callable[[Options], Options]] = {
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
    "ringbuf": lambda options: _some(options, "size"),
    "memory": lambda options: _some(options, "size"),
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


def short_form_warnings(text: str) -> str:
    """Return what QEMU's monitor says about switches without ``=on``."""
    return "".join(f"{line}\n" for line in short_forms(text, implied=True))


@contextmanager
def warnings_first(text: str) -> Iterator[None]:
    """Put what there is to say about switches before errors of what is within."""
    warnings = short_form_warnings(text)
    try:
        yield
    except CommandFailed as error:
        error.text = f"{warnings}{error.text}"
        raise
    except QMPError as error:
        if not warnings:
            raise
        raise CommandFailed(f"{warnings}Error: {error.desc}\n", error.desc) from error

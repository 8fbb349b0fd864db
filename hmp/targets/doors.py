"""The doors of a QEMU: where its monitors, gdb server and guest agent listen."""

from __future__ import annotations

import os

from hmp.targets.qemu_options import is_on, read_device
from hmp.targets.target import host_and_port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hmp.targets.qemu_options import Setting

QMP = "QMP"
HUMAN = "human monitor"
GDB = "gdb server"
AGENT = "guest agent"
SERIAL = "serial port"

ON_PTY = "on a pseudo-terminal"
_AGENT_PORT = "org.qemu.guest_agent.0"
_DEVICES = {"qmp": QMP, "qmp-pretty": QMP, "monitor": HUMAN, "gdb": GDB, "serial": SERIAL}
"""Options that take a character device in the older form, and the door that they open."""
_GDB_PORT = "1234"


class Door:
    """A way into a machine.

    kind: what answers there. target: what to type; empty if it cannot be reached like that.
    note: why not, or what else matters. path: the socket's, as the process knows it.
    askable: whether a connection changes nothing: QEMU neither starts the machine with its
    first client there, nor gives up the monitor with its last.
    """

    __slots__ = ("askable", "kind", "note", "path", "target")

    def __init__(self, kind: str, target: str, note: str = "", path: str = "") -> None:
        self.kind = kind
        self.target = target
        self.note = note
        self.path = path
        self.askable = False


def doors(settings: Sequence[Setting], folder: str) -> Iterator[Door]:
    """Yield the doors that a command line opens. folder: the process's current one."""
    backends = {
        values["id"]: values
        for group, values in settings
        if group == "chardev" and "id" in values
    }
    for kind, values in _uses(settings):
        name = values.get("chardev")
        if name is None or name in backends:
            device = values if name is None else backends[name]
            door = _door(kind, device, folder)
            kept = values.get("close-action") != "delete" and not is_on(device.get("mux"))
            # with wait=on, QEMU starts the machine when the first client comes
            door.askable = kept and not is_on(device.get("wait", "on"))
            yield door


def _uses(settings: Sequence[Setting]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield what each option attaches to which character device."""
    for group, values in settings:
        if group in _DEVICES:
            device = values.get("", "")
            kind = _DEVICES[group]
            if device.startswith("mon:"):  # the monitor shares it
                kind, device = HUMAN, device[4:]
            options = read_device(device)
            if kind is GDB and options.get("backend") == "socket":
                # -gdb tcp::1234 listens without saying so
                options.setdefault("server", "on")
            yield kind, options
        elif group == "s":
            yield GDB, {"backend": "socket", "port": _GDB_PORT, "server": "on"}
        elif group == "mon":
            yield QMP if values.get("mode") == "control" else HUMAN, values
        elif group == "object" and values.get("qom-type") == "monitor-qmp":
            yield QMP, values
        elif group == "object" and values.get("qom-type") == "monitor-hmp":
            yield HUMAN, values
        elif group == "agent":
            yield AGENT, _agent_device(values)
        elif group == "device" and "chardev" in values:
            yield AGENT if values.get("name") == _AGENT_PORT else SERIAL, values


def _agent_device(options: Mapping[str, str]) -> Mapping[str, str]:
    """Return the character device of the agent itself, by the options of qemu-ga."""
    if options.get("method") == "unix-listen" and "path" in options:
        return {"backend": "socket", "server": "on", "path": options["path"]}
    return {"backend": options.get("method", "virtio-serial")}


def _door(kind: str, values: Mapping[str, str], folder: str) -> Door:
    backend = values.get("backend")
    if backend != "socket":
        note = {"pty": ON_PTY, "stdio": "on its standard streams"}
        return Door(kind, "", note.get(backend or "", f"on a {backend} device"))
    if "fd" in values:
        return Door(kind, "", f"on descriptor {values['fd']}, which has no path")
    if "path" in values:
        return _unix_door(kind, values, folder)
    port = values.get("port", "")
    # six digits are too many already, and int() of thousands takes long
    if not port.isdecimal() or not 0 < int(port[:6]) < 65536:
        return Door(kind, "", "on a port that it chose itself")
    host = values.get("host", "").strip("[]")
    if host in ("", "0", "0.0.0.0", "::", "*"):
        # it listens on all addresses, or on those of IPv6, and this one is always ours
        four, six = values.get("ipv4"), values.get("ipv6")
        host = "::1" if four == "off" or (is_on(six) and not is_on(four)) else "localhost"
    address = host_and_port(host, port)
    if not is_on(values.get("server")):
        return Door(kind, "", f"it connects to {address} itself")
    if is_on(values.get("websocket")) or "tls-creds" in values:
        what = "TLS" if "tls-creds" in values else "WebSocket"
        return Door(kind, "", f"on {address} with {what}")
    return Door(kind, _prefix(kind, telnet=is_on(values.get("telnet"))) + address)


def _unix_door(kind: str, values: Mapping[str, str], folder: str) -> Door:
    path = values["path"]
    if is_on(values.get("abstract")):
        # then NULs fill the name up to the size of sun_path, which no TARGET can say
        if not is_on(values.get("tight", "on")):
            return Door(kind, "", f"on the abstract socket {path}, padded")
        address, path = f"unix:@{path}", ""
    else:
        address = path = os.path.normpath(os.path.join(folder, path))
    if not is_on(values.get("server")):
        return Door(kind, "", f"it connects to {address} itself")
    return Door(kind, _prefix(kind) + address, path=path)


def _prefix(kind: str, telnet: bool = False) -> str:
    if kind == GDB:
        return "gdb:"
    if kind == AGENT:
        return "qga:"
    return "telnet:" if telnet else ""

"""Reads a TARGET of the command line.

The text before the first colon selects the kind of target, and with it the module that
reads the rest; only that module is imported.
"""

from __future__ import annotations

import os

from hmp import imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hmp.targets.target import Target

_URI = ("hmp.targets.libvirt_target", "parse_uri")
SCHEMES: dict[str, tuple[str, str]] = {
    "exec": ("hmp.targets.exec_target", "parse_exec"),
    "libvirt": ("hmp.targets.libvirt_target", "parse_libvirt"),
    "qemu": _URI,
    "qga": ("hmp.targets.agent_target", "parse_agent"),
    "qemu+ext": _URI,
    "qemu+libssh": _URI,
    "qemu+libssh2": _URI,
    "qemu+ssh": _URI,
    "qemu+tcp": _URI,
    "qemu+tls": _URI,
    "qemu+unix": _URI,
    "gdb": ("hmp.targets.gdb_target", "parse_gdb"),
    "monitor": ("hmp.targets.monitor_target", "parse_monitor"),
    "ssh": ("hmp.targets.ssh_target", "parse_url"),
}
"""The module and the function that read the targets of a scheme.

The function takes the whole text and returns a Target, or raises ValueError. A scheme
that is not listed is the host of ``HOST:PORT``, or part of a path.
"""


def host_and_port(host: str, port: int | str) -> str:
    """Return a TCP address as it is typed, with an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_target(text: str) -> Target:
    """Read a TARGET of the command line. Raises ValueError, which says what is wrong.

    If a file has that very name, the file is meant.
    """
    scheme = text.partition(":")[0] if ":" in text and not os.path.lexists(text) else ""
    module, function = SCHEMES.get(scheme, ("hmp.targets.socket_target", "parse_socket"))
    parse: Callable[[str], Target] = getattr(imported(module), function)
    try:
        return parse(text)
    except ValueError as error:
        from hmp.qmp.secrets import mask_address  # late: nearly all are right

        raise ValueError(mask_address(str(error))) from error

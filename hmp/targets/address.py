"""Reads a TARGET of the command line.

The text before the first colon selects the kind of target, and with it the module that
reads the rest; only that module is imported.
"""

from __future__ import annotations

import os
import stat

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


def parse_target(text: str) -> Target:
    """Read a TARGET of the command line. Raises ValueError, which says what is wrong.

    If a file has that very name, the file is meant.
    """
    scheme = text.partition(":")[0] if ":" in text and not os.path.lexists(text) else ""
    try:
        if scheme not in SCHEMES:
            return _parse_socket(text)
        module, function = SCHEMES[scheme]
        parse: Callable[[str], Target] = getattr(imported(module), function)
        return parse(text)
    except ValueError as error:
        from hmp.qmp.secret_addresses import mask_address  # late: nearly all are right

        raise ValueError(mask_address(str(error))) from error


def _parse_socket(text: str) -> Target:
    """Read ``[unix:]PATH``, ``[tcp:]HOST:PORT``, or a target of another host.

    Raises ValueError.
    """
    from hmp.targets.socket_target import parse_local

    target = parse_local(text)
    if target.path is None:
        return target
    if _is_terminal(target.path):
        from hmp.targets.terminal_target import TerminalTarget

        return TerminalTarget(target.path)
    if ":" in text and not text.startswith("unix:"):
        from hmp.targets.ssh_target import parse_remote

        return parse_remote(text) or target
    return target


def _is_terminal(path: str) -> bool:
    """Whether a path is that of a terminal device, such as ``-monitor pty`` opens."""
    try:
        return stat.S_ISCHR(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False

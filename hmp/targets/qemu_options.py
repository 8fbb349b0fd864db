"""What a QEMU was started with: its command line, read as QEMU reads it.

`read_options` is for the system emulators, `read_daemon_options` for the storage daemon,
`read_agent_options` for the guest agent. A command line that its program would refuse
loses the options from the bad one, or the bad one itself; it never raises.
"""

from __future__ import annotations

import re

from hmp.language.qemu_opts import OptionsError, parse_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    ReadFile = Callable[[str], str | None]
    """Returns the text of the file that -readconfig names; None if it cannot be read."""
    Setting = tuple[str, dict[str, str]]
    """One option, and its values by key; plain text has an empty key."""

_FLAGS = """
S async-teardown audio-help daemonize enable-kvm enable-sync-profile full-screen h help
jitdump mem-prealloc no-acpi no-fd-bootchk no-hpet no-reboot no-shutdown no-user-config
nodefaults nographic only-migratable perfmap portrait preconfig s singlestep snapshot usb
version win2k-hack xen-attach xen-domid-restrict
"""
_OLD_FLAGS = """
alt-grab ctrl-grab curses enable-hax localtime no-frame no-kvm no-kvm-irqchip no-kvm-pit
no-kvm-pit-reinjection no-quit nodefconfig old-param rtc-td-hack sdl semihosting std-vga tdf
"""
"""Those of releases before 7.2."""
FLAGS = frozenset((_FLAGS + _OLD_FLAGS).split())
"""The options of a system emulator that take no argument."""
_IMPLIED = {
    "chardev": "backend",
    "device": "driver",
    "mon": "chardev",
    "name": "guest",
    "object": "qom-type",
}
"""Options that are lists, with the key of a first item that has none."""
_DAEMON = "blockdev= chardev= daemonize export= help monitor= nbd-server= object= pidfile="
_AGENT = (
    "allow-rpcs= block-rpcs= blacklist= blockedrpcs= allowedrpcs= config= daemonize"
    " dump-conf help logfile= method= path= pidfile= retry-path service= statedir= verbose"
    " version"
)
_AGENT_SHORT = {"-c": "config", "-m": "method", "-p": "path"}
_ON = ("on", "yes", "true", "y")
# a file of -readconfig: `id = "d0"` below `[drive "d0"]`
_ENTRY = r'\s*([^\s="]+)\s*=\s*"([^"]*)"\s*'
# [drive "d0"], or a group without an id: [machine]
_SECTION = r'\s*\[\s*([^\s"\]]+)(?:\s+"([^"]*)")?\s*\]\s*'


def is_on(value: str | None) -> bool:
    """Return whether QEMU takes a value of a switch as on."""
    return value in _ON


def read_options(arguments: Sequence[str], read_file: ReadFile) -> list[Setting]:
    """Read the arguments of a system emulator."""
    found: list[Setting] = []
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("-"):
            continue  # a disk image
        name = argument[2:] if argument.startswith("--") else argument[1:]
        if name in FLAGS:
            found.append((name, {}))
            continue
        value = next(rest, None)
        if value is None:
            break
        if name == "readconfig":
            found.append((name, {"": value}))
            found += read_config(read_file(value) or "")
        else:
            found.append(_setting(name, value))
    return found


def read_daemon_options(arguments: Sequence[str]) -> list[Setting]:
    """Read the arguments of qemu-storage-daemon."""
    found: list[tuple[str, dict[str, str]]] = []
    for name, value in _long_options(arguments, "hT:V", f"{_DAEMON} trace= version"):
        if name == "monitor":  # QMP unless it says otherwise
            found.append(("mon", {"mode": "control", **_values("mon", value)}))
        else:
            found.append(_setting(name, value))
    return found


def read_agent_options(arguments: Sequence[str]) -> dict[str, str]:
    """Return the options of qemu-ga by their long names."""
    # its value is optional, which getopt does not know
    kept = [a for a in arguments if not re.match("-F|--fsfreeze-hook", a)]
    found = _long_options(kept, "hVvdm:p:l:f:b:a:s:t:Dc:r", _AGENT)
    return {_AGENT_SHORT.get(name, name): value for name, value in found}


def _long_options(
    arguments: Sequence[str], short: str, names: str
) -> Iterator[tuple[str, str]]:
    from getopt import GetoptError, gnu_getopt

    try:
        found, _ = gnu_getopt(list(arguments), short, names.split())
    except GetoptError:
        # an option newer than our list, after which the rest cannot be read
        return
    for name, value in found:
        yield name.removeprefix("--"), value


def read_config(text: str) -> list[Setting]:
    """Read a file for -readconfig: sections of options."""
    found: list[Setting] = []
    values: dict[str, str] = {}
    for line in text.splitlines():
        if section := re.fullmatch(_SECTION, line):
            values = {} if section[2] is None else {"id": section[2]}
            found.append((section[1], values))
        elif entry := re.fullmatch(_ENTRY, line):
            values[entry[1]] = entry[2]
    return found


def _setting(group: str, text: str) -> Setting:
    return (group, _values(group, text) if group in _IMPLIED else {"": text})


def _values(group: str, text: str) -> dict[str, str]:
    """Return the values of an option that is a list, or JSON."""
    if text.startswith("{"):
        return _json(text)
    try:
        return parse_options(text, _IMPLIED[group]).last()
    except OptionsError:
        # QEMU refuses it as well
        return {}


def _json(text: str) -> dict[str, str]:
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        from hmp.qmp.qjson.reader import read_text

        value = read_text(text)
    return dict(_leaves("", value)) if isinstance(value, dict) else {}


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the members of an object, nested ones by their own names.

    A backend of a character device may be nested, as it is in QMP.
    """
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "type":
                key = name if name in ("backend", "addr") else "backend"
            # in QMP a descriptor is {"type": "fd", "data": {"str": NAME}}
            yield from _leaves("fd" if key == "str" else key, member)
    elif isinstance(value, bool):
        yield name, "on" if value else "off"
    elif isinstance(value, str | int | float):
        yield name, str(value)


def read_device(text: str) -> dict[str, str]:
    """Return the options of a character device in the older form, ``unix:PATH,server=on``.

    ``chardev`` is the id of one that another option defines.
    """
    kind, colon, rest = text.partition(":")
    if not colon:
        return {"backend": text.partition(",")[0]}
    if kind == "chardev":
        return {"chardev": rest}
    if kind == "unix":
        return {"backend": "socket", **_options(rest, "path")}
    if kind in ("tcp", "telnet", "tn3270", "websocket"):
        # a host has no colons, and an IPv6 address has brackets
        match = re.fullmatch(r"(\[[^\]]*\]|[^:]*):([^,]*)(?:,(.*))?", rest, re.DOTALL)
        if match is None:
            return {"backend": "socket"}
        options = _options(match[3] or "", None)
        if kind != "tcp":
            options[kind] = "on"
        return {"backend": "socket", "host": match[1], "port": match[2], **options}
    return {"backend": kind}


def _options(text: str, implied: str | None) -> dict[str, str]:
    try:
        return parse_options(text, implied).last()
    except OptionsError:
        return {}

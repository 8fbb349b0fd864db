"""Socket addresses, from QEMU's one-word form to QMP's SocketAddressLegacy.

``HOST:PORT`` and options, ``unix:PATH``, ``fd:NAME`` and ``vsock:CID:PORT``. From
QEMU 10.1 on, the options are an ordinary option list; earlier releases ignore options
that they do not know.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from commands._errors import ID_HINT
from hmp.authoring import CommandFailedError, OptionsError, parse_options, releases

if TYPE_CHECKING:
    Address = dict[str, object]
    Members = dict[str, str | int | bool]

_SWITCHES = ("ipv4", "ipv6", "keep-alive", "mptcp")
_NEW_SWITCHES = (*_SWITCHES, "numeric")
_NUMBERS = ("to", "keep-alive-count", "keep-alive-idle", "keep-alive-interval")
_INET = (
    (r":()", r":", "error parsing port in address"),
    (r"\[([^]]+)\]:", r"\[", "error parsing IPv6 address"),
    (r"([^:]+):", r"", "error parsing address"),
)
"""The pattern before a port, the pattern that selects it, and the error if it fails."""
# the buffer of QEMU's parser before 10.1
_HOST_LIMIT = 64


class AddressError(CommandFailedError):
    """A malformed socket address."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"Error: {reason}\n{hint}", reason)


def parse_address(text: str, version: tuple[int, int, int]) -> Address:
    """Return the SocketAddressLegacy, read as QEMU of this version reads it.

    Raises AddressError.
    """
    kind, _, rest = text.partition(":")
    if kind == "unix":
        if not rest:
            raise AddressError("invalid Unix socket address")
        return {"type": kind, "data": {"path": rest}}
    if kind == "fd":
        if not rest:
            raise AddressError("invalid file descriptor address")
        return {"type": kind, "data": {"str": rest}}
    if kind == "vsock":
        return {"type": kind, "data": _vsock(rest)}
    # QEMU takes whatever has no other scheme for a TCP address
    text = text.removeprefix("tcp:")
    inet = _inet(text) if version >= releases.ADDRESS_OPTIONS else _old_inet(text)
    return {"type": "inet", "data": inet}


def _vsock(text: str) -> Members:
    # the limits are those of QEMU's buffers, which it fills by sscanf
    match = re.match(r"([^:]{1,32}):([^,]{1,32})", text)
    if match is None:
        raise AddressError(f"error parsing address '{text}'")
    if match.end() < len(text):
        raise AddressError(f"trailing characters in address '{text}'")
    return {"cid": match[1], "port": match[2]}


def _host_and_port(text: str, new: bool) -> tuple[Members, int]:
    """Return host and port, and the offset of the options."""
    host, _, complaint = next(form for form in _INET if re.match(form[1], text))
    port = r"(.{1,32})" if new else r"([^,]{1,32})"
    match = re.match(host + port, text)
    # only the older parser limits the length of the host
    if match is None or (not new and len(match[1]) > _HOST_LIMIT):
        raise AddressError(f"{complaint} '{text}'")
    return {"host": match[1], "port": match[2]}, match.end()


def _inet(text: str) -> Members:
    """Read an address as QEMU 10.1 and later do: ``,ipv4=on,to=5910``."""
    try:
        options = parse_options(text, "")
    except OptionsError as error:
        raise AddressError(str(error), ID_HINT) from error
    items = options.items
    implied = bool(items) and items[0].key == "" and not items[0].is_switch
    members = {
        item.key: _value(item.key, item.value)
        for item in items[1 if implied else 0 :]
        if item.key != "id"
    }
    first = items[0].value if implied else ""
    try:
        address, _ = _host_and_port(first, True)
    except AddressError as error:
        # the newer parser does not name the port in this complaint
        raise AddressError(error.desc.replace("port in address", "address")) from None
    return {**address, **members}


def _value(key: str, value: str) -> int | bool:
    if key in _NEW_SWITCHES:
        if value not in ("on", "off"):
            raise AddressError(f"Parameter '{key}' expects 'on' or 'off'")
        return value == "on"
    if key in _NUMBERS:
        # QEMU keeps all of these in 16 bits, and drops what is above
        return _number(value, f"Parameter '{key}' expects a number") & 0xFFFF
    raise AddressError(f"Invalid parameter '{key}'")


def _number(text: str, complaint: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise AddressError(complaint) from None


def _old_inet(text: str) -> Members:
    """Read an address as QEMU before 10.1 did: search the text for known options."""
    members, end = _host_and_port(text, False)
    options = text[end:]
    match = re.search(r",to=([^,]*)", options)
    if match is not None:
        complaint = "error parsing to= argument"
        if not re.fullmatch(r"[+-]?[0-9]+", match[1]):
            raise AddressError(complaint)
        # as above
        members["to"] = int(match[1]) & 0xFFFF
    for switch in _SWITCHES:
        # QEMU before 10.1 looks for the name anywhere, whatever comes before it
        match = re.search(rf",{switch}([^,]*(,,.*)?)", options)
        if match is not None:
            if match[1] not in ("", "=on", "=off"):
                raise AddressError(f"error parsing '{switch}' flag '{match[1]}'")
            members[switch] = match[1] != "=off"
    return members

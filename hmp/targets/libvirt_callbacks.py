"""What libvirt calls: functions for C, and the listeners that they find by a number."""

from __future__ import annotations

import ctypes
import json
from ctypes import c_char_p, c_int, c_longlong, c_uint, c_void_p
from itertools import count

_STOPPED = 5
"""The lifecycle event of a domain that has ended."""
_STOPS = ("shut down", "destroyed", "crashed", "migrated", "saved", "failed")
"""Why a domain has stopped, by libvirt's number."""

ErrorFunction = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
Lifecycle = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int, c_void_p)
Closed = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_void_p)
QemuEvent = ctypes.CFUNCTYPE(
    None, c_void_p, c_void_p, c_char_p, c_longlong, c_uint, c_char_p, c_void_p
)


class DomainListener:
    """What a domain reports, from libvirt's thread; the base class ignores it."""

    def on_event(self, event: bytes) -> None:
        """Called with each of QEMU's events, as a QMP message."""

    def on_stop(self, reason: str) -> None:
        """Called when the domain, or the connection to it, has ended."""


# A callback gets a number and not an object, since C would keep no reference to that: one
# that is called late just finds no listener.
_LISTENERS: dict[int, DomainListener] = {}
"""The listeners by the number that libvirt passes to the callbacks."""
_NUMBERS = count(1)


def add_listener(listener: DomainListener) -> int:
    """Return the number by which the callbacks find a listener from now on."""
    number = next(_NUMBERS)
    _LISTENERS[number] = listener
    return number


def remove_listener(number: int) -> None:
    """Forget the listener of a number: the callbacks do not find it any more."""
    _LISTENERS.pop(number, None)


def _print_nothing(data: object, error: object) -> None:
    """Drop an error, which libvirt would print otherwise."""


def _on_lifecycle(
    connection: object, domain: object, event: int, detail: int, number: int
) -> int:
    listener = _LISTENERS.get(number)
    if listener is not None and event == _STOPPED:
        known = 0 <= detail < len(_STOPS)
        listener.on_stop(f"has stopped{f': {_STOPS[detail]}' if known else ''}")
    return 0


def _on_closed(connection: object, reason: int, number: int) -> None:
    listener = _LISTENERS.get(number)
    if listener is not None:
        listener.on_stop("cannot be reached: libvirt has closed the connection")


def _on_event(
    connection: object,
    domain: object,
    name: bytes,
    seconds: int,
    micros: int,
    details: bytes | None,
    number: int,
) -> None:
    listener = _LISTENERS.get(number)
    if listener is not None:
        data = b', "data": ' + details if details else b""
        stamp = json.dumps({"seconds": seconds, "microseconds": micros}).encode()
        quoted = json.dumps(name.decode(errors="replace")).encode()
        listener.on_event(b'{"timestamp": %b, "event": %b%b}' % (stamp, quoted, data))


SILENT = ErrorFunction(_print_nothing)
ON_LIFECYCLE = Lifecycle(_on_lifecycle)
ON_CLOSED = Closed(_on_closed)
ON_EVENT = QemuEvent(_on_event)
"""The callbacks for C; never freed, as libvirt may call one while it is deregistered."""

"""libvirt's own C library, called without its Python package.

`load` finds it; `Domain` is one domain of one connection, whose calls block. Errors are
`LibvirtError` with libvirt's text; the library itself prints nothing.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_int, c_uint, c_void_p, string_at
from functools import cache
from threading import Thread

from hmp.qmp.errors import ConnectError
from hmp.targets.libvirt_callbacks import (
    ON_CLOSED,
    ON_EVENT,
    ON_LIFECYCLE,
    SILENT,
    Closed,
    ErrorFunction,
    Lifecycle,
    QemuEvent,
    add_listener,
    remove_listener,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from hmp.targets.libvirt_callbacks import DomainListener

# names with a version, since those without are only installed for developers
_LIBRARY, _QEMU_LIBRARY = "libvirt.so.0", "libvirt-qemu.so.0"
NO_DOMAIN, NOT_RUNNING = 42, 55
"""libvirt's error codes."""
_LIFECYCLE = 0
"""The kind of event that reports the beginnings and ends of domains."""
_ACTIVE = 1
"""The flag for listing domains that run."""
# the text of a UUID, with C's NUL at its end
_UUID_SIZE = 37
_NO_LIMIT = -2
"""The time limit of an agent's command that may take as long as it wants."""
_KEEP_ALIVE_SECONDS, _KEEP_ALIVE_COUNT = 5, 4
"""Seconds between two checks of the far side, and how many of them may go unanswered."""
_STATES = (
    "",
    "running",
    "running",
    "paused",
    "shutdown",
    "shutdown",
    "crashed",
    "suspended",
)
"""What a domain does, by libvirt's number; the second "running" may also be blocked."""

_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "virConnectClose": (c_int, c_void_p),
    "virConnectDomainEventDeregisterAny": (c_int, c_void_p, c_int),
    "virConnectDomainEventRegisterAny": (
        c_int,
        c_void_p,
        c_void_p,
        c_int,
        Lifecycle,
        c_void_p,
        c_void_p,
    ),
    "virConnectIsAlive": (c_int, c_void_p),
    "virConnectListAllDomains": (c_int, c_void_p, c_void_p, c_uint),
    "virConnectOpen": (c_void_p, c_char_p),
    "virConnectRegisterCloseCallback": (c_int, c_void_p, Closed, c_void_p, c_void_p),
    "virConnectSetKeepAlive": (c_int, c_void_p, c_int, c_uint),
    "virConnectUnregisterCloseCallback": (c_int, c_void_p, Closed),
    "virDomainFree": (c_int, c_void_p),
    "virDomainGetName": (c_char_p, c_void_p),
    "virDomainGetState": (c_int, c_void_p, c_void_p, c_void_p, c_uint),
    "virDomainIsActive": (c_int, c_void_p),
    "virDomainLookupByID": (c_void_p, c_void_p, c_int),
    "virDomainLookupByName": (c_void_p, c_void_p, c_char_p),
    "virDomainLookupByUUIDString": (c_void_p, c_void_p, c_char_p),
    "virEventRegisterDefaultImpl": (c_int,),
    "virEventRunDefaultImpl": (c_int,),
    "virGetLastErrorCode": (c_int,),
    "virGetLastErrorMessage": (c_char_p,),
    "virSetErrorFunc": (None, c_void_p, ErrorFunction),
}
_WITH_FILES = "virDomainQemuMonitorCommandWithFiles"
"""The one function that libvirt before 8.2 lacks."""
_QEMU_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "virConnectDomainQemuMonitorEventDeregister": (c_int, c_void_p, c_int),
    "virConnectDomainQemuMonitorEventRegister": (
        c_int,
        c_void_p,
        c_void_p,
        c_char_p,
        QemuEvent,
        c_void_p,
        c_void_p,
        c_uint,
    ),
    "virDomainQemuAgentCommand": (c_void_p, c_void_p, c_char_p, c_int, c_uint),
    "virDomainQemuMonitorCommand": (c_int, c_void_p, c_char_p, c_void_p, c_uint),
    _WITH_FILES: (
        c_int,
        c_void_p,
        c_char_p,
        c_uint,
        c_void_p,
        c_void_p,
        c_void_p,
        c_void_p,
        c_uint,
    ),
}
"""The functions that are used: the type of the value, and those of the arguments."""


class LibvirtError(Exception):
    """A call of libvirt failed; the text is libvirt's. code: its error code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


class Library:
    """The functions of libvirt, with their types.

    passes_files: whether it can pass file descriptors to QEMU.
    """

    def __init__(self) -> None:
        self._functions: dict[str, Any] = {}
        for name, signatures in (
            (_LIBRARY, _SIGNATURES),
            (_QEMU_LIBRARY, _QEMU_SIGNATURES),
        ):
            library = ctypes.CDLL(name)
            for function, (result, *arguments) in signatures.items():
                if function == _WITH_FILES and not hasattr(library, function):
                    continue
                found = getattr(library, function)
                found.restype, found.argtypes = result, arguments
                self._functions[function] = found
        self.passes_files = _WITH_FILES in self._functions
        # libvirt allocates with malloc; None means this process with its C library
        self.free = ctypes.CDLL(None).free
        self.free.argtypes = (c_void_p,)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = self._functions[name]
        return function

    def check(self, value: Any) -> Any:
        """Return a call's result unchanged. Raises LibvirtError if it means a failure."""
        if value is None or (isinstance(value, int) and value < 0):
            # the error is kept by thread, so it has to be read in the thread of the call
            text = (self.virGetLastErrorMessage() or b"").decode(errors="replace")
            raise LibvirtError(text, self.virGetLastErrorCode())
        return value

    def take(self, text: int) -> bytes:
        """Return a text that the library has allocated, and free it."""
        try:
            # a copy, as far as the first NUL
            return string_at(text)
        finally:
            self.free(text)


@cache
def load() -> Library:
    """Load libvirt and start the thread that receives its events.

    Raises ConnectError, which names the package, if it is not installed.
    """
    try:
        library = Library()
    except (OSError, AttributeError) as error:
        raise ConnectError(
            "libvirt's library is needed here: install libvirt0 (Debian, Ubuntu),"
            f" libvirt-libs (Fedora) or libvirt-client (openSUSE); {error}"
        ) from error
    # by default libvirt prints every error on stderr
    library.virSetErrorFunc(None, SILENT)
    # must precede the first connection, which would otherwise have no events
    library.check(library.virEventRegisterDefaultImpl())
    Thread(target=_receive, args=(library,), name="libvirt events", daemon=True).start()
    return library


def _receive(library: Library) -> None:
    # ctypes lets other threads run during the call
    while library.virEventRunDefaultImpl() >= 0:
        pass


def _open(library: Library, uri: str) -> int:
    """Return a connection to the libvirt of a URI. Raises LibvirtError, ConnectError."""

    def connect(uri: str) -> int:
        connection: int = library.check(library.virConnectOpen(uri.encode()))
        return connection

    if "+ssh://" not in uri:
        return connect(uri)
    from hmp.targets.libvirt_ssh import our_ssh  # late: most are of this host

    with our_ssh(uri) as ours:
        return connect(ours)


class Domain:
    """A domain of libvirt; every call blocks, and raises LibvirtError."""

    def __init__(self, library: Library, uri: str, name: str) -> None:
        """Connect to the libvirt of a URI, and look the domain up."""
        self.library = library
        self._domain: int | None = None
        self._number = 0
        self._registered: list[tuple[str, int]] = []
        self._connection = _open(library, uri)
        try:
            self._domain = self._look_up(name)
        except LibvirtError:
            self.close()
            raise

    def _look_up(self, name: str) -> int:
        """Return the domain of a name, or else of that number or UUID."""
        library, connection = self.library, self._connection
        found = library.virDomainLookupByName(connection, name.encode())
        # a number could also be a name, so names are looked up first
        if found is None and name.isascii() and name.isdigit() and len(name) < 10:
            found = library.virDomainLookupByID(connection, int(name))
        if found is None and len(name) == _UUID_SIZE - 1:
            found = library.virDomainLookupByUUIDString(connection, name.encode())
        if found is None:  # for the error of the name
            found = library.virDomainLookupByName(connection, name.encode())
        domain: int = library.check(found)
        return domain

    def listen(
        self, listener: DomainListener, *, events: bool = True, keep_alive: bool = True
    ) -> None:
        """Report the domain's end to the listener, and its QMP events if asked to.

        keep_alive: also report a libvirt that stops answering. A libvirt of this host
        does without: the kernel reports its end, and two timers would cost each call time.
        """
        library, connection = self.library, self._connection
        self._number = add_listener(listener)
        # not every way of connecting can do both
        if keep_alive:
            library.virConnectSetKeepAlive(
                connection, _KEEP_ALIVE_SECONDS, _KEEP_ALIVE_COUNT
            )
        library.virConnectRegisterCloseCallback(connection, ON_CLOSED, self._number, None)
        known = library.virConnectDomainEventRegisterAny(
            connection, self._domain, _LIFECYCLE, ON_LIFECYCLE, self._number, None
        )
        self._registered = [("virConnectDomainEventDeregisterAny", library.check(known))]
        if events:
            known = library.virConnectDomainQemuMonitorEventRegister(
                connection, self._domain, None, ON_EVENT, self._number, None, 0
            )
            deregister = "virConnectDomainQemuMonitorEventDeregister"
            self._registered.append((deregister, library.check(known)))

    def command(self, request: bytes, descriptors: Sequence[int] = ()) -> bytes:
        """Return QEMU's reply to a QMP request, errors included.

        descriptors: those that QEMU gets with the request.
        """
        reply = c_void_p()
        if descriptors:
            files = (c_int * len(descriptors))(*descriptors)
            self.library.check(
                self.library.virDomainQemuMonitorCommandWithFiles(
                    self._domain,
                    request,
                    len(descriptors),
                    files,
                    None,
                    None,
                    byref(reply),
                    0,
                )
            )
            return self.library.take(reply.value or 0)
        self.library.check(
            self.library.virDomainQemuMonitorCommand(self._domain, request, byref(reply), 0)
        )
        return self.library.take(reply.value or 0)

    def agent_command(self, request: bytes, limit: int | None = None) -> bytes:
        """Return the guest agent's reply; limit: in seconds; None: no limit."""
        seconds = _NO_LIMIT if limit is None else limit
        reply = self.library.virDomainQemuAgentCommand(self._domain, request, seconds, 0)
        return self.library.take(self.library.check(reply))

    @property
    def active(self) -> bool:
        """Whether the domain runs, as far as libvirt can be asked."""
        return bool(self.library.virDomainIsActive(self._domain) == 1)

    @property
    def reachable(self) -> bool:
        """Whether the connection to libvirt still works."""
        return bool(self.library.virConnectIsAlive(self._connection) == 1)

    def close(self) -> None:
        """Stop listening, and close the connection."""
        library = self.library
        for function, number in self._registered:
            getattr(library, function)(self._connection, number)
        if self._number:
            library.virConnectUnregisterCloseCallback(self._connection, ON_CLOSED)
            remove_listener(self._number)
        if self._domain is not None:
            library.virDomainFree(self._domain)
        library.virConnectClose(self._connection)


def running_domains(library: Library, uri: str) -> dict[str, str]:
    """Return the states of the domains that run at a URI, by name. Raises LibvirtError."""
    connection = _open(library, uri)
    try:
        listed = ctypes.POINTER(c_void_p)()
        count = library.check(
            library.virConnectListAllDomains(connection, byref(listed), _ACTIVE)
        )
        states: dict[str, str] = {}
        # the array has a pointer per domain, and each has to be freed, as has the array
        for domain in listed[:count]:
            name: bytes = library.virDomainGetName(domain)
            states[name.decode(errors="surrogateescape")] = _state(library, domain)
            library.virDomainFree(domain)
        library.free(listed)
        return dict(sorted(states.items()))
    finally:
        library.virConnectClose(connection)


def _state(library: Library, domain: int) -> str:
    """Return the state of a domain; empty if libvirt does not know it."""
    number = c_int()
    if library.virDomainGetState(domain, byref(number), None, 0) < 0:
        return ""
    return _STATES[number.value] if 0 <= number.value < len(_STATES) else ""


def open_domain(library: Library, uris: Sequence[str], name: str) -> Domain:
    """Return the domain of the first URI that has one of that name. Raises LibvirtError.

    A libvirt that cannot be asked is only an error if no other has the domain.
    """
    problem: LibvirtError | None = None
    for uri in uris:
        try:
            return Domain(library, uri, name)
        except LibvirtError as error:
            # that a libvirt lacks the domain says less than any other error
            if problem is None or problem.code == NO_DOMAIN:
                problem = error
    assert problem is not None
    raise problem

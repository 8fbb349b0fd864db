"""Domains of libvirt: ``libvirt:NAME`` and ``qemu[+TRANSPORT]://HOST/system/NAME``.

Only reading the text is done here; libvirt itself is loaded when one is opened.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress

from hmp.qmp.blocking import CONNECT_LIMIT
from hmp.qmp.errors import ConnectError, NoReplyError
from hmp.qmp.secret_addresses import mask_address
from hmp.targets.target import Target, retry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace

_SYSTEM, _SESSION = "qemu:///system", "qemu:///session"
# sockets of libvirtd, and of the daemon for QEMU alone that newer systems have
_DAEMONS = ("libvirt-sock", "virtqemud-sock")
_URI = re.compile(
    r"(qemu(?:\+\w+)?://[^/?]*/(?:system|session))/([^/?]+)(\?.*)?", re.DOTALL
)
_STATES_LIMIT = 1.0
_REMOTE_LIMIT = 60.0
"""Seconds for connecting to another host, which may ask for a password."""


class DomainTarget(Target):
    """A domain by its name, number or UUID, and the URIs of the libvirts to ask for it."""

    __slots__ = ("name", "text", "uris")

    def __init__(self, text: str, uris: tuple[str, ...], name: str) -> None:
        self.text = text
        self.uris = uris
        self.name = name

    def __str__(self) -> str:
        return mask_address(self.text)

    @property
    def local(self) -> bool:
        """Whether libvirt is reached by a socket of this host."""
        return all(uri.startswith(("qemu:///", "qemu+unix:")) for uri in self.uris)

    @property
    def limit(self) -> float:
        """The seconds that connecting may take by default."""
        return CONNECT_LIMIT if self.local else _REMOTE_LIMIT

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Connect through libvirt; see `Target.open`."""
        from hmp.targets.libvirt_domain import DomainConnection

        def attempt() -> Connection:
            limit = timeout or self.limit
            return DomainConnection(self, limit=limit, timeout=timeout, trace=trace)

        try:
            connection = retry(attempt, wait)
        except ConnectError as error:
            silent = isinstance(error.__cause__, TimeoutError | NoReplyError)
            if silent and (why := self._stopped()):
                raise ConnectError(f"cannot connect to {self}: {why}") from error
            raise
        connection.target = self
        return connection

    def _stopped(self) -> str:
        """Return how to resume the domain's process if that is stopped; else empty."""
        from hmp.qmp.halted import halted
        from hmp.targets.discovery import LIBVIRT, machines

        # a number or UUID is not looked up, as libvirt itself may be what is silent
        found = [m for m in machines() if m.manager == LIBVIRT and m.name == self.name]
        return halted(found[0].pid) if self.local and len(found) == 1 else ""


def parse_libvirt(text: str) -> DomainTarget:
    """Read ``libvirt:NAME``. Raises ValueError."""
    name = text.partition(":")[2]
    if not name:
        raise ValueError("'libvirt:' needs the name of a domain")
    # the variable that virsh obeys
    chosen = os.environ.get("LIBVIRT_DEFAULT_URI")
    return DomainTarget(text, (chosen,) if chosen else _local_uris(), name)


def parse_uri(text: str) -> DomainTarget:
    """Read a URI of libvirt's, followed by the name of a domain. Raises ValueError."""
    from urllib.parse import unquote

    match = _URI.fullmatch(text)
    if match is None:
        raise ValueError(
            f"'{text}' is not a libvirt URI and a domain's name, as in qemu:///system/NAME"
        )
    return DomainTarget(text, (match[1] + (match[3] or ""),), unquote(match[2]))


def find_domain(name: str) -> DomainTarget | None:
    """Return the domain of this host's running libvirts that has a name, or None.

    Asks libvirt only if its daemon has a socket here. Raises ConnectError if libvirt has
    no answer.
    """
    uris = tuple(_answering())
    if not uris:
        return None
    from hmp.qmp.worker import Worker
    from hmp.targets.libvirt_library import LibvirtError, load, open_domain

    def look() -> bool:
        try:
            open_domain(load(), uris, name).close()
        except LibvirtError:
            return False
        return True

    # in a thread, since libvirt's calls know no time limit and cannot be interrupted
    worker = Worker("find a domain")
    try:
        found = worker.run(look, CONNECT_LIMIT)
    except TimeoutError:
        found = False
    worker.end()
    return DomainTarget(f"libvirt:{name}", uris, name) if found else None


def domains(start: str) -> list[str]:
    """Return the names of the running domains of ``libvirt:`` or ``qemu://…/system/``.

    Raises ValueError, ConnectError.
    """
    from hmp.targets.libvirt_library import LibvirtError, load, running_domains

    found: list[str] = []
    for uri in parse_target_start(start):
        try:
            found += running_domains(load(), uri)
        except LibvirtError as error:
            raise ConnectError(f"cannot list the domains of {start}: {error}") from error
    return found


def domain_states() -> dict[str, str]:
    """Return the states of the domains of this host's running libvirts, by name.

    A name that two libvirts use is left out, and so is what cannot be asked in time.
    """
    from hmp.qmp.worker import Worker
    from hmp.targets.libvirt_library import LibvirtError, load, running_domains

    found: dict[str, str] = {}

    def look() -> None:
        for uri in _answering():
            with suppress(LibvirtError):
                for name, state in running_domains(load(), uri).items():
                    found[name] = "" if name in found else state

    worker = Worker("states of domains")
    with suppress(ConnectError, TimeoutError):
        worker.run(look, _STATES_LIMIT)
    worker.end()
    # a copy, as a worker that was given up may still add to it
    return dict(found)


def parse_target_start(start: str) -> tuple[str, ...]:
    """Return the URIs of a target without its domain's name. Raises ValueError."""
    if start == "libvirt:":
        return parse_libvirt("libvirt:x").uris
    return parse_uri(f"{start}x").uris


def _local_uris() -> tuple[str, ...]:
    """Return the URIs of this host: the system's, and the user's if a daemon runs."""
    return tuple(dict.fromkeys((*_answering(), _SYSTEM)))


def _answering() -> Iterator[str]:
    """Yield the URIs whose daemon has a socket that this user may use."""
    if any(os.access(f"/run/libvirt/{name}", os.W_OK) for name in _DAEMONS):
        yield _SYSTEM
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if folder and any(os.access(f"{folder}/libvirt/{name}", os.W_OK) for name in _DAEMONS):
        yield _SESSION

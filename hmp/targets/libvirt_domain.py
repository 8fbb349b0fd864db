"""A machine that libvirt holds: QMP commands and events through libvirt.

libvirt passes each request on by itself, and its reply back, without an id, without a
greeting and without out-of-band; it serialises the requests of a domain.
"""

from __future__ import annotations

import json
from time import monotonic, sleep

from hmp.qmp.calls import CallConnection
from hmp.qmp.errors import (
    GENERIC_ERROR,
    ConnectError,
    MachineGoneError,
    NoReplyError,
    NotYetError,
    QMPError,
    connection_closed,
)
from hmp.qmp.exchange import Greeting
from hmp.targets.libvirt_callbacks import DomainListener
from hmp.targets.libvirt_library import (
    NO_DOMAIN,
    NOT_RUNNING,
    Domain,
    LibvirtError,
    load,
    open_domain,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol

    from hmp.qmp.exchange import Message, Trace

    class DomainAddress(Protocol):
        """A domain's name and its libvirts; see `hmp.targets.libvirt_target`."""

        name: str
        uris: tuple[str, ...]

        @property
        def local(self) -> bool:
            """Whether libvirt is reached by a socket of this host."""
            ...


_RAISED = "libvirt: "
_INTERNAL, _SYSTEM = 1, 38
"""libvirt's error codes: the first has many causes, the second means an I/O error."""
_END_LIMIT = 1.0
"""Seconds in which libvirt notices that its QEMU has ended."""


class CallsLibvirt(CallConnection):
    """What the requests through libvirt have in common.

    sends_qmp_events: whether the events of QEMU are wanted.
    """

    sends_qmp_events = True

    def __init__(
        self,
        target: DomainAddress,
        name: str,
        *,
        timeout: float | None,
        trace: Trace | None,
    ) -> None:
        super().__init__(name, timeout=timeout, trace=trace)
        self.domain: Domain | None = None
        self._where = target

    def reach(self, limit: float) -> None:
        """Connect to libvirt, find the domain, and greet it.

        limit: in seconds. Raises ConnectError; NotYetError if waiting may help.
        """
        deadline = monotonic() + limit
        try:
            self._worker.run(self._reach, limit)
            self.greet(deadline - monotonic())
        except TimeoutError as error:
            silent = f"cannot connect to {self.name}: libvirt does not answer"
            raise ConnectError(silent) from error
        except NoReplyError as error:
            raise ConnectError(f"cannot connect to {self.name}: no answer") from error
        except QMPError as error:
            raise ConnectError(f"cannot connect to {self.name}: {error}") from error
        except ConnectError:
            raise
        except MachineGoneError as error:
            raise NotYetError(f"cannot connect to {self.name}: {error}") from error

    def greet(self, limit: float) -> None:
        """Query what a greeting would contain. Raises QMPError, MachineGoneError."""
        raise NotImplementedError

    def call(self, domain: Domain, command: str, request: bytes) -> bytes:
        """Return the reply to a request. Raises LibvirtError."""
        raise NotImplementedError

    def _reach(self) -> None:
        library = load()
        try:
            self.domain = open_domain(library, self._where.uris, self._where.name)
            self.domain.listen(
                _Reporter(self),
                events=self.sends_qmp_events,
                keep_alive=not self._where.local,
            )
        except LibvirtError as error:
            text = f"cannot connect to {self.name}: {_RAISED}{error}"
            # a domain may still be defined or started, which --wait waits for
            kind = NotYetError if error.code in (NO_DOMAIN, NOT_RUNNING) else ConnectError
            raise kind(text) from error

    def ask(self, command: str, request: bytes) -> bytes:
        """Return the reply, or libvirt's error as one; see `CallConnection.ask`."""
        if self.domain is None:
            raise connection_closed()
        try:
            return self.call(self.domain, command, request)
        except LibvirtError as error:
            text = f"{_RAISED}{error}"
            if _has_ended(self.domain, error):
                raise MachineGoneError(text) from error
            # as a reply, so that traces and recordings have it
            reply = {"error": {"class": GENERIC_ERROR, "desc": text}}
            return json.dumps(reply).encode()

    def release(self) -> None:
        """Close libvirt's connection."""
        domain, self.domain = self.domain, None
        if domain is not None:
            domain.close()


def _has_ended(domain: Domain, error: LibvirtError) -> bool:
    """Return whether an error is the end of the domain, or of the connection to libvirt."""
    if error.code == _SYSTEM:
        return True
    # The first sign of QEMU's end may be an "internal error" of the call that ran;
    # libvirt's own state of the domain changes a moment later.
    deadline = monotonic() + (_END_LIMIT if error.code == _INTERNAL else 0)
    while domain.reachable and domain.active:
        if monotonic() >= deadline:
            return False
        sleep(0.02)
    return True


class DomainConnection(CallsLibvirt):
    """QMP through libvirt; the constructor connects, within `limit` seconds.

    Raises ConnectError; NotYetError if waiting may help.
    """

    has_hmp = True
    sandboxed = True
    caution = (
        "libvirt does not notice what is changed past it, so its own view of this domain"
        " may become wrong"
    )

    def __init__(
        self,
        target: DomainAddress,
        *,
        limit: float,
        timeout: float | None = None,
        trace: Trace | None = None,
    ) -> None:
        super().__init__(target, str(target), timeout=timeout, trace=trace)
        self._descriptors: Sequence[int] = ()
        try:
            self.reach(limit)
        except BaseException:
            self.close()
            raise

    def greet(self, limit: float) -> None:
        """Ask for the version; see `CallsLibvirt.greet`."""
        version = self.run("query-version", None, limit)
        greeting = {"QMP": {"version": version, "capabilities": []}}
        try:
            self.version = Greeting(greeting).version
        except (KeyError, TypeError, ValueError) as error:
            raise ConnectError(f"{self.name} has no version of QEMU") from error
        if self.trace is not None:  # for recordings, which begin with it
            self.trace("<-", greeting)

    def call(self, domain: Domain, command: str, request: bytes) -> bytes:
        """Return QEMU's reply; see `CallsLibvirt.call`."""
        return domain.command(request, self._descriptors)

    @property
    def passes_descriptors(self) -> bool:  # type: ignore[override] # it is a constant there
        """Whether libvirt can pass descriptors; over a network it cannot, and says so."""
        return self.domain is not None and self.domain.library.passes_files

    async def execute_with_descriptors(
        self, command: str, arguments: Message, descriptors: Sequence[int], /
    ) -> Any:
        """Run getfd or add-fd; see `Connection.execute_with_descriptors`."""
        self._descriptors = descriptors
        try:
            return self.run(command, arguments, self.timeout)
        finally:
            self._descriptors = ()


class _Reporter(DomainListener):
    """Passes on the reports of libvirt's thread."""

    def __init__(self, connection: CallConnection) -> None:
        self.connection = connection

    def on_event(self, event: bytes) -> None:
        """Keep an event."""
        self.connection.arrive(event)

    def on_stop(self, reason: str) -> None:
        """Keep the loss."""
        self.connection.arrive(MachineGoneError(f"{self.connection.name} {reason}"))

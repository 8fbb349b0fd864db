"""``migrate-to``: a guest moves to another machine that hmp reaches as well."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from commands._guest_hardware import guest_hardware, misfits, other_files
from commands.migration import cannot_start, ended, listen, until_tidy
from completions.migration import MIGRATION_URI, TARGET
from hmp.authoring import (
    DESTRUCTIVE,
    JobError,
    Limit,
    MachineGoneError,
    Monitor,
    QDict,
    QMPError,
    command,
    other_machine,
    refusal,
    size_text,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator
    from typing import TypeVar

    from hmp.qmp.reply_types import MigrationInfo

    Value = TypeVar("Value")

CATEGORY = "Migration"

_INCOMING = "inmigrate"
_UNKNOWN = "unknown"
_ANSWERS = "return-path"
"""The capability by which the other machine says that it runs before this one gives up."""
_BY_ADDRESS = ("multifd", "rdma-pin-all", "zero-copy-send", "postcopy-preempt")
"""Capabilities that need an address, since they connect more than once."""
_CONNECTION = "hmp-migrate-to"
_PATIENCE = 5.0
"""Seconds in which the other machine may take over, once it has all memory."""
_REASONS = 8
"""Reasons that an error has at most."""
_MOMENT = 0.05
"""Seconds between two looks at it."""


@command(
    "migrate-to",
    args_type="target:s,uri:s?",
    params="target [uri]",
    help="move the guest to another machine, which was started with -incoming defer",
    arguments={
        "target": "the other machine, as on hmp's command line",
        "uri": "where the other machine listens, such as tcp:HOST:PORT, reachable from"
        " both; not needed for two machines of this host",
    },
    about=(
        "Both machines must have the same devices and see the same disks. hmp compares"
        " them, and names every difference before it changes anything. Then it lets the"
        " other machine listen, moves the guest, and checks which of the two runs. Whatever"
        " fails on the way, hmp included, the guest never runs in both. If one of them"
        " survives with all of the guest's memory, the guest runs there.\n\n"
        "Set limits beforehand, here, with 'migrate_set_parameter' and"
        " 'migrate_set_capability'; the other machine gets the same capabilities."
    ),
    words="live migration, move vm, transfer, relocate",
    effect=DESTRUCTIVE,
    outcome="the guest moves to the other machine, and stops here",
    qmp=[
        "migrate",
        "query-migrate",
        "migrate-set-capabilities",
        "query-yank",
        "query-migrate-capabilities",
        "query-status",
        "cont",
        "stop",
        "getfd",
        "query-memory-size-summary",
        "query-cpus-fast",
        "query-pci",
        "query-block",
        "qom-get",
        "qom-list",
    ],
    kinds={"target": TARGET, "uri": MIGRATION_URI},
    needs="qmp",
)
async def migrate_to(mon: Monitor, args: QDict) -> MigrationInfo:
    """Move the guest, and return the state of the migration.

    Raises CommandFailedError if the machines do not fit, JobError if it has failed.
    """
    async with other_machine(mon, args["target"]) as there:
        move = _Move(mon, there, args["target"], args.get("uri"))
        await move.before(move.check())
        return await move.run()


@migrate_to.foresee
async def outcome(mon: Monitor, args: QDict) -> str:
    """Say what will happen. Raises CommandFailedError if the machines do not fit."""
    async with other_machine(mon, args["target"]) as there:
        move = _Move(mon, there, args["target"], args.get("uri"))
        return await move.before(move.check())


@migrate_to.text
def migrate_to_text(value: MigrationInfo) -> Iterator[str]:
    """Yield what was moved, and how long the guest stood still."""
    ram = value.get("ram")
    moved = f"{size_text(ram['transferred'])} in " if ram is not None else ""
    yield f"moved: {moved}{value.get('total-time', 0) / 1000:.1f} s"
    if "downtime" in value:
        yield f"the guest was stopped for {value['downtime']} ms"


class _Move:
    """One migration between two machines that are both reached.

    here, there: their monitors. name: the other one's, as typed. uri: where it listens;
    None to connect the two by a pair of sockets.
    """

    def __init__(self, here: Monitor, there: Monitor, name: str, uri: str | None) -> None:
        self.here = here
        self.there = there
        self.name = name
        self.uri = uri
        self.capabilities: list[str] = []

    # Before anything is touched

    async def before(self, work: Awaitable[Value]) -> Value:
        """Return the result of what precedes the migration.

        Raises CommandFailedError if the other machine goes away meanwhile: this one stays.
        """
        try:
            return await work
        except MachineGoneError as gone:
            await self.here.qmp.execute("query-status")  # raises if it is this one
            raise refusal(f"{self.name} has gone: {gone}") from gone

    async def check(self) -> str:
        """Return what will happen. Raises CommandFailedError if it cannot."""
        if lacking := self.there.connection.lacking("migrate-to", "qmp"):
            raise refusal(f"{self.name}: {lacking}")
        await self._check_states()
        ours, theirs = (
            await guest_hardware(self.here.qmp),
            await guest_hardware(self.there.qmp),
        )
        if wrong := misfits(ours, theirs):
            more = [f"{len(wrong) - _REASONS} more"] if len(wrong) > _REASONS else []
            raise refusal(f"{self.name} does not fit: {'; '.join(wrong[:_REASONS] + more)}")
        await self._check_way()
        version = ".".join(map(str, self.there.qmp.version))
        memory = "" if ours.memory is None else f" with {size_text(ours.memory)} of memory"
        facts = [
            f"the guest{memory} moves to {self.name}, QEMU {version}, and stops here",
            *other_files(ours, theirs),
        ]
        if self.there.qmp.version < self.here.qmp.version:
            facts.append("that QEMU is older than this one, and may refuse the guest")
        return "; ".join(facts)

    async def _check_states(self) -> None:
        """Check that the one can send and the other receive. Raises CommandFailedError."""
        there = await self.there.qmp.execute("query-status")
        if there["status"] != _INCOMING:
            if await self._is_this_one():
                raise refusal(f"{self.name} is this machine itself; name another one")
            raise refusal(
                f"{self.name} cannot receive a guest: it is {there['status']};"
                " start it with -incoming defer"
            )
        incoming = await self.there.qmp.execute("query-migrate")
        if incoming.get("status", "none") != "none":
            raise refusal(
                f"{self.name} receives another guest, or did: its migration is"
                f" {incoming['status']}; start it with -incoming defer"
            )
        if why := await cannot_start(self.here):
            raise refusal(why)

    async def _is_this_one(self) -> bool:
        """Return whether both monitors are of one QEMU, by its process and threads."""
        if not self.here.connection.pid == self.there.connection.pid != 0:
            return False
        try:
            ours = await self.here.qmp.execute("query-cpus-fast")
            theirs = await self.there.qmp.execute("query-cpus-fast")
        except QMPError:
            # taken for another machine, which it nearly always is
            return False
        threads = [[cpu["thread-id"] for cpu in cpus] for cpus in (ours, theirs)]
        return threads[0] == threads[1] != []

    async def _check_way(self) -> None:
        """Check that the machines can be connected. Raises CommandFailedError."""
        found = await self.here.qmp.execute("query-migrate-capabilities")
        self.capabilities = [each["capability"] for each in found if each["state"]]
        if self.uri is not None:
            return
        advice = f"say where it shall listen: migrate-to {self.name} tcp:HOST:PORT"
        if not all(mon.connection.passes_descriptors for mon in (self.here, self.there)):
            raise refusal(f"{self.name} and this machine need an address; {advice}")
        for name in _BY_ADDRESS:
            if name in self.capabilities:
                raise refusal(f"{name} needs an address; {advice}")

    # The move

    async def run(self) -> MigrationInfo:
        """Move the guest. Raises JobError, CommandFailedError, QMPError."""
        ran = (await self.here.qmp.execute("query-status"))["running"]
        await until_tidy(self.here)
        uri = await self.before(self._prepared())
        try:
            await self.here.qmp.execute("migrate", uri=uri)
        except QMPError as error:
            raise refusal(f"{error.desc}; {self._stays}") from error
        try:
            state = await ended(self.here)
        except MachineGoneError as gone:
            return await self._survived(gone, ran)
        if state["status"] == "completed":
            await self._check_there(ran)
            return state
        await self._keep(ran)
        reason = state.get("error-desc") or f"migration {state['status']}"
        raise JobError(f"{reason}; {self._stays}")

    @property
    def _stays(self) -> str:
        return f"the guest stays here, and {self.name} has to be started again"

    async def _prepared(self) -> str:
        """Let the other machine wait for the guest, and return where."""
        switches = [
            {"capability": name, "state": True}
            for name in dict.fromkeys([*self.capabilities, _ANSWERS])
        ]
        # the destination first: if it refuses one, nothing has changed here
        for mon in (self.there, self.here):
            await mon.qmp.execute("migrate-set-capabilities", capabilities=switches)
        uri = await self._connected()
        await listen(self.there, uri)
        return uri

    async def _connected(self) -> str:
        """Return the address for both ends; connect them if it is not given."""
        if self.uri is not None:
            return self.uri
        pair = socket.socketpair()
        try:
            for mon, end in zip((self.here, self.there), pair, strict=True):
                await mon.connection.execute_with_descriptors(
                    "getfd", {"fdname": _CONNECTION}, [end.fileno()]
                )
        finally:
            # both QEMUs have copies now
            for end in pair:
                end.close()
        return f"fd:{_CONNECTION}"

    # Which one runs

    async def _status(self, mon: Monitor) -> str:
        """Return a machine's state; empty if it is gone, `_UNKNOWN` if it hangs."""
        try:
            return (await mon.qmp.execute("query-status"))["status"]
        except MachineGoneError:
            return ""
        except QMPError:
            return _UNKNOWN

    async def _settled(self, ran: bool) -> str:
        """Return the other machine's state once it has taken over, failed or gone.

        ran: start it, if it was started with -S and has the guest.
        """
        limit = Limit(self.here, _PATIENCE)
        try:
            while (status := await self._status(self.there)) == _INCOMING:
                state = await self.there.qmp.execute("query-migrate")
                if state.get("status") == "failed" or limit.over:
                    break
                await self.there.qmp.pause(_MOMENT)
            # "paused" only if -S was given there; else it runs by itself
            if ran and status == "paused":
                await self.there.qmp.execute("cont")
        except MachineGoneError:
            return ""
        except QMPError:
            return _UNKNOWN
        return status

    async def _check_there(self, ran: bool) -> None:
        """Check that the other machine is there. Raises JobError if it is not.

        It has said that it has taken over. So the disks may have changed, and this machine,
        whose memory is older, must not continue with them by itself.
        """
        if await self._settled(ran) in ("", _UNKNOWN):
            raise JobError(f"the guest has moved, but {self.name} {self._perhaps}")

    async def _keep(self, ran: bool) -> None:
        """Let the guest run here, unless it runs there. Raises JobError if it may."""
        there = await self._status(self.there)
        if there == "running":
            # it has taken over, and only its word of it was lost
            await self.here.qmp.execute("stop")
            raise JobError(f"the guest runs in {self.name}, and is stopped here")
        if ran and await self._status(self.here) != "running":
            if there == _UNKNOWN:
                raise JobError(
                    f"the guest is stopped here, and {self.name} {self._perhaps}"
                )
            await self.here.qmp.execute("cont")

    @property
    def _perhaps(self) -> str:
        return (
            "is gone or does not answer; only if it is gone, 'cont' takes the guest back to"
            " where it was here"
        )

    async def _survived(self, gone: MachineGoneError, ran: bool) -> MigrationInfo:
        """Return the other machine's state if it runs. Raises MachineGoneError if not."""
        status = await self._settled(ran)
        if status == _UNKNOWN:
            raise MachineGoneError(f"{gone}; {self.name} does not answer") from gone
        # gone, or without all of the memory: it could never run
        if status in ("", _INCOMING):
            raise MachineGoneError(
                f"{gone}; {self.name} has not got all of the guest, which runs nowhere"
            ) from gone
        return await self.there.qmp.execute("query-migrate")

"""``migrate-to``: a guest moves to another machine that hmp reaches as well."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from commands._guest_hardware import guest_hardware, is_one_machine, misfits, other_files
from commands.migration import RUNNING, cannot_start, ended, listen, until_tidy
from completions.migration import MIGRATION_URI, TARGET
from hmp.authoring import (
    DESTRUCTIVE,
    JobError,
    Limit,
    MachineGoneError,
    Monitor,
    NoReplyError,
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
_GONE, _SILENT = "gone", "silent"
"""The states of a machine that does not say its own."""
_LATE, _PART = "still receiving it", "without all of its memory"
"""The states of one that has only a part of the guest."""
_RUN = ("running", "suspended")
"""The states of a guest that runs, or may wake up at any time."""
_STANDS = ("finish-migrate", "postmigrate")
"""The states of a guest that is stopped to be moved."""
_TAKES = ("active", "device", "postcopy-active")
"""The states of a migration that has begun, and may end by itself."""
_LOOK = "see 'info status' and 'info migrate' of both before you continue either"
_ANSWERS = "return-path"
"""The capability by which the other machine says that it runs before this one gives up."""
_STOPS = "pause-before-switchover"
_BY_ADDRESS = ("multifd", "rdma-pin-all", "zero-copy-send", "postcopy-preempt")
"""Capabilities that need an address, since they connect more than once."""
_CONNECTION = "hmp-migrate-to"
_PATIENCE = 30.0
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
    state: the run state that the guest has to have in the end.
    """

    def __init__(self, here: Monitor, there: Monitor, name: str, uri: str | None) -> None:
        self.here = here
        self.there = there
        self.name = name
        self.uri = uri
        self.capabilities: list[str] = []
        self.state = ""

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
            if await is_one_machine(self.here, self.there):
                raise refusal(f"{self.name} is this machine itself; name another one")
            raise refusal(
                f"{self.name} cannot receive a guest: it is {there['status']};"
                " start it with -incoming defer"
            )
        incoming = await self.there.qmp.execute("query-migrate")
        migration = incoming.get("status", "none")
        if migration != "none":
            raise refusal(
                f"{self.name} receives another guest, or did: its migration is"
                f" {migration}; start it with -incoming defer"
            )
        if why := await cannot_start(self.here):
            raise refusal(why)

    async def _check_way(self) -> None:
        """Check that the machines can be connected. Raises CommandFailedError."""
        found = await self.here.qmp.execute("query-migrate-capabilities")
        self.capabilities = [each["capability"] for each in found if each["state"]]
        if _STOPS in self.capabilities:
            raise refusal(
                f"{_STOPS} would stop the move halfway; first type"
                f" 'migrate_set_capability {_STOPS} off'"
            )
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
        """Move the guest. Raises JobError, CommandFailedError, MachineGoneError."""
        await self._look_at_guest()
        await until_tidy(self.here)
        uri = await self.before(self._prepared())
        try:
            return await self._moved(uri)
        except MachineGoneError as gone:
            return await self._survived(gone)
        except QMPError as error:
            # this machine does not answer, or refuses to be continued or stopped
            here, there = await self._status(self.here), await self._status(self.there)
            raise JobError(
                f"{error.desc}; this machine is {here}, and {self.name} is {there}; {_LOOK}"
            ) from error

    async def _moved(self, uri: str) -> MigrationInfo:
        """Move the guest to where the other machine waits, and return when it is there.

        Raises JobError if it is not, QMPError, MachineGoneError.
        """
        try:
            await self.here.qmp.execute("migrate", uri=uri)
        except NoReplyError:
            raise  # it may have begun
        except QMPError as error:
            raise refusal(f"{error.desc}; {self._stays}") from error
        going = (*RUNNING, *_TAKES)
        state = await ended(self.here, going=going, look_too=self._look_at_guest)
        self.here.call.continues = _LOOK
        status = state.get("status", "none")
        if status == "completed":
            await self._check_there()
            return state
        reason = state.get("error-desc") or f"migration {status}"
        if status == "postcopy-paused":
            raise JobError(
                f"{reason}; {self.name} is {_PART}: 'migrate_recover URI' there, and then"
                " 'migrate -r URI' here, move the rest"
            )
        await self._keep(reason)
        raise JobError(f"{reason}; {self._stays}")

    async def _look_at_guest(self) -> None:
        """Note how the guest is, which it has to be in the end; not while it is moved."""
        state = (await self.here.qmp.execute("query-status"))["status"]
        if state not in _STANDS:
            self.state = state

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
        """Return a machine's state; `_GONE` or `_SILENT` if it cannot say."""
        try:
            return (await mon.qmp.execute("query-status"))["status"]
        except MachineGoneError:
            return _GONE
        except QMPError:
            return _SILENT

    async def _settled(self) -> str:
        """Return the other machine's state once it has taken over, failed or gone."""
        limit = Limit(self.there, _PATIENCE)
        try:
            # it ends after the state of the machine has changed
            while (moves := await self._migration_there()) in _TAKES:
                if limit.over:
                    return _LATE
                await limit.pause(_MOMENT)
        except MachineGoneError:
            return _GONE
        except QMPError:
            return _SILENT
        return _PART if moves == "postcopy-paused" else await self._status(self.there)

    async def _migration_there(self) -> str:
        return (await self.there.qmp.execute("query-migrate")).get("status", "none")

    async def _taken_over(self) -> tuple[str, str]:
        """Return the other machine's state, and why it is not what the guest's was here.

        If it waits, by -S, and the guest ran here, it is started.
        """
        there, why = await self._settled(), ""
        if there == "paused" and self.state in _RUN:
            try:
                await self.there.qmp.execute("cont")
            except MachineGoneError:
                pass
            except QMPError as error:
                why = f": {error.desc}"
            there = await self._status(self.there)
        wanted = _RUN if self.state in _RUN else (self.state,)
        return there, "" if there in wanted else f"{self.name} is {there}{why}"

    async def _check_there(self) -> None:
        """Check that the other machine has the guest. Raises JobError if it has not.

        It has said that it has taken over. So the disks may have changed, and this machine,
        whose memory is older, must not continue with them by itself.
        """
        there, wrong = await self._taken_over()
        if wrong:
            resume = "'cont' there resumes it; " if there == "paused" else ""
            raise JobError(
                f"the guest, {self.state} before, has moved, but {wrong};"
                f" {resume}{self._takes_back}"
            )

    async def _keep(self, reason: str) -> None:
        """Let the guest run here, unless it runs there. Raises JobError if it may."""
        there = await self._settled()
        if there in _RUN:
            # it has taken over, and only its word of it was lost
            await self.here.qmp.execute("stop")
            raise JobError(f"the guest runs in {self.name}, and is stopped here")
        here = await self._status(self.here)
        if there in (_SILENT, _LATE, _PART):
            end_it = f"end {self.name}, which may have it as well"
            advice = end_it if here in _RUN else self._takes_back
            states = f"the guest is {here} here, and {self.name} is {there}"
            raise JobError(f"{reason}; {states}; {advice}")
        if self.state in _RUN and here not in _RUN:
            await self.here.qmp.execute("cont")

    @property
    def _takes_back(self) -> str:
        return (
            f"only once {self.name} has ended, 'cont' takes the guest back to where it was"
            " here"
        )

    async def _survived(self, gone: MachineGoneError) -> MigrationInfo:
        """Return the other machine's state if it has the guest. Raises MachineGoneError."""
        there, wrong = await self._taken_over()
        if not wrong:
            return await self.there.qmp.execute("query-migrate")
        # gone, or without all of the memory: it could never run
        if there in (_GONE, _INCOMING):
            wrong = f"{self.name} has not got all of the guest, which runs nowhere"
        raise MachineGoneError(f"{gone}; {wrong}") from gone

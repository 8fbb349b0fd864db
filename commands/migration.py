"""Migration to another QEMU, and from another QEMU."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, cast

from commands._address import parse_address
from commands._parameters import UnreadableError, one_word, parameter_value
from completions.migration import (
    MIGRATION_CAPABILITY,
    MIGRATION_PARAMETER,
    MIGRATION_STATE,
    MIGRATION_URI,
    MIGRATION_VALUE,
)
from hmp.authoring import (
    JobError,
    Limit,
    Monitor,
    QDict,
    QMPError,
    UsageError,
    command,
    forward_line,
    known_word,
    refusal,
    refuse_fatal,
    releases,
    sandbox_risk,
    size_text,
    views,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from rich.console import RenderableType

    from hmp.authoring import Empty, Text
    from hmp.qmp.reply_types import MigrationInfo


CATEGORY = "Migration"

_URI = {"uri": MIGRATION_URI}
RUNNING = (
    "none",
    "setup",
    "wait-unplug",
    "active",
    "device",
    "cancelling",
    "failing",
    "postcopy-recover-setup",
    "postcopy-recover",
)
"""The states of a migration that is not over."""
_FAILED = ("failed", "cancelled", "postcopy-paused")
_ENDED = ("completed", "failed", "cancelled")
_PATIENCE = 2.0
"""Seconds in which a resumed migration may remain paused, and in which QEMU may clean up
after a migration."""
_TIDY = 0.05
"""Seconds between two checks for the end of the cleanup."""


@command(
    "migrate",
    args_type="detach:-d,blk:-b,inc:-i,resume:-r,uri:s",
    params="[-d] [-r] uri",
    help="move the machine to another QEMU (-d: do not wait, -r: resume a paused"
    " postcopy migration)",
    arguments={
        "uri": "where to: tcp:HOST:PORT, unix:PATH, exec:COMMAND, fd:NAME or file:PATH"
    },
    about=(
        "'migrate -d tcp:otherhost:4444' moves it to that host in the background. Another"
        " QEMU must wait there, started with the same devices and -incoming URI, or with"
        " -incoming defer and then migrate_incoming. Both must see the same disks: the"
        " images are not copied.\n\n"
        "This machine is stopped once it has moved ('info migrate' shows completed)."
        " Do not resume it while the other one runs: both would write to the same"
        " disks. Set limits beforehand, for example with 'migrate_set_parameter"
        " max-bandwidth 100M'."
    ),
    words="move machine, live migration, move vm, transfer",
    qmp=["migrate", "query-migrate", "query-yank"],
    checks=True,
    kinds=_URI,
)
async def migrate(mon: Monitor, args: QDict) -> Empty | MigrationInfo:
    """Start a migration, and wait for its end unless it is detached.

    Raises JobError if the migration fails.
    """
    for key, letter in (("blk", "b"), ("inc", "i")):
        if args.get(key) and mon.qmp.version >= releases.NO_DISKS_MIGRATED:
            reason = f"migrate: unsupported option -{letter}"
            raise UsageError(mon.line.command, reason, shown=True)
    await refuse_fatal(mon, "migrate", args)
    # a flag that was not typed is left out, since a QEMU without it refuses even false
    flags = {key: args.given(key) for key in ("blk", "inc", "resume")}
    await until_tidy(mon)
    value = await mon.qmp.execute("migrate", flags, uri=args["uri"])
    return value if args.get("detach") else await _wait(mon, args.given("resume"))


@migrate.foresee
async def migrate_outcome(mon: Monitor, args: QDict) -> str:
    """Say what happens to this machine; nothing if it resumes, or QEMU refuses the line."""
    known = any(args["uri"].startswith(scheme) for scheme, _ in MIGRATION_URI.words)
    if args.get("resume") or not known:
        return ""
    with suppress(QMPError):  # then the user is asked
        if await cannot_start(mon):
            return ""
    move = "this stops the machine here and moves the guest there"
    risk = sandbox_risk(mon, args)
    return f"{move}; {risk}" if risk else move


async def cannot_start(mon: Monitor) -> str:
    """Return why QEMU refuses to migrate the machine; empty if it does not.

    Raises QMPError.
    """
    machine = (await mon.qmp.execute("query-status"))["status"]
    outgoing = await mon.qmp.execute("query-migrate")
    status = outgoing.get("status", "none")
    if status != "none" and status in RUNNING:
        return f"this machine migrates already: its migration is {status}"
    if machine in ("inmigrate", "postmigrate"):
        return f"this machine has no guest to move: it is {machine}"
    if reasons := outgoing.get("blocked-reasons"):
        return f"this machine cannot migrate: {'; '.join(reasons)}"
    return ""


async def _wait(mon: Monitor, resumes: bool | None) -> MigrationInfo:
    """Wait for the end, and return the state. Raises JobError for a failure."""
    state = await ended(mon, resumes)
    if state["status"] in _FAILED:
        raise JobError(state.get("error-desc") or f"migration {state['status']}")
    return state


async def ended(
    mon: Monitor,
    resumes: bool | None = None,
    going: Collection[str] = RUNNING,
    look_too: Callable[[], Awaitable[None]] | None = None,
) -> MigrationInfo:
    """Wait until the migration ends or needs a command, and return its state.

    A resumed migration remains paused until it has connected or failed to. going: the
    states to wait in. look_too: awaited before each look at the state.
    """
    state: MigrationInfo = {}
    still_paused = monotonic() + _PATIENCE if resumes else 0

    async def look() -> bool:
        nonlocal state
        if look_too is not None:
            await look_too()
        state = await mon.qmp.execute("query-migrate")
        mon.progress(*_progress(state))
        if state.get("status") == "postcopy-paused" and monotonic() < still_paused:
            return False
        return state.get("status", "none") not in going

    await wait_until(mon, look, "the migration", "migrate_cancel")
    await until_tidy(mon)
    return state


def _progress(state: MigrationInfo) -> tuple[str, int, int]:
    """Return the progress of a migration: a label, the bytes done, and their total."""
    ram = state.get("ram")
    if ram is None:
        return f"migration: 0 Mbit/s, {size_text(0)} left", 0, 0
    left = f"{ram['mbps']:.0f} Mbit/s, {size_text(ram['remaining'])} left"
    return f"migration: {left}", ram["total"] - ram["remaining"], ram["total"]


async def until_tidy(mon: Monitor) -> None:
    """Wait until QEMU has cleaned up after a migration that has ended.

    QEMU may crash if the next one starts before that. While QEMU lists a migration as
    yankable, the cleanup has not finished.
    """
    limit = Limit(mon, _PATIENCE)
    while not limit.over:
        try:
            instances = await mon.qmp.execute("query-yank")
        except QMPError:
            return  # this machine cannot tell
        if all(instance["type"] != "migration" for instance in instances):
            return
        if (await mon.qmp.execute("query-migrate")).get("status") not in _ENDED:
            return  # still running: QEMU decides what is allowed meanwhile
        await limit.pause(_TIDY)


_NEXT = {
    "pre-switchover": "continue with 'migrate_continue pre-switchover'",
    "postcopy-active": "the guest runs on the destination; the rest of its memory follows",
}
"""Notes on states that are not the end of a migration."""


@migrate.view
def migrate_view(value: Empty | MigrationInfo) -> RenderableType | None:
    """Show the result, or the next step; nothing for a detached migration."""
    if "status" not in value:
        return None
    state = cast("MigrationInfo", value)  # the reply to the start has no status
    status, ram = state["status"], state.get("ram")
    transferred = ram["transferred"] if ram is not None else 0
    seconds = state.get("total-time", 0) / 1000
    facts = [f"{size_text(transferred)} in {seconds:.1f} s"]
    if "downtime" in state:
        facts.append(f"the guest was stopped for {state['downtime']} ms")
    if status in _NEXT:
        facts.append(_NEXT[status])
    return views.state(f"{status}: {', '.join(facts)}", status != "pre-switchover")


_SOCKETS = ("tcp:", "unix:", "vsock:", "fd:")
_SCHEMES = (*_SOCKETS, "exec:", "rdma:", "file:")


def _check_address(mon: Monitor, uri: str) -> None:
    """Refuse a malformed address. Raises CommandFailedError."""
    if mon.qmp.version < releases.ADDRESS_FIRST:
        return
    if uri.startswith(_SOCKETS):
        parse_address(uri, mon.qmp.version)
    elif not uri.startswith(_SCHEMES):
        desc = f"unknown migration protocol: {uri}"
        raise refusal(desc)


migrate_cancel = command.direct(
    "migrate_cancel",
    help="cancel the running migration",
    words="abort migration, stop migration",
)


@command(
    "migrate_continue",
    args_type="state:s",
    help="resume a migration that is waiting in STATE",
    arguments={"state": "the state in which it waits, such as pre-switchover"},
    qmp=["migrate-continue"],
    kinds={"state": MIGRATION_STATE},
)
async def migrate_continue(mon: Monitor, args: QDict) -> Empty:
    """Continue the migration from the state that it waits in."""
    with known_word(args["state"]):
        return await mon.qmp.execute("migrate-continue", state=args["state"])


@command(
    "migrate_incoming",
    args_type="uri:s",
    help="wait for an incoming migration (after -incoming defer)",
    arguments={
        "uri": "where to listen: tcp:HOST:PORT, unix:PATH, or file:PATH to read from"
    },
    words="receive migration",
    qmp=["migrate-incoming", "query-qmp-schema"],
    checks=True,
    kinds=_URI,
)
async def migrate_incoming(mon: Monitor, args: QDict) -> Empty:
    """Listen; a QEMU that would exit when the migration fails is told not to."""
    await refuse_fatal(mon, "migrate-incoming", args)
    return await listen(mon, args["uri"])


@migrate_incoming.foresee
async def migrate_incoming_outcome(mon: Monitor, args: QDict) -> str:
    """Say what may happen if a program is started."""
    return sandbox_risk(mon, args)


async def listen(mon: Monitor, uri: str) -> Empty:
    """Let a machine listen for a migration, and stay if that fails.

    Raises CommandFailedError for an address that it would not take.
    """
    _check_address(mon, uri)
    members = (await mon.qmp.schema()).members("migrate-incoming")
    stays = any(member["name"] == "exit-on-error" for member in members)
    # by default QEMU exits if the migration fails; before 9.1 it always does
    choice = {"exit-on-error": False if stays else None}
    return await mon.qmp.execute("migrate-incoming", choice, uri=uri)


@command(
    "migrate_recover",
    args_type="uri:s",
    help="wait for a paused postcopy migration to reconnect",
    arguments={"uri": "where to listen for the source"},
    qmp=["migrate-recover"],
    checks=True,
    kinds=_URI,
)
async def migrate_recover(mon: Monitor, args: QDict) -> Empty:
    """Listen again, out-of-band: QEMU may be stuck in the paused migration."""
    await refuse_fatal(mon, "migrate-recover", args)
    value = await mon.qmp.execute_oob("migrate-recover", {"uri": args["uri"]})
    return cast("Empty", value)  # execute_oob is not typed per command


@command("migrate_pause", help="pause a postcopy migration", qmp=["migrate-pause"])
async def migrate_pause(mon: Monitor, args: QDict) -> Empty:
    """Pause, out-of-band: QEMU may be stuck in the migration."""
    return cast("Empty", await mon.qmp.execute_oob("migrate-pause"))  # as above


@command(
    "migrate_set_capability",
    args_type="capability:s,state:b",
    help="turn a migration capability on or off",
    arguments={"state": "on or off"},
    qmp=["migrate-set-capabilities"],
    kinds={"capability": MIGRATION_CAPABILITY},
    example="migrate_set_capability events on",
)
async def migrate_set_capability(mon: Monitor, args: QDict) -> Empty:
    """Turn one capability on or off."""
    with known_word(args["capability"]):
        return await mon.qmp.execute("migrate-set-capabilities", capabilities=[dict(args)])


@command(
    "migrate_set_parameter",
    args_type="parameter:s,value:S",
    help="set a migration parameter",
    arguments={
        "value": "the new value; for bandwidths, MiB per second unless a suffix is given"
    },
    words="limit migration bandwidth, downtime, migration speed",
    qmp=["migrate-set-parameters", "query-qmp-schema"],
    kinds={"parameter": MIGRATION_PARAMETER, "value": MIGRATION_VALUE},
    example="migrate_set_parameter max-bandwidth 100M",
)
async def migrate_set_parameter(mon: Monitor, args: QDict) -> Empty | Text:
    """Set one parameter, converted to its type in the machine's schema."""
    name = args["parameter"]
    text = one_word(mon, args["value"])
    try:
        value = parameter_value(await mon.qmp.schema(), name, text)
    except UnreadableError:
        return await forward_line(mon)
    return await mon.qmp.execute("migrate-set-parameters", {name: value})


PLAIN = (
    command.direct(
        "migrate_start_postcopy",
        "migrate-start-postcopy",
        help="switch a running migration to postcopy",
    ),
    command.direct(
        "x_colo_lost_heartbeat",
        "x-colo-lost-heartbeat",
        help="tell COLO that its peer is lost",
    ),
)

PASSTHROUGHS = (
    command.passthrough(
        "migration_mode",
        args_type="mode:i",
        help="choose whether storage attributes are migrated (s390x)",
        arguments={"mode": "0 or 1"},
    ),
)

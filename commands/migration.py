"""Migration to another QEMU, and what comes in from one."""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING, Any

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
    CommandFailedError,
    JobError,
    Limit,
    Monitor,
    QDict,
    QMPError,
    UsageError,
    command,
    forward_line,
    known_word,
    releases,
    size_text,
    views,
    wait_until,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Empty


CATEGORY = "Migration"

_URI = {"uri": MIGRATION_URI}
_UNDER_WAY = (
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
_FAILED = ("failed", "cancelled", "postcopy-paused")
_ENDED = ("completed", "failed", "cancelled")
_PATIENCE = 2.0
"""Seconds in which a paused migration that is resumed may stay what it was, and QEMU may
tidy up behind one that has ended."""
_TIDY = 0.05
"""Seconds between two looks whether it has."""


@command(
    "migrate",
    args_type="detach:-d,blk:-b,inc:-i,resume:-r,uri:s",
    params="[-d] [-r] uri",
    help="move the machine to another QEMU (-d: do not wait, -r: resume a paused"
    " postcopy migration)",
    qmp=["migrate", "query-migrate", "query-yank"],
    kinds=_URI,
    example="migrate -d tcp:otherhost:4444",
)
async def migrate(mon: Monitor, args: QDict) -> Any:
    """Start a migration, and wait for its end unless it is detached."""
    for key, letter in (("blk", "b"), ("inc", "i")):
        if args.get(key) and mon.qmp.version >= releases.NO_DISKS_MIGRATED:
            reason = f"migrate: unsupported option -{letter}"
            raise UsageError(mon.line, reason, shown=True)
    _check_rdma(mon, args["uri"])
    flags = {key: args.given(key) for key in ("blk", "inc", "resume")}
    await _until_tidy(mon)
    value = await mon.qmp.execute("migrate", flags, uri=args["uri"])
    return value if args.get("detach") else await _wait(mon, args.given("resume"))


async def _wait(mon: Monitor, resumes: bool | None) -> Any:
    """Return what is known of the migration when nothing more happens by itself.

    One that is resumed stays paused until it has connected, or cannot.
    """
    state: dict[str, Any] = {}
    still_paused = monotonic() + _PATIENCE if resumes else 0

    async def look() -> bool:
        state.clear()
        state.update(await mon.qmp.execute("query-migrate"))
        ram = state.get("ram", {"total": 0, "remaining": 0, "mbps": 0})
        left = f"{ram['mbps']:.0f} Mbit/s, {size_text(ram['remaining'])} left"
        done = ram["total"] - ram["remaining"]
        mon.progress(f"migration: {left}", done, ram["total"])
        if state.get("status") == "postcopy-paused" and monotonic() < still_paused:
            return False
        return state.get("status", "none") not in _UNDER_WAY

    await wait_until(mon, look, "the migration", "migrate_cancel")
    await _until_tidy(mon)
    if state["status"] in _FAILED:
        raise JobError(state.get("error-desc") or f"migration {state['status']}")
    return state


async def _until_tidy(mon: Monitor) -> None:
    """Wait until QEMU has tidied up behind a migration that has ended, if one has.

    It may die of one that begins before. As long as a migration can be yanked, there is
    something left of it.
    """
    limit = Limit(mon, _PATIENCE)
    while not limit.over:
        try:
            instances = await mon.qmp.execute("query-yank")
        except QMPError:
            return  # a machine that does not tell
        if all(instance["type"] != "migration" for instance in instances):
            return
        if (await mon.qmp.execute("query-migrate")).get("status") not in _ENDED:
            return  # it is for QEMU to say what may be done meanwhile
        await limit.pause(_TIDY)


_NEXT = {
    "pre-switchover": "'migrate_continue pre-switchover' goes on",
    "postcopy-active": "the guest runs there, the rest of its memory follows",
}
"""What to know of states that a migration does not end in."""


@migrate.view
def migrate_view(value: Any) -> RenderableType | None:
    """Say how it ended, or what is next; nothing when it was not waited for."""
    if "status" not in value:
        return None
    status, ram = value["status"], value.get("ram", {})
    seconds = value.get("total-time", 0) / 1000
    facts = [f"{size_text(ram.get('transferred', 0))} in {seconds:.1f} s"]
    if "downtime" in value:
        facts.append(f"the guest stood still for {value['downtime']} ms")
    if status in _NEXT:
        facts.append(_NEXT[status])
    return views.state(f"{status}: {', '.join(facts)}", status != "pre-switchover")


_RDMA_ADDRESS = (
    r"([^:\[,]{0,64}|\[[^\]]{1,64}\]):[^,]{1,32}"
    r"(,(to=[0-9]+|ipv[46](=(on|off))?|(keep-alive|mptcp|numeric)(=(on|off))?))*,?"
)


def _check_rdma(mon: Monitor, uri: str) -> None:
    """Refuse an address that would kill QEMU. Raises CommandFailedError."""
    scheme, _, address = uri.partition(":")
    if scheme != "rdma" or mon.qmp.version < releases.RDMA_TRUSTED:
        return
    if not re.fullmatch(_RDMA_ADDRESS, address):
        desc = f"RDMA ERROR: bad RDMA migration address '{address}'"
        raise CommandFailedError(f"Error: {desc}\n", desc)


_SOCKETS = ("tcp:", "unix:", "vsock:", "fd:")
_SCHEMES = (*_SOCKETS, "exec:", "rdma:", "file:")


def _check_address(mon: Monitor, uri: str) -> None:
    """Refuse what is no address. Raises CommandFailedError."""
    if mon.qmp.version < releases.ADDRESS_FIRST:
        return
    if uri.startswith(_SOCKETS):
        parse_address(uri, mon.qmp.version)
    elif not uri.startswith(_SCHEMES):
        desc = f"unknown migration protocol: {uri}"
        raise CommandFailedError(f"Error: {desc}\n", desc)


migrate_cancel = command.direct("migrate_cancel", help="cancel the running migration")


@command(
    "migrate_continue",
    args_type="state:s",
    help="let a migration go on that waits in a state",
    qmp=["migrate-continue"],
    kinds={"state": MIGRATION_STATE},
    example="migrate_continue pre-switchover",
)
async def migrate_continue(mon: Monitor, args: QDict) -> Empty:
    """Go on from a state that is the migration's."""
    with known_word(args["state"]):
        return await mon.qmp.execute("migrate-continue", state=args["state"])


@command(
    "migrate_incoming",
    args_type="uri:s",
    help="wait for a migration to come in (after -incoming defer)",
    qmp=["migrate-incoming", "query-qmp-schema"],
    kinds=_URI,
    example="migrate_incoming tcp:0:4444",
)
async def migrate_incoming(mon: Monitor, args: QDict) -> Empty:
    """Listen; a QEMU that could end when the migration fails is told to stay."""
    _check_rdma(mon, args["uri"])
    _check_address(mon, args["uri"])
    members = (await mon.qmp.schema()).members("migrate-incoming")
    stays = any(member["name"] == "exit-on-error" for member in members)
    choice = {"exit-on-error": False if stays else None}
    return await mon.qmp.execute("migrate-incoming", choice, uri=args["uri"])


@command(
    "migrate_recover",
    args_type="uri:s",
    help="wait for a paused postcopy migration to go on",
    qmp=["migrate-recover"],
    kinds=_URI,
)
async def migrate_recover(mon: Monitor, args: QDict) -> Any:
    """Listen anew, out-of-band: QEMU may be stuck in the paused migration."""
    _check_rdma(mon, args["uri"])
    return await mon.qmp.execute_oob("migrate-recover", {"uri": args["uri"]})


@command("migrate_pause", help="pause a postcopy migration", qmp=["migrate-pause"])
async def migrate_pause(mon: Monitor, args: QDict) -> Any:
    """Pause, out-of-band: QEMU may be stuck in the migration."""
    return await mon.qmp.execute_oob("migrate-pause")


@command(
    "migrate_set_capability",
    args_type="capability:s,state:b",
    help="switch a capability of migrations on or off",
    qmp=["migrate-set-capabilities"],
    kinds={"capability": MIGRATION_CAPABILITY},
    example="migrate_set_capability events on",
)
async def migrate_set_capability(mon: Monitor, args: QDict) -> Empty:
    """Switch one capability."""
    with known_word(args["capability"]):
        return await mon.qmp.execute("migrate-set-capabilities", capabilities=[dict(args)])


@command(
    "migrate_set_parameter",
    args_type="parameter:s,value:S",
    help="set a parameter of migrations",
    qmp=["migrate-set-parameters", "query-qmp-schema"],
    kinds={"parameter": MIGRATION_PARAMETER, "value": MIGRATION_VALUE},
    example="migrate_set_parameter max-bandwidth 100M",
)
async def migrate_set_parameter(mon: Monitor, args: QDict) -> Any:
    """Set one parameter; the schema tells its type."""
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
        help="let a running migration go on as postcopy",
    ),
    command.direct(
        "x_colo_lost_heartbeat",
        "x-colo-lost-heartbeat",
        help="tell COLO that its other side is lost",
    ),
)

PASSTHROUGHS = (
    command.passthrough(
        "migration_mode",
        args_type="mode:i",
        help="choose whether storage attributes are migrated (s390x)",
    ),
)

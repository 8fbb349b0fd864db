"""Replay of a recorded execution: breakpoints and seeking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.authoring import DESTRUCTIVE, Monitor, QDict, bare_errors, command

if TYPE_CHECKING:
    from hmp.authoring import Empty

CATEGORY = "Debugging"


@command(
    "replay_break",
    args_type="icount:l",
    help="stop the replay at an instruction count",
    arguments={"icount": "an instruction count, such as 'info replay' shows"},
    qmp=["replay-break"],
    failure=r"\A.",
)
async def replay_break(mon: Monitor, args: QDict) -> Empty:
    """Set the replay's one breakpoint."""
    with bare_errors():
        return await mon.qmp.execute("replay-break", icount=args["icount"])


@command(
    "replay_delete_break",
    help="delete the replay's breakpoint",
    qmp=["replay-delete-break"],
    failure=r"\A.",
)
async def replay_delete_break(mon: Monitor, args: QDict) -> Empty:
    """Delete the breakpoint."""
    with bare_errors():
        return await mon.qmp.execute("replay-delete-break")


@command(
    "replay_seek",
    args_type="icount:l",
    help="replay to an instruction count",
    arguments={"icount": "an instruction count, such as 'info replay' shows"},
    effect=DESTRUCTIVE,
    outcome="this restores a snapshot and replays from there",
    qmp=["replay-seek"],
    failure=r"\A.",
)
async def replay_seek(mon: Monitor, args: QDict) -> Empty:
    """Go to an instruction, replaying from the last snapshot before it."""
    with bare_errors():
        return await mon.qmp.execute("replay-seek", icount=args["icount"])


@replay_seek.foresee
async def replay_seek_outcome(mon: Monitor, args: QDict) -> str:
    """Return an empty text for a machine that does not replay."""
    mode = (await mon.qmp.execute("query-replay"))["mode"]
    return replay_seek.outcome if mode != "none" else ""

"""Dumps of the guest's memory that QEMU writes in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hmp.authoring import JobError, Monitor, QMPError, sleep, wait_until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hmp.monitor.events import Event
    from hmp.qmp.reply_types import DumpQueryResult

_TIDY = 0.3
"""Seconds to give QEMU's thread after a dump, before asking whether it has finished.

The query reads a list that the thread changes without a lock.
"""
# half a minute in all: by then, something else blocks migration
_TIDY_LOOKS = 100
_OVER_LOOKS = 3
"""How often a finished dump may be seen before we stop waiting for its event."""


async def dump_with_progress(
    mon: Monitor, start: Callable[[], Awaitable[object]]
) -> DumpQueryResult:
    """Start a detached dump and wait until QEMU can start another one.

    Returns the final reply of ``query-dump``. Raises JobError.
    """
    ends: list[Event] = []
    over = 0

    async def has_ended() -> bool:
        nonlocal over
        state = await mon.qmp.execute("query-dump")
        mon.progress("dump", state["completed"], state["total"])
        over += state["status"] != "active"
        if over > _OVER_LOOKS and not ends:
            ends.append({"result": state})
        return bool(ends)

    def listen(event: Event) -> None:
        if event["event"] == "DUMP_COMPLETED":
            ends.append(event["data"])

    mon.listeners.append(listen)  # a short dump ends before the reply to its start
    try:
        await start()
        await wait_until(mon, has_ended, "the dump", "")
    finally:
        mon.listeners.remove(listen)
    await until_tidy(mon)
    result = cast("DumpQueryResult", ends[-1]["result"])  # the event's member
    if result["status"] == "failed":
        raise JobError(ends[-1].get("error", "the dump failed"))
    return result


async def until_tidy(mon: Monitor) -> None:
    """Wait until QEMU's thread has cleaned up after a detached dump.

    The event precedes the cleanup, and a dump started in between fails or crashes QEMU.
    The thread's last step is to allow migration again.
    """
    for _ in range(_TIDY_LOOKS):
        await sleep(mon, _TIDY)
        try:
            state = await mon.qmp.execute("query-migrate")
        except QMPError:
            return  # this machine cannot tell
        if not any("dump-guest-memory" in why for why in state.get("blocked-reasons", ())):
            return

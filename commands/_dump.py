"""Dumps of the guest's memory that QEMU writes beside its other work."""

from typing import TYPE_CHECKING, Any

from hmp.authoring import JobError, Monitor, QMPError, sleep, wait_until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_TIDY = 0.3
"""Seconds that QEMU's thread has, behind a dump, before it is asked whether it is done.

The question reads a list that the thread changes without a lock.
"""
_TIDY_LOOKS = 100
_OVER_LOOKS = 3
"""Looks that find a dump over, until its event is not waited for any more."""


async def dump_with_progress(
    mon: Monitor, start: "Callable[[], Awaitable[Any]]"
) -> dict[str, Any]:
    """Start a detached dump and wait until QEMU can begin another one.

    Returns what ``query-dump`` says of it. Raises JobError.
    """
    ends: list[dict[str, Any]] = []
    over = 0

    async def has_ended() -> bool:
        nonlocal over
        state = await mon.qmp.execute("query-dump")
        mon.progress("dump", state["completed"], state["total"])
        over += state["status"] != "active"
        if over > _OVER_LOOKS and not ends:
            ends.append({"result": state})
        return bool(ends)

    def listen(event: dict[str, Any]) -> None:
        if event["event"] == "DUMP_COMPLETED":
            ends.append(event["data"])

    mon.listeners.append(listen)  # it may end before it is said to have begun
    try:
        await start()
        await wait_until(mon, has_ended, "the dump", "")
    finally:
        mon.listeners.remove(listen)
    await until_tidy(mon)
    result: dict[str, Any] = ends[-1]["result"]
    if result["status"] == "failed":
        raise JobError(ends[-1].get("error", "the dump failed"))
    return result


async def until_tidy(mon: Monitor) -> None:
    """Wait until QEMU's thread has tidied up behind a detached dump that has ended.

    The event comes before that, and a dump that begins meanwhile fails or kills QEMU.
    Its last act is to let the machine be migrated again.
    """
    for _ in range(_TIDY_LOOKS):
        await sleep(mon, _TIDY)
        try:
            state = await mon.qmp.execute("query-migrate")
        except QMPError:
            return  # a machine that does not tell
        if not any("dump-guest-memory" in why for why in state.get("blocked-reasons", ())):
            return

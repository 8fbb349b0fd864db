"""Long work of a machine, waited for until its real end.

QEMU's jobs tell how far they are (``query-jobs``), and their end by events: a job that
dismisses itself is gone from the list before anybody can ask how it went.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from hmp.monitor import Monitor
    from hmp.qmp.session import Message

INTERVAL = 0.5
"""Seconds between two looks at a job; events cut them short."""

_ENDINGS = ("BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED")


class JobFailed(CommandError):
    """A job that came to its end, but not to its goal."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Error: {reason}\n", reason)


class _Job:
    """What is known of one job, from events and from the list of jobs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ended = False
        self.ready = False
        self.error = ""

    def on_event(self, event: Message) -> None:
        data = event.get("data", {})
        if event["event"] in _ENDINGS and data.get("device") == self.name:
            self.ended = True
            self.error = data.get("error", "")
            if event["event"] == "BLOCK_JOB_CANCELLED":
                self.error = "the job was cancelled"
        elif event["event"] == "BLOCK_JOB_READY" and data.get("device") == self.name:
            self.ready = True

    async def look(self, monitor: Monitor) -> Message | None:
        """Return the job's entry in the list; without one, or concluded, it has ended."""
        jobs = await monitor.qmp.execute("query-jobs")
        entry: Message | None = next((j for j in jobs if j["id"] == self.name), None)
        if entry is None:
            self.ended = True
        elif entry["status"] == "concluded":
            self.ended = True
            self.error = entry.get("error", "")
            await monitor.qmp.execute("job-dismiss", id=self.name)
        return entry


async def run_job(
    monitor: Monitor,
    name: str,
    start: Callable[[], Awaitable[Any]],
    what: str,
    cancel: str,
    *,
    until_ready: bool = False,
) -> None:
    """Start a job and wait until it has ended, or is ready when that is its goal.

    name: its id. start: makes it begin. what: names it to the user while it lasts.
    cancel: the monitor command that ends it early. Raises JobFailed with the job's own
    error, QMPError when it does not even start.
    """
    job = _Job(name)
    monitor.listeners.append(job.on_event)
    try:
        await start()
        monitor.unfinished = f"{what} goes on; '{cancel}' ends it"
        while not (job.ended or (until_ready and job.ready)):
            entry = await job.look(monitor)
            if entry is not None and not job.ended:
                progress = entry["current-progress"], entry["total-progress"]
                monitor.progress(what, *progress)
                await monitor.qmp.pause(INTERVAL)
    finally:
        monitor.listeners.remove(job.on_event)
    if job.error:
        raise JobFailed(job.error)


async def wait_until(
    monitor: Monitor, look: Callable[[], Awaitable[bool]], what: str, cancel: str
) -> None:
    """Look again and again until something is done; for work that is no job.

    look: tells whether it is, and may call monitor.progress. what, cancel: as for
    `run_job`. Raises what look raises.
    """
    monitor.unfinished = f"{what} goes on; '{cancel}' ends it"
    while not await look():
        await monitor.qmp.pause(INTERVAL)

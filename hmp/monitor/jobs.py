"""Long work of a machine, waited for until its real end.

QEMU's jobs tell how far they are (``query-jobs``), and their end by events: a job that
dismisses itself is gone from the list before anybody can ask how it went.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.monitor.errors import CommandError
from hmp.qmp.errors import NoReply, QMPError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from hmp.monitor.monitor import Monitor
    from hmp.qmp.exchange import Message
    from hmp.qmp.reply_types import JobInfo

INTERVAL = 0.5
"""Seconds between two looks at a job; events cut them short."""

_ENDINGS = ("BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED")
_READY = ("ready", "standby")
_PAUSED = ("paused", "standby")


class JobFailed(CommandError):
    """A job that came to its end, but not to its goal."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Error: {reason}\n", reason)


class _Job:
    """What is known of one job, from events and from the list of jobs.

    name: its id; the machine may choose another when it starts. running: whether the
    command that starts it has been answered.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.running = False
        self._begin()

    def _begin(self) -> None:
        self.ended = False
        self.ready = False
        self.error = ""

    def on_event(self, event: Message) -> None:
        kind, data = event["event"], event.get("data", {})
        if kind == "JOB_STATUS_CHANGE":
            self._on_status(data["id"], data["status"])
        elif data.get("device") == self.name:
            self.ready = self.ready or kind == "BLOCK_JOB_READY"
            if kind in _ENDINGS:
                self.ended = True
                cancelled = kind == "BLOCK_JOB_CANCELLED"
                self.error = "the job was cancelled" if cancelled else data.get("error", "")

    def _on_status(self, name: str, status: str) -> None:
        if status == "created" and not self.running:
            self.name = name
            self._begin()  # all before was of an older job with the same name
        elif status == "aborting" and name == self.name:
            self.error = "the job failed"  # unless somebody says more

    async def look(self, monitor: Monitor) -> JobInfo | None:
        """Return the job's entry in the list; without one, or concluded, it has ended."""
        jobs = await monitor.qmp.execute("query-jobs")
        entry = next((j for j in jobs if j["id"] == self.name), None)
        if entry is None:
            self.ended = True
            return None
        self.ready = self.ready or entry["status"] in _READY
        if entry["status"] == "concluded":
            self.ended = True
            self.error = entry.get("error", self.error)
            with suppress(QMPError):  # somebody else was faster
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
) -> Any:
    """Start a job, wait until it has ended, and return what start returned.

    name: its id. start: makes it begin. what: names it to the user while it lasts.
    cancel: the monitor command that ends it early; empty when there is none.
    until_ready: wait no longer than until it is ready, which is its goal. Raises
    JobFailed with the job's own error, QMPError when it does not even start.
    """
    job = _Job(name)
    monitor.listeners.append(job.on_event)
    # it may go on from when it is asked for, on a machine too busy to tell how far it is
    monitor.unfinished = _goes_on(what, cancel)
    monitor.progress(what, 0, 0)
    try:
        value = await start()
        job.running = True
        await _wait(monitor, job, what, until_ready)
        monitor.unfinished = ""
    finally:
        monitor.listeners.remove(job.on_event)
    if job.error:
        raise JobFailed(job.error)
    return value


async def _wait(monitor: Monitor, job: _Job, what: str, until_ready: bool) -> None:
    """Wait for the end of a job, or until it is ready."""
    while True:
        try:
            # also when an event told the end: what comes of it is in the list
            entry = await job.look(monitor)
        except NoReply as error:
            raise NoReply(f"{error.desc}; {monitor.unfinished}") from error
        if job.ended or entry is None or (until_ready and job.ready):
            return
        paused = " (paused)" if entry["status"] in _PAUSED else ""
        monitor.progress(what + paused, entry["current-progress"], entry["total-progress"])
        await monitor.qmp.pause(INTERVAL)


def _goes_on(what: str, cancel: str) -> str:
    return f"{what} goes on; " + (f"'{cancel}' ends it" if cancel else "nothing ends it")


async def run_blocking(
    monitor: Monitor, start: Callable[[], Awaitable[Any]], what: str
) -> Any:
    """Do what the machine tells nothing about until it is done; return what it returns.

    what: names it to the user while it lasts. Raises what start raises.
    """
    monitor.unfinished = _goes_on(what, "")
    monitor.progress(what, 0, 0)
    value = await start()
    monitor.unfinished = ""
    return value


async def wait_until(
    monitor: Monitor, look: Callable[[], Awaitable[bool]], what: str, cancel: str
) -> None:
    """Look again and again until something is done; for work that is no job.

    look: tells whether it is, and may call monitor.progress. what, cancel: as for
    `run_job`. Raises what look raises.
    """
    monitor.unfinished = _goes_on(what, cancel)
    while not await look():
        await monitor.qmp.pause(INTERVAL)
    monitor.unfinished = ""

"""Long work of a machine, waited for until its real end.

QEMU's jobs tell how far they are (``query-jobs``), and their end by events: a job that
dismisses itself is gone from the list before anybody can ask how it went.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.monitor.errors import CommandError, CommandFailedError
from hmp.monitor.events import OURS
from hmp.monitor.waiting import Limit
from hmp.qmp.errors import NoReplyError, QMPError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from hmp.monitor.monitor import Monitor
    from hmp.qmp.exchange import Message
    from hmp.qmp.reply_types import JobInfo

_ENDINGS = ("BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED")
_READY = ("ready", "standby")
_OF_BLOCKS = ("backup", "commit", "mirror", "stream")
_PENDING_LOOKS = 1
"""Looks that find a job pending which is about to finalize itself."""
_NOTES = {
    "paused": " (paused)",
    "standby": " (ready, paused)",
    "ready": " (ready)",
    "waiting": " (waiting for the other jobs of its transaction)",
}
"""By the state of a job what to know while it is waited for."""


class JobError(CommandError):
    """A job that came to its end, but not to its goal."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Error: {reason}\n", reason)


class _Job:
    """What is known of one job, from events and from the list of jobs.

    name: its id; the machine may choose another when it starts. starting: whether the
    command that starts it has not been answered yet. known: whether anything was heard
    of it. status: the last one.
    """

    def __init__(self, name: str, *, starting: bool) -> None:
        self.name = name
        self.starting = starting
        self._begin()

    def _begin(self) -> None:
        self.known = False
        self.ended = False
        self.ready = False
        self.error = ""
        self.status = ""

    def on_event(self, event: Message) -> None:
        kind, data = event["event"], event.get("data", {})
        if kind == "JOB_STATUS_CHANGE":
            self._on_status(data["id"], data["status"])
        elif data.get("device") == self.name:
            self.known = True
            self.ready = self.ready or kind == "BLOCK_JOB_READY"
            if kind in _ENDINGS:
                self.ended = True
                cancelled = kind == "BLOCK_JOB_CANCELLED"
                self.error = "the job was cancelled" if cancelled else data.get("error", "")

    def _on_status(self, name: str, status: str) -> None:
        if status == "created" and (self.starting or name == self.name):
            self.name = name
            self._begin()  # all before was of an older job with the same name
        if name != self.name:
            return
        self.known, self.status = True, status
        if status == "aborting":
            self.error = "the job failed"  # unless somebody says more
        self.ended = self.ended or status in ("concluded", "null")

    async def look(self, monitor: Monitor) -> JobInfo | None:
        """Return the job's entry in the list; without one, or concluded, it has ended."""
        jobs = await monitor.qmp.execute("query-jobs")
        entry = next((j for j in jobs if j["id"] == self.name), None)
        if entry is None:
            self.ended = True
            return None
        self.known = True
        self.status = entry["status"]
        self.ready = self.ready or self.status in _READY
        if self.status == "concluded":
            self.ended = True
            self.error = entry.get("error", self.error)
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
    until_ready: wait no longer than until it is ready, which is its goal. A job with a
    name of ours is dismissed when it has ended, also after it was given up. Raises
    JobError with the job's own error, QMPError when it does not even start.
    """
    job = _Job(name, starting=True)
    monitor.listeners.append(job.on_event)
    # it may go on from when it is asked for, on a machine too busy to tell how far it is
    monitor.unfinished = _goes_on(what, cancel)
    monitor.progress(what, 0, 0)
    limit = Limit(monitor)
    try:
        value = await _started(job, start)
        await _wait(monitor, job, what, limit, until_ready=until_ready)
    except BaseException:
        if name.startswith(OURS):
            _dismiss_later(monitor, job)
        raise
    finally:
        monitor.listeners.remove(job.on_event)
    monitor.unfinished = ""
    if job.status == "concluded" and name.startswith(OURS):
        await dismiss(monitor, job.name)
    if job.error:
        raise JobError(job.error)
    return value


async def _started(job: _Job, start: Callable[[], Awaitable[Any]]) -> Any:
    """Start a job; one that does not start needs no end."""
    try:
        value = await start()
    except NoReplyError:
        raise
    except QMPError:
        job.ended = True
        raise
    job.starting = False
    return value


async def wait_for_job(monitor: Monitor, name: str, limit: Limit) -> None:
    """Wait until a job has ended that somebody has started, and leave it as it is then.

    Raises JobError with its error, or when it never ends by itself, and CommandFailedError
    for one that nothing is known of.
    """
    job = _Job(name, starting=False)
    for event in monitor.events:
        job.on_event(event)
    job.ended = job.ready = False
    monitor.listeners.append(job.on_event)
    try:
        entry = await job.look(monitor)
        if not job.known:
            raise CommandFailedError(f"Error: there is no job '{name}'\n")
        if entry is not None and not job.ended:
            cancel = f"block_job_cancel {name}" if entry["type"] in _OF_BLOCKS else ""
            monitor.unfinished = _goes_on(f"job {name}", cancel)
            await _wait(monitor, job, f"job {name}", limit)
            monitor.unfinished = ""
    finally:
        monitor.listeners.remove(job.on_event)
    if job.status == "concluded" and name.startswith(OURS):
        await dismiss(monitor, name)
    if job.error:
        raise JobError(job.error)


async def _wait(
    monitor: Monitor, job: _Job, what: str, limit: Limit, *, until_ready: bool = False
) -> None:
    """Wait for the end of a job, or until it is ready. Raises JobError."""
    pending = 0
    while True:
        try:
            # also when an event told the end: what comes of it is in the list
            entry = await job.look(monitor)
        except NoReplyError as error:
            raise NoReplyError(f"{error.desc}; {monitor.unfinished}") from error
        if job.ended or entry is None or (until_ready and job.ready):
            return
        pending = pending + 1 if job.status == "pending" else 0
        if pending > _PENDING_LOOKS:
            finalize = f"'qmp job-finalize id={job.name}' ends it"
            raise JobError(f"the job is pending; {finalize}")
        if limit.over:
            raise JobError(f"no end within {limit}; {_state(monitor, job, what)}")
        note = _NOTES.get(job.status, "")
        monitor.progress(what + note, entry["current-progress"], entry["total-progress"])
        await limit.pause()


def _state(monitor: Monitor, job: _Job, what: str) -> str:
    """Return how a job is, and what ends it."""
    if job.status == "ready":
        return f"{what} is ready: 'block_job_complete {job.name}' ends it"
    if job.status in ("paused", "standby"):
        return f"{what} is paused: 'block_job_resume {job.name}' lets it run"
    return monitor.unfinished or ""


def _dismiss_later(monitor: Monitor, job: _Job) -> None:
    """Have a job of ours dismissed as soon as it has ended, which nobody waits for."""

    def post() -> None:
        monitor.connection.post("job-dismiss", {"id": job.name})

    def listen(event: Message) -> None:
        data = event.get("data", {})
        if event["event"] == "JOB_STATUS_CHANGE" and data["id"] == job.name:
            if data["status"] == "concluded":
                post()
            if data["status"] in ("concluded", "null"):
                monitor.listeners.remove(listen)

    if job.status == "concluded":
        post()
    elif not job.ended:
        monitor.listeners.append(listen)


async def name_of_ours(monitor: Monitor) -> str:
    """Return a name for a job of ours, which no other job has.

    Those that have ended are dismissed: who started them has left without waiting.
    """
    taken = set()
    for job in await monitor.qmp.execute("query-jobs"):
        if job["id"].startswith(OURS) and job["status"] == "concluded":
            await dismiss(monitor, job["id"])
        else:
            taken.add(job["id"])
    names = (f"{OURS}{number}" for number in range(len(taken) + 1))
    return next(name for name in names if name not in taken)


async def dismiss(monitor: Monitor, name: str) -> None:
    """Dismiss a job that has ended, unless somebody else was faster."""
    with suppress(QMPError):
        await monitor.qmp.execute("job-dismiss", id=name)


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
    `run_job`. Raises what look raises, and JobError beyond the limit of the line.
    """
    monitor.unfinished = _goes_on(what, cancel)
    limit = Limit(monitor)
    while not await look():
        if limit.over:
            raise JobError(f"no end within {limit}; {monitor.unfinished}")
        await limit.pause()
    monitor.unfinished = ""

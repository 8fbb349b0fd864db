"""Waiting for long work of a machine until it has really ended.

``query-jobs`` reports a job's progress, but its end comes by events: a job that dismisses
itself leaves the list before its result could be queried. So both are followed. While a
line waits, ``continues`` of its `Call` holds the text to show if the user stops waiting.
"""

from __future__ import annotations

from contextlib import suppress
from time import monotonic

from hmp.monitor.errors import CommandError, CommandFailedError
from hmp.monitor.events import OURS
from hmp.monitor.waiting import INTERVAL, Limit
from hmp.qmp.errors import BadReplyError, MachineGoneError, NoReplyError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from hmp.monitor.monitor import Monitor
    from hmp.qmp.exchange import Message
    from hmp.qmp.reply_types import JobInfo

_ENDINGS = ("BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED")
# states in which a job has done its work, and waits to be completed
_READY = ("ready", "standby")
_OF_BLOCKS = ("backup", "commit", "mirror", "stream")
_PENDING_LOOKS = 1
"""Polls that may find a job pending although it is about to finalize itself."""
_LOOK = 0.1
"""Seconds between two looks at jobs that have to end soon."""
_NOTES = {
    "paused": " (paused)",
    "standby": " (ready, paused)",
    "ready": " (ready)",
    "waiting": " (waiting for the other jobs of its transaction)",
}
"""Notes to show while waiting, by the state of the job."""


class JobError(CommandError):
    """A job that ended without success, or was not waited for to its end."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Error: {reason}\n", reason)


class _Job:
    """The state of one job, from events and from the list of jobs.

    name: its id; the machine may choose another when it starts. starting: whether the
    command that starts it is still unanswered. known: whether any event or list has
    mentioned it. status: the last one.
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
            # the event of a block job has the error; the list may have lost the job by then
            if kind in _ENDINGS:
                self.ended = True
                # a cancelled job has no error member
                cancelled = kind == "BLOCK_JOB_CANCELLED"
                self.error = "the job was cancelled" if cancelled else data.get("error", "")

    def _on_status(self, name: str, status: str) -> None:
        if status == "created" and (self.starting or name == self.name):
            self.name = name
            self._begin()  # earlier events were about an older job of the same name
        if name != self.name:
            return
        self.known, self.status = True, status
        if status == "aborting":
            self.error = "the job failed"  # until a more specific reason arrives
        self.ended = self.ended or status in ("concluded", "null")

    async def look(self, monitor: Monitor) -> JobInfo | None:
        """Return the job's entry in the list; without one, or concluded, it has ended."""
        jobs = await monitor.qmp.execute("query-jobs")
        # a job that dismisses itself is not in the list any more
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
    """Start a job, wait until it has ended, and return the value of start.

    name: its id. start: starts it. what: its name for the user. cancel: the monitor
    command that cancels it; empty if it cannot be cancelled. until_ready: stop waiting
    when it is ready. A job with a name of ours is dismissed when it has ended, even if
    the user has stopped waiting. Raises JobError with the job's own error, QMPError if it
    does not start.
    """
    job = _Job(name, starting=True)
    monitor.listeners.append(job.on_event)
    # set before the start: the job may run although a busy machine has not replied yet
    monitor.call.continues = _continues(what, cancel)
    monitor.progress(what, 0, 0)
    limit = Limit(monitor)
    try:
        value = await _started(job, start)
        await _wait(monitor, job, what, limit, until_ready=until_ready)
    except BaseException:
        if name.startswith(OURS):
            _dismiss_later(monitor, job, what)
        raise
    finally:
        monitor.listeners.remove(job.on_event)
    monitor.call.continues = ""
    if job.status == "concluded" and name.startswith(OURS):
        await dismiss(monitor, job.name)
    if job.error:
        raise JobError(job.error)
    return value


async def _started(job: _Job, start: Callable[[], Awaitable[Any]]) -> Any:
    """Start a job; one that fails to start counts as ended."""
    try:
        value = await start()
    # it may have started nevertheless
    except NoReplyError:
        raise
    except QMPError:
        job.ended = True
        raise
    job.starting = False
    return value


async def wait_for_job(monitor: Monitor, name: str, limit: Limit) -> None:
    """Wait until a running job has ended; do not dismiss it unless its name is ours.

    Raises JobError with its error, or if it needs a command to end, and CommandFailedError
    for an unknown job.
    """
    job = _Job(name, starting=False)
    for event in monitor.events:
        job.on_event(event)
    # past events only contribute the error: the end may be that of an older job
    job.ended = job.ready = False
    monitor.listeners.append(job.on_event)
    try:
        entry = await job.look(monitor)
        if not job.known:
            raise CommandFailedError(f"Error: no job '{name}'\n")
        if entry is not None and not job.ended:
            cancel = f"block_job_cancel {name}" if entry["type"] in _OF_BLOCKS else ""
            monitor.call.continues = _continues(f"job {name}", cancel)
            await _wait(monitor, job, f"job {name}", limit)
            monitor.call.continues = ""
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
            # also after an event has reported the end: the result is in the list
            entry = await job.look(monitor)
        except NoReplyError as error:
            raise NoReplyError(f"{error.desc}; {monitor.call.continues}") from error
        if job.ended or entry is None or (until_ready and job.ready):
            return
        pending = pending + 1 if job.status == "pending" else 0
        if pending > _PENDING_LOOKS:
            finalize = f"'qmp job-finalize id={job.name}' finishes it"
            raise JobError(f"the job is pending; {finalize}")
        if limit.over:
            raise JobError(f"no end within {limit}; {_state(monitor, job, what)}")
        note = _NOTES.get(job.status, "")
        monitor.progress(what + note, entry["current-progress"], entry["total-progress"])
        # a job that is pending for longer than an instant waits for its owner
        await limit.pause(INTERVAL if pending else None)


def _state(monitor: Monitor, job: _Job, what: str) -> str:
    """Return the state of a job, and the command that ends it."""
    if job.status == "ready":
        return f"{what} is ready: 'block_job_complete {job.name}' completes it"
    if job.status in ("paused", "standby"):
        return f"{what} is paused: 'block_job_resume {job.name}' resumes it"
    return monitor.call.continues


def _dismiss_later(monitor: Monitor, job: _Job, what: str) -> None:
    """Dismiss a job of ours as soon as it has ended, without waiting for that.

    If the monitor ends earlier, `leave_jobs` does.
    """

    def post() -> None:
        # an event listener cannot await, so the command is sent without its reply
        monitor.connection.post("job-dismiss", {"id": job.name})

    def listen(event: Message) -> None:
        data = event.get("data", {})
        if event["event"] == "JOB_STATUS_CHANGE" and data["id"] == job.name:
            if data["status"] == "concluded":
                post()
            if data["status"] == "null":
                monitor.listeners.remove(listen)
                monitor.left_jobs.pop(job.name, None)

    if job.status == "concluded":
        post()
    elif job.ended:
        return
    # a request that is sent just before the connection is closed may be lost
    monitor.left_jobs[job.name] = what
    monitor.listeners.append(listen)


PARTING = 1.0
"""Seconds that the jobs of ours have to end when hmp does."""


async def leave_jobs(monitor: Monitor) -> None:
    """Dismiss the jobs of ours whose lines stopped waiting, since hmp ends.

    They get a moment to end; the caller limits the time of a reply.
    """
    left, end = monitor.left_jobs, monotonic() + PARTING
    try:
        while left:
            jobs = await monitor.qmp.execute("query-jobs")
            states = {job["id"]: job["status"] for job in jobs}
            for name in list(left):
                if states.get(name) == "concluded":
                    await dismiss(monitor, name)
                if states.get(name, "null") in ("concluded", "null"):
                    left.pop(name, None)
            if monotonic() >= end:
                break
            if left:
                await monitor.qmp.pause(_LOOK)
    except (QMPError, BadReplyError):
        pass  # a machine that is too busy, for example with saving itself
    except MachineGoneError:
        left.clear()


def left_behind(monitor: Monitor) -> list[str]:
    """Return a line about each job of ours that continues without hmp."""
    return [
        f"{what} continues; when it has ended, 'qmp job-dismiss id={name}' removes its job,"
        " as the next job of hmp does"
        for name, what in monitor.left_jobs.items()
    ]


async def name_of_ours(monitor: Monitor) -> str:
    """Return an unused name for a job of ours.

    Jobs of ours that have ended are dismissed: the client that started them has left.
    """
    taken: set[str] = set()
    for job in await monitor.qmp.execute("query-jobs"):
        if job["id"].startswith(OURS) and job["status"] == "concluded":
            await dismiss(monitor, job["id"])
        else:
            taken.add(job["id"])
    # one name more than are taken, so one of them is free
    names = (f"{OURS}{number}" for number in range(len(taken) + 1))
    return next(name for name in names if name not in taken)


async def dismiss(monitor: Monitor, name: str) -> None:
    """Dismiss a job that has ended; another client may already have done so."""
    with suppress(QMPError):
        await monitor.qmp.execute("job-dismiss", id=name)


def _continues(what: str, cancel: str) -> str:
    advice = f"'{cancel}' cancels it" if cancel else "it cannot be cancelled"
    return f"{what} continues ({advice})"


async def run_blocking(
    monitor: Monitor, start: Callable[[], Awaitable[Any]], what: str
) -> Any:
    """Run work that reports no progress; return the value of start.

    what: its name for the user. Exceptions of start pass through.
    """
    monitor.call.continues = _continues(what, "")
    monitor.progress(what, 0, 0)
    value = await start()
    monitor.call.continues = ""
    return value


async def wait_until(
    monitor: Monitor, look: Callable[[], Awaitable[bool]], what: str, cancel: str
) -> None:
    """Poll until work is done that is not a job.

    look: returns whether it is done, and may call monitor.progress. what, cancel: as for
    `run_job`. Raises JobError beyond the limit of the line; exceptions of look pass
    through.
    """
    monitor.call.continues = _continues(what, cancel)
    limit = Limit(monitor)
    while not await look():
        if limit.over:
            raise JobError(f"no end within {limit}; {monitor.call.continues}")
        await limit.pause()
    monitor.call.continues = ""

"""What a machine does now: asked by QMP in one round, and of /proc if it runs here.

A `Sample` is what one round has brought; its counters only grow. `reading` turns two
samples into what people and programs see: a plain object without what is not known.
"""

from __future__ import annotations

from time import monotonic

from hmp.fleet.process_usage import look
from hmp.monitor.from_text import asked
from hmp.qmp.errors import COMMAND_NOT_FOUND, NoReplyError, QMPError
from hmp.qmp.wrapped import CheckedConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hmp.fleet.process_usage import ProcessUsage
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message

    Reading = dict[str, Any]

NO_ANSWER = "no answer"
"""The state of a machine that hangs, or cannot be reached."""

# one of KVM's statistics; all of them would be much to read at each look
_EXITS = {"target": "vcpu", "providers": [{"provider": "kvm", "names": ["exits"]}]}
# what one look asks, sent together; a machine may lack some
_REQUESTS: dict[str, Message] = {
    "query-status": {},
    "query-cpus-fast": {},
    "query-memory-size-summary": {},
    "query-balloon": {},
    "query-blockstats": {},
    "query-migrate": {},
    "query-jobs": {},
    "query-stats": _EXITS,
}
_MIGRATES = (
    "setup",
    "active",
    "postcopy-active",
    "pre-switchover",
    "device",
    "wait-unplug",
)


class Sample:
    """What one round has brought: replies by command, and the process if it runs here."""

    __slots__ = ("process", "replies", "when")

    def __init__(
        self, when: float, replies: Mapping[str, Any], process: ProcessUsage | None
    ) -> None:
        self.when = when
        self.replies = replies
        self.process = process


class Sampler:
    """Takes the samples of one machine; what it does not know is asked only once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._qmp = (
            CheckedConnection(connection) if connection.takes_qmp else asked(connection)
        )
        self._commands = list(_REQUESTS)
        self._before: Sample | None = None

    async def reading(self, name: str) -> Reading:
        """Return what the machine does, with rates since the last call.

        Raises MachineGoneError, NoReplyError.
        """
        now = await self._sample()
        before, self._before = self._before, now
        return reading(name, before, now)

    async def _sample(self) -> Sample:
        requests = [(command, _REQUESTS[command]) for command in self._commands]
        outcomes = await self._qmp.execute_each(requests)
        replies: dict[str, Any] = {}
        for (command, _), outcome in zip(requests, outcomes, strict=True):
            if isinstance(outcome, NoReplyError):
                raise outcome
            if not isinstance(outcome, Exception):
                replies[command] = outcome
            elif isinstance(outcome, QMPError) and outcome.error_class == COMMAND_NOT_FOUND:
                # an older QEMU: its answer will not change
                self._commands.remove(command)
        threads = [cpu.get("thread-id", 0) for cpu in replies.get("query-cpus-fast", ())]
        return Sample(monotonic(), replies, look(self.connection, threads))


def reading(name: str, before: Sample | None, now: Sample) -> Reading:
    """Return what a machine does; rates need an earlier sample."""
    found: Reading = {"target": name}
    found |= _state(now.replies) | _memory(now) | _work(now.replies)
    if before is not None and now.when > before.when:
        found |= _rates(before, now)
    return found


def unanswered(name: str, reason: str) -> Reading:
    """Return the reading of a machine that does not answer."""
    return {"target": name, "state": NO_ANSWER, "error": reason}


def _state(replies: Mapping[str, Any]) -> Reading:
    found: Reading = {}
    if "query-status" in replies:
        found["state"] = replies["query-status"]["status"]
    if "query-cpus-fast" in replies:
        found["cpus"] = len(replies["query-cpus-fast"])
    return found


def _memory(now: Sample) -> Reading:
    found: Reading = {}
    if size := now.replies.get("query-memory-size-summary"):
        found["memory"] = size["base-memory"] + size.get("plugged-memory", 0)
    if "query-balloon" in now.replies:
        found["balloon"] = now.replies["query-balloon"]["actual"]
    if now.process is not None:
        found["resident"] = now.process.resident
    return found


def _work(replies: Mapping[str, Any]) -> Reading:
    """Return the migration and the jobs, with what is done of them from 0 to 1."""
    found: Reading = {}
    migration = replies.get("query-migrate", {})
    if migration.get("status") in _MIGRATES:
        ram = migration.get("ram", {})
        total = ram.get("total", 0)
        done = _part(total - ram.get("remaining", 0), total)
        found["migration"] = {"status": migration["status"], "done": done}
    if "query-jobs" in replies:
        found["jobs"] = [
            {
                "id": job["id"],
                "type": job["type"],
                "status": job["status"],
                "done": _part(job["current-progress"], job["total-progress"]),
            }
            for job in replies["query-jobs"]
        ]
    return found


def _part(done: int, total: int) -> float:
    return round(min(max(done / total, 0.0), 1.0), 3) if total else 0.0


def _rates(before: Sample, now: Sample) -> Reading:
    """Return what has been done a second: bytes, operations, percent of one CPU."""
    seconds = now.when - before.when

    def rate(total: Callable[[Sample], int | float | None]) -> float | None:
        old, new = total(before), total(now)
        # less than before: a disk or an interface was taken away, or the machine is new
        return None if old is None or new is None else max(new - old, 0) / seconds

    rates = {
        "cpu": rate(lambda sample: _used(sample, "percent")),
        "exits": rate(_exits),
        "read": rate(lambda sample: _disks(sample, "rd_bytes")),
        "written": rate(lambda sample: _disks(sample, "wr_bytes")),
        "reads": rate(lambda sample: _disks(sample, "rd_operations")),
        "writes": rate(lambda sample: _disks(sample, "wr_operations")),
        "received": rate(lambda sample: _used(sample, "received")),
        "sent": rate(lambda sample: _used(sample, "sent")),
    }
    return {key: round(value, 1) for key, value in rates.items() if value is not None}


def _used(sample: Sample, key: str) -> int | float | None:
    return None if sample.process is None else getattr(sample.process, key)


def _disks(sample: Sample, key: str) -> int | None:
    disks = sample.replies.get("query-blockstats")
    return None if disks is None else sum(disk["stats"][key] for disk in disks)


def _exits(sample: Sample) -> int | None:
    """Return how often KVM has left the guest; None where it is not counted."""
    found = [
        stat["value"]
        for result in sample.replies.get("query-stats", ())
        for stat in result["stats"]
        if isinstance(stat["value"], int)
    ]
    return sum(found) if found else None

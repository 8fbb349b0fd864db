"""Jobs that lines wait for: their ends, and what becomes of those that lines gave up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.monitor import jobs
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.events import OURS
from hmp.monitor.jobs import (
    JobError,
    leave_jobs,
    left_behind,
    name_of_ours,
    run_job,
    wait_for_job,
)
from hmp.monitor.waiting import Limit
from hmp.qmp.errors import MachineGoneError, NoReplyError, QMPError
from tests.fakes import FakeConnection, FakeSession, Message

JOB = f"{OURS}0"


def entry(status: str, name: str = JOB, **more: Any) -> Message:
    """Return a job in the list."""
    return {"id": name, "type": "x", "status": status, **more}


class Machine(FakeConnection):
    """One that keeps what is posted, and may be interrupted."""

    interrupt: Callable[[], None] | None = None

    def post(self, command: str, arguments: Message) -> None:
        """Keep it beside the other calls."""
        self.calls.append((command, arguments))

    async def pause(self, seconds: float) -> None:
        """Wait, unless a user is impatient."""
        if self.interrupt is not None:
            self.interrupt()
            raise KeyboardInterrupt
        await super().pause(seconds)


def machine(*looks: Any, **answers: Any) -> FakeSession:
    """Return a machine whose list of jobs is like this, look by look, and then so again."""
    left = list(looks)

    def listed(arguments: Message) -> Any:
        return left.pop(0) if len(left) > 1 else left[0]

    session = FakeSession({"query-jobs": listed, "job-dismiss": {}, **answers})
    session.machine = Machine(session.machine.answers)
    session.monitor.attach(session.machine)
    session.call("wait nothing --timeout 0")  # the line that waits
    session.calls.clear()
    return session


def changed(session: FakeSession, status: str, name: str = JOB) -> None:
    """Let a job change its state."""
    event = {"event": "JOB_STATUS_CHANGE", "data": {"id": name, "status": status}}
    for listener in [*session.monitor.listeners]:
        listener(event)


async def start() -> str:
    """Start the job."""
    return "started"


def run(session: FakeSession, name: str = JOB, what: str = "saving") -> Any:
    """Run a job to its end."""
    return drive(run_job(session.monitor, name, start, what, ""))


def dismissed(session: FakeSession) -> list[str]:
    """Return the jobs that were dismissed."""
    return [arguments["id"] for name, arguments in session.calls if name == "job-dismiss"]


def test_a_job_of_ours_is_dismissed_at_its_end() -> None:
    """Another one is not."""
    for name, gone in ((JOB, [JOB]), ("theirs", [])):
        session = machine([entry("running", name)], [entry("concluded", name)])
        assert run(session, name) == "started"
        assert dismissed(session) == gone
        assert session.monitor.call.continues == ""
        assert session.monitor.listeners == []


def test_a_job_that_has_left_the_list_has_ended() -> None:
    """There is nothing to dismiss."""
    session = machine([])

    assert run(session) == "started"
    assert dismissed(session) == []


def test_the_states_while_a_line_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are notes beside the progress."""
    states = ["running", "paused", "ready", "standby", "waiting"]
    looks = [
        [{**entry(state), "current-progress": 1, "total-progress": 2}] for state in states
    ]
    session = machine(*looks, [])
    shown: list[tuple[str, int, int]] = []
    monkeypatch.setattr(session.monitor, "progress", lambda *words: shown.append(words))

    run(session)
    assert shown == [
        ("saving", 0, 0),
        ("saving", 1, 2),
        ("saving (paused)", 1, 2),
        ("saving (ready)", 1, 2),
        ("saving (ready, paused)", 1, 2),
        ("saving (waiting for the other jobs of its transaction)", 1, 2),
    ]


@pytest.mark.parametrize(
    ("cancel", "advice"),
    [("stop_it", "'stop_it' cancels it"), ("", "it cannot be cancelled")],
)
def test_a_pending_job_waits_for_its_owner(cancel: str, advice: str) -> None:
    """One look may find one that is about to finalize itself."""
    session = machine([entry("pending")], [entry("pending")], [entry("pending")])
    with pytest.raises(JobError) as caught:
        drive(run_job(session.monitor, JOB, start, "saving", cancel))

    assert (
        str(caught.value) == f"the job is pending; 'qmp job-finalize id={JOB}' finishes it"
    )
    assert session.monitor.call.continues == f"saving continues ({advice})"
    passing = machine([entry("pending")], [entry("running")], [entry("pending")], [])
    assert run(passing) == "started"


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("ready", f"job x is ready: 'block_job_complete {JOB}' completes it"),
        ("paused", f"job x is paused: 'block_job_resume {JOB}' resumes it"),
        ("standby", f"job x is paused: 'block_job_resume {JOB}' resumes it"),
        ("running", "saving continues (it cannot be cancelled)"),
    ],
)
def test_a_wait_that_takes_too_long(status: str, advice: str) -> None:
    """The error says what ends the job."""
    session = machine([entry(status)])
    session.monitor.call.continues = "saving continues (it cannot be cancelled)"
    job = jobs._Job(JOB, starting=False)
    with pytest.raises(JobError) as caught:
        drive(jobs._wait(session.monitor, job, "job x", Limit(session.monitor, 0.0)))

    assert str(caught.value) == f"no end within 0 s; {advice}"


def test_a_machine_that_does_not_answer() -> None:
    """The error says that the job continues."""
    session = machine(NoReplyError("no answer"))
    with pytest.raises(NoReplyError) as caught:
        run(session)

    assert caught.value.desc == "no answer; saving continues (it cannot be cancelled)"


def wait(session: FakeSession, name: str = "x", seconds: float | None = None) -> None:
    """Wait for a job that runs already."""
    drive(wait_for_job(session.monitor, name, Limit(session.monitor, seconds)))


@pytest.mark.parametrize("name", ["x", JOB])
def test_a_wait_for_a_job_that_runs(name: str) -> None:
    """Only a job of ours is dismissed; the others stay for those who began them."""
    running = [entry("running", name)]
    session = machine(running, running, [entry("concluded", name)])
    wait(session, name)

    assert dismissed(session) == [name] * (name == JOB)
    assert session.monitor.call.continues == ""
    assert session.monitor.listeners == []
    assert session.machine.pauses == 1


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("mirror", "'block_job_cancel x' cancels it"),
        ("stream", "'block_job_cancel x' cancels it"),
        ("commit", "'block_job_cancel x' cancels it"),
        ("backup", "'block_job_cancel x' cancels it"),
        ("create", "it cannot be cancelled"),
        ("snapshot-save", "it cannot be cancelled"),
    ],
)
def test_a_wait_that_is_given_up_says_what_cancels_the_job(kind: str, advice: str) -> None:
    """Block jobs have a command for that."""
    session = machine([entry("running", "x", type=kind)])
    with pytest.raises(JobError) as caught:
        wait(session, seconds=0.0)

    assert str(caught.value) == f"no end within 0 s; job x continues ({advice})"
    assert session.monitor.call.continues == f"job x continues ({advice})"


def past(session: FakeSession, kind: str, **data: Any) -> None:
    """Let an event have come before the line."""
    session.monitor.events.append({"event": kind, "data": {"device": "x", **data}})


def test_a_wait_for_a_job_that_has_ended() -> None:
    """What is known of it is its error; of an unknown one, that there is none."""
    with pytest.raises(CommandFailedError, match=r"^Error: no job 'x'$"):
        wait(machine([entry("running", "other")]))
    session = machine([])
    past(session, "BLOCK_JOB_COMPLETED", device="other", error="not mine")
    past(session, "BLOCK_JOB_COMPLETED")
    wait(session)
    past(session, "BLOCK_JOB_COMPLETED", error="no space")
    with pytest.raises(JobError, match=r"^no space$"):
        wait(session)
    past(session, "BLOCK_JOB_CANCELLED")
    with pytest.raises(JobError, match=r"^the job was cancelled$"):
        wait(session)
    past(session, "BLOCK_JOB_READY")
    with pytest.raises(JobError, match=r"^the job was cancelled$"):
        wait(session)
    with pytest.raises(JobError, match=r"^no medium$"):
        wait(machine([entry("concluded", "x", error="no medium")]))


def test_an_older_job_of_the_same_name() -> None:
    """Its end and its error are not those of the one that runs now."""
    running = [entry("running", "x")]
    session = machine(running, running, running, [])
    past(session, "BLOCK_JOB_COMPLETED", error="of the old one")
    session.monitor.events.append(
        {"event": "JOB_STATUS_CHANGE", "data": {"id": "x", "status": "created"}}
    )
    wait(session)

    assert session.machine.pauses == 2


async def aborting(session: FakeSession, name: str) -> None:
    """Start a job under a name that the machine chooses; it and another one fail."""
    changed(session, "created", name)
    changed(session, "aborting", name)
    changed(session, "aborting", "other")


@pytest.mark.parametrize(
    ("looks", "reason"),
    [
        ([[entry("running")], [entry("concluded", error="no space")]], "no space"),
        ([[entry("running")], []], "the job failed"),
        ([[entry("concluded")]], "the job failed"),
    ],
)
def test_a_job_that_fails(looks: list[Any], reason: str) -> None:
    """Its own error, or one that says so."""
    session = machine(*looks)
    with pytest.raises(JobError, match=f"^{reason}$"):
        drive(run_job(session.monitor, JOB, lambda: aborting(session, JOB), "x", ""))


def test_a_job_to_which_the_machine_gives_a_name() -> None:
    """Its events and its entry are those that count."""
    session = machine([entry("running", "new"), entry("concluded")], [])
    with pytest.raises(JobError, match="the job failed"):
        drive(run_job(session.monitor, JOB, lambda: aborting(session, "new"), "x", ""))


def given_up(session: FakeSession, name: str = JOB) -> None:
    """Let a line stop waiting for a job."""
    interrupt(session)
    with pytest.raises(KeyboardInterrupt):
        run(session, name)


def interrupt(session: FakeSession, first: Callable[[], None] = lambda: None) -> None:
    """Press Ctrl-C at the next pause, at which something else happens first."""
    assert isinstance(session.machine, Machine)
    session.machine.interrupt = first


def test_a_job_that_was_given_up_is_dismissed_later() -> None:
    """When it has ended; other jobs are not ours to dismiss."""
    session = machine([entry("running")])
    given_up(session)
    assert session.monitor.left_jobs == {JOB: "saving"}

    for status in ("running", "ready"):
        changed(session, status)
    changed(session, "concluded", "other")
    changed(session, "null", "other")
    assert dismissed(session) == []
    changed(session, "concluded")
    assert dismissed(session) == [JOB]
    changed(session, "null")
    assert session.monitor.left_jobs == {}
    assert session.monitor.listeners == []


def test_a_job_of_others_that_was_given_up() -> None:
    """It is left to them."""
    session = machine([entry("running", "theirs")])
    given_up(session, "theirs")

    assert session.monitor.left_jobs == {}
    assert session.monitor.listeners == []


def test_a_job_that_does_not_start() -> None:
    """It leaves nothing behind; one of which that is not known may have."""
    for error, left in ((QMPError("no"), {}), (NoReplyError("no"), {JOB: "saving"})):
        session = machine([])

        async def failing(error: Exception = error) -> None:
            raise error

        with pytest.raises(QMPError):
            drive(run_job(session.monitor, JOB, failing, "saving", ""))
        assert session.monitor.left_jobs == left


def test_a_job_that_ends_as_it_is_given_up() -> None:
    """It is dismissed at once."""
    session = machine([entry("running")])
    interrupt(session, lambda: changed(session, "concluded"))

    with pytest.raises(KeyboardInterrupt):
        run(session)
    assert dismissed(session) == [JOB]


@pytest.fixture
def leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the jobs have no time to end."""
    monkeypatch.setattr(jobs, "PARTING", 0.0)


def left(*looks: Any) -> FakeSession:
    """Return a session of which two jobs were given up, at its end."""
    session = machine(*looks)
    session.monitor.left_jobs.update({"a": "saving", "b": "loading"})
    drive(leave_jobs(session.monitor))
    return session


def test_the_end_of_hmp_waits_a_moment_for_jobs() -> None:
    """Those that end are dismissed, or have left the list."""
    session = left(
        [entry("running", "a"), entry("concluded", "b")], [entry("concluded", "a")]
    )

    assert dismissed(session) == ["b", "a"]
    assert session.monitor.left_jobs == {}
    assert session.machine.pauses == 1
    assert left([entry("null", "a")]).monitor.left_jobs == {}


@pytest.mark.usefixtures("leaving")
def test_the_end_of_hmp_does_not_wait_for_ever() -> None:
    """What continues is told."""
    session = left([entry("running", "a")])

    assert session.machine.pauses == 0
    assert left_behind(session.monitor) == [
        "saving continues; when it has ended, 'qmp job-dismiss id=a' removes its job,"
        " as the next job of hmp does"
    ]


@pytest.mark.parametrize(
    ("error", "kept"), [(QMPError("busy"), True), (MachineGoneError("gone"), False)]
)
def test_the_end_of_hmp_and_a_machine_that_cannot_tell(
    error: Exception, kept: bool
) -> None:
    """A busy one still has the jobs; one that has gone has none."""
    assert bool(left(error).monitor.left_jobs) is kept


def test_names_of_ours() -> None:
    """The first that is free; jobs of ours that have ended make room."""
    listed = [
        entry("running"),
        entry("concluded", f"{OURS}1"),
        entry("concluded", "theirs"),
        entry("running", f"{OURS}2"),
    ]
    session = machine(listed)

    assert drive(name_of_ours(session.monitor)) == f"{OURS}1"
    assert dismissed(session) == [f"{OURS}1"]
    assert drive(name_of_ours(machine([entry("running")]).monitor)) == f"{OURS}1"
    assert drive(name_of_ours(machine([]).monitor)) == JOB
    busy = machine([entry("concluded")], **{"job-dismiss": QMPError("gone already")})
    assert drive(name_of_ours(busy.monitor)) == JOB

from __future__ import annotations

import pytest

from hmp.frontends.script import drive
from tests.fakes import FakeSession, Message


def event(name: str, **data: object) -> Message:
    """Return an event without a time that would differ from host to host."""
    return {"event": name, "data": data, "timestamp": {"seconds": -1}}


def session(*names: str) -> FakeSession:
    """Return a session that has seen some events."""
    found = FakeSession({"stop": {}})
    found.monitor.front.local = True
    for name in names:
        found.machine.on_event(event(name))
    return found


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["STOP", "BLOCK_JOB_READY", "RESUME"]),
        ("BLOCK_*", ["BLOCK_JOB_READY"]),
        ("-r ^re|op$", ["STOP", "RESUME"]),
        ("stop", []),
    ],
)
def test_events_that_came(words: str, names: list[str]) -> None:
    """All of them, or those that fit."""
    found = session("STOP", "BLOCK_JOB_READY", "RESUME")

    assert found.prints(f"events {words}") == "".join(f"--:--:-- {n}\n" for n in names)
    for name in names:
        assert name in found.looks(f"events {words}")


def test_a_pattern_that_is_none() -> None:
    """The reason is told."""
    assert session().prints("events -r (").startswith("Error: '(': ")


def test_no_regular_expression_of_a_client() -> None:
    """One that backtracks would freeze the whole server; globs cannot."""
    found = session("BLOCK_JOB_COMPLETED_AND_MORE")
    found.monitor.front.local = False

    assert "-r cannot be used from here" in found.prints("events -r (.*.*.*.*.*.*.*.*)*!")
    assert found.prints("events " + "*a" * 2000 + "!") == ""


def test_wait_for_what_the_line_before_caused() -> None:
    """It may have come before one could wait for it."""
    found = FakeSession()
    found.machine.answers["stop"] = lambda args: found.machine.on_event(event("STOP"))
    found.prints("stop")

    assert found.prints("wait STOP") == "--:--:-- STOP\n"


def test_wait_for_what_comes() -> None:
    """Any that fits the pattern."""
    found = session()
    pauses = iter(["RESUME", "BLOCK_JOB_READY"])

    async def pause(seconds: float) -> None:
        found.machine.on_event(event(next(pauses), device="d0"))

    found.machine.pause = pause  # type: ignore[method-assign]  # a fake

    assert found.prints("wait BLOCK_*") == "--:--:-- BLOCK_JOB_READY  device=d0\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("STOP --timeout 0.00001", "Error: no STOP within 0.00001 s\n"),
        ("STOP --timeout x", "Error: --timeout wants a positive number of seconds\n"),
        ("STOP --timeout", "Error: a value is expected behind --timeout\n"),
        ("a b", "Error: wait wants an event, or 'job' and the id of one\n"),
        ("job j", "Error: there is no job 'j'\n"),
    ],
)
def test_waits_that_come_to_nothing(words: str, text: str) -> None:
    """A limit, and what cannot be waited for."""
    found = session()
    found.machine.answers["query-jobs"] = []

    assert found.prints(f"wait {words}") == text


def test_wait_for_a_job() -> None:
    """It is over when the job is."""
    job = {"id": "j", "status": "running", "current-progress": 0, "total-progress": 1}
    states = iter([[job], [job], []])
    found = FakeSession({"query-jobs": lambda args: next(states)})

    assert found.prints("wait job j") == ""


def test_following_ends_with_ctrl_c_only() -> None:
    """What comes is written as it comes; nobody listens afterwards."""
    found = session("STOP")
    written: list[str] = []
    found.monitor.front.write = written.append  # type: ignore[assignment, method-assign]  # a fake
    calls = 0

    async def pause(seconds: float) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise KeyboardInterrupt
        found.machine.on_event(event("RESUME"))

    found.machine.pause = pause  # type: ignore[method-assign]  # a fake
    with pytest.raises(KeyboardInterrupt):
        drive(found.monitor.run("events -f"))

    assert written == ["--:--:-- STOP\n", "--:--:-- RESUME\n"]
    assert found.monitor.listeners == []

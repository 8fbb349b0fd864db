from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.frontends.script import drive
from hmp.language.words import as_argument
from hmp.monitor.frontend import FrontEnd
from hmp.qmp.shapes import EVENTS
from tests.fakes import FakeSession, Message
from tests.shapes import Maker, filled_event


def event(name: str, **data: object) -> Message:
    """Return an event without a time that would differ from host to host."""
    return filled_event({"event": name, "data": data, "timestamp": {"seconds": -1}})


WANTED = (
    "Error: wait needs an event, optionally with member=value for its data, or 'job' and"
    " a job id\n"
)


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
        ("", ["STOP", "BLOCK_READY", "RESUME"]),
        ("BLOCK_*", ["BLOCK_READY"]),
        ("-r ^re|op$", ["STOP", "RESUME"]),
        ("stop", []),
    ],
)
def test_events_that_came(words: str, names: list[str]) -> None:
    """All of them, or those that fit."""
    found = session("STOP", "BLOCK_READY", "RESUME")

    assert found.prints(f"events {words}") == "".join(f"--:--:-- {n}\n" for n in names)
    for name in names:
        assert name in found.looks(f"events {words}")


def test_the_data_of_events_stand_below_their_heading() -> None:
    """Data follow an event's name after two blanks in a line, and begin a column's cell."""
    found = session()
    found.machine.on_event(event("DEVICE_DELETED", device="net1"))

    head, _, row = found.looks("events").splitlines()
    assert row.index("device=net1") == head.index("data")


def test_no_event_is_said() -> None:
    """Rather than the head of an empty table; followed ones were shown as they came."""
    assert session().looks("events") == "No events yet\n"
    assert session("STOP").looks("events RES*") == "No event matches 'RES*'\n"


def test_a_pattern_that_is_none() -> None:
    """The reason is told."""
    assert session().prints("events -r (").startswith("Error: '(': ")


def test_no_regular_expression_of_a_client() -> None:
    """One that backtracks would freeze the whole server; globs cannot."""
    found = session("BLOCK_JOB_COMPLETED_AND_MORE")
    found.monitor.front.local = False

    assert "-r is not allowed here" in found.prints("events -r (.*.*.*.*.*.*.*.*)*!")
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
    pauses = iter(["RESUME", "BLOCK_READY"])

    async def pause(seconds: float) -> None:
        found.machine.on_event(event(next(pauses), device="d0"))

    found.machine.pause = pause  # type: ignore[method-assign]  # a fake

    assert found.prints("wait BLOCK_*") == "--:--:-- BLOCK_READY  device=d0\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("STOP --timeout 1e-05", "Error: no STOP within 1e-05 s\n"),
        ("STOP --timeout x", "Error: --timeout needs a positive number of seconds\n"),
        ("STOP --timeout", "Error: --timeout needs a value\n"),
        ("a b", WANTED),
        ("STOP =b", WANTED),
        ("device=d0", WANTED),
        ("--timeout 1", WANTED),
        ('A "b=', "Error: the string is not terminated\n"),
        ("job j", "Error: no job 'j'\n"),
    ],
)
def test_waits_that_come_to_nothing(words: str, text: str) -> None:
    """A limit, and what cannot be waited for."""
    found = session()
    found.machine.answers["query-jobs"] = []

    assert found.prints(f"wait {words}") == text


@pytest.mark.parametrize("interactive", [True, False])
def test_an_event_that_no_machine_sends_is_not_waited_for(interactive: bool) -> None:
    """A user would wait for ever; a script may be for another release."""
    schema = [
        {"name": name, "meta-type": "event", "arg-type": "0"} for name in ("STOP", "RESET")
    ]
    found = FakeSession({"query-qmp-schema": schema})
    front = found.monitor.front = FrontEnd()
    front.interactive = interactive
    limit = "Error: no STOPP within 1e-05 s\n"

    said = found.prints("wait STOPP --timeout 1e-05")
    assert said == ("Error: no event is called 'STOPP'\n" if interactive else limit)
    assert found.prints("wait S* --timeout 1e-05") == "Error: no S* within 1e-05 s\n"


def job(status: str, **more: Any) -> Message:
    """Return what the list of jobs says of one."""
    progress = {"current-progress": 0, "total-progress": 1}
    return {"id": "j", "type": "create", "status": status, **progress, **more}


def jobs(*looks: list[Message]) -> FakeSession:
    """Return a session on a machine that has these jobs, look by look."""
    states = iter(looks)
    return FakeSession({"query-jobs": lambda args: next(states), "job-dismiss": {}})


def test_wait_for_a_job() -> None:
    """It is over when the job is."""
    assert jobs([job("running")], [job("running")], []).prints("wait job j") == ""


@pytest.mark.parametrize(
    ("more", "text"), [({}, ""), ({"error": "no space"}, "Error: no space\n")]
)
def test_a_job_of_others_is_left_as_it_is(more: Message, text: str) -> None:
    """Who made it wants to ask how it ended, and dismisses it."""
    found = jobs([job("running")], [job("concluded", **more)])

    assert found.prints("wait job j") == text
    assert {name for name, _ in found.calls} == {"query-jobs"}


def test_a_job_of_ours_is_dismissed() -> None:
    """One that an earlier command gave up."""
    found = jobs([{**job("concluded"), "id": "hmp-0"}])

    assert found.prints("wait job hmp-0") == ""
    assert found.calls[-1] == ("job-dismiss", {"id": "hmp-0"})


@pytest.mark.parametrize(
    ("status", "kind", "text"),
    [
        ("running", "create", "job j continues (it cannot be cancelled)"),
        ("running", "mirror", "job j continues ('block_job_cancel j' cancels it)"),
        ("ready", "mirror", "job j is ready: 'block_job_complete j' completes it"),
        ("paused", "stream", "job j is paused: 'block_job_resume j' resumes it"),
    ],
)
def test_a_job_that_does_not_end_in_time(status: str, kind: str, text: str) -> None:
    """The limit is the line's own, or that of the whole program."""
    found = FakeSession({"query-jobs": [job(status, type=kind)]})
    assert (
        found.prints("wait job j --timeout 1e-05")
        == f"Error: no end within 1e-05 s; {text}\n"
    )

    found.machine.timeout = 2e-05
    assert found.prints("wait job j") == f"Error: no end within 2e-05 s; {text}\n"
    assert found.monitor.listeners == []


def test_a_pending_job_is_not_waited_for() -> None:
    """It does nothing before somebody finalizes it."""
    found = jobs([job("running")], [job("pending")], [job("pending")])

    assert found.prints("wait job j") == (
        "Error: the job is pending; 'qmp job-finalize id=j' finishes it\n"
    )


def test_a_job_that_finalizes_itself_is_pending_for_a_moment() -> None:
    """That is no reason to give it up."""
    assert jobs([job("pending")], [job("running")], []).prints("wait job j") == ""


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({}, ""),
        ({"error": "no space"}, "Error: no space\n"),
    ],
)
def test_a_job_that_ended_lines_ago(how: Message, text: str) -> None:
    """What its events said of it holds; an older job of that name does not matter."""
    found = session()
    found.machine.answers.update({"query-jobs": [], "query-name": {}})
    found.machine.on_event(event("BLOCK_JOB_COMPLETED", device="j", error="an old error"))
    found.machine.on_event(event("JOB_STATUS_CHANGE", id="j", status="null"))
    found.machine.on_event(event("JOB_STATUS_CHANGE", id="j", status="created"))
    found.machine.on_event(event("BLOCK_JOB_COMPLETED", device="j", **how))
    found.prints("info name")
    found.prints("info name")

    assert found.prints("wait job j") == text
    assert found.prints("wait job k") == "Error: no job 'k'\n"


DATA = {
    "device": "bal",
    "path": "/machine/peripheral/bal",
    "write": True,
    "nothing": None,
    "size": 5,
    "image": {"filename": "a b", "children": [{"name": "x"}, {"name": "y"}]},
}


@pytest.mark.parametrize(
    "words",
    [
        "device=bal",
        "device=b*",
        "path=/machine/peripheral/bal",
        "device=bal path=*/bal",
        "write=on",
        "write=true",
        "nothing=null",
        "size=5",
        '"image.filename=a b"',
        "image.children.1.name=y",
    ],
)
def test_wait_for_an_event_with_data(words: str) -> None:
    """By members, nested ones behind dots; strings may be patterns."""
    found = session()
    found.machine.on_event({**event("GONE"), "data": DATA})

    assert found.prints(f"wait GONE {words} --timeout 1e-05").startswith("--:--:-- GONE  ")


@pytest.mark.parametrize(
    "words",
    [
        "device=ba",
        "device=bal2",
        "write=off",
        "size=50",
        "size=*",
        "nosuch=1",
        "device.x=1",
        "image.children.2.name=y",
        "device=bal size=6",
    ],
)
def test_wait_for_other_data(words: str) -> None:
    """All members that are given must match."""
    found = session()
    found.machine.on_event({**event("GONE"), "data": DATA})

    text = f"Error: no GONE {words} within 1e-05 s\n"
    assert found.prints(f"wait GONE {words} --timeout 1e-05") == text


def test_wait_for_two_values_of_one_member() -> None:
    """No event has both; the first was checked, and the second as well, in vain."""
    found = session()
    found.machine.on_event({**event("GONE"), "data": DATA})

    text = "Error: 'device' can have one value only\n"
    assert found.prints("wait GONE device=a size=5 device=bal --timeout 1e-05") == text


LEAVES = st.one_of(st.booleans(), st.integers(), st.text('ab[]*? ="\\.-', max_size=5))
NAMES = st.text("ab-", min_size=1, max_size=3)
NESTED = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, max_size=3), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the paths of all that a value holds and is no container."""
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    else:
        yield path[1:], value
    for step, inner in steps:
        yield from leaves(inner, f"{path}.{step}")


@given(st.dictionaries(NAMES, NESTED, max_size=4))
def test_every_member_can_be_waited_for(data: Message) -> None:
    """Whatever data an event has, each member finds it by its value, and by no other."""
    for path, value in leaves(data):
        found = session()
        found.machine.on_event({**event("E"), "data": data})
        text = str(value).lower() if isinstance(value, bool) else str(value)
        word = as_argument(f"{path}={text}", quoted=True)
        other = as_argument(f"{path}={text}x", quoted=True)

        assert found.prints(f"wait E {other} --timeout 1e-05").startswith("Error: no E")
        assert found.prints(f"wait E {word} --timeout 1e-05").startswith("--:--:-- E")


def test_an_event_ends_one_wait() -> None:
    """The next one waits for another."""
    found = session("STOP", "STOP")

    assert found.prints("wait STOP") == "--:--:-- STOP\n"
    assert found.prints("wait ST*") == "--:--:-- STOP\n"
    assert found.prints("wait STOP --timeout 1e-05") == "Error: no STOP within 1e-05 s\n"


def test_what_a_line_looks_at_hides_no_event() -> None:
    """An event counts from the last line on that may have changed something."""
    found = FakeSession({"query-name": {}, "cont": {}})
    found.machine.answers["stop"] = lambda args: found.machine.on_event(event("STOP"))
    found.prints("stop")
    for _ in range(2):
        found.prints("info name")
    assert found.prints("wait STOP") == "--:--:-- STOP\n"
    found.prints("stop")
    found.prints("cont")
    assert found.prints("wait STOP --timeout 1e-05") == "Error: no STOP within 1e-05 s\n"


def test_an_event_between_two_lines() -> None:
    """It belongs to the line before."""
    found = session()
    found.machine.answers["query-name"] = {}
    found.prints("info name")
    found.machine.on_event(event("STOP"))

    assert found.prints("wait STOP") == "--:--:-- STOP\n"


def test_following_ends_with_ctrl_c_only() -> None:
    """What comes is written as it comes; nobody listens afterwards."""
    found = session("STOP")
    written = follow(found, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        drive(found.monitor.run("events -f"))

    assert written == ["STOP", "RESUME"]
    assert found.monitor.listeners == []
    assert found.monitor.front.following is False


def test_following_ends_with_the_limit_or_the_reader() -> None:
    """Neither is a failure."""
    found = session("STOP")
    found.machine.timeout = 0.2
    written = follow(found, None)
    assert found.call("events -f").error is None
    assert written == ["STOP", "RESUME"]

    found.machine.timeout = None
    found.monitor.front.has_reader = lambda: len(written) < 3  # type: ignore[method-assign]  # a fake
    assert found.call("events -f").error is None
    assert written == ["STOP", "RESUME", "STOP", "RESUME"]


def test_following_where_nothing_is_seen_before_the_result() -> None:
    """As in human-monitor-command."""
    assert session().prints("events -f") == "Error: events cannot be followed from here\n"


def follow(found: FakeSession, end: BaseException | None) -> list[str]:
    """Have events shown to a list that is returned; one comes, then what ends it all."""
    front, written, calls = found.monitor.front, [], 0
    front.show_event = lambda event: written.append(event["event"])  # type: ignore[method-assign]  # a fake
    front.has_reader = lambda: True  # type: ignore[method-assign]  # a fake

    async def pause(seconds: float) -> None:
        nonlocal calls
        calls += 1
        if calls > 1 and end is not None:
            raise end
        if calls == 1:
            found.machine.on_event(event("RESUME"))

    found.machine.pause = pause  # type: ignore[method-assign]  # a fake
    return written


# Events of a wrong shape

WRONG = {"event": "JOB_STATUS_CHANGE", "data": {"id": []}}
SAID = (
    "the machine's event 'JOB_STATUS_CHANGE' does not match its schema: it must have the"
    " member 'status'"
)


def warnings(found: FakeSession) -> list[str]:
    """Return the list that the warnings of a session will be in."""
    said: list[str] = []

    def warn(text: str) -> bool:
        said.append(text)
        return True

    found.monitor.front.warn = warn  # type: ignore[method-assign]  # a fake
    return said


def stop_wrongly(found: FakeSession) -> None:
    """Have an event of a wrong shape come before the reply to stop."""

    def stop(arguments: Message) -> Message:
        found.machine.on_event(WRONG)
        return {}

    found.machine.answers["stop"] = stop


def test_an_event_of_a_wrong_shape_is_a_warning() -> None:
    """When it comes, or behind the line that it came with; no handler gets it."""
    found = FakeSession()
    said = warnings(found)
    found.machine.on_event(WRONG)
    assert said == [SAID]
    stop_wrongly(found)
    assert found.prints("stop") == ""
    assert said == [SAID, SAID]
    assert found.prints("events") == ""


def test_an_event_of_a_wrong_shape_fails_a_line_that_cannot_warn() -> None:
    """A monitor that is served to a program, for example."""
    found = FakeSession()
    stop_wrongly(found)

    assert found.prints("stop") == f"Error: {SAID}\n"
    assert found.prints("events") == ""


def test_a_wait_for_an_event_of_a_wrong_shape() -> None:
    """It fails with the reason instead of waiting on; the next wait does not."""
    found = FakeSession()
    said = warnings(found)

    async def pause(seconds: float) -> None:
        found.machine.on_event({"event": "RTC_CHANGE"})
        found.machine.on_event(WRONG)
        found.machine.on_event(event("JOB_STATUS_CHANGE", id="j", status="null"))

    found.machine.pause = pause  # type: ignore[method-assign]  # a fake

    assert found.prints("wait JOB_* id=k") == f"Error: {SAID}\n"
    assert said == [
        "the machine's event 'RTC_CHANGE' does not match its schema: it must have the"
        " member 'offset'"
    ]
    assert found.prints("wait JOB_*") == "--:--:-- JOB_STATUS_CHANGE  id=j status=null\n"


@pytest.mark.parametrize("name", EVENTS)
def test_any_event_of_any_shape(name: str) -> None:
    """Right ones are listed and end a wait; of wrong ones one line says so."""
    maker = Maker(Random(name))
    found = FakeSession()
    said = warnings(found)
    for _ in range(10):
        found.machine.on_event(maker.event(name))
        assert found.call(f"wait {name}").error is None
    assert not said
    if EVENTS[name] == "{}":
        return
    for _ in range(10):
        found.machine.on_event(maker.event(name, wrong=True))
    assert len(said) == 10
    assert all(f"'{name}' does not match its schema" in text for text in said)

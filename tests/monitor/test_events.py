from __future__ import annotations

from time import localtime, strftime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.monitor.events import RUN_STATES, EventLog, in_words

SECONDS = 1_700_000_000
CLOCK = strftime("%H:%M:%S", localtime(SECONDS))


def event(name: str, seconds: int = SECONDS, **data: Any) -> dict[str, Any]:
    """Return an event as a machine sends it."""
    made = {"timestamp": {"seconds": seconds, "microseconds": 0}, "event": name}
    return {**made, "data": data} if data else made


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (event("STOP"), f"{CLOCK} STOP"),
        (event("RESET", guest=True, reason="x"), f"{CLOCK} RESET  guest=yes reason=x"),
        (event("A", n=1, b=False, f=1.5), f"{CLOCK} A  n=1 b=no f=1.5"),
        (event("A", d={"x": True, "y": {"z": 1}}), f"{CLOCK} A  d={{x=yes y={{z=1}}}}"),
        (event("A", items=[1, "a"]), f"{CLOCK} A  items=[1, 'a']"),
        (event("A", nothing=None), f"{CLOCK} A  nothing=None"),
        (event("STOP", -1), "--:--:-- STOP"),
        (event("STOP", 0), "--:--:-- STOP"),
        ({"event": "STOP"}, "--:--:-- STOP"),
        ({"event": "STOP", "data": {}}, "--:--:-- STOP"),
    ],
)
def test_an_event_in_one_line(sent: dict[str, Any], line: str) -> None:
    """When, what, and with which data."""
    assert in_words(sent) == line


@pytest.mark.parametrize(
    "timestamp",
    [None, 7, "now", [], {}, {"seconds": None}, {"seconds": "x"}, {"seconds": 1e300}],
)
def test_a_time_that_is_none(timestamp: Any) -> None:
    """An odd clock is no reason to lose an event."""
    assert in_words({"event": "STOP", "timestamp": timestamp}) == "--:--:-- STOP"


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=5,
)


@given(name=st.text(), data=st.dictionaries(st.text(), JSON), timestamp=JSON)
def test_any_event_has_words(name: str, data: Any, timestamp: Any) -> None:
    """Nothing that a machine can send is too odd to be shown."""
    assert name in in_words({"event": name, "data": data, "timestamp": timestamp})


def test_run_states_follow_the_events() -> None:
    """The prompt learns from them what the machine does."""
    assert RUN_STATES["STOP"] == "paused"
    assert RUN_STATES["RESUME"] == "running"


def test_events_are_taken_once() -> None:
    """What was taken does not come again."""
    log = EventLog()
    log.add(event("STOP"))
    log.add(event("RESUME"))

    assert log.take() == [f"{CLOCK} STOP", f"{CLOCK} RESUME"]
    assert log.take() == []


def test_repeated_events_are_one_line_with_their_number() -> None:
    """The last time is shown; others between them begin anew."""
    log = EventLog()
    later = strftime("%H:%M:%S", localtime(SECONDS + 2))
    for index in range(3):
        log.add(event("RTC_CHANGE", SECONDS + index, offset=1))
    log.add(event("RTC_CHANGE", offset=2))
    log.add(event("RTC_CHANGE", offset=1))

    assert log.take() == [
        f"{later} RTC_CHANGE  offset=1  (x3)",
        f"{CLOCK} RTC_CHANGE  offset=2",
        f"{CLOCK} RTC_CHANGE  offset=1",
    ]


def test_a_flood_is_counted_instead_of_shown() -> None:
    """More than the limit is not kept, and the next flood is counted anew."""
    log = EventLog()
    for _ in range(2):
        for index in range(EventLog.LIMIT + 5):
            log.add(event("A", n=index))
        lines = log.take()

        assert len(lines) == EventLog.LIMIT + 1
        assert lines[-1] == "... and 5 more events"
    assert log.take() == []


def test_jobs_are_told_once() -> None:
    """Not each of their many states; and a block job's own events say more."""
    log = EventLog()
    for status in ("created", "running", "waiting", "pending", "concluded", "null"):
        log.add(event("JOB_STATUS_CHANGE", id="j0", status=status))
        log.add(event("JOB_STATUS_CHANGE", id="hmp-0", status=status))
        log.add(event("JOB_STATUS_CHANGE", id="d0", status=status))
    log.add(event("BLOCK_JOB_COMPLETED", device="d0", type="stream"))
    log.add(event("BLOCK_JOB_COMPLETED", device=["no", "name"]))

    assert [line.split(" ", 1)[1] for line in log.take()] == [
        "JOB_STATUS_CHANGE  id=j0 status=concluded",
        "BLOCK_JOB_COMPLETED  device=d0 type=stream",
        "BLOCK_JOB_COMPLETED  device=['no', 'name']",
    ]


def test_a_job_that_pauses_for_an_instant() -> None:
    """As a backup does when it begins; a job that stays paused is shown."""
    log = EventLog()
    for name, statuses in (("d0", ("paused", "running")), ("d1", ("paused",))):
        for status in statuses:
            log.add(event("JOB_STATUS_CHANGE", id=name, status=status))

    assert [line.split(" ", 1)[1] for line in log.take()] == [
        "JOB_STATUS_CHANGE  id=d1 status=paused"
    ]


def test_sizes_have_units() -> None:
    """Only where the number is one of bytes: RTC_CHANGE has seconds."""
    log = EventLog()
    log.add(event("BALLOON_CHANGE", actual=512 << 20))
    log.add(event("DUMP_COMPLETED", result={"total": 1 << 30, "completed": 0}))
    log.add(event("RTC_CHANGE", offset=3600))

    assert [line.split(" ", 1)[1] for line in log.take()] == [
        "BALLOON_CHANGE  actual=512 MiB",
        "DUMP_COMPLETED  result={total=1 GiB completed=0 B}",
        "RTC_CHANGE  offset=3600",
    ]

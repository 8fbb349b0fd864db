from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.throttle import LIMITED, Throttle


def event(name: str, number: int = 0, /, **data: Any) -> dict[str, Any]:
    """Return an event that can be told from others of its kind."""
    return {"event": name, "data": {"number": number, **data}}


def test_most_events_go_at_once() -> None:
    """However many there are."""
    throttle = Throttle()

    assert all(throttle.admit(event("STOP", n), 0.0) for n in range(10))
    assert throttle.admit({"event": "SHUTDOWN"}, 0.0)
    assert throttle.due is None


def test_the_limited_kinds() -> None:
    """As QEMU's QMP reference has them, with what tells their events apart."""
    assert {f"{name} {key or ''}".rstrip() for name, key in LIMITED.items()} == {
        "BALLOON_CHANGE",
        "BLOCK_IO_ERROR qom-path",
        "HV_BALLOON_STATUS_REPORT",
        "MEMORY_DEVICE_SIZE_CHANGE qom-path",
        "QUORUM_FAILURE",
        "QUORUM_REPORT_BAD node-name",
        "RTC_CHANGE",
        "VSERPORT_CHANGE id",
        "WATCHDOG",
    }


@pytest.mark.parametrize("name", LIMITED)
def test_the_last_of_a_second_comes_when_it_is_over(name: str) -> None:
    """The first at once, those between never; each second is counted from the last one.

    As QEMU was seen to do with RTC_CHANGE.
    """
    throttle = Throttle()
    assert throttle.admit(event(name, 1), 10.0)
    assert not throttle.admit(event(name, 2), 10.1)
    assert not throttle.admit(event(name, 3), 10.9)
    assert throttle.due == 11.0
    assert throttle.release(10.9) == []

    assert throttle.release(11.1) == [event(name, 3)]

    assert throttle.due == 12.1
    assert not throttle.admit(event(name, 4), 11.5)
    assert throttle.release(12.1) == [event(name, 4)]
    # a second without any, and all is as in the beginning
    assert throttle.release(13.2) == []
    assert throttle.due is None
    assert throttle.admit(event(name, 5), 13.3)


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, key in LIMITED.items() if key is not None]
)
def test_some_are_told_apart_by_what_they_are_about(name: str, key: str) -> None:
    """One a second for each."""
    throttle = Throttle()

    assert throttle.admit(event(name, **{key: "a"}), 0.0)
    assert throttle.admit(event(name, **{key: "b"}), 0.5)
    assert not throttle.admit(event(name, 1, **{key: "a"}), 0.6)
    assert throttle.due == 1.0
    assert throttle.release(1.0) == [event(name, 1, **{key: "a"})]
    assert throttle.due == 1.5


def test_an_error_that_stops_the_machine_is_never_held_back() -> None:
    """As QEMU's reference says of BLOCK_IO_ERROR."""
    throttle = Throttle()

    for _ in range(3):
        assert throttle.admit(event("BLOCK_IO_ERROR", action="stop"), 0.0)
    assert throttle.admit(event("BLOCK_IO_ERROR", action="report"), 0.0)
    assert not throttle.admit(event("BLOCK_IO_ERROR", action="report"), 0.0)

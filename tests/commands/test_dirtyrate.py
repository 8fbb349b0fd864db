from __future__ import annotations

import pytest

from tests.fakes import NEWEST, FakeSession, Message

OLD = (7, 2, 0)
HINT = "[Please use 'info vcpu_dirty_limit' to query dirty limit for virtual CPU]\n"


@pytest.mark.parametrize(
    ("words", "members"),
    [
        ("1", {"mode": "page-sampling"}),
        ("1 512", {"mode": "page-sampling", "sample-pages": 512}),
        ("-r 1", {"mode": "dirty-ring"}),
        ("-b 1", {"mode": "dirty-bitmap"}),
    ],
)
def test_calc_dirty_rate(words: str, members: Message) -> None:
    """Each flag is a mode; where to look is said."""
    session = FakeSession({"calc-dirty-rate": {}})

    assert session.prints(f"calc_dirty_rate {words}") == (
        "Starting dirty rate measurement with period 1 seconds\n"
        "[Please use 'info dirty_rate' to check results]\n"
    )
    assert session.calls == [("calc-dirty-rate", {"calc-time": 1, **members})]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("0", "Incorrect period length specified!\n"),
        ("-r -b 1", "Either dirty ring or dirty bitmap can be specified!\n"),
    ],
)
def test_what_does_not_go(words: str, text: str) -> None:
    """It is refused here, in QEMU's words."""
    session = FakeSession()

    assert session.prints(f"calc_dirty_rate {words}") == text
    assert session.calls == []


@pytest.mark.parametrize(("enabled", "sent"), [(True, True), (False, False)])
def test_a_release_that_dies_without_kvm(enabled: bool, sent: bool) -> None:
    """It is asked first whether it has KVM."""
    answers = {"query-kvm": {"enabled": enabled}, "calc-dirty-rate": {}}
    session = FakeSession(answers, version=OLD)
    text = session.prints("calc_dirty_rate -r 1")

    assert text.startswith("Starting" if sent else "Error: mode dirty-ring needs KVM")
    assert ("calc-dirty-rate" in {command for command, _ in session.calls}) is sent


@pytest.mark.parametrize(("version", "text"), [(NEWEST, ""), (OLD, HINT)])
def test_limits(version: tuple[int, int, int], text: str) -> None:
    """Older releases say where to look."""
    answers: Message = {"set-vcpu-dirty-limit": {}, "cancel-vcpu-dirty-limit": {}}
    session = FakeSession(answers, version=version)

    assert session.prints("set_vcpu_dirty_limit 5") == text
    assert session.prints("set_vcpu_dirty_limit 5 1") == text
    assert session.prints("cancel_vcpu_dirty_limit") == HINT
    assert session.prints("cancel_vcpu_dirty_limit -1") == HINT
    assert session.calls == [
        ("set-vcpu-dirty-limit", {"dirty-rate": 5}),
        ("set-vcpu-dirty-limit", {"dirty-rate": 5, "cpu-index": 1}),
        ("cancel-vcpu-dirty-limit", {}),
        ("cancel-vcpu-dirty-limit", {}),
    ]


def test_a_limit_below_nothing() -> None:
    """Newer releases look at it."""
    session = FakeSession()

    assert session.prints("set_vcpu_dirty_limit -1") == (
        "Error: invalid dirty page limit -1\n"
    )
    assert session.calls == []

from __future__ import annotations

from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import BadReplyError
from hmp.qmp.shapes import COMMANDS, check_reply
from hmp.qmp.wrapped import CheckedConnection
from tests.fakes import FakeConnection
from tests.shapes import filled, least

IMAGE: dict[str, Any] = {"filename": "a", "format": "qcow2", "virtual-size": 1}
INSERTED = {"file": "a", "drv": "qcow2", "image": IMAGE}
BLOCK = filled("query-block", [{"device": "a", "inserted": INSERTED}])


def wrong(command: str, value: Any) -> str:
    """Return what the check says is wrong with a reply; nothing when all is well."""
    try:
        check_reply(command, value)
    except BadReplyError as error:
        before, _, reason = str(error).partition(" does not match its schema: ")
        assert before == f"the machine's reply to '{command}'"
        return reason
    return ""


def block(**members: Any) -> Any:
    """Return a reply to query-block whose image has other members."""
    device = dict(BLOCK[0])
    image = {**device["inserted"]["image"], **members}
    device["inserted"] = {**device["inserted"], "image": image}
    return [device]


@pytest.mark.parametrize(
    ("command", "value"),
    [
        ("query-status", {"running": True, "status": "running"}),
        ("query-status", {"running": True, "status": "of-tomorrow", "more": [None]}),
        ("query-block", []),
        ("query-block", BLOCK),
        ("stop", {}),
        ("stop", {"news": 1}),
        ("qom-get", None),
        ("qom-get", [1, {"a": 2.5}]),
        ("human-monitor-command", ""),
        ("query-of-tomorrow", 7),
        ("x-exit-preconfig", {}),
        (
            "query-migrate",
            filled("query-migrate", {"xbzrle-cache": {"cache-miss-rate": 1}}),
        ),
        ("query-cpus-fast", filled("query-cpus-fast", [{"target": "of-tomorrow"}])),
    ],
)
def test_what_a_machine_may_answer(command: str, value: Any) -> None:
    """More members, unknown words of an enumeration, commands of tomorrow."""
    assert wrong(command, value) == ""


@pytest.mark.parametrize(
    ("command", "value", "reason"),
    [
        ("query-status", {"status": "x"}, "it must have the member 'running'"),
        ("query-status", {"running": 1, "status": "x"}, "running must be a boolean"),
        ("query-status", [], "it must be an object"),
        ("query-block", {}, "it must be an array"),
        ("query-block", "", "it must be an array"),
        ("query-block", [None], "[0] must be an object"),
        ("query-block", [*BLOCK, {}], "[1] must have the member 'device'"),
        ("stop", [], "it must be an object"),
        ("stop", None, "it must be an object"),
        ("human-monitor-command", {}, "it must be a string"),
        ("query-balloon", {"actual": True}, "actual must be an integer"),
        ("query-balloon", {"actual": 1.5}, "actual must be an integer"),
        (
            "query-block",
            block(**{"backing-image": {**IMAGE, "virtual-size": "1"}}),
            "[0].inserted.image.backing-image.virtual-size must be an integer",
        ),
        (
            "query-block",
            block(**{"format-specific": {"type": "qcow2", "data": {}}}),
            "[0].inserted.image.format-specific.data must have the member 'compat'",
        ),
        (
            "query-block",
            block(snapshots={}),
            "[0].inserted.image.snapshots must be an array",
        ),
    ],
)
def test_what_no_machine_may_answer(command: str, value: Any, reason: str) -> None:
    """The place in the reply is named."""
    assert wrong(command, value) == reason


def test_an_alternate_says_what_is_wrong_with_what_is_nearest() -> None:
    """StatsValue: a number, a boolean or numbers."""
    results = [{"provider": "kvm", "stats": [{"name": "n", "value": value}]}
               for value in (1, True, [1, 2])]  # fmt: skip
    assert wrong("query-stats", results) == ""

    results[0]["stats"][0]["value"] = [1, "x"]  # type: ignore[index]
    assert wrong("query-stats", results).endswith(
        "[0].stats[0].value[1] must be an integer"
    )
    results[0]["stats"][0]["value"] = {}  # type: ignore[index]
    assert wrong("query-stats", results) == "[0].stats[0].value must be something else"


def test_a_reply_without_a_bottom() -> None:
    """Images behind images, more than any stack has room for."""
    image: dict[str, Any] = dict(IMAGE)
    for _ in range(20_000):
        image = {**IMAGE, "backing-image": image}

    assert (
        wrong("query-block", block(**{"backing-image": image})) == "it is nested too deeply"
    )


def test_the_connection_that_handlers_get_checks() -> None:
    """Either way of asking."""
    machine = FakeConnection({"query-status": {}, "query-name": {}})
    machine.fills = False
    checked = CheckedConnection(machine)

    with pytest.raises(BadReplyError, match="'query-status'"):
        drive(checked.execute("query-status"))
    with pytest.raises(BadReplyError, match="'query-status'"):
        drive(checked.execute_oob("query-status"))
    assert drive(checked.execute("query-name")) == {}


def test_the_least_reply_of_every_command_is_right() -> None:
    """What the tests fill in for others is what the check takes."""
    for command in COMMANDS:
        assert wrong(command, least(command)) == ""

from __future__ import annotations

import json
from typing import Any

import pytest

from hmp.qmp.errors import ProtocolError, QMPError
from hmp.qmp.exchange import Greeting, Session, result, without_none
from tests.fakes import GREETING, wire

Message = dict[str, Any]


def sent(session: Session, *arguments: Any, **options: Any) -> tuple[int, Message]:
    """Return the number and the message of a request."""
    number, data = session.request(*arguments, **options)
    assert data.endswith(b"\n")
    return number, json.loads(data)


def received(session: Session, *messages: Message | bytes) -> list[tuple[int, Message]]:
    """Return the numbered replies in messages."""
    return list(session.receive(b"".join(map(wire, messages))))


def test_a_greeting_tells_version_and_capabilities() -> None:
    """What is known before the first command."""
    greeting = Greeting(GREETING)

    assert greeting.version == (10, 2, 2)
    assert greeting.package == ""
    assert greeting.capabilities == ["oob"]


@pytest.mark.parametrize(
    ("change", "package"),
    [({"package": " (Debian)"}, " (Debian)"), ({}, "")],
)
def test_a_greeting_may_have_a_package(change: Message, package: str) -> None:
    """It may be missing."""
    qemu = {"major": 7, "minor": 2, "micro": 0}
    message = {"QMP": {"version": {"qemu": qemu, **change}, "capabilities": []}}

    assert Greeting(message).package == package


def test_a_request_alone_needs_no_id() -> None:
    """Replies come in order, and QEMU is faster without."""
    session = Session()

    assert sent(session, "stop", None) == (1, {"execute": "stop"})
    assert received(session, {"return": {}}) == [(1, {"return": {}})]
    assert sent(session, "eject", {"device": "d"}) == (
        2,
        {"execute": "eject", "arguments": {"device": "d"}},
    )
    assert received(session, {"return": 1}) == [(2, {"return": 1})]


def test_requests_that_overlap_have_ids() -> None:
    """All but the first, whose reply is the one without."""
    session = Session()
    requests = [sent(session, "a", None), sent(session, "b", {}), sent(session, "c", None)]

    assert requests == [
        (1, {"execute": "a"}),
        (2, {"execute": "b", "id": 2}),
        (3, {"execute": "c", "id": 3}),
    ]
    assert received(
        session, {"return": "c", "id": 3}, {"return": "a"}, {"return": "b", "id": 2}
    ) == [
        (3, {"return": "c", "id": 3}),
        (1, {"return": "a"}),
        (2, {"return": "b", "id": 2}),
    ]
    assert sent(session, "d", None) == (4, {"execute": "d"})


def test_a_reply_that_nobody_waits_for_is_not_the_next_ones() -> None:
    """A command that was given up keeps its number until its reply comes."""
    session = Session()
    given_up, _ = sent(session, "slow", None)
    number, request = sent(session, "quick", None)

    assert request == {"execute": "quick", "id": number}
    assert [found for found, _ in received(session, {"return": "late"})] == [given_up]
    assert [found for found, _ in received(session, {"return": 1, "id": number})] == [
        number
    ]


@pytest.mark.parametrize(("agreed", "key"), [(True, "exec-oob"), (False, "execute")])
def test_out_of_band_where_the_server_agreed(agreed: bool, key: str) -> None:
    """It has an id in any case, since its reply may overtake others."""
    session = Session()
    session.oob = agreed

    number, message = sent(session, "migrate-pause", None, oob=True)

    assert message == {key: "migrate-pause", "id": number}


def test_events_go_to_their_listener_in_order() -> None:
    """Before the reply behind them is delivered, and after the one before."""
    session = Session()
    seen: list[str] = []
    session.on_event = lambda event: seen.append(event["event"])
    session.request("a", None)
    messages: list[Message] = [{"event": "A"}, {"return": 1}, {"event": "B"}]
    replies = session.receive(b"".join(map(wire, messages)))

    assert next(replies) == (1, {"return": 1})
    assert seen == ["A"]
    assert list(replies) == []
    assert seen == ["A", "B"]


@pytest.mark.parametrize(
    "data",
    [
        b"QEMU 7.2.22 monitor\r\n",
        b"5\n",
        b"[]\n",
        b'{"event": 5}\n',
        b'{"event": null}\n',
        b'{"event": "A", "data": []}\n',
        b'{"event": "A", "data": null}\n',
        b'{"return": 1, "id": [1]}\n',
        b'{"return": 1, "id": {}}\n',
        b'{"return": 1, "id": "a"}\n',
        b'{"return": 1, "id": null}\n',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    ],
)
def test_what_is_not_qmp(data: bytes) -> None:
    """It is one error of the protocol, whatever is wrong; a listener is not told."""
    session = Session()
    seen: list[Message] = []
    session.on_event = seen.append

    with pytest.raises(ProtocolError, match=r"^the machine does not speak QMP") as caught:
        list(session.receive(data))
    assert len(str(caught.value)) < 300
    assert seen == []


def test_a_trace_is_told_of_every_message_without_its_secrets() -> None:
    """In both directions, and events as well."""
    seen: list[tuple[str, Message]] = []
    session = Session(lambda arrow, message: seen.append((arrow, message)))
    session.request("change-vnc-password", {"password": "hunter2"})
    received(session, {"event": "A"}, {"return": {}})
    _, data = session.request("stop", None)

    assert json.loads(data) == {"execute": "stop"}
    assert seen == [
        ("->", {"execute": "change-vnc-password", "arguments": {"password": "***"}}),
        ("<-", {"event": "A"}),
        ("<-", {"return": {}}),
        ("->", {"execute": "stop"}),
    ]


@pytest.mark.parametrize("value", [{}, [], None, 0, "x", {"error": 1}])
def test_a_result_is_the_reply_s_value(value: Any) -> None:
    """Whatever it is."""
    assert result({"return": value}) == value


@pytest.mark.parametrize(
    ("error", "desc", "error_class"),
    [
        ({"class": "DeviceNotFound", "desc": "no d"}, "no d", "DeviceNotFound"),
        ({"desc": "no d"}, "no d", "GenericError"),
        ({}, "no description", "GenericError"),
        ({"class": 1, "desc": 2}, "2", "1"),
    ],
)
def test_an_error_reply_is_raised(error: Message, desc: str, error_class: str) -> None:
    """With its description and class, or what stands for them."""
    with pytest.raises(QMPError) as caught:
        result({"error": error})

    assert (caught.value.desc, caught.value.error_class) == (desc, error_class)


@pytest.mark.parametrize("reply", [{}, {"id": 1}, {"error": None}, {"error": "no"}])
def test_a_reply_without_result(reply: Message) -> None:
    """It is the peer that is wrong, not the command."""
    with pytest.raises(ProtocolError, match="sent a reply without result"):
        result(reply)


@pytest.mark.parametrize(
    ("arguments", "members", "joined"),
    [
        (None, {}, {}),
        ({}, {}, {}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": None, "b": 0}, {"c": None, "d": False}, {"b": 0, "d": False}),
        (None, {"a": None}, {}),
        ({"a": [None], "b": {"c": None}}, {}, {"a": [None], "b": {"c": None}}),
    ],
)
def test_none_is_an_absent_member(
    arguments: Message | None, members: Message, joined: Message
) -> None:
    """At the top only; what is false or zero is there."""
    assert without_none(arguments, members) == joined

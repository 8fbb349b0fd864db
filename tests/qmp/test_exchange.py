from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from hmp.qmp.errors import ProtocolError, QMPError
from hmp.qmp.exchange import AsTyped, Exchange, Greeting, result, without_none
from tests.fakes import GREETING, wire

Message = dict[str, Any]
Id = int | str


def sent(session: Exchange, *arguments: Any, **options: Any) -> tuple[Id, Message]:
    """Return the id and the message of a request."""
    id_, data = session.request(*arguments, **options)
    assert data.endswith(b"\n")
    message = json.loads(data)
    assert message["id"] == id_
    return id_, message


def received(session: Exchange, *messages: Message | bytes) -> list[Message]:
    """Return the replies in messages."""
    session.decoder.chunks.append(b"".join(map(wire, messages)))
    return list(iter(session.take, None))


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


def begin_at(monkeypatch: pytest.MonkeyPatch, *numbers: int) -> None:
    """Have the numbers of the next sessions begin behind these."""
    monkeypatch.setattr("hmp.qmp.exchange._any_number", iter(numbers).__next__)


def test_every_request_has_an_id_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one's is like no other client's; those after it are short."""
    begin_at(monkeypatch, 1000, 7000)
    session, other = Exchange(), Exchange()
    requests = [
        sent(session, "qmp_capabilities", None),
        sent(session, "stop", None),
        sent(session, "stop", {}),
        sent(session, "eject", {"device": "d"}),
        sent(session, "migrate-pause", None, oob=True),
    ]
    ids = [id_ for id_, _ in requests]

    assert len(set(ids)) == 5
    assert re.fullmatch("hmp-[0-9a-f]{16}", str(ids[0]))
    assert all(isinstance(id_, int) and len(str(id_)) == 4 for id_ in ids[1:])
    assert [message for _, message in requests] == [
        {"execute": "qmp_capabilities", "id": ids[0]},
        {"execute": "stop", "id": ids[1]},
        {"execute": "stop", "id": ids[2]},
        {"execute": "eject", "arguments": {"device": "d"}, "id": ids[3]},
        {"execute": "migrate-pause", "id": ids[4]},
    ]
    assert not {sent(other, "stop", None)[0] for _ in range(5)} & set(ids)


def numbers(session: Exchange, count: int) -> list[Any]:
    """Return the ids of so many requests that are not answered."""
    return [session.request("a", None)[0] for _ in range(count)]


def test_ids_begin_anywhere() -> None:
    """So that another client's are most likely others."""
    firsts = {numbers(Exchange(), 2)[1] for _ in range(50)}

    assert len(firsts) > 10
    assert all(1000 <= id_ <= 9999 for id_ in firsts)


def test_ids_wrap_and_skip_those_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of requests that were given up, whose replies may come yet; the others come again."""
    begin_at(monkeypatch, 9996)
    session = Exchange()
    numbers(session, 1)
    first = numbers(session, 6)
    received(session, *({"return": {}, "id": id_} for id_ in (9998, 1001, 1002)))
    rest = numbers(session, 8997)

    assert first == [9997, 9998, 9999, 1000, 1001, 1002]
    assert rest == [*range(1003, 9997), 9998, 1001, 1002]


def test_ids_grow_when_all_of_four_digits_are_under_way() -> None:
    """They differ, however many there are."""
    session = Exchange()
    numbers(session, 1)
    first = numbers(session, 9000)

    assert sorted(first) == list(range(1000, 10_000))
    assert numbers(session, 3) == [10_000, 10_001, 10_002]


def test_an_id_that_comes_again_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was secret of its first request is not looked for in another's reply."""
    begin_at(monkeypatch, 4999)
    session = Exchange()
    numbers(session, 1)
    id_, _ = session.request("change-vnc-password", {"password": "hunter2"})
    masked = received(session, {"error": {"desc": "no hunter2"}, "id": id_})
    received(session, *({"return": {}, "id": i} for i in numbers(session, 8999)))

    assert masked == [{"error": {"desc": "no ***"}, "id": 5000}]
    assert numbers(session, 1) == [5000]
    assert received(session, {"return": "hunter2", "id": 5000})[0]["return"] == "hunter2"


def test_a_request_is_as_short_as_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """QEMU reads it byte by byte."""
    begin_at(monkeypatch, 1234)
    session = Exchange()
    session.request("qmp_capabilities", None)
    (id_, plain), (_, full) = session.request("a", None), session.request("a", {"b": [1]})

    assert isinstance(id_, int)
    assert id_ == 1235
    assert plain == b'{"execute":"a","id":%d}\n' % id_
    assert full == b'{"execute":"a","arguments":{"b":[1]},"id":%d}\n' % (id_ + 1)


def test_only_what_may_be_a_reply_is_one() -> None:
    """What has an id of a kind that we send, or is an error without any."""
    replies: list[Message] = [
        {"return": 1, "id": 700_000},
        {"error": {}, "id": "hmp-x"},
        {"error": {"desc": "JSON parse error"}},
        {"id": 1},
    ]
    others: list[Any] = [None, True, 1.0, [], {}, [1]]
    dropped: list[Message] = [
        {"return": {}},
        {},
        {"nothing": 1},
        GREETING,
        *({"return": 1, "id": id_} for id_ in others),
        {"error": {}, "id": None},
    ]
    mixed = [message for pair in zip(dropped, replies, strict=False) for message in pair]

    assert received(Exchange(), *mixed, *dropped) == replies


@pytest.mark.parametrize("first", [True, False])
def test_a_line_in_the_place_of_a_name_stays_secret(first: bool) -> None:
    """QEMU's error quotes it, whichever request it is."""
    session = Exchange()
    if not first:
        sent(session, "query-status", None)
    id_, _ = sent(session, "set_password vnc hunter2", None)
    desc = "The command set_password vnc hunter2 has not been found"
    (reply,) = received(session, {"error": {"desc": desc}, "id": id_})

    assert reply["error"]["desc"] == "The command set_password vnc *** has not been found"


def test_a_greeting_may_come_behind_what_is_for_others() -> None:
    """Late replies to an earlier client."""
    session = Exchange()
    late: list[Message | bytes] = [{"return": {}}, {"event": "A"}, {"error": {}, "id": 1}]
    session.decoder.chunks.append(b"".join(map(wire, late)))

    assert session.greeting() is None
    session.decoder.chunks.append(wire(GREETING) + wire({"return": {}}))
    assert session.greeting() == GREETING


@pytest.mark.parametrize("value", [math.nan, math.inf, [{"a": -math.inf}]])
def test_arguments_that_json_cannot_hold(value: Any) -> None:
    """They are an error of the command."""
    seen: list[object] = []
    session = Exchange(lambda arrow, message: seen.append(message))

    with pytest.raises(QMPError, match=r"^cannot be sent as JSON: "):
        session.request("x", {"value": value})
    assert seen == []


@pytest.mark.parametrize(("agreed", "key"), [(True, "exec-oob"), (False, "execute")])
def test_out_of_band_where_the_server_agreed(agreed: bool, key: str) -> None:
    """Otherwise in-band."""
    session = Exchange()
    session.oob = agreed

    id_, message = sent(session, "migrate-pause", None, oob=True)

    assert message == {key: "migrate-pause", "id": id_}


def test_events_go_to_their_listener_in_order() -> None:
    """Before the reply behind them is delivered, and after the one before."""
    session = Exchange()
    seen: list[str] = []
    session.on_event = lambda event: seen.append(event["event"])
    reply = {"return": 1, "id": 1}
    messages: list[Message] = [{"event": "A"}, reply, {"event": "B"}]
    session.decoder.chunks.append(b"".join(map(wire, messages)))

    assert session.take() == reply
    assert (seen, session.events) == (["A"], 1)
    assert session.take() is None
    assert (seen, session.events) == (["A", "B"], 2)


def test_a_listener_that_fails_loses_no_other_event() -> None:
    """The next look goes on behind its own."""
    session = Exchange()
    seen: list[str] = []

    def listener(event: Message) -> None:
        seen.append(event["event"])
        if len(seen) == 2:
            raise KeyboardInterrupt

    session.on_event = listener
    with pytest.raises(KeyboardInterrupt):
        received(session, *({"event": name} for name in "ABCD"))
    assert session.take() is None
    assert seen == ["A", "B", "C", "D"]


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
        b'{"return": NaN}\n',
        b'{"return": [1e999]}\n',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    ],
)
def test_what_is_not_qmp(data: bytes) -> None:
    """It is one error of the protocol, whatever is wrong; a listener is not told."""
    session = Exchange()
    seen: list[Message] = []
    session.on_event = seen.append

    with pytest.raises(ProtocolError, match=r"^the machine does not speak QMP") as caught:
        received(session, data)
    assert len(str(caught.value)) < 300
    assert seen == []


def test_a_trace_is_told_of_every_message_without_its_secrets() -> None:
    """In both directions, and events as well."""
    seen: list[tuple[str, Message]] = []
    session = Exchange(lambda arrow, message: seen.append((arrow, message)))
    session.request("change-vnc-password", {"password": "hunter2"})
    received(session, {"event": "A"}, {"return": {}})
    id_, data = session.request("stop", None)

    requests = [message for arrow, message in seen if arrow == "->"]
    assert json.loads(data) == requests[1] == {"execute": "stop", "id": id_}
    assert requests[0]["arguments"] == {"password": "***"}
    assert [arrow for arrow, _ in seen] == ["->", "<-", "<-", "->"]
    assert [message for _, message in seen[1:3]] == [{"event": "A"}, {"return": {}}]


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
        (AsTyped({"a": None, "b": 0}), {}, {"a": None, "b": 0}),
        ({"a": [None], "b": {"c": None}}, {}, {"a": [None], "b": {"c": None}}),
    ],
)
def test_none_is_an_absent_member(
    arguments: Message | None, members: Message, joined: Message
) -> None:
    """At the top only; what is false or zero is there."""
    assert without_none(arguments, members) == joined

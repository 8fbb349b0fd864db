from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hmp.machine.machine import EmbeddedMachine, Extension
from hmp.qmp.errors import QMPError
from hmp.qmp.qjson.reader import BUSY, NOTHING
from hmp.qmp.server import QUEUE_LIMIT, ServerSession

Message = dict[str, Any]

SCHEMA = """
{ 'pragma': { 'command-returns-exceptions': [
    'human-monitor-command', 'wait', 'hurry', 'echo' ] } }

##
# @wait:
#
# Wait.
#
# @what: what for.
##
{ 'command': 'wait', 'data': { 'what': 'str' }, 'returns': 'str', 'coroutine': true }

##
# @hurry:
#
# Go past others.
##
{ 'command': 'hurry', 'returns': 'int', 'allow-oob': true }

##
# @go-away:
#
# Never say that it went well.
#
# @fail: whether it does not go well.
##
{ 'command': 'go-away', 'data': { 'fail': 'bool' }, 'success-response': false }

##
# @echo:
#
# Return it.
#
# @value: what.
##
{ 'command': 'echo', 'data': { 'value': 'any' }, 'returns': 'any' }
"""


async def qmp_wait(what: str) -> str:
    """Let others go on before it returns."""
    await asyncio.sleep(0)
    if what == "failure":
        raise QMPError("it failed")
    return what


def qmp_hurry() -> int:
    """Return a number."""
    return 1


def qmp_go_away(fail: bool) -> None:
    """Return nothing."""
    if fail:
        raise QMPError("it failed")


def qmp_echo(value: object) -> object:
    """Return what it is given."""
    return value


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[EmbeddedMachine]:
    """A machine with some commands more."""
    path = tmp_path / "schema.json"
    path.write_text(SCHEMA)
    extension = Extension(str(path), [qmp_wait, qmp_hurry, qmp_go_away, qmp_echo])
    made = EmbeddedMachine(output=lambda text: None, extensions=[extension])
    yield made
    made.close()


def steps(session: ServerSession) -> Iterator[bytes]:
    """Yield the replies to all that waits; none is a coroutine's."""
    while (step := session.step()) is not NOTHING:
        if step is not BUSY:
            assert isinstance(step, bytes)
            if step:  # not for success that is silent
                yield step


def ask(session: ServerSession, *requests: Message | str) -> list[Message]:
    """Return the replies to requests, sent in one piece."""
    texts = [r if isinstance(r, str) else json.dumps(r) for r in requests]
    session.feed("".join(texts).encode())
    return [json.loads(reply) for reply in steps(session)]


def begun(
    machine: EmbeddedMachine, *capabilities: str, pretty: bool = False
) -> ServerSession:
    """Return a session behind its negotiation."""
    session = ServerSession(machine, pretty=pretty)
    arguments = {"enable": list(capabilities)} if capabilities else {}
    ask(session, {"execute": "qmp_capabilities", "arguments": arguments})
    assert session.negotiated
    return session


def error(desc: str, error_class: str = "GenericError") -> Message:
    """Return an error reply."""
    return {"error": {"class": error_class, "desc": desc}}


def test_the_greeting_says_who_we_are(machine: EmbeddedMachine) -> None:
    """Our version, and what a client can switch on, on one line that ends with CRLF."""
    greeting = ServerSession(machine).greeting()

    assert json.loads(greeting) == {
        "QMP": {
            "version": machine.execute("query-version", {}),
            "capabilities": ["oob"],
        }
    }
    assert greeting.endswith(b"}\r\n")
    assert greeting.count(b"\n") == 1


def test_commands_wait_for_negotiation(machine: EmbeddedMachine) -> None:
    """Until then there is one command, and no events."""
    session = ServerSession(machine)
    expecting = error(
        "Expecting capabilities negotiation with 'qmp_capabilities'", "CommandNotFound"
    )

    assert ask(session, {"execute": "query-status"}, {"execute": "nonsense", "id": 1}) == [
        expecting,
        {"id": 1, **expecting},
    ]
    assert session.event({"event": "STOP"}) == b""
    assert ask(session, {"execute": "qmp_capabilities"}) == [{"return": {}}]
    assert ask(session, {"execute": "query-status"}) == [
        {"return": {"running": True, "status": "running"}}
    ]
    assert json.loads(session.event({"event": "STOP"})) == {"event": "STOP"}
    already = "Capabilities negotiation is already complete, command ignored"
    assert ask(session, {"execute": "qmp_capabilities"}) == [
        error(already, "CommandNotFound")
    ]


@pytest.mark.parametrize(
    ("arguments", "desc"),
    [
        ({"enable": ["foo"]}, "Parameter 'null' does not accept value 'foo'"),
        ({"enable": ["oob", "x"]}, "Parameter 'null' does not accept value 'x'"),
        ({"enable": "oob"}, "Invalid parameter type for 'enable', expected: array"),
        ({"enable": None}, "Invalid parameter type for 'enable', expected: array"),
        ({"enable": [1]}, "Invalid parameter type for 'enable[0]', expected: string"),
        ({"foo": 1}, "Parameter 'foo' is unexpected"),
        ([], "QMP input member 'arguments' must be an object"),
    ],
)
def test_negotiation_can_fail_and_be_tried_again(
    machine: EmbeddedMachine, arguments: Any, desc: str
) -> None:
    """In QEMU's words."""
    session = ServerSession(machine)

    assert ask(session, {"execute": "qmp_capabilities", "arguments": arguments}) == [
        error(desc)
    ]
    assert not session.negotiated
    enable = {"enable": ["oob", "oob"]}
    assert ask(session, {"execute": "qmp_capabilities", "arguments": enable, "id": 1}) == [
        {"return": {}, "id": 1}
    ]
    assert session.oob


@pytest.mark.parametrize(
    ("request_", "desc"),
    [
        ("[]", "QMP input must be a JSON object"),
        ("1 ", "QMP input must be a JSON object"),
        ('"execute"', "QMP input must be a JSON object"),
        ("null ", "QMP input must be a JSON object"),
        ({}, "QMP input lacks member 'execute'"),
        ({"arguments": {}}, "QMP input lacks member 'execute'"),
        ({"execute": 1}, "QMP input member 'execute' must be a string"),
        ({"execute": None}, "QMP input member 'execute' must be a string"),
        ({"execute": 1, "arguments": 1}, "QMP input member 'execute' must be a string"),
        (
            {"execute": "x", "arguments": 1},
            "QMP input member 'arguments' must be an object",
        ),
        ({"arguments": None}, "QMP input member 'arguments' must be an object"),
        ({"execute": "x", "foo": 1}, "QMP input member 'foo' is unexpected"),
        ({"execute": "x", "b": 1, "a": 1}, "QMP input member 'b' is unexpected"),
        ({"exec-oob": "x"}, "QMP input member 'exec-oob' is unexpected"),
        ({"execute": "x", "exec-oob": "x"}, "QMP input member 'exec-oob' is unexpected"),
        ({"execute": "query-status", "arguments": {"a": 1}}, "Parameter 'a' is unexpected"),
        ({"execute": "wait"}, "Parameter 'what' is missing"),
        ("{'execute': }", "JSON parse error, expecting value"),
    ],
)
def test_what_is_no_request_is_answered(
    machine: EmbeddedMachine, request_: Message | str, desc: str
) -> None:
    """In QEMU's words, with the id if there is one; the next request is none the worse."""
    session = begun(machine)

    assert ask(session, request_, {"execute": "query-name"}) == [
        error(desc),
        {"return": {}},
    ]
    if isinstance(request_, dict):
        reply = {"id": [1, {"a": None}], **error(desc)}
        assert ask(session, {**request_, "id": reply["id"]}) == [reply]


def test_an_unknown_command_has_a_class_of_its_own(machine: EmbeddedMachine) -> None:
    """Whatever characters its name has."""
    session = begun(machine)

    for name in ("nonsense", "", "a\0b", "é", "\x7f"):
        assert ask(session, {"execute": name}) == [
            error(f"The command {name} has not been found", "CommandNotFound")
        ]


@pytest.mark.parametrize(
    "id_",
    [None, True, 0, -1, 1.5, "x", "é\x7f\0", [], {}, [1, {"a": [None]}], 1 << 63, 1e300],
)
def test_an_id_comes_back_as_it_was(machine: EmbeddedMachine, id_: Any) -> None:
    """Whatever JSON value it is, with results and errors."""
    session = begun(machine)

    ok, wrong = ask(
        session, {"execute": "query-name", "id": id_}, {"execute": "x", "id": id_}
    )

    assert ok == {"return": {}, "id": id_}
    assert wrong["id"] == id_
    assert list(wrong) == ["id", "error"]


def test_an_id_may_be_as_deep_as_a_message(machine: EmbeddedMachine) -> None:
    """It is not Python's stack that says how deep."""
    session = begun(machine)
    deep = "[" * 1023 + "]" * 1023

    session.feed(f"{{'execute': 'query-name', 'id': {deep}}}".encode())

    assert list(steps(session)) == [f'{{"return": {{}}, "id": {deep}}}\r\n'.encode()]


def test_deep_arguments_are_refused_or_taken(machine: EmbeddedMachine) -> None:
    """As an error, not as a crash."""
    session = begun(machine)
    deep = "[" * 1000 + "]" * 1000

    session.feed(f"{{'execute': 'echo', 'arguments': {{'value': {deep}}}}}".encode())
    session.feed(f"{{'execute': 'query-name', 'arguments': {{'value': {deep}}}}}".encode())

    first, second = steps(session)
    assert json.loads(second) == error("Parameter 'value' is unexpected")
    assert first == f'{{"return": {deep}}}\r\n'.encode()


def test_pretty_replies_are_indented_like_qemu_s(machine: EmbeddedMachine) -> None:
    """Every line with the end that QEMU gives it."""
    session = begun(machine, pretty=True)

    session.feed(b'{"execute": "query-status", "id": []}')

    assert next(steps(session)).split(b"\r\n") == [
        b"{",
        b'    "return": {',
        b'        "running": true,',
        b'        "status": "running"',
        b"    },",
        b'    "id": [',
        b"    ]",
        b"}",
        b"",
    ]


def test_a_command_may_have_no_success_response(machine: EmbeddedMachine) -> None:
    """It says nothing when all is well, and what is wrong when it isn't."""
    session = begun(machine)

    assert ask(session, {"execute": "go-away", "arguments": {"fail": False}}) == []
    assert ask(session, {"execute": "go-away", "arguments": {"fail": True}}) == [
        error("it failed")
    ]


async def finished(step: object) -> Message:
    """Return the reply that a step's coroutine makes."""
    assert isinstance(step, Awaitable)
    reply: Message = json.loads(await step)
    return reply


def test_a_coroutine_s_reply_is_to_be_awaited(machine: EmbeddedMachine) -> None:
    """Its value, or its error."""

    async def main() -> list[Message]:
        session = begun(machine)
        for what in ("x", "failure"):
            request = {"execute": "wait", "arguments": {"what": what}, "id": what}
            session.feed(json.dumps(request).encode())
        return [await finished(session.step()) for _ in range(2)]

    assert asyncio.run(main()) == [
        {"return": "x", "id": "x"},
        {"id": "failure", **error("it failed")},
    ]


def test_out_of_band_is_for_commands_that_allow_it(machine: EmbeddedMachine) -> None:
    """And for clients that have switched it on."""
    session = begun(machine, "oob")

    assert ask(session, {"exec-oob": "hurry", "id": 1}) == [{"return": 1, "id": 1}]
    assert ask(session, {"execute": "hurry"}) == [{"return": 1}]
    for name in ("query-status", "qmp_capabilities"):
        assert ask(session, {"exec-oob": name}) == [
            error(f"The command {name} does not support OOB")
        ]
    assert ask(session, {"exec-oob": "x"}) == [
        error("The command x has not been found", "CommandNotFound")
    ]
    assert ask(session, {"exec-oob": 1}) == [
        error("QMP input member 'exec-oob' must be a string")
    ]
    assert ask(session, {"exec-oob": "hurry", "execute": "hurry"}) == [
        error("QMP input member 'execute' clashes with 'exec-oob'")
    ]
    assert ask(session, {"exec-oob": "hurry", "arguments": {"a": 1}}) == [
        error("Parameter 'a' is unexpected")
    ]


def number(reply: object) -> int:
    """Return the id of a reply."""
    assert isinstance(reply, bytes)
    found: int = json.loads(reply)["id"]
    return found


def test_out_of_band_goes_past_what_waits(machine: EmbeddedMachine) -> None:
    """Up to eight requests are read while one is under way; the others keep their order."""
    session = begun(machine, "oob")
    for id_ in (1, 2):
        session.feed(b'{"execute": "query-name", "id": %d}' % id_)
    session.feed(b'{"exec-oob": "hurry", "id": 3} @ {"exec-oob": "hurry", "id": 4}')

    # as if a command were under way
    assert [number(reply) for reply in session.look_ahead()] == [3, 4]

    first, second, stray = steps(session)
    assert (number(first), number(second)) == (1, 2)
    assert b"stray '@'" in stray

    for id_ in range(QUEUE_LIMIT):
        session.feed(b'{"execute": "query-name", "id": %d}' % id_)
    session.feed(b'{"exec-oob": "hurry", "id": 9}')
    assert list(session.look_ahead()) == []
    assert session.waiting > 0
    session.step()
    assert [number(reply) for reply in session.look_ahead()] == [9]
    assert [number(reply) for reply in steps(session)] == list(range(1, QUEUE_LIMIT))


def test_nothing_is_read_ahead_without_the_capability(machine: EmbeddedMachine) -> None:
    """Requests wait where they are."""
    session = begun(machine)
    session.feed(b'{"execute": "query-name"}')

    assert list(session.look_ahead()) == []
    assert session.waiting > 0


def test_a_command_s_events_stand_before_its_reply(machine: EmbeddedMachine) -> None:
    """As in QEMU: whoever has the reply has the event."""
    session = begun(machine)
    seen: list[bytes] = []
    machine.listeners.append(lambda event: seen.append(session.event(event)))

    (reply,) = ask(session, {"execute": "stop"})

    assert reply == {"return": {}}
    (event,) = map(json.loads, seen)
    assert list(event) == ["timestamp", "event"]
    assert event["event"] == "STOP"
    assert set(event["timestamp"]) == {"seconds", "microseconds"}


def test_a_request_may_come_in_any_pieces(machine: EmbeddedMachine) -> None:
    """Byte by byte, too, with single quotes and lines between."""
    session = begun(machine)
    replies = []
    for byte in b"{'execute':\r\n 'query-name',\t'id'\n:1}{}":
        session.feed(bytes((byte,)))
        replies += [json.loads(reply) for reply in steps(session)]

    assert replies == [
        {"return": {}, "id": 1},
        error("QMP input lacks member 'execute'"),
    ]

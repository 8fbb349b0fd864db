from __future__ import annotations

import asyncio
from typing import Any

import pytest

from completions.defaults import KINDS
from hmp.completion import suggestions
from hmp.completion.candidates import fixed_words
from hmp.completion.suggestions import suggest
from hmp.qmp.errors import QMPError
from tests.fakes import LIMIT, FakeSession

ANSWERS: dict[str, Any] = {
    "query-block": [
        {"device": "drive0", "removable": True},
        {"device": "cd0", "removable": True},
    ],
    "query-named-block-nodes": [],
    "query-migrate-capabilities": [{"capability": "multifd", "state": False}],
    "eject": QMPError("not found"),
    "block_resize": QMPError("Cannot find device='zzz' nor node-name=''"),
    "query-commands": [{"name": "query-block"}],
}


def test_at_most_three_words_are_suggested() -> None:
    """Those that resemble it most."""
    drives = [{"device": f"drive{number}", "removable": True} for number in range(5)]
    session = FakeSession({**ANSWERS, "query-block": drives}, has_hmp=False)
    call = session.call("eject drive")
    found = asyncio.run(suggest(session.monitor, call, KINDS, fixed_words))

    assert found.count("drive") == 3


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, ""),
        (1, "This machine has 'd0'"),
        (8, "This machine has 'd0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7'"),
        (9, ""),
    ],
)
def test_a_few_words_are_listed(count: int, sentence: str) -> None:
    """Where none resembles what was typed."""
    drives = [{"device": f"d{number}", "removable": True} for number in range(count)]
    session = FakeSession({**ANSWERS, "query-block": drives}, has_hmp=False)
    call = session.call("block_resize zzz 1G")

    assert asyncio.run(suggest(session.monitor, call, KINDS, fixed_words)) == sentence


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("ejcet drive0", "Did you mean 'eject'?"),
        ("info verison", "Did you mean 'info version'?"),
        ("eject driev0", "Did you mean 'drive0'?"),
        ("eject -f dc0", "Did you mean 'cd0'?"),
        ("block_resize driv0 1G", "Did you mean 'drive0'?"),
        ("eject drive0", ""),
        ("eject zzz", ""),
        ("query-block", "It is a QMP command: type 'qmp query-block'"),
        ("block_resize zzz 1G", "This machine has 'cd0', 'drive0'"),
        ("zzzzzz", ""),
        (
            "pmemsave 0 10 /tmp/x",
            'A path after a number needs quotes, or it is a division: "/…"',
        ),
        ("print 1 $", ""),
        ("status", "Did you mean 'info status'?"),
        ("block -v", "Did you mean 'info block'?"),
        ("infoblock", "Did you mean 'info block'?"),
        ("exit", "Ctrl-D leaves the session; 'quit' ends the machine"),
        ("wait STOP --timeout 0.01", ""),
    ],
)
def test_what_may_have_been_meant(line: str, sentence: str) -> None:
    """Commands by the table, things by what the machine has of their kind."""
    session = FakeSession(ANSWERS, has_hmp=False)
    call = session.call(line)

    assert call.error is not None
    assert asyncio.run(suggest(session.monitor, call, KINDS, fixed_words)) == sentence


def test_a_line_that_the_user_has_cancelled_is_none_that_failed() -> None:
    """It has no suggestion."""
    session = FakeSession(ANSWERS, has_hmp=False)

    async def refuse(question: str) -> bool:
        return False

    session.monitor.front.confirm = refuse  # type: ignore[method-assign]
    call = session.call("eject driev0")

    assert call.error_text() == "cancelled\n"
    assert asyncio.run(suggest(session.monitor, call, KINDS, fixed_words)) == ""


def test_a_machine_that_does_not_answer_costs_nothing_but_the_sentence() -> None:
    """A reply that is none is passed over."""
    answers = {"eject": QMPError("no"), "query-block": [{}]}
    session = FakeSession(answers, has_hmp=False)
    call = session.call("eject driev0")

    assert asyncio.run(suggest(session.monitor, call, KINDS, fixed_words)) == ""


def test_a_machine_that_hangs_holds_the_prompt_up_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sentence is not worth more."""
    monkeypatch.setattr(suggestions, "_LIMIT", 0.01)
    session = FakeSession({"eject": QMPError("no")}, has_hmp=False)
    call = session.call("eject driev0")

    async def hang(*arguments: object, **members: object) -> None:
        await asyncio.sleep(LIMIT)

    async def suggested() -> str:
        monkeypatch.setattr(session.machine, "execute", hang)
        async with asyncio.timeout(LIMIT / 2):
            return await suggest(session.monitor, call, KINDS, fixed_words)

    assert asyncio.run(suggested()) == ""

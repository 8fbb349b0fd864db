from __future__ import annotations

import asyncio
from typing import Any

import pytest

from completions.defaults import KINDS
from hmp.completion.candidates import fixed_words
from hmp.completion.suggestions import suggest
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession

ANSWERS: dict[str, Any] = {
    "query-block": [
        {"device": "drive0", "removable": True},
        {"device": "cd0", "removable": True},
    ],
    "query-named-block-nodes": [],
    "query-migrate-capabilities": [{"capability": "multifd", "state": False}],
    "eject": QMPError("not found"),
    "block_resize": QMPError("not found"),
}


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
        ("zzzzzz", ""),
        (
            "pmemsave 0 10 /tmp/x",
            'A path after a number needs quotes, or it is a division: "/…"',
        ),
        ("print 1 $", ""),
    ],
)
def test_what_may_have_been_meant(line: str, sentence: str) -> None:
    """Commands by the table, things by what the machine has of their kind."""
    session = FakeSession(ANSWERS, has_hmp=False)
    call = session.call(line)

    assert call.error is not None
    assert asyncio.run(suggest(session.monitor, call, KINDS, fixed_words)) == sentence


def test_a_machine_that_does_not_answer_costs_nothing_but_the_sentence() -> None:
    """A reply that is none is passed over."""
    answers = {"eject": QMPError("no"), "query-block": [{}]}
    session = FakeSession(answers, has_hmp=False)
    call = session.call("eject driev0")

    assert asyncio.run(suggest(session.monitor, call, KINDS, fixed_words)) == ""

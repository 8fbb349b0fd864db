from __future__ import annotations

import pytest

from hmp.completion import cache
from hmp.completion.cache import WordCache
from hmp.monitor.kinds import Kind, Word
from hmp.qmp.connection import Connection

FIXED = Kind("fixed", [("a", "")])
FETCHED = Kind("fetched", [("always", "")])


@FETCHED.fetcher
async def fetch(qmp: Connection, context: str) -> list[tuple[str, str]]:
    """Return nothing."""
    return []


def test_fixed_words_are_known_and_never_wanted() -> None:
    """There is nobody to ask for them."""
    known = WordCache()

    assert known.look(FIXED, "") == (("a", ""),)
    assert (known.missing, known.take_wanted()) == (False, [])


def test_what_is_missing_is_wanted_once() -> None:
    """However often it is looked at while it is being fetched."""
    known = WordCache()
    for _ in range(3):
        assert known.look(FETCHED, "x") == (("always", ""),)

    assert known.missing
    assert known.take_wanted() == [(FETCHED, "x")]
    known.look(FETCHED, "x")
    assert known.take_wanted() == []


def test_an_expensive_query_waits_for_tab() -> None:
    """The fixed words, and those of an earlier request, are known before it."""
    expensive = Kind("expensive", [("always", "")], on_request=lambda context: True)
    expensive.fetch = fetch
    known = WordCache()

    assert known.look(expensive, "") == (("always", ""),)
    assert (known.missing, known.take_wanted()) == (False, [])
    known.requested = True
    known.look(expensive, "")
    assert (known.missing, known.take_wanted()) == (True, [(expensive, "")])
    known.store(expensive, "", (("b", ""),))
    known.requested = False
    assert known.look(expensive, "") == (("always", ""), ("b", ""))


def test_fetched_words_stand_behind_the_fixed_ones() -> None:
    """By context; what is known is not wanted again at once."""
    known = WordCache()
    known.store(FETCHED, "x", (("b", ""),))

    assert known.look(FETCHED, "x") == (("always", ""), ("b", ""))
    assert (known.missing, known.take_wanted()) == (False, [])
    assert known.look(FETCHED, "y") == (("always", ""),)
    assert known.take_wanted() == [(FETCHED, "y")]


def test_what_may_have_changed_is_wanted_anew_and_known_meanwhile() -> None:
    """An event, or a line that ran, makes all of it old."""
    known = WordCache()
    known.store(FETCHED, "x", (("b", ""),))
    known.expire()

    assert known.look(FETCHED, "x")[1:] == (("b", ""),)
    assert not known.missing
    assert known.take_wanted() == [(FETCHED, "x")]


def test_words_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any sign, too."""
    known = WordCache()
    known.store(FETCHED, "x", ())
    monkeypatch.setattr(cache, "FRESH", -1)
    known.look(FETCHED, "x")

    assert known.take_wanted() == [(FETCHED, "x")]


def test_what_is_sure() -> None:
    """Nothing that may have changed since, and nothing that was never told."""
    known = WordCache()
    assert known.sure(FIXED, "") == (("a", ""),)
    assert known.sure(FETCHED, "x") == ()
    known.store(FETCHED, "x", (("b", ""),))
    assert known.sure(FETCHED, "x") == (("always", ""), ("b", ""))
    known.expire()

    assert known.sure(FETCHED, "x") == ()
    assert known.take_wanted() == [(FETCHED, "x")]


def test_words_that_were_overtaken_are_old_when_they_come() -> None:
    """Something happened while they were being fetched."""
    known = WordCache()
    known.look(FETCHED, "x")
    known.take_wanted()
    known.expire()
    known.store(FETCHED, "x", (("b", ""),))

    assert known.look(FETCHED, "x")[1:] == (("b", ""),)
    assert known.take_wanted() == [(FETCHED, "x")]
    known.store(FETCHED, "x", (("c", ""),))
    assert known.sure(FETCHED, "x")[1:] == (("c", ""),)


def test_a_machine_that_does_not_tell_leaves_what_was_known() -> None:
    """It is offered, asked for again later, and nothing is held against it."""
    known = WordCache()
    known.store(FETCHED, "x", (("b", ""),))
    known.store(FETCHED, "x", None)

    assert known.look(FETCHED, "x")[1:] == (("b", ""),)
    assert known.take_wanted() == []
    assert known.sure(FETCHED, "x") == ()


def test_numbers_of_the_last_result_replace_fetched_ones() -> None:
    """The fixed words only explain them."""
    kind = Kind("number", [("a", "the letter")], seen=True)

    @kind.fetcher
    async def fetch(qmp: Connection, context: str) -> list[Word]:
        return [("b", "")]

    knowledge = WordCache()
    assert knowledge.look(kind, "") == ()
    assert knowledge.take_wanted() == [(kind, "")]
    knowledge.store(kind, "", (("b", ""),))
    assert knowledge.look(kind, "") == (("b", ""),)
    knowledge.seen = "info x", [("a", 1.0)]
    assert knowledge.look(kind, "") == (("a", "the letter: 1 in 'info x'"),)

from __future__ import annotations

from typing import Any

import pytest

from hmp.monitor.kinds import Kind


def test_a_kind_has_a_name_and_perhaps_its_words() -> None:
    """Words come with an explanation each, from any iterable."""
    kind = Kind("protocol", iter([("vnc", "VNC"), ("spice", "SPICE")]))

    assert kind.name == "protocol"
    assert kind.words == (("vnc", "VNC"), ("spice", "SPICE"))
    assert repr(kind) == "Kind('protocol')"


def test_a_kind_that_only_the_machine_knows_has_no_words() -> None:
    """Block devices cannot be listed here."""
    assert Kind("block device").words == ()


@pytest.mark.parametrize("words", [["vnc", "no"], [("vnc",)], [("a", "b", "c")]])
def test_words_without_explanations_are_refused(words: Any) -> None:
    """Letters of a word must not pass for a word and its explanation."""
    with pytest.raises(TypeError, match="the words of 'protocol' must be pairs"):
        Kind("protocol", words)


async def _one(qmp: object) -> None:
    """Take too little."""


async def _three(qmp: object, context: str, more: str) -> None:
    """Take too much."""


def _now(qmp: object, context: str) -> None:
    """Do not wait."""


@pytest.mark.parametrize("function", [_one, _three, _now])
def test_a_fetcher_is_checked_when_it_is_made(function: Any) -> None:
    """The author of a kind sees the mistake at once."""
    with pytest.raises(TypeError, match="a fetcher must be 'async def"):
        Kind("thing").fetcher(function)

from __future__ import annotations

import pytest

from hmp.terminal.screen_session import _folded


@pytest.mark.parametrize(
    ("question", "width", "lines"),
    [
        ("It ends. Continue? [y/N] ", 80, ["It ends. Continue? [y/N] "]),
        ("It ends. Continue? [y/N] ", 24, ["It ends. Continue? [y/N] "]),
        ("It ends. Continue? [y/N] ", 23, ["It ends.", "Continue? [y/N] "]),
        ("It ends. Continue? [y/N] ", 5, ["It ends.", "Continue? [y/N] "]),
        ("a-b /very/long/name/of it: ", 15, ["a-b", "/very/long/name/of", "it: "]),
        ("Password: ", 80, ["Password: "]),
    ],
)
def test_questions_are_broken_between_words(
    question: str, width: int, lines: list[str]
) -> None:
    """The answer stands on the line of the last words, which stay together."""
    assert _folded(question, width) == "\n".join(lines)

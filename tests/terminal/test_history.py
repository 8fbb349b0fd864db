from __future__ import annotations

import asyncio
from pathlib import Path

from hmp.frontends import history_file as history
from hmp.frontends.history_file import LineHistory
from hmp.terminal.history import PromptHistory


def make(path: Path | None) -> PromptHistory:
    """Return a history for which lines with 'password' are secret."""
    kept = LineHistory(str(path) if path else None, lambda line: "password" in line)
    return PromptHistory(kept)


def loaded(made: PromptHistory) -> list[str]:
    """Return what the prompt loads, newest first."""

    async def load() -> list[str]:
        return [entry async for entry in made.load()]

    return asyncio.run(load())


def test_entries_are_the_files_and_the_sessions(tmp_path: Path) -> None:
    """Newest first, each line of a paste by itself; whether they are loaded before."""
    path = tmp_path / "h"
    path.write_text("old\nolder?\n")
    one, two = make(path), make(path)
    assert loaded(one) == ["older?", "old"]
    for made in (one, two):
        made.append_string("a\nset password x\n b\nc")

        assert made.kept.lines == ["a", "c"]
        assert loaded(made)[:4] == ["c", "a", "older?", "old"]
        assert made.get_strings()[-2:] == ["a", "c"]
        path.write_text("old\nolder?\n")


def test_a_repeated_line_is_one_entry() -> None:
    """Up then shows what was before it."""
    made = make(None)
    for line in ("a", "b", "b"):
        made.append_string(line)

    assert loaded(made) == ["b", "a"]


def test_entries_have_a_limit() -> None:
    """However long a session is."""
    made = make(None)
    for number in range(history.LIMIT + 5):
        made.append_string(str(number))

    assert len(loaded(made)) == history.LIMIT

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from hmp.terminal.programs import run_program
from tests.fakes import LIMIT


def run(command: str, text: str | None, unwanted: bool = False) -> int | None:
    """Run a program that nobody gives up in its midst."""
    return asyncio.run(run_program(command, text, None, lambda: unwanted))


def running(word: str) -> list[str]:
    """Return the command lines with a word of the processes that have not ended."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if word in line]


def test_the_text_goes_to_the_program(tmp_path: Path) -> None:
    """It reads all of it."""
    assert run(f"cat >{tmp_path}/out", "text\n" * 3) == 0

    assert (tmp_path / "out").read_text() == "text\n" * 3


def test_the_status_is_told() -> None:
    """The shell's own for what it does not find."""
    assert run("exit 3", None) == 3
    assert run("nonexistent-pager 2>/dev/null", "text\n") == 127


def test_a_text_that_is_not_read_is_no_error() -> None:
    """A pager may be left early."""
    assert run("true", "text\n" * 200_000) == 0


def test_one_that_is_not_wanted_any_more(tmp_path: Path) -> None:
    """It is ended before anything else happens."""
    assert run(f"sleep 100; touch {tmp_path}/late", "text", unwanted=True) is None


def test_one_that_is_given_up(tmp_path: Path) -> None:
    """It has ended when the caller is told, with what its shell has started."""
    begun = tmp_path / "begun"

    async def give_up() -> None:
        work = run_program(
            f"(echo yes >{begun}; sleep 60; cat {tmp_path}/nope); true",
            None,
            None,
            lambda: False,
        )
        task = asyncio.ensure_future(work)
        until = monotonic() + LIMIT
        while not (begun.exists() and begun.read_text()):
            assert monotonic() < until
            await asyncio.sleep(0.01)
        assert running(str(begun))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(give_up())

    until = monotonic() + LIMIT
    while running(str(begun)):  # what the signal has reached may take an instant to go
        assert monotonic() < until

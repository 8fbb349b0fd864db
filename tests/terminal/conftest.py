"""Fixtures of the terminal tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import Terminal


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Opens terminals that are closed when the test is over."""
    opened: list[Terminal] = []

    def start(*arguments: str, **options: str | int) -> Terminal:
        made = Terminal(*arguments, **options)  # type: ignore[arg-type]  # keywords pass
        opened.append(made)
        return made

    yield start
    for made in opened:
        made.close()


@pytest.fixture
def machine() -> Iterator[ScriptedMachine]:
    """A machine that does what the test tells it to."""
    with ScriptedMachine() as made:
        yield made

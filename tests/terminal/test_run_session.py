"""What a session shows as it begins, in this process."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from hmp.qmp.stream import said
from hmp.terminal.run_session import _session
from hmp.terminal.signals import ENDINGS
from tests.fakes import FakeSession


@pytest.mark.parametrize(
    ("notice", "shown"), [("", []), ("look\nout", ["hmp: look\\nout\n"])]
)
@pytest.mark.parametrize("fails", [False, True])
def test_the_beginning_of_a_session(notice: str, shown: list[str], fails: bool) -> None:
    """Its banner, and what is special of the way to the machine; the end in any case."""
    told: list[str] = []
    done: list[object] = []

    async def show_folded(text: str) -> None:
        told.append(text)

    async def take_over(connection: object) -> None:
        done.append(connection)

    async def run(endings: object) -> None:
        assert len(said) == before + 1
        said[-1]("a line of QEMU's")
        await asyncio.sleep(0)
        done.append(endings)
        if fails:
            raise OSError

    monitor = FakeSession().monitor
    monitor.connection.notice = notice
    reconnector = SimpleNamespace(take_over=take_over, close=lambda: done.append("closed"))
    session: Any = SimpleNamespace(
        monitor=monitor,
        output=SimpleNamespace(show_folded=show_folded),
        reconnector=reconnector,
        note=lambda line: done.append(line),
        run=run,
    )
    before = len(said)
    try:
        asyncio.run(_session(session))
    except OSError:
        assert fails

    assert told[0].startswith("QEMU 10.2.2 monitor")
    assert told[1:] == shown
    assert done == [monitor.connection, "a line of QEMU's", ENDINGS, "closed"]
    assert len(said) == before

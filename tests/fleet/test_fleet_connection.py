"""The connection of a set, which asks its first machine."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from hmp.fleet.fleet_connection import FleetConnection
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import FakeConnection, tables


def connection(lead: FakeConnection | None) -> FleetConnection:
    """Return the connection of a set with this machine in front."""
    made = FleetConnection()
    fleet: Any = SimpleNamespace(
        lead=None if lead is None else SimpleNamespace(qmp=lead), commands=tables()
    )
    made.fleet = fleet
    return made


def test_the_first_machine_is_asked() -> None:
    """About what only reads."""
    lead = FakeConnection({"query-name": {"name": "a"}}, version=(9, 1, 0), has_hmp=False)
    made = connection(lead)

    assert asyncio.run(made.execute("query-name")) == {"name": "a"}
    assert (made.version, made.has_hmp) == ((9, 1, 0), False)
    with pytest.raises(QMPError, match=r"^stop has to run on each machine$"):
        asyncio.run(made.execute("stop"))
    assert lead.calls == [("query-name", {})]


@pytest.mark.parametrize("made", [connection(None), FleetConnection()])
def test_without_any_machine(made: FleetConnection) -> None:
    """All that may work is offered, and nothing does."""
    assert (made.version, made.has_hmp) == ((0, 0, 0), True)
    if made.fleet is not None:
        with pytest.raises(MachineGoneError, match="no machine of the set is connected"):
            asyncio.run(made.execute("query-name"))


def test_pauses_end_when_something_arrives() -> None:
    """Or after their time."""

    async def test() -> None:
        made = connection(None)
        made.arrival.set()  # by something earlier
        waiting = asyncio.create_task(made.pause(3600))
        await asyncio.sleep(0)
        assert not waiting.done()
        made.arrival.set()
        await waiting
        await made.pause(0)

    asyncio.run(test())

"""The tools in this process, on the machine that stands in it.

``HMP_TEST_UPDATE=1 pytest tests/agents/test_tools.py`` writes the golden file anew.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from mcp import Client

from hmp.agents.agent_machines import AgentMachines, Settings
from hmp.agents.mcp_server import make_server
from tests import golden
from tests.agents.talking import Agent

if TYPE_CHECKING:
    from hmp.monitor.entry import Effect

T = TypeVar("T")
LEVELS: tuple[Effect, ...] = ("read", "change", "destructive")


def talk(work: Callable[[Agent], Awaitable[T]], allowed: Effect = "destructive") -> T:
    """Let an agent work with a server in this process."""

    async def run() -> T:
        machines = AgentMachines(Settings(allowed=allowed))
        try:
            async with Client(make_server(machines)) as client:
                return await work(Agent(client))
        finally:
            machines.close()

    return asyncio.run(run())


def test_what_an_agent_is_told() -> None:
    """The instructions of each level, the tools with their schemas, the resources."""

    async def told(agent: Agent) -> list[Any]:
        client = agent.client
        tools = (await client.list_tools()).tools
        templates = (await client.list_resource_templates()).resource_templates
        shown = [each.model_dump(exclude_none=True) for each in (*tools, *templates)]
        return [client.instructions, *shown]

    parts = [told_to for level in LEVELS for told_to in talk(told, level)]
    each = dict.fromkeys(json.dumps(part, indent=1) for part in parts)
    golden.check(Path(__file__).parent / "golden" / "told.txt", "\n".join(each) + "\n")


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("run", {}, "the argument 'line' is missing"),
        ("run", {"line": 1}, "the argument 'line' must be of type string"),
        ("run", {"line": "stop", "x": 1}, "'x' is not an argument of run"),
        ("run", {"line": "a\nb"}, "give one line"),
        (
            "run",
            {"line": "x", "timeout": True},
            "the argument 'timeout' must be of type number",
        ),
        *(
            (
                "run",
                {"line": "x", "timeout": timeout},
                "the timeout must be between 0 and 3600 seconds",
            )
            for timeout in (0, -1, 3600.1)
        ),
        ("schema", {"command": "x"}, "this machine has no QMP command 'x'"),
        ("screen", {"head": 1.0}, "the argument 'head' must be of type integer"),
        ("screen", {"head": True}, "the argument 'head' must be of type integer"),
        ("type", {"text": "ü<"}, "a US keyboard has no key for 'ü'"),
        ("wait", {"timeout": 0.01}, "no event within 0.01 s"),
        ("wait", {"data": []}, "the argument 'data' must be of type object"),
        *(
            (
                "wait",
                {"event": "STOP", "data": {name: 1}},
                "data may name members of the event's data only",
            )
            for name in ("self", "event", "timeout")
        ),
    ],
)
def test_refusals(tool: str, arguments: dict[str, Any], reason: str) -> None:
    """Each names what was wrong."""

    async def refused(agent: Agent) -> str:
        return await agent.refused(tool, machine="embedded", **arguments)

    assert talk(refused) == reason

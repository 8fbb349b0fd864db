"""An agent's side: the package's own client, over standard streams."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from mcp import Client, StdioServerParameters

from tests.fakes import LIMIT
from tests.program import ROOT


class Agent:
    """A client and what tests ask of it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, tool: str, **arguments: Any) -> Any:
        """Call a tool and return its whole result."""
        return await self.client.call_tool(tool, arguments)

    async def done(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must succeed, and return its structured content."""
        result = await self.call(tool, **arguments)
        assert not result.is_error, result.content
        structure: dict[str, Any] = result.structured_content
        return structure

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Call a tool that must fail, and return the text of the error."""
        result = await self.call(tool, **arguments)
        assert result.is_error, result.content
        text: str = result.content[0].text
        assert result.structured_content["error"] == text
        return text


def talk(work: Callable[[Agent], Awaitable[None]], *arguments: str) -> None:
    """Start ``hmp --mcp`` with arguments, and let an agent work with it."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "hmp", "--mcp", *arguments],
        env=dict(os.environ),
        cwd=ROOT,
    )

    async def run() -> None:
        async with asyncio.timeout(2 * LIMIT), Client(server) as client:
            await work(Agent(client))

    asyncio.run(run())

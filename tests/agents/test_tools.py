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
from mcp import Client, MCPError

from hmp.agents.agent_machines import AgentMachines, Settings
from hmp.agents.mcp_server import make_server
from tests import golden
from tests.agents.talking import Agent
from tests.fakes import serving

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
        *(
            (
                "type",
                {"text": text},
                "the text must have at most 1023 bytes, and no invisible characters but"
                " line ends",
            )
            for text in ("a\x07", "\u202e", "a" * 1024)
        ),
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


STATUS = {"status": "running", "running": True}
PPM = b"P6\n2 1\n255\n" + bytes(6)


def write_screen(arguments: dict[str, Any]) -> dict[str, Any]:
    """Write a picture as the machine does."""
    Path(arguments["filename"]).write_bytes(PPM)
    return {}


ANSWERS = {
    "query-status": STATUS,
    "query-commands": [{"name": "query-status"}, {"name": "stop"}],
    "screendump": write_screen,
    "stop": {},
    "system_reset": {},
    "query-name": {"name": "vm \ud800"},
    "input-send-event": {},
    "system_powerdown": {"of-tomorrow": "ä"},
    "query-kvm": {"enabled": 1, "present": True},
}


def served(work: Callable[[Agent], Awaitable[T]], allowed: Effect = "destructive") -> T:
    """Let an agent work with one machine on a socket, which needs no name."""

    async def run(path: str) -> T:
        machines = AgentMachines(Settings([path], allowed=allowed))
        try:
            async with Client(make_server(machines)) as client:
                return await work(Agent(client))
        finally:
            machines.close()

    with serving(ANSWERS) as server:
        return asyncio.run(run(server.path))


@pytest.mark.parametrize(
    ("tool", "arguments", "text", "structure"),
    [
        (
            "run",
            {"line": "info status"},
            "VM status: running\n",
            {"line": "info status", "value": STATUS, "text": "VM status: running\n"},
        ),
        ("run_change", {"line": "stop"}, "{}", {"line": "stop", "value": {}, "text": ""}),
        (
            "run_destructive",
            {"line": "system_powerdown"},
            '{"of-tomorrow": "ä"}',
            {"line": "system_powerdown", "value": {"of-tomorrow": "ä"}, "text": ""},
        ),
        (
            "run",
            {"line": "info name"},
            "vm ?\n",
            {"line": "info name", "value": {"name": "vm ?"}, "text": "vm ?\n"},
        ),
        (
            "run_destructive",
            {"line": "system_reset"},
            "{}",
            {"line": "system_reset", "value": {}, "text": ""},
        ),
        (
            "explain",
            {"line": "stop"},
            '-> {"execute": "stop"}\n',
            {
                "line": "explain stop",
                "value": [{"execute": "stop"}],
                "text": '-> {"execute": "stop"}\n',
            },
        ),
        ("screen", {}, "2x1 pixels", {"width": 2, "height": 1}),
        ("type", {"text": "aB"}, "2 keys pressed", {"keys": 2}),
    ],
)
def test_answers(
    tool: str, arguments: dict[str, Any], text: str, structure: dict[str, Any]
) -> None:
    """As text for a model, and as a structure."""

    async def answered(agent: Agent) -> Any:
        return await agent.call(tool, **arguments)

    result = served(answered)
    assert not result.is_error
    assert result.content[-1].text == text
    assert result.structured_content == structure
    if tool == "screen":
        assert result.content[0].mime_type == "image/png"


@pytest.mark.parametrize(
    ("allowed", "tool", "line", "reason"),
    [
        ("change", "run", "stop", "'stop' may change the machine: use the tool run_change"),
        (
            "read",
            "run",
            "stop",
            "'stop' may change the machine: the server must be started with --allow change",
        ),
        (
            "destructive",
            "run_change",
            "system_reset",
            "'system_reset' may destroy something: use the tool run_destructive",
        ),
        (
            "change",
            "run_change",
            "system_reset",
            "'system_reset' may destroy something: the server must be started with"
            " --allow destructive",
        ),
        (
            "change",
            "run",
            "nonsense x",
            "the unknown command 'nonsense x' may destroy something: the server must be"
            " started with --allow destructive",
        ),
        (
            "read",
            "run",
            "info kvm",
            "the machine's reply to 'query-kvm' does not match its schema: enabled must be"
            " a boolean",
        ),
        (
            "destructive",
            "run",
            "qmp stop",
            "'stop' may change the machine: use the tool run_change",
        ),
    ],
)
def test_what_a_tool_may_not_do(allowed: Effect, tool: str, line: str, reason: str) -> None:
    """With the tool that may, or the option that allows it."""

    async def refused(agent: Agent) -> str:
        return await agent.refused(tool, line=line)

    assert served(refused, allowed) == reason


def test_a_machine_that_cannot_be_reached(tmp_path: Path) -> None:
    """The answer says why."""

    async def refused() -> str:
        machines = AgentMachines(Settings([f"{tmp_path}/none"]))
        async with Client(make_server(machines)) as client:
            return await Agent(client).refused("run", line="info status")

    assert asyncio.run(refused()).startswith(
        f"the machine cannot be reached: cannot connect to {tmp_path}/none: no such socket"
    )


def test_schema() -> None:
    """The names of all QMP commands, or all about one."""

    async def work(agent: Agent) -> tuple[Any, Any]:
        return (
            await agent.done("schema", machine="embedded"),
            await agent.done("schema", machine="embedded", command="query-status"),
        )

    everything, one = talk(work)
    assert {"query-status", "stop"} <= {*everything["commands"]}
    assert one["command"] == "query-status"
    assert "query-status" in one["text"]


def test_help() -> None:
    """All commands, one, or those that fit some words."""

    async def work(agent: Agent) -> list[Any]:
        everything = (await agent.done("help"))["value"]["commands"]
        found = (await agent.done("help", search="reset machine"))["value"]["commands"]
        return [
            [each["name"] for each in everything],
            [each["name"] for each in found],
            (await agent.call("help")).content[0].text,
            (await agent.done("help", command="info status"))["value"]["name"],
            (await agent.call("help", command="stop")).content[0].text,
        ]

    names, found, text, one, page = served(work)
    assert {"stop", "info", "device_add"} <= {*names}
    assert found[0] == "system_reset"
    assert len(found) < 10
    assert text.startswith("alias [name [command]] -- show the aliases")
    assert one == "info status"
    assert json.loads(page)["value"]["effect"] == "change"


def test_resources() -> None:
    """The schema, and a recording once something was asked."""

    async def work(agent: Agent) -> list[Any]:
        before = (await agent.client.list_resources()).resources
        await agent.done("run", line="info status")
        after = (await agent.client.list_resources()).resources
        (recording,) = (await agent.client.read_resource(after[1].uri)).contents
        assert [each.uri for each in before] == [after[0].uri]
        shown = [each.model_dump(exclude_none=True) for each in (*after, recording)]
        path = shown[0]["name"].partition(" ")[0]
        found: list[Any] = json.loads(json.dumps(shown).replace(path, "PATH"))
        return found

    schema, recording, contents = served(work)
    assert schema["name"] == "PATH schema"
    assert schema["description"] == "the QMP schema of PATH"
    assert schema["mime_type"] == "application/json"
    assert recording["name"] == "PATH recording"
    assert recording["description"] == "lines and QMP messages of this session with PATH"
    assert recording["mime_type"] == contents["mime_type"] == "application/jsonl"
    assert (recording["uri"], contents["uri"]) == (contents["uri"], recording["uri"])
    lines = [json.loads(line) for line in contents["text"].splitlines()]
    assert [each["line"] for each in lines if "line" in each] == ["info status"]


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("hmp://x/y", "no such resource: hmp://x/y"),
        ("file:///x/schema", "no such resource: file:///x/schema"),
        ("hmp://schema", "no such resource: hmp://schema"),
        ("hmp://a%20b/recording", "nothing was asked of 'a b' yet"),
    ],
)
def test_resources_that_are_none(uri: str, reason: str) -> None:
    """Each error names what was asked for."""

    async def work(agent: Agent) -> str:
        with pytest.raises(MCPError) as caught:
            await agent.client.read_resource(uri)
        return str(caught.value)

    assert served(work) == reason

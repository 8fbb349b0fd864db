from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from mcp.shared.message import SessionMessage

from hmp.agents.mcp_requests import AnswerStream, RequestStream
from tests.agents.talking import Agent, talk
from tests.fakes import LIMIT, FakeServer, Peer, serving
from tests.program import HMP, ROOT, run

READING = {"list_machines", "run", "explain", "help", "schema", "screen", "wait"}
STATUS = {"status": "running", "running": True}
MACHINE = "embedded"


@pytest.mark.parametrize(
    ("allow", "more"),
    [
        ((), set()),
        (("--allow", "change"), {"run_change", "type"}),
        (("--allow", "destructive"), {"run_change", "type", "run_destructive"}),
    ],
)
def test_tools_have_the_hints_of_their_effect(
    allow: tuple[str, ...], more: set[str]
) -> None:
    """Of the effect of their lines; only those that are allowed are offered."""

    async def work(agent: Agent) -> None:
        tools = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
        assert tools.keys() == READING | more
        for name, tool in tools.items():
            hints = tool.annotations
            assert hints is not None
            assert hints.read_only_hint == (name in READING)
            assert hints.destructive_hint == (name == "run_destructive")
            assert tool.description
            assert tool.input_schema["type"] == "object"

    talk(work, *allow)


def test_the_embedded_machine() -> None:
    """Lines, help, schema and explanations, as structure and as text."""

    async def work(agent: Agent) -> None:
        result = await agent.call("run", machine=MACHINE, line="info status")
        assert result.content[0].text == "VM status: running\n"
        assert result.structured_content["value"] == STATUS
        names = [m["machine"] for m in (await agent.done("list_machines"))["machines"]]
        assert MACHINE in names
        explained = await agent.done("explain", machine=MACHINE, line="stop")
        assert explained["value"] == [{"execute": "stop"}]
        assert (await agent.done("run", machine=MACHINE, line="info status"))[
            "value"
        ] == STATUS
        topic = (await agent.done("help", machine=MACHINE, command="stop"))["value"]
        assert topic["effect"] == "change"
        found = (await agent.done("help", machine=MACHINE, search="reset"))["value"]
        assert "system_reset" in [each["name"] for each in found["commands"]]
        assert "query-status" in (await agent.done("schema", machine=MACHINE))["commands"]
        text = (await agent.done("schema", machine=MACHINE, command="stop"))["text"]
        assert "Pause the machine" in text

    talk(work)


def test_reading_only() -> None:
    """What may change the machine is refused unsent, with what allows it."""

    async def work(agent: Agent) -> None:
        for line in ("stop", "qmp stop", 'qmp {"execute": "stop"}'):
            text = await agent.refused("run", machine=MACHINE, line=line)
            assert "must be started with --allow change" in text
        for line in ("quit", "qmp quit", "no-such-command"):
            text = await agent.refused("run", machine=MACHINE, line=line)
            assert "must be started with --allow destructive" in text
        line = "qmp human-monitor-command command-line=quit"
        text = await agent.refused("run", machine=MACHINE, line=line)
        assert "--allow destructive" in text
        for tool in ("run_change", "run_destructive"):
            text = await agent.refused(tool, machine=MACHINE, line="info status")
            assert "must be started with --allow" in text
        text = await agent.refused("type", machine=MACHINE, text="x")
        assert "--allow change" in text
        status = await agent.done("run", machine=MACHINE, line="info status")
        assert status["value"] == STATUS

    talk(work)


def test_changing_is_not_destroying() -> None:
    """Each tool runs what its hints promise, and names the tool for the rest."""

    async def work(agent: Agent) -> None:
        text = await agent.refused("run", machine=MACHINE, line="stop")
        assert text.endswith("use the tool run_change")
        await agent.done("run_change", machine=MACHINE, line="stop")
        await agent.done("run_change", machine=MACHINE, line="qmp cont")
        event = await agent.done("wait", machine=MACHINE, event="RESUME", timeout=LIMIT)
        assert event["event"] == "RESUME"
        text = await agent.refused("type", machine=MACHINE, text="x")
        assert (
            text == "this machine has no QMP command 'input-send-event', which this needs"
        )
        for line in ("system_reset", "qmp system_reset", "quit", "unheard-of"):
            text = await agent.refused("run_change", machine=MACHINE, line=line)
            assert "--allow destructive" in text

    talk(work, "--allow", "change")


def test_an_event_is_waited_for_while_lines_run() -> None:
    """A call that waits does not hold up others on the machine."""

    async def work(agent: Agent) -> None:
        waiting = asyncio.ensure_future(
            agent.done("wait", machine=MACHINE, event="STOP", timeout=LIMIT)
        )
        while not waiting.done():
            await agent.done("run_change", machine=MACHINE, line="stop")
            await agent.done("run_change", machine=MACHINE, line="cont")
        assert (await waiting)["event"] == "STOP"

    talk(work, "--allow", "change")


def test_a_machine_that_hangs(tmp_path: Path) -> None:
    """It holds up no other, and its calls end."""

    def silent(peer: Peer) -> None:
        peer.negotiate()
        while True:
            peer.read()

    with FakeServer(silent) as hanging, serving({"query-status": STATUS}) as server:

        async def work(agent: Agent) -> None:
            asked = {"machine": hanging.path, "line": "info status"}
            hangs = asyncio.ensure_future(agent.refused("run", **asked, timeout=1))
            await agent.done("run", machine=server.path, line="info status")
            assert "no result within 1 s" in await hangs

        talk(work, hanging.path, server.path)


def test_destroying() -> None:
    """It is allowed to who asked for it; a machine that has gone is opened anew."""

    async def work(agent: Agent) -> None:
        await agent.done("run_destructive", machine=MACHINE, line="quit")
        assert (await agent.done("run", machine=MACHINE, line="info status"))[
            "value"
        ] == STATUS

    talk(work, "--allow", "destructive")


def test_a_program_is_never_started(tmp_path: Path) -> None:
    """A machine is one of those listed, not any address."""
    made = tmp_path / "made"

    async def work(agent: Agent) -> None:
        for name in (f"exec:touch {made}", "/no/such", "127.0.0.1:1", "replay:/dev/null"):
            text = await agent.refused("run", machine=name, line="info status")
            assert "no running machine is called" in text
        assert "name the machine" in await agent.refused("run", line="info status")

    talk(work)
    assert not made.exists()


def test_only_the_targets() -> None:
    """With one, no name is needed; no other machine can be named."""
    with serving({"query-status": STATUS}) as server:

        async def work(agent: Agent) -> None:
            assert (await agent.done("run", line="info status"))["value"] == STATUS
            listed = (await agent.done("list_machines"))["machines"]
            assert [each["machine"] for each in listed] == [server.path]
            text = await agent.refused("run", machine=MACHINE, line="info status")
            assert text == f"'{MACHINE}' is not one of {server.path}"

        talk(work, server.path)


def test_a_configured_target_is_listed_with_its_address(tmp_path: Path) -> None:
    """Under the name that the tools take."""
    config = tmp_path / "config.toml"
    config.write_text('[targets.prod]\ntarget = "/run/prod"\n')

    async def work(agent: Agent) -> None:
        listed = (await agent.done("list_machines"))["machines"]
        assert listed == [{"machine": "prod", "target": "/run/prod"}]

    talk(work, "--config", str(config), "prod")


def test_bad_arguments_are_answers() -> None:
    """The server lives on."""

    async def work(agent: Agent) -> None:
        run = {"machine": MACHINE}
        assert "'line' is missing" in await agent.refused("run", **run)
        assert "must be of type string" in await agent.refused("run", **run, line=1)
        assert "not an argument" in await agent.refused("run", **run, line="x", y=1)
        assert "one line" in await agent.refused("run", **run, line="info status\nquit")
        assert "one line" in await agent.refused("run", **run, line="  ")
        assert "between" in await agent.refused(
            "run", **run, line="info status", timeout=-1
        )
        assert "has no QMP" in await agent.refused("schema", **run, command="x")
        assert "no event within" in await agent.refused("wait", **run, timeout=0.01)
        assert "no SHUTDOWN" in await agent.refused(
            "wait", **run, event="SHUTDOWN", timeout=0.01
        )
        text = await agent.refused("run", **run, line="source /etc/passwd")
        assert "cannot be run from here" in text
        for line in ("time quit", "explain quit", "watch quit"):
            await agent.call("run", **run, line=line)
        assert (await agent.done("run", **run, line="info status"))["value"] == STATUS

    talk(work)


def test_secrets_are_in_no_result() -> None:
    """Neither in errors, values, events and explanations, nor in the recording."""
    from hmp.qmp.errors import QMPError

    answers = {
        "query-status": STATUS,
        "set_password": QMPError("bad password 'geheim1'"),
        "qom-get": "geheim2",
        "query-block": [],
        "query-named-block-nodes": [
            {"file": "http://me:geheim3@host/x", "password": "geheim4"}
        ],
    }
    with serving(answers) as server:

        async def work(agent: Agent) -> None:
            calls = [
                ("run_change", "set_password vnc geheim1"),
                ("run", "qmp qom-get path=/objects/sec0 property=password"),
                ("run", "qmp query-named-block-nodes"),
                ("explain", "set_password vnc geheim1"),
                ("run", "set_password vnc geheim1"),
            ]
            for tool, line in calls:
                result = await agent.call(tool, line=line)
                assert "geheim" not in f"{result.structured_content} {result.content}", line
            (recording,) = [
                each.uri
                for each in (await agent.client.list_resources()).resources
                if each.uri.endswith("/recording")
            ]
            text = (await agent.client.read_resource(recording)).contents[0].text  # type: ignore[union-attr]  # it is text
            assert "set_password" in text
            assert "geheim" not in text

        talk(work, server.path, "--allow", "change")


def test_resources(tmp_path: Path) -> None:
    """The schema of a machine, and a recording that can be replayed."""

    async def work(agent: Agent) -> None:
        await agent.done("run", machine=MACHINE, line="info status")
        found = {each.uri for each in (await agent.client.list_resources()).resources}
        assert {f"hmp://{MACHINE}/schema", f"hmp://{MACHINE}/recording"} <= found
        templates = (await agent.client.list_resource_templates()).resource_templates
        assert len(templates) == 2
        contents = (await agent.client.read_resource(f"hmp://{MACHINE}/schema")).contents
        schema = json.loads(contents[0].text)  # type: ignore[union-attr]  # it is text
        assert "query-status" in [entry["name"] for entry in schema]
        contents = (await agent.client.read_resource(f"hmp://{MACHINE}/recording")).contents
        (tmp_path / "r").write_text(contents[0].text)  # type: ignore[union-attr]  # it is text
        for wrong in ("hmp://x/y", "file:///etc/passwd", "hmp://no-such/recording"):
            with pytest.raises(Exception, match=r"no such resource|nothing was asked"):
                await agent.client.read_resource(wrong)

    talk(work)
    assert (
        run(f"replay:{tmp_path / 'r'}", "-c", "info status").stdout
        == "VM status: running\n"
    )


def test_a_recording_in_a_file(tmp_path: Path) -> None:
    """With --record, as in any run."""
    file = tmp_path / "r"
    with serving({"query-status": STATUS}) as server:

        async def work(agent: Agent) -> None:
            await agent.done("run", line="info status")

        talk(work, server.path, "--record", str(file))
    assert run(f"replay:{file}", "-c", "info status").stdout == "VM status: running\n"


def test_nothing_but_the_protocol_is_on_standard_output() -> None:
    """Not even what a machine in this process prints; end of input is the end."""
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        },
    }
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {
            "name": "run_change",
            "arguments": {"machine": MACHINE, "line": "hello-world hi"},
        },
    }
    initialised = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    server = subprocess.Popen(
        [*HMP, "--mcp", "--allow", "change"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    for message in (request, initialised, call):
        server.stdin.write(json.dumps(message) + "\n")
    server.stdin.flush()
    answers = [json.loads(server.stdout.readline()) for _ in range(2)]
    output, _ = server.communicate(timeout=LIMIT)

    assert [answer["id"] for answer in answers] == [1, 2]
    assert "result" in answers[1]
    assert (output, server.returncode) == ("", 0)


def test_what_cannot_be_read_is_answered() -> None:
    """The agent would wait for ever."""
    lines = [
        '{"jsonrpc": "2.0", "id": 7, "method": "ping", "params": {"x": "\\ud83d"}}',
        '{"jsonrpc": "2.0", "id": "a", "method": "ping", "params": []}',
        "nonsense",
        "[]",
        '{"jsonrpc": "2.0", "id": 8, "method": "ping"}',
    ]
    with subprocess.Popen(
        [*HMP, "--mcp"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(f"{line}\n" for line in lines))
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in lines]
        process.stdin.close()

    found = [(each.get("id"), each.get("error", {}).get("code")) for each in answers]
    assert found == [(7, -32700), ("a", -32600), (None, -32700), (None, -32600), (8, None)]
    assert [each["error"]["message"] for each in answers[:-1]] == [
        "not valid JSON",
        "not a request with an object as its params",
    ] * 2


def test_a_line_without_end_is_refused() -> None:
    """Before it takes all memory."""
    with open("/dev/zero", "rb") as zeros:
        done = subprocess.run(
            ["prlimit", f"--as={2 << 30}", *HMP, "--mcp"],
            cwd=ROOT,
            stdin=zeros,
            capture_output=True,
            text=True,
            timeout=2 * LIMIT,
        )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "hmp: input or output failed: line 1 of standard input is longer than 64 MiB\n"
    )


PING = SessionMessage(types.JSONRPCRequest(jsonrpc="2.0", id=8, method="ping"))


class Held:
    """Both streams of an agent that reads nothing until it is open."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def send(self, item: SessionMessage) -> None:
        """Wait for the agent."""
        await self.open.wait()

    async def receive(self) -> SessionMessage:
        """Return a request."""
        return PING


def test_an_agent_that_reads_no_answers_is_not_read_for_ever() -> None:
    """The answers would fill the memory; when it reads, it gets all of them."""

    async def main() -> None:
        stream: Any = Held()
        answers = AnswerStream(stream)
        requests = RequestStream(stream, answers)
        sending = [asyncio.ensure_future(answers.send(PING)) for _ in range(2001)]
        await asyncio.sleep(0)
        received = asyncio.ensure_future(requests.receive())
        await asyncio.sleep(0.1)
        assert not received.done()
        stream.open.set()
        await asyncio.gather(*sending)
        assert await received is PING

    asyncio.run(main())


def test_an_interrupt_ends_it() -> None:
    """Even though a thread waits for input."""
    server = subprocess.Popen(
        [*HMP, "--mcp"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    server.stdin.flush()
    server.stdout.readline()
    server.send_signal(signal.SIGINT)

    assert server.wait(LIMIT) == 130
    server.communicate()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--allow", "change"), "--allow works with --mcp only"),
        (("--mcp", "--allow", "all"), "invalid choice"),
        (("--mcp", "-c", "info status"), "--mcp does not work with -c"),
        (("--mcp", "--", "qemu"), "--mcp does not work with a command"),
        (("--mcp", "--read-only", "--allow", "change"), "either --allow or --read-only"),
        (("--mcp", "--record", "/tmp/x"), "--record takes one machine"),
        (("--mcp", "no-such-machine-*"), "matches no machine"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], text: str) -> None:
    """It is refused before anything is served."""
    done = run(*arguments)

    assert done.returncode == 2
    assert text in done.stderr
    assert done.stdout == ""


def test_without_the_package(tmp_path: Path) -> None:
    """The message says what to install."""
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('No module named mcp')\n")
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop(1));"
        "from hmp.cli.main import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), "--mcp"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=LIMIT,
    )

    assert done.returncode == 2
    assert done.stderr == "hmp: --mcp needs the package mcp: install qemu-hmp[mcp]\n"


def test_other_runs_do_not_import_it() -> None:
    """Neither the room nor the package."""
    program = (
        "import sys; sys.argv = ['hmp', '-c', 'info status'];"
        "from hmp.cli.main import main; main();"
        "assert not {'mcp', 'pydantic', 'hmp.agents', 'hmp.cli.agents'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=LIMIT)

"""The server for agents on a real QEMU."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode
from collections.abc import Iterator

import pytest

from tests.agents.talking import Agent, talk
from tests.fakes import LIMIT
from tests.qemu.machines import RunningQemu

SECRET = ("-object", "secret,id=sec0,data=geheimnis")


@pytest.fixture(scope="module")
def machine(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A machine with a screen and a keyboard."""
    name = "hmp-agents"
    qemu = RunningQemu(
        qemu_command, ["-name", name, "-M", "pc", "-m", "64", "-vga", "std", *SECRET]
    )
    yield qemu
    qemu.close()


def test_reading(machine: RunningQemu) -> None:
    """Lines, the schema, help; what changes is refused."""

    async def work(agent: Agent) -> None:
        status = await agent.call("run", line="info status")
        assert status.content[0].text == machine.oracle.hmp("info status")
        assert (await agent.done("run", line="info block"))["value"]
        # a command that only QEMU's own monitor has
        text = (await agent.done("run", line="info mtree -f"))["text"]
        assert "FlatView" in text
        assert "blockdev-add" in (await agent.done("schema"))["commands"]
        assert "driver" in (await agent.done("schema", command="blockdev-add"))["text"]
        assert (await agent.done("help", command="device_add"))["value"]["arguments"]
        sent = (await agent.done("explain", line="device_del d1"))["value"]
        assert sent == [{"execute": "device_del", "arguments": {"id": "d1"}}]
        assert "--allow change" in await agent.refused("run", line="stop")
        assert machine.oracle.qmp("query-status")["return"]["status"] == "running"

    talk(work, machine.path)


@pytest.mark.parametrize(
    "line",
    [
        "qom-get /objects/sec0 data",
        "qmp qom-get path=/objects/sec0 property=data",
        'qmp human-monitor-command command-line="qom-get /objects/sec0 data"',
        'qmp human-monitor-command command-line=" qom-get \\"/objects/sec0\\" \\"data\\" "',
    ],
)
def test_a_secret_of_the_machine(machine: RunningQemu, line: str) -> None:
    """It is starred out, however it is asked for."""

    async def work(agent: Agent) -> None:
        result = await agent.call("run", line=line)
        assert "***" in result.content[0].text
        assert "geheimnis" not in f"{result.content} {result.structured_content}"

    talk(work, machine.path)


def test_the_screen(machine: RunningQemu) -> None:
    """It is a PNG of the guest's pixels, although nothing may be changed."""

    async def work(agent: Agent) -> None:
        result = await agent.call("screen")
        assert not result.is_error, result.content
        image, text = result.content
        size = result.structured_content
        assert (image.type, image.mime_type) == ("image", "image/png")
        data = b64decode(image.data)
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", data[16:24]) == (size["width"], size["height"])
        (length,) = struct.unpack(">I", data[33:37])
        rows = zlib.decompress(data[41 : 41 + length])
        assert len(rows) == size["height"] * (3 * size["width"] + 1)
        assert text.text == f"{size['width']}x{size['height']} pixels"
        assert "no-such" in await agent.refused("screen", device="no-such")

    talk(work, machine.path)


def test_changing_and_waiting(machine: RunningQemu) -> None:
    """An event that a line causes is found; keys reach the guest."""

    async def work(agent: Agent) -> None:
        await agent.done("run_change", line="stop")
        event = await agent.done("wait", event="STOP", timeout=LIMIT)
        assert event["event"] == "STOP"
        await agent.done("run_change", line="cont")
        assert (await agent.done("wait", event="RESUME", timeout=LIMIT))["timestamp"]
        assert await agent.done("type", text='ls "a\\b"\n<enter>') == {"keys": 10}
        assert "--allow destructive" in await agent.refused("run_change", line="quit")
        assert "--allow destructive" in await agent.refused("run_change", line="qmp quit")
        line = "qmp human-monitor-command command-line=quit"
        assert "--allow destructive" in await agent.refused("run_change", line=line)
        assert machine.oracle.qmp("query-status")["return"]["status"] == "running"

    talk(work, machine.path, "--allow", "change")


def test_by_name(machine: RunningQemu) -> None:
    """As it is listed."""

    async def work(agent: Agent) -> None:
        listed = (await agent.done("list_machines"))["machines"]
        (mine,) = [each for each in listed if each.get("pid") == machine.process.pid]
        name = mine["machine"]
        assert name == "hmp-agents"
        result = await agent.call("run", machine=mine["target"], line="info name")
        assert result.content[0].text == f"{name}\n"

    talk(work)


def test_a_machine_that_ends(qemu_command: list[str]) -> None:
    """The agent hears of it, and the server lives on."""
    qemu = RunningQemu(qemu_command, ["-M", "none"])

    async def work(agent: Agent) -> None:
        await agent.done("run_destructive", line="quit")
        assert "cannot" in await agent.refused("run", line="info status")

    try:
        talk(work, qemu.path, "--allow", "destructive")
    finally:
        qemu.close()

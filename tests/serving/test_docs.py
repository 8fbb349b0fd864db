"""What the documentation shows of serving works as it stands."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import LIMIT, ROOT
from tests.serving.program import BlockingClient


def blocks(language: str, page: str) -> list[str]:
    """Return the code blocks of a language on a page of the documentation."""
    text = (ROOT / "docs" / f"{page}.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def start(command: str, folder: Path) -> subprocess.Popen[str]:
    """Start a command of the documentation."""
    words = shlex.split(command)
    words[:1] = {"hmp": [sys.executable, "-m", "hmp"]}.get(words[0], [sys.executable])
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )


def test_the_daemon_with_a_monitor(tmp_path: Path) -> None:
    """Its two files, and what is typed to it; quit ends it, and its sockets are gone."""
    (schema,) = blocks("text", "library")
    (program,) = blocks("python", "library")
    (console,) = blocks("console", "library")
    (tmp_path / "portwatch.json").write_text(schema)
    (tmp_path / "portwatch.py").write_text(program)
    _, first, *rest = re.split(r"^\$ (.*)\n", console, flags=re.MULTILINE)

    daemon = start(first.removesuffix(" &"), tmp_path)
    try:
        BlockingClient(tmp_path / "portwatch.hmp").close()
        commands = list(zip(rest[1::2], rest[2::2], strict=True))
        for command, output in commands:
            said, _ = start(command, tmp_path).communicate(timeout=LIMIT)
            assert (command, said) == (command, output)
        said, _ = daemon.communicate(timeout=LIMIT)
        assert (said, daemon.returncode) == ("", 0)
    finally:
        daemon.kill()
        daemon.communicate()
    assert len(commands) == 3
    assert sorted(os.listdir(tmp_path)) == ["portwatch.json", "portwatch.py"]


def test_the_daemon_emits_its_event(tmp_path: Path) -> None:
    """When somebody begins to listen, every client is told."""
    (schema,) = blocks("text", "library")
    (program,) = blocks("python", "library")
    (tmp_path / "portwatch.json").write_text(schema)
    (tmp_path / "portwatch.py").write_text(program)
    daemon = start("python portwatch.py", tmp_path)
    try:
        with BlockingClient(tmp_path / "portwatch.qmp") as client:
            client.negotiate()
            with socket.create_server(("127.0.0.1", 0)) as listening:
                port = listening.getsockname()[1]
                assert client.ask("port-add", port=port) == {"return": {}}
                assert client.ask("query-ports") == {
                    "return": [{"port": port, "open": True}]
                }
            event = client.read()
            assert event["event"] == "PORT_CHANGED"
            assert event["data"] == {"port": port, "open": False}
            wrong = client.ask("port-add", port=65536)
            assert wrong["error"]["desc"] == "Parameter 'port' expects uint16_t"
            client.ask("quit")
        said, _ = daemon.communicate(timeout=LIMIT)
        assert (said, daemon.returncode) == ("", 0)
    finally:
        daemon.kill()
        daemon.communicate()


@pytest.mark.parametrize("option", ["-chardev", "-mon"])
def test_the_walk_is_the_one_that_is_tested(option: str) -> None:
    """Its command line is that of test_peers.py, the port aside."""
    (command,) = blocks("sh", "serving")
    words = shlex.split(command)
    tested = (ROOT / "tests/serving/test_peers.py").read_text()

    text = words[words.index(option) + 1]

    assert text.replace("port=4444,host=localhost,", "port={port},{address}") in tested

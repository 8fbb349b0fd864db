"""What a client reads from our human monitor on a plain socket, and from QEMU's."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.qemu.machines import qemus
from tests.serving.program import LIMIT, BlockingClient, Program

LINES = [
    "info status",
    "",
    "   info   uuid  ",
    "stop",
    "info status",
    "cont",
    "nope",
    "stop extra",
    "info nope",
    'info "uuid"',
    "nopé",
    "nope " + "x" * 150,
]
PROMPT = b"\r\n(qemu) "


def conversation(client: BlockingClient) -> list[bytes]:
    """Return what comes for each of the lines, banner first; without versions."""
    said = [client.until(PROMPT)]
    for line in LINES:
        client.send(f"{line}\n")
        said.append(client.until(PROMPT))
    return [re.sub(rb"\AQEMU \S+ monitor", b"QEMU X monitor", text) for text in said]


@contextmanager
def qemu_monitor(command: list[str], path: Path) -> Iterator[BlockingClient]:
    """Start a QEMU with a human monitor on a socket; return a client of that."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()
    option = f"socket,id=m,fd={listening.fileno()},server=on,wait=off"
    with listening:
        qemu = subprocess.Popen(
            [
                *command,
                "-M",
                "none",
                "-nodefaults",
                "-display",
                "none",
                "-chardev",
                option,
                "-mon",
                "m",
            ],
            pass_fds=[listening.fileno()],
            stderr=subprocess.DEVNULL,
        )
    try:
        with BlockingClient(path) as client:
            yield client
    finally:
        qemu.kill()
        qemu.wait(LIMIT)


@pytest.mark.parametrize("name", sorted(qemus()))
def test_the_same_bytes(name: str, tmp_path: Path) -> None:
    """Banner, prompt, echo, results, errors and line ends."""
    with qemu_monitor(qemus()[name], tmp_path / "q") as theirs:
        expected = conversation(theirs)
    with (
        Program("-monitor", f"unix:{tmp_path}/m,server=on,wait=off"),
        BlockingClient(tmp_path / "m") as ours,
    ):
        assert conversation(ours) == expected

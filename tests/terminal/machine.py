"""A machine for the terminal tests that does what a test tells it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from typing import Any

from hmp.monitor.events import RUN_STATES
from hmp.qmp.errors import QMPError
from tests.fakes import LIMIT, FakeServer, Message, Peer
from tests.shapes import filled, filled_event

STATUS = {"status": "running", "running": True}
BLOCK = [
    {
        "device": "drive0",
        "locked": False,
        "removable": True,
        "type": "unknown",
        "inserted": {
            "file": "disk.qcow2",
            "drv": "qcow2",
            "node-name": "#block1",
            "ro": False,
            "image": {"filename": "disk.qcow2", "format": "qcow2", "virtual-size": 1 << 30},
        },
    },
    {"device": "cd0", "locked": False, "removable": True, "type": "unknown"},
]
NODES = [
    {
        "node-name": "node1",
        "drv": "raw",
        "file": "raw.img",
        "image": {
            "snapshots": [
                {"name": "first", "id": "1", "vm-state-size": 9},
                {"name": "last", "id": "2", "vm-state-size": 9},
            ]
        },
    }
]
MODELS = """Storage devices:
name "scsi-hd", bus SCSI, desc "virtual SCSI disk"
name "virtio-blk-device", bus virtio-bus, no-user
name "virtio-blk-pci", bus PCI, alias "virtio-blk"
"""
PROPERTIES = [
    {"name": "drive", "type": "str", "description": "Node name or ID of a block device"},
    {"name": "write-cache", "type": "OnOffAuto", "description": "on/off/auto"},
    {"name": "num-queues", "type": "uint16", "default-value": 65535},
]
LINES = {"info qdm": MODELS, "help log": "none    remove all\r\nint     interrupts\r\n"}


def _monitor(arguments: Message) -> Any:
    return LINES.get(arguments["command-line"], "unknown command\r\n")


ANSWERS: dict[str, Any] = {
    "query-name": {"name": "vm"},
    "query-status": STATUS,
    "query-block": BLOCK,
    "query-named-block-nodes": NODES,
    "query-qmp-schema": [],
    "human-monitor-command": _monitor,
    "device-list-properties": PROPERTIES,
    "stop": {},
    "cont": {},
    "quit": {},
}
ANSWERS["query-commands"] = [{"name": name} for name in ANSWERS]


class ScriptedMachine:
    """A QMP server that answers from a dict, keeps its requests, and sends events.

    answers: by command a value, a QMPError, or a function of the arguments. requests:
    every message that came, negotiation aside. While it is held, it reads and does not
    answer. A context manager.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self.answers = {**ANSWERS, **(answers or {})}
        self.requests: list[Message] = []
        self.clients = 0
        self._peer: Peer | None = None
        self._came = threading.Condition()
        self._free = threading.Event()
        self._free.set()
        self._open = threading.Event()
        self._open.set()
        self._server = FakeServer(self._serve)
        self.path = self._server.path

    def _serve(self, peer: Peer) -> None:
        assert self._open.wait(LIMIT)
        peer.negotiate()
        self._peer = peer
        self.clients += 1
        while True:
            request = peer.read()
            with self._came:
                self.requests.append(request)
                self._came.notify_all()
            assert self._free.wait(LIMIT)
            name = request.get("execute") or request["exec-oob"]
            peer.reply(request, filled(name, self._answer(request)))

    def _answer(self, request: Message) -> Any:
        command = request.get("execute") or request["exec-oob"]
        answer = self.answers.get(command, QMPError(f"no {command}", "CommandNotFound"))
        return answer(request.get("arguments", {})) if callable(answer) else answer

    @property
    def commands(self) -> list[str]:
        """The QMP commands that came, in order."""
        return [r.get("execute") or r["exec-oob"] for r in list(self.requests)]

    def wait_for(self, command: str) -> None:
        """Wait until a command has come."""
        with self._came:
            assert self._came.wait_for(lambda: command in self.commands, LIMIT), command

    def send(self, *names: str, **data: Any) -> None:
        """Send events, in one piece."""
        assert self._peer is not None
        for name in names:
            if name in RUN_STATES:
                status = RUN_STATES[name]
                running = status == "running"
                self.answers["query-status"] = {"status": status, "running": running}
        stamp = {"seconds": 1700000000, "microseconds": 0}
        self._peer.send(
            *(filled_event({"event": n, "data": data, "timestamp": stamp}) for n in names)
        )

    def send_as_is(self, event: Message) -> None:
        """Send an event, whatever its data is."""
        assert self._peer is not None
        self._peer.send(event)

    def hold(self) -> None:
        """Answer nothing until it is released."""
        self._free.clear()

    def release(self) -> None:
        """Answer what waits, and what comes."""
        self._free.set()

    def hold_clients(self) -> None:
        """Greet nobody who comes until they are released."""
        self._open.clear()

    def release_clients(self) -> None:
        """Greet who waits, and who comes."""
        self._open.set()

    def drop(self) -> None:
        """End the connection to the client."""
        assert self._peer is not None
        self._peer.socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> ScriptedMachine:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: object, error: BaseException | None, traceback: object
    ) -> None:
        self.release()
        self.release_clients()
        self._server.__exit__(kind, error, traceback)

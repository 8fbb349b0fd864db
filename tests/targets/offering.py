"""A QMP server that lets its client create monitors, as QEMU 11.1 does."""

from __future__ import annotations

import json
import socket
import tempfile
import threading
from contextlib import suppress
from typing import Any

from tests.fakes import LIMIT

Message = dict[str, Any]


class OfferingServer:
    """A server of any number of clients, one thread each.

    asked: the commands that came, by the name of the monitor: ``main`` is the one that
    listens. refused: commands that get an error, with its text. emitted: events that the
    monitor sends to all before the reply to the command that they are listed for. offered,
    closed: set when a monitor has been created, and when its client has gone.
    """

    def __init__(self, version: tuple[int, int, int] = (11, 1, 0)) -> None:
        self.version = version
        self.asked: dict[str, list[str]] = {}
        self.refused: dict[str, str] = {}
        self.emitted: dict[str, list[Message]] = {}
        self.offered = threading.Event()
        self.closed = threading.Event()
        self.folder = tempfile.TemporaryDirectory(prefix="hmpo")
        self.path = f"{self.folder.name}/q"
        self._descriptors: dict[str, socket.socket] = {}
        self._chardevs: dict[str, socket.socket] = {}
        self._negotiated: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        threading.Thread(
            target=self._accept, args=("main", self._listener), daemon=True
        ).start()

    def __enter__(self) -> OfferingServer:
        return self

    def __exit__(self, *problem: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for sock in (self._listener, *self._descriptors.values(), *self._chardevs.values()):
            sock.close()
        self.folder.cleanup()

    def commands(self, name: str = "main") -> list[str]:
        """Return what was asked of a monitor, but for the negotiation."""
        return [item for item in self.asked.get(name, []) if item != "qmp_capabilities"]

    @property
    def created(self) -> list[str]:
        """The monitors that clients have created."""
        return [name for name in self.asked if name != "main"]

    def _accept(self, name: str, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                self._serve(name, sock)

    def _serve(self, name: str, sock: socket.socket) -> None:
        self.asked.setdefault(name, [])
        threading.Thread(target=self._talk, args=(name, sock), daemon=True).start()

    def _talk(self, name: str, sock: socket.socket) -> None:
        sock.settimeout(LIMIT)
        names = ("major", "minor", "micro")
        version = {"qemu": dict(zip(names, self.version, strict=True)), "package": ""}
        with suppress(OSError), sock:
            self._send(sock, {"QMP": {"version": version, "capabilities": ["oob"]}})
            data, fds = b"", list[int]()
            while True:
                *lines, data = data.split(b"\n")
                for line in filter(None, lines):
                    self._answer(name, sock, json.loads(line), fds)
                chunk, got, _, _ = socket.recv_fds(sock, 4096, 4)
                fds += got
                if not chunk:
                    break
                data += chunk
        if sock in self._negotiated:
            self._negotiated.remove(sock)
        if name != "main":
            self.closed.set()

    def _send(self, sock: socket.socket, message: Message) -> None:
        sock.sendall(json.dumps(message).encode() + b"\r\n")

    def _answer(
        self, name: str, sock: socket.socket, request: Message, fds: list[int]
    ) -> None:
        command, arguments = request["execute"], request.get("arguments", {})
        self.asked[name].append(command)
        reply: Message = {"return": {}}
        if command == "qmp_capabilities":
            self._negotiated.append(sock)
        elif command == "query-version":
            reply = {"return": {"qemu": {}, "package": name}}
        if command in self.refused:
            reply = {"error": {"class": "GenericError", "desc": self.refused[command]}}
        else:
            self._carry_out(command, arguments, fds)
        for event in self.emitted.pop(command, ()):
            for client in self._negotiated:
                self._send(client, event)
        self._send(sock, {**reply, "id": request["id"]})

    def _carry_out(self, command: str, arguments: Message, fds: list[int]) -> None:
        if command == "getfd":
            self._descriptors[arguments["fdname"]] = socket.socket(fileno=fds.pop())
        elif command == "chardev-add":
            address = arguments["backend"]["data"]["addr"]
            if address["type"] == "fd":
                sock = self._descriptors.pop(address["data"]["str"])
            else:
                sock = socket.socket(socket.AF_UNIX)
                sock.bind(address["data"]["path"])
                sock.listen()
            self._chardevs[arguments["id"]] = sock
        elif command == "chardev-remove":
            with suppress(OSError):
                self._chardevs[arguments["id"]].shutdown(socket.SHUT_RDWR)
        elif command == "object-add":
            assert arguments["close-action"] == "delete"
            sock = self._chardevs[arguments["chardev"]]
            name = arguments["id"]
            self.offered.set()
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                threading.Thread(
                    target=self._accept, args=(name, sock), daemon=True
                ).start()
            else:
                self._serve(name, sock)

"""A remote machine that several clients share, against a server that is scripted."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hmp.qmp.errors import MachineGoneError
from hmp.serving import relay_client
from hmp.serving.monitor_options import MonitorOptions
from hmp.serving.remote_machine import WINDOW
from hmp.serving.shared_server import SharedServer
from hmp.targets.socket_target import SocketTarget
from tests.fakes import LIMIT, FakeServer, Message, Peer, serving, tables, until
from tests.serving.served import QmpClient, run

OFFERS_OOB = {
    "QMP": {
        "version": {"qemu": {"micro": 1, "minor": 0, "major": 10}, "package": "p"},
        "capabilities": ["oob"],
    }
}


class Shared:
    """A shared machine and its clients."""

    def __init__(self, server: SharedServer) -> None:
        self.server = server
        self.clients: list[QmpClient] = []
        self.notices: list[str] = []

    async def qmp(self, *enable: str) -> QmpClient:
        """Return a client that has negotiated."""
        client = await QmpClient.connect(self.server.addresses[0])
        self.clients.append(client)
        await client.negotiate(*enable)
        return client

    async def human(self) -> QmpClient:
        """Return a client of the human monitor, at its first prompt."""
        client = await QmpClient.connect(self.server.addresses[1])
        self.clients.append(client)
        await client.until(b"(qemu) ")
        return client


@asynccontextmanager
async def sharing(
    fake: FakeServer, folder: Path, *, read_only: bool = False
) -> AsyncIterator[Shared]:
    """Share the machine of a fake server: QMP, and a human monitor."""
    options = MonitorOptions()
    options.qmp(f"unix:{folder}/q,server=on,wait=off")
    options.monitor(f"unix:{folder}/h,server=on,wait=off")
    opened = await asyncio.to_thread(SocketTarget(fake.path).open)
    connection = await opened.adopt()
    notices: list[str] = []
    server = SharedServer(
        connection, options, table=tables(), read_only=read_only, notice=notices.append
    )
    try:
        async with server:
            shared = Shared(server)
            shared.notices = notices
            yield shared
            for client in shared.clients:
                await client.close()
    finally:
        connection.close()
        opened.close()


class Slow:
    """A server that answers only when it is told to.

    asked: the requests that wait. oob: those out-of-band, which are answered at once.
    """

    def __init__(self) -> None:
        self.asked: list[Message] = []
        self.oob: list[Message] = []
        self.most = 0
        self.peer: Future[Peer] = Future()  # once it has negotiated
        self.greeting: Message = OFFERS_OOB

    def script(self, peer: Peer) -> None:
        """Serve one client."""
        peer.negotiate(self.greeting)
        self.peer.set_result(peer)
        while True:
            request = peer.read()
            if "exec-oob" in request:
                self.oob.append(request)
                peer.reply(request, {})
            else:
                self.asked.append(request)
                self.most = max(self.most, len(self.asked))

    def answer(self, count: int = 1) -> None:
        """Answer the oldest requests."""
        for _ in range(count):
            request = self.asked.pop(0)
            self.peer.result(LIMIT).reply(request, {"asked": request["execute"]})

    def emit(self, *events: Message) -> None:
        """Send events."""
        self.peer.result(LIMIT).send(*events)


def asks(command: str, **members: Any) -> str:
    """Return a request."""
    return json.dumps({"execute": command, **members})


def test_each_gets_its_own_replies(tmp_path: Path) -> None:
    """Under its own id, whatever that is; the greeting is the machine's."""
    slow = Slow()

    async def main() -> None:
        with FakeServer(slow.script) as fake:
            async with sharing(fake, tmp_path) as shared:
                clients = [await shared.qmp() for _ in range(3)]
                for number, client in enumerate(clients):
                    client.send(asks(f"c{number}", id=["mine", number]))
                await until(lambda: len(slow.asked) == 3, "the requests")
                slow.answer(3)
                for number, client in enumerate(clients):
                    value = {"asked": f"c{number}"}
                    reply = {"return": value, "id": ["mine", number]}
                    assert await client.reply() == reply
                fresh = await QmpClient.connect(shared.server.addresses[0])
                assert await fresh.read() == OFFERS_OOB
                await fresh.close()

    run(main())


def test_out_of_band_requests_find_the_machine_reading(tmp_path: Path) -> None:
    """QEMU would stop at eight requests: others wait here, and take turns."""
    slow = Slow()

    async def main() -> None:
        with FakeServer(slow.script) as fake:
            async with sharing(fake, tmp_path) as shared:
                clients = [await shared.qmp("oob") for _ in range(WINDOW + 5)]
                for number, client in enumerate(clients):
                    client.send(asks(f"c{number}") * 3)
                await until(lambda: len(slow.asked) == WINDOW, "the requests")
                clients[-1].send('{"exec-oob": "urgent", "id": 1}')
                assert await clients[-1].reply() == {"return": {}, "id": 1}
                for _ in range(3 * len(clients)):
                    await until(lambda: slow.asked, "a request")
                    slow.answer()
                for number, client in enumerate(clients):
                    for _ in range(3):
                        value = {"asked": f"c{number}"}
                        assert await client.reply() == {"return": value}
                assert slow.most == WINDOW

    run(main())


def test_requests_of_a_client_that_has_gone(tmp_path: Path) -> None:
    """Those that wait are dropped, as QEMU drops them; replies are nobody else's."""
    slow = Slow()

    async def main() -> None:
        with FakeServer(slow.script) as fake:
            async with sharing(fake, tmp_path) as shared:
                busy = [await shared.qmp() for _ in range(WINDOW)]
                gone, other = await shared.qmp(), await shared.qmp()
                for client in busy:
                    client.send(asks("busy"))
                await until(lambda: len(slow.asked) == WINDOW, "the requests")
                gone.send(asks("never", id=1))
                other.send(asks("wanted", id=1))
                (backend, _) = shared.server._backends
                await until(lambda: len(shared.server.machine._waiting) == 2, "two to wait")
                await gone.close()
                await until(lambda: len(backend.clients) == WINDOW + 1, "it to go")
                slow.answer(WINDOW)
                await until(lambda: slow.asked, "the request")
                assert [request["execute"] for request in slow.asked] == ["wanted"]
                busy[0].send('{"execute"')
                await busy[0].reply()
                slow.answer()
                value = {"asked": "wanted"}
                assert await other.reply() == {"return": value, "id": 1}

    run(main())


def test_clients_that_come_and_go(tmp_path: Path) -> None:
    """Their requests count until QEMU has answered them."""
    slow = Slow()

    async def main() -> None:
        with FakeServer(slow.script) as fake:
            async with sharing(fake, tmp_path) as shared:
                (backend, _) = shared.server._backends
                for _ in range(2):
                    clients = [await shared.qmp("oob") for _ in range(WINDOW)]
                    for client in clients:
                        client.send(asks("x"))
                    await until(lambda: len(slow.asked) == WINDOW, "the requests")
                    for client in clients:
                        await client.close()
                    await until(lambda: not backend.clients, "them to go")
                last = await shared.qmp("oob")
                last.send(asks("last", id=1))
                slow.answer(WINDOW)
                await until(lambda: slow.asked, "the request")
                assert [request["execute"] for request in slow.asked] == ["last"]
                slow.answer()
                assert await last.reply() == {"return": {"asked": "last"}, "id": 1}
                assert slow.most == WINDOW

    run(main())


def test_events_go_to_all_who_have_negotiated(tmp_path: Path) -> None:
    """In the order of QEMU."""
    slow = Slow()
    stamp = {"seconds": 1, "microseconds": 1}
    events = [{"event": name, "timestamp": stamp} for name in ("A", "B", "A")]

    async def main() -> None:
        with FakeServer(slow.script) as fake:
            async with sharing(fake, tmp_path) as shared:
                clients = [await shared.qmp() for _ in range(3)]
                early = await QmpClient.connect(shared.server.addresses[0])
                await early.read()
                slow.emit(*events)
                for client in clients:
                    assert [await client.event() for _ in events] == events
                early.send(asks("x"))
                assert "error" in await early.read()
                await early.close()

    run(main())


SECRET = {"url": "https://me:hunter2@host/x"}


def test_qmp_clients_get_what_the_machine_says(tmp_path: Path) -> None:
    """Secrets included, which only our own words hide."""

    async def main() -> None:
        with serving({"query-x": SECRET, "human-monitor-command": SECRET["url"]}) as fake:
            async with sharing(fake, tmp_path) as shared:
                client, person = await shared.qmp(), await shared.human()
                assert await client.ask("query-x") == {"return": SECRET}
                person.send("info x\n")
                shown = await person.until(b"(qemu) ")
                assert b"hunter2" not in shown
                assert b"https://" in shown

    run(main())


def test_read_only(tmp_path: Path) -> None:
    """An error for all that may change the machine, by QMP's reply."""

    async def main() -> None:
        with serving({"query-status": {}, "human-monitor-command": ""}) as fake:
            async with sharing(fake, tmp_path, read_only=True) as shared:
                client = await shared.qmp()
                assert "return" in await client.ask("query-status")
                for command in ("stop", "getfd", "nonsense", "object-add"):
                    reply = await client.ask(command)
                    assert "read-only" in reply["error"]["desc"], reply

    run(main())


@pytest.mark.parametrize("dies", [True, False])
def test_the_end_of_the_machine(tmp_path: Path, dies: bool) -> None:
    """Whoever waits gets the end; so does whoever does not."""
    slow = Slow()

    async def main() -> None:
        with FakeServer(slow.script) as fake:
            async with sharing(fake, tmp_path) as shared:
                waits, idle = await shared.qmp(), await shared.qmp()
                person = await shared.human()
                waits.send(asks("x") * 9)
                person.send("info status\n")
                await until(lambda: len(slow.asked) == 2, "the requests")
                if dies:
                    slow.peer.result(LIMIT).socket.shutdown(socket.SHUT_RDWR)
                else:
                    shared.server.machine.shutdown()
                assert (await waits.rest(), await idle.rest()) == (b"", b"")
                await person.rest()
                assert shared.server.machine.ended
                gone = shared.server.machine.gone
                assert isinstance(gone, MachineGoneError) == dies

    run(main())


def descriptors(sock: socket.socket) -> Callable[[], list[int]]:
    """Return what tells the descriptors of this process that are like a socket's."""
    inode = os.fstat(sock.fileno()).st_ino

    def count() -> list[int]:
        found = []
        for name in os.listdir("/proc/self/fd"):
            try:
                if os.stat(f"/proc/self/fd/{name}").st_ino == inode:
                    found.append(int(name))
            except OSError:
                pass
        return found

    return count


def test_descriptors_are_not_kept(tmp_path: Path) -> None:
    """Neither those that were passed on, nor those that no command took."""

    async def main() -> None:
        sent, other = socket.socketpair()
        with FakeServer(_take_descriptors) as fake, sent, other:
            copies = descriptors(sent)
            async with sharing(fake, tmp_path) as shared:
                client = await shared.qmp()
                end = client.writer.get_extra_info("socket").fileno()
                with socket.socket(fileno=os.dup(end)) as sock:
                    for data, fds in (
                        (asks("getfd", arguments={"fdname": "a"}), 1),
                        (asks("query-status"), 3),
                        (asks("add-fd"), 2),
                    ):
                        socket.send_fds(sock, [data.encode()], [sent.fileno()] * fds)
                        reply = await client.reply()
                        assert reply == {"return": {"descriptors": int(fds != 3)}}
                    socket.send_fds(sock, [b" "], [sent.fileno()] * 5)
            await until(lambda: len(copies()) == 1, "all copies to be closed")

    run(main())


def test_a_client_that_sends_its_own_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection ends all the same, though the server held its other end."""
    monkeypatch.setattr(relay_client, "_PATIENCE", 0.05)

    async def main() -> None:
        with serving({}) as fake:
            async with sharing(fake, tmp_path) as shared:
                (backend, _) = shared.server._backends
                for data in (b" ", b'{"execute": "getf'):
                    with socket.socket(socket.AF_UNIX) as sock:
                        sock.connect(str(tmp_path / "q"))
                        await until(lambda: backend.clients, "it to come")
                        socket.send_fds(sock, [data], [sock.fileno()])
                    await until(lambda: not backend.clients, "it to go")

    run(main())


def _take_descriptors(peer: Peer) -> None:
    """Answer with the number of descriptors that came with a request."""
    peer.negotiate(OFFERS_OOB)
    while True:
        data, found = b"", list[int]()
        while not data.endswith(b"}\n"):
            chunk, fds, _, _ = socket.recv_fds(peer.socket, 4096, 9)
            found += fds
            data += chunk
            if not chunk:
                return
        for fd in found:
            os.close(fd)
        peer.reply(json.loads(data), {"descriptors": len(found)})


def test_errors_of_negotiation(tmp_path: Path) -> None:
    """Capabilities that this machine does not offer, and requests before it."""
    slow = Slow()

    async def main() -> None:
        qmp = {**OFFERS_OOB["QMP"], "capabilities": []}
        slow.greeting = {"QMP": qmp}
        with FakeServer(slow.script) as fake:
            async with sharing(fake, tmp_path) as shared:
                client = await QmpClient.connect(shared.server.addresses[0])
                assert (await client.read())["QMP"]["capabilities"] == []
                for request, desc in (
                    (asks("x"), "Expecting capabilities negotiation"),
                    (
                        asks("qmp_capabilities", arguments={"enable": ["oob"]}),
                        "Capability oob not available",
                    ),
                    ('{"exec-oob": "x"}', "QMP input member 'exec-oob' is unexpected"),
                ):
                    client.send(request)
                    assert desc in (await client.read())["error"]["desc"]
                await client.close()

    run(main())

"""How far a line travels: the rooms that it crosses, each counted once."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from hmp.builtin import KINDS
from hmp.display import make_writer
from hmp.display.sink import Sink
from hmp.frontends.script import Script
from hmp.monitor.call import Call
from hmp.monitor.monitor import Monitor
from hmp.targets.socket_target import SocketTarget
from hmp.terminal.session import SessionOptions, TerminalSession
from tests.fakes import serving, tables
from tests.program import ROOT

STATUS = {"status": "running", "running": True}

OURS = tuple(f"{ROOT}/{folder}/" for folder in ("hmp", "commands", "info", "completions"))


def room(path: str) -> str:
    """Return the room of a file of ours: ``hmp/qmp``, ``info``."""
    parts = Path(path).relative_to(ROOT).parts
    return "/".join(parts[: 2 if parts[0] == "hmp" else 1]).removesuffix(".py")


@contextmanager
def traced() -> Iterator[set[str]]:
    """Yield a set that gets the rooms whose functions are called."""
    found: set[str] = set()

    def on_call(frame: FrameType, event: str, arg: object) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(OURS):
            found.add(room(path))

    threading.setprofile(on_call)  # views are drawn beside the event loop
    sys.setprofile(on_call)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def test_a_script_line_crosses_few_rooms() -> None:
    """From its bytes to its text: front end, monitor, table, QMP layer, display."""
    with serving({"query-status": STATUS}) as server:
        connection = SocketTarget(server.path).open_qmp()
        out = Sink(os.open(os.devnull, os.O_WRONLY))
        script = Script(Monitor(connection, tables()), make_writer("text", out, out), False)
        script.run([b"info status"])
        with traced() as rooms:
            script.run([b"info status"])
        connection.close()

    assert "info" in rooms
    assert len(rooms) <= 8, sorted(rooms)


def typed(keys: Callable[[str], None], monitor: Monitor) -> set[str]:
    """Return the rooms that a typed line crosses, from its first key to its result."""

    async def run() -> set[str]:
        out = Sink(os.open(os.devnull, os.O_WRONLY))
        session = TerminalSession(monitor, out, SessionOptions(kinds=KINDS))
        ran = asyncio.Event()
        run_line = monitor.run

        async def run(text: str) -> Call | None:
            call = await run_line(text)
            ran.set()
            return call

        monitor.run = run  # type: ignore[method-assign]  # to know when a line has run
        task = asyncio.ensure_future(session.run())
        with traced() as rooms:
            keys("info status\r")
            await ran.wait()
            keys("\x04")
            await task
        return rooms

    return asyncio.run(run())


def test_a_typed_line_crosses_few_rooms() -> None:
    """Typing, completion and drawing included."""
    with serving({"query-status": STATUS}) as server, create_pipe_input() as keyboard:
        connection = SocketTarget(server.path).open_qmp()
        with create_app_session(input=keyboard, output=DummyOutput()):
            rooms = typed(keyboard.send_text, Monitor(connection, tables()))
        connection.close()

    assert {"hmp/terminal", "info"} <= rooms
    assert len(rooms) <= 12, sorted(rooms)

"""A program that takes QEMU's options for a QMP monitor on a descriptor, and no others.

    fake_qemu.py [BEHAVIOUR]... -chardev socket,id=ID,fd=N -qmp chardev:ID

It serves that monitor until it is told to quit, or its client goes away. Behaviours:
``exit=STATUS`` and ``kill=NUMBER`` end it before it greets, ``die-on=COMMAND`` when that
command comes, ``no-quit`` and ``no-term`` make it deaf to what should end it,
``say=TEXT`` prints on standard output, ``complain=TEXT`` on standard error,
``pid=FILE`` writes its process id, and ``ask`` says what came on standard input.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

VERSION = {"major": 9, "minor": 1, "micro": 0}
GREETING = {"QMP": {"version": {"qemu": VERSION, "package": ""}, "capabilities": []}}
ANSWERS: dict[str, Any] = {
    "qmp_capabilities": {},
    "quit": {},
    "query-name": {"name": "fake"},
    "query-status": {"running": True, "status": "running"},
}


def main(argv: list[str]) -> None:
    """Behave, then serve."""
    options = argv.index("-chardev")
    pairs = (item.partition("=") for item in argv[:options])
    behaviours = {name: value for name, _, value in pairs}
    match = re.fullmatch(r"socket,id=([\w-]+),fd=(\d+)", argv[options + 1])
    assert match is not None
    assert argv[options + 2 :] == ["-qmp", f"chardev:{match[1]}"]
    begin(behaviours)
    with suppress(BrokenPipeError, ConnectionResetError):
        serve(socket.socket(fileno=int(match[2])), behaviours)
    while "no-quit" in behaviours:
        signal.pause()


def begin(behaviours: dict[str, str]) -> None:
    """Do what is to be done before the greeting."""
    if "pid" in behaviours:
        with open(behaviours["pid"], "w") as file:
            file.write(str(os.getpid()))
    if "complain" in behaviours:
        os.write(2, os.fsencode(behaviours["complain"]))
    if "say" in behaviours:
        sys.stdout.write(f"{behaviours['say']}\n")
        sys.stdout.flush()
    if "ask" in behaviours:
        sys.stdout.write(f"{sys.stdin.read()!r}\n")
        sys.stdout.flush()
    if "no-term" in behaviours:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "kill" in behaviours:
        os.kill(os.getpid(), int(behaviours["kill"]))
    if "exit" in behaviours:
        sys.exit(int(behaviours["exit"]))


def serve(sock: socket.socket, behaviours: dict[str, str]) -> None:
    """Speak QMP."""
    sock.sendall(json.dumps(GREETING).encode() + b"\r\n")
    for line in sock.makefile("rb"):
        request = json.loads(line)
        command = request["execute"]
        if command == behaviours.get("die-on"):
            os._exit(7)
        missing = {"class": "CommandNotFound", "desc": f"no {command}"}
        reply: dict[str, Any] = {"error": missing}
        if command in ANSWERS:
            reply = {"return": ANSWERS[command]}
        if "id" in request:
            reply["id"] = request["id"]
        sock.sendall(json.dumps(reply).encode() + b"\r\n")
        if command == "quit" and "no-quit" not in behaviours:
            return


if __name__ == "__main__":
    main(sys.argv[1:])

"""QEMU's source trees and programs, where a developer has them, to compare with.

The environment variable HMP_QEMU_SOURCES names unpacked source trees of QEMU 7.2 or later,
separated like the folders in PATH. Programs are those of `tests.qemu.machines`.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hmp.qapi import CURRENT, HISTORIC, STRICT
from tests.qemu.machines import qemus

if TYPE_CHECKING:
    from hmp.qapi import Edition

VARIABLE = "HMP_QEMU_SOURCES"


class QEMUSource:
    """An unpacked source tree; what isn't in it is for the tests to complain about."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.version = (self.path / "VERSION").read_text().strip()
        self.cases = self.path / "tests" / "qapi-schema"

    @property
    def edition(self) -> Edition:
        """The edition of the schema language that this QEMU has."""
        release = tuple(map(int, self.version.split(".")[:2]))
        return HISTORIC if release < (9, 0) else CURRENT if release < (10, 2) else STRICT

    def case_names(self) -> list[str]:
        """Return the names of QEMU's test cases: those with an expected result.

        One of them is about a schema that isn't there; another has lost its schema.
        """
        return sorted(
            path.stem
            for path in self.cases.glob("*.err")
            if path.with_suffix(".json").exists() or path.stem == "missing-schema"
        )

    def __str__(self) -> str:
        return self.version


def sources() -> list[QEMUSource]:
    """Return the source trees that there are."""
    paths = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [QEMUSource(path) for path in paths if path]


def find_program(version: str) -> list[str] | None:
    """Return the command line of a QEMU of this major and minor version, or None."""
    wanted = ".".join(version.split(".")[:2])
    for command in qemus().values():
        if wanted == _version(command):
            return command
    return None


def _version(command: list[str]) -> str | None:
    result = subprocess.run(
        [*command, "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"version (\d+\.\d+)", result.stdout)
    return match[1] if match else None


class QEMU:
    """A running QEMU without a machine; a context manager."""

    def __init__(self, command: list[str]) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            chardev = f"socket,id=qmp,fd={theirs.fileno()}"
            self._process = subprocess.Popen(
                [
                    *command,
                    "-M",
                    "none",
                    "-nodefaults",
                    "-display",
                    "none",
                    "-chardev",
                    chardev,
                    "-mon",
                    "chardev=qmp,mode=control",
                ],
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._socket.settimeout(60)
        self._file = self._socket.makefile("rw", encoding="utf-8")
        self.greeting = json.loads(self._file.readline())
        self.execute("qmp_capabilities")

    def execute(self, command: str, arguments: Any = None) -> dict[str, Any]:
        """Run a command and return the reply."""
        message = {"execute": command}
        if arguments is not None:
            message["arguments"] = arguments
        self._file.write(json.dumps(message) + "\n")
        self._file.flush()
        while True:
            reply: dict[str, Any] = json.loads(self._file.readline())
            if "event" not in reply:
                return reply

    def __enter__(self) -> QEMU:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()
        self._socket.close()
        self._process.terminate()
        self._process.wait(60)

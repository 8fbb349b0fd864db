"""The command of ``hello.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.qmp.errors import QMPError

if TYPE_CHECKING:
    from hmp.machine.machine import EmbeddedMachine


def qmp_hello_world(machine: EmbeddedMachine, /, message: str | None = None) -> None:
    """Print the message, or a greeting, on the machine's standard output."""
    if message is not None and "love" in message:
        raise QMPError("the word 'love' is not allowed")
    machine.output(f"{'Hello, world' if message is None else message}\n")

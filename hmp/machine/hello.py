"""The command of ``hello.json``."""

from hmp.machine.machine import EmbeddedMachine
from hmp.qmp.errors import QMPError


def qmp_hello_world(machine: EmbeddedMachine, /, message: str | None = None) -> None:
    """Print the message, or a greeting, on the machine's standard output."""
    if message is not None and "love" in message:
        raise QMPError("the word 'love' is not allowed")
    machine.output(f"{'Hello, world' if message is None else message}\n")

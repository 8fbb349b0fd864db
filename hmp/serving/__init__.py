"""Serving a machine's monitors: QMP and HMP over sockets, in an event loop.

This is the interface for programs with their own monitor: `EmbeddedMachine` and `Extension`
define the QMP commands, `serve` opens the monitors, `load_tables` loads HMP commands.
"""

from hmp.builtin import load_tables
from hmp.language.qemu_opts import OptionsError
from hmp.machine.machine import EmbeddedMachine, Extension
from hmp.serving.monitors import Server, serve
from hmp.serving.sockets import ListenError

__all__ = [
    "EmbeddedMachine",
    "Extension",
    "ListenError",
    "OptionsError",
    "Server",
    "load_tables",
    "serve",
]

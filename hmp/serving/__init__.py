"""A machine's monitors opened to others: QMP and HMP over sockets, in an event loop.

What a program needs that wants a monitor of its own: `Machine` and `Extension` for what
it can be asked, `serve` for who may ask, `load_tables` for what people can type.
"""

from hmp.builtin import load_tables
from hmp.language.options import OptionsError
from hmp.machine.machine import Extension, Machine
from hmp.serving.monitors import Server, serve
from hmp.serving.sockets import ListenError

__all__ = [
    "Extension",
    "ListenError",
    "Machine",
    "OptionsError",
    "Server",
    "load_tables",
    "serve",
]

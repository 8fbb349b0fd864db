"""The example command of docs and tutorials: it prints a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from completions.free_text import MESSAGE
from hmp.authoring import Monitor, QDict, command

if TYPE_CHECKING:
    from hmp.authoring import Empty

CATEGORY = "Demonstration machine"


@command(
    "hello-world",
    args_type="message:s?",
    kinds={"message": MESSAGE},
    help="print a message on the machine's standard output",
    arguments={"message": "what to print instead of the usual greeting"},
    qmp=["hello-world"],
    example='hello-world "We come in peace"',
    needs="qmp",
)
async def hello_world(mon: Monitor, args: QDict) -> Empty:
    """Print the message; without one, the machine prints its greeting."""
    return await mon.qmp.execute("hello-world", message=args.get("message"))

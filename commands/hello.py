"""The first command that one writes."""

from typing import Any

from completions.free import MESSAGE
from hmp.authoring import Monitor, QDict, command

CATEGORY = "Embedded machine"


@command(
    "hello-world",
    args_type="message:s?",
    kinds={"message": MESSAGE},
    help="print a message on the machine's standard output",
    qmp=["hello-world"],
    example='hello-world "We come in peace"',
)
async def hello_world(mon: Monitor, args: QDict) -> Any:
    """Print the message, or the greeting that the machine has when there is none."""
    return await mon.qmp.execute("hello-world", message=args.get("message"))

"""``info`` without a subcommand, which each are entries themselves."""

from __future__ import annotations

from hmp.authoring import READ, Monitor, QDict, command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from hmp.monitor.help import Topic

CATEGORY = "Monitor"


@command(
    "info",
    args_type="item:s?",
    params="[subcommand]",
    help="show information about the machine",
    arguments={"subcommand": "what to show; 'info' alone lists the subcommands"},
    words="show, query, inspect, list",
    effect=READ,
    example="info status",
)
async def info(mon: Monitor, args: QDict) -> Topic:
    """Return the help of all subcommands; each subcommand has an entry itself."""
    # imported late here and below, since the line of each subcommand loads this module
    from contextlib import suppress

    from hmp.monitor.availability import detailed
    from hmp.monitor.help import info_topic
    from hmp.monitor.preconfig import allowed, waits
    from hmp.qmp.errors import MachineGoneError

    topic = info_topic(mon.commands)
    with suppress(MachineGoneError):  # help works without a machine, too
        if await waits(mon):
            topic = allowed(topic) or topic
    return await detailed(mon, topic)


@info.text
def info_text(topic: Topic) -> Iterator[str]:
    """Yield one line per subcommand."""
    from hmp.monitor.help import help_lines

    return help_lines(topic)


@info.view
def info_view(topic: Topic) -> RenderableType:
    """Show the subcommands by category."""
    from hmp.display.help_views import help_view

    view: RenderableType = help_view(topic)  # it returns Any
    return view

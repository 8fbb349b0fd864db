"""File descriptors of the host, and Xen's event channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from completions.free_text import DESCRIPTOR
from hmp.authoring import READ, Call, command, views

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from hmp.authoring import Declaration, Empty
    from hmp.qmp.reply_types import EvtchnInfo

CATEGORY = "Host"

getfd = command.direct(
    "getfd",
    args_type="fdname:s",
    kinds={"fdname": DESCRIPTOR},
    params="getfd name",
    help="receive a file descriptor sent with this command, and give it a name",
    arguments={"name": "the name to give it"},
    about=(
        "Only a program that sends a descriptor along with the command can use this;"
        " a session cannot."
    ),
)
closefd = command.direct(
    "closefd",
    args_type="fdname:s",
    kinds={"fdname": DESCRIPTOR},
    params="closefd name",
    help="close a named file descriptor",
    arguments={"name": "the name that getfd gave it"},
)

xen_event_inject: Declaration[Empty] = command.direct(
    "xen-event-inject",
    args_type="port:i",
    help="notify the guest on a Xen event channel",
    arguments={"port": "the port of the channel"},
    failure=r"\A(?!Delivered port )",
)


@xen_event_inject.text
def xen_event_inject_text(value: Empty, call: Call) -> Iterator[str]:
    """Yield the port."""
    yield f"Delivered port {call.args['port']}"


xen_event_list: Declaration[list[EvtchnInfo]] = command.direct(
    "xen-event-list", help="show the guest's Xen event channels", effect=READ
)


@xen_event_list.text
def xen_event_list_text(value: list[EvtchnInfo]) -> Iterator[str]:
    """Yield one line per port: its binding and its state."""
    for port in value:
        line = f"port {port['port']:4}: vcpu: {port['vcpu']} {port['type']}"
        if port["type"] != "ipi":
            line += f"({'REMOTE:' if port['remote-domain'] else ''}{port['target']})"
        line += " PENDING" * port["pending"] + " MASKED" * port["masked"]
        yield line


@xen_event_list.view
def xen_event_list_view(value: list[EvtchnInfo]) -> RenderableType:
    """Show a table of the ports."""
    return views.table(
        ">port",
        "type",
        ">target",
        "domain",
        ">cpu",
        "state",
        rows=(
            (
                port["port"],
                port["type"],
                None if port["type"] == "ipi" else port["target"],
                port["remote-domain"],
                port["vcpu"],
                _state(port),
            )
            for port in value
        ),
    )


def _state(port: EvtchnInfo) -> Text:
    """Return whether an event is pending, and whether the guest has masked the port."""
    words = [word for word in ("pending", "masked") if port[word]]
    return views.state(", ".join(words) or "ready", not port["masked"])

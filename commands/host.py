"""What comes from the host: file descriptors, and Xen's event channels."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from completions.free import DESCRIPTOR
from hmp.authoring import READ, Call, command, views

if TYPE_CHECKING:
    from rich.console import RenderableType

CATEGORY = "Host"

getfd = command.direct(
    "getfd",
    args_type="fdname:s",
    kinds={"fdname": DESCRIPTOR},
    params="getfd name",
    help="take a file descriptor that was sent along, under a name",
)
closefd = command.direct(
    "closefd",
    args_type="fdname:s",
    kinds={"fdname": DESCRIPTOR},
    params="closefd name",
    help="close a file descriptor by its name",
)

xen_event_inject = command.direct(
    "xen-event-inject",
    args_type="port:i",
    help="notify the guest on a Xen event channel",
    example="xen-event-inject 1",
    failure=r"\A(?!Delivered port )",
)


@xen_event_inject.text
def xen_event_inject_text(value: Any, call: Call) -> Iterator[str]:
    """Yield which port it was."""
    yield f"Delivered port {call.args['port']}"


xen_event_list = command.direct(
    "xen-event-list", help="show the guest's Xen event channels", effect=READ
)


@xen_event_list.text
def xen_event_list_text(value: Any) -> Iterator[str]:
    """Yield a line a port: what it is bound to, and what it waits for."""
    for port in value:
        line = f"port {port['port']:4}: vcpu: {port['vcpu']} {port['type']}"
        if port["type"] != "ipi":
            line += f"({'REMOTE:' if port['remote-domain'] else ''}{port['target']})"
        line += " PENDING" * port["pending"] + " MASKED" * port["masked"]
        yield line


@xen_event_list.view
def xen_event_list_view(value: Any) -> "RenderableType":
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


def _state(port: Any) -> Any:
    """Return whether something waits there, and whether the guest wants to know."""
    words = [word for word in ("pending", "masked") if port[word]]
    return views.state(", ".join(words) or "ready", not port["masked"])

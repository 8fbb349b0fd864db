"""What comes from the host: file descriptors, and Xen's event channels."""

from hmp.authoring import READ, command

CATEGORY = "Host"

PASSTHROUGHS = (
    command.passthrough(
        "getfd",
        args_type="fdname:s",
        params="getfd name",
        help="take a file descriptor that was sent along, under a name",
    ),
    command.passthrough(
        "closefd",
        args_type="fdname:s",
        params="closefd name",
        help="close a file descriptor by its name",
    ),
    command.passthrough(
        "xen-event-inject",
        args_type="port:i",
        help="notify the guest on a Xen event channel",
        failure=r"\A(?!Delivered port )",
    ),
    command.passthrough(
        "xen-event-list", help="show the guest's Xen event channels", effect=READ
    ),
)

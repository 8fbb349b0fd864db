"""Plug devices in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from commands._options import options_view
from completions.device import DEVICE_ID, DEVICE_OPTIONS
from completions.free import AER_STATUS
from hmp.authoring import (
    DESTRUCTIVE,
    Monitor,
    QDict,
    Text,
    command,
    execute_coerced,
    forward_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.authoring import Empty

CATEGORY = "Devices"


@command(
    "device_add",
    args_type="device:O",
    params="driver[,prop=value][,...]",
    help="plug a device in",
    qmp=["device_add"],
    kinds={"device": DEVICE_OPTIONS},
    example="device_add virtio-blk-pci,drive=drive1,id=disk1",
    failure=r"\A(?:Device '.*' not found|Parameter 'typename' expects )",
)
async def device_add(mon: Monitor, args: QDict) -> Empty | Text:
    """Plug a device in; ``help`` among the options makes QEMU list models or properties."""
    if help_wanted(args, "driver"):
        # a plain Text, so that the view is drawn; a Forwarded is shown as printed
        return Text(await forward_line(mon))
    # device_add returns nothing; execute_coerced is not typed per command
    return cast("Empty", await execute_coerced(mon, "device_add", dict(args)))


def help_wanted(args: QDict, implied: str) -> bool:
    """Return whether the options ask for help, with ``help`` or ``?`` anywhere."""
    return any(word in args or args.get(implied) == word for word in ("help", "?"))


@device_add.text
def device_add_text(value: Empty | Text) -> Iterable[str]:
    """Yield the requested help; nothing for a new device."""
    return value.splitlines() if isinstance(value, Text) else ()


device_add.view(options_view)


device_del = command.direct(
    "device_del",
    args_type="id:s",
    params="device",
    help="ask the guest to release a device, then unplug it",
    effect=DESTRUCTIVE,
    kinds={"id": DEVICE_ID},
    example="device_del disk1",
)


PASSTHROUGHS = (
    command.passthrough(
        "pcie_aer_inject_error",
        args_type="advisory_non_fatal:-a,correctable:-c,id:s,error_status:s,"
        "header0:i?,header1:i?,header2:i?,header3:i?,"
        "prefix0:i?,prefix1:i?,prefix2:i?,prefix3:i?",
        params="[-a] [-c] id <error_status> [<tlp header> [<tlp header prefix>]]",
        help="inject an error of a PCIe device (-a: advisory non-fatal, -c: correctable)",
        effect=DESTRUCTIVE,
        kinds={"id": DEVICE_ID, "error_status": AER_STATUS},
        failure=r"\A(?!OK id: )",
    ),
)

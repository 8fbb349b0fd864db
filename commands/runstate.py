"""Run, pause, reset, wake up and quit the machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from commands._errors import hinted_errors
from completions.free import BOOT_ORDER
from completions.watchdog import WATCHDOG_ACTION
from hmp.authoring import (
    DESTRUCTIVE,
    Call,
    MachineGoneError,
    Monitor,
    QDict,
    command,
    known_word,
    releases,
)

if TYPE_CHECKING:
    from hmp.authoring import Empty

CATEGORY = "Machine"


stop = command.direct("stop|s", help="pause the machine")


cont = command.direct("cont|c", help="resume the machine")


@command("quit|q", help="quit QEMU", effect=DESTRUCTIVE, qmp=["quit"])
async def quit_(mon: Monitor, args: QDict) -> Empty:
    """End the machine, and the session with it."""
    try:
        value = await mon.qmp.execute("quit")
    except MachineGoneError:
        value = {}  # QEMU may exit before it has sent its reply
    mon.ended = True
    return value


system_reset = command.direct("system_reset", help="reset the machine", effect=DESTRUCTIVE)


system_powerdown = command.direct(
    "system_powerdown",
    help="press the power button, to which the guest may react",
    effect=DESTRUCTIVE,
)


system_wakeup = command.direct("system_wakeup", help="wake a suspended guest")


nmi = command.direct("nmi", "inject-nmi", help="send a non-maskable interrupt to the guest")


@command(
    "watchdog_action",
    args_type="action:s",
    params="[reset|shutdown|poweroff|pause|debug|none|inject-nmi]",
    help="choose the action to take when the watchdog expires",
    qmp=["watchdog-set-action"],
    kinds={"action": WATCHDOG_ACTION},
    example="watchdog_action pause",
)
async def watchdog_action(mon: Monitor, args: QDict) -> Empty:
    """Set the watchdog's action; its name may be in capitals."""
    action = args["action"].lower()
    with known_word(action):
        return await mon.qmp.execute("watchdog-set-action", action=action)


exit_preconfig = command.direct(
    "exit_preconfig",
    "x-exit-preconfig",
    help="leave the preconfig state and initialise the machine (after --preconfig)",
)


@command(
    "dumpdtb",
    args_type="filename:F",
    help="write the device tree to a file",
    qmp=["dumpdtb"],
    example="dumpdtb /tmp/machine.dtb",
)
async def dumpdtb(mon: Monitor, args: QDict) -> Empty:
    """Write the machine's device tree to a file on its host."""
    with hinted_errors():
        return await mon.qmp.execute("dumpdtb", filename=args["filename"])


@dumpdtb.text
def dumpdtb_text(value: Empty, call: Call) -> Iterator[str]:
    """Yield the file name, in the words of the release."""
    name = call.args["filename"]
    yield (
        f"info: dtb dumped to {name}"
        if call.version < releases.DTB_QUOTED
        else f"DTB dumped to '{name}'"
    )


PASSTHROUGHS = (
    command.passthrough(
        "boot_set",
        args_type="bootdevice:s",
        kinds={"bootdevice": BOOT_ORDER},
        help="set the order of the devices that the next boot tries",
        example="boot_set cdn",
        failure=r"\A(?!boot device list now set to )",
    ),
)

"""Run, stop, reset, wake up and end the machine."""

from collections.abc import Iterator
from typing import Any

from commands._errors import hinted_errors
from completions.free import BOOT_ORDER
from completions.watchdog import WATCHDOG_ACTION
from hmp.authoring import (
    DESTRUCTIVE,
    Call,
    MachineGone,
    Monitor,
    QDict,
    command,
    known_word,
)

CATEGORY = "Machine"


@command("stop|s", help="pause the machine", qmp=["stop"])
async def stop(mon: Monitor, args: QDict) -> Any:
    """Pause the machine."""
    return await mon.qmp.execute("stop")


@command("cont|c", help="let the machine go on", qmp=["cont"])
async def cont(mon: Monitor, args: QDict) -> Any:
    """Let the machine go on."""
    return await mon.qmp.execute("cont")


@command("quit|q", help="end the machine", effect=DESTRUCTIVE, qmp=["quit"])
async def quit_(mon: Monitor, args: QDict) -> Any:
    """End the machine, and the session with it."""
    try:
        value = await mon.qmp.execute("quit")
    except MachineGone:
        value = {}  # it was faster than its own reply
    mon.ended = True
    return value


@command("system_reset", help="reset the machine", effect=DESTRUCTIVE, qmp=["system_reset"])
async def system_reset(mon: Monitor, args: QDict) -> Any:
    """Reset the machine."""
    return await mon.qmp.execute("system_reset")


@command(
    "system_powerdown",
    help="press the power button; the guest decides what follows",
    effect=DESTRUCTIVE,
    qmp=["system_powerdown"],
)
async def system_powerdown(mon: Monitor, args: QDict) -> Any:
    """Press the power button."""
    return await mon.qmp.execute("system_powerdown")


@command("system_wakeup", help="wake the guest from its sleep", qmp=["system_wakeup"])
async def system_wakeup(mon: Monitor, args: QDict) -> Any:
    """Wake the guest up."""
    return await mon.qmp.execute("system_wakeup")


@command("nmi", help="send a non-maskable interrupt to the guest", qmp=["inject-nmi"])
async def nmi(mon: Monitor, args: QDict) -> Any:
    """Inject an NMI."""
    return await mon.qmp.execute("inject-nmi")


@command(
    "watchdog_action",
    args_type="action:s",
    params="[reset|shutdown|poweroff|pause|debug|none|inject-nmi]",
    help="choose what happens when the watchdog runs out",
    qmp=["watchdog-set-action"],
    kinds={"action": WATCHDOG_ACTION},
    example="watchdog_action pause",
)
async def watchdog_action(mon: Monitor, args: QDict) -> Any:
    """Set the watchdog's action; its name may be in capitals."""
    action = args["action"].lower()
    with known_word(action):
        return await mon.qmp.execute("watchdog-set-action", action=action)


@command(
    "exit_preconfig",
    help="go on to the machine's initialization (from --preconfig)",
    qmp=["x-exit-preconfig"],
)
async def exit_preconfig(mon: Monitor, args: QDict) -> Any:
    """Let the machine be made."""
    return await mon.qmp.execute("x-exit-preconfig")


@command(
    "dumpdtb",
    args_type="filename:F",
    help="write the device tree",
    qmp=["dumpdtb"],
    example="dumpdtb /tmp/machine.dtb",
)
async def dumpdtb(mon: Monitor, args: QDict) -> Any:
    """Write the machine's device tree to a file of its host."""
    with hinted_errors():
        return await mon.qmp.execute("dumpdtb", filename=args["filename"])


@dumpdtb.text
def dumpdtb_text(value: Any, call: Call) -> Iterator[str]:
    """Yield where it went, in the words of the release."""
    name = call.args["filename"]
    yield (
        f"info: dtb dumped to {name}"
        if call.version < (8, 0)
        else f"DTB dumped to '{name}'"
    )


PASSTHROUGHS = (
    command.passthrough(
        "boot_set",
        args_type="bootdevice:s",
        kinds={"bootdevice": BOOT_ORDER},
        help="choose which devices the next boot tries, in order",
        example="boot_set cdn",
        failure=r"\A(?!boot device list now set to )",
    ),
)

"""Run, pause, reset, wake up and quit the machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from commands._errors import hinted_errors
from completions.free_text import BOOT_ORDER
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


stop = command.direct(
    "stop|s",
    help="pause the machine",
    about="Nothing runs in the guest until 'cont', and its clock stops.",
    words="pause, suspend, freeze, halt, break",
)


cont = command.direct(
    "cont|c", help="resume the machine", words="resume, continue, unpause, start, go, run"
)


@cont.foresee
async def cont_outcome(mon: Monitor, args: QDict) -> str:
    """Warn of a machine that has moved to another QEMU, which may use the same disks."""
    if (await mon.qmp.execute("query-status"))["status"] != "postmigrate":
        return ""
    if (await mon.qmp.execute("query-migrate")).get("status") != "completed":
        return ""
    return (
        "this machine has migrated; if it runs at its destination, running it here too"
        " destroys the data on its disks"
    )


@command(
    "quit|q",
    help="quit QEMU",
    about=(
        "The guest is not asked: it is like pulling the plug. "
        "'system_powerdown' lets it shut down."
    ),
    words="exit, kill, destroy",
    effect=DESTRUCTIVE,
    outcome="this ends the machine without asking the guest",
    qmp=["quit"],
)
async def quit_(mon: Monitor, args: QDict) -> Empty:
    """End the machine, and the session with it."""
    try:
        value = await mon.qmp.execute("quit")
    except MachineGoneError:
        value = {}  # QEMU may exit before it has sent its reply
    mon.ended = True
    return value


@quit_.foresee
async def quit_outcome(mon: Monitor, args: QDict) -> str:
    """Warn of the end of the machine, unless it ends with the session in any case."""
    if mon.connection.demonstration:
        return ""
    if (await mon.qmp.execute("query-status"))["status"] == "postmigrate":
        return "the guest has moved; this ends the QEMU that it has left"
    return quit_.outcome


system_reset = command.direct(
    "system_reset",
    help="reset the machine",
    about="The guest is not asked: what it has not written to its disks is lost.",
    words="reboot, restart, reset, power cycle",
    effect=DESTRUCTIVE,
    outcome="this resets the machine without asking the guest",
)


system_powerdown = command.direct(
    "system_powerdown",
    help="press the power button; the guest decides what to do",
    about=(
        "Most systems shut down, but a guest may ignore it. 'wait SHUTDOWN' waits for"
        " the end."
    ),
    words="shut down, shutdown, power off, poweroff, acpi, halt",
    effect=DESTRUCTIVE,
    outcome="this asks the guest to shut down",
)


system_wakeup = command.direct(
    "system_wakeup", help="wake a suspended guest", words="resume from suspend, wake"
)


nmi = command.direct(
    "nmi",
    "inject-nmi",
    help="send a non-maskable interrupt to the guest",
    words="sysrq, crash guest, interrupt",
)


@command(
    "watchdog_action",
    args_type="action:s",
    params="[reset|shutdown|poweroff|pause|debug|none|inject-nmi]",
    help="choose the action to take when the watchdog expires",
    arguments={"reset|shutdown|poweroff|pause|debug|none|inject-nmi": "the action"},
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
    arguments={"filename": "the file on QEMU's host"},
    words="device tree",
    qmp=["dumpdtb"],
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
        help="set the boot order for the next boot",
        arguments={
            "bootdevice": "letters in boot order: a floppy, c disk, d CD, n network"
        },
        words="boot order, boot device",
        example="boot_set cdn",
        failure=r"\A(?!boot device list now set to )",
    ),
)

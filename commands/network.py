"""Network backends and links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from commands._errors import unheard_errors
from commands._refusals import refuse_unknown
from commands.devices import help_wanted
from completions.device import NET_CLIENT, NETDEV_ID, NETDEV_OPTIONS, netdevs
from completions.forward import FORWARD, NEW_FORWARD
from completions.free_text import INTERFACES, NAME
from hmp.authoring import (
    DESTRUCTIVE,
    Monitor,
    QDict,
    QMPError,
    UsageError,
    command,
    execute_coerced,
    forward_line,
    needed,
    refuse_fatal,
    sandbox_risk,
)

if TYPE_CHECKING:
    from hmp.authoring import Empty, Text

CATEGORY = "Network"


@command(
    "netdev_add",
    args_type="netdev:O",
    params="[user|tap|socket|stream|dgram|vde|bridge|hubport|netmap|vhost-user|passt"
    "|af-xdp|vmnet-host|vmnet-shared|vmnet-bridged],id=str[,prop=value][,...]",
    help="add a network backend",
    arguments={
        "user|tap|socket|stream": "the type of the backend; not every QEMU has all of them",
        "id=str": "its name, which device_add names by netdev=",
        "prop=value": "an option of the type",
        "[,...]": "further options, after commas",
    },
    words="network card, nic, tap, bridge, add network",
    qmp=["netdev_add"],
    checks=True,
    kinds={"netdev": NETDEV_OPTIONS},
    example="netdev_add user,id=user1,hostfwd=tcp::2222-:22",
)
async def netdev_add(mon: Monitor, args: QDict) -> Empty | Text:
    """Add a network backend; ``help`` among the options makes QEMU list the types."""
    if help_wanted(args, "type"):
        return await forward_line(mon)
    await refuse_fatal(mon, "netdev_add", args)
    try:
        value = await execute_coerced(
            mon, "netdev_add", dict(args), wraps=("array", "object")
        )
        return cast("Empty", value)  # execute_coerced is not typed per command
    except QMPError as error:
        if re.fullmatch(r"Parameter '(?!(?:id|type)').*' is missing", error.desc):
            # QEMU's monitor checks the id first, and reports another error then
            return await forward_line(mon)
        # QEMU's monitor refuses it as a wrong option list, with advice to look at the help
        if error.desc.startswith("Duplicate ID "):
            raise UsageError(mon.line.command, error.desc) from error
        if error.desc.endswith(" is unexpected"):
            name = error.desc.removeprefix("Parameter ").removesuffix(" is unexpected")
            raise QMPError(f"Invalid parameter {name}", error.error_class) from error
        raise


@netdev_add.foresee
async def netdev_add_outcome(mon: Monitor, args: QDict) -> str:
    """Say what may happen if a program is started."""
    return sandbox_risk(mon, args)


netdev_del = command.direct(
    "netdev_del",
    args_type="id:s",
    help="remove a network backend",
    words="remove network",
    effect=DESTRUCTIVE,
    outcome="its network card is disconnected",
    kinds={"id": NETDEV_ID},
    example="netdev_del net1",
)


async def _netdev_names(mon: Monitor) -> list[str]:
    return [name for name, _ in await netdevs(mon.qmp, "")]


refuse_unknown(netdev_del, "id", _netdev_names, "Device '{}' not found")


set_link = command.direct(
    "set_link",
    args_type="name:s,up:b",
    params="name on|off",
    help="set the link of a network backend or card up or down",
    arguments={"name": "the id of a network backend or card", "on|off": "on or off"},
    words="unplug cable, disconnect network, link down",
    kinds={"name": NET_CLIENT},
    example="set_link {name} off",
)


@command(
    "announce_self",
    args_type="interfaces:s?,id:s?",
    kinds={"interfaces": INTERFACES, "id": NAME},
    help="announce the guest's location to the network with RARP packets",
    arguments={"id": "a name by which a later line can change these announcements"},
    words="arp, garp, rarp",
    qmp=["announce-self", "query-migrate-parameters"],
    example="announce_self",
)
async def announce_self(mon: Monitor, args: QDict) -> Empty | None:
    """Announce the guest, as often as the migration parameters say.

    As in QEMU, errors are dropped.
    """
    parameters: Mapping[str, object] = await mon.qmp.execute("query-migrate-parameters")
    timing = {
        key: needed("query-migrate-parameters", parameters, f"announce-{key}")
        for key in ("initial", "max", "rounds", "step")
    }
    interfaces = args["interfaces"].split(",") if args.get("interfaces") else None
    with unheard_errors():
        return await mon.qmp.execute(
            "announce-self", {**timing, "interfaces": interfaces, "id": args.get("id")}
        )


# hostfwd_remove prints a text in any case; hostfwd_add only for an error
_FORWARDING_ERRORS = r"\A(?!host forwarding rule for .* removed\n).|not found\n\Z"

PASSTHROUGHS = (
    command.passthrough(
        "hostfwd_add",
        args_type="arg1:s,arg2:s?",
        params="[netdev_id] [tcp|udp|unix]:[[hostaddr]:hostport|hostpath]"
        "-[guestaddr]:guestport",
        help="forward a port of the host to the guest of a user-mode network",
        arguments={
            "netdev_id": "the backend's id; not needed if only one exists",
            "tcp|udp|unix": "the protocol, or unix for a socket of the host",
            "hostaddr": "the address of the host to listen on; by default all",
            "hostport": "the port of the host",
            "hostpath": "the path of the socket",
            "guestaddr": "the guest's address; by default the first one of its network",
            "guestport": "the guest's port",
        },
        about=(
            "'hostfwd_add tcp::2222-:22' makes port 2222 of the host reach ssh in the "
            "guest."
        ),
        words="port forwarding, forward port, ssh into guest",
        kinds={"arg1": NEW_FORWARD, "arg2": NEW_FORWARD},
        example="hostfwd_add net0 tcp::2222-:22",
        failure=r"\A.",
    ),
    command.passthrough(
        "hostfwd_remove",
        args_type="arg1:s,arg2:s?",
        params="[netdev_id] [tcp|udp]:[hostaddr]:hostport",
        help="stop forwarding a port",
        arguments={
            "netdev_id": "the backend's id; not needed if only one exists",
            "tcp|udp": "the protocol",
            "hostaddr": "the address of the host as it was given",
            "hostport": "the port of the host",
        },
        words="port forwarding",
        kinds={"arg1": FORWARD, "arg2": FORWARD},
        example="hostfwd_remove net0 tcp::2222",
        failure=_FORWARDING_ERRORS,
    ),
)

"""Devices, objects and network clients, their models and properties."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from completions.block import devices_and_nodes
from completions.bus import free_buses, takes_devices
from completions.chardev import chardevs
from completions.qom import members
from completions.sentences import MEMBERS, TYPES, explained
from completions.values import FORWARD, SWITCH
from hmp.authoring import (
    Connection,
    Introspected,
    Kind,
    QMPError,
    Word,
    natural,
    option_part,
    value_of,
)

if TYPE_CHECKING:
    from hmp.qmp.reply_types import ObjectPropertyInfo


def _lists_types(context: str) -> bool:
    """Return whether the completion lists all types, which makes QEMU load all modules.

    In a machine that has run for a long time, an upgrade may have replaced the modules on
    disk; loading those makes some releases of QEMU abort.
    """
    return not context or context.endswith(",bus")


DEVICE_ID = Kind("device id, or QOM path of a device", closed=True)
DEVICE_OPTIONS = Kind(
    "device model and its properties", place=option_part, on_request=_lists_types
)
NETDEV_ID = Kind("network backend id", closed=True)
NETDEV_OPTIONS = Kind(
    "network backend type and its options",
    place=option_part,
    repeated=("dnssearch", "guestfwd", "hostfwd"),
    path=value_of("downscript", "helper", "path", "script", "smb", "sock", "tftp"),
)
NET_CLIENT = Kind("network client: a backend or a card", closed=True)
ROCKER = Kind("rocker switch")
OBJECT_ID = Kind("object id", closed=True)
OBJECT_OPTIONS = Kind(
    "object type and its properties",
    place=option_part,
    on_request=_lists_types,
    path=value_of("dir", "file", "filename", "mem-path", "path"),
)

# a line: name "gpex-root", bus PCI, desc "QEMU generic PCIe host bridge", no-user
MODEL = re.compile(
    r'name "(?P<name>[^"]*)"(?:, bus (?P<bus>[^,]*))?(?:, alias "(?P<alias>[^"]*)")?'
    r'(?:, desc "(?P<desc>.*?)")?(?P<hidden>, no-user)?'
)
_LISTED = re.compile(r"[\w-]+(?:/[\w-]+)+")
"""The words of an enum in a description: ``about it (this/that/auto)``."""
# a card, `e1000.0: index=0,type=nic,…`; below it, ` \ n0: index=0,type=user,…`
_CLIENT = r"^(?: \\ )?(\S+): index=\d+,type=(\w[\w-]*)"


@DEVICE_ID.fetcher
async def devices(qmp: Connection, context: str) -> list[Word]:
    """Return the devices that have an id."""
    # QEMU keeps devices without an id apart, in peripheral-anon
    return await _children(qmp, "/machine/peripheral")


@OBJECT_ID.fetcher
async def objects(qmp: Connection, context: str) -> list[Word]:
    """Return the objects that a user has created."""
    return await _children(qmp, "/objects")


async def _children(qmp: Connection, path: str) -> list[Word]:
    found = await members(qmp, path)
    # the rest are properties of the container itself, such as its type
    return natural((name, t[6:-1]) for name, t in found if t.startswith("child<"))


@NET_CLIENT.fetcher
async def net_clients(qmp: Connection, context: str) -> list[Word]:
    """Return cards and backends. Only QEMU's own monitor lists them all."""
    text = await qmp.execute("human-monitor-command", {"command-line": "info network"})
    return natural(re.findall(_CLIENT, text.replace("\r", ""), re.MULTILINE))


@NETDEV_ID.fetcher
async def netdevs(qmp: Connection, context: str) -> list[Word]:
    """Return the backends."""
    return [client for client in await net_clients(qmp, "") if client[1] != "nic"]


@ROCKER.fetcher
async def rockers(qmp: Connection, context: str) -> list[Word]:
    """Return the names of the plugged-in rocker switches."""
    together = qmp.together()
    found = [
        # the monitor takes a switch by this property, which need not be the device's id
        (together.execute("qom-get", path=f"{path}/{child}", property="name"), child)
        for path in ("/machine/peripheral", "/machine/peripheral-anon")
        for child, kind in await _children(qmp, path)
        if kind == "rocker"
    ]
    return [(await name, child) for name, child in found]


@DEVICE_OPTIONS.fetcher
async def device_options(qmp: Connection, context: str) -> list[Word]:
    """Return the models, the properties of a model, or the values of a property."""
    model, comma, name = context.partition(",")
    if not context:
        return [(name, about) for name, _, about in await models(qmp)]
    listed = await qmp.execute("device-list-properties", typename=model)
    if comma:
        return await _values(qmp, model, name, {item["name"]: item for item in listed})
    found = natural((f"{item['name']}=", _about(item)) for item in listed)
    # every device takes these two, and none lists them as properties
    return [("id=", "name of the new device"), ("bus=", "bus to plug it into"), *found]


async def models(qmp: Connection) -> list[tuple[str, str, str]]:
    """Return the models that users can plug in: name, bus type and description.

    Only QEMU's own monitor reports these. The fallback is QMP's list of device types, in
    which the bus is empty.
    """
    try:
        text = await qmp.execute("human-monitor-command", {"command-line": "info qdm"})
    except QMPError:
        types = await qmp.execute("qom-list-types", implements="device", abstract=False)
        return _cpus_last((item["name"], "", item.get("parent", "")) for item in types)
    found: list[tuple[str, str, str]] = []
    for match in filter(None, map(MODEL.fullmatch, text.splitlines())):
        # "no-user" marks devices that only a machine type creates; device_add refuses them
        if match["hidden"]:
            continue
        bus = match["bus"] or ""
        words = ", ".join(filter(None, (match["desc"], f"on {bus}" if bus else "")))
        names = filter(None, (match["name"], match["alias"]))
        found += [(name, bus, words) for name in names]
    return _cpus_last(found)


def _cpus_last(found: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Sort models; those of CPUs, which are many and seldom wanted, come at the end."""
    return sorted(found, key=lambda model: (model[0].endswith("-cpu"), model))


def _about(item: "ObjectPropertyInfo") -> str:
    default = item.get("default-value")
    shown = "on" if default is True else "off" if default is False else default
    said = item.get("description") or MEMBERS.get(item["name"], "")
    parts = (said, item["type"])
    now = f"default {shown}" if default not in (None, "", []) else ""
    return ", ".join(filter(None, (*parts, now)))


async def _values(
    qmp: Connection, model: str, name: str, properties: "dict[str, ObjectPropertyInfo]"
) -> list[Word]:
    """Return the values that a property of a model accepts, after a note on its type."""
    item = properties.get(name)
    note = [("", _about(item))] if item is not None else []
    # not a property in the list: device_add itself takes it
    if name == "bus":
        return await buses_for(qmp, model)
    if name in _NAMED:
        return [*note, *await _NAMED[name](qmp, "")]
    if item is None:
        return note
    if item["type"].startswith("link<"):
        return [*note, *await _linked(qmp, item["type"][5:-1])]
    return [*note, *_words_of(item)]


async def _linked(qmp: Connection, kind: str) -> list[Word]:
    """Return the objects of a type, or of one that is derived from it."""
    listed = await qmp.execute("qom-list-types", implements=kind, abstract=False)
    types = {kind, *(each["name"] for each in listed)}
    return [word for word in await objects(qmp, "") if word[1] in types]


async def _free_netdevs(qmp: Connection, context: str) -> list[Word]:
    """Return the backends, those in use last, each with the card that uses it."""
    text = await qmp.execute("human-monitor-command", {"command-line": "info network"})
    users, card = {}, ""
    for line in text.replace("\r", "").split("\n"):
        name = line.partition(":")[0]
        if not name.startswith(" "):
            card = name
        # the ports of a hub are indented like the backend of a card
        elif not card.startswith("hub "):
            users[name.strip(" \\")] = card
    return _free_first(await netdevs(qmp, ""), users)


async def free_drives(qmp: Connection, context: str) -> list[Word]:
    """Return the drives and nodes, those in use last, each with the device that uses it."""
    users: dict[str, str] = {}
    for drive in await qmp.execute("query-block"):
        # a virtio disk is a device within its PCI card, and the card has the user's id
        user = drive.get("qdev", "").removesuffix("/virtio-backend").rpartition("/")[2]
        if user:
            users[drive["device"]] = user
            users[drive.get("inserted", {}).get("node-name", "")] = user
    return _free_first(await devices_and_nodes(qmp, ""), users)


def _free_first(words: list[Word], users: dict[str, str]) -> list[Word]:
    used = [(name, f"used by {users[name]}: {t}") for name, t in words if name in users]
    return [*(word for word in words if word[0] not in users), *used]


def _words_of(item: "ObjectPropertyInfo") -> list[Word]:
    """Return the words that a property accepts. An enum lists them in its description."""
    if item["type"] == "bool":
        return list(SWITCH)
    listed = _LISTED.findall(item.get("description", ""))
    if listed and item["type"][:1].isupper():  # only the names of enum types begin so
        return [(word, "") for word in listed[-1].split("/")]
    return list(SWITCH) if item["type"] == "OnOffAuto" else []


async def buses_for(qmp: Connection, model: str) -> list[Word]:
    """Return the buses with room that a model fits; all with room for an unknown model.

    Those that take no device while the machine runs come last.
    """
    found = await free_buses(qmp)
    wanted = next((bus for name, bus, _ in await models(qmp) if name == model), "")
    # a model for a PCI bus also fits a PCIE bus
    fit = [(n, kind) for n, kind in found if kind.startswith(wanted)]
    taking, others = [], []
    for name, kind in fit:
        if await takes_devices(qmp, name):
            taking.append((name, f"{kind} bus"))
        else:
            others.append((name, f"{kind} bus, not while the machine runs"))
    return [*natural(taking), *natural(others)]


_NAMED = {"drive": free_drives, "netdev": _free_netdevs, "chardev": chardevs}


@NETDEV_OPTIONS.fetcher
async def netdev_options(qmp: Connection, context: str) -> list[Word]:
    """Return the backend types, the options of one, or the values of an option."""
    return variant_words(await qmp.schema(), "netdev_add", "type", context)


@OBJECT_OPTIONS.fetcher
async def object_options(qmp: Connection, context: str) -> list[Word]:
    """Return the object types, the properties of one, or the values of a property."""
    if not context:
        types = await qmp.execute(
            "qom-list-types", implements="user-creatable", abstract=False
        )
        return natural(
            (t["name"], TYPES.get(t["name"], t.get("parent", ""))) for t in types
        )
    return variant_words(await qmp.schema(), "object-add", "qom-type", context)


def variant_words(schema: Introspected, command: str, tag: str, context: str) -> list[Word]:
    """Return the tags of a union, the members for a tag, or the values of a member."""
    case, comma, name = context.partition(",")
    if not context:
        return [(value, TYPES.get(value, "")) for value in schema.enum_at(command, tag)]
    found = schema.variant_members(command, case)
    about = {m["name"]: explained(m["name"], schema.type_words(m["type"])) for m in found}
    if not comma:
        return [(f"{member}=", text) for member, text in about.items()]
    for member in found:
        if member["name"] == name:
            note = ("", FORWARD if name == "hostfwd" else about[name])
            return [note, *schema.value_words(member["type"])]
    return []

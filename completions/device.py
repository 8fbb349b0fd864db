"""Devices, their models and properties, and the network clients among them."""

import re

from completions.block import devices_and_nodes
from completions.chardev import chardevs
from completions.qom import members
from completions.values import SWITCH
from hmp.authoring import Connection, Introspected, Kind, Word, option_part

DEVICE_ID = Kind("device id, or QOM path of a device")
DEVICE_OPTIONS = Kind("device model and its properties", place=option_part)
NETDEV_ID = Kind("network backend id")
NETDEV_OPTIONS = Kind("network backend type and its options", place=option_part)
NET_CLIENT = Kind("network client: a backend or a card")
ROCKER = Kind("rocker switch")
OBJECT_ID = Kind("object id")
OBJECT_OPTIONS = Kind("object type and its properties", place=option_part)

_CLIENT = r"^(?: \\ )?(\S+): index=\d+,type=(\w[\w-]*)"


@DEVICE_ID.fetcher
async def devices(qmp: Connection, context: str) -> list[Word]:
    """Return the devices that have an id."""
    return await _children(qmp, "/machine/peripheral")


@OBJECT_ID.fetcher
async def objects(qmp: Connection, context: str) -> list[Word]:
    """Return the objects that were created by their user."""
    return await _children(qmp, "/objects")


async def _children(qmp: Connection, path: str) -> list[Word]:
    found = await members(qmp, path)
    return [(name, t[6:-1]) for name, t in found if t.startswith("child<")]


@NET_CLIENT.fetcher
async def net_clients(qmp: Connection, context: str) -> list[Word]:
    """Return cards and backends; QEMU's own monitor alone knows them all."""
    text = await qmp.execute("human-monitor-command", {"command-line": "info network"})
    return re.findall(_CLIENT, text.replace("\r", ""), re.MULTILINE)


@NETDEV_ID.fetcher
async def netdevs(qmp: Connection, context: str) -> list[Word]:
    """Return the backends."""
    return [client for client in await net_clients(qmp, "") if client[1] != "nic"]


@ROCKER.fetcher
async def rockers(qmp: Connection, context: str) -> list[Word]:
    """Return the rocker switches that were plugged in; each has a name of its own."""
    found = []
    for path in ("/machine/peripheral", "/machine/peripheral-anon"):
        for child, kind in await _children(qmp, path):
            if kind == "rocker":
                place = f"{path}/{child}"
                name = await qmp.execute("qom-get", path=place, property="name")
                found.append((name, child))
    return found


@DEVICE_OPTIONS.fetcher
async def device_options(qmp: Connection, context: str) -> list[Word]:
    """Return the models; behind one its properties; behind a property its values."""
    model, comma, name = context.partition(",")
    if not context:
        types = await qmp.execute("qom-list-types", implements="device", abstract=False)
        return sorted((item["name"], item.get("parent", "")) for item in types)
    listed = await qmp.execute("device-list-properties", typename=model)
    if comma:
        kinds = {item["name"]: item["type"] for item in listed}
        return await _values(qmp, name, kinds.get(name, ""))
    found = sorted((f"{item['name']}=", _about(item)) for item in listed)
    return [("id=", "name of the new device"), ("bus=", "bus to plug it into"), *found]


def _about(item: dict[str, str]) -> str:
    described = item.get("description", "")
    return f"{item['type']}{', ' if described else ''}{described}"


async def _values(qmp: Connection, name: str, kind: str) -> list[Word]:
    """Return what a property of a device can be set to."""
    if name == "drive":
        return await devices_and_nodes(qmp, "")
    if name == "netdev":
        return await netdevs(qmp, "")
    if name == "chardev":
        return await chardevs(qmp, "")
    if name == "bus":
        return await _buses(qmp)
    if kind.startswith("link<"):
        return await objects(qmp, "")
    return list(SWITCH) if kind in ("bool", "OnOffAuto") else []


async def _buses(qmp: Connection) -> list[Word]:
    """Return the buses of devices with an id, and the machine's first PCI bus."""
    types = await qmp.execute("qom-list-types", implements="bus")
    names = {item["name"] for item in types}
    found = []
    for path in ("/machine/peripheral", "/machine/unattached"):
        for child, _ in await _children(qmp, path):
            for name, kind in await _children(qmp, f"{path}/{child}"):
                if kind in names:
                    found.append((name, f"{kind} of {child}"))
    return sorted(set(found))


@NETDEV_OPTIONS.fetcher
async def netdev_options(qmp: Connection, context: str) -> list[Word]:
    """Return the types of backends, their options and values, by the schema."""
    return _variant_words(await qmp.schema(), "netdev_add", "type", context)


@OBJECT_OPTIONS.fetcher
async def object_options(qmp: Connection, context: str) -> list[Word]:
    """Return the types of objects, their properties and values, by the schema."""
    if not context:
        types = await qmp.execute(
            "qom-list-types", implements="user-creatable", abstract=False
        )
        return sorted((item["name"], item.get("parent", "")) for item in types)
    return _variant_words(await qmp.schema(), "object-add", "qom-type", context)


def _variant_words(
    schema: Introspected, command: str, tag: str, context: str
) -> list[Word]:
    """Return the words of a union: its tags, a tag's members, a member's values."""
    case, comma, name = context.partition(",")
    if not context:
        return [(value, "") for value in schema.enum_at(command, tag)]
    found = schema.variant_members(command, case)
    if not comma:
        return [(f"{m['name']}=", schema.type_text(m["type"])) for m in found]
    for member in found:
        if member["name"] == name:
            return schema.value_words(member["type"])
    return []

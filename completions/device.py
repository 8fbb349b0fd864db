"""Devices, their models and properties, and the network clients among them."""

import re
from typing import TYPE_CHECKING

from completions.block import devices_and_nodes
from completions.chardev import chardevs
from completions.qom import members
from completions.values import FORWARD, SWITCH
from hmp.authoring import Connection, Introspected, Kind, QMPError, Word, option_part

if TYPE_CHECKING:
    from hmp.qmp.reply_types import ObjectPropertyInfo


def _lists_types(context: str) -> bool:
    """Whether QEMU has to list the types that there are, and loads all its modules for it.

    Into a machine that may have been running for long: the modules of an upgrade on the
    disk make some QEMUs abort.
    """
    return not context or context.endswith(",bus")


DEVICE_ID = Kind("device id, or QOM path of a device", closed=True)
DEVICE_OPTIONS = Kind(
    "device model and its properties", place=option_part, on_request=_lists_types
)
NETDEV_ID = Kind("network backend id", closed=True)
NETDEV_OPTIONS = Kind("network backend type and its options", place=option_part)
NET_CLIENT = Kind("network client: a backend or a card", closed=True)
ROCKER = Kind("rocker switch")
OBJECT_ID = Kind("object id", closed=True)
OBJECT_OPTIONS = Kind(
    "object type and its properties", place=option_part, on_request=_lists_types
)

_MODEL = re.compile(
    r'^name "([^"]+)"(?:, bus ([^,\s]+))?(?:, alias "([^"]+)")?(?:, desc "([^"]*)")?(.*)$',
    re.MULTILINE,
)
_LISTED = re.compile(r"[\w-]+(?:/[\w-]+)+")
"""The words of an enum in a description: ``what it is (this/that/auto)``."""
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
        return [(name, about) for name, _, about in await models(qmp)]
    listed = await qmp.execute("device-list-properties", typename=model)
    if comma:
        return await _values(qmp, model, name, {item["name"]: item for item in listed})
    found = sorted((f"{item['name']}=", _about(item)) for item in listed)
    return [("id=", "name of the new device"), ("bus=", "bus to plug it into"), *found]


async def models(qmp: Connection) -> list[tuple[str, str, str]]:
    """Return the models that users can plug in: name, type of bus, and what it is.

    QEMU's own monitor alone tells that of them; QMP has the names of all types.
    """
    try:
        text = await qmp.execute("human-monitor-command", {"command-line": "info qdm"})
    except QMPError:
        types = await qmp.execute("qom-list-types", implements="device", abstract=False)
        return sorted((item["name"], "", item.get("parent", "")) for item in types)
    found = []
    for name, bus, alias, about, rest in re.findall(_MODEL, text):
        if "no-user" not in rest:
            words = ", ".join(filter(None, (about, f"on {bus}" if bus else "")))
            found.append((name, bus, words))
            if alias:
                found.append((alias, bus, words))
    return sorted(found)


def _about(item: "ObjectPropertyInfo") -> str:
    default = item.get("default-value")
    shown = "on" if default is True else "off" if default is False else default
    parts = (item["type"], item.get("description", ""))
    now = f"default {shown}" if default not in (None, "", []) else ""
    return ", ".join(filter(None, (*parts, now)))


async def _values(
    qmp: Connection, model: str, name: str, properties: "dict[str, ObjectPropertyInfo]"
) -> list[Word]:
    """Return what a property of a model can be set to, and what it is."""
    item = properties.get(name)
    note = [("", _about(item))] if item is not None else []
    if name == "bus":
        return await _buses(qmp, model)
    if name in _NAMED:
        return [*note, *await _NAMED[name](qmp, "")]
    if item is None:
        return note
    if item["type"].startswith("link<"):
        return [*note, *await objects(qmp, "")]
    return [*note, *_words_of(item)]


def _words_of(item: "ObjectPropertyInfo") -> list[Word]:
    """Return the words that a property takes; its description lists those of an enum."""
    if item["type"] == "bool":
        return list(SWITCH)
    listed = _LISTED.findall(item.get("description", ""))
    if listed and item["type"][:1].isupper():  # as the names of enums are, and no others
        return [(word, "") for word in listed[-1].split("/")]
    return list(SWITCH) if item["type"] == "OnOffAuto" else []


async def _buses(qmp: Connection, model: str) -> list[Word]:
    """Return the buses that a model fits on; all of them when none is known to."""
    text = await qmp.execute("human-monitor-command", {"command-line": "info qtree -b"})
    found = re.findall(r"bus: (\S+)\s+type (\S+)", text)
    if not found:  # an older QEMU, without -b
        text = await qmp.execute("human-monitor-command", {"command-line": "info qtree"})
        found = re.findall(r"bus: (\S+)\s+type (\S+)", text)
    wanted = next((bus for name, bus, _ in await models(qmp) if name == model), "")
    # a PCIE bus takes what wants a PCI bus
    fit = [(n, kind) for n, kind in found if wanted and kind.startswith(wanted)]
    return [(name, f"{kind} bus") for name, kind in fit or found]


_NAMED = {"drive": devices_and_nodes, "netdev": netdevs, "chardev": chardevs}


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
            text = FORWARD if name == "hostfwd" else schema.type_text(member["type"])
            note = ("", text)
            return [note, *schema.value_words(member["type"])]
    return []

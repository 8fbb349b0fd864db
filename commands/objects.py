"""QOM: user-created objects, and the properties of any object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from commands._errors import BAD_ID, ID_HINT
from commands._options import options_view
from completions.device import OBJECT_ID, OBJECT_OPTIONS
from completions.qom import QOM_PATH, QOM_PROPERTY, QOM_VALUE
from hmp.authoring import (
    DESTRUCTIVE,
    READ,
    AmbiguousIndexError,
    CoercionError,
    CommandFailedError,
    Monitor,
    OptionsError,
    QDict,
    QMPError,
    Text,
    check_member,
    command,
    execute_coerced,
    forward_line,
    may_forward,
    parse_keyval,
    plain_integer,
    plain_size,
    pretty,
    read_json,
    read_switch,
    refusal,
    refuse_fatal,
    views,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration, Empty
    from hmp.qmp.reply_types import ObjectPropertyInfo

CATEGORY = "Objects"

_PATH = {"path": QOM_PATH}


@command(
    "object_add",
    args_type="object:S",
    params="[qom-type=]type,id=str[,prop=value][,...]",
    help="create an object",
    arguments={
        "type": "the object's type",
        "id=str": "its name",
        "prop=value": "a property of the type",
        "[,...]": "further properties, after commas",
    },
    words="iothread, memory backend, secret, create object",
    qmp=["object-add", "qom-list", "query-chardev"],
    kinds={"object": OBJECT_OPTIONS},
    example="object_add iothread,id=io1",
    checks=True,
)
async def object_add(mon: Monitor, args: QDict) -> Empty | Text:
    """Create an object, from key=value options or from JSON."""
    text = args["object"]
    if text.startswith("{"):
        return await _object_add_json(mon, text)
    try:
        members, help_wanted = parse_keyval(text, "qom-type")
    except AmbiguousIndexError:
        return await forward_line(mon)
    except OptionsError as error:
        raise CommandFailedError(f"Error: {error}\n") from error
    if help_wanted or members.get("qom-type") in ("help", "?"):
        # a plain Text, so that the view is drawn; a Forwarded is shown as printed
        return Text(await forward_line(mon))
    await refuse_fatal(mon, "object-add", members)
    try:
        value = await execute_coerced(mon, "object-add", members, sizes=_SIZES)
        return cast("Empty", value)  # execute_coerced is not typed per command
    except QMPError as error:
        if error.desc == BAD_ID:
            raise CommandFailedError(f"Error: {BAD_ID}\n{ID_HINT}", BAD_ID) from error
        # QMP writes the place of an item as a[0], the keyval parser of QEMU's monitor as
        # a.0
        desc = re.sub(r"\[(\d+)\](?=[^']*' is )", r".\1", error.desc)
        raise QMPError(desc, error.error_class) from error


_SIZES = ("size", "align", "offset", "hugetlbsize")


object_add.view(options_view)


async def _object_add_json(mon: Monitor, text: str) -> Empty | Text:
    try:
        members = read_json(text)
    except ValueError:
        # QEMU's JSON also has strings in single quotes, and QEMU words its errors
        return await forward_line(mon)
    for name, value in members.items():
        if isinstance(value, int):
            check_member(name, value)  # QEMU's own monitor dies of some
    await refuse_fatal(mon, "object-add", members)
    return await mon.qmp.execute("object-add", members)


object_del = command.direct(
    "object_del",
    "object-del",
    args_type="id:s",
    help="delete an object",
    effect=DESTRUCTIVE,
    outcome="this deletes the object",
    kinds={"id": OBJECT_ID},
    example="object_del io1",
)


@object_del.foresee
async def object_del_outcome(mon: Monitor, args: QDict) -> str:
    """Warn of clients that are disconnected. QEMU refuses most objects that are in use.

    All others can be made again, or live on until their user ends. Refuse an unknown one.
    """
    name = args["id"]
    for each in await mon.qmp.execute("qom-list", path="/objects"):
        if each["name"] == name:
            closes = each["type"].startswith("child<monitor-")
            return "this closes the monitor and disconnects its client" if closes else ""
    raise refusal(f"object '{name}' not found")


@command(
    "qom-list",
    args_type="path:s?",
    params="path",
    help="show the properties of the object at a path",
    effect=READ,
    qmp=["qom-list"],
    kinds=_PATH,
    example="qom-list /machine",
)
async def qom_list(mon: Monitor, args: QDict) -> list[ObjectPropertyInfo] | None:
    """Return the properties; None without a path."""
    if "path" not in args:
        return None
    return await mon.qmp.execute("qom-list", path=args["path"])


@qom_list.text
def qom_list_text(properties: list[ObjectPropertyInfo] | None) -> Iterator[str]:
    """Yield the name and type of each property; without a list, the root's path."""
    if properties is None:
        yield "/"
        return
    for item in properties:
        yield f"{item['name']} ({item['type']})"


@qom_list.view
def qom_list_view(properties: list[ObjectPropertyInfo] | None) -> RenderableType | None:
    """Show a table: child objects, then links, then other properties, each by name."""
    if properties is None:
        return None
    rows = sorted(map(_property_row, properties), key=lambda row: (row[2], row[0]))
    return views.table(
        "property",
        "type",
        rows=(
            (views.text(name, "hmp.name" if rank == 0 else ""), kind)
            for name, kind, rank in rows
        ),
    )


def _property_row(item: ObjectPropertyInfo) -> tuple[str, str, int]:
    """Return the name, the type and the rank: 0 for children, 1 for links, else 2."""
    kind = str(item["type"])
    for rank, start in enumerate(("child<", "link<")):
        if kind.startswith(start):
            return item["name"], f"{start[:-1]} {kind[len(start) : -1]}", rank
    return item["name"], kind, 2


qom_get: Declaration[object] = command.direct(
    "qom-get",
    args_type="path:s,property:s",
    help="show the value of an object's property",
    words="read property",
    effect=READ,
    kinds={**_PATH, "property": QOM_PROPERTY},
    example="qom-get /machine type",
)


@qom_get.text
def qom_get_text(value: object) -> Iterator[str]:
    """Yield the value as JSON, indented as in QEMU."""
    yield pretty(value)  # whole: there may be millions of lines


@command(
    "qom-set",
    args_type="json:-j,path:s,property:s,value:S",
    help="set an object's property (-j: the value is JSON)",
    arguments={"value": "the new value"},
    words="write property",
    qmp=["qom-set", "qom-list"],
    kinds={**_PATH, "property": QOM_PROPERTY, "value": QOM_VALUE},
)
async def qom_set(mon: Monitor, args: QDict) -> Empty | Text:
    """Set a property; without -j, the text is converted to the property's type."""
    path, name, text = args["path"], args["property"], args["value"]
    try:
        value = read_json(text) if args.get("json") else await _typed(mon, args)
    except ValueError:
        # JSON that only QEMU reads, or a type whose texts only QEMU understands
        if args.get("json") or await may_forward(mon):
            return await forward_line(mon) or {}
        value = text  # for the machine to refuse
    if value is None:
        return await forward_line(mon)  # for `execute`, None is an absent member
    return await mon.qmp.execute("qom-set", path=path, property=name, value=value)


# how QOM's names of types begin
_INTEGERS = ("int", "uint", "size")
_TEXTS = ("string", "str", "link<")


async def _typed(mon: Monitor, args: QDict) -> str | int | bool:
    """Convert the value to the type that qom-list reports.

    Raises ValueError for a text that is not of the type, QMPError.
    """
    kind, path = "", args["path"]
    try:
        properties = await mon.qmp.execute("qom-list", path=path)
    except QMPError as error:
        if error.desc != f"Path '{path}' is ambiguous":
            raise
        raise QMPError(f"Device '{path}' not found", "DeviceNotFound") from error
    for item in properties:
        if item["name"] == args["property"]:
            kind = item["type"]
    text: str = args["value"]
    if kind == "bool":
        return read_switch(text)
    if not kind or kind.startswith(_TEXTS):
        return text  # QEMU refuses an unknown property
    value = None
    if kind.startswith(_INTEGERS):
        value = plain_size(text) if kind == "size" else plain_integer(text)
    if value is None:
        raise CoercionError(kind)
    return value

"""QOM paths, and the properties of the object at a path."""

from hmp.authoring import Connection, Kind, QDict, Word, secret_property


def _path_part(typed: str, args: QDict) -> tuple[int, str]:
    """Complete the last part of a path; the context is the path before it, if any."""
    begin = typed.rfind("/") + 1
    return begin, typed[:begin].rstrip("/") or typed[:begin]


def _object(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a property of the object that the argument before it names."""
    return 0, str(args.get("path", "/"))


QOM_PATH = Kind("QOM path", place=_path_part)
QOM_PROPERTY = Kind("property of that object", place=_object, closed=True)


def _property(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a value of the property that the arguments before it name."""
    return 0, f"{args.get('path', '/')},{args.get('property', '')}"


QOM_VALUE = Kind("value of that property", place=_property)


async def members(qmp: Connection, path: str) -> list[tuple[str, str]]:
    """Return name and type of an object's properties."""
    listed = await qmp.execute("qom-list", path=path)
    return [(item["name"], item["type"]) for item in listed]


@QOM_PATH.fetcher
async def children(qmp: Connection, context: str) -> list[Word]:
    """Return the objects below a path, those that it links to among them."""
    found = await members(qmp, context or "/")
    below = [(n, t) for n, t in found if t.startswith(("child<", "link<"))]
    first = "" if context else "/"
    return [(first + name, kind) for name, kind in sorted(below)]


@QOM_PROPERTY.fetcher
async def properties(qmp: Connection, context: str) -> list[Word]:
    """Return the properties of an object that are no objects themselves."""
    found = await members(qmp, context)
    return sorted((n, t) for n, t in found if not t.startswith("child<"))


@QOM_VALUE.fetcher
async def values(qmp: Connection, context: str) -> list[Word]:
    """Return the type of a property and what it is now; a switch has two words."""
    path, _, name = context.rpartition(",")
    kind = dict(await members(qmp, path)).get(name, "")
    if secret_property(name):
        return [("", kind)]
    now = await qmp.execute("qom-get", path=path, property=name)
    words = [("on", ""), ("off", "")] if kind == "bool" else []
    return [("", f"{kind}, now {now}"), *words]

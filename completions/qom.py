"""QOM paths, the properties of an object, and their values."""

from hmp.authoring import Connection, Kind, QDict, Word, natural, secret_property


def _path_part(typed: str, args: QDict) -> tuple[int, str]:
    """Complete the last part of a path; the context is the path before that."""
    begin = typed.rfind("/") + 1
    # only the root's path ends with a slash
    return begin, typed[:begin].rstrip("/") or typed[:begin]


def _object(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a property of the object named by the argument before it."""
    return 0, str(args.get("path", "/"))


QOM_PATH = Kind("QOM path", place=_path_part)
QOM_PROPERTY = Kind("property of the object", place=_object, closed=True)


def _property(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a value of the property named by the arguments before it."""
    return 0, f"{args.get('path', '/')},{args.get('property', '')}"


QOM_VALUE = Kind("value of the property", place=_property)


async def members(qmp: Connection, path: str) -> list[tuple[str, str]]:
    """Return the name and type of each property of an object."""
    listed = await qmp.execute("qom-list", path=path)
    return [(item["name"], item["type"]) for item in listed]


@QOM_PATH.fetcher
async def children(qmp: Connection, context: str) -> list[Word]:
    """Return the children and links of the object at a path."""
    found = await members(qmp, context or "/")
    below = [(n, t) for n, t in found if t.startswith(("child<", "link<"))]
    first = "" if context else "/"
    return [(first + name, kind) for name, kind in natural(below)]


@QOM_PROPERTY.fetcher
async def properties(qmp: Connection, context: str) -> list[Word]:
    """Return the properties of an object, without its child objects."""
    found = await members(qmp, context)
    return natural((n, t) for n, t in found if not t.startswith("child<"))


@QOM_VALUE.fetcher
async def values(qmp: Connection, context: str) -> list[Word]:
    """Return a property's type and current value, and the words of a switch.

    The value of a secret property is never fetched.
    """
    path, _, name = context.rpartition(",")
    kind = dict(await members(qmp, path)).get(name, "")
    # the menu, and a recording of the session, would show it
    if secret_property(name):
        return [("", kind)]
    now = await qmp.execute("qom-get", path=path, property=name)
    words = [("on", ""), ("off", "")] if kind == "bool" else []
    return [("", f"{kind}, now {now}"), *words]

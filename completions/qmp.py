"""Raw QMP: commands, their arguments and values, by the machine's schema."""

from hmp.authoring import Connection, Kind, QDict, Word


def _place(typed: str, args: QDict) -> tuple[int, str]:
    """Complete a value behind ``=``; the context is the request so far."""
    before = str(args.get("request", ""))
    name = before.split(" ", 1)[0] if before else ""
    key, equals, _ = typed.partition("=")
    return (len(key) + 1, f"{name},{key}") if equals and name else (0, name)


RAW_QMP = Kind("QMP command and its arguments, or JSON", place=_place)


@RAW_QMP.fetcher
async def raw_qmp(qmp: Connection, context: str) -> list[Word]:
    """Return the commands; behind one its members; behind a member its values."""
    schema = await qmp.schema()
    name, comma, key = context.partition(",")
    if not name:
        return [(command, "QMP command") for command in schema.commands()]
    if not comma:
        members = schema.members(name)
        return [(f"{m['name']}=", schema.type_text(m["type"])) for m in members]
    for member in schema.members(name):
        if member["name"] == key:
            return schema.value_words(member["type"])
    return []

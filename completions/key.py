"""Keys of a keyboard, joined by ``-`` where several are held."""

from hmp.authoring import Connection, Kind, QDict, Word, last_part

KEYS = Kind("key names joined by '-', or hexadecimal scan codes", place=last_part("-"))


def _in_brackets(typed: str, args: QDict) -> tuple[int, str]:
    """Complete the name of a key behind ``<``, or behind a ``-`` there."""
    begin = max(typed.rfind("<"), typed.rfind("-")) + 1
    opened = typed.rfind("<") > typed.rfind(">")
    return (begin, "<") if opened else (len(typed), "")


TYPED_KEYS = Kind("text, with keys in it as <enter>", place=_in_brackets)


@KEYS.fetcher
async def keys(qmp: Connection, context: str) -> list[Word]:
    """Return the key names that the machine's schema has for ``send-key``."""
    schema = await qmp.schema()
    return [(name, "key") for name in schema.enum_at("send-key", "keys", "[]", "data")]


@TYPED_KEYS.fetcher
async def typed_keys(qmp: Connection, context: str) -> list[Word]:
    """Return the key names with the bracket that ends them."""
    if not context:
        return []
    names = [("enter", "key"), *await keys(qmp, "")]
    return [(f"{name}>", about) for name, about in names]

"""Keys of a keyboard, joined by ``-`` where several are held."""

from hmp.authoring import Connection, Kind, Word, last_part

KEYS = Kind("key names joined by '-', or hexadecimal scan codes", place=last_part("-"))


@KEYS.fetcher
async def keys(qmp: Connection, context: str) -> list[Word]:
    """Return the key names that the machine's schema has for ``send-key``."""
    schema = await qmp.schema()
    return [(name, "key") for name in schema.enum_at("send-key", "keys", "[]", "data")]

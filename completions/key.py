"""Keyboard keys; ``-`` joins keys that are held together."""

from hmp.authoring import Connection, Kind, QDict, Word, last_part

KEYS = Kind("key names separated by '-', or hexadecimal scan codes", place=last_part("-"))


def _in_brackets(typed: str, args: QDict) -> tuple[int, str]:
    """Complete the name of a key after ``<``, or after ``-`` within the brackets."""
    begin = max(typed.rfind("<"), typed.rfind("-")) + 1
    opened = typed.rfind("<") > typed.rfind(">")
    return (begin, "<") if opened else (len(typed), "")


TYPED_KEYS = Kind("text, with keys such as <enter>", place=_in_brackets)


@KEYS.fetcher
async def keys(qmp: Connection, context: str) -> list[Word]:
    """Return the key names in the machine's schema of ``send-key``."""
    schema = await qmp.schema()
    return [(name, "key") for name in schema.enum_at("send-key", "keys", "[]", "data")]


@TYPED_KEYS.fetcher
async def typed_keys(qmp: Connection, context: str) -> list[Word]:
    """Return the key names, each with its closing bracket."""
    if not context:
        return []
    # QEMU's name is "ret", which few would look for
    names = [("enter", "key"), *await keys(qmp, "")]
    return [(f"{name}>", about) for name, about in names]

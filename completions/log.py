"""What QEMU's log can have in it."""

import re

from hmp.authoring import Connection, Kind, Word, last_part

LOG_ITEMS = Kind("log items joined by ',', or none", place=last_part(","))


@LOG_ITEMS.fetcher
async def log_items(qmp: Connection, context: str) -> list[Word]:
    """Return the items with what they are, as the machine's own monitor lists them."""
    text = await qmp.execute("human-monitor-command", {"command-line": "help log"})
    return re.findall(r"^(\w\S*) {2,}(.+?)\r?$", text, re.MULTILINE)

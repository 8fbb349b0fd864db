"""The items that QEMU can log."""

import re

from hmp.authoring import Connection, Kind, Word, last_part

LOG_ITEMS = Kind("log items, separated by commas, or none", place=last_part(","))


@LOG_ITEMS.fetcher
async def log_items(qmp: Connection, context: str) -> list[Word]:
    """Return the items and their descriptions, from the help of QEMU's own monitor."""
    # the items differ by release and by how QEMU was built, and QMP does not list them
    text = await qmp.execute("human-monitor-command", {"command-line": "help log"})
    return re.findall(r"^(\w\S*) {2,}(.+?)\r?$", text, re.MULTILINE)

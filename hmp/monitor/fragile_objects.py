"""Objects that end QEMU, or hang it, when it cannot make them.

QEMU frees such an object as if it had been set up: 7.2 and 10.0 abort, 11.1 hangs. What
can be seen to be wrong is reported here. That a chardev is in use cannot be seen if its
user has not opened it, nor through a human monitor.
"""

from __future__ import annotations

import re
from typing import Any, cast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hmp.monitor.monitor import Monitor

    Members = Mapping[str, Any]

_CHARDEVS = ("primary_in", "secondary_in", "outdev")
_NUMBERS = ("compare_timeout", "expired_scan_cycle", "max_queue_size")


async def wrong_compare(mon: Monitor, members: Members) -> str:
    """Return why a colo-compare cannot be made, or ""; QEMU answers if one is missing."""
    if not {"id", "iothread", *_CHARDEVS} <= members.keys():
        return ""
    for key in _NUMBERS:
        if re.fullmatch(r"[+-]?0+(x0+)?", str(members.get(key))):
            return f"'{key}' must be positive"
    names = [str(members[key]) for key in _CHARDEVS]
    if len(set(names)) < len(names):
        return "its chardevs must differ"
    if "notify_dev" in members:
        names.append(str(members["notify_dev"]))
    sockets = await _children(mon, "/chardevs", "chardev-socket")
    chardevs = await mon.qmp.execute("query-chardev")
    taken = {item["label"] for item in chardevs if item.get("frontend-open")}
    for name in names:
        if name not in sockets or name in taken:
            return f"'{name}' is not a free socket chardev"
    thread = str(members["iothread"])
    # a path is left to QEMU
    if "/" not in thread and thread not in await _children(mon, "/objects", "iothread"):
        return f"no iothread is called '{thread}'"
    if members["id"] in await _children(mon, "/objects"):
        return f"an object is already called '{members['id']}'"
    return ""


async def _children(mon: Monitor, path: str, kind: str = "") -> list[str]:
    """Return the names of what a path holds, of one type or of all."""
    found = await mon.qmp.execute("qom-list", {"path": path})
    items = cast("list[dict[str, str]]", found)
    return [item["name"] for item in items if kind in ("", item["type"][6:-1])]

"""Null devices with wrong numbers in file names, which end QEMU, all releases.

A file name may be ``json:`` and the options of a device, also within that of a filter,
as in ``blkdebug::json:{…}``. QEMU looks at the numbers of null devices only when it uses
them, and then expects no error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import cast

from hmp.monitor import releases
from hmp.monitor.coerce import read_switch
from hmp.monitor.integers import CoercionError, read_integer, read_whole_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NULL = ("null-aio", "null-co")
_JSON = re.compile(r"json:\s*(?=\{)")


def wrong_null_option(members: object, version: tuple[int, int, int]) -> str:
    """Return what is wrong with an option of a null device that would end QEMU, or "".

    members: of a QMP command, or the options of a drive. Those in a file name belong to
    the same node as the member with the file name.
    """
    readers: dict[str, Callable[[str], object]] = {
        "latency-ns": read_integer,
        "read-zeroes": read_switch,
        "size": partial(read_whole_size, old=version < releases.STRICT_SIZES),
    }
    leaves = list(_leaves(members))
    nulls = {
        path.rpartition(".")[0]
        for path, text in leaves
        if path.rpartition(".")[2] in ("driver", "format") and text in _NULL
    }
    # only of nodes that are null devices: other drivers check their own numbers
    for path, text in leaves:
        node, _, key = path.rpartition(".")
        if node in nulls and key in readers:
            try:
                readers[key](text)
            except CoercionError as error:
                return f"Parameter '{key}' expects {error}, and '{text}' would end QEMU"
    return ""


def _leaves(members: object) -> Iterator[tuple[str, str]]:
    """Yield the dotted path and the text of each value, those in file names included."""
    left = [("", members)]
    while left:
        path, value = left.pop()
        if isinstance(value, Mapping):
            inner = cast("Mapping[str, object]", value)
            left += ((f"{path}.{key}", item) for key, item in inner.items())
        elif isinstance(value, list):
            items = cast("list[object]", value)
            left += ((f"{path}.{index}", item) for index, item in enumerate(items))
        elif isinstance(value, str):
            yield path, value
            left.append((path.rpartition(".")[0], _described(value)))
        elif isinstance(value, bool):
            yield path, "on" if value else "off"
        elif value is not None:
            # as QEMU writes numbers in JSON before it reads them as options
            yield path, format(value, ".17g") if isinstance(value, float) else str(value)


def _described(name: str) -> object:
    """Return the options that a file name consists of, or None."""
    match = _JSON.search(name)
    if match is None:
        return None
    # late: a file name is hardly ever one of these
    from hmp.qmp.qjson.reader import read_text

    return read_text(name[match.end() :])

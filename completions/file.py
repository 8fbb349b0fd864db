"""Files of this host, which usually is QEMU's host as well."""

import os
from collections.abc import Iterator

from hmp.authoring import Connection, Kind, QDict, Word, natural

_MOST = 5000


def _path_part(typed: str, args: QDict) -> tuple[int, str]:
    """Complete the last part of a path; the context is the folder before that."""
    begin = typed.rfind("/") + 1
    return begin, typed[:begin]


FILE = Kind("file name", place=_path_part, local=True)


@FILE.fetcher
async def files(qmp: Connection, context: str) -> list[Word]:
    """Return the entries of a folder; subfolders end with a slash.

    Without a folder, names that begin with ~ are left out: they would mean a home folder.
    """
    try:
        found = natural(_entries(os.path.expanduser(context) or "."))
        return [w for w in found if context or not w[0].startswith("~")]
    except OSError:
        return []


def _entries(folder: str) -> Iterator[Word]:
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= _MOST:
                return
            if entry.is_dir():
                yield f"{entry.name}/", "folder"
            else:
                yield entry.name, ""

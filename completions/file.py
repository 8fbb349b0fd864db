"""Files: those that QEMU opens, and those that hmp opens."""

import os
from collections.abc import Iterator

from hmp.authoring import Connection, Kind, QDict, Word, natural, working_folder

# files of a folder: reading it must not take long
_MOST = 5000


def _path_part(typed: str, args: QDict) -> tuple[int, str]:
    """Complete the last part of a path; the context is the folder before that."""
    begin = typed.rfind("/") + 1
    return begin, typed[:begin]


FILE = Kind("file name", place=_path_part, local=True)
OUR_FILE = Kind("file name", place=_path_part, local=True)


@FILE.fetcher
async def files(qmp: Connection, context: str) -> list[Word]:
    """Return the entries of a folder of QEMU's; subfolders end with a slash.

    A relative folder is one in QEMU's own. QEMU does not know ``~``.
    """
    base = working_folder(qmp)
    return _listed(os.path.join(base, context)) if base is not None else []


@OUR_FILE.fetcher
async def our_files(qmp: Connection, context: str) -> list[Word]:
    """Return the entries of a folder; subfolders end with a slash.

    Without a folder, names that begin with ~ are left out: they would mean a home folder.
    """
    found = _listed(os.path.expanduser(context) or ".")
    return [word for word in found if context or not word[0].startswith("~")]


def _listed(folder: str) -> list[Word]:
    try:
        return natural(_entries(folder))
    except OSError:
        return []


def _entries(folder: str) -> Iterator[Word]:
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            # the menu shows far fewer, and a folder of the network may have a million
            if number >= _MOST:
                return
            if entry.is_dir():
                yield f"{entry.name}/", "folder"
            else:
                yield entry.name, ""

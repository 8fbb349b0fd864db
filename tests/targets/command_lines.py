"""Command lines that managers start QEMU with, as people have published them, shortened.

They stand in `command_lines.txt`. Words are divided by spaces; ``␣`` stands for a space in
a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hmp.targets.processes import Host, Process, split_program

_FILE = Path(__file__).with_suffix(".txt")
LINES = dict(re.findall(r"== (\w+)\n(.*?)(?=\n== |\Z)", _FILE.read_text(), re.DOTALL))
"""The command lines, and a configuration file, by name."""
_LXD, _INCUS = "/var/snap/lxd/common/lxd/logs/juju-lxd", "/run/incus/web1"
LINES["INCUS"] = LINES["LXD"].replace(_LXD, _INCUS).replace("juju-lxd", "web1")
LINES["COLIMA"] = (
    LINES["LIMA"]
    .replace(".lima/default", ".colima/_lima/colima")
    .replace("lima-default", "lima-colima")
)
LINES["DOCKER_MACHINE"] = LINES["MINIKUBE"].replace(
    ".minikube/machines/minikube", ".docker/machine/machines/dev"
)
_CONFIG = LINES.pop("LXD_CONFIG") + "\n"
FILES = {
    f"{_LXD}/qemu.conf": _CONFIG,
    f"{_INCUS}/qemu.conf": _CONFIG.replace(_LXD, _INCUS),
}
"""The files that they name with -readconfig."""


def words(line: str) -> list[str]:
    """Return the words of a command line above."""
    return [word.replace("␣", " ") for word in line.split()]


class Captured(Process):
    """A process with files."""

    files: dict[str, str] = FILES

    def read_file(self, path: str) -> str | None:
        """Return the text of one of its files."""
        return self.files.get(path)


def process(
    arguments: str | Sequence[str],
    files: dict[str, str] | None = None,
    folder: str = "/home/u",
    pid: int = 7,
) -> Process:
    """Return the process with a command line."""
    found = split_program(words(arguments) if isinstance(arguments, str) else arguments)
    assert found is not None
    made = Captured(pid, found[0], found[2])
    made.files = FILES if files is None else files
    made.folder = folder
    return made


def host(*processes: Process) -> Host:
    """Return a host on which these processes run."""
    return Host(list(processes))

"""The ssh that libvirt runs for a URI such as ``qemu+ssh://HOST/system``."""

from __future__ import annotations

import os
import shlex
import tempfile
from contextlib import contextmanager
from urllib.parse import quote

from hmp.targets.ssh_master import ssh_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def our_ssh(uri: str) -> Generator[str]:
    """Return the URI to open within the block: its ssh is ours, $HMP_SSH.

    The same if that is not set, or the URI names a command itself. Raises ConnectError.
    """
    query = uri.partition("?")[2]
    if not os.environ.get("HMP_SSH") or "command=" in query:
        yield uri
        return
    with tempfile.TemporaryDirectory(prefix="hmp-") as folder:
        # libvirt takes a program without options
        path = f"{folder}/ssh"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {shlex.join(ssh_command())} "$@"\n')
            os.fchmod(file.fileno(), 0o700)
        yield f"{uri}{'&' if query else '?'}command={quote(path)}"

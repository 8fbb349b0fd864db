"""Output longer than the screen, handed to a pager.

``HMP_PAGER``, ``PAGER`` or ``less`` in this order; set to nothing, none is used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def pager_command(
    environment: Mapping[str, str], configured: str | None = None
) -> str | None:
    """Return the shell command of the pager, or None when there is none to use.

    configured: what the configuration says; the environment comes first.
    """
    found = environment.get("HMP_PAGER", configured)
    if found is None:
        found = environment.get("PAGER", "less" if shutil.which("less") else "")
    return found.strip() or None


def page(text: str, command: str) -> bool:
    """Show a text in the pager; return False when it cannot be started.

    Waits until the user leaves it.
    """
    environment = {**os.environ, "LESS": os.environ.get("LESS", "-FRX")}
    try:
        process = subprocess.Popen(
            command, shell=True, stdin=subprocess.PIPE, env=environment
        )
    except OSError:
        return False
    with suppress(BrokenPipeError, KeyboardInterrupt):
        process.communicate(text.encode(errors="backslashreplace"))
    # 127: the shell did not find it
    return process.wait() != 127

"""The directories in which hmp keeps the user's files."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def state_directory(environment: Mapping[str, str]) -> str:
    """Return the folder for state that is kept between runs.

    By the XDG base directory specification; on macOS, the library's folder.
    """
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "hmp")
    base = environment.get("XDG_STATE_HOME", "")
    # the XDG specification says that relative paths are to be ignored
    if not os.path.isabs(base):
        base = os.path.join(home, ".local", "state")
    return os.path.join(base, "hmp")

"""The directories in which hmp keeps the user's files."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def state_directory(environment: Mapping[str, str]) -> str:
    """Return the folder for state that is kept between runs."""
    return _own_directory(environment.get("XDG_STATE_HOME", ""), "~/.local/state")


def config_directory(environment: Mapping[str, str]) -> str:
    """Return the folder of the default configuration file."""
    return _own_directory(environment.get("XDG_CONFIG_HOME", ""), "~/.config")


def _own_directory(base: str, default: str) -> str:
    """Return our folder by the XDG base directory specification; on macOS the library's."""
    if sys.platform == "darwin":
        default = "~/Library/Application Support"
    # that specification says that relative paths are to be ignored
    elif os.path.isabs(base):
        return os.path.join(base, "hmp")
    return os.path.join(os.path.expanduser(default), "hmp")

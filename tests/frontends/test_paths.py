from __future__ import annotations

import os
import sys

import pytest

from hmp.frontends.paths import state_directory

HOME = os.path.expanduser("~")
LINUX = pytest.mark.skipif(sys.platform == "darwin", reason="macOS has one folder")


@LINUX
@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({}, f"{HOME}/.local/state/hmp"),
        ({"XDG_STATE_HOME": ""}, f"{HOME}/.local/state/hmp"),
        ({"XDG_STATE_HOME": "relative"}, f"{HOME}/.local/state/hmp"),
        ({"XDG_STATE_HOME": "/somewhere"}, "/somewhere/hmp"),
    ],
)
def test_state_is_where_the_xdg_specification_says(
    environment: dict[str, str], folder: str
) -> None:
    """A path that is not absolute counts as none, by that specification."""
    assert state_directory(environment) == folder


def test_the_folder_is_not_made() -> None:
    """Asking for it leaves nothing behind."""
    folder = state_directory({"XDG_STATE_HOME": "/nonexistent"})

    assert not os.path.exists(folder)

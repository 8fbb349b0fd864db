"""The pager for output longer than the screen.

``HMP_PAGER``, ``PAGER`` or ``less``, in this order; an empty one means no pager.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def pager_command(
    environment: Mapping[str, str], configured: str | None = None
) -> str | None:
    """Return the shell command of the pager, or None to use no pager.

    configured: the pager of the configuration; the environment overrides it.
    """
    found = environment.get("HMP_PAGER", configured)
    if found is None:
        found = environment.get("PAGER", "less" if shutil.which("less") else "")
    return found.strip() or None


def pager_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a pager: less leaves a short text on the screen."""
    # -F: end at once if all of it fits; -R: pass colours on; -X: stay on the normal screen
    return {"LESS": "-FRX", **environment}


NOT_FOUND = 127
"""The exit status of a shell that did not find the pager."""

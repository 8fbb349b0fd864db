"""Output longer than the screen, handed to a pager.

``HMP_PAGER``, ``PAGER`` or ``less`` in this order; set to nothing, none is used.
"""

from __future__ import annotations

import shutil
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


def pager_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a pager: less leaves a short text on the screen."""
    return {"LESS": "-FRX", **environment}


NOT_FOUND = 127
"""The status of a shell that did not find the pager."""

"""Golden files: what something has looked like, written anew with ``HMP_TEST_UPDATE=1``.

Read the difference before you commit it.
"""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path


def check(file: Path, now: str) -> None:
    """Fail unless a file holds what there is now."""
    if os.environ.get("HMP_TEST_UPDATE"):
        file.write_text(now)

    before = file.read_text()
    old, new = before.splitlines(keepends=True), now.splitlines(keepends=True)
    advice = f"if this is meant, HMP_TEST_UPDATE=1 writes {file.name} anew:\n"
    assert now == before, advice + "".join(unified_diff(old, new))

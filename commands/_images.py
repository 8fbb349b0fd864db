"""Errors from opening images, as QEMU's monitor words them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hmp.authoring import CommandFailedError, QMPError

if TYPE_CHECKING:
    from collections.abc import Generator


def lock_hint(desc: str, path: str) -> str:
    """Return the hint that QEMU's monitor adds to a lock error; QMP leaves it out."""
    if not re.fullmatch(r'Failed to get (?:shared )?"[^"]+" lock', desc):
        return ""
    return f"Is another process using the image [{path}]?\n"


@contextmanager
def opening(path: str) -> Generator[None]:
    """Add the lock hint to QMP errors raised in the block, which opens an image."""
    try:
        yield
    except QMPError as error:
        hint = lock_hint(error.desc, path)
        if not hint:
            raise
        raise CommandFailedError(f"Error: {error.desc}\n{hint}", error.desc) from error

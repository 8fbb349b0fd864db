"""Errors that QEMU's monitor shows otherwise than QMP: with a hint, or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hmp.authoring import CommandFailedError, QMPError

if TYPE_CHECKING:
    from collections.abc import Generator

ID_HINT = "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.\n"

BAD_ID = "Parameter 'id' expects an identifier"

_HINTS = {
    BAD_ID: ID_HINT,
    "This machine doesn't have an FDT": (
        "(Perhaps it doesn't support FDT at all, or perhaps you need to provide an FDT"
        " with the -fdt option?)\n"
    ),
    # QEMU prints these two without a newline at the end
    "VNC password authentication is disabled": (
        "To enable it, use '-vnc ...,password-secret=ID'"
    ),
    "No VNC display is present": "To enable it, use '-vnc ...'",
}


@contextmanager
def hinted_errors() -> Generator[None]:
    """Add the hint that QMP leaves out to QMP errors raised in the block."""
    try:
        yield
    except QMPError as error:
        if error.desc not in _HINTS:
            raise
        text = f"Error: {error.desc}\n{_HINTS[error.desc]}"
        raise CommandFailedError(text, error.desc) from error


@contextmanager
def unheard_errors() -> Generator[None]:
    """Drop QMP errors raised in the block, as QEMU's monitor does.

    CommandNotFound passes through: QEMU's own monitor may have the command.
    """
    try:
        yield
    except QMPError as error:
        if error.error_class == "CommandNotFound":
            raise

"""What QEMU's monitor says of errors beyond what QMP tells: hints, and other words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hmp.authoring import CommandFailedError, QMPError

if TYPE_CHECKING:
    from collections.abc import Iterator

ID_HINT = "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.\n"

_HINTS = {
    "Parameter 'id' expects an identifier": ID_HINT,
    "This machine doesn't have an FDT": (
        "(Perhaps it doesn't support FDT at all, or perhaps you need to provide an FDT"
        " with the -fdt option?)\n"
    ),
    # these two end without a line end
    "VNC password authentication is disabled": (
        "To enable it, use '-vnc ...,password-secret=ID'"
    ),
    "No VNC display is present": "To enable it, use '-vnc ...'",
}


@contextmanager
def hinted_errors() -> Iterator[None]:
    """Add to QMP errors of the block the hint that QMP leaves out."""
    try:
        yield
    except QMPError as error:
        if error.desc not in _HINTS:
            raise
        text = f"Error: {error.desc}\n{_HINTS[error.desc]}"
        raise CommandFailedError(text, error.desc) from error


@contextmanager
def unheard_errors() -> Iterator[None]:
    """Drop the QMP errors of the block, which QEMU's monitor does not tell either.

    That a command is not there passes through: QEMU's monitor may know it.
    """
    try:
        yield
    except QMPError as error:
        if error.error_class == "CommandNotFound":
            raise

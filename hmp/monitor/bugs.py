"""Bug reports: the command that raised an exception, and the line in its author's file."""

from __future__ import annotations

import os
import re
from contextlib import suppress

from hmp.qmp.errors import QMPError

_REFUSED = (
    r"Parameters? '.*' (?:is|are) (?:unexpected|missing)|Invalid parameter type for '.*"
)
"""QMP's errors about arguments that do not match a command's schema."""
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_OURS = tuple(os.path.join(_ROOT, folder, "") for folder in ("commands", "info"))


def bug_text(name: str, source: str, error: Exception) -> str:
    """Return one line with the exception that a command's code raised, and its place.

    name: the command's. source: FILE:LINE of its declaration; empty without one.
    """
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place = _place(error, source)
    text = f"bug in command '{name}': {what} at {place} (HMP_DEBUG=1 shows more)"
    # an exception's text may have several lines, and a report is one
    return " ".join(text.split())


def with_place(error: QMPError, source: str) -> QMPError:
    """Return an error of QMP; with the author's line, if that has sent wrong arguments.

    source: FILE:LINE of the command's declaration. Our own commands print what QEMU does.
    """
    if source.startswith(_OURS) or not re.fullmatch(_REFUSED, error.desc):
        return error
    placed = f"{error.desc} (sent at {_place(error, source)})"
    return QMPError(placed, error.error_class)


def _place(error: Exception, source: str) -> str:
    """Return FILE:LINE of the innermost frame in the folder of the command's file.

    source: FILE:LINE of the command's declaration, which is returned if no frame is in
    that folder: then something that the author's code has returned was wrong.
    """
    from traceback import extract_tb  # late: slow to import

    frames = extract_tb(error.__traceback__)
    folder = os.path.dirname(source)
    own = [frame for frame in frames if os.path.dirname(frame.filename) == folder]
    if source and not own:
        return _from_here(source)
    frame = (own or frames)[-1]
    return f"{_from_here(frame.filename)}:{frame.lineno}"


def _from_here(path: str) -> str:
    """Return a path relative to the current folder if it is below; not below the root."""
    with suppress(OSError):  # the current folder may have been removed
        return path.removeprefix(f"{os.getcwd()}{os.sep}")
    return path

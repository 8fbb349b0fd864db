"""The view of one call's value, and the text of its error, before anything is drawn."""

from __future__ import annotations

from hmp.display.sanitise import one_line, sanitise
from hmp.display.views import LINES, TooLargeError
from hmp.monitor.call import Forwarded
from hmp.qmp.errors import QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.monitor.call import Call


def view_of(call: Call) -> RenderableType | None:
    """Return the view of a call's value, or None without one.

    Raises TooLargeError; exceptions of a view on an unexpected value pass through.
    """
    entry = call.entry
    if entry is None or entry.view_function is None:
        return None
    if isinstance(call.value, Forwarded) and not entry.textual:
        return None  # text of an older QEMU; the view needs the QMP value
    if isinstance(call.value, str) and call.value.count("\n") > LINES:
        raise TooLargeError
    view: RenderableType | None = entry.view_function(call.value, call)
    return view


def error_for_eyes(call: Call) -> str:
    """Return the error of a call, with QMP's description escaped to one line.

    For errors on which QEMU's monitor prints nothing, the reason is shown.
    """
    text = call.error_text()
    if call.error is not None and not text.strip():
        return f"Error: {one_line(call.error.desc)}\n"
    # an error of the line may quote the QMP error that caused it
    for error in (call.error, getattr(call.error, "__cause__", None)):
        if isinstance(error, QMPError):
            text = text.replace(error.desc, one_line(error.desc))
    return sanitise(text)

"""One line that was run: its result, and the text of it.

Handlers, writers and front ends pass a `Call` on. `presented` and `blame` turn exceptions
of presentations and handlers into its error.
"""

from __future__ import annotations

import os

from hmp.monitor.entry import READ
from hmp.monitor.errors import CommandError, refusal
from hmp.qmp.errors import BadReplyError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from hmp.language.qdict import QDict
    from hmp.monitor.earlier_results import EarlierResult
    from hmp.monitor.entry import Entry
    from hmp.monitor.line import Line


class Text(str):
    """The output of QEMU's own monitor, with plain line ends."""

    __slots__ = ()


class Forwarded(Text):
    """Its output for a line that was passed on, rather than the reply to a QMP command."""

    __slots__ = ()


class Call:
    """One line that was run, and its result.

    line: as parsed. entry: None for a line that only QEMU's monitor understands. args: its
    arguments. value: the QMP value if the line succeeded; a `Text` comes from QEMU's own
    monitor. error: CommandError or QMPError, else None. hint: advice for people.
    traceback: of a bug, if HMP_DEBUG is set. version: of the machine. cpu: the monitor's
    current CPU. before: the previous result of the same line, if the command compares.
    done: whether it has ended. endless: whether it only ends when the user stops it.
    continues: the work that the machine continues if the user stops waiting now, and how
    to cancel it; empty if no such work is known.
    """

    __slots__ = (
        "before",
        "continues",
        "cpu",
        "done",
        "endless",
        "entry",
        "error",
        "hint",
        "line",
        "traceback",
        "value",
        "version",
    )

    def __init__(self, line: Line, version: tuple[int, int, int], cpu: int) -> None:
        self.line = line
        self.entry: Entry[Any] | None = line.entry
        self.value: Any = None
        self.error: CommandError | QMPError | None = None
        self.hint = ""
        self.traceback = ""
        self.version = version
        self.cpu = cpu
        self.before: EarlierResult | None = None
        self.done = False
        self.endless = False
        self.continues = ""

    @property
    def args(self) -> QDict:
        """The arguments of the line."""
        return self.line.args

    @property
    def may_change(self) -> bool:
        """Whether the line may change the machine; an unknown command may."""
        return self.entry is None or self.entry.effect != READ

    @property
    def failed(self) -> bool:
        """Whether the line has failed."""
        return self.error is not None

    @property
    def misread(self) -> bool:
        """Whether the line has failed because it does not parse, so that it always will."""
        wrong = self.line.error
        return self.failed and wrong is not None and wrong.register is None

    @property
    def shown_line(self) -> str:
        """The line without its passwords."""
        return self.line.masked()

    def hide_secrets(self) -> None:
        """Star out the line's secrets in the error."""
        self.hint = self.line.hide(self.hint)
        self.traceback = self.line.hide(self.traceback)
        # the members in which errors of all classes keep text
        for name in ("text", "desc", "message", "reason"):
            said = getattr(self.error, name, None)
            if isinstance(said, str):
                setattr(self.error, name, self.line.hide(said))

    def text(self) -> str:
        """Return the result as QEMU's monitor prints it, line ends included.

        Exceptions of a presentation pass through; see `presented`.
        """
        if isinstance(self.value, Text):
            return self.value
        function = self.entry.text_function if self.entry else None
        if function is None:
            return ""
        lines = function(self.value, self)
        if isinstance(lines, str):  # whose letters would each become a line
            raise TypeError("the text function returned a string instead of its lines")
        return "".join(f"{line}\n" for line in lines)

    def each(self) -> Sequence[tuple[str, Call]]:
        """Return the call of each machine, with its name if the line ran on several."""
        return [("", self)]

    def lines(self) -> str:
        """Return the text for programs that read the result in a pipe or a file."""
        return self.text()

    def error_text(self) -> str:
        """Return the error as QEMU's monitor prints it, line ends included.

        After the traceback, if HMP_DEBUG is set.
        """
        return f"{self.traceback}{self._error_text()}"

    def _error_text(self) -> str:
        if isinstance(self.error, CommandError):
            return self.error.text
        return f"Error: {self.error.desc}\n" if self.error else ""


def presented(call: Call, present: Callable[[Call], str]) -> str:
    """Return the text that `present` makes of a call's value; empty if the call failed.

    Exceptions of `present` become the call's error.
    """
    if call.error is not None:
        return ""
    try:
        return present(call)
    except CommandError as error:
        call.error = error
    except Exception as error:
        blame(call, error)
    return ""


def shown(call: Call) -> str:
    """Return the text of a call's result, or of its error."""
    text = presented(call, lambda call: call.text())
    return text if call.error is None else call.error_text()


def blame(call: Call, error: Exception) -> None:
    """Make an exception the error of a call: an invalid reply, or a bug in the command.

    Replies are checked as they arrive. So any other exception of a handler or presentation
    is a bug there, and the message names the line for its author.
    """
    if isinstance(error, BadReplyError):
        desc = str(error)
    else:
        from hmp.monitor.bugs import bug_text

        entry = call.entry
        name = entry.name if entry is not None else call.shown_line.strip()
        desc = bug_text(name, entry.source if entry is not None else "", error)
    call.error = refusal(desc)
    if os.environ.get("HMP_DEBUG"):
        from traceback import format_exception

        call.traceback = "".join(format_exception(error))
    # the text of an exception may quote what was typed
    call.hide_secrets()

"""The errors of a line, under one root.

Errors of the QMP layer (`hmp.qmp.errors`) have the same two fields, error_class
and desc, and pass through the handlers unchanged. `Monitor.run` catches both and puts
them into the `Call`; front ends never see them raised.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.language.scan import ArgumentError


class CommandError(Exception):
    """A line that failed.

    text: as QEMU's monitor prints it, line ends included. desc: the reason in one
    line. error_class: QMP's ErrorClass. hint: advice for people only.
    """

    error_class = "GenericError"
    hint = ""

    def __init__(self, text: str, desc: str = "") -> None:
        super().__init__(desc or text)
        self.text = text
        self.desc = desc or text.strip().removeprefix("Error: ")


class LineError(CommandError):
    """A line that does not parse.

    column: an index into the line. register: the register that has no value here, if
    that is the only error. reason: an explanation that QEMU's monitor does not give.
    """

    def __init__(self, error: ArgumentError, command: str) -> None:
        advice = f'Try "help {command}" for more information\n'
        # QEMU's monitor omits the line end if the line ends in a dash
        cut = error.message.endswith(" option -")
        message = error.message + ("" if cut or not error.message else "\n")
        desc = ": ".join(filter(None, (error.message, error.reason)))
        super().__init__(message + advice, desc)
        self.message = error.message
        self.reason = error.reason
        self.column = error.column
        self.register = error.register


class UnknownCommandError(LineError):
    """The first word, or the word after ``info``, is not a command."""

    error_class = "CommandNotFound"

    def __init__(self, words: str, column: int) -> None:
        # not LineError's: QEMU gives no advice here
        CommandError.__init__(self, f"unknown command: '{words}'\n")
        self.message = self.desc
        self.reason = ""
        self.column = column
        self.register = None


class CommandFailedError(CommandError):
    """A command that the machine's monitor, or a handler, answered with an error.

    The text is all that QEMU's monitor prints for it, unchanged.
    """


def refusal(desc: str) -> CommandFailedError:
    """Return the error of a line that is refused, in the form of QEMU's own errors."""
    return CommandFailedError(f"Error: {desc}\n", desc)


class DeclinedError(CommandFailedError):
    """The user has answered no to a question."""

    def __init__(self) -> None:
        super().__init__("cancelled\n")


class UsageError(CommandError):
    """Arguments that only the handler can judge, refused like those that do not parse.

    QEMU's monitor prints its advice to look at the help of the command. command: its name
    as typed. reason: the error; shown: whether QEMU prints it as well.
    """

    def __init__(self, command: str, reason: str, *, shown: bool = False) -> None:
        before = f"{reason}\n" if shown else ""
        advice = f'Try "help {command}" for more information\n'
        super().__init__(before + advice, reason)


class ConfigError(Exception):
    """An invalid configuration file; the text names the file and the key."""

"""The errors of a line, under one root.

Errors of the QMP layer (`hmp.qmp.errors`) have the same two fields, error_class
and desc, and pass through the handlers unchanged. `Monitor.run` catches both and puts
them into the `Call`; front ends never see them raised.
"""

from __future__ import annotations

from hmp.qmp.errors import COMMAND_NOT_FOUND, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.language.letters import ArgumentError
    from hmp.monitor.line import Line


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
        CommandError.__init__(self, f"unknown command: '{words}'\n")
        self.message = self.desc
        self.reason = ""
        self.column = column
        self.register = None


class CommandFailedError(CommandError):
    """A command that the machine's monitor, or a handler, answered with an error.

    The text is all that QEMU's monitor prints for it, unchanged.
    """


class UsageError(CommandError):
    """Arguments that only the handler can judge, refused like those that do not parse.

    QEMU's monitor prints its advice to look at the help of the command, named as typed.
    reason: the error; shown: whether QEMU prints it as well.
    """

    def __init__(self, line: Line, reason: str, *, shown: bool = False) -> None:
        before = f"{reason}\n" if shown else ""
        advice = f'Try "help {line.command}" for more information\n'
        super().__init__(before + advice, reason)


class _Block:
    """The block of a ``with`` statement; `_change` makes other errors of QMP errors.

    By hand, since a run of one command has no use for `contextlib`.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: object, error: BaseException | None, traceback: object
    ) -> None:
        if isinstance(error, QMPError) and (changed := self._change(error)) is not None:
            raise changed from error

    def _change(self, error: QMPError) -> CommandError | None:
        raise NotImplementedError


class bare_errors(_Block):
    """Show QMP errors of the block without ``Error: ``, as some of QEMU's commands do.

    text: replaces the error's own text. A missing command's error passes through
    unchanged, so that the line can be sent to QEMU's own monitor instead.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text

    def _change(self, error: QMPError) -> CommandError | None:
        if error.error_class == COMMAND_NOT_FOUND:
            return None
        return CommandFailedError(self.text or f"{error.desc}\n", error.desc)


class known_word(_Block):
    """Report a word that QMP refuses in the words of QEMU's monitor, which checks first."""

    def __init__(self, word: str) -> None:
        self.word = word

    def _change(self, error: QMPError) -> CommandError | None:
        if not error.desc.endswith(f" does not accept value '{self.word}'"):
            return None
        desc = f"invalid parameter value: {self.word}"
        return CommandFailedError(f"Error: {desc}\n", desc)


class ConfigError(Exception):
    """An invalid configuration file; the text names the file and the key."""

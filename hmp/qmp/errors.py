"""Errors of the QMP layer.

QMPError is an answer, and the machine goes on; MachineGoneError is the end of the
connection. Each is caught apart from the other: a failed command is exit status
1, a machine that is gone is 3.
"""

GENERIC_ERROR = "GenericError"
COMMAND_NOT_FOUND = "CommandNotFound"


class QMPError(Exception):
    """An error reply.

    desc: the description, as QEMU words it. error_class: its ErrorClass.
    """

    def __init__(self, desc: str, error_class: str = GENERIC_ERROR) -> None:
        super().__init__(desc)
        self.desc = desc
        self.error_class = error_class


class NoReplyError(QMPError):
    """No reply came in time; when it comes later, it is dropped."""


class BadReplyError(Exception):
    """A reply whose value is not what its schema says; the text says where.

    It is no QMPError: whoever can do without a command's answer must not take this for
    one that the machine does not have.
    """


class MachineGoneError(Exception):
    """The machine cannot be reached, or went away; the text is one line."""


class ConnectError(MachineGoneError):
    """The connection did not come about; the text says what to do."""


class NotYetError(ConnectError):
    """Nothing is there to connect to, which a machine that starts may change."""


class ProtocolError(MachineGoneError):
    """The peer sent what is not QMP."""

"""Errors of the QMP layer.

After a QMPError the connection is still usable; MachineGoneError is the end of the
connection. Neither is a subclass of the other, as a failed command is exit status 1 and
a lost machine is exit status 3.
"""

GENERIC_ERROR = "GenericError"
COMMAND_NOT_FOUND = "CommandNotFound"
BAD_CPU = "Parameter 'cpu-index' expects a CPU number"
"""QEMU's error for a CPU that was unplugged, or never existed."""


def not_found(command: str) -> str:
    """Return QEMU's error for a QMP command that it does not have."""
    return f"The command {command} has not been found"


def missing_command(desc: str) -> str:
    """Return the command that such an error names; empty for another error."""
    head, tail = not_found("|").split("|")
    named = desc.startswith(head) and desc.endswith(tail)
    return desc[len(head) : -len(tail)] if named else ""


class QMPError(Exception):
    """The machine answered with an error.

    desc: the description in QEMU's words. error_class: QEMU's ErrorClass. hint: advice for
    people only.
    """

    hint = ""

    def __init__(self, desc: str, error_class: str = GENERIC_ERROR) -> None:
        super().__init__(desc)
        self.desc = desc
        self.error_class = error_class


class NoReplyError(QMPError):
    """No reply arrived in time; a late one is dropped."""


class BadReplyError(Exception):
    """A reply whose value does not match the schema; the text names the place.

    Not a QMPError: a caller that handles a missing command must not mistake a bad reply
    for one.
    """


class MachineGoneError(Exception):
    """The machine cannot be reached or went away; the text is one line.

    A password in the machine's address is starred out in it.
    """

    def __init__(self, text: str) -> None:
        from hmp.qmp.secret_addresses import mask_address  # late: most runs lose nothing

        super().__init__(mask_address(text))


def connection_closed() -> MachineGoneError:
    """Return the error for a connection that was closed here."""
    return MachineGoneError("the connection is closed")


class ConnectError(MachineGoneError):
    """The connection could not be made; the text suggests a remedy."""


class NotYetError(ConnectError):
    """Nothing accepts the connection; a machine that is still starting may change that."""


class ProtocolError(MachineGoneError):
    """The peer sent something other than QMP."""

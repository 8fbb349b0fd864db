"""Blocks of a handler in which QMP errors become other errors of the line."""

from __future__ import annotations

from contextlib import contextmanager

from hmp.monitor.errors import CommandFailedError, refusal
from hmp.qmp.errors import COMMAND_NOT_FOUND, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def bare_errors(text: str = "") -> Generator[None]:
    """Show QMP errors of the block without ``Error: ``, as some of QEMU's commands do.

    text: replaces the error's own text. A missing command's error passes through
    unchanged, so that the line can be sent to QEMU's own monitor instead.
    """
    try:
        yield
    except QMPError as error:
        if error.error_class == COMMAND_NOT_FOUND:
            raise
        raise CommandFailedError(text or f"{error.desc}\n", error.desc) from error


@contextmanager
def known_word(word: str) -> Generator[None]:
    """Report a word that QMP refuses in the words of QEMU's monitor, which checks first."""
    try:
        yield
    except QMPError as error:
        if not error.desc.endswith(f" does not accept value '{word}'"):
            raise
        raise refusal(f"invalid parameter value: {word}") from error

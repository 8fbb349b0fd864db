"""What may hold secrets: most lines and messages cannot, which is found out quickly here.

The others are starred out by `hmp.qmp.masking`: lines, requests, and replies, so that no
password leaves the connection, neither quoted in an error nor as the value of a property.
"""

from __future__ import annotations

import re

from hmp.qmp.secret_names import NAMES, odd_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hmp.qmp.masking import Sensitive

_TELLING = {
    "//": "//",
    ":\\": r":\\+/",
    "rbd": "rbd:",
    **{name: name + r'[\w-]*\\*"\s*:' for name in NAMES},
}
"""Patterns for possible addresses with a password, and members with secret names, by a
part that is found faster.
"""
_NEGOTIATION = {"enable": ["oob"]}
"""What every connection sends; masking takes long to load for it."""


def mask(message: dict[str, Any], also: Sequence[str] = ()) -> dict[str, Any]:
    """Return a request with its secrets starred out; the same object if it has none.

    also: the secrets of the line that makes the request.
    """
    command = message.get("execute", message.get("exec-oob"))
    if not (also or "arguments" in message or odd_command(command)):
        return message
    from hmp.qmp.masking import masked_request  # late: most scripts need none of it

    return masked_request(message, also)


def mask_line(line: str) -> str:
    """Return a monitor line with its secrets starred out."""
    if _holds_none(line):
        return line
    from hmp.qmp.secret_lines import analysed

    return analysed(line)[0]


def secrets_in(line: str) -> tuple[str, ...]:
    """Return the parts of a line that are secret or contain a part of a secret."""
    if _holds_none(line):
        return ()
    from hmp.qmp.secret_lines import analysed

    return analysed(line)[1]


def mask_target(text: str) -> str:
    """Return a TARGET of the command line with its password starred out."""
    if not text.startswith("exec:"):
        from hmp.qmp.secret_addresses import mask_address

        return mask_address(text)
    from hmp.qmp.masking import masked_program

    return masked_program(text)


def _holds_none(line: str) -> bool:
    """Return whether a line is one of the most common, which cannot contain a secret."""
    return line.startswith("info ") and not (
        "=" in line or ":" in line or "@" in line or "{" in line or "|" in line
    )


def sensitive(command: str, arguments: Any, also: Sequence[str] = ()) -> Sensitive | None:
    """Return the secrets in the reply to a request, or None.

    also: as for `mask`.
    """
    if arguments == _NEGOTIATION or not (arguments or odd_command(command)):
        return None
    from hmp.qmp.masking import secrets_of

    return secrets_of(command, arguments or {}, also)


def tells_secrets(data: bytes) -> bool:
    """Return whether replies of these bytes may contain secrets for `mask_reply`.

    Few do, and masking all of them would cost too much time.
    """
    # every reply comes here, and a part is found in text three times as fast as in bytes
    low = data.decode("latin-1").lower()
    for part in _TELLING:  # noqa: SIM110 - a generator costs each reply more
        if part in low and re.search(_TELLING[part], low):
            return True
    return False


def mask_reply(message: dict[str, Any]) -> dict[str, Any]:
    """Return a reply or event with values of secret names or shapes starred out."""
    from hmp.qmp.masking import masked_reply

    masked: dict[str, Any] = masked_reply(message)
    return masked

"""Messages as traces and ``explain`` show them.

Where only lines of QEMU's own monitor pass, the messages are ``{"line": TEXT}`` and
``{"text": TEXT}`` instead of QMP.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qmp.exchange import Message


def message_text(arrow: str, message: Message) -> str:
    """Return a message as a trace shows it, line ends included.

    arrow: ``->`` or ``<-``. A monitor's line and its text are shown as they are.
    """
    text = message.get("line", message.get("text"))
    if len(message) != 1 or not isinstance(text, str):
        return f"{arrow} {json.dumps(message)}\n"
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return "".join(f"{arrow} {line}".rstrip() + "\n" for line in lines)

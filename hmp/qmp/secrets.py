"""Passwords in QMP messages, starred out before anybody sees or keeps them.

Known by where they stand: members named ``password``, the data of a ``secret``
object, also when it is set as a property, and monitor lines that carry a password.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

STARS = "***"

_members = {"password", "passwd"}
_properties = {"data", "password"}
_LINE = (
    # lines that are another line's argument, and raw QMP, hold secrets as well
    r"(\s*(?:(?:explain|time|watch|alias\s+\S+)\s+(?:-\S+\s+\S+\s+)*)*"
    r"(?:set_password\s+\S+\s+"
    r"|change\s+\"?vnc\"?\s+(?:-f\s+)?\"?passw(?:or)?d\"?\s+"
    r"|qom-set\s+(?:-j\s+)?\S+\s+\"?(?:data|password)\"?\s+"
    r"|qmp\s.*?\bpassw(?:or)?d\b[\"']?\s*[=:]\s*[\"']?"
    r"|(?:object_add|qmp)\s(?=.*\bsecret).*?\bdata[\"']?\s*[=:]\s*[\"']?"
    r"|qmp\s(?=.*\bproperty\W+(?:data|password)\b).*?\bvalue[\"']?\s*[=:]\s*[\"']?"
    r"))(.+)"
)


def mask(message: dict[str, Any]) -> dict[str, Any]:
    """Return the message with its passwords starred out; itself when it has none."""
    if "arguments" not in message:
        return message
    masked: dict[str, Any] = _mask(message)
    return masked


def mask_line(line: str) -> str:
    """Return a monitor line with its password starred out."""
    match = re.match(_LINE, line, re.DOTALL)
    return f"{match[1]}{STARS}" if match else line


def _mask(value: Any) -> Any:
    if isinstance(value, list):
        return [_mask(item) for item in value]
    if not isinstance(value, dict):
        return value
    secret = str(value.get("qom-type", "")).startswith("secret")
    setting = str(value.get("property")) in _properties
    return {
        key: STARS
        if key in _members or (secret and key == "data") or (setting and key == "value")
        else mask_line(item)
        if key == "command-line" and isinstance(item, str)
        else _mask(item)
        for key, item in value.items()
    }

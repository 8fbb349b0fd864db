"""Pragma directives: exceptions from the rules that a schema makes for itself.

`hmp.qapi.parser` sets them as it meets the directives; the later stages look at them when
all files are read.
"""

from __future__ import annotations

from hmp.qapi.error import Place, QAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LIST_PRAGMAS = {
    "command-name-exceptions": "command_name_exceptions",
    "command-returns-exceptions": "command_returns_exceptions",
    "documentation-exceptions": "documentation_exceptions",
    "member-name-exceptions": "member_name_exceptions",
}
_RENAMED_PRAGMAS = {  # QEMU 6.0 renamed these
    "returns-whitelist": "command-returns-exceptions",
    "name-case-whitelist": "member-name-exceptions",
}


class Pragmas:
    """The values of the pragma directives, one set for the whole schema."""

    __slots__ = (
        "command_name_exceptions",
        "command_returns_exceptions",
        "doc_required",
        "documentation_exceptions",
        "member_name_exceptions",
    )

    def __init__(self) -> None:
        self.doc_required = False
        self.command_name_exceptions: list[str] = []
        self.command_returns_exceptions: list[str] = []
        self.documentation_exceptions: list[str] = []
        self.member_name_exceptions: list[str] = []


def set_pragma(pragmas: Pragmas, place: Place, name: str, value: Any) -> None:
    """Set one pragma; a later value replaces an earlier one.

    Raises QAPIError for a name that isn't known and a value that doesn't fit it.
    """
    if name == "doc-required":
        if not isinstance(value, bool):
            raise QAPIError(place, f"the pragma '{name}' must be true or false")
        pragmas.doc_required = value
        return
    if name not in _LIST_PRAGMAS:
        known = _RENAMED_PRAGMAS.get(name)
        hint = f", it is spelled '{known}' now" if known else ""
        raise QAPIError(place, f"unknown pragma '{name}'{hint}")
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise QAPIError(place, f"the pragma '{name}' must be a list of strings")
    setattr(pragmas, _LIST_PRAGMAS[name], value)

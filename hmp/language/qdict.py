"""QDict: the arguments of one monitor line, by key, in the order they were read."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Values = dict[str, Any]
else:
    Values = dict


class QDict(Values):
    """Arguments by the keys of the ``args_type``; an absent optional has no key.

    Values are str, int, float or bool, by the type letter. ``get`` of an absent
    key is None, which the QMP layer takes for an absent optional member.
    """

    __slots__ = ()

    def given(self, key: str) -> bool | None:
        """Return True when a flag was typed, None when it was not.

        For optional boolean members that must be left out rather than false.
        """
        return True if self.get(key) else None

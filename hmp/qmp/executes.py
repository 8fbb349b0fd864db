"""The one method that handlers call; its stub tells type checkers what each returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

Empty = dict[str, object]
"""What a command returns that has nothing to return."""


class Executes:
    """A machine that takes QMP commands."""

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value.

        Arguments come as a mapping, as keywords, or both; a None is an absent
        optional member. Raises QMPError for an error reply, MachineGoneError when the
        machine is no longer there.
        """
        raise NotImplementedError

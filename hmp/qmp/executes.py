"""The method that handlers call; its stub gives type checkers each command's result."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

Empty = dict[str, object]
"""The return value of a command without a result."""


class Executes:
    """A machine that takes QMP commands."""

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value.

        Arguments are a mapping, keywords, or both; None stands for an absent
        optional member. Raises QMPError for an error reply, MachineGoneError if the
        machine is gone.
        """
        raise NotImplementedError

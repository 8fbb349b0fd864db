"""What is closed at the end of a ``with`` block, or of an ``async with`` block."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class Closing:
    """Closes at the end of a ``with`` block."""

    def close(self) -> None:
        """Close all connections. Idempotent."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncClosing:
    """Closes at the end of an ``async with`` block."""

    def close(self) -> None:
        """Close all connections. Idempotent."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.close()

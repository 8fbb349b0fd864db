"""A machine that an event loop connects to: awaited, or entered as a block."""

from __future__ import annotations

from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from typing import Any, Generic, ParamSpec, TypeVar

    from hmp.library.closing import AsyncClosing

    P = ParamSpec("P")
    M = TypeVar("M", bound=AsyncClosing)
else:
    from hmp import Generic

    M = None


class Connecting(Generic[M]):
    """A connection that ``await`` makes, or ``async with``, which also closes it."""

    def __init__(self, opening: Coroutine[Any, Any, M]) -> None:
        self._opening = opening
        self._machine: M | None = None

    def __await__(self) -> Generator[Any, Any, M]:
        return self._opening.__await__()

    async def __aenter__(self) -> M:
        self._machine = machine = await self._opening
        return machine

    async def __aexit__(self, *error: object) -> None:
        if self._machine is not None:
            self._machine.close()


def connecting(
    function: Callable[P, Coroutine[Any, Any, M]],
) -> Callable[P, Connecting[M]]:
    """Let what a coroutine function returns be awaited or entered."""

    @wraps(function)
    def begin(*args: P.args, **options: P.kwargs) -> Connecting[M]:
        return Connecting(function(*args, **options))

    return begin

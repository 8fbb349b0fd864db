"""Several QMP commands that do not need each other's results, in one round trip."""

from __future__ import annotations

from hmp.qmp.errors import BadReplyError
from hmp.qmp.exchange import without_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
    from typing import Any

    from hmp.qmp.exchange import Request
    from hmp.qmp.executes import Executes
else:
    Executes = object


class Together(Executes):
    """Collects QMP commands, and sends them when the first reply is awaited.

    ``execute`` takes what `Connection.execute` takes; awaiting what it returns gives that
    command's value, or raises its error, whatever happened to the others. Only a reply that
    does not match its schema is raised by all of them::

        both = mon.qmp.together()
        name, status = both.execute("query-name"), both.execute("query-status")
        use(await name, await status)

    A command that follows one that fails is run anyway. So this is for commands that
    only read. execute_each: the connection's method, which sends them.
    """

    def __init__(
        self, execute_each: Callable[[Sequence[Request]], Awaitable[list[Any]]]
    ) -> None:
        self._execute_each = execute_each
        self._requests: list[Request] = []
        self._outcomes: list[Any] = []
        self._bad: BadReplyError | None = None

    if not TYPE_CHECKING:  # the stub of `Executes` has the type of each command's result

        def execute(
            self,
            command: str,
            arguments: Mapping[str, Any] | None = None,
            /,
            **members: Any,
        ) -> Reply:
            """Add a QMP command."""
            self._requests.append((command, without_none(arguments, members)))
            return Reply(self, len(self._requests) - 1)

    async def outcome(self, index: int) -> Any:
        """Return the value of the command that was added at an index.

        Raises what `Connection.execute` raises.
        """
        if index >= len(self._outcomes):
            # commands that were added since form a second round trip
            new = self._requests[len(self._outcomes) :]
            self._outcomes += await self._execute_each(new)
            bad = (each for each in self._outcomes if isinstance(each, BadReplyError))
            self._bad = next(bad, None)
        # an error of another command must not hide a wrong reply
        outcome = self._bad or self._outcomes[index]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Reply:
    """The reply to a command of a `Together`, to be awaited."""

    __slots__ = ("_index", "_together")

    def __init__(self, together: Together, index: int) -> None:
        self._together = together
        self._index = index

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._together.outcome(self._index).__await__()

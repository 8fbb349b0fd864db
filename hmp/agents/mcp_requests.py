"""Messages of an agent: those that the package ``mcp`` cannot read are answered, too.

It drops them, and the agent waits for ever: text with half a surrogate pair, as programs
write it that cut a text within an emoji, or parameters that are not an object.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Generic, TypeVar, cast

import mcp_types as types
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from mcp.shared._stream_protocols import ReadStream, WriteStream

    Item = SessionMessage | Exception

Stream = TypeVar("Stream", bound="ReadStream[Item] | WriteStream[SessionMessage]")

_UNREAD = 2000
"""The answers that may wait for an agent: with more, its requests wait, too."""
# seconds between two looks whether the agent has read its answers
_LOOK = 0.02


class _Wrapped(Generic[Stream]):
    """A stream around one of the package, which is closed with it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def aclose(self) -> None:
        """Close the stream."""
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.aclose()


class AnswerStream(_Wrapped["WriteStream[SessionMessage]"]):
    """A stream of answers that knows how many wait to be read."""

    def __init__(self, stream: WriteStream[SessionMessage]) -> None:
        super().__init__(stream)
        self.waiting = 0

    async def send(self, item: SessionMessage) -> None:
        """Send an answer."""
        self.waiting += 1
        try:
            await self._stream.send(item)
        finally:
            self.waiting -= 1


class RequestStream(_Wrapped["ReadStream[Item]"]):
    """A stream of messages, without those that cannot be read."""

    def __init__(self, stream: ReadStream[Item], answers: AnswerStream) -> None:
        super().__init__(stream)
        self._answers = answers

    async def receive(self) -> Item:
        """Return the next message; answer the others with an error."""
        while self._answers.waiting > _UNREAD:
            await asyncio.sleep(_LOOK)
        while isinstance(item := await self._stream.receive(), ValidationError):
            await self._answers.send(SessionMessage(_refusal(item)))
        return item

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        import anyio

        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


def _refusal(error: ValidationError) -> types.JSONRPCError:
    """Return the answer to what cannot be read, with its id if it has one."""
    problems = error.errors()
    code, text = types.INVALID_REQUEST, "not a request with an object as its params"
    if problems[0]["type"] == "json_invalid":
        code, text = types.PARSE_ERROR, "not valid JSON"
    ids = [id_ for problem in problems if (id_ := _id(problem["input"])) is not None]
    return types.JSONRPCError(
        jsonrpc="2.0",
        id=ids[0] if ids else None,
        error=types.ErrorData(code=code, message=text),
    )


def _id(read: Any) -> int | str | None:
    """Return the id of a message, or of a text that Python may be able to read."""
    if isinstance(read, str):
        with suppress(ValueError, RecursionError):
            read = json.loads(read)
    if not isinstance(read, dict):
        return None
    found = cast("dict[str, Any]", read).get("id")
    return found if isinstance(found, str) or type(found) is int else None

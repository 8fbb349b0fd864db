"""Programs that the guest agent runs: until they have ended, and what they printed."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64Error
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import BadReplyError, CommandFailedError, Limit, Monitor, views

if TYPE_CHECKING:
    from typing import NotRequired, TypedDict

    from rich.console import RenderableType
    from rich.text import Text as RichText

    from hmp.qmp.reply_types import GuestExecStatus

    class Finished(TypedDict):
        """A program that has ended: its exit status or its signal, and its output."""

        out: str
        err: str
        exitcode: NotRequired[int]
        signal: NotRequired[int]
        truncated: NotRequired[bool]


_POLLS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Seconds between the questions whether a program has ended; the last one repeatedly."""


async def until_ended(mon: Monitor, pid: int, limit: Limit) -> GuestExecStatus:
    """Return the status of a process once it has ended. Raises CommandFailedError."""
    polls = iter(_POLLS)
    pause = 0.0
    while True:
        status = await mon.qmp.execute("guest-exec-status", {"pid": pid})
        # an agent forgets a program once it has said how that ended
        if status["exited"]:
            return status
        if limit.over:
            raise CommandFailedError(
                f"Error: the program has not ended within {limit}; it is process {pid}\n"
            )
        pause = next(polls, pause)
        await limit.pause(pause)


def finished(status: GuestExecStatus) -> Finished:
    """Return how a program ended, and its output. Raises BadReplyError."""
    out = decoded(status.get("out-data", "")).decode(errors="replace")
    err = decoded(status.get("err-data", "")).decode(errors="replace")
    found: Finished
    if "signal" in status:
        found = {"signal": status["signal"], "out": out, "err": err}
    else:
        found = {"exitcode": status.get("exitcode", 0), "out": out, "err": err}
    if status.get("out-truncated") or status.get("err-truncated"):
        found["truncated"] = True
    return found


def decoded(data: str) -> bytes:
    """Return the bytes of a base64 text. Raises BadReplyError."""
    try:
        return b64decode(data, validate=True)
    except (NotBase64Error, ValueError) as error:
        raise BadReplyError("the guest agent sent a text that is not base64") from error


def finished_text(finished: Finished) -> Iterator[str]:
    """Yield the output, the errors, and how it ended unless that was well."""
    for text in (finished["out"], finished["err"]):
        if text:
            yield from text.removesuffix("\n").split("\n")
    if finished.get("truncated"):
        yield "(the agent has dropped the rest of the output)"
    yield from _ending(finished)


def _ending(finished: Finished) -> Iterator[str]:
    if "signal" in finished:
        yield f"ended by signal {finished['signal']}"
    elif status := finished.get("exitcode"):
        yield f"exit status {status}"


def finished_view(finished: Finished) -> RenderableType:
    """Show the output, the errors in the colour of errors, and how it ended."""
    from rich.console import Group

    parts: list[RichText] = []
    if finished["out"]:
        parts.append(views.lines(finished["out"].removesuffix("\n")))
    if finished["err"]:
        parts.append(views.lines(finished["err"].removesuffix("\n"), "hmp.bad"))
    parts += [views.state(text, False) for text in _ending(finished)]
    return Group(*parts)

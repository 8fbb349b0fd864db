"""What a program gets for a line, and the errors that it may catch."""

from __future__ import annotations

from hmp.monitor.call import Call, presented
from hmp.monitor.errors import CommandError
from hmp.qmp.errors import QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self, TypeVar

    Value = TypeVar("Value")

_SHOWN = 3
"""The errors that a message shows."""


class LineFailedError(QMPError):
    """A line of the monitor failed.

    line: as it was run, without its secrets. text: as QEMU's own monitor prints the error,
    line end included. hint: advice for people; mostly empty. desc and error_class: as for
    any QMPError.
    """

    def __init__(
        self, line: str, text: str, desc: str, error_class: str, hint: str
    ) -> None:
        super().__init__(desc, error_class)
        self.line = line
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.line}: {self.desc}"

    def __reduce__(self) -> tuple[Any, ...]:
        # a process of a pool passes it on to its parent
        return type(self), (self.line, self.text, self.desc, self.error_class, self.hint)


class EventTimeoutError(TimeoutError):
    """An event did not come in time."""


class Result:
    """The result of a line that was run.

    line: as it was run, without its secrets. value: what QMP returned, of the types that
    JSON has; where only QEMU's own monitor can answer, its text. error: the error if the
    line failed, else None. text: what QEMU's own monitor prints for it, line ends included,
    or the text of the error.
    """

    __slots__ = ("_call", "error", "line", "value")

    def __init__(self, call: Call) -> None:
        self._call = call
        self.line = call.shown_line.strip()
        self.value: Any = call.value
        self.error = _error(call)

    @property
    def ok(self) -> bool:
        """Whether the line succeeded."""
        return self.error is None

    @property
    def text(self) -> str:
        """What QEMU's own monitor prints for the line."""
        return (
            self.error.text if self.error else presented(self._call, type(self._call).text)
        )

    def __repr__(self) -> str:
        return f"Result({self.line!r}, {self.error or self.value!r})"


class Answers(dict[str, "Value"]):
    """The values of the machines that succeeded, by target, in the order of the set.

    errors: the exceptions of the others, by target.
    """

    def __init__(self) -> None:
        super().__init__()
        self.errors: dict[str, Exception] = {}

    def checked(self) -> Self:
        """Return itself. Raises SomeFailedError if a machine failed."""
        if self.errors:
            raise SomeFailedError(self)
        return self

    def in_order(self, names: Iterable[str]) -> Self:
        """Return the same with the machines in the order of their names."""
        answers = type(self)()
        for name in names:
            if name in self:
                answers[name] = self[name]
            elif name in self.errors:
                answers.errors[name] = self.errors[name]
        return answers


class SomeFailedError(Exception):
    """Some machines of a set failed, or could not be reached.

    answers: of those that succeeded. errors: the exceptions of the others, by target.
    """

    def __init__(self, answers: Answers[Any]) -> None:
        super().__init__(answers)
        self.answers = answers
        self.errors = answers.errors

    def __str__(self) -> str:
        from hmp.display.sanitise import one_line

        shown = [f"{name}: {error}" for name, error in self.errors.items()][:_SHOWN]
        more = ["..."] if len(self.errors) > _SHOWN else []
        total = len(self.errors) + len(self.answers)
        text = one_line("; ".join(shown + more))
        return f"{len(self.errors)} of {total} machines failed: {text}"


def _error(call: Call) -> LineFailedError | None:
    error = call.error
    if error is None:
        return None
    # the call's hint knows this machine; the error's own is general
    hint = call.hint or (error.hint if isinstance(error, CommandError) else "")
    line = call.shown_line.strip()
    return LineFailedError(line, call.error_text(), error.desc, error.error_class, hint)

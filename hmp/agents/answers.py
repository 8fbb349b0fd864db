"""What a tool answers: text and an image for the model, the same as a structure."""

from __future__ import annotations

import json

from hmp.library.results import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hmp.monitor.call import Call


class Answer:
    """The answer of a tool.

    structure: as JSON has it. text: for models; by default the structure. image: a PNG
    file. failed: whether it is an error.
    """

    def __init__(
        self,
        structure: dict[str, Any],
        text: str | None = None,
        image: bytes | None = None,
        failed: bool = False,
    ) -> None:
        self.structure: dict[str, Any] = sendable(structure)
        self.text: str = sendable(
            json.dumps(self.structure, indent=1, ensure_ascii=False)
            if text is None
            else text
        )
        self.image = image
        self.failed = failed


def sendable(value: Any) -> Any:
    """Replace what UTF-8 cannot hold in a JSON value."""
    text = json.dumps(value, ensure_ascii=False)
    # names from a guest may have lone surrogates, on which the transport would fail
    return json.loads(text.encode("utf-8", "replace"))


def failure(text: str, **structure: Any) -> Answer:
    """Return an error as an answer."""
    return Answer({"error": text, **structure}, text, failed=True)


def answer_of(call: Call) -> Answer:
    """Return the answer to a line that was run."""
    result = Result(call)
    text = result.text
    # once more, since making the text may have failed and left its error in the call
    if (error := result.error or Result(call).error) is not None:
        advice = f"{error.desc}\n{error.hint}".strip() or error.text or "the line failed"
        return failure(advice, line=result.line, error_class=error.error_class)
    structure = {"line": result.line, "value": result.value, "text": text}
    # many commands print nothing, but an answer without text tells a model nothing
    shown = text.strip("\n") and text
    return Answer(structure, shown or json.dumps(result.value, ensure_ascii=False))

"""Text for people: made of a QMP value by templates, or made into a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.authoring import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from rich.console import RenderableType


def left(text: str, width: int) -> str:
    """Return a text with blanks behind it, up to so many bytes, as C's printf pads."""
    return text + " " * (width - _bytes(text))


def right(text: str, width: int) -> str:
    """Return a text with blanks before it, up to so many bytes."""
    return " " * (width - _bytes(text)) + text


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def sections(text: str) -> RenderableType | None:
    """Return a text with its headings set off: lines that end in ``:`` and no blank."""
    from rich.text import Text

    lines = text.splitlines()
    if not lines:
        return None
    shown = [views.text(line, _style(line)) for line in lines]
    return Text("\n").join(shown)


def _style(line: str) -> str:
    return "hmp.heading" if line.endswith(":") and not line.startswith(" ") else ""


def filled(templates: Iterable[str], value: Mapping[str, Any]) -> Iterator[str]:
    """Yield lines made of templates like ``  in use: {in-use}`` and a QMP value.

    Booleans read as in QMP. A line whose member the value does not have is left out.
    """
    words = {
        key: str(member).lower() if isinstance(member, bool) else member
        for key, member in value.items()
    }
    for template in templates:
        try:
            yield template.format_map(words)
        except KeyError:
            continue

"""Views made of what a machine prints for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.authoring import views

if TYPE_CHECKING:
    from rich.console import RenderableType


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

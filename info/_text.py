"""Helpers for text: padding, templates for QMP values, and text as a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.authoring import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import RenderableType


def left(text: str, width: int) -> str:
    """Return a text padded on the right to a width in bytes, as C's printf does."""
    return text + " " * (width - _bytes(text))


def right(text: str, width: int) -> str:
    """Return a text padded on the left to a width in bytes."""
    return " " * (width - _bytes(text)) + text


def _bytes(text: str) -> int:
    # printf counts bytes, so QEMU's columns move with names that are not ASCII
    return len(text.encode(errors="replace"))


def sections(text: str) -> RenderableType | None:
    """Return a text with its headings set off, or None if it is empty.

    A heading is a line that ends in ``:`` and is not indented.
    """
    from rich.text import Text

    lines = text.splitlines()
    if not lines:
        return None
    shown = [views.text(line, _style(line)) for line in lines]
    return Text("\n").join(shown)


def _style(line: str) -> str:
    return "hmp.heading" if line.endswith(":") and not line.startswith(" ") else ""


def filled(templates: Iterable[str], value: Mapping[str, object]) -> Iterator[str]:
    """Yield lines made from templates like ``  in use: {in-use}`` and a QMP value.

    Booleans are written as in QMP. A line is left out if the value lacks its member.
    """
    words = {
        key: str(member).lower() if isinstance(member, bool) else member
        for key, member in value.items()
    }
    for template in templates:
        try:
            yield template.format_map(words)
        # a member that this machine does not have leaves its whole line out
        except KeyError:
            continue

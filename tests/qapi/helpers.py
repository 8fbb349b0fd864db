"""What the tests of the QAPI framework share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hmp.qapi import CURRENT, QAPIError, Schema, parse_schema

if TYPE_CHECKING:
    from hmp.qapi import Edition


def accepted(text: str, edition: Edition | None = CURRENT) -> Schema:
    """Return the schema in `text`."""
    return parse_schema(text, "t.json", edition)


def refused(text: str, edition: Edition | None = CURRENT) -> QAPIError:
    """Return the error that the schema in `text` gives."""
    with pytest.raises(QAPIError) as caught:
        parse_schema(text, "t.json", edition)
    return caught.value


def doc(*lines: str) -> str:
    """Return a documentation comment with these lines."""
    return "\n".join(["##", *(f"# {line}".rstrip() for line in lines), "##", ""])

"""Lists of options as QEMU prints them; tests/display/golden has their tables."""

from __future__ import annotations

import pytest

from tests.fakes import FakeSession


@pytest.mark.parametrize(
    "text",
    [
        "",
        "e1000 options\r\n",
        "e1000 options:\r\n  addr=<int32>\r\nmore\r\n",
        "There are no options for e1000.\r\n",
    ],
)
def test_other_texts_are_shown_as_they_are(text: str) -> None:
    """Nothing of a text that is not such a list is lost."""
    line = "device_add e1000,help"

    assert FakeSession({}, {line: text}).looks(line) == text.replace("\r\n", "\n")

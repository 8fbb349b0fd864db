from __future__ import annotations

import pytest

from hmp.terminal.pager import pager_command


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HMP_PAGER": "most", "PAGER": "more"}, "most"),
        ({"PAGER": "more"}, "more"),
        ({"HMP_PAGER": "", "PAGER": "more"}, None),
        ({"PAGER": " "}, None),
    ],
)
def test_the_pager_is_chosen_by_the_environment(
    environment: dict[str, str], expected: str | None
) -> None:
    """HMP_PAGER comes before PAGER; nothing means none."""
    assert pager_command(environment) == expected

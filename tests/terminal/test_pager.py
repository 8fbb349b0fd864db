from __future__ import annotations

from pathlib import Path

import pytest

from hmp.terminal.pager import page, pager_command


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


def test_the_text_goes_to_the_pager(tmp_path: Path) -> None:
    """The pager reads the whole text."""
    assert page("text\n" * 3, f"cat >{tmp_path}/out")

    assert (tmp_path / "out").read_text() == "text\n" * 3


def test_a_pager_that_is_not_there_is_told() -> None:
    """The caller can show the text itself then."""
    assert not page("text\n", "nonexistent-pager 2>/dev/null")


def test_a_pager_that_is_left_early_is_no_error() -> None:
    """A text that is not read to its end is nobody's fault."""
    assert page("text\n" * 200_000, "true")

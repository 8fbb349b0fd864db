from __future__ import annotations

import os
from pathlib import Path

import pytest

from completions.file import FILE
from tests.completions.helpers import placed, words


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", ("", "")),
        ("a", ("a", "")),
        ("/", ("", "/")),
        ("/tmp/x", ("x", "/tmp/")),
        ("a/b/", ("", "a/b/")),
        ("~/x", ("x", "~/")),
    ],
)
def test_the_last_part_of_a_path_is_completed(typed: str, part: tuple[str, str]) -> None:
    """The folder before it is where to look."""
    assert placed(FILE, typed) == part


def test_files_and_folders(tmp_path: Path) -> None:
    """Folders have a slash behind them."""
    (tmp_path / "b").touch()
    (tmp_path / "a c").mkdir()
    (tmp_path / ".hidden").touch()

    assert words(FILE, {}, f"{tmp_path}/") == [
        (".hidden", ""),
        ("a c/", "folder"),
        ("b", ""),
    ]


@pytest.mark.parametrize("context", ["/nonexistent/", "/etc/passwd/"])
def test_folders_that_are_none(context: str) -> None:
    """There is nothing in them."""
    assert words(FILE, {}, context) == []


def test_the_home_and_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their short names."""
    (tmp_path / "x").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert words(FILE, {}, "~/") == words(FILE, {}, "") == [("x", "")]
    assert os.getcwd() == str(tmp_path)

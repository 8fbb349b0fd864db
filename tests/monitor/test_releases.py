"""The releases of QEMU that do something otherwise stand in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hmp.monitor import releases
from tests.program import ROOT

FOLDERS = ("commands", "info", "completions")
NAMED = {name: value for name, value in vars(releases).items() if name.isupper()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_versions_are_compared_with_names(folder: str) -> None:
    """Numbers of releases are nowhere else."""
    compared = re.compile(r"version\s*[<>]=?\s*\(|^_[A-Z_]+ = \(\d+, \d+\)$", re.MULTILINE)
    found = [
        p.name for p in Path(ROOT, folder).glob("*.py") if compared.search(p.read_text())
    ]

    assert found == []


def test_each_name_is_used() -> None:
    """By those who differ."""
    folders = (*FOLDERS, "hmp/monitor")
    text = "".join(p.read_text() for f in folders for p in Path(ROOT, f).glob("*.py"))

    assert [name for name in NAMED if f"releases.{name}" not in text] == []


def test_they_stand_in_order() -> None:
    """Release by release, each between the oldest and the newest that was looked at."""
    assert list(NAMED.values()) == sorted(NAMED.values())
    assert all((7, 2) < value < (11, 1) for value in NAMED.values())

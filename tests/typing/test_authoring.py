"""The authoring interface is typed: mypy refuses what would fail when it is loaded."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import ROOT

CODE = ROOT / "tests" / "typing" / "authoring.py"


def test_mypy_refuses_wrong_declarations_and_no_others(tmp_path: Path) -> None:
    """Errors are reported for the marked lines, and for them alone."""
    pytest.importorskip("mypy")
    marked = {
        number
        for number, line in enumerate(CODE.read_text().splitlines(), 1)
        if line.endswith("# refused")
    }
    mypy = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(tmp_path),
        str(CODE),
    ]

    done = subprocess.run(mypy, capture_output=True, text=True, cwd=ROOT, check=False)

    found = {int(n) for n in re.findall(r"authoring\.py:(\d+): error", done.stdout)}
    assert (found, done.stderr) == (marked, ""), done.stdout
    assert len(marked) >= 10

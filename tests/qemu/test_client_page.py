from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import LIMIT
from tests.program import ROOT

PAGE = ROOT / "docs" / "client.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_of_the_page_runs(
    program: str, qemu_command: list[str], tmp_path: Path
) -> None:
    """As it stands, with the QEMU at hand under its usual name."""
    started = tmp_path / "qemu-system-x86_64"
    arguments = " ".join(f"'{word}'" for word in qemu_command)
    started.write_text(f'#!/bin/sh\nexec {arguments} -display none "$@"\n')
    started.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        timeout=LIMIT,
        cwd=ROOT,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


TESTS = """
def test_a_started_machine(qemu):
    vm = qemu("-M", "none", "-name", "mine")
    assert vm.run("info name").text == "mine\\n"
    assert vm.qmp.query_name() == {"name": "mine"}

def test_a_machine_that_is_there(hmp):
    assert hmp.qmp.query_status()["running"]
"""


def test_the_fixtures_of_the_pytest_plugin(qemu_command: list[str], tmp_path: Path) -> None:
    """Machines that start for a test, and end with it."""
    (tmp_path / "test_mine.py").write_text(TESTS)
    command = " ".join(f"'{word}'" for word in qemu_command)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "hmp.pytest_plugin",
            "--qemu",
            command,
            str(tmp_path),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        timeout=LIMIT,
        cwd=tmp_path,
        text=True,
    )

    assert "2 passed" in done.stdout, done.stdout

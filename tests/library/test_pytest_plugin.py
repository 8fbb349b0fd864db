"""The pytest plugin, with machines that are no QEMUs; tests/qemu has real ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.fakes import FAKE_QEMU, LIMIT, serving
from tests.program import ROOT

STARTS = """
def test_a_machine_of_its_own(qemu, request):
    vm = qemu()
    assert vm.run("info name").text == "fake\\n"


def test_a_machine_without_devices(hmp):
    assert hmp.run("info name").text == "fake\\n"


def test_the_default(request):
    assert request.config.getoption("--hmp") is None
"""
CONNECTS = """
def test_a_machine_that_is_there(hmp, request):
    assert hmp.run("info name").text == "there\\n"
    assert request.config.getoption("--qemu") == "qemu-system-x86_64"
"""


def pytest_says(tests: str, folder: Path, *options: str) -> str:
    """Return what pytest prints for some tests with the plugin."""
    (folder / "test_mine.py").write_text(tests)
    fixed = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "hmp.pytest_plugin"]
    done = subprocess.run(
        [sys.executable, *fixed, *options, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        timeout=LIMIT,
        cwd=folder,
        text=True,
    )
    return done.stdout


def test_a_machine_that_is_there(tmp_path: Path) -> None:
    """The one that --hmp names."""
    with serving({"query-name": {"name": "there"}}) as server:
        said = pytest_says(CONNECTS, tmp_path, "--hmp", server.path)

    assert "1 passed" in said, said


def test_a_machine_that_starts(tmp_path: Path) -> None:
    """The one that --qemu names, with a display of its own only if it is asked for."""
    program = tmp_path / "qemu"
    program.write_text(
        f"""#!/bin/sh
[ "$1 $2 $3" = "first -display none" ] || exit 3
shift 3
echo "$@" >>'{tmp_path}/arguments'
exec '{sys.executable}' '{FAKE_QEMU}' "$@"
"""
    )
    program.chmod(0o755)
    said = pytest_says(STARTS, tmp_path, "--qemu", f"'{program}' first")

    assert "3 passed" in said, said
    assert "-M none -nodefaults " in (tmp_path / "arguments").read_text()


def test_the_options_are_explained(tmp_path: Path) -> None:
    """Among those of pytest."""
    said = " ".join(pytest_says("", tmp_path, "--help").split())

    assert (
        "virtual machines: --qemu=COMMAND the QEMU to start for tests, with options if need"
        " be --hmp=TARGET the machine of the fixture 'hmp' "
    ) in said

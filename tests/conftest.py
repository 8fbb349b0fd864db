"""What every test may rely on: an environment that is the same everywhere."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from hmp.builtin import load_tables
from hmp.monitor import declare

# what thousands of tests import and start is compiled once, whatever the environment says
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# entries belong to the modules that make them, whichever test imports these first
load_tables()

# a slow machine is no mistake of the code
settings.register_profile("patient", parent=settings.default, deadline=None)
settings.load_profile("patient")


SLOW = (
    "agents/",
    "cli/test_files.py",
    "cli/test_main.py",
    "display/test_picture.py",
    "display/test_sanitise.py",
    "fleet/test_terminal.py",
    "frontends/test_script.py",
    "language/test_expression.py",
    "monitor/test_tables.py",
    "monitor/test_walk.py",
    "qapi/",
    "qmp/qjson/",
    "qmp/test_codec.py",
    "qmp/test_interrupts.py",
    "qmp/test_random.py",
    "qmp/test_recording.py",
    "qmp/test_secret_lines.py",
    "recordings/",
    "serving/",
    "targets/test_captured.py",
    "targets/test_diagnosis.py",
    "targets/test_guard.py",
    "targets/test_ssh.py",
    "terminal/",
    "typing/",
)
"""Rooms and modules of tests that most edits need not wait for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, and those of the room that runs real QEMUs."""
    tests = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(tests).as_posix()
        if place.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        if place.startswith("qemu/"):
            item.add_marker(pytest.mark.qemu)


@pytest.fixture(autouse=True, scope="session")
def _environment_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fix what the developer's own environment would change, for shared fixtures, too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "HMP_PAGER", "PAGER", "LESS"):
            patch.delenv(name, raising=False)
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")
        _keep_files_in(tmp_path_factory.mktemp("home"), patch)
        yield


@pytest.fixture(autouse=True, scope="session")
def _signals_of_all() -> Iterator[None]:
    """Receive the signals that whoever started pytest has it ignore.

    A shell makes what it runs in the background ignore SIGINT, nohup SIGHUP, and our own
    programs would inherit that.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    if before[signal.SIGINT] == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if before[signal.SIGHUP] == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give each test files of its own."""
    _keep_files_in(tmp_path, monkeypatch)


def _keep_files_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("XDG_STATE_HOME", str(folder / "state"))
    patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))


@pytest.fixture(autouse=True)
def _entries_of_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the entries that a test declares."""
    for table in (declare.command, declare.info):
        monkeypatch.setattr(table, "by_name", dict(table.by_name))
        monkeypatch.setattr(table, "loose", list(table.loose))

"""What every test may rely on: an environment that is the same everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# a slow machine is no mistake of the code
settings.register_profile("patient", parent=settings.default, deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fix what the developer's own environment would change."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "HMP_PAGER", "PAGER", "LESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")

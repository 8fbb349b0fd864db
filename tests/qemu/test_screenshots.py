"""The pictures of the README can be taken anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.screenshots.__main__ import SCENES, take


@pytest.mark.parametrize("name", SCENES)
def test_a_picture(qemu_command: list[str], name: str, tmp_path: Path) -> None:
    """Each scene plays to its end and is drawn."""
    take(name, qemu_command, tmp_path)

    full = name in ("browser", "completion")  # where the banner has scrolled away
    assert full or "QEMU" in (tmp_path / f"{name}.svg").read_text()

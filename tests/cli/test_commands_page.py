"""The example of docs/commands.md works as an extension."""

from __future__ import annotations

import re
from pathlib import Path

from tests.fakes import joined, serving
from tests.program import ROOT, run

DISKS = [
    {"device": "d0", "inserted": {"image": {"virtual-size": 64 << 20}}},
    {"device": "cd0"},
]
PRINTS = {
    "disk_report": "d0: 64 MiB",
    "disk_report -a": "d0: 64 MiB\ncd0: no medium",
    "disk_report d0": "d0: 64 MiB",
    "disk_report d1": "Error: no disk 'd1'",
}


def test_the_example(tmp_path: Path) -> None:
    """Its flag, its argument, its text and its error."""
    page = (ROOT / "docs" / "commands.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (example,) = (block for block in blocks if "disk_report" in block)
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands" / "disks.py").write_text(example)
    with serving({"query-block": DISKS}) as server:
        done = run(
            "--extend", str(tmp_path), server.path, script=joined(PRINTS), merged=True
        )

    assert done.stdout == joined(PRINTS.values())

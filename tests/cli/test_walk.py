"""The walk of docs/tutorial.md does what it says, step by step."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.program import LIMIT, ROOT

_STEP = re.compile(
    r"`(?P<path>mine/[\w./-]+)`(?P<add>, at its end)?:\n\n```\w+\n(?P<content>.*?)```"
    r"|```console\n(?P<console>.*?)```",
    re.DOTALL,
)


def run(command: str, folder: Path) -> str:
    """Run a command of the walk; return what it prints, errors among it."""
    words = shlex.split(command)
    if words[0] == "hmp":
        words[:1] = [sys.executable, "-m", "hmp"]
    else:
        words[0] = sys.executable
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        timeout=LIMIT,
        text=True,
        check=False,
    )
    return done.stdout.replace(f"{folder}/", "")


def expected(console: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, with what each is to print."""
    parts = re.split(r"^\$ (.*)\n", console, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_the_walk_works_as_it_stands(tmp_path: Path) -> None:
    """Each file is written as shown, and each command prints what is shown."""
    text = (ROOT / "docs" / "tutorial.md").read_text()
    steps = list(_STEP.finditer(text))

    for step in steps:
        if step["path"]:
            path = tmp_path / step["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text() if step["add"] else ""
            path.write_text(before + step["content"])
            continue
        for command, output in expected(step["console"]):
            assert (command, run(command, tmp_path)) == (command, output)

    assert sum(bool(step["console"]) for step in steps) >= 7
    assert sum(bool(step["path"]) for step in steps) >= 12

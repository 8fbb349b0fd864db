from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hmp.qapi import QAPIError, load_schema
from hmp.qapi.new_command import new_command
from tests.program import LIMIT, ROOT


@pytest.mark.parametrize(
    "names", [["greet"], ["query-mood"], ["info", "query-command", "a-b"]]
)
def test_a_new_command_works_as_written(tmp_path: Path, names: list[str]) -> None:
    """What is written loads, runs, and passes the tests written with it."""
    for name in names:
        paths = new_command(name, str(tmp_path / "mine"))
        assert all(Path(path).is_file() for path in paths)

    schema = load_schema(str(tmp_path / "mine" / "machine" / "schema.json"))
    assert list(schema.commands) == names
    if "info" in names:
        return  # a monitor has that name already
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "mine/tests"],
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["", "Foo", "a_b", "-x", "query-", "a b", "../x"])
def test_names_that_are_none_are_refused(tmp_path: Path, name: str) -> None:
    """Nothing is written for a name that a schema would not take."""
    with pytest.raises(QAPIError, match="is not a command name"):
        new_command(name, str(tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_files_that_are_there_stay(tmp_path: Path) -> None:
    """A command that was written already is not written over, nor written twice."""
    paths = new_command("greet", str(tmp_path))
    before = [Path(path).read_text() for path in paths]

    with pytest.raises(QAPIError, match="exists already"):
        new_command("greet", str(tmp_path))

    assert [Path(path).read_text() for path in paths] == before

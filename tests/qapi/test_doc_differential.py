"""Generated documentation is accepted or refused as QEMU's own compiler does.

Its releases have one each; which line is wrong is the same, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hmp.qapi import QAPIError, load_schema
from tests.qapi.qemu_sources import QEMUSource
from tests.qapi.test_qemu_sources import SOURCES

pytestmark = pytest.mark.qemu

MARGINS = st.sampled_from(
    ["", "", "", " ", "  ", "    ", "\t", " \t", "\t ", "  \t", "\v "]
)
TEXTS = st.sampled_from(
    [
        "",
        "@foo:",
        "@a: x",
        "@a:",
        "@b: x",
        "@b:",
        "@a:\tx",
        "more",
        "Features:",
        "Returns: x",
        "Returns:",
        "Since: 1",
        "TODO: x",
        "Errors: x",
        "Errors:",
        "Note: x",
        "Example:",
        "= title",
        "- item",
        "::",
        ".. note::",
        "\tx",
        "x\t",
    ]
)
LINES = st.lists(st.builds("{}{}".format, MARGINS, TEXTS), max_size=8)
COMMAND = "{ 'command': 'foo', 'data': { '*a': 'int' }, 'features': [ 'b' ] }"


class Compiler:
    """QEMU's compiler in a process of its own."""

    def __init__(self, source: QEMUSource, folder: Path) -> None:
        self.source = source
        self.file = folder / "t.json"
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("compiler.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(source.path / "scripts"), "LC_ALL": "C.UTF-8"},
            text=True,
        )

    def verdicts(self, text: str) -> tuple[int | None, int | None]:
        """Return the line of the first error by our reading, and by QEMU's."""
        self.file.write_text(text, newline="")
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(str(self.file)) + "\n")
        self.process.stdin.flush()
        theirs = json.loads(self.process.stdout.readline())
        try:
            load_schema(str(self.file), self.source.edition)
        except QAPIError as error:
            return error.line, theirs
        return None, theirs


@pytest.fixture(scope="module", params=SOURCES)
def compiler(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Compiler]:
    """QEMU's compiler of each source tree."""
    found = Compiler(request.param, tmp_path_factory.mktemp("schema"))
    yield found
    found.process.communicate()


COUNT = 20_000 if "HMP_TEST_RANDOM_SECONDS" in os.environ else 700


@pytest.mark.timeout(3600)
@settings(
    max_examples=COUNT,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=LINES)
def test_generated_comments(compiler: Compiler, lines: list[str]) -> None:
    """Indented by tabs or spaces, with sections in any order."""
    comment = "\n".join(["##", "# @foo:", *(f"# {line}" for line in lines), "##"])

    ours, theirs = compiler.verdicts(f"{comment}\n{COMMAND}\n")

    assert ours == theirs

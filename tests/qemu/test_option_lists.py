"""Option lists made by chance, in both monitors of twin machines that must both live on.

HMP_TEST_LONG has each command take 5,000 of them; HMP_TEST_RANDOM_SEED is where chance
begins.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from random import Random

import pytest

from tests.qemu.configurations import make_files
from tests.qemu.optionlists import COMMANDS, generated
from tests.qemu.survivors import answers

pytestmark = pytest.mark.timeout(3600)

LINES = 5000 if os.environ.get("HMP_TEST_LONG") else 120
SEED = int(os.environ.get("HMP_TEST_RANDOM_SEED", "1"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images that machines find where they run."""
    return make_files(tmp_path_factory.mktemp("files"))


EXEMPT = (
    (
        r"(?s)\Adrive_add -n 0 .*null-.*  ours:   .Error: Parameter"
        r" '(size|latency-ns|read-zeroes)' expects .* would end QEMU",
        "a bad number of these drivers kills a QEMU, and is told before other mistakes",
    ),
)
"""Lines that may differ, by a pattern of line and answers, and why."""


@pytest.mark.parametrize("command", COMMANDS)
def test_option_lists(qemu_label: str, command: str, files: Path) -> None:
    """Both monitors say the same of any list, and make the same of it."""
    lists = COMMANDS[command]
    lines = generated(lists, Random(f"{SEED} {command}"), LINES)
    names = [name for kind in lists.kinds for name in kind.options]
    how = {"undo": lists.undo, "look": lists.look, "path": lists.path, "names": names}
    different = list(answers(qemu_label, files, lines, **how))
    left = [
        answer
        for answer in different
        if not any(re.search(pattern, answer) for pattern, _ in EXEMPT)
    ]
    assert not left, f"{len(left)} of {LINES}:\n" + "\n".join(left)

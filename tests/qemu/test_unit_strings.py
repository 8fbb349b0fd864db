"""The strings of QEMU's unit tests, as arguments in both monitors of twin machines.

HMP_QEMU_SOURCES names the source trees; HMP_TEST_LONG tries each string, and not some.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.qapi.qemu_sources import sources
from tests.qemu.configurations import make_files
from tests.qemu.survivors import answers
from tests.qemu.unitstrings import has_unit_tests, lines

pytestmark = pytest.mark.timeout(3600)

SOME = 250
SEED = int(os.environ.get("HMP_TEST_RANDOM_SEED", "1"))
UNDO = (
    "object_del {id}",
    "device_del {id}",
    "netdev_del {id}",
    "drive_del {id}",
    "chardev-remove {id}",
    "qom-set /objects/io0 poll-max-ns 32768",
)
LOOK = (
    "info migrate_parameters",
    "qom-get /objects/io0 poll-max-ns",
    "info chardev",
    "qom-get /machine initrd",
    "qom-get /objects/m9 dump",
    "info network",
    "info qom-tree /objects",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images that machines find where they run."""
    return make_files(tmp_path_factory.mktemp("files"))


def test_the_strings_of_qemus_unit_tests(qemu_label: str, files: Path) -> None:
    """Both monitors say the same of each, and both machines live on."""
    trees = [
        tree
        for tree in sources()
        if tree.version.startswith(qemu_label) and has_unit_tests(tree.path)
    ]
    if not trees:
        pytest.skip(f"no unit tests of QEMU {qemu_label}: set HMP_QEMU_SOURCES")
    found = list(dict.fromkeys(lines(trees[0].path)))
    assert len(found) > 4000
    if not os.environ.get("HMP_TEST_LONG"):
        found = Random(SEED).sample(found, SOME)

    different = list(answers(qemu_label, files, found, undo=UNDO, look=LOOK))

    assert not different, f"{len(different)} of {len(found)}:\n" + "\n".join(different)

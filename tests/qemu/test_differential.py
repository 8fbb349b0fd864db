"""Every command that can be run safely, good and bad, in both monitors of twin machines.

The lines come from the tables, and from the lists of `tests.qemu.chosen`. Nearly all
print the same text, and they leave the same machine behind; the traffic shows that no
command that QMP can do was given to QEMU's own monitor.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.qemu.configurations import make_files
from tests.qemu.exceptions import DIFFERENT, FORWARDED
from tests.qemu.machines import qemus
from tests.qemu.report import ENOUGH, Report
from tests.qemu.runs import CONFIGURATIONS, answers_of

RELEASES = ("7.2", "10.0", "11.1")
"""The releases whose exceptions are known."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images that machines find where they run."""
    return make_files(tmp_path_factory.mktemp("files"))


_REPORTS: dict[tuple[str, str], Report] = {}


def report(label: str, configuration: str, files: Path) -> Report:
    """Return the report of a configuration on one of the QEMUs, made once."""
    key = label, configuration
    if key not in _REPORTS:
        found = answers_of(label, configuration, files)
        answers = [answer for part in found.values() for answer in part]
        _REPORTS[key] = Report(label, answers, DIFFERENT)
    return _REPORTS[key]


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_both_monitors_say_the_same(
    qemu_label: str, configuration: str, files: Path
) -> None:
    """But for the lines that the table of exceptions lists with its reasons."""
    found = report(qemu_label, configuration, files)
    if not found.lines:
        pytest.skip(f"no qemu-storage-daemon {qemu_label}")

    print(f"{qemu_label} {configuration}: {found}")  # noqa: T201 - the figures
    if qemu_label in RELEASES:
        assert not found.unexplained, "\n".join(map(str, found.unexplained))
    assert found.lines > (300 if configuration == "daemon" else 1500)
    assert found.equal >= ENOUGH * found.lines


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_what_qmp_can_do_is_done_over_qmp(
    qemu_label: str, configuration: str, files: Path
) -> None:
    """No native command sends its line to QEMU's own monitor, but for those listed."""
    if qemu_label not in RELEASES:
        pytest.skip(f"what QEMU {qemu_label} lacks is not known")
    leaked = report(qemu_label, configuration, files).leaked

    assert not leaked, "\n".join(answer.line for answer in leaked)


def test_no_exception_is_needless(request: pytest.FixtureRequest) -> None:
    """The table of exceptions only shrinks."""
    labels = [label for label in qemus() if label in RELEASES]
    if not labels:
        pytest.skip(f"no QEMU of {', '.join(RELEASES)}: set HMP_TEST_QEMUS")

    files: Path = request.getfixturevalue("files")  # which wants QEMU's tools
    reports = [report(label, c, files) for label in labels for c in CONFIGURATIONS]

    used = {exempt for found in reports for exempt in found.used}
    here = [e for e in (*DIFFERENT, *FORWARDED) if {*(e.releases or labels)} & {*labels}]
    assert [exempt.lines for exempt in here if exempt not in used] == []

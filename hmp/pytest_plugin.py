"""A pytest plugin for those who test virtual machines: the fixtures ``qemu`` and ``hmp``.

    def test_the_disk_is_there(qemu):
        vm = qemu("-M", "q35", "-drive", "if=none,id=d0,file=disk.qcow2")
        assert "d0" in vm.run("info block").text

    def test_the_machine_runs(hmp):
        assert hmp.qmp.query_status()["running"]

``qemu`` starts a QEMU with the given arguments; it ends with the test. ``hmp`` is the
machine that ``--hmp TARGET`` names, or else a QEMU without devices. ``--qemu COMMAND`` is
the QEMU to start, by default the qemu-system-x86_64 of this host.
"""

from __future__ import annotations

import shlex
from contextlib import ExitStack

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hmp.client import Machine

_LIMIT = 60.0
"""Seconds that a command of a machine under test may take."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say which machines to use."""
    group = parser.getgroup("hmp", "virtual machines")
    group.addoption(
        "--qemu",
        metavar="COMMAND",
        default="qemu-system-x86_64",
        help="the QEMU to start for tests, with options if need be",
    )
    group.addoption("--hmp", metavar="TARGET", help="the machine of the fixture 'hmp'")


@pytest.fixture
def qemu(request: pytest.FixtureRequest) -> Iterator[Callable[..., Machine]]:
    """Return a function that starts a QEMU with the given arguments, without a display."""
    from hmp.client import launch

    command = shlex.split(request.config.getoption("--qemu"))
    with ExitStack() as machines:

        def start(*arguments: str, timeout: float | None = _LIMIT) -> Machine:
            made = launch([*command, "-display", "none", *arguments], timeout=timeout)
            return machines.enter_context(made)

        yield start


@pytest.fixture
def hmp(request: pytest.FixtureRequest, qemu: Callable[..., Machine]) -> Iterator[Machine]:
    """Return the machine that ``--hmp`` names, or a QEMU without devices."""
    from hmp.client import connect

    target = request.config.getoption("--hmp")
    if target is None:
        # a machine without CPU, memory or devices starts fastest
        yield qemu("-M", "none", "-nodefaults")
        return
    with connect(target, timeout=_LIMIT) as machine:
        yield machine

"""A session on a terminal through each kind of target, with completion and events."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

import pytest

from tests.program import ROOT
from tests.qemu.doors import DOORS, ManyDoors, free_port
from tests.qemu.libvirtd import TestedDomain, libvirtd, missing, virsh
from tests.targets.agents import RealAgent, needs_agent
from tests.targets.sshd import Network, needs_sshd
from tests.terminal.screen import Terminal

pytestmark = pytest.mark.skipif(
    not os.environ.get("HMP_TEST_LONG"), reason="long: HMP_TEST_LONG=1"
)

NAME = f"hmp-row-{os.getpid()}"
RELAY = f"{sys.executable} {ROOT}/tests/targets/relay.py"
LINES_ONLY = (11, 0, 50)
"""Before this version, a human monitor is no foothold for QMP."""


class Machine(ManyDoors):
    """A running machine with every door, and an object to complete."""

    def __init__(self, command: list[str]) -> None:
        self.port = free_port()
        places = [f"unix:{NAME},abstract=on", f"tcp:127.0.0.1:{self.port}"]
        qmp = [part for place in places for part in ("-qmp", f"{place},server=on,wait=off")]
        machine = ["-M", "pc", "-m", "32", "-nodefaults", "-name", NAME]
        super().__init__(command, [*machine, "-object", "iothread,id=iothread7", *qmp])

    def target(self, door: str) -> str:
        """Return the target that a user would give."""
        return {
            "path": self.path,
            "abstract": f"unix:@{NAME}",
            "port": f"127.0.0.1:{self.port}",
            "name": NAME,
            "exec": f"exec:{RELAY} {self.path}",
            "ssh": f"near:{self.path}",
            "ssh URL": f"ssh://far{self.path}",
            "ssh name": f"near:{NAME}",
        }.get(door) or super().target(door)


@pytest.fixture(scope="module")
def machine(qemu_command: list[str]) -> Iterator[Machine]:
    """The machine."""
    made = Machine(qemu_command)
    yield made
    made.close()


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """Two ssh servers."""
    made = Network()
    yield made
    made.close()


def at_prompt(session: Terminal) -> None:
    """Wait for an empty prompt."""
    session.wait(lambda: bool(re.fullmatch(r"\((qemu|hmp).*\)", session.row)), "a prompt")


def completes(session: Terminal, start: str, line: str) -> None:
    """Press Tab after the start of a line, and see what it becomes."""
    at_prompt(session)
    session.type(f"{start}\t")
    session.wait(lambda: session.row.endswith(f") {line}"), line)
    session.type("\x15")


def answers(session: Terminal, line: str, text: str) -> None:
    """Run a line."""
    at_prompt(session)
    session.type(f"{line}\r")
    session.wait_for(text)
    at_prompt(session)


WAYS = ["path", "abstract", "port", "name", "exec"]
OVER_SSH = [pytest.param(door, marks=needs_sshd) for door in ("ssh", "ssh URL", "ssh name")]


@pytest.mark.parametrize("door", [*WAYS, *DOORS, *OVER_SSH])
def test_a_machine(machine: Machine, door: str, request: pytest.FixtureRequest) -> None:
    """Words and events are the machine's; only QMP has events."""
    environment = {}
    if door.startswith("ssh"):
        environment["HMP_SSH"] = request.getfixturevalue("network").command()
    session = Terminal(machine.target(door), columns=140, **environment)
    try:
        completes(session, "info statu", "info status")
        completes(session, "object_del io", "object_del iothread7")
        answers(session, "info name", NAME)
        if door != "gdb" and (door not in DOORS or machine.version >= LINES_ONLY):
            machine.oracle.qmp("stop")
            session.wait_for("STOP")
            machine.oracle.qmp("cont")
            session.wait_for("RESUME")
        answers(session, "info status", "running")
    finally:
        session.close()
    assert machine.oracle.qmp("query-status")["return"]["running"]


@pytest.mark.skipif(bool(missing()), reason=missing() or "libvirt is here")
def test_a_domain(qemu_command: list[str]) -> None:
    """By each way to name it."""
    name = f"{NAME}-domain"
    with libvirtd():
        domain = TestedDomain(name, qemu_command)
        try:
            for target in (f"libvirt:{name}", f"qemu:///system/{name}", name):
                session = Terminal(target, columns=140)
                try:
                    completes(session, "info statu", "info status")
                    completes(session, "chardev-remove charm", "chardev-remove charmonitor")
                    virsh("suspend", name)
                    session.wait_for("STOP")
                    virsh("resume", name)
                    session.wait_for("RESUME")
                    answers(session, "info name", name)
                finally:
                    session.close()
        finally:
            domain.close()


@needs_agent
def test_an_agent() -> None:
    """Its commands are completed; it has no events."""
    with RealAgent() as agent:
        session = Terminal(f"qga:{agent.path}", columns=140)
        try:
            completes(session, "guest fsi", "guest fsinfo")
            completes(session, "qmp guest-get-host-n", "qmp guest-get-host-name")
            answers(session, "guest exec echo hello", "hello")
        finally:
            session.close()

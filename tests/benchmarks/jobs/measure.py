"""Runs the ten jobs both ways, and counts their lines and their seconds."""

from __future__ import annotations

import ast
import inspect
import os
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NamedTuple

from tests.benchmarks.fleet import machines
from tests.benchmarks.jobs import ours, theirs
from tests.program import ROOT
from tests.qemu.machines import RunningQemu

FLEET = 20
ROUNDS = 9


class Job(NamedTuple):
    """A job that both do with the same arguments; machine: where `qemu.machine` is."""

    name: str
    arguments: tuple[Any, ...]
    machine: str

    @property
    def lines(self) -> tuple[int, int]:
        """The lines of both."""
        return lines(getattr(ours, self.name)), lines(getattr(theirs, self.name))

    def results(self) -> tuple[Any, Any]:
        """Return what both return."""
        return (
            getattr(ours, self.name)(*self.arguments),
            getattr(theirs, self.name)(*self.arguments),
        )

    def seconds(self, module: ModuleType) -> float:
        """Return how long a program takes that does the job one of the two ways."""
        program = (
            f"import sys; sys.path.append({self.machine!r})\n"
            f"import {module.__name__} as jobs; jobs.{self.name}(*{self.arguments!r})"
        )
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
        return time.perf_counter() - begun


def lines(function: Callable[..., Any]) -> int:
    """Return the lines of a function's body, without its documentation."""
    source = textwrap.dedent(inspect.getsource(function))
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    body = source.splitlines()[node.body[1].lineno - 1 :]
    return sum(bool(line.strip()) for line in body)


def qemu_machine() -> str:
    """Return the folder of `qemu.machine` in QEMU's sources; empty without them.

    It can be imported afterwards.
    """
    for folder in os.environ.get("HMP_QEMU_SOURCES", "").split(":")[::-1]:
        path = os.path.join(folder, "python")
        if folder and os.path.isdir(f"{path}/qemu/machine"):
            if path not in sys.path:
                sys.path.append(path)
            return path
    return ""


@contextmanager
def jobs(command: list[str], count: int = FLEET) -> Iterator[list[Job]]:
    """Start a machine and a fleet of so many, and yield the jobs.

    Without QEMU's sources, the job of `qemu.machine` is left out.
    """
    qemu = RunningQemu(command, ["-M", "q35", "-nodefaults"])
    image, copy = f"{qemu.folder}/disk", f"{qemu.folder}/copy"
    machine = qemu_machine()
    try:
        for path in (image, copy):
            create = ["qemu-img", "create", "-q", "-f", "qcow2", path, "1M"]
            subprocess.run(create, check=True)
        qemu.oracle.hmp(f"drive_add 0 if=none,id=d0,format=qcow2,file={image}")
        with machines(command, count) as fleet:
            arguments: dict[str, tuple[Any, ...]] = {
                "backup": (qemu.path, copy),
                "fleet": (fleet,),
                "start": (command,),
            }
            yield [
                Job(name, arguments.get(name, (qemu.path,)), machine)
                for name, function in vars(ours).items()
                if inspect.isfunction(function) and function.__module__ == ours.__name__
                if machine or name != "start"
            ]
    finally:
        qemu.close()


def timed(job: Job) -> tuple[float, float]:
    """Return the median seconds of both, run in turn."""
    job.seconds(ours)  # the first time fills caches
    job.seconds(theirs)
    pairs = [(job.seconds(ours), job.seconds(theirs)) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def table(command: list[str]) -> Iterator[tuple[str, tuple[int, int], tuple[float, float]]]:
    """Yield the name of each job, its lines both ways, and its seconds both ways."""
    with jobs(command) as found:
        for job in found:
            yield job.name, job.lines, timed(job)

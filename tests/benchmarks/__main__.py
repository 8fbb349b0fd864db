"""The figures of the design, each against its peer, in one run on one machine.

    python -m tests.benchmarks [NAME]...

Pairs are timed in turn, A B A B …, and the medians compared; a ratio above its goal is
good. Needs a QEMU (HMP_TEST_QEMUS, or ``qemu-system-x86_64`` on PATH) and the package
``qemu.qmp``, for its ``qmp-shell``. An editable install's modules are compiled first, as
those of a wheel are when it is installed.
"""

from __future__ import annotations

import compileall
import json
import os
import pty
import select
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.program import ROOT
from tests.qemu.libvirtd import missing
from tests.qemu.machines import RunningQemu, qemus

LINES = 20_000
SHELL_LINES = 2_000
ROUNDS = 5

BIN = Path(sys.executable).parent
HMP = str(BIN / "hmp")
QMP_SHELL = str(BIN / "qmp-shell")


class Figure(NamedTuple):
    """A measured pair: higher is better for both values."""

    what: str
    ours: float
    peer: float
    unit: str
    goal: float

    @property
    def ratio(self) -> float:
        """How much better ours is than the peer's."""
        return self.ours / self.peer


def paired(ours: Callable[[], float], peer: Callable[[], float]) -> tuple[float, float]:
    """Run both in turn and return the medians of what they return."""
    ours()  # the first time warms caches
    peer()
    pairs = [(ours(), peer()) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def lines_a_second(command: list[str], line: str, count: int) -> float:
    """Pipe the same line in count times; return how many were answered a second."""
    data = f"{line}\n".encode() * count
    begun = time.perf_counter()
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
    took = time.perf_counter() - begun
    assert done.stdout.count(b"\n") >= count
    return count / took


def bare_loop(path: str) -> float:
    """Return the commands a second of a client that does nothing but lockstep."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
        with sock.makefile("rb") as file:
            file.readline()
            sock.sendall(b'{"execute": "qmp_capabilities"}\n')
            file.readline()
            begun = time.perf_counter()
            for _ in range(LINES):
                sock.sendall(b'{"execute": "query-status"}\n')
                file.readline()
            return LINES / (time.perf_counter() - begun)


def script_on_qemu(qemu: RunningQemu) -> Figure:
    """``info status`` lines a second, piped, against a bare socket loop."""
    ours, peer = paired(
        lambda: lines_a_second([HMP, qemu.path], "info status", LINES),
        lambda: bare_loop(qemu.path),
    )
    return Figure("info status lines, real QEMU / bare socket loop", ours, peer, "/s", 0.9)


def human_monitor(qemu: RunningQemu) -> Figure:
    """The same through QEMU's human monitor, against a QMP socket."""
    ours, peer = paired(
        lambda: lines_a_second([HMP, f"{qemu.folder}/m"], "info status", SHELL_LINES),
        lambda: lines_a_second([HMP, qemu.path], "info status", SHELL_LINES),
    )
    return Figure("info status lines, human monitor / QMP", ours, peer, "/s", 0.5)


def script_against_shell(qemu: RunningQemu) -> Figure:
    """The same against qmp-shell -H."""
    ours, peer = paired(
        lambda: lines_a_second([HMP, qemu.path], "info status", SHELL_LINES),
        lambda: lines_a_second([QMP_SHELL, "-H", qemu.path], "info status", SHELL_LINES),
    )
    return Figure("info status lines, real QEMU / qmp-shell -H", ours, peer, "/s", 2)


def embedded(qemu_command: list[str]) -> Figure:
    """``hello-world`` on the embedded machine against QEMU's own monitor on stdio."""
    monitor = [*qemu_command, "-M", "none", "-display", "none", "-monitor", "stdio"]
    data = b"info status\n" * LINES + b"quit\n"

    def qemu_itself() -> float:
        begun = time.perf_counter()
        done = subprocess.run(monitor, input=data, stdout=subprocess.PIPE, check=False)
        assert done.stdout.count(b"VM status") >= LINES
        return LINES / (time.perf_counter() - begun)

    ours, peer = paired(lambda: lines_a_second([HMP], "hello-world", LINES), qemu_itself)
    return Figure("hello-world lines, embedded / QEMU -monitor stdio", ours, peer, "/s", 3)


def one_command(qemu: RunningQemu) -> Figure:
    """Start to exit of one command, against qmp-shell."""

    def seconds(command: list[str], data: bytes) -> float:
        begun = time.perf_counter()
        subprocess.run(command, input=data, stdout=subprocess.DEVNULL, check=True)
        return 1 / (time.perf_counter() - begun)

    ours, peer = paired(
        lambda: _best(lambda: seconds([HMP, "-c", "info status", qemu.path], b"")),
        lambda: _best(lambda: seconds([QMP_SHELL, "-H", qemu.path], b"info status\n")),
    )
    return Figure("start to exit, one command / qmp-shell", ours, peer, "/s", 1.5)


def through_libvirt(qemu_command: list[str]) -> Figure:
    """``info status`` lines through libvirt against libvirt-python."""
    from tests.benchmarks.libvirt import measured

    ours, peer = map(statistics.median, measured(qemu_command, ROUNDS))
    return Figure("info status lines, libvirt / libvirt-python", ours, peer, "/s", 0.9)


def _best(measure: Callable[[], float]) -> float:
    """Return the best of some measurements of what is over in a moment."""
    return max(measure() for _ in range(5))


_BARE_PROMPT = "from prompt_toolkit import PromptSession; PromptSession().prompt('(hmp) ')"


def first_prompt() -> Figure:
    """Start to first prompt, against a bare prompt_toolkit prompt."""
    ours, peer = paired(
        lambda: _best(lambda: 1 / _until_prompt([HMP])),
        lambda: _best(lambda: 1 / _until_prompt([sys.executable, "-c", _BARE_PROMPT])),
    )
    return Figure("start to first prompt / bare prompt_toolkit", ours, peer, "/s", 1 / 1.3)


def _until_prompt(command: list[str]) -> float:
    """Return the seconds until the prompt is on the screen."""
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "HMP_HISTORY": "",
    }
    begun = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(command[0], command, environment)
    seen = b""
    while b"(hmp" not in seen:
        ready, _, _ = select.select([fd], [], [], 30)
        assert ready, seen
        seen += os.read(fd, 4096)
    took = time.perf_counter() - begun
    os.close(fd)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return took


def start_figure(what: str, function: str, *arguments: str) -> Callable[[], Figure]:
    """Return what measures a start in processor time; it may take 1.3 times the peer's."""

    def measured() -> Figure:
        from tests.benchmarks import starting

        ours, peer = getattr(starting, function)(*arguments)
        return Figure(what, ours, peer, "/s", 1 / 1.3)

    return measured


def key_figure(what: str, function: str, limit: float) -> Callable[[], Figure]:
    """Return what measures a key's time, as a rate, against the rate that a limit means."""

    def measured() -> Figure:
        from tests.benchmarks import keys

        worst: float = getattr(keys, function)()
        return Figure(f"{what} (99th percentile) / limit", 1 / worst, 1 / limit, "/s", 1)

    return measured


def far_figure(what: str, function: str, path: str, limit: float) -> Callable[[], Figure]:
    """Return what measures lines on a machine that is 50 ms away, against a limit."""

    def measured() -> Figure:
        from tests.benchmarks import distance

        took: float = getattr(distance, function)(path)
        return Figure(what, 1 / took, 1 / limit, "/s", 1)

    return measured


def far_monitor(qemu: RunningQemu) -> Figure:
    """All ``info`` lines 50 ms away, against QEMU's own monitor over the same relay."""
    from tests.benchmarks.distance import against_monitor

    ours, peer = against_monitor(qemu.path, f"{qemu.folder}/m")
    return Figure("all info, 50 ms away / QEMU's monitor", 1 / ours, 1 / peer, "/s", 0.8)


def requests_served(command: list[str]) -> Figure:
    """``query-status`` in lockstep over a Unix socket, against QEMU serving the same."""
    from tests.benchmarks.serving import served

    qemu = RunningQemu(command, ["-M", "none", "-nodefaults"])
    try:
        with served(1) as (path,):
            ours, peer = paired(lambda: bare_loop(str(path)), lambda: bare_loop(qemu.path))
    finally:
        qemu.close()
    return Figure("QMP requests served, lockstep / QEMU itself", ours, peer, "/s", 1)


def crowd_served() -> Figure:
    """The latency of 200 clients beside one that never reads, against none such."""
    from tests.benchmarks.serving import crowds

    ours, peer = crowds()
    what = "200 clients beside one that never reads / without it"
    return Figure(what, ours, peer, "/s", 0.8)


def shared_monitor(qemu: RunningQemu) -> Figure:
    """Eight clients of a shared monitor, against one client of QEMU's own."""
    from tests.benchmarks.sharing import shared, together

    qemu.oracle.close()  # its monitor is the peer
    with shared(qemu) as path:
        ours, peer = paired(lambda: together(path), lambda: bare_loop(qemu.oracle_path))
    return Figure("8 clients of a shared monitor / 1 of QEMU's", ours, peer, "/s", 0.8)


def private_monitor() -> Figure:
    """Private monitors made by hmp, against a bare script of the same calls."""
    from tests.benchmarks.sharing import bare_monitors, private_monitors

    machine = RunningQemu(private_command(), ["-M", "none", "-nodefaults"])
    try:
        ours, peer = paired(
            lambda: private_monitors(machine.path), lambda: bare_monitors(machine.path)
        )
    finally:
        machine.close()
    return Figure("a private monitor / bare script of the calls", ours, peer, "/s", 0.5)


def private_command() -> list[str]:
    """Return the command of a QEMU that offers private monitors; empty without one."""
    new = (command for label, command in qemus().items() if float(label) >= 11.1)
    return next(new, [])


def fleet_figure(command: list[str]) -> Figure:
    """One line on 60 QEMUs, in its time against a bare event loop's."""
    from tests.benchmarks.fleet import bare, machines, ours

    with machines(command, 60) as paths:
        taken, peer = paired(lambda: ours(HMP, paths), lambda: bare(paths))
    return Figure("60 QEMUs / bare event loop", 1 / taken, 1 / peer, "/s", 1 / 1.5)


def fleet_against_loop(command: list[str]) -> Figure:
    """The same against a shell loop."""
    from tests.benchmarks.fleet import loop, machines, ours

    with machines(command, 60) as paths:
        taken = statistics.median(ours(HMP, paths) for _ in range(ROUNDS))
        peer = loop(HMP, paths)
    return Figure("60 QEMUs / shell loop of hmp", 1 / taken, 1 / peer, "/s", 50)


def ten_jobs(command: list[str]) -> Figure:
    """Ten jobs with the library, each a program, against QEMU's own Python packages."""
    from tests.benchmarks.jobs.measure import table

    rows = list(table(command))
    for name, (ours, theirs), (mine, other) in rows:
        times = f"{mine * 1000:6.0f} ms, {other * 1000:6.0f} ms"
        print(f"     {name:12} {ours:2} lines, {theirs:2} lines; {times}")
    taken, peer = (sum(times[way] for _, _, times in rows) for way in (0, 1))
    return Figure("ten jobs / qemu.qmp and qemu.machine", 1 / taken, 1 / peer, "/s", 1)


def large_fleet() -> Figure:
    """One line on 1,000 embedded machines, in its time against a bare event loop's."""
    from tests.benchmarks.fleet import bare, embedded, memory, ours

    with embedded(1000) as paths:
        taken, peer = paired(lambda: ours(HMP, paths), lambda: bare(paths))
        each = (memory(HMP, paths) - memory(HMP, paths[:2])) / (len(paths) - 2)
    what = f"1,000 machines, {each / 1000:.0f} kB each / bare event loop"
    return Figure(what, 1 / taken, 1 / peer, "/s", 1 / 2)


def over_ssh(qemu: RunningQemu) -> Figure:
    """``info status`` lines over ssh, against a bare loop on a socket that ssh forwards."""
    from tests.benchmarks.ssh import doors

    with doors(qemu.path) as (ours_a_second, forwarded):
        ours, peer = paired(ours_a_second, lambda: bare_loop(forwarded))
    what = "info status lines over ssh / bare forwarded socket"
    return Figure(what, ours, peer, "/s", 1 / 1.2)


def measure(names: list[str]) -> list[Figure]:
    """Measure the figures of these names, or all of them."""
    _, command = next(iter(qemus().items()))
    arguments = ["-M", "q35", "-nodefaults", "-S"]
    machine = RunningQemu(command, [*arguments, "-monitor", "unix:m,server=on,wait=off"])
    figures: dict[str, Callable[[], Figure]] = {
        "script": lambda: script_on_qemu(machine),
        "shell": lambda: script_against_shell(machine),
        "human": lambda: human_monitor(machine),
        "embedded": lambda: embedded(command),
        "start": lambda: one_command(machine),
        "command": start_figure(
            "one command on a QEMU / bare script", "one_command", machine.path
        ),
        "version": start_figure("--version / python -c pass", "text_only", "--version"),
        "help": start_figure("--help / python -c pass", "text_only", "--help"),
        "completion": start_figure(
            "--shell-completion / python -c pass", "text_only", "--shell-completion=bash"
        ),
        "list": start_figure(
            "--list without machines / bare reading of /proc", "listing_without_machines"
        ),
        "list-machine": start_figure(
            "--list / bare reading and asking", "listing_with_state", machine.path
        ),
        "libvirt": lambda: through_libvirt(command),
        "prompt": first_prompt,
        "fleet": lambda: fleet_figure(command),
        "fleet-loop": lambda: fleet_against_loop(command),
        "fleet-many": large_fleet,
        "jobs": lambda: ten_jobs(command),
        "far": far_figure("every info, 50 ms away / 0.25 s", "slowest", machine.path, 0.25),
        "first": far_figure("connect, ask, 50 ms away / 0.2 s", "first", machine.path, 0.2),
        "far-monitor": lambda: far_monitor(machine),
        "tree": far_figure("info qom-tree, 50 ms away / 1.5 s", "tree", machine.path, 1.5),
        "serving": lambda: requests_served(command),
        "crowd": crowd_served,
        "shared": lambda: shared_monitor(machine),
        "ssh": lambda: over_ssh(machine),
        "candidates": key_figure("a key, 10,000 candidates", "key_with_candidates", 0.016),
        "slow": key_figure("a key, machine answers in 5 s", "key_with_slow_machine", 0.05),
        "events": key_figure("a key, 10,000 events a second", "key_under_events", 0.05),
    }
    if private_command():
        figures["private"] = private_monitor
    try:
        if missing() and "libvirt" not in names:
            del figures["libvirt"]
        return [figures[name]() for name in names or figures]
    finally:
        machine.close()


def main() -> int:
    """Print a line a figure; return 1 when one misses its goal."""
    if not shutil.which(HMP) or not shutil.which(QMP_SHELL) or not qemus():
        print("needs hmp and qmp-shell beside this Python, and a QEMU", file=sys.stderr)
        return 2
    for package in ("hmp", "commands", "info", "completions"):
        compileall.compile_dir(ROOT / package, quiet=1)
    measured = measure(sys.argv[1:])
    for figure in measured:
        verdict = "ok  " if figure.ratio >= figure.goal else "MISS"
        print(
            f"{verdict} {figure.what:52} {figure.ours:10.1f} {figure.peer:10.1f}"
            f" {figure.unit}  ratio {figure.ratio:6.2f}  goal {figure.goal:.2f}"
        )
    if path := os.environ.get("HMP_BENCHMARK_JSON"):
        Path(path).write_text(json.dumps([figure._asdict() for figure in measured]))
    return int(any(figure.ratio < figure.goal for figure in measured))


if __name__ == "__main__":
    sys.exit(main())

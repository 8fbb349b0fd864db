"""A guard process between us and the command that we start, so that it ends with us.

The guard is the parent of the command and, where the kernel supports it, adopts orphaned
descendants: children of wrappers, and daemons. When we are gone, for whatever reason, it
terminates them all: first with SIGTERM, then with SIGKILL.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import sys
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple

from hmp.qmp.halted import process_fields
from hmp.qmp.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# numbers of linux/prctl.h
_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 1, 15, 36
_PAUSE = 0.005
"""Seconds between two checks for remaining processes."""
_ALL_SIGNALS = signal.valid_signals()
# the guard has to outlive what ends us, to end the others then
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_DEFAULT = (signal.SIGPIPE, signal.SIGXFSZ)
"""Signals that Python ignores but other programs expect to have their default."""


class GuardedCommand(NamedTuple):
    """What to start, and what it inherits.

    keep: descriptors that it gets besides its standard streams. streams: its standard
    input, output and error; None: an empty input, and our standard error for both
    outputs. terminal: the terminal on which it may ask questions until we take it back; see
    `hmp.targets.questions`. group: the process group that it joins; 0: one of its own, so
    that Ctrl-C at our prompt does not reach it. detached: whether it must not find our
    terminal at all.
    folder: removed at the end, with the files in it.
    """

    argv: Sequence[str]
    keep: Sequence[int] = ()
    streams: tuple[int, int, int] | None = None
    terminal: int | None = None
    group: int = 0
    detached: bool = False
    folder: str = ""


class Guarded:
    """A started command; created by `start`.

    pid: its process. returncode: as for `subprocess.Popen`; None while the command
    runs.
    """

    def __init__(self, guard: int, control: socket.socket, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._guard = guard
        self._owner = os.getpid()
        self._control = control
        self._said = b""

    @property
    def ours(self) -> bool:
        """Whether this process started it, rather than the one that forked this one."""
        return os.getpid() == self._owner

    def poll(self) -> int | None:
        """Return the return code; None while the command runs."""
        return self.wait(0)

    def wait(self, limit: float) -> int | None:
        """Wait for the end, at most `limit` seconds; return the return code or None."""
        deadline = monotonic() + limit
        while self.returncode is None and self._listen(deadline):
            pass
        return self.returncode

    def _listen(self, deadline: float) -> bool:
        """Wait for a message of the guard; return False at its end."""
        left = max(0.0, deadline - monotonic())
        if self._guard == 0 or not self.ours or not readable([self._control], left):
            return False
        heard = self._control.recv(64)
        self._said += heard
        if self._said.endswith(b"\n"):
            self.returncode = int(self._said)
        return bool(heard)

    def end(self, limit: float) -> None:
        """Terminate everything it started; after `limit` seconds, by force.

        Processes that have changed their user may survive. In a forked process it does
        nothing, as what runs still serves the other one.
        """
        if self._guard == 0 or not self.ours:
            return
        with suppress(OSError):
            # the guard takes the end of this stream as the order to end everything
            self._control.shutdown(socket.SHUT_WR)
        deadline = monotonic() + 2 * limit + 1
        while self._listen(deadline):
            pass
        if monotonic() > deadline:
            os.kill(self._guard, signal.SIGKILL)
        os.waitpid(self._guard, 0)
        self._control.close()
        self._guard = 0


def start(command: GuardedCommand, limit: float) -> Guarded:
    """Start a command. Raises OSError.

    limit: the seconds it gets to end after we are gone.
    """
    ours, theirs = socket.socketpair()
    # a signal must not arrive at the guard before it is ready for it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ALL_SIGNALS)
    try:
        guard = os.fork()
        if guard == 0:
            _guard(theirs.detach(), command, limit, before)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    with ours.makefile("rb", 0) as file:
        begun = file.readline()
    pid, error = map(int, begun.split() or (0, errno.EIO))
    if error:
        os.waitpid(guard, 0)
        ours.close()
        raise OSError(error, os.strerror(error))
    return Guarded(guard, ours, pid)


def how_it_ended(status: int) -> str:
    """Describe a return code: ``ended with exit status 1``."""
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal
        return f"was killed by signal {-status}"


def _guard(
    control: int, command: GuardedCommand, limit: float, mask: Iterable[int]
) -> None:
    """Run as the guard: start the command, watch it, and exit."""
    try:
        # Ctrl-C at our terminal goes to our process group, and must not reach the guard
        os.setpgid(0, 0)
        # a process whose parent (a wrapper script) ends becomes our child, and ends with us
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        pid, error = _spawn(command, mask)
        os.write(control, b"%d %d\n" % (pid, error))
        if not error:
            _watch(control, pid, limit, mask)
        if command.folder:
            _remove(command.folder)
    finally:
        os._exit(0)


def _remove(folder: str) -> None:
    """Remove a folder of files."""
    with suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(f"{folder}/{name}")
        os.rmdir(folder)


def _spawn(command: GuardedCommand, mask: Iterable[int]) -> tuple[int, int]:
    """Start the command; return its process, and the errno or 0."""
    # execvp closes this pipe when it succeeds; otherwise the errno comes through it
    said, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _become(command, say, mask)
        except OSError as problem:
            os.write(say, b"%d" % (problem.errno or errno.EIO))
        except ValueError:  # a signal number without a name
            os.write(say, b"%d" % errno.ENOENT)
        finally:
            os._exit(127)
    os.close(say)
    error = int(os.read(said, 16) or b"0")
    os.close(said)
    return pid, error


def _become(command: GuardedCommand, say: int, mask: Iterable[int]) -> None:
    """Replace this process by the command. Raises OSError."""
    _enter_group(command)
    # for the case that the guard is killed as well
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    for number in _DEFAULT:
        signal.signal(number, signal.SIG_DFL)
    _set_streams(command.streams or (os.open(os.devnull, os.O_RDONLY), 2, 2))
    _close_all_but(say, *command.keep)
    for fd in command.keep:
        os.set_inheritable(fd, True)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    os.execvp(command.argv[0], list(command.argv))


def _enter_group(command: GuardedCommand) -> None:
    """Enter the process group that the command asks for. Raises OSError."""
    if command.detached:
        os.setsid()
        return
    os.setpgid(0, command.group)
    if command.terminal is not None:
        # a question that is suspended would look like a machine that does not answer
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        with suppress(OSError):  # it may still run without asking
            os.tcsetpgrp(command.terminal, os.getpgrp())


def _set_streams(streams: Sequence[int]) -> None:
    """Make descriptors the standard streams. Raises OSError."""
    copies = [os.dup(fd) for fd in streams]  # one may have the number of another stream
    for number, copy in enumerate(copies):
        os.dup2(copy, number)


def _close_all_but(*kept: int) -> None:
    """Close all descriptors but the standard streams and those to keep."""
    low = 3
    for fd in sorted(kept):
        os.closerange(low, fd)
        low = fd + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def _prctl(option: int, value: object) -> None:
    """Call prctl for this process; a no-op on other kernels than Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def _watch(control: int, pid: int, limit: float, mask: Iterable[int]) -> None:
    """Report how the command ends, until all have ended or we are gone; then end them."""
    # have another name than our program's, and hold no descriptor that others wait on
    _prctl(_PR_SET_NAME, b"monitor-guard")
    empty = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(empty, number)
    _close_all_but(control)
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    # poll() does not return for SIGCHLD in Python, but for a byte in the wakeup pipe
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    while _reap(control, pid):
        ready = readable([control, woken], None)
        if woken in ready:
            os.read(woken, 4096)
        if control in ready:
            _end(control, pid, limit)
            return


def _reap(control: int, pid: int) -> bool:
    """Reap ended children; return whether any are left."""
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            # waitpid: all children have ended
            return False
        if ended == 0:
            return True
        if ended == pid:
            with suppress(OSError):
                os.write(control, b"%d\n" % os.waitstatus_to_exitcode(status))


def _end(control: int, pid: int, limit: float) -> None:
    """End all remaining processes: SIGTERM, and after `limit` seconds SIGKILL."""
    # new processes may appear while others end, so all are looked up in each round
    for number in (signal.SIGTERM, signal.SIGKILL):
        asked: set[int] = set()
        deadline = monotonic() + limit
        while _reap(control, pid):
            if monotonic() > deadline:
                break
            _signal(number, pid, asked)
            sleep(_PAUSE)
        else:
            return


def _signal(number: int, pid: int, asked: set[int]) -> None:
    """Send a signal to all descendants that have not had it; resume stopped ones."""
    for process in _below(os.getpid()) if sys.platform == "linux" else [-pid]:
        if process not in asked or number == signal.SIGKILL:
            asked.add(process)
            with suppress(OSError):
                os.kill(process, number)
                # a stopped process receives SIGTERM only when it continues
                os.kill(process, signal.SIGCONT)


def _below(pid: int) -> list[int]:
    """Return the descendants of a process."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with suppress(OSError, ValueError, IndexError):
                parent = int(process_fields(int(name))[1])
                children.setdefault(parent, []).append(int(name))
    found = [pid]
    # it grows while it is read, as children have children
    for process in found:
        found += children.pop(process, ())
    return found[1:]

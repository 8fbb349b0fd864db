"""One ssh for each host, which carries all connections to its machines.

The system's OpenSSH, so that the user's configuration holds: jump hosts, ports, keys. It
ends with us, and so does a connection that has gone dead, within 30 seconds.
"""

from __future__ import annotations

import atexit
import os
import re
import shlex
import signal
import tempfile
import threading
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import NamedTuple

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.companion import Companion
from hmp.targets.questions import TerminalAccess, lent_terminal
from hmp.targets.ssh_mux import Mux, MuxError

_PAUSE = 0.005
_QUIET_LIMIT = 30.0
"""Seconds until an ssh that cannot ask must have logged in."""
# seconds for a request to the master, which only passes on what is ready
_REQUEST_LIMIT = 5.0
# seconds within which a master that lives says so
_ANSWER_LIMIT = 1.0
# seconds for a script on the host, whose processes it may have to look through
_COMMAND_LIMIT = 15.0
_AT_ONCE = 2
"""Commands that run on a host at the same time; sshd allows 10, if not fewer."""
_LONGEST_FOLDER = 60
"""Bytes of a folder's path that leave room for a socket's name."""
_OPTIONS = {
    "ControlMaster": "yes",
    "ControlPersist": "no",
    # a silent far side is given up after five times four seconds
    "ServerAliveInterval": "5",
    "ServerAliveCountMax": "3",
    "ConnectTimeout": "10",
    # what the configuration may ask of a login of its own
    "ClearAllForwardings": "yes",
    "ExitOnForwardFailure": "no",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "ForkAfterAuthentication": "no",
    "PermitLocalCommand": "no",
    "RemoteCommand": "none",
    "RequestTTY": "no",
    "Tunnel": "no",
    "UpdateHostKeys": "no",  # it may ask when the terminal is ours again
    "LogLevel": "INFO",
}
_REASONS = (
    (r"could not resolve hostname", ConnectError, "no such host"),
    (r"host identification has changed", ConnectError, "its key has changed; see '{ssh}'"),
    (
        r"host key verification failed|no \S+ host key is known",
        ConnectError,
        "its key is unknown; log in once with '{ssh}' to check and confirm it",
    ),
    (
        r"permission denied \((.*?)\)",
        ConnectError,
        "permission denied ({0}); '{ssh}' must work without a password in scripts",
    ),
    (r"connection refused", NotYetError, "connection refused"),
    (r"timed out", NotYetError, "no answer"),
)
"""What ssh says when it cannot log in, the error that this means, and its text."""


class SSHHost(NamedTuple):
    """A host to log in to; ssh's configuration decides about an empty user and port 0."""

    name: str
    user: str = ""
    port: int = 0

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        user = f"{self.user}@" if self.user else ""
        return f"{user}{name}{f':{self.port}' if self.port else ''}"

    def options(self) -> list[str]:
        """Return the arguments for ssh that select it."""
        user = ["-l", self.user] if self.user else []
        port = ["-p", str(self.port)] if self.port else []
        return [*user, *port, "--", self.name]

    def login(self) -> str:
        """Return the command that logs in by hand."""
        port = f"-p {self.port} " if self.port else ""
        return f"ssh {port}{f'{self.user}@' if self.user else ''}{self.name}"


class Master:
    """A running ssh that has logged in. Raises ConnectError when it cannot."""

    def __init__(self, host: SSHHost) -> None:
        self.host = host
        program = ssh_command()
        self.folder = _private_folder()
        self.control = f"{self.folder}/control"
        self._numbers = count()
        self._turns = threading.Semaphore(_AT_ONCE)
        terminal = lent_terminal()
        options = {
            **_OPTIONS,
            # ssh expands its own escapes in it
            "ControlPath": self.control.replace("%", "%%"),
            "BatchMode": "yes" if terminal is None else "no",
        }
        argv = [
            *program,
            *(f"-o{name}={value}" for name, value in options.items()),
            # no command, terminal, agent or X11: only what the control socket asks for
            "-N",
            "-T",
            "-a",
            "-x",
            *host.options(),
        ]
        null = os.open(os.devnull, os.O_RDWR)
        try:
            self.ssh = Companion(
                argv,
                (null, null),
                TerminalAccess(terminal, detached=terminal is None),
                folder=self.folder,
            )
        finally:
            os.close(null)
        try:
            self._log_in(terminal is not None)
        except BaseException:
            self.ssh.end()
            raise

    def _log_in(self, asks: bool) -> None:
        """Wait until ssh has logged in. Raises ConnectError."""
        deadline = monotonic() + _QUIET_LIMIT
        self.ssh.shows = asks
        while True:
            self.ssh.catch_up()
            # ssh creates the control socket once it has logged in
            with suppress(OSError, MuxError), Mux(self.control, _REQUEST_LIMIT):
                self.ssh.shows = False
                self.ssh.lines.clear()
                return
            # people who type a password may take as long as they like
            if not asks and monotonic() > deadline:
                raise NotYetError(f"cannot log in to {self.host}: no answer")
            if self.ssh.process.wait(_PAUSE) is not None:
                raise self._refused()

    def _refused(self) -> ConnectError:
        if self.ssh.process.returncode == -signal.SIGINT:
            # Ctrl-C went to ssh, which had the terminal; it was meant for us
            raise KeyboardInterrupt
        self.ssh.catch_up()
        text = " ".join(self.ssh.lines)
        for pattern, kind, reason in _REASONS:
            if match := re.search(pattern, text, re.I):
                known = reason.format(*match.groups(), ssh=self.host.login())
                return kind(f"cannot log in to {self.host}: {known}")
        return ConnectError(f"cannot log in to {self.host}: ssh {self.ssh.ending()}")

    def alive(self) -> bool:
        """Whether it runs, and answers."""
        if self.ssh.process.poll() is not None:
            return False
        with suppress(OSError, MuxError), Mux(self.control, _ANSWER_LIMIT):
            return True
        return False

    def lost(self) -> str:
        """Describe how it ended."""
        said = " ".join(self.ssh.lines)
        if re.search(r"timeout, server \S+ not responding", said, re.I):
            return f"{self.host} does not answer any more"
        return f"the connection to {self.host} is lost: ssh {self.ssh.ending()}"

    def request(self, limit: float = _REQUEST_LIMIT) -> Mux:
        """Return a connection for requests. Raises ConnectError, MuxError."""
        try:
            return Mux(self.control, limit)
        except OSError as error:
            raise ConnectError(f"ssh to {self.host} does not answer") from error

    def run(self, script: str, data: bytes = b"", limit: float = _COMMAND_LIMIT) -> bytes:
        """Run a shell script on the host, and return its output. Raises ConnectError.

        script: a constant without single quotes, since the user's shell there may not be
        a POSIX one. data: its standard input. limit: seconds that it may take.
        """
        try:
            with self._turns, self.request(limit) as mux:
                return mux.run(f"exec sh -c '{script}'", data)
        except (OSError, MuxError) as error:
            reason = str(error) or "no answer"
            raise ConnectError(f"cannot run a command on {self.host}: {reason}") from error

    def new_path(self) -> str:
        """Return a path for a forward's socket."""
        return f"{self.folder}/{next(self._numbers)}"

    def end(self) -> None:
        """End it, and the connections that it carries."""
        self.ssh.end()


def ssh_command() -> list[str]:
    """Return the words of the ssh program: those of $HMP_SSH, or ``ssh``.

    Raises ConnectError.
    """
    try:
        return shlex.split(os.environ.get("HMP_SSH", "")) or ["ssh"]
    except ValueError as error:
        raise ConnectError(f"HMP_SSH: {str(error).lower()}") from error


def _private_folder() -> str:
    """Make a folder with a path short enough for sockets."""
    folder = tempfile.mkdtemp(prefix="hmp-")
    # sun_path has 108 bytes, and ssh appends 17 to the name while it creates the socket
    if len(os.fsencode(folder)) > _LONGEST_FOLDER or "${" in folder:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="hmp-", dir="/tmp")
    return folder


_masters: dict[SSHHost, Master] = {}
_locks: dict[SSHHost, threading.Lock] = {}


def master(host: SSHHost) -> Master:
    """Return the ssh of a host; a new one if that has ended. Raises ConnectError."""
    # setdefault is atomic: the threads of a set may all want the same new host
    with _locks.setdefault(host, threading.Lock()):
        found = _masters.get(host)
        if found is not None and found.alive():
            return found
        if found is not None:
            found.end()
        if not _masters:
            atexit.register(end_masters)
        _masters[host] = made = Master(host)
        return made


def end_masters() -> None:
    """End all of them; the program's end does so, too."""
    while _masters:
        with suppress(KeyError):
            _masters.popitem()[1].end()

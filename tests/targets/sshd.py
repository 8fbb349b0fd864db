"""A real ssh server on the loopback interface, with keys and a configuration of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.fakes import LIMIT

PROGRAM = shutil.which(
    "sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
)
needs_sshd = pytest.mark.skipif(
    not (PROGRAM and shutil.which("ssh")),
    reason="no OpenSSH: install its client and server",
)


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def make_key(path: Path, passphrase: str = "") -> str:
    """Make a key pair; return the public key."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)]
    subprocess.run(command, check=True)
    return path.with_name(f"{path.name}.pub").read_text()


class Sshd:
    """A running server; options: lines of its configuration."""

    def __init__(self, folder: Path, authorized: str, *options: str) -> None:
        self.folder = folder
        folder.mkdir()
        self.key = make_key(folder / "host")
        (folder / "authorized").write_text(authorized)
        (folder / "authorized").chmod(0o600)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # its own unprivileged child works there
        self.port = free_port()
        lines = [
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {folder}/host",
            f"AuthorizedKeysFile {folder}/authorized",
            "PidFile none",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            *options,
        ]
        (folder / "config").write_text("".join(f"{line}\n" for line in lines))
        assert PROGRAM is not None
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "-D", "-e", "-f", str(folder / "config")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = monotonic() + LIMIT
        while "Server listening" not in self.log:
            assert self.process.poll() is None, self.log
            assert monotonic() < deadline, self.log
            sleep(0.01)

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "log").read_text()

    def sessions(self) -> list[int]:
        """Return the processes that serve logins."""
        found = _children(self.process.pid)
        for pid in found:
            found += _children(pid)
        return found

    def signal_sessions(self, number: signal.Signals) -> None:
        """Send a signal to the processes that serve logins."""
        for pid in self.sessions():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self) -> None:
        """End it, and the logins."""
        self.signal_sessions(signal.SIGKILL)
        self.process.kill()
        self.process.wait()


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [
            int(child)
            for path in Path(f"/proc/{pid}/task").iterdir()
            for child in (path / "children").read_text().split()
        ]
    return []


class Network:
    """Two servers: ``near``, and ``far``, which is reached through the near one only.

    config: a configuration of ssh for both, under those names, and for hosts that do not
    let us in: ``locked`` (no key), ``unknown`` (its key is not known), ``changed`` (it has
    another key), ``closed`` (nothing listens).
    """

    def __init__(self, *options: str) -> None:
        # short: the path of a Unix socket has an end at 107 bytes
        self.folder = Path(tempfile.mkdtemp(prefix="hmps"))
        self.public = make_key(self.folder / "key")
        self.near = Sshd(self.folder / "near", self.public, *options)
        self.far = Sshd(self.folder / "far", self.public, *options)
        known = self.folder / "known"
        known.write_text(f"near {self.near.key}far {self.far.key}locked {self.near.key}")
        with known.open("a") as file:
            file.write(f"changed {self.far.key}")
        key = f"IdentityFile {self.folder}/key"
        hosts = {
            "near": (self.near.port, key),
            "far": (self.far.port, f"{key}\nProxyJump near"),
            "locked": (self.near.port, "IdentityFile none"),
            "unknown": (self.near.port, key),
            "changed": (self.near.port, key),
            "closed": (free_port(), key),
        }
        self.config = self.folder / "config"
        self.config.write_text(
            "".join(
                f"Host {name}\nHostKeyAlias {name}\nPort {port}\n{more}\n"
                for name, (port, more) in hosts.items()
            )
            + "Host * !*.invalid\nHostName 127.0.0.1\n"
            f"UserKnownHostsFile {known}\nGlobalKnownHostsFile none\n"
            "IdentitiesOnly yes\nIdentityAgent none\n"
        )

    def command(self, *options: str) -> str:
        """Return the value of HMP_SSH for it."""
        return " ".join(["ssh", "-F", str(self.config), *options])

    def close(self) -> None:
        """End the servers."""
        self.near.close()
        self.far.close()
        shutil.rmtree(self.folder)

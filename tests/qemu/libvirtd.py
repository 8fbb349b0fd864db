"""A real libvirt for the tests, with domains that TCG runs.

Uses the libvirtd that runs, or starts one, with virtlogd, and ends it with the tests.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from xml.sax.saxutils import escape

from tests.qemu.linux_guest import LinuxGuest
from tests.qemu.machines import own_modules
from tests.targets.sshd import free_port

LIMIT = 60.0
_RUN = Path("/run/libvirt")

XML = """
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>{name}</name>
  <memory unit='MiB'>{memory}</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type>{boot}</os>
  <features><acpi/></features>
  <devices>
    <emulator>{emulator}</emulator>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    {disk}
    <memballoon model='none'/>
  </devices>
  <seclabel type='none'/>
  {more}
</domain>
"""
_INCOMING = """
<qemu:commandline>
  <qemu:arg value='-incoming'/><qemu:arg value='defer'/>
</qemu:commandline>
"""
_BOOT = """
<kernel>{guest.kernel}</kernel><initrd>{guest.initrd}</initrd>
<cmdline>quiet panic=-1 mitigations=off</cmdline>
"""
_DISK = """
<disk type='file' device='disk'>
  <driver name='qemu' type='raw'/><source file='{guest.disk}'/><target dev='vda'/>
</disk>
"""


def missing() -> str:
    """Return why libvirt cannot be tried here; empty if it can."""
    programs = ("libvirtd", "virtlogd", "virsh")
    absent = [name for name in programs if shutil.which(name) is None]
    if absent:
        return f"no {absent[0]}: install libvirt-daemon-system and libvirt-clients"
    return "" if os.geteuid() == 0 else "libvirtd is started as root"


def _starts(program: str, sock: Path, *options: str) -> Iterator[int]:
    """Start a daemon unless it runs; yield its process id, and end it."""
    if _answers(sock):
        return
    folder = Path(tempfile.mkdtemp(prefix="hmpl"))
    pidfile = folder / "pid"
    command = [program, "-d", "-p", str(pidfile), *options]
    if _run_as_root(folder, command).returncode:  # not allowed in every container
        subprocess.run(command, check=True, timeout=LIMIT)
    wait(lambda: _answers(sock) and pidfile.exists(), f"{program} to listen")
    pid = int(pidfile.read_text())
    yield pid
    os.kill(pid, signal.SIGTERM)
    wait(lambda: not _running(pid), f"{program} to end")
    shutil.rmtree(folder, ignore_errors=True)


def _run_as_root(folder: Path, command: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Start a daemon whose QEMUs run as root, by a configuration that only it sees.

    Where /dev/kvm is for root alone, it examines each QEMU again and again otherwise,
    which takes minutes.
    """
    settings = folder / "qemu.conf"
    settings.write_text('user = "root"\ngroup = "root"\n')
    mount = f"mount --bind {settings} /etc/libvirt/qemu.conf && exec {shlex.join(command)}"
    return subprocess.run(["unshare", "-m", "sh", "-c", mount], timeout=LIMIT)


class Tls:
    """Certificates for libvirtd and its clients, and where it listens with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        options = "req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
        self._openssl(f"{options} -keyout ca.key -out cacert.pem -subj /CN=tests")
        options = options.replace("-x509 ", "-x509 -CA cacert.pem -CAkey ca.key ")
        for end in ("server", "client"):
            self._openssl(
                f"{options} -keyout {end}key.pem -out {end}cert.pem -subj /CN={end}"
                " -addext subjectAltName=DNS:localhost -addext basicConstraints=CA:FALSE"
            )
        (folder / "libvirtd.conf").write_text(
            f'listen_tls = 1\ntls_port = "{self.port}"\nlisten_addr = "127.0.0.1"\n'
            f'auth_tls = "none"\nca_file = "{folder}/cacert.pem"\n'
            f'key_file = "{folder}/serverkey.pem"\ncert_file = "{folder}/servercert.pem"\n'
        )
        self.options = ("-l", "-f", str(folder / "libvirtd.conf"))

    def _openssl(self, line: str) -> None:
        command = ["openssl", *line.split()]
        subprocess.run(command, check=True, cwd=self.folder, capture_output=True)

    def target(self, name: str) -> str:
        """Return the target of a domain."""
        where = f"qemu+tls://localhost:{self.port}/system/{name}"
        return f"{where}?pkipath={self.folder}"


@contextmanager
def libvirtd() -> Iterator[Tls | None]:
    """Have virtlogd and libvirtd run; yield how it is reached by TLS, if it is."""
    with tempfile.TemporaryDirectory(prefix="hmpl") as folder:
        tls = Tls(Path(folder)) if shutil.which("openssl") else None
        daemons = [
            _starts("virtlogd", _RUN / "virtlogd-sock"),
            _starts("libvirtd", _RUN / "libvirt-sock", *(tls.options if tls else ())),
        ]
        begun = [next(daemon, None) for daemon in daemons]
        try:
            yield tls if begun[1] is not None else None
        finally:
            for daemon, pid in reversed([*zip(daemons, begun, strict=True)]):
                if pid is not None:
                    with suppress(StopIteration):
                        next(daemon)


def _answers(sock: Path) -> bool:
    import socket

    with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
        client.connect(str(sock))
        return True
    return False


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def wait(condition: Callable[[], object], what: str) -> None:
    """Wait until a function returns something true."""
    deadline = monotonic() + LIMIT
    while not condition():
        assert monotonic() < deadline, f"waited in vain for {what}"
        sleep(0.02)


def virsh(*arguments: str) -> str:
    """Run virsh and return what it prints."""
    done = subprocess.run(
        ["virsh", "-q", "-c", "qemu:///system", *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _emulator(command: list[str]) -> str:
    """Return a program that libvirt can run: one without arguments.

    Its path is the same in each run, since libvirt examines each new one for long.
    """
    if len(command) == 1:
        return command[0]
    key = sha256(shlex.join(command).encode()).hexdigest()[:8]
    # libvirt runs it as a user of its own
    folder = Path("/var/lib/hmp-test-emulators") / key
    path = folder / "qemu-system-x86_64"
    if not path.exists():
        folder.mkdir(parents=True)
        own = own_modules(command, folder / "modules")
        words = ["env", *(f"{name}={value}" for name, value in own.items()), *command]
        path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        path.chmod(0o755)
    return str(path)


class TestedDomain:
    """A running domain, whose emulator is one of the QEMUs of the tests.

    guest: what it boots; nothing by default. waits: for a guest of another machine.
    """

    __test__ = False  # its name begins as a test's does

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        paused: bool = False,
        guest: LinuxGuest | None = None,
        waits: bool = False,
    ) -> None:
        self.name = name
        self.paused = paused
        values = {
            "name": escape(name),
            "emulator": _emulator(command),
            "memory": 256 if guest else 32,
            "boot": _BOOT.format(guest=guest) if guest else "",
            "disk": _DISK.format(guest=guest) if guest else "",
            "more": _INCOMING if waits else "",
        }
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as xml:
            xml.write(XML.format(**values))
            xml.flush()
            virsh("define", xml.name)
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def target(self) -> str:
        """The target that reaches it."""
        return f"libvirt:{self.name}"

    @property
    def pid(self) -> int:
        """QEMU's process."""
        return int((Path("/run/libvirt/qemu") / f"{self.name}.pid").read_text())

    def start(self) -> None:
        """Start it."""
        virsh("start", self.name, *["--paused"][: self.paused])

    def stop(self) -> None:
        """Stop it as if its plug was pulled."""
        virsh("destroy", self.name)

    def close(self) -> None:
        """Stop and forget it."""
        with suppress(AssertionError):
            self.stop()
        virsh("undefine", self.name)

"""The processes of a host that may be QEMUs, as `hmp.targets.discovery` looks at them.

`this_host` reads ``/proc``; `hmp.targets.captured` reads what a shell script prints on
another host.
"""

from __future__ import annotations

import os
from stat import S_ISREG

from hmp.targets import trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from mmap import mmap

# NixOS runs `.qemu-system-x86_64-wrapped` by a script of the plain name
_PROGRAM = (
    r"\.?(?:qemu(?:-\w+)?-system-[\w-]+?|qemu-kvm|kvm|qemu-storage-daemon|qemu-ga)"
    r"(?:-wrapped)?"
)
_VERSION = rb"\d+(?:\.\d+)+"
_BEFORE_VERSION = {
    "qemu-storage-daemon": b"qemu-storage-daemon version ",
    "qemu-ga": b"QEMU Guest Agent ",
}
# by the letters of /proc/PID/status; with any other letter it runs
_STATES = {"T": "stopped", "t": "traced", "Z": "ended", "X": "ended"}
# options of ld.so that take a value
_LOADER_VALUES = ("--library-path", "--argv0", "--preload", "--audit", "--inhibit-rpath")
_TTY = "tty-index:"
# bytes of a file that another process names: it may be endless
_FILE_LIMIT = 1 << 20
# bytes after the words before a version; it is far shorter
_VERSION_LIMIT = 100


class Process:
    """A process that may be a QEMU.

    program: the name of its program; arguments: those after it. folder: its current
    one. users: the ids of all users it acts for. state: running, stopped or traced.
    """

    def __init__(self, pid: int, program: str, arguments: Sequence[str]) -> None:
        self.pid = pid
        self.program = program
        self.arguments = arguments
        self.folder = "/"
        self.users: Sequence[int] = (0,)
        self.state = "running"

    def version(self) -> str:
        """Return the version of its program; empty if it cannot be found out."""
        return ""

    def read_file(self, path: str) -> str | None:
        """Return the text of a file that it was started with; None if unreadable."""
        return None

    def reachable(self, path: str) -> str:
        """Return the path by which we reach a socket that it has at `path`."""
        return path

    def terminals(self) -> list[str]:
        """Return the paths of the pseudo-terminals that it has opened."""
        return []

    @property
    def other_network(self) -> bool:
        """Whether its TCP ports are not ours."""
        return False

    @property
    def contained(self) -> bool:
        """Whether it runs in a container: its root is not ours."""
        return False


class Host:
    """A host's processes, and which of its users to trust."""

    def __init__(self, processes: list[Process]) -> None:
        self.processes = processes

    def trusted(self, uid: int) -> bool:
        """Return whether a user is the caller, or root."""
        return trust.trusted(uid)

    def user_name(self, uid: int) -> str:
        """Return the name of a user, or the number."""
        return trust.user_name(uid)

    def socket_owner(self, target: str) -> int | None:
        """Return the user who owns a socket; None if unknown."""
        return None

    def listener(self, path: str) -> int:
        """Return the process that listens on the socket at a path; 0 if unknown."""
        return 0

    def vouched(self, name: str, pid: int) -> bool:
        """Return whether root's libvirt says that a process is its domain `name`."""
        return False


def split_program(arguments: Sequence[str]) -> tuple[str, str, Sequence[str]] | None:
    """Return program, its path and its arguments, if the program is one of QEMU's.

    A dynamic loader with its own options may precede the program.
    """
    import re

    start = 0
    if arguments and os.path.basename(arguments[0]).startswith(("ld-", "ld.")):
        start = 1
        while start < len(arguments) and arguments[start].startswith("-"):
            # some of its options take the next word
            start += 2 if arguments[start] in _LOADER_VALUES else 1
    if start >= len(arguments):
        return None
    name = os.path.basename(arguments[start])
    if re.fullmatch(_PROGRAM, name) is None:
        return None
    name = name.removeprefix(".").removesuffix("-wrapped")
    return name, arguments[start], arguments[start + 1 :]


def split_command(data: bytes) -> list[str]:
    """Return the arguments in the contents of ``/proc/PID/cmdline``."""
    return [os.fsdecode(part) for part in data.removesuffix(b"\0").split(b"\0")]


class LocalProcess(Process):
    """A process of this host, by its folder in ``/proc``."""

    def __init__(self, place: str, pid: int, found: tuple[str, str, Sequence[str]]) -> None:
        super().__init__(pid, found[0], found[2])
        self._place = place
        self._file = found[1]
        self.folder = _link(f"{place}/cwd") or "/"
        self.users, self.state = _status(place)

    def version(self) -> str:
        """Return the version that its executable contains.

        Do not ask this of other users' processes: if the file becomes shorter while we look
        at it, SIGBUS ends us.
        """
        for path in (f"{self._place}/exe", self.reachable(self._absolute(self._file))):
            if version := _embedded_version(path, self.program):
                return version
        return ""

    def read_file(self, path: str) -> str | None:
        """Return the text of a regular file of the process."""
        path = self.reachable(self._absolute(path))
        try:
            if not S_ISREG(os.stat(path).st_mode):
                return None
            # non-blocking, in case it has become a pipe since
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            with open(fd, encoding="utf-8", errors="surrogateescape") as file:
                return file.read(_FILE_LIMIT)
        except (OSError, ValueError):
            return None

    def _absolute(self, path: str) -> str:
        return os.path.join(self.folder, path)

    def reachable(self, path: str) -> str:
        """Return the path itself, or through the process's root if that is another file."""
        inside = f"{self._place}/root{path}"
        try:
            there = os.stat(inside)
        except (OSError, ValueError):
            # no such file there, or the root of a process of another user
            return path
        try:
            here = os.stat(path)
        except OSError:
            return inside
        return path if os.path.samestat(here, there) else inside

    @property
    def other_network(self) -> bool:
        """Whether its network namespace is another one."""
        network = _link(f"{self._place}/ns/net")
        return network not in ("", _link("/proc/self/ns/net"))

    @property
    def contained(self) -> bool:
        """Whether its root folder is not ours."""
        try:
            return not os.path.samefile(f"{self._place}/root/", "/")
        except OSError:
            # a process of another user, whose root only root may look at
            return False

    def terminals(self) -> list[str]:
        """Return the paths of the pseudo-terminals by its open descriptors."""
        found: list[str] = []
        try:
            for fd in sorted(os.listdir(f"{self._place}/fdinfo"), key=int):
                with open(f"{self._place}/fdinfo/{fd}", encoding="utf-8") as file:
                    # the kernel writes such a line about the master's end of a
                    # pseudo-terminal only
                    numbers = [line.split()[1] for line in file if line.startswith(_TTY)]
                found += [f"/dev/pts/{number}" for number in numbers]
        except OSError:
            pass  # the process has ended, or is another user's
        return found


class LocalHost(Host):
    """This host."""

    _listeners: dict[int, list[int]] | None = None

    def socket_owner(self, target: str) -> int | None:
        """Return the user who owns a socket; None if unknown."""
        if self._listeners is None and not target.startswith("/"):
            self._listeners = trust.listeners()
        return trust.socket_owner(target, self._listeners)

    def listener(self, path: str) -> int:
        """Return the process that listens on the socket at a path; 0 if unknown."""
        from hmp.targets.socket_table import owners, unix_ends

        return next(iter(owners(unix_ends(path).listening).values()), 0)

    def vouched(self, name: str, pid: int) -> bool:
        """Look for the process's id in the file that root's libvirt keeps for a domain."""
        if "/" in name:
            return False
        try:
            # the name comes from a command line that any user can write
            fd = os.open(f"/run/libvirt/qemu/{name}.pid", os.O_RDONLY | os.O_NOFOLLOW)
            with open(fd, "rb") as file:
                return os.fstat(fd).st_uid == 0 and int(file.read(20)) == pid
        except (OSError, ValueError):
            return False


def this_host(proc: str = "/proc") -> Host:
    """Return this host; on systems without ``/proc``, without processes."""
    return LocalHost(list(_processes(proc)))


def _processes(proc: str) -> Iterator[Process]:
    try:
        pids = sorted(int(entry) for entry in os.listdir(proc) if entry.isdecimal())
    except OSError:
        # a system without /proc
        return
    for pid in pids:
        if process := local_process(pid, proc):
            yield process


def local_process(pid: int, proc: str = "/proc") -> LocalProcess | None:
    """Return a process of this host; None if it is not a QEMU, or has ended."""
    place = f"{proc}/{pid}"
    try:
        with open(f"{place}/cmdline", "rb", 0) as file:
            data = file.read()
        # most processes; this test is much faster than splitting the arguments
        if b"qemu" not in data and b"kvm" not in data:
            return None
        found = split_program(split_command(data))
        return LocalProcess(place, pid, found) if found else None
    except OSError:
        # it has ended meanwhile
        return None


def _link(path: str) -> str:
    """Return where a symbolic link leads; empty if that cannot be read."""
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _status(place: str) -> tuple[Sequence[int], str]:
    """Return the users and the state of a process. Raises OSError.

    The owner of its folder is not enough: that is root for a process that is not
    dumpable. And the real user of a setuid program is the one who started it.
    """
    users: Sequence[int] = ()
    state = ""
    try:
        with open(f"{place}/status", encoding="utf-8", errors="replace") as file:
            users, state = read_status(file)
    except FileNotFoundError:
        pass
    return users or [os.stat(place).st_uid], state or "running"


def read_status(lines: Iterable[str]) -> tuple[Sequence[int], str]:
    """Return users and state by the lines of ``/proc/PID/status``; empty if missing."""
    users: Sequence[int] = ()
    state = ""
    for line in lines:
        if line.startswith("State:"):
            state = _STATES.get(line.split()[1], "running")
        elif line.startswith("Uid:"):
            users = [int(word) for word in line.split()[1:5]]
            break
    return users, state


_versions: dict[tuple[int, int], str] = {}


def _embedded_version(path: str, program: str) -> str:
    """Return the version in an executable of QEMU; it is not run."""
    import re
    from mmap import ACCESS_READ, mmap

    before = _BEFORE_VERSION.get(program, b"QEMU emulator version ")
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(fd, "rb", 0):
            found = os.fstat(fd)
            # many machines run one program, and an upgrade gives it another inode
            key = found.st_dev, found.st_ino
            if key not in _versions:
                with mmap(fd, 0, access=ACCESS_READ) as data:
                    rest = _number_after(before, data)
                version = re.match(_VERSION, rest)
                _versions[key] = version[0].decode() if version else ""
            return _versions[key]
    except (OSError, ValueError):
        return ""


def _number_after(before: bytes, data: mmap) -> bytes:
    """Return what follows these words where that is a number."""
    # constants come after the code, which is not searched if they are found
    for start in (len(data) // 3, 0):
        at = data.find(before, start)
        while at >= 0:
            rest = data[at + len(before) : at + _VERSION_LIMIT]
            if rest[:1].isdigit():
                return rest
            at = data.find(before, at + 1)
    return b""

"""The processes of another host, as the shell script `CAPTURE` prints them there.

The script needs a POSIX shell and what every Linux has besides, and starts no program of
QEMU. Whatever comes from the machines' own words is printed as hexadecimal digits.
"""

from __future__ import annotations

import os

from hmp.targets.processes import Host, Process, read_status, split_command, split_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The last loop finds the sockets without reading options: whatever begins with a slash in
# the command line, and is a socket, here or under the root of a container.
CAPTURE = r"""
LC_ALL=C
hex() { od -An -v -tx1 | tr -d " \n"; }
words="(QEMU emulator|qemu-storage-daemon) version|QEMU Guest Agent"
user=$(id -u)
echo "caller $user"
for f in /run/libvirt/qemu/*.pid; do
    [ -r "$f" ] && [ "$(stat -c %u "$f")" = 0 ] &&
        echo "domain $(cat "$f") $(basename "$f" .pid | hex)"
done
net=$(readlink /proc/self/ns/net)
root=$(stat -Lc %d:%i /)
for c in $(grep -lsE "qemu|kvm" /proc/[0-9]*/cmdline); do
    d=${c%/cmdline}
    [ -r "$c" ] || continue
    echo "pid ${d#/proc/}"
    echo "cmdline $(hex < "$c")"
    folder=$(readlink "$d/cwd")
    echo "cwd $(printf %s "$folder" | hex)"
    grep -E "^(State|Uid):" "$d/status"
    echo "owner $(stat -c "%u %U" "$d")"
    n=$(readlink "$d/ns/net") && { [ "$n" = "$net" ] || echo network; }
    r=$(stat -Lc %d:%i "$d/root/") && { [ "$r" = "$root" ] || echo contained; }
    # a file of another user could become one that is read for ever
    trusted=yes
    for u in $(sed -n "s/^Uid://p" "$d/status"); do
        [ "$u" = 0 ] || [ "$u" = "$user" ] || trusted=
    done
    p=
    [ "$trusted" ] && p=$(tr "\0" "\n" < "$c" | grep -m1 -E "^/.*(qemu|kvm)[^/]*$")
    for f in "$d/exe" "$d/root$p"; do
        s=$(stat -Lc "%d:%i %u %F" "$f")
        case ${s#* } in
            "0 regular file"|"$user regular file") ;;
            *) continue ;;
        esac
        # mostly it is the file of the process before
        [ "$s" = "$same" ] ||
            v=$(grep -aoEm1 "($words) [0-9][0-9.]*" "$f" | head -n 1)
        same=$s
        [ "$v" ] && echo "version ${v##* }" && break
    done
    [ "$trusted" ] && tr "\0" "\n" < "$c" | sed -n "/^--*readconfig\$/{n;p;}" |
        while IFS= read -r f; do
            g=$f
            case $g in /*) ;; *) g=$folder/$g ;; esac
            [ -f "$d/root$g" ] && g=$d/root$g
            [ -f "$g" ] && echo "file $(printf %s "$f" | hex) $(head -c 1000000 "$g" | hex)"
        done
    tr "\0,\"" "\n\n\n" < "$c" | sed -n "s/^[^/]*\(\/.*\)/\1/p" | sort -u |
        while IFS= read -r s; do
            if [ -S "$s" ]; then
                echo "socket $(stat -c %u "$s") $(printf %s "$s" | hex)"
            elif [ -S "$d/root$s" ]; then
                echo "inside $(printf %s "$s" | hex)"
            fi
        done
done 2> /dev/null
exit 0
"""


class CapturedProcess(Process):
    """A process of another host."""

    def __init__(self, pid: int, found: tuple[str, str, Sequence[str]]) -> None:
        super().__init__(pid, found[0], found[2])
        self.files: dict[str, str] = {}
        self.inside: set[str] = set()
        self.found_version = ""
        self.network = False
        self.own_root = False

    def version(self) -> str:
        """Return the version that was found in its executable."""
        return self.found_version

    def read_file(self, path: str) -> str | None:
        """Return the text of a file that was captured as well."""
        return self.files.get(path)

    def reachable(self, path: str) -> str:
        """Return the path through the process's root if only that leads to the socket."""
        return f"/proc/{self.pid}/root{path}" if path in self.inside else path

    @property
    def other_network(self) -> bool:
        """Whether its network namespace was another one than the script's."""
        return self.network

    @property
    def contained(self) -> bool:
        """Whether its root folder was another one than the script's."""
        return self.own_root


class CapturedHost(Host):
    """Another host."""

    def __init__(self) -> None:
        super().__init__([])
        self.caller = 0
        self.names: dict[int, str] = {}
        self.sockets: dict[str, int] = {}
        self.domains: set[tuple[str, int]] = set()

    def trusted(self, uid: int) -> bool:
        """Return whether a user is root, or the one that the script ran as."""
        return uid in (0, self.caller)

    def user_name(self, uid: int) -> str:
        """Return the name of a user, or the number."""
        return self.names.get(uid, str(uid))

    def socket_owner(self, target: str) -> int | None:
        """Return the user who owned a socket; None if unknown."""
        return self.sockets.get(target)

    def vouched(self, name: str, pid: int) -> bool:
        """Return whether root's libvirt there keeps such a process for a domain."""
        return (name, pid) in self.domains


def read_capture(data: bytes) -> Host:
    """Read the output of `CAPTURE`. Lines that make no sense are skipped."""
    host = CapturedHost()
    process: CapturedProcess | None = None
    pid = 0
    for key, words in _lines(data):
        try:
            if key == "pid":
                # a process comes before its facts; those of a program that is not QEMU are
                # skipped
                pid, process = int(words[0]), None
            elif key == "cmdline":
                found = split_program(split_command(bytes.fromhex(words[0])))
                if found:
                    process = CapturedProcess(pid, found)
                    host.processes.append(process)
            elif key in ("caller", "domain", "socket", "owner"):
                _note_host(host, key, words)
            elif process is not None:
                _note_process(process, key, words)
        except (ValueError, IndexError):
            # a line that the other host printed in another form, or not to its end
            pass
    host.processes.sort(key=lambda process: process.pid)
    return host


def _lines(data: bytes) -> Iterator[tuple[str, list[str]]]:
    for line in data.decode("ascii", "replace").splitlines():
        key, *words = line.split() or [""]
        yield key, words


def _note_host(host: CapturedHost, key: str, words: Sequence[str]) -> None:
    """Store a line's facts about the host."""
    if key == "caller":
        host.caller = int(words[0])
    elif key == "domain":
        host.domains.add((_text(words[1]).removesuffix("\n"), int(words[0])))
    elif key == "socket":
        host.sockets[_text(words[1])] = int(words[0])
    else:
        host.names[int(words[0])] = words[1]


def _note_process(process: CapturedProcess, key: str, words: Sequence[str]) -> None:
    """Store a line's facts about a process."""
    if key == "cwd":
        # empty if the host does not let us see it
        process.folder = _text(words[0]) or "/"
    elif key in ("State:", "Uid:"):
        users, state = read_status([" ".join((key, *words))])
        process.users = users or process.users
        process.state = state or process.state
    elif key == "version":
        process.found_version = words[0]
    elif key == "network":
        process.network = True
    elif key == "contained":
        process.own_root = True
    elif key == "file":
        process.files[_text(words[0])] = _text(words[1])
    elif key == "inside":
        process.inside.add(_text(words[0]))


def _text(digits: str) -> str:
    return os.fsdecode(bytes.fromhex(digits))

"""Sets of machines: ``vm[1-60]``, ``web*``, ``@group``, ``A,B``, ``HOST:*``, ``libvirt:*``.

Words of the command line come in; `Sets.members` returns the machines that they name,
each once, in the order of the words. `hmp.fleet.node_sets` reads what is not simple.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from math import prod

from hmp.fleet.node_sets import SetError, group_names, nodes
from hmp.qmp.secrets import mask_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from hmp.frontends.config import Config
    from hmp.targets.discovery import RunningMachine

# [1-60], [01-12/2], [1,3,7-9]: ranges with steps, in a list
_RANGE = re.compile(r"\[\d+(?:-\d+)?(?:/\d+)?(?:,\d+(?:-\d+)?(?:/\d+)?)*\]")
_PLAIN = r"([^\[\]!&^]*(?:\[[^\[\]]*:[^\[\]]*\][^\[\]!&^]*)?)"
"""A text without a range; the brackets of an IPv6 address are none: ``[::1]:444[1-3]``."""
# one plain range, which is read here; anything else is NodeSet's
_SIMPLE = re.compile(rf"{_PLAIN}\[(\d+)-(\d+)\]{_PLAIN}")
_MOST = 100_000
"""The most machines of a word; more are a slip of the keyboard."""


class SetMember:
    """A machine of a set.

    name: what it is called in reports, without a password. address: the TARGET to reach it
    by; None: find the machine of this name. called: its own name, which others may have.
    """

    __slots__ = ("address", "called", "name", "read_only")

    def __init__(
        self,
        name: str,
        address: str | None = None,
        read_only: bool = False,
        called: str = "",
    ) -> None:
        self.name = mask_target(name)
        self.address = address
        self.read_only = read_only
        self.called = called or self.name

    def matches(self, pattern: str, host: str = "") -> bool:
        """Return whether any of its names, without that of the host, matches."""
        names = self.name.removeprefix(host), self.called
        return any(fnmatchcase(name, pattern) for name in names)

    @property
    def place(self) -> object:
        """What is the same for all names of a machine: its file, or else its address."""
        address = self.address or self.name
        try:
            status = os.stat(address.removeprefix("unix:"))
        except (OSError, ValueError):
            # not a path; ValueError: it contains a NUL
            return address
        return status.st_dev, status.st_ino

    def __repr__(self) -> str:
        return f"SetMember({self.name!r}, {self.address!r})"


def is_set(word: str) -> bool:
    """Return whether a TARGET is written as a set; a file that exists never is."""
    if not re.search(r"[,\[*?@]", word) or os.path.exists(word):
        return False
    return (
        word.startswith("@")
        # two parts are enough: a word may have thousands
        or any(map(_is_part_of_set, split(word)[:2]))
        or (len(split(word)) > 1)
    )


def _is_part_of_set(part: str) -> bool:
    return bool(_RANGE.search(part)) or part.startswith("@") or _is_pattern(part)


def _is_pattern(part: str) -> bool:
    # the options of a URI, as in qemu+unix:///system/vm?socket=PATH, are none
    names = re.sub(r"(://[^?]*)\?\w+=.*", r"\1", part, flags=re.DOTALL)
    return "*" in names or "?" in names


def split(word: str) -> list[str]:
    """Split a word at the commas that separate machines.

    Those in brackets belong to a range, and those before QEMU's own options, as in
    ``unix:PATH,server=on``, to the address.
    """
    parts: list[str] = []
    for part in re.split(r",(?![^\[\]]*\])", word):
        # the last three are options without a value, in QEMU's older form
        if parts and re.fullmatch(r"[\w-]+=[^=]*|server|nowait|nodelay", part):
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    return [part for part in parts if part]


def machines_on(host: str) -> Sequence[RunningMachine]:
    """Return the machines of a host by its prefix, ``HOST:``, or of this one.

    Raises ConnectError.
    """
    if host:
        from hmp.targets.ssh_host import machines_of

        return machines_of(host)
    from hmp.targets.discovery import machines

    return machines()


class Sets:
    """Finds the machines of sets.

    config: for named targets and groups. found: returns the machines of a host.
    """

    def __init__(
        self,
        config: Config,
        found: Callable[[str], Sequence[RunningMachine]] = machines_on,
    ) -> None:
        self.config = config
        self._found = found
        self._known: dict[str, Sequence[RunningMachine]] = {}
        self._inside: list[str] = []

    def members(
        self, words: Iterable[str], without: Iterable[str] = (), everything: bool = False
    ) -> list[SetMember]:
        """Return the machines that words name, but those that `without` names.

        everything: all machines of this host as well. Raises SetError, ConnectError.
        """
        chosen: dict[object, SetMember] = {}
        named = (member for word in words for member in self._word(word))
        for member in (*named, *(self._all("") if everything else ())):
            first = chosen.setdefault(member.place, member)
            # a machine is for reading only if any of its names says so
            first.read_only = first.read_only or member.read_only
        for part in (part for word in without for part in split(word)):
            for place in self._left_out(part, chosen):
                chosen.pop(place, None)
        if not chosen:
            raise SetError("the set names no machine; see hmp --list")
        return list(chosen.values())

    def _left_out(self, part: str, chosen: Mapping[object, SetMember]) -> list[object]:
        """Return the places of those that a part of a word leaves out, by any name."""
        if _is_pattern(part):
            matching = [p for p, member in chosen.items() if member.matches(part)]
            # by the names of the set first, so that nothing has to be asked
            if matching:
                return matching
        found = list(self._word(part))
        # a name that several machines have means all of them here
        if several := {member.name for member in found if member.address is None}:
            found += [member for member in self._all("") if member.called in several]
        names = {member.name for member in found}
        places = [place for place, member in chosen.items() if member.name in names]
        return [*places, *(member.place for member in found)]

    def machines(self, host: str = "") -> Sequence[RunningMachine]:
        """Return the machines of a host; it is asked once. Raises ConnectError."""
        if host not in self._known:
            self._known[host] = self._found(host)
        return self._known[host]

    def offered(self, without: Collection[int]) -> list[tuple[str, str]]:
        """Return groups and machines to choose from, each with what it is.

        without: the processes of machines to leave out.
        """
        groups = [f"@{name}" for name in self.config.groups]
        groups += [f"@{name}" for name in group_names() if f"@{name}" not in groups]
        return [
            *((name, "a group") for name in groups),
            *((name, target.target) for name, target in self.config.targets.items()),
            *((member.name, "on this host") for member in self._all("", without)),
        ]

    def _word(self, word: str) -> Iterator[SetMember]:
        # a file may be named like a set; then that file is meant
        if os.path.exists(word):
            yield SetMember(word, word)
            return
        for part in split(word):
            if part.startswith("@"):
                yield from self._group(part[1:])
            elif _RANGE.search(part):
                yield from map(self._named, expand(part))
            elif _is_pattern(part) and not os.path.exists(part):
                yield from self._matching(part)
            else:
                yield self._named(part)

    def _named(self, name: str) -> SetMember:
        target = self.config.targets.get(name)
        if target is not None:
            return SetMember(name, os.path.expanduser(target.target), target.read_only)
        if "/" in name or ":" in name or os.path.exists(name):
            return SetMember(name, name)
        if name.startswith("!"):
            raise SetError(f"'{name}': to leave machines out, write -x {name[1:]}")
        return SetMember(name, self._address(name))

    def _address(self, name: str) -> str | None:
        """Return the address of a machine of this host; None if it was not found.

        A name that is ambiguous, or another user's, is left to the search for this name
        alone, which explains it.
        """
        from hmp.targets.discovery import FOREIGN, machines_named
        from hmp.targets.name_lookup import AmbiguousNameError, pick

        known, _ = machines_named(name, self.machines())
        try:
            door = pick(name, known) if known else None
        except AmbiguousNameError:
            return None
        return door.target if door and door.note != FOREIGN else None

    def _group(self, name: str) -> list[SetMember]:
        words = self.config.groups.get(name)
        if words is None:
            found = nodes(f"@{name}")
            if not found:
                raise SetError(f"'@{name}' names no machine, here or in ClusterShell")
            return [*map(self._named, _without_programs(found))]
        if name in self._inside:
            raise SetError(f"the group '@{name}' contains itself")
        # a group may contain others, and through them itself
        self._inside.append(name)
        try:
            if isinstance(words, str):
                words = [*_without_programs(_printed(words))]
            # one may be empty, such as that of the machines in maintenance
            return [member for word in words for member in self._word(word)]
        finally:
            self._inside.pop()

    def _matching(self, pattern: str) -> list[SetMember]:
        """Return the machines whose names match; those of ``HOST:*`` on that host."""
        host, name = "", pattern
        # these have colons of their own, and libvirt itself lists their names
        if pattern.startswith("libvirt:") or "://" in pattern:
            return _domains(pattern)
        if ":" in pattern:
            host, _, name = pattern.rpartition(":")
            host += ":"
        found = [member for member in self._all(host) if member.matches(name, host)]
        if not host:
            names = [n for n in self.config.targets if fnmatchcase(n, name)]
            known = {member.name for member in found}
            found += [self._named(n) for n in names if n not in known]
        if not found:
            where = f"hmp --list {host}".rstrip()
            raise SetError(f"'{pattern}' matches no machine; see {where}")
        return found

    def _all(self, host: str, without: Collection[int] = ()) -> list[SetMember]:
        """Return the machines of a host that have a monitor within reach.

        without: the processes of machines to leave out.
        """
        from hmp.targets.door_holders import free_target

        # m.user: another user's, which may call itself like one of ours
        known = [m for m in self.machines(host) if m.targets and not m.user]
        names = [machine.name for machine in known]
        found: list[SetMember] = []
        for machine in (m for m in known if m.pid not in without):
            target = machine.targets[0] if host else free_target(machine)
            # two machines of one name differ only by their targets
            unique = machine.name and names.count(machine.name) == 1
            name = f"{host}{machine.name}" if unique else target
            found.append(SetMember(name, target, called=machine.name))
        return found


def expand(part: str) -> list[str]:
    """Return the names of ``vm[1-60]``, ``vm[001-100]``, ``a[1,3-5]b[0-1]``.

    Raises SetError.
    """
    count = prod(map(_size, _RANGE.findall(part)))
    if count > _MOST:
        raise SetError(f"'{part}' names {count:,} machines; a word may name {_MOST:,}")
    if simple := _SIMPLE.fullmatch(part):
        before, first, last, after = simple.groups()
        low, high = int(first), int(last)
        # leading zeros fix the number of digits
        width = len(first) if first[0] == "0" else 0
        if low <= high and (not width or len(last) == width):
            return [f"{before}{number:0{width}}{after}" for number in range(low, high + 1)]
    return nodes(part)


def _size(text: str) -> int:
    """Return how many numbers a range has at most: ``[1-3,7-9/2]``."""
    count = 0
    for part in text[1:-1].split(","):
        numbers, _, step = part.partition("/")
        low, _, high = numbers.partition("-")
        count += max(int(high or low) - int(low), 0) // max(int(step or 1), 1) + 1
    return count


def _without_programs(words: Iterable[str]) -> Iterator[str]:
    """Yield words that others have written. Raises SetError for one that runs a program."""
    for word in words:
        if any(part.startswith("exec:") for part in split(word)):
            raise SetError(f"'{word}' of a group would run a program")
        yield word


def _printed(command: str) -> list[str]:
    """Return the words that a group's command prints. Raises SetError."""
    import subprocess

    # with a shell: the command is the user's own, from the configuration
    done = subprocess.run(
        command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise SetError(f"'{command}' ended with exit status {done.returncode}")
    return done.stdout.decode(errors="replace").split()


def _domains(pattern: str) -> list[SetMember]:
    """Return the domains of libvirt that a pattern matches. Raises ConnectError."""
    from hmp.targets.libvirt_target import domains

    before, _, name = pattern.rpartition("/" if "://" in pattern else ":")
    start = pattern[: len(before) + 1]
    found = [each for each in domains(start) if fnmatchcase(each, name)]
    return [SetMember(f"{start}{each}", f"{start}{each}") for each in found]

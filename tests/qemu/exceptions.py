"""Where our monitor may differ from QEMU's own, and where it may ask that one: all of it.

Each entry must be needed by some line of some QEMU, or the suite fails: this table can
only shrink.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.qemu.differential import Answer


class Exempt(NamedTuple):
    """Lines that may differ, by a pattern of the whole line, and why.

    ours: a pattern of what our monitor says then. releases: of QEMU, all when empty.
    """

    lines: str
    reason: str
    ours: str = ""
    releases: tuple[str, ...] = ()

    def covers(self, answer: Answer, release: str) -> bool:
        """Return whether an answer of a QEMU of that release is one of these."""
        return bool(
            re.fullmatch(self.lines, answer.line)
            and re.match(self.ours, answer.ours)
            and (not self.releases or release in self.releases)
        )


class LeftOut(NamedTuple):
    """Lines that begin so, by a pattern, are not tried, and why.

    releases, configurations: where; everywhere when empty.
    """

    begin: str
    reason: str
    releases: tuple[str, ...] = ()
    configurations: tuple[str, ...] = ()

    def applies(self, release: str, configuration: str) -> bool:
        """Return whether that is so on a configuration of a release."""
        return (not self.releases or release in self.releases) and (
            not self.configurations or configuration in self.configurations
        )

    def match(self, line: str) -> bool:
        """Return whether a line begins so."""
        return bool(re.match(self.begin, line))


LEFT_OUT = [
    LeftOut("info stats", "kills a QEMU without CPUs", configurations=("none",)),
    LeftOut(
        "loadvm",
        "without any disk QEMU stops the machine, fails, and leaves it so",
        configurations=("none",),
    ),
    LeftOut("calc_dirty_rate -", "kills QEMU 7.2 without KVM", releases=("7.2",)),
    LeftOut(
        "calc_dirty_rate ",
        "takes a second each time, and is tried where everything is plugged in",
        configurations=("none", "running"),
    ),
    LeftOut("info virtio-status", "kills QEMU 11.1", releases=("11.1",)),
    LeftOut(
        "dumpdtb",
        "pseries writes a tree whose memory it has given back, or fails",
        configurations=("ppc64",),
    ),
    LeftOut(
        "dump-guest-memory",
        "its DUMP_COMPLETED kills libvirtd 9.0, which expects it of its own dumps only",
        configurations=("libvirt",),
    ),
    LeftOut("object_del compat_monitor", "would end one of the two monitors"),
    LeftOut(
        "drive_add (?!-n)",
        "drives, as -drive has them, are no things of a daemon's",
        configurations=("daemon",),
    ),
    LeftOut(
        "drive_(backup|mirror) n1 ",
        "QEMU's monitor calls such jobs by a drive's name, which a node has not",
        configurations=("daemon",),
    ),
    LeftOut(
        "info qom-tree$|info qom-tree /machine|qom-list /machine|object_add memory-",
        "a daemon has no machine, and no memory",
        configurations=("daemon",),
    ),
    LeftOut(
        'qom-set /objects/io0 poll-max-ns .*[^0-9]$|object_add {|drive_del (nope|"a)',
        "a daemon refuses bad values in other words",
        configurations=("daemon",),
    ),
]
"""Lines that are too dangerous."""

DIFFERENT = [
    Exempt(
        r"info block( -v)?",
        "a storage daemon has nodes only, which QEMU's monitor would not show",
        ours=r"n1: ",
    ),
    Exempt(
        r"set_password -Z vnc word",
        "the word after a mistyped flag may be the password, and is starred out",
        ours=r"(?s).*\*\*\*",
    ),
    Exempt(
        r"migrate (-[bi] )*[a-z]+:\S+",
        "without -d we wait for the end, and tell how it ended; QEMU's monitor cannot"
        " wait there, and says so or nothing",
    ),
    Exempt(
        r"dump-skeys.*",
        "a mistake in a line is told before that the command is another target's",
        ours="dump-skeys: ",
        releases=("11.1",),
    ),
    Exempt(
        r"netdev_add user,id=gen1 extra",
        "QEMU finds that the name is taken before it looks at the rest of the line",
    ),
    Exempt(
        r"info block (y0|-n)",
        "QEMU's monitor hands numbers on as texts, and shows them so in a file's name",
        ours=r"(?s).*json:",
    ),
    Exempt(
        r"dump-guest-memory -p -d -w -z -l -s -R some.file",
        "QEMU 7.2 has no -R, and reads on behind the file's name",
        releases=("7.2",),
    ),
    Exempt(
        r"info snapshots",
        "QEMU 7.2 does not tell that an image is the other end's after a migration",
        ours=r"There is no snapshot",
        releases=("7.2",),
    ),
    Exempt(
        r"migrate_set_capability zero-blocks on",
        "a warning, which a QEMU that is asked over QMP writes to its standard error",
        releases=("10.0",),
    ),
    Exempt(
        r"info migrate -Z",
        "a flag that does not exist: before 10.1 the command had none at all",
        releases=("7.2", "10.0"),
    ),
]
"""Lines that print something else."""

FORWARDED = [
    Exempt(r".*\$\w*.*", "a register in an expression is QEMU's to read"),
    Exempt(
        r"info migrate",
        "the globals that it shows are in no QMP reply",
        releases=("7.2", "10.0"),
    ),
    Exempt(
        r"info migrate -a",
        "the globals that it shows are in no QMP reply",
        releases=("11.1",),
    ),
    Exempt(r"info pic.*", "QMP has a command for it from 9.1 on", releases=("7.2",)),
    Exempt(
        r"drive_add (?!-n).*|drive_del .*",
        "drives, as -drive has them, are no things of QMP's; nodes are",
    ),
    Exempt(r"qemu-io .*", "QMP has no such command; hmp looks at the drive before"),
    Exempt(r"p 0b11", "the first binary number: the machine is asked if it reads such"),
    Exempt(
        r"drive_add -n 0 node-name=y2|object_add {|qom-set \S+ poll-max-ns .*",
        "values that cannot be read; QEMU words why",
    ),
]
"""Lines of commands that QMP can do, which are QEMU's monitor's all the same."""

ELSEWHERE = [
    Exempt(
        r"loadvm one",
        "a warning of pseries, which a QEMU that is asked over QMP writes to its standard"
        " error",
        releases=("7.2", "10.0"),
    ),
    Exempt(
        r"dumpdtb (some.file|/nope/none)",
        "which hint follows depends on what QEMU was built with; QMP leaves hints out, and"
        " nothing tells",
        ours=r"Error: This machine doesn't have an FDT\n",
        releases=("10.0",),
    ),
]
"""Lines that print something else on machines of other architectures, besides these."""

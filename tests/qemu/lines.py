"""Monitor lines made from the tables: each command with good and bad arguments.

What is good is asked of the machine, by the kind of thing that an argument names, or
follows from its letter; so does what is bad.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from hmp.frontends.script import drive
from hmp.language.scan import Parameter
from hmp.monitor.entry import Entry, Table
from hmp.monitor.kinds import Kind
from hmp.qmp.connection import Connection
from hmp.qmp.errors import QMPError

FEW = 3
"""Things of a kind that a command is tried with."""

OWN = {
    "alias",
    "block-export-add",
    "block-export-del",
    "events",
    "explain",
    "guest",
    "hello-world",
    "info alarmclock",
    "qmp",
    "source",
    "info alarm_methods|alarm-methods",
    "time",
    "top",
    "trace",
    "type",
    "unalias",
    "wait",
    "watch",
    "info exports",
    "info history",
    "migrate-to",
}
"""Commands that are ours alone, or say what only one monitor knows."""

NOT_RUN = {
    "quit|q": "ends the machine",
    "help|?": "lists what each monitor has; tests/qemu/test_tables.py compares it",
    "clear": "new in 11.1, and here for all; tests/commands/ has it",
    "cpu": "kept by our monitor, but not by QEMU's; tests/qemu/test_native_effects.py",
    "cont|c": "what a guest does then is no two times the same; where one runs, it is",
    "gdbserver": "listens on a port of the host; tried by hand, without one",
    "hostfwd_add": "listens on a port of the host; tried by hand",
    "info usbhost": "shows what is plugged into the host, which others use meanwhile",
}
"""Commands that are not tried with what their arguments could be, and why."""

_GOOD = {
    "s": ("word", "on"),
    "F": ("some.file",),
    "B": ("d0", "n1"),
    "S": ("some text",),
    "O": ("word",),
    "i": ("0", "1"),
    "l": ("0x1000", "1"),
    "M": ("64",),
    "o": ("1M",),
    "T": ("1",),
    "b": ("on", "off"),
    "/": ("/2xw", "/dh", "/c", "/i"),
}
"""By letter, what an argument can be that names nothing."""

_BAD = {
    "s": ("nope", '"unfinished', '""', "a.b/c"),
    "F": ("/nope/none", '"unfinished'),
    "B": ("nope", '"unfinished', '"a b"'),
    "S": ("", "{", "a  b "),
    "O": ("nope", "nope,id=x", ",", "id=x", "a=b=c,,d"),
    "i": ("-1", "x", "1+", "0x100000000", "1/0", "99999999999999999999", "'a'"),
    "l": ("-1", "x", "(1", "1/0", "99999999999999999999", "$nope", "'"),
    "M": ("-1", "x", "1.5", "0x10000000000000"),
    "o": ("-1", "x", "1.5Q", "9999999E", "1.5"),
    "T": ("x",),
    "b": ("maybe", "ON", '"on"'),
    "/": ("/z", "/4", "/8gx8"),
}
"""By letter, what an argument better is not."""

_FIXED = {
    ("device_add", "device"): ("usb-mouse,id=gen1", "virtio-rng-pci,id=gen2"),
    ("netdev_add", "netdev"): ("user,id=gen1", "hubport,id=gen2,hubid=3"),
    ("object_add", "object"): ("iothread,id=gen1", "memory-backend-ram,id=gen2,size=1M"),
    ("chardev-add", "args"): ("null,id=gen1", "ringbuf,id=gen2,size=64"),
    ("chardev-change", "args"): ("null", "ringbuf,size=64"),
    ("drive_add", "opts"): (
        "driver=null-co,node-name=gen1",
        "if=none,id=gen2,file=extra.img,format=raw",
    ),
    ("migrate", "uri"): ("unix:nowhere",),
    ("migrate_incoming", "uri"): ("unix:in",),
    ("migrate_recover", "uri"): ("unix:in",),
    ("nbd_server_start", "uri"): ("unix:nbd",),
    ("watchdog_action", "action"): ("none", "reset"),
    ("set_password", "protocol"): ("vnc", "spice"),
    ("expire_password", "protocol"): ("vnc", "spice"),
    ("hostfwd_remove", "arg1"): ("net0",),
    ("hostfwd_remove", "arg2"): ("tcp::43210", "udp:127.0.0.1:1"),
    ("info stats", "target"): ("vm", "vcpu", "cryptodev"),
    ("info cmma", "count"): ("1",),
    ("log", "items"): ("none", "guest_errors,unimp"),
    ("logfile", "filename"): ("log.txt",),
    ("mouse_set", "index"): ("0", "2"),
    ("sendkey", "keys"): ("a", "ctrl-alt-f1", "0x1e"),
    ("qom-list", "path"): ("/machine", "/objects/io0"),
    ("qom-get", "path"): ("/objects/io0",),
    ("qom-get", "property"): ("poll-max-ns", "type"),
    ("qom-set", "path"): ("/objects/io0",),
    ("qom-set", "property"): ("poll-max-ns",),
    ("qom-set", "value"): ("700", "maybe"),
    ("info qom-tree", "path"): ("/objects", "/machine/peripheral"),
    ("migrate_set_parameter", "parameter"): ("max-bandwidth", "tls-creds"),
    ("migrate_set_parameter", "value"): ("5", "x"),
    ("o", "addr"): ("0x80",),
    ("sum", "start"): ("0",),
    ("sum", "size"): ("0x100",),
    ("memsave", "size"): ("0x100",),
    ("memsave", "filename"): ('"mem"',),
    ("pmemsave", "size"): ("0x100",),
    ("pmemsave", "filename"): ('"mem"',),
    ("dump-guest-memory", "begin"): ("0",),
    ("dump-guest-memory", "length"): ("0x1000",),
    ("qemu-io", "command"): ('"read 0 512"', '"length"', '"nope"'),
    ("calc_dirty_rate", "second"): ("1",),
    ("announce_self", "interfaces"): ("nic0",),
    ("screendump", "filename"): ("screen",),
    ("snapshot_blkdev", "snapshot-file"): ("overlay.qcow2",),
    ("drive_mirror", "target"): ("mirror.qcow2",),
    ("drive_backup", "target"): ("backup.qcow2",),
    ("change", "target"): ("extra.img",),
    ("trace-event", "name"): ("qmp_enter", "qmp_*"),
    ("info trace-events", "name"): ("qmp_enter", "qmp_*"),
    ("block_resize", "size"): ("80M", "96"),
    ("savevm", "name"): ("gen1",),
    ("loadvm", "name"): ("gen1", "first"),
    ("getfd", "fdname"): ("fd1",),
    ("gva2gpa", "addr"): ("0", "0x1000"),
}
"""Good arguments that neither letter nor kind tells."""


def generated(
    table: Table, machine: Connection, *effects: str, without: Collection[str] = ()
) -> list[str]:
    """Return lines for each command of some effects, in the order of the effects.

    machine: is asked what there is to be named. without: commands to leave out.
    """
    found = dict(entries(table))
    words = _Words(machine)
    return [
        line
        for effect in effects
        for name, entry in found.items()
        if entry.effect == effect
        and name not in {*OWN, *NOT_RUN, *without, "info"}
        and name.split()[0] not in OWN  # as a subcommand of such a command
        for line in _lines(name, entry, words)
    ]


def entries(table: Table) -> Iterator[tuple[str, Entry[Any]]]:
    """Yield the entries of both tables by what they are called in a line."""
    for entry in table:
        yield entry.name, entry
        for item in entry.subtable or ():
            yield f"{entry.names[0]} {item.name}", item


class _Words:
    """What arguments can be, on one machine."""

    def __init__(self, machine: Connection) -> None:
        self.machine = machine
        self.known: dict[str, tuple[str, ...]] = {}

    def good(self, name: str, entry: Entry[Any], parameter: Parameter) -> tuple[str, ...]:
        """Return good arguments of a command for a parameter, at least one."""
        kind = entry.kinds.get(parameter.key)
        letter = parameter.type.letter
        fixed = _FIXED.get((name, parameter.key))
        if fixed is not None:
            return fixed
        if kind is not None and kind.name not in self.known:
            self.known[kind.name] = self._of_kind(kind)
        words = self.known[kind.name] if kind is not None else ()
        return words or _GOOD.get(letter, ("word",))

    def _of_kind(self, kind: Kind) -> tuple[str, ...]:
        words = [word for word, _ in kind.words]
        if kind.fetch is not None:
            with suppress(QMPError):  # this machine has none
                words += [word for word, _ in drive(self._fetch(kind))]
        return tuple(dict.fromkeys(words))[:FEW]

    async def _fetch(self, kind: Kind) -> list[tuple[str, str]]:
        assert kind.fetch is not None
        return list(await kind.fetch(self.machine, ""))


def _lines(name: str, entry: Entry[Any], words: _Words) -> list[str]:
    """Return the lines for a command, each once."""
    head = name.partition("|")[0]
    flags = [p for p in entry.parameters if p.is_flag]
    places = [p for p in entry.parameters if not p.is_flag]
    good = [words.good(name, entry, p) for p in places]
    needed = [g[0] for g, p in zip(good, places, strict=True) if not _may_lack(p)]
    plain = " ".join([head, *needed])
    lines = [head, plain, f"{plain} extra", f"{head} -Z {' '.join(needed)}"]
    for index, parameter in enumerate(places):
        before = [g[0] for g in good[:index]]
        after = [
            g[0]
            for g, p in zip(good[index + 1 :], places[index + 1 :], strict=True)
            if not _may_lack(p)
        ]
        bad = _BAD.get(parameter.type.letter, ())
        for value in (*good[index][:FEW], *bad):
            value = f".{value}" if parameter.dotted else value
            lines.append(" ".join([head, *before, value, *after]))
    for flag in flags:
        takes_value = getattr(flag.type, "takes_value", False)
        value = " ppm" if takes_value else ""
        lines.append(f"{head} -{flag.type.letter}{value} {' '.join(needed)}")
    if len(flags) > 1:
        every = " ".join(f"-{flag.type.letter}" for flag in flags)
        lines.append(f"{head} {every} {' '.join(needed)}")
    if "|" in name:
        lines.append(name.partition("|")[2])
    return list(dict.fromkeys(line.rstrip() if line != plain else line for line in lines))


def _may_lack(parameter: Parameter) -> bool:
    return parameter.optional or parameter.dotted or parameter.type.letter == "/"

"""Option lists made by chance, good and bad, for every command that takes one.

Most are nearly right: a type, an id, a few options of that type with values of all
kinds. Then a name, a separator or a value is spoilt.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from tests.qemu.survivors import ID

NUMBERS = (
    "0",
    "1",
    "2",
    "7",
    "64",
    "255",
    "256",
    "4096",
    "65535",
    "65536",
    "1048576",
    "08",
    "010",
    "0x10",
    "0X1f",
    "-1",
    "-0",
    "+1",
    "1.0",
    "-4096",
    "1k",
    "4K",
    "1M",
    "1.5M",
    "0.5k",
    ".5e",
    "1e3",
    "0b1000",
    "1.5",
    "x",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-18446744073709551616",
    "-0xffffffff00000001",
    "0xffffffffffffffff",
    "-2147483649",
    "16Gi",
    "0x18M",
    "1kk",
    "1-3",
    "3-1",
    "1-x",
    "0x",
    "1B",
    "2b",
    "1E",
    "16E",
    "-1k",
    "0x1.8p3",
    "nan",
    "inf",
    "0.0000000001k",
    "007",
    "1_000",
    "٣",
    "--1",
    "+-1",
    "0 ",
)
SWITCHES = (
    "on",
    "off",
    "yes",
    "no",
    "true",
    "false",
    "y",
    "n",
    "On",
    "1",
    "maybe",
    "onn",
    "auto",
    "null",
)
WORDS = ("a", "x0", "tcp::0-:22", "10.0.2.0/24", "::1", "default", "a,,b", "a=b", "{}", "é")

NUMBER, SWITCH, WORD = "number", "switch", "word"
_VALUES = {NUMBER: NUMBERS, SWITCH: SWITCHES, WORD: WORDS}


Values = str | tuple[str, ...]
Options = dict[str, Values]


class Kind(NamedTuple):
    """A type that a list can be of: what makes it, and the options that it has.

    options: by name what values they take: a kind of values, or words.
    """

    start: str
    options: Options


class Lists(NamedTuple):
    """The lists of one command.

    line: a format for the line, with {id} for what has been made before. kinds: of the
    lists. key: what names a new thing. undo: lines that remove it again. look: lines
    that show what was made. state: QOM path of it, whose options are compared.
    """

    line: str
    kinds: tuple[Kind, ...]
    key: str = "id"
    undo: tuple[str, ...] = ()
    look: tuple[str, ...] = ()
    path: str = ""


_POLL = dict.fromkeys(("poll-max-ns", "poll-grow", "poll-shrink", "aio-max-batch"), NUMBER)
_POOL = dict.fromkeys(("thread-pool-min", "thread-pool-max"), NUMBER)
_MEMORY: Options = {
    "size": (*NUMBERS, "1M", "2M", "64k", "4096", "4096"),
    "host-nodes": (*NUMBERS, "0"),
    "host-nodes.0": ("0", "x", "1k"),
    "host-nodes.1": ("0", "1"),
    "policy": ("default", "bind", "preferred", "interleave", "x"),
    **dict.fromkeys(("merge", "dump", "share", "reserve", "x-use-canonical-path"), SWITCH),
    "prealloc-threads": NUMBER,
}
OBJECTS = Lists(
    "object_add {list}",
    (
        Kind("iothread", {**_POLL, **_POOL}),
        Kind("main-loop", {"aio-max-batch": NUMBER, **_POOL}),
        Kind("memory-backend-ram,size=1M", _MEMORY),
        Kind("memory-backend-ram", _MEMORY),
        Kind(
            "memory-backend-file,mem-path=mem,size=1M",
            {**_MEMORY, "align": NUMBER, "discard-data": SWITCH, "pmem": SWITCH},
        ),
        Kind(
            "throttle-group",
            {
                **dict.fromkeys(("x-iops-total", "x-bps-read", "x-iops-size"), NUMBER),
                **dict.fromkeys(("limits.iops-total", "limits.bps-read"), NUMBER),
                "x-iops-total-max": NUMBER,
                "x-iops-total-max-length": NUMBER,
            },
        ),
        Kind(
            "secret,data=x",
            {"format": ("raw", "base64", "x"), "keyid": WORD, "iv": WORD, "data": WORD},
        ),
        Kind(
            "authz-list,policy=deny",
            {
                "policy": ("allow", "deny", "x"),
                "rules.0.match": WORD,
                "rules.0.policy": ("allow", "deny"),
                "rules.0.format": ("exact", "glob", "x"),
                "rules.1.match": WORD,
                "rules.1.policy": ("allow", "deny"),
                "rules": WORD,
                "rules.00.match": WORD,
            },
        ),
        Kind("authz-simple", {"identity": WORD}),
        Kind("cryptodev-backend-builtin", {"queues": NUMBER, "throttle-bps": NUMBER}),
        Kind("rng-random", {"filename": ("/dev/urandom", "a"), "opened": SWITCH}),
        Kind("can-bus", {}),
        Kind("nope", {"a": WORD}),
    ),
    undo=("object_del {id}",),
    path="/objects/{id}",
)

_PCI: Options = {
    "addr": ("5", "6.0", "0x7", "x", "-1"),
    "multifunction": SWITCH,
    "rombar": NUMBER,
}
DEVICES = Lists(
    "device_add {list}",
    (
        Kind("usb-mouse", {"port": ("1", "2", "x", ""), "serial": WORD, "bus": ("ub.0",)}),
        Kind("usb-tablet,bus=ub.0", {"usb_version": NUMBER, "head": NUMBER}),
        Kind(
            "virtio-rng-pci",
            {"max-bytes": NUMBER, "period": NUMBER, "vectors": NUMBER, **_PCI},
        ),
        Kind("pci-testdev", {"membar": NUMBER, "membar-backed": SWITCH, **_PCI}),
        Kind(
            "virtio-net-pci",
            {
                "mac": ("52:54:00:12:34:56", "x"),
                "mq": SWITCH,
                "vectors": NUMBER,
                **dict.fromkeys(("bootindex", "host_mtu", "rx_queue_size"), NUMBER),
                **dict.fromkeys(("speed", "x-txtimer", "acpi-index"), NUMBER),
                **dict.fromkeys(("csum", "ats", "disable-legacy"), SWITCH),
                **_PCI,
            },
        ),
        Kind(
            "virtio-blk-pci,drive=n1",
            {
                **dict.fromkeys(
                    ("num-queues", "queue-size", "discard_granularity"), NUMBER
                ),
                **dict.fromkeys(("logical_block_size", "opt_io_size", "bootindex"), NUMBER),
                "serial": WORD,
                "share-rw": SWITCH,
                "write-cache": SWITCH,
                **{"rerror": ("report", "stop", "auto", "x"), **_PCI},
            },
        ),
        Kind("pc-dimm,memdev=m9", {"node": NUMBER, "slot": NUMBER, "addr": NUMBER}),
        Kind("nope", {"a": WORD}),
        Kind("sd-card", {"a": WORD}),
    ),
    undo=("device_del {id}", "system_reset"),
    path="/machine/peripheral/{id}",
)

NETDEVS = Lists(
    "netdev_add {list}",
    (
        Kind(
            "user",
            {
                "net": WORD,
                "host": ("10.0.2.2", "x"),
                "hostname": WORD,
                "dnssearch": WORD,
                "dnssearch.0": WORD,
                "hostfwd": WORD,
                "guestfwd": ("tcp:10.0.2.9:1-cmd:true", "x"),
                **dict.fromkeys(("restrict", "ipv4", "ipv6"), SWITCH),
                "ipv6-prefix": ("fec0::",),
                "ipv6-prefixlen": NUMBER,
            },
        ),
        Kind("hubport", {"hubid": NUMBER, "netdev": WORD}),
        Kind("hubport,hubid=3", {"hubid": NUMBER}),
        Kind(
            "tap,fd=nosuch",
            {
                "fd": ("x", "1:2"),
                "script": ("no",),
                "br": WORD,
                "ifname": WORD,
                "sndbuf": NUMBER,
                "queues": NUMBER,
                "poll-us": NUMBER,
                **dict.fromkeys(("vhost", "vnet_hdr", "vhostforce"), SWITCH),
            },
        ),
        Kind("socket", {"fd": WORD, "localaddr": WORD, "listen": ("x",)}),
        Kind(
            "dgram",
            {
                "local.type": ("unix", "inet", "fd", "x"),
                "local.path": ("sock",),
                "local.host": ("127.0.0.1",),
                "local.port": ("x", "0"),
                "remote.type": ("unix", "x"),
                "remote.path": ("remote",),
            },
        ),
        Kind(
            "stream",
            {
                "addr.type": ("unix", "inet", "fd", "x"),
                "addr.path": ("nosuch",),
                "addr.str": WORD,
                "server": ("off", "x"),
                "reconnect": ("0", "x", "1k"),
            },
        ),
        Kind("vhost-user", {"chardev": ("rb0", "x"), "queues": NUMBER}),
        Kind("nope", {"a": WORD}),
        Kind("none", {}),
    ),
    undo=("netdev_del {id}",),
    look=("info network",),
)

_BACKENDS = (
    Kind("null", {"mux": SWITCH, "logfile": ("log1",), "logappend": SWITCH}),
    Kind("ringbuf", {"size": (*NUMBERS, "64", "4096")}),
    Kind("memory", {"size": (*NUMBERS, "64")}),
    Kind("file", {"path": ("out", ""), "append": SWITCH, "input-path": ("raw.img",)}),
    Kind(
        "udp",
        {
            "host": ("127.0.0.1", ""),
            "port": ("9", "x", ""),
            "localport": ("0", "x"),
            "localaddr": ("127.0.0.1", ""),
            "ipv4": SWITCH,
            "ipv6": SWITCH,
        },
    ),
    Kind(
        "socket",
        {
            "path": ("nosuch",),
            "fd": WORD,
            "host": ("x",),
            "port": ("x",),
            "to": NUMBER,
            "reconnect": ("0", "x", "1k", "08"),
            "server": ("off", "x"),
            **dict.fromkeys(("delay", "nodelay", "telnet", "abstract", "tight"), SWITCH),
            "tls-creds": WORD,
            "wait": ("off", "x"),
        },
    ),
    Kind("vc", {"width": NUMBER, "height": NUMBER, "cols": NUMBER, "rows": NUMBER}),
    Kind("mux", {"chardev": ("rb0", "x", "")}),
    Kind("pipe", {"path": ("nosuch",)}),
    Kind("serial", {"path": ("nosuch",)}),
    Kind("tty", {}),
    Kind("msmouse", {}),
    Kind("testdev", {}),
    Kind("hub", {"chardevs.0": ("rb0", "x"), "chardevs.1": ("rb1",), "chardevs": WORD}),
    Kind("qemu-vdagent", {"mouse": SWITCH, "clipboard": SWITCH}),
    Kind("spicevmc", {"name": WORD}),
    Kind("nope", {"path": WORD}),
)
CHARDEVS = Lists(
    "chardev-add {list}",
    _BACKENDS,
    undo=("chardev-remove {id}", "chardev-remove {id}-base"),
    look=("info chardev",),
)
# of these QEMU's monitor makes others: a null, and a ring buffer
_AS_OTHERS = ("msmouse", "testdev", "memory")
CHANGES = Lists(
    "chardev-change rb1 {list}",
    tuple(kind for kind in _BACKENDS if kind.start not in _AS_OTHERS),
    key="",
    look=("info chardev",),
)

_NODE: Options = {
    **dict.fromkeys(("read-only", "auto-read-only", "force-share"), SWITCH),
    "cache.direct": SWITCH,
    "cache.no-flush": SWITCH,
    "detect-zeroes": ("on", "unmap"),
    "discard": ("on", "off", "unmap", "ignore", "x"),
}
_NULL: Options = {
    "size": NUMBER,
    "latency-ns": NUMBER,
    "read-zeroes": SWITCH,
    **_NODE,
}
NODES = Lists(
    "drive_add -n 0 {list}",
    (
        Kind("driver=null-co", _NULL),
        Kind("driver=null-aio", _NULL),
        Kind(
            "driver=raw,file.driver=file,file.filename=extra.img",
            {"offset": NUMBER, "size": NUMBER, "file.locking": ("on", "off", "auto", "x")},
        ),
        Kind("driver=raw,file=n1", {"offset": NUMBER, "size": NUMBER, **_NODE}),
        Kind("driver=raw", {"file": ("n1", "nope"), "file.driver": ("null-co", "x")}),
        Kind("driver=file", {"filename": ("extra.img", "nosuch"), **_NODE}),
        Kind(
            "driver=blkdebug,image=n1",
            {
                "align": NUMBER,
                "max-transfer": NUMBER,
                "config": ("nosuch",),
                "inject-error.0.event": ("read_aio", "x"),
                "inject-error.0.once": SWITCH,
                "set-state.0.event": ("read_aio",),
            },
        ),
        Kind("driver=throttle,file=n1", {"throttle-group": ("tg0", "x")}),
        Kind(
            "driver=qcow2,file.driver=file,file.filename=disk.qcow2",
            {
                **dict.fromkeys(("lazy-refcounts", "pass-discard-other"), SWITCH),
                "cache-size": NUMBER,
                "backing": ("n1", "x"),
                "overlap-check": WORD,
            },
        ),
        Kind("driver=nope", {"a": WORD}),
        Kind("size=1", {"driver": ("null-co", "x")}),
    ),
    key="node-name",
    undo=("drive_del {id}",),
    look=("info block -n -v",),
)
_DRIVE: Options = {
    **dict.fromkeys(("snapshot", "readonly", "copy-on-read", "ipv4"), SWITCH),
    "format": ("raw", "x"),
    "cache": ("none", "x"),
    "index": NUMBER,
    "unit": NUMBER,
    "bps": NUMBER,
    "iops": NUMBER,
    "media": ("disk", "cdrom", "x"),
    "werror": WORD,
}
DRIVES = Lists(
    "drive_add 0 {list}",
    (Kind("if=none", _DRIVE), Kind("if=none,file=extra.img,format=raw", _DRIVE)),
    undo=("drive_del {id}",),
    look=("info block",),
)

COMMANDS = {
    "object_add": OBJECTS,
    "device_add": DEVICES,
    "netdev_add": NETDEVS,
    "chardev-add": CHARDEVS,
    "chardev-change": CHANGES,
    "drive_add -n": NODES,
    "drive_add": DRIVES,
}

_IDS = (*(ID,) * 12, "1", "", "a b", "-x", "é", "a.b", "A_b-c", "on")


def generated(lists: Lists, chance: Random, count: int) -> Iterator[str]:
    """Yield so many lines of a command."""
    for _ in range(count):
        kind = chance.choice(lists.kinds)
        items = _items(lists, kind, chance)
        text = "".join(
            f"{'' if not place else _separator(chance)}{item}"
            for place, item in enumerate(items)
        )
        yield (
            lists.line.format(list=text).rstrip()
            if chance.random() < 0.97
            else (lists.line.format(list=f"{text},"))
        )


def _items(lists: Lists, kind: Kind, chance: Random) -> list[str]:
    names = list(kind.options)
    items = [kind.start]
    if chance.random() < 0.06:
        items = []
    elif chance.random() < 0.05:
        items = [_spoilt_item(kind.start, chance)]
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3))):
        name = chance.choice(names) if names and chance.random() < 0.95 else "nope"
        value = _value(kind.options.get(name, WORD), chance)
        items.append(_item(name, value, chance))
    if lists.key and chance.random() < 0.95:
        items.insert(chance.randint(1, len(items) or 1), f"{lists.key}={_id(chance)}")
    if chance.random() < 0.08:
        items.append(f"{lists.key or 'id'}={chance.choice(_IDS)}")
    if items and chance.random() < 0.05:
        chance.shuffle(items)
    return items


def _id(chance: Random) -> str:
    return ID if chance.random() < 0.9 else chance.choice(_IDS)


def _value(values: Values, chance: Random) -> str:
    if chance.random() < 0.08:
        values = chance.choice((NUMBER, SWITCH, WORD))
    choices = _VALUES[values] if isinstance(values, str) else values
    return chance.choice(choices).replace(" ", "")


def _item(name: str, value: str, chance: Random) -> str:
    if chance.random() < 0.85:
        return f"{name}={value}"
    return _spoilt_item(f"{name}={value}", chance)


def _spoilt_item(item: str, chance: Random) -> str:
    name, _, value = item.partition("=")
    long = "a" * chance.choice((127, 128, 130))
    return chance.choice(
        (
            name,
            f"no{name}",
            f"{name}=",
            f"={value}",
            "",
            f"{name},,x",
            f"{name}x=1",
            f".{name}={value}",
            f"{name}.={value}",
            f"0{name}={value}",
            f"-{name}=1",
            f"{name}.0={value}",
            f"{name}.01={value}",
            f"{name}.1={value}",
            f"{name}.0={value},{name}.1={value}",
            f"{name}.x={value}",
            f"{name}..x=1",
            f"{name}.00={value},{name}.01={value}",
            f"{name}.4294967296={value}",
            f"{name}={value},{name}=1",
            f"{name}={value},{name}={value}",
            f"{name}={value},{name}.x=1",
            f"{name}.x=1,{name}=1",
            f"{name}.-1=1",
            f"_{name}={value}",
            f"__org.x_{name}={value}",
            f"__{name}=1",
            f"{long}=1",
            f"{name}.{long}=1",
            f"{name.upper()}={value}",
            f"{name}/x=1",
            "?",
            "help",
            f"{name}=help",
            f"{name}=?",
            f"é{name}=1",
            f"{name}=={value}",
            "id",
            "noid",
            "id=a,id=b",
            f"{name}.18446744073709551616=1",
            f"{name}.0.0=1",
            "no",
            "n",
        )
    )


def _separator(chance: Random) -> str:
    return "," if chance.random() < 0.985 else chance.choice((",,", ",,,"))

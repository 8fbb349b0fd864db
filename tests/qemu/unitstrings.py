"""The strings of QEMU's own unit tests, as arguments of lines.

They are read out of its source trees when a test runs, and never kept: they are GPL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "f": "\f", "b": "\b", "a": "\a"}

_LISTS = (
    "object_add {}",
    "object_add iothread,id=new1,{}",
    "object_add authz-list,policy=deny,id=new1,{}",
    "object_add throttle-group,{}",
    "device_add {}",
    "device_add usb-mouse,id=new1,{}",
    "device_add usb-tablet,{}",
    "netdev_add {}",
    "netdev_add user,id=new1,{}",
    "netdev_add hubport,hubid=1,{}",
    "chardev-add {}",
    "chardev-add null,id=new1,{}",
    "chardev-add ringbuf,id=new1,{}",
    "chardev-change rb1 {}",
    "chardev-change rb1 null,{}",
    "drive_add -n 0 {}",
    "drive_add -n 0 driver=null-co,node-name=new1,{}",
    "drive_add 0 {}",
    "drive_add 0 if=none,id=new1,{}",
)
_NUMBERS = (
    "balloon {}",
    "block_resize nope {}",
    "block_job_set_speed nope {}",
    *(
        f"migrate_set_parameter {name} {{}}"
        for name in ("downtime-limit", "max-bandwidth", "multifd-channels")
    ),
    "migrate_set_parameter xbzrle-cache-size {}",
    "migrate_set_parameter tls-creds {}",
    "object_add iothread,id=new1,poll-max-ns={}",
    "qom-set /objects/m9 dump {}",
    "object_add memory-backend-ram,id=new1,size={}",
    "qom-set /objects/m9 size {}",
    "object_add memory-backend-ram,id=new1,size=1M,prealloc-threads={}",
    "qom-set /objects/io0 poll-max-ns {}",
    "qom-set /machine initrd {}",
    "p {}",
    "chardev-add ringbuf,id=new1,size={}",
    "chardev-add vc,id=new1,width={}",
    "netdev_add hubport,id=new1,hubid={}",
    "netdev_add tap,id=new1,fd=x,sndbuf={}",
    "device_add usb-tablet,id=new1,head={}",
    "drive_add -n 0 driver=null-co,node-name=new1,size={}",
    "mouse_set {}",
    "drive_add -n 0 driver=raw,file=n1,node-name=new1,offset={}",
    "block_set_io_throttle nope {} 0 0 0 0 0",
    "announce_self {}",
    "cpu {}",
)
_JSON = (
    "object_add {}",
    "qom-set -j /objects/io0 poll-max-ns {}",
    "qom-set -j /machine initrd {}",
    "qom-set -j /objects/m9 host-nodes {}",
    "qom-set -j /objects/m9 dump {}",
    "qom-set /machine initrd {}",
    "chardev-add {}",
    "migrate_set_parameter tls-creds {}",
)
SOURCES = {
    "test-keyval": _LISTS,
    "test-qemu-opts": _LISTS,
    "test-cutils": _NUMBERS,
    "check-qjson": _JSON,
    "test-qobject-input-visitor": (*_JSON, *_NUMBERS),
}
"""Of each of QEMU's unit tests the lines that its strings are put into."""


def has_unit_tests(tree: Path) -> bool:
    """Return whether the unit tests are in a source tree; it may be of parts only."""
    return all((tree / "tests" / "unit" / f"{name}.c").exists() for name in SOURCES)


def lines(tree: Path) -> Iterator[str]:
    """Yield the lines that the strings of a source tree make."""
    for name, formats in SOURCES.items():
        text = (tree / "tests" / "unit" / f"{name}.c").read_text()
        for string in dict.fromkeys(strings(text)):
            for line in formats:
                yield line.replace("{}", string)


def strings(text: str) -> Iterator[str]:
    """Yield the string literals of a C source that a line can hold; pieces are joined."""
    text = re.sub(r"(?m)^#.*|/\*(?s:.*?)\*/|//.*", "", text)
    for match in re.finditer(rf"{_STRING}(?:\s*{_STRING})*", text):
        pieces = re.findall(_STRING, match[0])
        with suppress(UnicodeDecodeError):
            string = b"".join(_unescaped(piece[1:-1]) for piece in pieces).decode()
            if "\0" not in string and not string.startswith("/"):
                yield string


def _unescaped(piece: str) -> bytes:
    """Return the bytes that the inside of a C string literal stands for."""

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] == "x":
            return chr(int(code[1:], 16) & 0xFF)
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF)
        return _ESCAPES.get(code, code)

    latin = piece.encode().decode("latin-1")  # a character a byte
    found = re.sub(r"\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)", replace, latin)
    return found.encode("latin-1")

"""A guest that does nothing but write down what its keyboard sends."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.qemu.machines import RunningQemu

READY = 0xFF
"""The byte that the guest writes when it takes keys."""
_START = 0x7C00
_PORT = 0xE9

_MACHINE = (
    "-m 16 -nodefaults -vga none -drive if=floppy,format=raw,file=boot,readonly=on"
    " -chardev file,id=keys,path=keys -device isa-debugcon,chardev=keys"
)

_ROWS = {
    0x02: "1234567890-=",
    0x10: "qwertyuiop[]",
    0x1E: "asdfghjkl;'`",
    0x2B: "\\zxcvbnm,./",
}
_SHIFTED_ROWS = {
    0x02: "!@#$%^&*()_+",
    0x10: "QWERTYUIOP{}",
    0x1E: 'ASDFGHJKL:"~',
    0x2B: "|ZXCVBNM<>?",
}
_OTHERS = {0x0F: "\t", 0x1C: "\n", 0x39: " "}
_SHIFT = 0x2A
_RELEASED = 0x80


def boot_sector() -> bytes:
    """Return a boot sector that writes each scan code to QEMU's debug console.

    Its handler of the keyboard's interrupt reads the code from port 0x60, writes it to
    0xE9, and ends the interrupt at 0x20; the guest sleeps in between.
    """
    setup = "fa 31c0 8ed8 c7062400 {handler} a32600"  # its address at vector 9
    ready = f"b0{READY:02x} e6{_PORT:02x} fb"
    sleep = "f4 ebfd"
    length = len(bytes.fromhex(f"{setup.format(handler='0000')} {ready} {sleep}"))
    address = (_START + length).to_bytes(2, "little").hex()
    handler = f"50 e460 e6{_PORT:02x} b020 e620 58 cf"
    code = bytes.fromhex(f"{setup.format(handler=address)} {ready} {sleep} {handler}")
    return code.ljust(510, b"\0") + b"\x55\xaa"


def firmware_sector() -> bytes:
    """Return one that writes the characters that the firmware reads, by interrupt 0x16.

    The firmware knows USB keyboards.
    """
    begin = f"b0{READY:02x} e6{_PORT:02x} fb"
    each = f"b400 cd16 e6{_PORT:02x} ebf8"
    return bytes.fromhex(f"{begin} {each}").ljust(510, b"\0") + b"\x55\xaa"


class KeyboardGuest(RunningQemu):
    """A machine with a guest that writes down its keys, ready for them.

    sector: the guest's boot sector.
    """

    def __init__(
        self, command: list[str], folder: Path, *more: str, sector: bytes | None = None
    ) -> None:
        (folder / "boot").write_bytes(sector or boot_sector())
        super().__init__(command, [*shlex.split(_MACHINE), *more], folder)
        while READY not in self.codes():
            self.oracle.qmp("query-status")

    def codes(self) -> bytes:
        """Return the scan codes that it has had, behind READY."""
        return (self.folder / "keys").read_bytes()


def typed(codes: bytes) -> tuple[str, set[int]]:
    """Return the text that scan codes are on a US keyboard, and the keys left down."""
    plain, shifted = _characters(_ROWS), _characters(_SHIFTED_ROWS)
    text, down = "", set[int]()
    for code in codes.lstrip(bytes([READY])):
        if code & _RELEASED:
            down.discard(code & ~_RELEASED)
            continue
        assert code not in down, f"key {code:#x} repeats itself"
        down.add(code)
        if code != _SHIFT:
            text += _OTHERS.get(code) or (shifted if _SHIFT in down else plain)[code]
    return text, down


def _characters(rows: dict[int, str]) -> dict[int, str]:
    return {
        code: char for first, row in rows.items() for code, char in enumerate(row, first)
    }

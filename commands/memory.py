"""Guest memory: examine it, save it, resize it with the balloon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from commands._dump import dump_with_progress
from commands._memory import memory_view
from completions.file import FILE
from hmp.authoring import (
    BAD_CPU,
    DESTRUCTIVE,
    READ,
    CommandFailedError,
    Monitor,
    QDict,
    QMPError,
    UsageError,
    bare_errors,
    command,
    forward_line,
    run_blocking,
)

if TYPE_CHECKING:
    from hmp.authoring import Empty, Text
    from hmp.qmp.reply_types import DumpQueryResult

CATEGORY = "Memory"

balloon = command.direct(
    "balloon",
    args_type="value:M",
    params="target",
    help="ask the guest to shrink its memory to TARGET MiB",
    arguments={"target": "the memory to leave to the guest, in MiB"},
    about=(
        "The guest needs a balloon device and a driver for it. 'info balloon' "
        "shows its progress."
    ),
    words="shrink memory, reduce memory, resize memory, ram, memory size",
    example="balloon 512",
)

# each command about memory has its own words for it
_NO_CPU = r"\A(Can not dump without CPU|No CPU|No cpu)"
_UNREADABLE = r"Cannot access memory\n\Z"


@command(
    "memsave",
    args_type="val:l,size:i,filename:s",
    params="addr size file",
    help="write guest memory at a virtual address to a file",
    arguments={
        "addr": "the first virtual address, on the current CPU",
        "size": "the number of bytes",
        "file": "the file on QEMU's host",
    },
    words="dump memory",
    qmp=["memsave"],
    kinds={"filename": FILE},
    example='memsave 0x1000 4096 "/tmp/page"',
    failure=_NO_CPU,
)
async def memsave(mon: Monitor, args: QDict) -> Empty:
    """Write memory at a virtual address of the current CPU."""
    while True:
        try:
            return await mon.qmp.execute("memsave", args, **{"cpu-index": mon.cpu})
        except QMPError as error:
            if error.desc != BAD_CPU:
                raise
            if mon.cpu is None:
                raise CommandFailedError("No CPU available\n") from error
            mon.cpu = None  # it was unplugged; QEMU then uses its first CPU


pmemsave = command.direct(
    "pmemsave",
    args_type="val:l,size:i,filename:s",
    kinds={"filename": FILE},
    params="addr size file",
    help="write guest memory at a physical address to a file",
    arguments={
        "addr": "the first physical address",
        "size": "the number of bytes",
        "file": "the file on QEMU's host",
    },
    words="dump memory",
    example='pmemsave 0 0x1000 "/tmp/low-memory"',
)

_FORMATS = {
    "windmp": "win-dmp",
    "zlib": "kdump-zlib",
    "lzo": "kdump-lzo",
    "snappy": "kdump-snappy",
}
_DUMP: Final = "dump-guest-memory"


@command(
    _DUMP,
    args_type="paging:-p,detach:-d,windmp:-w,zlib:-z,lzo:-l,snappy:-s,raw:-R,"
    "filename:F,begin:l?,length:l?",
    params="[-p] [-d] [-z|-l|-s|-w] [-R] filename [begin length]",
    help="write the guest's memory to a file (-p: use paging, -d: do not wait,"
    " -z -l -s: compressed by zlib, lzo or snappy, -w: for Windows, -R: kdump"
    " without flattening)",
    arguments={
        "-z": "kdump format, compressed by zlib",
        "-l": "kdump format, compressed by lzo",
        "-s": "kdump format, compressed by snappy",
        "-w": "the format of Windows crash dumps",
        "filename": "the file on QEMU's host",
        "begin": "the first physical address, if not all memory is wanted",
        "length": "the number of bytes from there",
    },
    about="The machine is paused until the dump is complete. With -d, 'info dump' shows"
    " the progress.",
    words="dump memory, core dump, crash dump, coredump, vmcore",
    qmp=[_DUMP, "query-dump", "query-migrate", "query-qmp-schema"],
    example="dump-guest-memory -d /tmp/guest.core",
)
async def dump_guest_memory(mon: Monitor, args: QDict) -> Empty | DumpQueryResult:
    """Write a dump, and wait for its end unless it is detached.

    In a session QEMU writes it in the background and reports progress. In a script it
    stops the machine meanwhile, as QEMU's own monitor does.
    """
    chosen = [name for key, name in _FORMATS.items() if args.get(key)]
    if len(chosen) > 1:
        raise CommandFailedError("Error: only one of '-z|-l|-s|-w' can be set\n")
    name = chosen[0] if chosen else "elf"
    if args.get("raw"):
        name = await _raw(mon, name)
    detach = bool(args.get("detach"))
    members = {
        "paging": bool(args.get("paging")),
        "protocol": f"file:{args['filename']}",
        "begin": args.get("begin"),
        "length": args.get("length"),
        # only a detached dump can be watched
        "detach": detach or mon.front.interactive,
        "format": name,
    }
    if detach:
        return await mon.qmp.execute(_DUMP, members)
    if not mon.front.interactive:
        value = await run_blocking(mon, lambda: mon.qmp.execute(_DUMP, members), "the dump")
        return cast("Empty", value)  # run_blocking returns the reply
    return await dump_with_progress(mon, lambda: mon.qmp.execute(_DUMP, members))


async def _raw(mon: Monitor, name: str) -> str:
    """Return the unflattened form of a format. Raises UsageError if QEMU has none."""
    known = (await mon.qmp.schema()).enum_at(_DUMP, "format")
    if not any(format_.startswith("kdump-raw-") for format_ in known):
        reason = f"{_DUMP}: unsupported option -R"
        raise UsageError(mon.line.command, reason, shown=True)
    return name.replace("kdump-", "kdump-raw-")


@command(
    "dump-skeys",
    args_type="filename:F",
    params="",  # as QEMU has it
    help="write the guest's storage keys to a file named by the argument (s390x)",
    qmp=["dump-skeys"],
    failure=r"\A.",
)
async def dump_skeys(mon: Monitor, args: QDict) -> Empty | Text:
    """Write the keys. A target without keys is left to its monitor to report."""
    try:
        with bare_errors():
            return await mon.qmp.execute("dump-skeys", args)
    except CommandFailedError as error:
        if mon.qmp.has_hmp and error.desc.endswith(_NOT_HERE):
            return await forward_line(mon)
        raise


_NOT_HERE = " not available for this architecture"


_FORMAT = """\
The format is COUNT, FORMAT and SIZE, in one word: how many values, their form (x
hexadecimal, d decimal, u unsigned, o octal, c character, i instructions of the guest),
and the size of each (b 1, h 2, w 4, g 8 bytes). A part that is left out keeps its last
value."""

x = command.passthrough(
    "x",
    args_type="fmt:/,addr:l",
    help="show guest memory at a virtual address",
    arguments={
        "/fmt": "/ and the format, such as /8xw or /4i",
        "addr": "virtual address on the current CPU; an expression",
    },
    about=(
        f"{_FORMAT}\n\n"
        "'Cannot access memory' means that no page is mapped at this address: "
        "'info tlb' shows those that are, and 'xp' reads physical memory."
    ),
    words="dump memory, read memory, disassemble, examine",
    effect=READ,
    example="x /4i {$pc}",
    failure=f"{_NO_CPU}|{_UNREADABLE}",
)
x.view(memory_view)

xp = command.passthrough(
    "xp",
    args_type="fmt:/,addr:l",
    help="show guest memory at a physical address",
    arguments={
        "/fmt": "/ and the format, such as /8xw",
        "addr": "physical address; an expression",
    },
    about=_FORMAT,
    words="dump memory, read memory, physical memory, examine",
    effect=READ,
    example="xp /16xb 0x7c00",
    failure=_UNREADABLE,
)
xp.view(memory_view)

PASSTHROUGHS = (
    command.passthrough(
        "gpa2hva",
        args_type="addr:l",
        help="translate a guest physical address to an address in QEMU's process",
        arguments={"addr": "guest physical address"},
        words="translate address",
        effect=READ,
        example="gpa2hva 0x7c00",
        failure=r"\A(?!Host virtual address )",
    ),
    command.passthrough(
        "gpa2hpa",
        args_type="addr:l",
        help="translate a guest physical address to a host physical address",
        arguments={"addr": "guest physical address"},
        words="translate address",
        effect=READ,
        example="gpa2hpa 0x7c00",
        failure=r"\A(?!Host physical address )",
    ),
    command.passthrough(
        "gva2gpa",
        args_type="addr:l",
        help="translate a guest virtual address to a guest physical address",
        arguments={"addr": "guest virtual address, on the current CPU"},
        words="translate address, page table",
        effect=READ,
        example="gva2gpa {$pc}",
        failure=_NO_CPU,
    ),
    command.passthrough(
        "sum",
        args_type="start:i,size:i",
        params="addr size",
        help="show the 16-bit checksum of guest physical memory",
        arguments={"addr": "the first physical address", "size": "the number of bytes"},
        words="checksum",
        effect=READ,
        example="sum 0x7c00 512",
    ),
    command.passthrough(
        "i",
        args_type="fmt:/,addr:i,index:i.",
        params="/fmt addr",
        help="read an I/O port",
        arguments={
            "/fmt": "/ and the size: b 1, h 2, w 4 bytes",
            "addr": "the port; PORT.INDEX writes INDEX to it, then reads the next port",
        },
        words="port io, inb, read port",
        example="i /b 0x60",
    ),
    command.passthrough(
        "o",
        args_type="fmt:/,addr:i,val:i",
        params="/fmt addr value",
        help="write to an I/O port",
        arguments={
            "/fmt": "/ and the size: b 1, h 2, w 4 bytes",
            "addr": "the port's number",
            "value": "the value to write",
        },
        words="port io, outb, write port",
        effect=DESTRUCTIVE,
        outcome="this writes to the guest's hardware",
        example="o /b 0x80 1",
    ),
)

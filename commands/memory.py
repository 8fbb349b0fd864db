"""Guest memory: look at it, save it, balloon it."""

from typing import Any

from hmp.authoring import DESTRUCTIVE, READ, Monitor, QDict, command

CATEGORY = "Memory"


@command(
    "balloon",
    args_type="value:M",
    params="target",
    help="ask the guest to make do with so many MiB of memory",
    qmp=["balloon"],
    example="balloon 512",
)
async def balloon(mon: Monitor, args: QDict) -> Any:
    """Set the balloon's target; QMP takes bytes."""
    return await mon.qmp.execute("balloon", value=args["value"])


_NO_CPU = r"\A(Can not dump without CPU|No CPU|No cpu)"

PASSTHROUGHS = (
    command.passthrough(
        "x",
        args_type="fmt:/,addr:l",
        help="show guest memory at a virtual address",
        effect=READ,
        example="x/8xw $rsp",
        failure=_NO_CPU,
    ),
    command.passthrough(
        "xp",
        args_type="fmt:/,addr:l",
        help="show guest memory at a physical address",
        effect=READ,
        example="xp/16xb 0x7c00",
    ),
    command.passthrough(
        "gpa2hva",
        args_type="addr:l",
        help="show where in QEMU's memory a guest physical address is",
        effect=READ,
        failure=r"\A(?!Host virtual address )",
    ),
    command.passthrough(
        "gpa2hpa",
        args_type="addr:l",
        help="show which host physical address a guest physical address has",
        effect=READ,
        failure=r"\A(?!Host physical address )",
    ),
    command.passthrough(
        "gva2gpa",
        args_type="addr:l",
        help="show which guest physical address a virtual address has",
        effect=READ,
        failure=_NO_CPU,
    ),
    command.passthrough(
        "memsave",
        args_type="val:l,size:i,filename:s",
        params="addr size file",
        help="write guest memory at a virtual address to a file",
        example='memsave 0x1000 4096 "/tmp/page"',
        failure=_NO_CPU,
    ),
    command.passthrough(
        "pmemsave",
        args_type="val:l,size:i,filename:s",
        params="addr size file",
        help="write guest memory at a physical address to a file",
        example='pmemsave 0 0x100000 "/tmp/low-memory"',
    ),
    command.passthrough(
        "dump-guest-memory",
        args_type="paging:-p,detach:-d,windmp:-w,zlib:-z,lzo:-l,snappy:-s,raw:-R,"
        "filename:F,begin:l?,length:l?",
        params="[-p] [-d] [-z|-l|-s|-w] [-R] filename [begin length]",
        help="write the guest's memory to a file (-p: with paging, -d: do not wait,"
        " -z -l -s: compressed by zlib, lzo or snappy, -w: for Windows, -R: kdump"
        " without flattening)",
        example="dump-guest-memory -d /tmp/guest.core",
    ),
    command.passthrough(
        "dump-skeys",
        args_type="filename:F",
        params="",
        help="write the guest's storage keys to a file (s390x)",
        failure=r"\A.",
    ),
    command.passthrough(
        "sum",
        args_type="start:i,size:i",
        params="addr size",
        help="show the 16-bit checksum of guest physical memory",
        effect=READ,
        example="sum 0x7c00 512",
    ),
    command.passthrough(
        "i",
        args_type="fmt:/,addr:i,index:i.",
        params="/fmt addr",
        help="read an I/O port",
        example="i /b 0x60",
    ),
    command.passthrough(
        "o",
        args_type="fmt:/,addr:i,val:i",
        params="/fmt addr value",
        help="write to an I/O port",
        effect=DESTRUCTIVE,
        example="o /b 0x80 1",
    ),
)

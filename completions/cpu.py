"""CPUs by their index, and their registers."""

import re

from hmp.authoring import Connection, Kind, QDict, Word, releases

CPU_INDEX = Kind("CPU index")

_OLD_X86 = (
    "eax",
    "ecx",
    "edx",
    "ebx",
    "esp",
    "ebp",
    "esi",
    "edi",
    "eflags",
    "eip",
    "pc",
    *(f"r{number}" for number in range(8, 16)),
    "cs",
    "ds",
    "es",
    "ss",
    "fs",
    "gs",
)
_NEW_X86 = (
    "rax",
    "rbx",
    "rcx",
    "rdx",
    "rsi",
    "rdi",
    "rbp",
    "rsp",
    "rip",
    "eflags",
    "pc",
    *(f"r{number}" for number in range(8, 16)),
    "cs",
    "ss",
    "ds",
    "es",
    "fs",
    "gs",
    "fs_base",
    "gs_base",
    "cr0",
    "cr2",
    "cr3",
    "cr4",
    "cr8",
    "efer",
)
_ARM64 = (*(f"x{number}" for number in range(31)), "sp", "pc", "cpsr")


def _row(letters: str, count: int) -> tuple[str, ...]:
    """Return a name for each letter and number."""
    return tuple(f"{letter}{number}" for letter in letters for number in range(count))


_PPC = (
    "pc",
    "lr",
    "ctr",
    "cr",
    "xer",
    "msr",
    "fpscr",
    "pvr",
    "decr",
    "tbu",
    "tbl",
    "srr0",
    "srr1",
    "dar",
    "dsisr",
    *_row("rf", 32),
)
_SPARC = (*_row("goli", 8), "pc", "npc", "y", "fsr", *_row("f", 32))
_M68K = (*_row("da", 8), "pc", "sr", "ssp", "usp", "isp")
_OLD = {
    **dict.fromkeys(("x86_64", "i386"), _OLD_X86),
    **dict.fromkeys(("ppc64", "ppc"), _PPC),
    **dict.fromkeys(("sparc64", "sparc"), _SPARC),
    "m68k": _M68K,
}
_NEW = {**dict.fromkeys(("x86_64", "i386"), _NEW_X86), "aarch64": _ARM64}
"""The register names of each target in older and newer releases of QEMU."""


def _register_part(typed: str, args: QDict) -> tuple[int, str]:
    """Complete from the last ``$`` of an expression, if a register name follows it."""
    name = re.search(r"\$\w*\Z", typed)
    return (name.start(), "$") if name is not None else (len(typed), "")


REGISTER = Kind("expression; $ names a register", place=_register_part)


@CPU_INDEX.fetcher
async def cpus(qmp: Connection, context: str) -> list[Word]:
    """Return the CPUs, each with its QOM path."""
    found = await qmp.execute("query-cpus-fast")
    return [(str(cpu["cpu-index"]), cpu["qom-path"]) for cpu in found]


@REGISTER.fetcher
async def registers(qmp: Connection, context: str) -> list[Word]:
    """Return the registers that an expression may name. QMP does not list them."""
    if context != "$":
        return []
    # each target names its own registers, and newer releases name more of them
    arch = (await qmp.execute("query-target"))["arch"]
    names = _NEW if qmp.version >= releases.DEBUGGER_REGISTERS else _OLD
    return [(f"${name}", "register") for name in names.get(arch, ())]

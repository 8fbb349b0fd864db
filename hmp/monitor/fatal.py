"""QMP commands that would end or hang a QEMU of some release, refused before they are sent.

The handlers of monitor lines check here what they send, and ``qmp`` what is typed.
"""

from __future__ import annotations

import re
from itertools import pairwise

from hmp.monitor import releases
from hmp.monitor.errors import refusal
from hmp.monitor.host_programs import starts_program
from hmp.monitor.integers import CoercionError, read_whole_size
from hmp.monitor.null_devices import wrong_null_option
from hmp.monitor.preconfig import waits
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any

    from hmp.monitor.monitor import Monitor

    Members = Mapping[str, Any]

_RDMA_ADDRESS = (
    r"([^:\[,]{0,64}|\[[^\]]{1,64}\]):[^,]{1,32}"
    r"(,(to=[0-9]+|ipv[46](=(on|off))?|(keep-alive|mptcp|numeric)(=(on|off))?))*,?"
)
_LAST_PAGE = (1 << 64) - (1 << 16)
"""From here on, a size that is rounded up to a page is 0; pages have 64 KiB at most."""


async def refuse_fatal(mon: Monitor, command: str, members: Members) -> None:
    """Refuse a QMP command that would end QEMU. Raises CommandFailedError."""
    wrong = wrong_null_option(members, mon.qmp.version)
    if wrong:
        raise refusal(f"{wrong}; nothing was sent")
    check = _CHECKS.get(command)
    if check is not None:
        await check(mon, members)


def sandbox_risk(mon: Monitor, members: Members) -> str:
    """Return what to say of a sandbox that cannot be seen from here; mostly empty."""
    machine = mon.connection
    if machine.sandboxed or machine.pid or not _is_killed_for(mon, members):
        return ""
    return "this starts a program, which ends a QEMU in a sandbox such as libvirt's"


async def _check_kvm(mon: Monitor, members: Members) -> None:
    """Refuse a mode that crashes an old QEMU without KVM."""
    mode = members.get("mode", "page-sampling")
    if mode == "page-sampling" or mon.qmp.version >= releases.ANY_ACCELERATOR:
        return
    if not (await mon.qmp.execute("query-kvm"))["enabled"]:
        raise refusal(f"mode {mode} needs KVM; without it, this would crash QEMU")


async def _check_migration(mon: Monitor, members: Members) -> None:
    """Refuse a malformed RDMA address, and a program in a sandbox."""
    scheme, _, address = str(members.get("uri", "")).partition(":")
    wrong = scheme == "rdma" and not re.fullmatch(_RDMA_ADDRESS, address)
    if wrong and mon.qmp.version >= releases.RDMA_TRUSTED:
        raise refusal(f"RDMA ERROR: bad RDMA migration address '{address}'")
    await _check_sandbox(mon, members)


async def _check_virtio(mon: Monitor, members: Members) -> None:
    """Refuse to ask QEMU 11.1 about a virtio device, which would abort it."""
    if mon.qmp.version[:2] != (11, 1):
        return
    named = {"path": members.get("path"), "property": "use-disabled-flag"}
    try:
        await mon.qmp.execute("qom-get", named)  # the path may be only a part of one
    except QMPError:
        return
    raise refusal("QEMU 11.1 crashes when asked this; nothing was sent")


async def _check_line(mon: Monitor, members: Members) -> None:
    """Refuse a line for QEMU's monitor that hmp would not send there itself."""
    line = mon.parse(str(members.get("command-line", "")))
    if line.entry is not None and line.entry.checks and line.error is None:
        from hmp.monitor.guards import rehearse  # late, since hardly any line needs it

        await rehearse(mon, line.args, line.entry)


async def _check_object(mon: Monitor, members: Members) -> None:
    """Refuse an object that QEMU would not survive."""
    kind = str(members.get("qom-type"))
    if kind.startswith("memory-backend-"):
        _check_memory(mon, members.get("size"))
    elif kind == "x-remote-object":
        if not await waits(mon):
            raise refusal(
                "an x-remote-object must be given when QEMU starts (-object);"
                " adding one later would crash QEMU; nothing was sent"
            )
    elif kind == "colo-compare":
        # late, since hardly any line needs it
        from hmp.monitor.fragile_objects import wrong_compare

        wrong = await wrong_compare(mon, members)
        if wrong:
            raise refusal(
                f"{wrong}, and a colo-compare that fails would crash or hang QEMU;"
                " nothing was sent"
            )


def _check_memory(mon: Monitor, size: object) -> None:
    """Refuse a memory whose size QEMU would round up to 0, and abort."""
    if isinstance(size, str):
        try:
            old = mon.qmp.version < releases.STRICT_SIZES
            size = read_whole_size(size, old=old)
        except CoercionError:
            return
    if isinstance(size, int) and size >= _LAST_PAGE:
        raise refusal(f"a memory of {size} bytes would crash QEMU; nothing was sent")


async def _check_sandbox(mon: Monitor, members: Members) -> None:
    """Refuse what starts a program in a sandbox that forbids that.

    libvirt runs its QEMUs in such a sandbox (``-sandbox on,spawn=deny``).
    """
    machine = mon.connection
    if not _is_killed_for(mon, members):
        return
    if machine.sandboxed or _forbids_programs(machine.pid):
        whose = ", as libvirt sets it up," if machine.sandboxed else ""
        raise refusal(
            f"this would end QEMU: its sandbox{whose} forbids it to start a program;"
            " nothing was sent"
        )


def _is_killed_for(mon: Monitor, members: Members) -> bool:
    """Return whether such a command ends a QEMU of this release in such a sandbox."""
    old = mon.connection.version < releases.SANDBOX_REFUSES
    return old and starts_program(members)


def _forbids_programs(pid: int) -> bool:
    """Return whether a QEMU was started with a sandbox that forbids it programs."""
    if not pid:
        return False
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return False
    return any(
        word.lstrip(b"-") == b"sandbox" and b"spawn=deny" in value
        for word, value in pairwise(words)
    )


_CHECKS: dict[str, Callable[[Monitor, Members], Coroutine[Any, Any, None]]] = {
    "calc-dirty-rate": _check_kvm,
    RUN_LINE: _check_line,
    "migrate": _check_migration,
    "migrate-incoming": _check_migration,
    "migrate-recover": _check_migration,
    "netdev_add": _check_sandbox,
    "object-add": _check_object,
    "x-query-virtio-status": _check_virtio,
}

"""Accelerators: those compiled in, the one in use, and its statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import Text, info, views
from info._text import sections

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import KvmInfo, QueryAccelerators

CATEGORY = "Machine"


kvm: Declaration[KvmInfo] = info.direct(
    "kvm",
    "query-kvm",
    help="show whether KVM is compiled in and in use",
    words="acceleration, virtualization, hardware acceleration",
)


@kvm.text
def kvm_text(value: KvmInfo) -> Iterator[str]:
    """Yield the state in one line."""
    yield f"kvm support: {_kvm_state(value)}"


@kvm.view
def kvm_view(value: KvmInfo) -> RenderableType:
    """Show the state with its mark."""
    return views.facts([("KVM", views.state(_kvm_state(value)))])


def _kvm_state(value: KvmInfo) -> str:
    if not value["present"]:
        return "not compiled"
    return "enabled" if value["enabled"] else "disabled"


accelerators = info.direct(
    "accelerators",
    "query-accelerators",
    help="show the accelerators, the one in use in []",
)


@accelerators.text
def accelerators_text(value: QueryAccelerators) -> Iterator[str]:
    """Yield the names in one line."""
    used = value["enabled"]
    yield " ".join(f"[{name}]" if name == used else name for name in value["present"])


@accelerators.view
def accelerators_view(value: QueryAccelerators) -> RenderableType:
    """Show a line per accelerator, the one in use marked."""
    return views.facts(
        (name, views.state("in use", True) if name == value["enabled"] else "compiled in")
        for name in value["present"]
    )


accel = info.report("accel", "x-accel-stats", help="show the accelerator's statistics")


@accel.view
def accel_view(value: Text) -> RenderableType | None:
    """Show the statistics with their headings set off."""
    return sections(value)

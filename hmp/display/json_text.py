"""JSON the way QEMU's monitor prints it, for ``qom-get``."""

from hmp.qmp.qjson.printing import pretty

__all__ = ["pretty"]

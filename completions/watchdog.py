"""The actions of a watchdog."""

from hmp.authoring import Kind

WATCHDOG_ACTION = Kind(
    "watchdog action",
    [
        ("reset", "reset the machine"),
        ("shutdown", "ask the guest to shut down"),
        ("poweroff", "quit QEMU"),
        ("pause", "pause the machine"),
        ("debug", "print a message and continue"),
        ("none", "do nothing"),
        ("inject-nmi", "send an NMI to the guest"),
    ],
    closed=True,
)

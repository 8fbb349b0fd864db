"""What a watchdog can do."""

from hmp.authoring import Kind

WATCHDOG_ACTION = Kind(
    "watchdog action",
    [
        ("reset", "reset the machine"),
        ("shutdown", "ask the guest to shut down"),
        ("poweroff", "end the machine"),
        ("pause", "stop the machine"),
        ("debug", "print a message and go on"),
        ("none", "do nothing"),
        ("inject-nmi", "send an NMI to the guest"),
    ],
    closed=True,
)

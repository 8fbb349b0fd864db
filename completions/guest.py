"""What names something in the guest, which only its agent knows."""

from hmp.authoring import Kind

GUEST_FILE = Kind("file in the guest")
PROGRAM = Kind("program in the guest, with its arguments", worded=True)
SHUTDOWN_MODE = Kind(
    "way to shut down",
    [
        ("powerdown", "end and power off"),
        ("halt", "end without powering off"),
        ("reboot", "start again"),
    ],
    closed=True,
)

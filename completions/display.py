"""Remote displays, what may happen to their clients, and picture formats."""

from hmp.authoring import Kind

PROTOCOL = Kind(
    "protocol",
    [("vnc", "the VNC server"), ("spice", "the SPICE server")],
    closed=True,
)
DISPLAY_ID = Kind("VNC display id")
IF_CONNECTED = Kind(
    "action for clients that are connected",
    [
        ("keep", "they stay"),
        ("fail", "the command fails while there are any"),
        ("disconnect", "they are disconnected"),
    ],
    closed=True,
)
IMAGE_FORMAT = Kind(
    "picture format",
    [("ppm", "portable pixmap, the default"), ("png", "PNG")],
    closed=True,
)

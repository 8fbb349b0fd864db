"""Remote displays, actions for their connected clients, and image formats."""

from hmp.authoring import Kind

PROTOCOL = Kind(
    "protocol",
    [("vnc", "the VNC server"), ("spice", "the SPICE server")],
    closed=True,
)
DISPLAY_ID = Kind("VNC display id")
IF_CONNECTED = Kind(
    "action for connected clients",
    [
        ("keep", "they stay"),
        ("fail", "the command fails if any are connected"),
        ("disconnect", "they are disconnected"),
    ],
    closed=True,
)
IMAGE_FORMAT = Kind(
    "image format",
    [("ppm", "portable pixmap, the default"), ("png", "PNG")],
    closed=True,
)

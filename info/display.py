"""Displays for people far away, and sound."""

from hmp.authoring import info

CATEGORY = "Display and sound"

PASSTHROUGHS = (
    info.passthrough("vnc", help="show the VNC servers and their clients"),
    info.passthrough("spice", help="show the SPICE server and its clients"),
    info.passthrough("capture", help="show the running sound captures"),
)

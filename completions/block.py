"""Block devices (backends) and block nodes."""

from hmp.authoring import Kind

BLOCK_DEVICE = Kind("block device")
BLOCK_DEVICE_OR_NODE = Kind("block device or node")

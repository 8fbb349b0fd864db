"""Image formats, and read-only modes of a changed medium."""

from hmp.authoring import Kind

BLOCK_FORMAT = Kind(
    "image format",
    [
        ("qcow2", "QEMU's own, with snapshots"),
        ("raw", "plain contents"),
        ("luks", "encrypted"),
        ("qed", "QEMU's former enhanced format"),
        ("vdi", "VirtualBox"),
        ("vhdx", "Hyper-V"),
        ("vmdk", "VMware"),
        ("vpc", "Virtual PC"),
    ],
)
READ_ONLY_MODE = Kind(
    "read-only mode",
    [
        ("retain", "as the device is now"),
        ("read-only", "open the medium read-only"),
        ("read-write", "open the medium for reading and writing"),
    ],
    closed=True,
)

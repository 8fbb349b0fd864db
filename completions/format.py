"""Image formats, and what a changed medium may be used for."""

from hmp.authoring import Kind

BLOCK_FORMAT = Kind("image format")
READ_ONLY_MODE = Kind(
    "read-only mode",
    [
        ("retain", "as the device is now"),
        ("read-only", "open the medium read-only"),
        ("read-write", "open the medium for writing, too"),
    ],
)

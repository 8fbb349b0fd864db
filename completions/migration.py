"""Where migrations go, and their capabilities and parameters."""

from hmp.authoring import Kind

MIGRATION_URI = Kind(
    "migration URI",
    [
        ("tcp:", "HOST:PORT of another QEMU"),
        ("unix:", "path of a socket"),
        ("file:", "path of a file"),
        ("exec:", "shell command that takes or gives the stream"),
        ("fd:", "name of a descriptor given by getfd"),
    ],
)
MIGRATION_CAPABILITY = Kind("migration capability")
MIGRATION_PARAMETER = Kind("migration parameter")

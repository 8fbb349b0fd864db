"""All differences between releases of QEMU that cannot be seen in their replies.

Each constant is the first release with the described behaviour, to compare a machine's
version with: ``version >= releases.STATS_TABLE``. A difference that shows in a reply, by a
member or a command that is present or missing, is decided by the reply and not listed.
Only 7.2, 10.0, 10.2 and 11.1 were examined: for a change between two of them, the release
is the most likely one.
"""

DTB_QUOTED = (8, 0)
"""dumpdtb reports where it wrote the tree in other words, with the name in quotes."""
NO_EMPTY_SPECIFICS = (8, 0)
"""info block -v leaves out the format-specific part if it is empty."""
PCI_BARS = (8, 0)
"""info pci shows BARs that are not mapped."""
PCI_SILENT = (8, 0)
"""info pci prints nothing on a machine without PCI."""
RDMA_TRUSTED = (8, 0)
"""A malformed rdma: address crashes QEMU; earlier releases refuse it."""
VNC_ERRORS = (8, 0)
"""Errors of change vnc begin with "Error: "."""
VIRTIO_ERROR = (8, 0)
"""info virtio is an error before the machine is created."""
WEBDAV = (8, 0)
"""info spice knows channels of the kind webdav."""
FILE_INPUT = (8, 1)
"""A file chardev may have a second file to read from."""
SILENT_DIRTY_LIMIT = (8, 1)
"""set_vcpu_dirty_limit checks its limit, and prints nothing when it is set."""
STRICT_SIZES = (8, 1)
"""Sizes may begin with the point of a fraction, as .5G; hexadecimal ones have no unit."""
ADDRESS_FIRST = (8, 2)
"""migrate_incoming checks the address before anything else."""
NO_CHARDEV_ALIASES = (9, 0)
"""Chardevs cannot be called tty and parport any more; earlier releases warn."""
SNAPSHOT_COLUMNS = (9, 0)
"""Lists of snapshots have their present columns."""
VIRTIO_REALIZED = (9, 0)
"""info virtio-status says that a path is not a realized VirtIODevice."""
NO_DISKS_MIGRATED = (9, 1)
"""migrate has no -b and -i any more."""
RECONNECT_MS = (9, 2)
"""The reconnect time of sockets is in milliseconds."""
ANY_ACCELERATOR = (10, 0)
"""calc_dirty_rate refuses modes that need KVM; 7.2 crashes."""
CHARDEV_HUB = (10, 0)
"""Chardevs can be the parts of a hub."""
SANDBOX_REFUSES = (10, 0)
"""A sandbox that forbids programs makes starting one an error; 7.2 is killed."""
SAMPLES_APART = (10, 0)
"""info dirty_rate shows the number of sampled pages only if pages were sampled."""
ADDRESS_OPTIONS = (10, 1)
"""The options after a socket address are a regular option list."""
SHORT_MIGRATION = (10, 1)
"""info migrate shows less, and all of it with -a."""
DRIVE_ERRORS = (10, 2)
"""Errors of commands about drives and snapshots begin with "Error: "."""
FEATURE_BITS = (10, 2)
"""Virtio devices have 128 feature bits, not 64."""
PARAMETERS_REORDERED = (10, 2)
"""info migrate_parameters has its present order."""
WHOLE_LINE_VALUES = (10, 2)
"""The value of migrate_set_parameter is the rest of the line, not a word."""
DEBUGGER_REGISTERS = (11, 0)
"""Registers in expressions have the names that debuggers know."""
LATENCY = (11, 0)
"""info migrate prints Latency, not Latencies, except for vCPUs."""
STATS_TABLE = (11, 0)
"""info blockstats prints several lines for each device, not one."""

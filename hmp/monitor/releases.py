"""Where releases of QEMU differ and their replies do not tell: all of it, in one place.

Each is the first release that does as it says; a machine's version is compared with it:
``version >= releases.STATS_TABLE``. What follows from what a machine answers, a member
that is there or not, a command that it has or lacks, is decided by that and is not here.
Only 7.2, 10.0, 10.2 and 11.1 were looked at: where a change lies between two of them, the
release is the one that is believed to have made it.
"""

DTB_QUOTED = (8, 0)
"""dumpdtb says where the tree went in words of its own, the name in quotes."""
NO_EMPTY_SPECIFICS = (8, 0)
"""info block -v leaves out what is specific to a format where that is nothing."""
PCI_BARS = (8, 0)
"""info pci shows BARs that are not mapped."""
PCI_SILENT = (8, 0)
"""info pci says nothing on a machine without PCI."""
RDMA_TRUSTED = (8, 0)
"""A malformed rdma: address kills QEMU, which refused it before."""
VNC_ERRORS = (8, 0)
"""Errors of change vnc begin with "Error: "."""
VIRTIO_ERROR = (8, 0)
"""info virtio of a machine that is not made is an error."""
WEBDAV = (8, 0)
"""info spice knows channels of the kind webdav."""
FILE_INPUT = (8, 1)
"""A chardev that is a file may have another one to read from."""
SILENT_DIRTY_LIMIT = (8, 1)
"""set_vcpu_dirty_limit checks its limit, and says nothing when it is set."""
ADDRESS_FIRST = (8, 2)
"""migrate_incoming looks at the address before it looks at anything else."""
NO_CHARDEV_ALIASES = (9, 0)
"""Chardevs are not called tty and parport any more, which a warning said before."""
SNAPSHOT_COLUMNS = (9, 0)
"""Lists of snapshots have the columns that they have now."""
NO_DISKS_MIGRATED = (9, 1)
"""migrate has no -b and -i any more."""
RECONNECT_MS = (9, 2)
"""Sockets reconnect after milliseconds."""
ANY_ACCELERATOR = (10, 0)
"""calc_dirty_rate refuses what needs KVM; 7.2 dies of it."""
CHARDEV_HUB = (10, 0)
"""Chardevs can be the parts of a hub."""
SAMPLES_APART = (10, 0)
"""info dirty_rate shows how many pages were sampled only where pages were."""
ADDRESS_OPTIONS = (10, 1)
"""The options behind a socket address are an option list like any other."""
SHORT_MIGRATION = (10, 1)
"""info migrate shows less, and all of it with -a."""
DRIVE_ERRORS = (10, 2)
"""Errors of commands about drives and snapshots begin with "Error: "."""
FEATURE_BITS = (10, 2)
"""Virtio devices have 128 feature bits, not 64."""
PARAMETERS_REORDERED = (10, 2)
"""info migrate_parameters has the order that it has now."""
WHOLE_LINE_VALUES = (10, 2)
"""The value of migrate_set_parameter is all the rest of the line, not a word."""
DEBUGGER_REGISTERS = (11, 0)
"""Registers in expressions have the names that debuggers know."""
LATENCY = (11, 0)
"""info migrate says Latency, not Latencies, of what is no vCPU's."""
STATS_TABLE = (11, 0)
"""info blockstats has a block of lines a device, not one line."""

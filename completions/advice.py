"""What to do after an error of QEMU, whatever the machine has."""

ADVICE = {
    r"^unknown command: '(?:targets\b|[@+]\w)": (
        "That is for a session with several machines: hmp VM1 VM2, or hmp --all"
    ),
    r"^unknown command: '(?:(?:exit|logout|bye)\b|quit\(\)|\\q|:q)": (
        "Ctrl-D leaves the session; 'quit' ends the machine"
    ),
    r"^unknown command: '(ls|cat|pwd|ps|df|less|vi|vim|ssh|virsh)'": (
        "For a program of this host, type '!{0}'"
    ),
    r"^invalid parameter: \S*\+": "Keys are separated by '-', as in ctrl-alt-delete",
    r"^'.*' is not a valid char driver name": (
        "'chardev-add help' lists the backends, and Tab completes them"
    ),
    r"^'.*' is not a valid device model name": (
        "'info qdm' shows the models, and Tab completes them"
    ),
    r"^unsupported bus type|^Can't hot-add drive to type": (
        "A drive for a running machine has if=none; device_add names its id"
    ),
    r"^Chardev '.*' is busy": (
        "A device or a monitor uses it; 'info qtree' shows the devices"
    ),
    r"^Duplicate device ID '(.*)'": (
        "Choose another id; 'device_del {0}' unplugs that device"
    ),
    r"^attempt to add duplicate property '(.*)'": (
        "Choose another id, or delete the object first: object_del {0}"
    ),
    r"^Parameter 'id' is missing": "Give the new thing a name: ,id=NAME",
    r"^Device '(.*)' is writable but does not support snapshots": (
        "Snapshots need writable disks in qcow2; 'info block {0}' shows the format"
    ),
    r"^Snapshot with name '(.*)' already exists on device '(.*)'": (
        "'snapshot_delete_blkdev_internal {1} {0}' deletes it"
    ),
    r"^No balloon device has been activated": (
        "'device_add virtio-balloon-pci' adds one, if a bus has room"
    ),
    r"^no slots where allocated": (
        "Start QEMU with room for more memory, such as -m 4G,slots=4,maxmem=16G"
    ),
    r"^No 'usb-bus' bus found|^USB support not enabled": (
        "'device_add qemu-xhci,id=usb0' adds a USB controller, if a bus has room"
    ),
    r"^Permission conflict on node": (
        "Something else writes to it, such as the guest: leave out -w, or open it read-only"
    ),
    r"^NBD server already running": (
        "'nbd_server_stop' stops it; 'nbd_server_add' adds disks to it"
    ),
    r"^NBD server not running": "'nbd_server_start' starts it",
    r"^Migration not in expected state": "'info migrate' shows the state",
    r"^There's a migration process in progress": (
        "'info migrate' shows it, 'migrate_cancel' ends it"
    ),
    r"^unknown migration protocol|expects a valid migration protocol": (
        "Type where to: tcp:HOST:PORT, unix:PATH, file:PATH or exec:COMMAND"
    ),
    r"^Illegal migration incoming state": (
        "It waits for a guest already; if the first address failed, start it again with"
        " -incoming defer"
    ),
    r"^Can't migrate the vm that was paused|^Inactive '": (
        "The guest has migrated, with its disks; if it does not run at its destination,"
        " 'cont' takes it back"
    ),
    r"^Migration requires multi-channel URIs": (
        "Use tcp: or unix:, or turn it off: migrate_set_capability multifd off"
    ),
    r"^Enable postcopy with": "'migrate_set_capability postcopy-ram on' turns it on",
    r"^'-incoming' was not specified": "Start the destination with -incoming defer",
    r"^The feature 'colo' is not enabled": "'migrate_set_capability x-colo on' turns it on",
    r"^(?:Migrate recover|migrate-pause)": (
        "'info migrate' shows the state; this needs a postcopy migration"
    ),
    r"^Could not set password": (
        "No display has a password: start the machine with -vnc …,password=on or -spice"
    ),
    r"^(?:Path|Device) '/.*' (?:could not be resolved|not found)": (
        "'info qom-tree' shows all paths"
    ),
    r"^Block job '.*' not found": "'info block-jobs' shows the jobs that run",
    r"^Export '.*' is not found": "'info exports' shows the exports",
    r"^(?:no|No) block device can (?:store vmstate|accept snapshots)": (
        "Snapshots need a writable disk in qcow2: see 'info block'"
    ),
    r"^Could not (?:open|create) '[^/].*': No such file": (
        "A relative path begins at the folder in which QEMU was started"
    ),
    r"^(?:Could not (?:open|create)|failed to open file) '/.*': No such file"
    r"|^Error opening logfile /.*: No such file": (
        "QEMU finds no such file or folder on its host; Tab completes file names"
    ),
    r"^Could not (?:open|create) '.*': Permission denied": (
        "QEMU opens files as its own user, which may not be yours"
    ),
    r"^(?:(?:Could not|Unable to|dump: failed to) .*: )?No space left on device": (
        "Free some space on QEMU's host, or choose another folder"
    ),
    r"^writing memory to '.*' failed": (
        "The disk of QEMU's host may be full: choose another folder"
    ),
    r"^Unable to write to command": (
        "The command ended too early: it failed to start, or could not write"
    ),
    r"^(?:Failed to|can't bind) .*: Address already in use": (
        "Another program listens there: choose another port or path"
    ),
    r"^Could not set up host forwarding rule": (
        "Another program may have the port, or this machine: see 'info usernet'"
    ),
    r"^Invalid host forwarding rule": (
        "Type tcp:[HOSTADDRESS]:PORT-[GUESTADDRESS]:PORT; ports go up to 65535"
    ),
    r"^'(\d+)' is not a valid char driver": "For a TCP port, type tcp::{0}",
    r"^bridge helper failed": (
        "The bridge has to exist, and /etc/qemu/bridge.conf of QEMU's host to allow it"
    ),
    r"no console to take a screendump from": (
        "The machine has no display: start it with one, such as -device VGA"
    ),
    r"^invalid CPU index": "'info cpus' shows the CPUs",
    r"^unknown event ": "'info trace-events' shows the events",
    r"^(?:Invalid|invalid) size|expects (?:a )?size": (
        "A size is a number, with a unit such as K, M or G"
    ),
    r"^Parameter '[\w.-]+' does not accept value|^[Ii]nvalid parameter(?: value)?: ": (
        "Tab shows what it accepts"
    ),
    r"^(?:Parameter )?'([\w-]+)' is missing": "Add {0}=VALUE",
    r"^'commit' error for '(.*)': Operation not supported": (
        "It has no backing image to commit to: see 'info block {0}'"
    ),
    r"^Device '(.*)' has no medium": "'change {0} FILE' inserts one",
    r"^Device has no medium": "'change DEVICE FILE' inserts one",
    r"^setting the breakpoint is allowed only in play mode": (
        "Start QEMU with -icount …,rr=replay"
    ),
}
"""Patterns of errors, and what to do; ``{0}`` is the first group of the pattern."""

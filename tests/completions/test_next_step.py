"""The next step after errors, on a fake machine; tests/qemu has those of real ones."""

from __future__ import annotations

from typing import Any

import pytest

from completions.next_step import NEXT_STEP
from tests.completions.helpers import words
from tests.fakes import Message

TREE = """bus: main-system-bus
  type System
  dev: q35-pcihost, id ""
    bus: pcie.0
      type PCIE
      dev: pcie-root-port, id "rp1"
        bus: rp1
          type PCIE
      dev: pcie-root-port, id "rp2"
        bus: rp2
          type PCIE
      dev: virtio-scsi-pci, id "scsi"
        bus: scsi.0
          type SCSI
"""
MODELS = 'name "e1000", bus PCI\nname "isa-x", bus ISA\nname "scsi-hd", bus SCSI\n'
NETWORK = "net1: index=0,type=user\nnic0: type=nic\n \\ net0: index=0,type=tap\n"
NODES = [
    {"node-name": "n0", "drv": "raw", "file": "/dir/disk", "ro": False},
    {"node-name": "n1", "drv": "raw", "file": "/dir/other", "ro": True},
]
DRIVES = [
    {"device": "d0", "qdev": "/machine/peripheral/vb/virtio-backend"},
    {"device": "d1", "qdev": ""},
    {"device": "", "qdev": "/machine/peripheral/cd", "inserted": {"node-name": "n0"}},
    {"device": "d2", "qdev": "/machine/peripheral/an id"},
]


def monitor(arguments: Message) -> str:
    """Answer for QEMU's own monitor."""
    lines = {"info network": NETWORK, "info qdm": MODELS, "info qtree -b": TREE}
    return lines[arguments["command-line"]]


ANSWERS: Message = {
    "human-monitor-command": monitor,
    "qom-get": lambda args: "/x" if args["path"].startswith(("rp", "scsi")) else "",
    "query-block": DRIVES,
    "query-named-block-nodes": NODES,
    "query-target": {"arch": "x86_64"},
    "query-block-jobs": [{"device": "j 1"}, {"device": "j2"}],
    "query-commands": [{"name": "query-status"}],
    "query-qmp-schema": [
        {"name": name, "meta-type": kind, "arg-type": "0"}
        for name, kind in (("SHUTDOWN", "event"), ("STOP", "event"), ("stop", "command"))
    ],
}


def step(error: str, line: str = "x", **answers: Any) -> str | None:
    """Return the sentence for an error; None if none is known."""
    others = {name.replace("_", "-"): value for name, value in answers.items()}
    found = words(NEXT_STEP, {**ANSWERS, **others}, f"{error}\n{line}")
    assert all(about == "" for _, about in found)
    return found[0][0] if found else None


NO_SPACE = [
    "No space left on device",
    "Could not write qcow2 header: No space left on device",
    "Unable to write to file: No space left on device",
    "dump: failed to write elf header: No space left on device",
]
NO_FILE = [
    "Could not create '/x': No such file or directory",
    "failed to open file '/x': No such file or directory",
    "Error opening logfile /x: No such file or directory",
]
COLD = "This device can only be removed while QEMU is not running"


@pytest.mark.parametrize(
    ("error", "line", "sentence"),
    [
        ("Cannot be helped", "x", None),
        (
            "Bus 'pcie.0' does not support hotplugging",
            "device_add e1000,bus=pcie.0",
            "Choose a bus that supports it, such as ,bus=rp1. Free: rp1, rp2",
        ),
        (
            "Bus 'pcie.0' does not support hotplugging",
            "device_add driver=scsi-hd,bus=pcie.0",
            "Choose a bus that supports it, such as ,bus=scsi.0. Free: scsi.0",
        ),
        ("Bus 'pcie.0' does not support hotplugging", "device_del cd", COLD),
        ("PCI: slot 1 function 0 not available for e1000", "device_del cd", COLD),
        ("PCI: slot 1 function 0 already occupied by e1000", "device_del cd", COLD),
        ("PCI: slot 1 in use", "device_del cd", COLD),
        (
            "device_add: extraneous characters at the end of line",
            "device_add virtio-blk-pci drive=hd0 id=d",
            "Options are separated by commas: device_add virtio-blk-pci,drive=hd0,id=d",
        ),
        ("device_add: extraneous characters at the end of line", "device_add a b", ""),
        ("stop: extraneous characters at the end of line", "stop a=b c=d", ""),
        (
            "invalid char 'r' in expression",
            "info registers rip",
            "For one register, type 'print $rip'",
        ),
        ("invalid char 'r' in expression", "x rip", "A register begins with a $: $rip"),
        ("invalid char 'r' in expression", "p/x rax", "A register begins with a $: $rax"),
        ("invalid char 'r' in expression", "cpu rax", ""),
        (
            "balloon: extraneous characters at the end of line",
            "balloon 1G",
            "The memory is in MiB: balloon 1024",
        ),
        ("Bus 'rp7' not found", "device_add e1000,bus=rp7", "Buses with room: rp1, rp2"),
        ("Bus 'rp1' is full", "device_add scsi-hd", "Buses with room: scsi.0"),
        (
            "Drive 'd0' is already in use because it has been connected",
            "x",
            "The device vb uses it; 'device_del vb' unplugs that",
        ),
        (
            "Property 'scsi-hd.drive' can't take value 'n0', it's in use",
            "x",
            "The device cd uses it; 'device_del cd' unplugs that",
        ),
        (
            "Device 'd2' is not removable",
            "x",
            'The device "an id" uses it; \'device_del "an id"\' unplugs that',
        ),
        ("Node n0 is in use", "x", "The device cd uses it; 'device_del cd' unplugs that"),
        ("Node 'n0' is in use", "x", "The device cd uses it; 'device_del cd' unplugs that"),
        ("Node 'n7' is in use", "x", ""),
        ("Node 'd1' is in use", "x", ""),
        (
            "Property 'e1000.netdev' can't take value 'net1', it's in use",
            "x",
            "'info network' shows its card; other backends: net0",
        ),
        (
            "Property 'scsi-hd.drive' can't find value 'x'",
            "x",
            "Free drives and nodes: d1, n1",
        ),
        (
            "Property 'e1000.netdev' can't find value 'net7'",
            "x",
            "Network backends: net0, net1; netdev_add user,id=net7 adds it",
        ),
        (
            "Node 'n0' is busy: block device is in use by block job: commit",
            "x",
            "'wait job \"j 1\"' waits for its job, 'block_job_cancel \"j 1\"' ends it",
        ),
        (
            "Cannot find device='n0' nor node-name=''",
            "snapshot_blkdev n0 /f",
            "For a node: qmp blockdev-snapshot-sync node-name=n0"
            " snapshot-file=FILE snapshot-node-name=NAME",
        ),
        ("Cannot find device='n9' nor node-name=''", "snapshot_blkdev n9 /f", ""),
        (
            "Device 'n0' not found",
            "commit n0",
            "For a node: qmp block-commit job-id=NAME device=n0",
        ),
        ("Device 'n0' not found", "device_del n0", ""),
        ("Device 'cd' not found", "eject cd", "For a device: qmp eject id=cd"),
        (
            "Device 'cd' not found",
            "change cd /iso",
            "For a device: qmp blockdev-change-medium id=cd filename=FILE",
        ),
        ("Device 'cd' not found", "drive_backup cd /f", "'cd' is a device; its disk is n0"),
        (
            "Cannot find device='n0' nor node-name=''",
            "block_resize n0 1G",
            "For a node: qmp block_resize node-name=n0 size=BYTES",
        ),
        (
            "Cannot find device='cd' nor node-name=''",
            "block_resize cd 1G",
            "For its node: qmp block_resize node-name=n0 size=BYTES",
        ),
        (
            "Device 'n0' not found",
            "block_set_io_throttle n0 1 0 0 0 0 0",
            "Name its device: /machine/peripheral/cd",
        ),
        (
            "Device does not have a block device backend",
            "block_set_io_throttle vb 1 0 0 0 0 0",
            "Name its device: /machine/peripheral/vb/virtio-backend",
        ),
        ("Device does not have a block device backend", "x", ""),
        ("unknown register", "x /4i $rip", "Did you mean $eip?"),
        ("unknown register", "print $eax+$nosuch", "'info registers' shows the registers"),
        (
            "unknown command: '2'",
            "watch 2 info cpus",
            "For every 2 s, type 'watch -n 2 info cpus'",
        ),
        ("unknown command: 'xyz'", "help xyz", "'help -s xyz' searches the commands"),
        (
            "Cannot find device='vb' nor node-name='vb'",
            "block_resize vb 3G",
            "'vb' is a device; its disk is d0",
        ),
        (
            "Invalid job ID ''",
            "drive_mirror -n -f n0 /m qcow2",
            "A node gives a job no name; choose one: qmp drive-mirror job-id=NAME device=n0"
            " target=/m format=qcow2 sync=full mode=existing",
        ),
        (
            "Invalid job ID ''",
            "block_stream n0",
            "A node gives a job no name; choose one:"
            " qmp block-stream job-id=NAME device=n0",
        ),
        ("Invalid job ID ''", "block_job_cancel n0", ""),
        (
            "unknown command: '@vm7'",
            "@vm7",
            "That is for a session with several machines: hmp VM1 VM2, or hmp --all",
        ),
        ("Cannot find device='n9' nor node-name=''", "snapshot_blkdev_internal n9", ""),
        (
            'Failed to get "write" lock',
            "drive_add 0 file=disk",
            "This machine has it open already, as node n0: see 'info block -n'",
        ),
        (
            'Failed to get shared "write" lock',
            "drive_add 0 filename=disk,id=x",
            "This machine has it open already, as node n0: see 'info block -n'",
        ),
        (
            'Failed to get "write" lock',
            "drive_add 0 file=other",  # which is only read here
            "Another process has the image open: see 'hmp --list' for the machines here",
        ),
        (
            'Failed to get "consistent read" lock',
            "drive_add 0 file=disk",
            "This machine has it open already, as node n0: see 'info block -n'",
        ),
        (
            'Failed to get "write" lock',
            "drive_add 0",
            "Another process has the image open: see 'hmp --list' for the machines here",
        ),
        (
            "unknown command: 'query-status'",
            " query-status ",
            "It is a QMP command: type 'qmp query-status'",
        ),
        ("unknown command: 'query-none'", "query-none", ""),
        (
            "no SHUTDWON within 1 s",
            "wait SHUTDWON",
            "No event has this name; did you mean SHUTDOWN?",
        ),
        ("no event is called 'STOPP'", "x", "Did you mean STOP?"),
        ("no event is called 'qqq'", "x", "Tab lists the events after 'wait'"),
        ("no stop within 1 s", "x", "No event has this name; did you mean STOP?"),
        ("no SHUTDOWN within 1 s", "x", ""),
        (
            "no qqq within 1 s",
            "x",
            "No event of this machine has this name; Tab lists them after 'wait'",
        ),
    ],
)
def test_what_to_do(error: str, line: str, sentence: str | None) -> None:
    """What the machine has decides the sentence."""
    assert step(error, line) == sentence


NO_BUS = (
    "No bus with room takes devices while the machine runs; start it with one, such as"
    " -device pcie-root-port,id=rp1"
)


def test_a_machine_without_what_is_needed() -> None:
    """The next step says so, or is empty."""
    hotplug = "Bus 'pcie.0' does not support hotplugging"
    drive = "Property 'scsi-hd.drive' can't find value 'x'"
    netdev = "Property 'e1000.netdev' can't find value 'net7'"

    assert step(hotplug, "device_add e1000", qom_get=lambda args: "") == NO_BUS
    assert step("Bus 'x' not found", "device_add e1000", human_monitor_command=str) == ""
    assert step(drive, query_block=[], query_named_block_nodes=[]) == (
        "No drive is free; drive_add 0 if=none,id=NAME,file=FILE adds one"
    )
    assert (
        step(netdev, human_monitor_command=lambda args: "")
        == "netdev_add user,id=net7 adds it"
    )
    used = "Property 'e1000.netdev' can't take value 'net1', it's in use"
    assert step(used, human_monitor_command=lambda args: "net1: type=user\n") == ""
    assert step("Node 'n' is busy: block device is in use by block job: x",
                query_block_jobs=[]) == ""  # fmt: skip


def test_buses_that_take_devices_only_before_the_start() -> None:
    """They are named if there are no others."""
    found = step("Bus 'x' not found", "device_add e1000", qom_get=lambda args: "")

    assert found == "Buses with room: pcie.0, rp1, rp2"


@pytest.mark.parametrize(
    ("count", "listed"),
    [
        (6, "n0, n1, n2, n3, n4, n5"),
        (7, "n0, n1, n2, n3, n4, n5 and 1 more"),
    ],
)
def test_many_names(count: int, listed: str) -> None:
    """The first six, and how many more."""
    nodes = [{**NODES[1], "node-name": f"n{number}"} for number in range(count)]
    error = "Property 'scsi-hd.drive' can't find value 'x'"

    assert step(error, query_block=[], query_named_block_nodes=nodes) == (
        f"Free drives and nodes: {listed}"
    )


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("unknown command: 'exit'", "Ctrl-D leaves the session; 'quit' ends the machine"),
        ("unknown command: 'bye'", "Ctrl-D leaves the session; 'quit' ends the machine"),
        ("unknown command: 'logout'", "Ctrl-D leaves the session; 'quit' ends the machine"),
        ("Property 'e1000.nic' not found", "'device_add e1000,help' lists its properties"),
        (
            "Duplicate device ID 'a b'",
            "Choose another id; 'device_del \"a b\"' unplugs that device",
        ),
        (
            "attempt to add duplicate property 'io1' to object",
            "Choose another id, or delete the object first: object_del io1",
        ),
        ("Parameter 'id' is missing", "Give the new thing a name: ,id=NAME"),
        (
            "Device 'd0' is writable but does not support snapshots",
            "Snapshots need writable disks in qcow2; 'info block d0' shows the format",
        ),
        (
            "Snapshot with name 's' already exists on device 'd0'",
            "'snapshot_delete_blkdev_internal d0 s' deletes it",
        ),
        (
            "No balloon device has been activated",
            "'device_add virtio-balloon-pci' adds one, if a bus has room",
        ),
        (
            "NBD server already running",
            "'nbd_server_stop' stops it; 'nbd_server_add' adds disks to it",
        ),
        ("NBD server not running", "'nbd_server_start' starts it"),
        ("Migration not in expected state", "'info migrate' shows the state"),
        (
            "Unable to write to socket: x",
            "Nothing listens there: start the destination first, with the same"
            " QEMU command line and -incoming",
        ),
        (
            "Failed to connect to 'h:1': x",
            "Nothing listens there: start the destination first, with the same"
            " QEMU command line and -incoming",
        ),
        (
            "Failed to connect socket: x",
            "Nothing listens there: start the destination first, with the same"
            " QEMU command line and -incoming",
        ),
        ("'-incoming' was not specified", "Start the destination with -incoming defer"),
        (
            "The feature 'colo' is not enabled",
            "'migrate_set_capability x-colo on' turns it on",
        ),
        (
            "Migrate recover can only be run when postcopy is paused.",
            "'info migrate' shows the state; this needs a postcopy migration",
        ),
        (
            "migrate-pause is currently only supported during postcopy-active",
            "'info migrate' shows the state; this needs a postcopy migration",
        ),
        (
            "Could not set password",
            "No display has a password: start the machine with -vnc …,password=on"
            " or -spice",
        ),
        ("Path '/x' could not be resolved", "'info qom-tree' shows all paths"),
        (
            "Could not open 'x': No such file or directory",
            "A relative path begins at the folder in which QEMU was started",
        ),
        *(
            (error, "Free some space on QEMU's host, or choose another folder")
            for error in NO_SPACE
        ),
        *(
            (
                error,
                "QEMU finds no such file or folder on its host; Tab completes file names",
            )
            for error in NO_FILE
        ),
        (
            "writing memory to '/x' failed",
            "The disk of QEMU's host may be full: choose another folder",
        ),
        (
            "Unable to write to command: Broken pipe",
            "The command ended too early: it failed to start, or could not write",
        ),
        (
            "can't bind ip=127.0.0.1 to socket: Address already in use",
            "Another program listens there: choose another port or path",
        ),
        (
            "Invalid host forwarding rule 'tcp::80000-:22' (Bad host port)",
            "Type tcp:[HOSTADDRESS]:PORT-[GUESTADDRESS]:PORT; ports go up to 65535",
        ),
        ("'1234' is not a valid char driver", "For a TCP port, type tcp::1234"),
        (
            "no slots where allocated, please specify",
            "Start QEMU with room for more memory, such as -m 4G,slots=4,maxmem=16G",
        ),
        (
            "No 'usb-bus' bus found for device 'usb-tablet'",
            "'device_add qemu-xhci,id=usb0' adds a USB controller, if a bus has room",
        ),
        (
            "USB support not enabled",
            "'device_add qemu-xhci,id=usb0' adds a USB controller, if a bus has room",
        ),
        (
            "bridge helper failed",
            "The bridge has to exist, and /etc/qemu/bridge.conf of QEMU's host to allow it",
        ),
        (
            "Illegal migration incoming state: setup",
            "It waits for a guest already; if the first address failed, start it"
            " again with -incoming defer",
        ),
        ("unknown command: ':q'", "Ctrl-D leaves the session; 'quit' ends the machine"),
        (r"unknown command: '\q'", "Ctrl-D leaves the session; 'quit' ends the machine"),
        (
            "'nosuch' is not a valid char driver name",
            "'chardev-add help' lists the backends, and Tab completes them",
        ),
        (
            "Permission conflict on node '#block6': permissions 'write' are both required",
            "Something else writes to it, such as the guest: leave out -w, or open it"
            " read-only",
        ),
        ("unknown command: 'ls'", "For a program of this host, type '!ls'"),
        (
            "invalid parameter: ctrl+alt+del",
            "Keys are separated by '-', as in ctrl-alt-delete",
        ),
        (
            "Can't migrate the vm that was paused due to previous migration",
            "The guest has migrated, with its disks; if it does not run at its"
            " destination, 'cont' takes it back",
        ),
        (
            "Inactive '#block6' can't be a backing child of active '#block1'",
            "The guest has migrated, with its disks; if it does not run at its"
            " destination, 'cont' takes it back",
        ),
        (
            "Migration requires multi-channel URIs (e.g. tcp)",
            "Use tcp: or unix:, or turn it off: migrate_set_capability multifd off",
        ),
        (
            "Could not create '/x': Permission denied",
            "QEMU opens files as its own user, which may not be yours",
        ),
        (
            "Could not set up host forwarding rule 'x'",
            "Another program may have the port, or this machine: see 'info usernet'",
        ),
        (
            "'commit' error for 'd0': Operation not supported",
            "It has no backing image to commit to: see 'info block d0'",
        ),
        ("Device 'd0' has no medium", "'change d0 FILE' inserts one"),
        (
            "setting the breakpoint is allowed only in play mode",
            "Start QEMU with -icount …,rr=replay",
        ),
    ],
)
def test_sentences(error: str, sentence: str) -> None:
    """What to do, whatever the machine has."""
    found = step(error)

    assert found is not None
    assert found == sentence
    assert step(f"the error: {error}") is None  # they are at the beginning


def test_a_snapshot_of_a_backing_image() -> None:
    """It is still there, but below the overlay."""
    base = {"filename": "base.qcow2", "snapshots": [{"name": "old"}]}
    middle = {"filename": "middle.qcow2", "backing-image": base}
    drive = {"device": "hd0", "inserted": {"image": {"backing-image": middle}}}
    error = "Snapshot '{}' does not exist in one or more devices"

    assert step(error.format("old"), query_block=[drive]) == (
        "It is in base.qcow2, the backing image of hd0, and cannot be loaded while hd0 has"
        " an overlay"
    )
    assert step(error.format("other"), query_block=[drive]) == ""


def test_an_absolute_path_is_not_relative() -> None:
    """The folder does not help."""
    found = step("Could not open '/x': No such file or directory")

    assert found == (
        "QEMU finds no such file or folder on its host; Tab completes file names"
    )

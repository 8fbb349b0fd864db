"""What to do after an error: patterns of QEMU's errors, and the next step for each."""

import re
from collections.abc import Awaitable, Callable
from difflib import get_close_matches

from completions.advice import ADVICE
from completions.bus import takes_devices
from completions.cpu import registers
from completions.device import buses_for, free_drives, netdevs
from completions.event import events
from hmp.authoring import Connection, Kind, Word, as_argument, read_size

NEXT_STEP = Kind("what to do after an error")
"""Its context is the error, and after a line end the line that failed."""

Step = Callable[[Connection, re.Match[str], str], Awaitable[str]]
"""Returns the sentence for an error that matches, and the line that failed."""


@NEXT_STEP.fetcher
async def next_step(qmp: Connection, context: str) -> list[Word]:
    """Return one sentence, if a step for the error is known."""
    error, _, line = context.partition("\n")
    for pattern, sentence in ADVICE.items():
        if match := re.search(pattern, error):
            names = [as_argument(name) or name for name in match.groups()]
            return [(sentence.format(*names), "")]
    for pattern, step in _STEPS.items():
        if match := re.search(pattern, error):
            return [(await step(qmp, match, line), "")]
    return []


def _listed(names: list[str]) -> str:
    """Return names as arguments of a line, the first few of many."""
    few = ", ".join(filter(None, map(as_argument, names[:6])))
    return f"{few} and {len(names) - 6} more" if len(names) > 6 else few


async def _hotplug_buses(qmp: Connection, match: re.Match[str], line: str) -> str:
    """Name the buses with room that the model fits, and that take devices now."""
    if not line.startswith("device_add"):
        # device_del has the same error for a device on such a bus
        return "This device can only be removed while QEMU is not running"
    fit = await buses_for(qmp, _model(line))
    names = [name for name, _ in fit if await takes_devices(qmp, name)]
    if not names:
        return (
            "No bus with room takes devices while the machine runs; start it with one, such"
            " as -device pcie-root-port,id=rp1"
        )
    return f"Choose a bus that supports it, such as ,bus={names[0]}. Free: {_listed(names)}"


def _model(line: str) -> str:
    """Return the model of a ``device_add``."""
    options = line.partition(" ")[2].strip()
    return re.split(r"[\s,]", options)[0].removeprefix("driver=")


async def _buses(qmp: Connection, match: re.Match[str], line: str) -> str:
    fit = [name for name, _ in await buses_for(qmp, _model(line))]
    names = [name for name in fit if await takes_devices(qmp, name)] or fit
    return f"Buses with room: {_listed(names)}" if names else ""


async def _user_of_drive(qmp: Connection, match: re.Match[str], line: str) -> str:
    """Name the device that uses a drive or node, and how to free it."""
    for drive in await qmp.execute("query-block"):
        if match[1] in (drive["device"], drive.get("inserted", {}).get("node-name")):
            user = drive.get("qdev", "").removesuffix("/virtio-backend").rpartition("/")[2]
            if user:
                shown = as_argument(user)
                return f"The device {shown} uses it; 'device_del {shown}' unplugs that"
    return ""


async def _user_of_netdev(qmp: Connection, match: re.Match[str], line: str) -> str:
    free = [name for name, _ in await netdevs(qmp, "") if name != match[1]]
    return f"'info network' shows its card; other backends: {_listed(free)}" if free else ""


async def _drives(qmp: Connection, match: re.Match[str], line: str) -> str:
    names = [name for name, about in await free_drives(qmp, "") if "used by" not in about]
    return f"Free drives and nodes: {_listed(names)}" if names else _NO_DRIVE


_NO_DRIVE = "No drive is free; drive_add 0 if=none,id=NAME,file=FILE adds one"


async def _backends(qmp: Connection, match: re.Match[str], line: str) -> str:
    names = [name for name, _ in await netdevs(qmp, "")]
    found = f"Network backends: {_listed(names)}; " if names else ""
    return f"{found}netdev_add user,id={match[1]} adds it"


async def _job_of_node(qmp: Connection, match: re.Match[str], line: str) -> str:
    for job in await qmp.execute("query-block-jobs"):
        name = as_argument(job["device"])
        return f"'wait job {name}' waits for its job, 'block_job_cancel {name}' ends it"
    return ""


async def _for_a_node(qmp: Connection, match: re.Match[str], line: str) -> str:
    """Return the QMP command for a node or a device where the line's takes a drive only.

    If the device's disk has a name, give that.
    """
    command = line.partition(" ")[0]
    if command == "block_set_io_throttle":
        return await _limited_device(qmp, match, line)
    if form := _NODE_FORMS.get(command):
        nodes = await qmp.execute("query-named-block-nodes")
        if any(node.get("node-name") == match[1] for node in nodes):
            return f"For a node: {form.format(as_argument(match[1]))}"
    for drive in await qmp.execute("query-block"):
        if match[1] not in drive.get("qdev", "").split("/"):
            continue
        node = drive.get("inserted", {}).get("node-name")
        if not drive["device"] and command in _DEVICE_FORMS:
            return f"For a device: {_DEVICE_FORMS[command].format(as_argument(match[1]))}"
        if not drive["device"] and node and form:
            return f"For its node: {form.format(as_argument(node))}"
        if name := drive["device"] or node:
            return f"'{match[1]}' is a device; its disk is {as_argument(name)}"
    return ""


async def _limited_device(qmp: Connection, match: re.Match[str], line: str) -> str:
    """Name the device whose disk a line should limit, as QEMU wants it."""
    name = line.partition(" ")[2].strip().partition(" ")[0]
    for drive in await qmp.execute("query-block"):
        path = drive.get("qdev", "")
        node = drive.get("inserted", {}).get("node-name")
        if path != name and name in (node, *path.split("/")[1:]):
            return f"Name its device: {as_argument(path)}"
    return ""


async def _unnamed_job(qmp: Connection, match: re.Match[str], line: str) -> str:
    """Give the QMP command for a job on a node, whose name the job cannot take."""
    command, *words = line.split()
    members = _JOB_MEMBERS.get(command)
    if members is None:
        return ""
    plain = [word for word in words if word not in _JOB_FLAGS]
    given = [f"{key}={word}" for key, word in zip(members, plain, strict=False)]
    if "target" in members:
        given.append(f"sync={'full' if '-f' in words else 'top'}")
    given += [_JOB_FLAGS[word] for word in words if _JOB_FLAGS.get(word)]
    name = command.replace("_", "-")
    return (
        f"A node gives a job no name; choose one: qmp {name} job-id=NAME {' '.join(given)}"
    )


_JOB_MEMBERS = {
    "drive_mirror": ("device", "target", "format"),
    "drive_backup": ("device", "target", "format"),
    "block_stream": ("device", "base"),
}
_JOB_FLAGS = {"-n": "mode=existing", "-f": "", "-c": "compress=on"}


# for drives whose names are empty, as those of libvirt are
_DEVICE_FORMS = {
    "change": "qmp blockdev-change-medium id={0} filename=FILE",
    "eject": "qmp eject id={0}",
}
_NODE_FORMS = {
    "block_resize": "qmp block_resize node-name={0} size=BYTES",
    "commit": "qmp block-commit job-id=NAME device={0}",
    "eject": "qmp blockdev-del node-name={0}",
    "snapshot_blkdev": (
        "qmp blockdev-snapshot-sync node-name={0} snapshot-file=FILE"
        " snapshot-node-name=NAME"
    ),
}


async def _image_with_snapshot(qmp: Connection, match: re.Match[str], line: str) -> str:
    """Name the backing image that has a snapshot which its overlay lacks."""
    for drive in await qmp.execute("query-block"):
        image = drive.get("inserted", {}).get("image", {}).get("backing-image")
        while image:
            if any(each["name"] == match[1] for each in image.get("snapshots", [])):
                name = drive["device"]
                return (
                    f"It is in {image['filename']}, the backing image of {name}, and cannot"
                    f" be loaded while {name} has an overlay"
                )
            image = image.get("backing-image")
    return ""


async def _listener(qmp: Connection, match: re.Match[str], line: str) -> str:
    if not line.startswith("chardev-add"):
        return (
            "Nothing listens there: start the destination first, with the same QEMU "
            "command line and -incoming"
        )
    return "Nothing listens there: start it first, or let QEMU listen: ,server=on,wait=off"


async def _property(qmp: Connection, match: re.Match[str], line: str) -> str:
    words = [as_argument(word) or word for word in line.split()]
    if words[0].startswith("qom-") and len(words) > 1:
        return f"'qom-list {words[1]}' lists its properties"
    return f"'device_add {as_argument(match[1])},help' lists its properties"


async def _duplicate(qmp: Connection, match: re.Match[str], line: str) -> str:
    remove = _REMOVE.get(line.partition(" ")[0])
    also = f", or remove what has it: {remove} {as_argument(match[1])}" if remove else ""
    return f"Choose another id{also}"


# what undoes a command
_REMOVE = {
    "chardev-add": "chardev-remove",
    "drive_add": "drive_del",
    "netdev_add": "netdev_del",
}


async def _user_of_file(qmp: Connection, match: re.Match[str], line: str) -> str:
    """Name the node of this machine that has a file open, or blame another process."""
    files = re.findall(r"file(?:name)?=([^\s,]+)", line)
    for node in await qmp.execute("query-named-block-nodes"):
        # QEMU may show the file with a folder that the line left out
        if files and node["file"].endswith(files[-1]) and not node["ro"]:
            name = node.get("node-name", "")
            return f"This machine has it open already, as node {name}: see 'info block -n'"
    return "Another process has the image open: see 'hmp --list' for the machines here"


async def _qmp_command(qmp: Connection, match: re.Match[str], line: str) -> str:
    first, _, rest = line.strip().partition(" ")
    if first in ("help", "?"):
        return f"'help -s {match[1]}' searches the commands"
    if first == "watch" and match[1].isdigit():
        return f"For every {match[1]} s, type 'watch -n {rest}'"
    names = {item["name"] for item in await qmp.execute("query-commands")}
    return f"It is a QMP command: type 'qmp {line.strip()}'" if match[1] in names else ""


async def _extraneous(qmp: Connection, match: re.Match[str], line: str) -> str:
    """Join options that have blanks between them; write memory without its unit."""
    name, _, options = line.strip().partition(" ")
    words = options.split()
    if name == "balloon":
        return f"The memory is in MiB: balloon {read_size(options, 0, 'M')[0] >> 20}"
    if name not in _OPTIONED or len(words) < 2 or not all("=" in w for w in words[1:]):
        return ""
    return f"Options are separated by commas: {name} {','.join(words)}"


_OPTIONED = ("device_add", "netdev_add", "chardev-add")


async def _similar_register(qmp: Connection, match: re.Match[str], line: str) -> str:
    known = [name for name, _ in await registers(qmp, "$")]
    for name in map(str, re.findall(r"\$\w+", line)):
        if name not in known and (near := get_close_matches(name, known, 1)):
            return f"Did you mean {near[0]}?"
    return "'info registers' shows the registers"


async def _one_register(qmp: Connection, match: re.Match[str], line: str) -> str:
    words = line.split()
    if not words[-1].isalnum():
        return ""
    if words[:2] == ["info", "registers"]:
        return f"For one register, type 'print ${words[-1]}'"
    shows = words[0].partition("/")[0] in ("p", "print", "x", "xp")
    return f"A register begins with a $: ${words[-1]}" if shows else ""


async def _similar_event(qmp: Connection, name: str) -> str:
    names = [known for known, _ in await events(qmp, "")]
    return next(iter(get_close_matches(name.upper(), names, 1)), "")


async def _late_event(qmp: Connection, match: re.Match[str], line: str) -> str:
    near = await _similar_event(qmp, match[1])
    if near == match[1]:
        return ""
    return f"No event has this name; did you mean {near}?" if near else _NO_EVENT


async def _unknown_event(qmp: Connection, match: re.Match[str], line: str) -> str:
    near = await _similar_event(qmp, match[1])
    return f"Did you mean {near}?" if near else "Tab lists the events after 'wait'"


_NO_EVENT = "No event of this machine has this name; Tab lists them after 'wait'"
_STEPS: dict[str, Step] = {
    r"^Invalid job ID ''": _unnamed_job,
    r"^Cannot find device='(.+)' nor node-name='.*'$": _for_a_node,
    r"^Device '(.+)' not found$": _for_a_node,
    r"^Device does not have a block device backend": _limited_device,
    r"^Property '(.*)\.[^.]*' not found": _property,
    r"^Duplicate ID '(.*?)'": _duplicate,
    r"^Snapshot '(.*)' does not exist in one or more devices": _image_with_snapshot,
    r"^Unable to write to socket|^Failed to connect (?:to|socket)": _listener,
    r"^no (\w+) within ": _late_event,
    r"^no event is called '(.*)'": _unknown_event,
    r"^unknown command: '([\w-]+)'": _qmp_command,
    r"extraneous characters at the end of line$": _extraneous,
    r"^invalid char '.' in expression": _one_register,
    r"^unknown register": _similar_register,
    r"^Bus '(.*)' does not support hotplugging": _hotplug_buses,
    r"^PCI: slot .* (?:occupied|not available|in use)": _hotplug_buses,
    r"^Bus '(.*)' (?:not found|is full)": _buses,
    r"^Drive '(.*)' is already in use": _user_of_drive,
    r"^Property '.*\.drive' can't take value '(.*)', it's in use": _user_of_drive,
    r"^Property '.*\.netdev' can't take value '(.*)', it's in use": _user_of_netdev,
    r"^Property '.*\.drive' can't find value '(.*)'": _drives,
    r"^Property '.*\.netdev' can't find value '(.*)'": _backends,
    r"^Device '(.*)' is not removable": _user_of_drive,
    r"^Node '?(.*?)'? is in use$": _user_of_drive,
    r"^Node '(.*)' is busy: block device is in use by block job": _job_of_node,
    r"Failed to get (?:shared )?\"[\w ]+\" lock": _user_of_file,
}
"""Patterns of errors, and the functions that find the next step."""

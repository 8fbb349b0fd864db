"""Virtio devices and their queues."""

from completions.virtio import VIRTIO_PATH
from hmp.authoring import info

CATEGORY = "Virtio"

_KINDS = {"path": VIRTIO_PATH}

PASSTHROUGHS = (
    info.passthrough("virtio", help="show the virtio devices and their QOM paths"),
    info.passthrough(
        "virtio-status",
        args_type="path:s",
        help="show status and features of a virtio device",
        kinds=_KINDS,
    ),
    info.passthrough(
        "virtio-queue-status",
        args_type="path:s,queue:i",
        help="show the state of a virtio queue",
        kinds=_KINDS,
    ),
    info.passthrough(
        "virtio-vhost-queue-status",
        args_type="path:s,queue:i",
        help="show the state of a queue that vhost handles",
        kinds=_KINDS,
    ),
    info.passthrough(
        "virtio-queue-element",
        args_type="path:s,queue:i,index:i?",
        help="show an element of a virtio queue (the next when no index is given)",
        kinds=_KINDS,
    ),
)

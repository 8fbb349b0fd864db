"""Virtio devices and their queues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from completions.virtio import VIRTIO_PATH
from hmp.authoring import Call, Monitor, QDict, info, refuse_fatal, views
from info import _virtio
from info._text import filled

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import (
        VirtioInfo,
        VirtioQueueElement,
        VirtioStatus,
        VirtQueueStatus,
        VirtVhostQueueStatus,
    )

CATEGORY = "Virtio"

_KINDS = {"path": VIRTIO_PATH}
_INDEX = 0xFFFF
"""QEMU's monitor keeps the low 16 bits of queue and element numbers."""
_NO_INDEX = 0xFFFFFFFF


virtio: Declaration[list[VirtioInfo]] = info.direct(
    "virtio", "x-query-virtio", help="show the virtio devices and their QOM paths"
)


@virtio.text
def virtio_text(value: list[VirtioInfo]) -> Iterator[str]:
    """Yield the path and name of each device; newer releases send an error without any."""
    if not value:
        yield "No VirtIO devices"
    for device in value:
        yield f"{device['path']} [{device['name']}]"


@virtio.view
def virtio_view(value: list[VirtioInfo]) -> RenderableType:
    """Show a table of the devices."""
    if not value:
        return views.text("no virtio device", "hmp.detail")
    rows = ((device["name"], device["path"]) for device in value)
    return views.table("device", "QOM path", rows=rows)


@info(
    "virtio-status",
    args_type="path:s",
    help="show status and features of a virtio device",
    qmp=["x-query-virtio-status", "qom-get"],
    kinds=_KINDS,
    checks=True,
)
async def virtio_status(mon: Monitor, args: QDict) -> VirtioStatus:
    """Return VirtioStatus.

    Raises CommandFailedError for a virtio device of QEMU 11.1, which would crash.
    """
    await refuse_fatal(mon, "x-query-virtio-status", args)
    return await mon.qmp.execute("x-query-virtio-status", path=args["path"])


@virtio_status.text
def virtio_status_text(value: VirtioStatus, call: Call) -> Iterator[str]:
    """Yield the state of the device, and the features that were negotiated."""
    return _virtio.status_lines(value, call)


@virtio_status.view
def virtio_status_view(value: VirtioStatus) -> RenderableType:
    """Show the state first, then the features and which of them are in use."""
    return _virtio.status_view(value)


@info(
    "virtio-queue-status",
    args_type="path:s,queue:i",
    help="show the state of a virtio queue",
    arguments={"queue": "the queue's number"},
    qmp=["x-query-virtio-queue-status"],
    kinds=_KINDS,
    example="info virtio-queue-status {path} 0",
)
async def virtio_queue_status(mon: Monitor, args: QDict) -> VirtQueueStatus:
    """Return VirtQueueStatus."""
    return await mon.qmp.execute("x-query-virtio-queue-status", _queue(args))


def _queue(args: QDict) -> dict[str, object]:
    """Return the QMP arguments that name a queue."""
    return {"path": args["path"], "queue": args["queue"] & _INDEX}


@virtio_queue_status.text
def virtio_queue_status_text(value: VirtQueueStatus, call: Call) -> Iterator[str]:
    """Yield the counters and the addresses of the ring."""
    yield f"{call.args['path']}:"
    yield from filled(_virtio.QUEUE, value)


@virtio_queue_status.view
def virtio_queue_status_view(value: VirtQueueStatus) -> RenderableType:
    """Show the progress of the device and the driver, then the ring."""
    return _virtio.queue_view(value)


@info(
    "virtio-vhost-queue-status",
    args_type="path:s,queue:i",
    help="show the state of a queue that vhost handles",
    arguments={"queue": "the queue's number"},
    qmp=["x-query-virtio-vhost-queue-status"],
    kinds=_KINDS,
)
async def virtio_vhost_queue_status(mon: Monitor, args: QDict) -> VirtVhostQueueStatus:
    """Return VirtVhostQueueStatus."""
    return await mon.qmp.execute("x-query-virtio-vhost-queue-status", _queue(args))


@virtio_vhost_queue_status.text
def virtio_vhost_queue_status_text(
    value: VirtVhostQueueStatus, call: Call
) -> Iterator[str]:
    """Yield the descriptors of its events and the addresses of the ring."""
    yield f"{call.args['path']}:"
    yield from filled(_virtio.VHOST_QUEUE, value)


@virtio_vhost_queue_status.view
def virtio_vhost_queue_status_view(value: VirtVhostQueueStatus) -> RenderableType:
    """Show the same, aligned."""
    return _virtio.vhost_queue_view(value)


@info(
    "virtio-queue-element",
    args_type="path:s,queue:i,index:i?",
    help="show an element of a virtio queue (the next when no index is given)",
    arguments={
        "queue": "the queue's number",
        "index": "the element's index; by default the next one",
    },
    qmp=["x-query-virtio-queue-element"],
    kinds=_KINDS,
)
async def virtio_queue_element(mon: Monitor, args: QDict) -> VirtioQueueElement:
    """Return VirtioQueueElement; as in QEMU, an index of 32 ones counts as absent."""
    index = args.get("index")
    if index is not None:
        index = None if index == _NO_INDEX else index & _INDEX
    return await mon.qmp.execute("x-query-virtio-queue-element", _queue(args), index=index)


@virtio_queue_element.text
def virtio_queue_element_text(value: VirtioQueueElement, call: Call) -> Iterator[str]:
    """Yield the descriptors, then the two rings."""
    return _virtio.element_lines(value, call)


@virtio_queue_element.view
def virtio_queue_element_view(value: VirtioQueueElement) -> RenderableType:
    """Show a table of the descriptors."""
    return _virtio.element_view(value)

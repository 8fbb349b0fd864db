"""Virtio devices by their QOM path."""

from hmp.authoring import Kind

VIRTIO_PATH = Kind("QOM path of a virtio device")

"""Character devices and their backends."""

from hmp.authoring import Kind

CHARDEV_ID = Kind("character device")
RINGBUF_ID = Kind("character device of the kind ringbuf")
CHARDEV_OPTIONS = Kind("character device backend and its options")

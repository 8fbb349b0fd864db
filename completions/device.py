"""Devices, their models, and the network clients among them."""

from hmp.authoring import Kind

DEVICE_ID = Kind("device id, or QOM path of a device")
DEVICE_OPTIONS = Kind("device model and its properties")
NETDEV_ID = Kind("network backend id")
NETDEV_OPTIONS = Kind("network backend type and its options")
NET_CLIENT = Kind("network client: a backend or a card")
OBJECT_ID = Kind("object id")
OBJECT_OPTIONS = Kind("object type and its properties")

"""Arguments with free text, whose kind the toolbar names."""

from hmp.authoring import Kind, after_scheme

ADDRESS = Kind(
    "address to listen on, HOST:PORT or a path",
    [("unix:", "path of a socket"), ("tcp:", "HOST:PORT")],
    path=after_scheme("unix:"),
)
AER_STATUS = Kind("name of an AER error, or its status as a number")
BOOT_ORDER = Kind("boot devices in order: a floppy, c disk, d CD, n network")
CERTIFICATE = Kind("subject of the TLS certificate")
DESCRIPTOR = Kind("name of a file descriptor")
EXPORT_NAME = Kind("name of the export; by default that of the device")
EXPIRY = Kind(
    "now, never, +SECONDS, or a Unix time",
    [
        ("now", "immediately"),
        ("never", "no expiry"),
        ("+", "SECONDS from now"),
    ],
)
GDB_DEVICE = Kind(
    "device for gdb, as for -gdb",
    [
        ("tcp::1234", "the usual port"),
        ("unix:", "path of a socket"),
        ("none", "stop"),
    ],
)
HOST = Kind("host name or address")
INTERFACES = Kind("NICs, separated by commas; by default all")
MESSAGE = Kind("text")
NAME = Kind("a new name")
PASSWORD = Kind("password")
PCI_ADDRESS = Kind("PCI address [[domain:]bus:]slot, or 'dummy'")
QEMU_IO = Kind(
    "qemu-io command in quotes",
    [
        ("read", "OFFSET LENGTH"),
        ("write", "OFFSET LENGTH"),
        ("discard", "OFFSET LENGTH"),
        ("flush", "write cached data to the image"),
        ("info", "show the format"),
        ("map", "show the allocated areas"),
        ("help", "show all qemu-io commands"),
    ],
)
ONE_AT_A_TIME = Kind("on or off", [("on", "one at a time"), ("off", "many")], closed=True)

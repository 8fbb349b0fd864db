"""Words that are free to choose: the bar says what they are."""

from hmp.authoring import Kind

ADDRESS = Kind(
    "where to listen, HOST:PORT or a path",
    [("unix:", "path of a socket"), ("tcp:", "HOST:PORT")],
)
AER_STATUS = Kind("name of an AER error, or its status as a number")
BOOT_ORDER = Kind("drives by letter, first one first: a floppy, c disk, d CD, n network")
CERTIFICATE = Kind("subject of the TLS certificate")
DESCRIPTOR = Kind("name of a file descriptor")
EXPORT_NAME = Kind("name of the export; without one, that of the device")
EXPIRY = Kind(
    "now, never, +SECONDS, or a Unix time",
    [
        ("now", "at once"),
        ("never", "not at all"),
        ("+", "so many seconds from now"),
    ],
)
GDB_DEVICE = Kind(
    "where gdb connects, as -gdb takes it",
    [
        ("tcp::1234", "the usual port"),
        ("unix:", "path of a socket"),
        ("none", "no more"),
    ],
)
HOST = Kind("host name or address")
INTERFACES = Kind("NICs joined by ','; without any, all")
MESSAGE = Kind("text")
NAME = Kind("a name of your own for it")
PASSWORD = Kind("password")
PCI_ADDRESS = Kind("PCI address [[domain:]bus:]slot, or 'dummy'")
QEMU_IO = Kind(
    "qemu-io command in quotes",
    [
        ("read", "OFFSET LENGTH"),
        ("write", "OFFSET LENGTH"),
        ("discard", "OFFSET LENGTH"),
        ("flush", "write out what is cached"),
        ("info", "show the format"),
        ("map", "show what is allocated"),
        ("help", "show all of them"),
    ],
)
ONE_AT_A_TIME = Kind("on or off", [("on", "one at a time"), ("off", "many")], closed=True)

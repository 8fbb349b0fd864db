"""Character devices and their backends."""

from completions.values import SWITCH
from hmp.authoring import Connection, Kind, Word, natural, option_part, value_of

CHARDEV_ID = Kind("character device", closed=True)
RINGBUF_ID = Kind("ring buffer character device", closed=True)
CHARDEV_OPTIONS = Kind(
    "character device backend and its options",
    place=option_part,
    path=value_of("path", "logfile", "input-path"),
)

_OURS = "hmp-"
"""What the devices begin with by which sessions of hmp reach the machine."""
RING_BUFFERS = ("ringbuf", "memory")
"""The file names that QEMU shows for ring buffers."""
_PATH = [("path=", "path on QEMU's host")]
_LOG = [("logfile=", "file to log all output to"), ("logappend=", "on or off")]
_SOCKET = [
    *_PATH,
    ("host=", "host name or address"),
    ("port=", "port"),
    ("server=", "listen (on), or connect (off)"),
    ("wait=", "wait for a client before starting the machine"),
    ("telnet=", "speak telnet"),
    ("websocket=", "speak WebSocket"),
    ("nodelay=", "send without delay"),
    ("reconnect-ms=", "milliseconds before reconnecting"),
    ("tls-creds=", "id of TLS credentials"),
    ("fd=", "name of a descriptor"),
]
_OPTIONS: dict[str, list[Word]] = {
    "socket": _SOCKET,
    "file": [*_PATH, ("append=", "on or off"), ("input-path=", "file to read from")],
    "pipe": _PATH,
    "serial": _PATH,
    "parallel": _PATH,
    "udp": [
        ("host=", "host to send to"),
        ("port=", "port to send to"),
        ("localaddr=", "address to listen on"),
        ("localport=", "port to listen on"),
    ],
    "ringbuf": [("size=", "bytes, a power of two")],
    "mux": [("chardev=", "character device to multiplex")],
    "stdio": [("signal=", "on: Ctrl-C reaches QEMU")],
    "vc": [("width=", "pixels"), ("height=", "pixels"), ("cols=", ""), ("rows=", "")],
}
_SWITCHES = ("server", "wait", "telnet", "websocket", "nodelay", "append", "logappend")


@CHARDEV_ID.fetcher
async def chardevs(qmp: Connection, context: str) -> list[Word]:
    """Return the devices, each with its backend."""
    found = await qmp.execute("query-chardev")
    return natural(
        (device["label"], device["filename"])
        for device in found
        if not device["label"].startswith(_OURS)
    )


@RINGBUF_ID.fetcher
async def ring_buffers(qmp: Connection, context: str) -> list[Word]:
    """Return the devices with a ring buffer."""
    return [w for w in await chardevs(qmp, context) if w[1] in RING_BUFFERS]


@CHARDEV_OPTIONS.fetcher
async def chardev_options(qmp: Connection, context: str) -> list[Word]:
    """Return the backends, the options of a backend, or the values of an option."""
    backend, comma, option = context.partition(",")
    if not context:
        found = await qmp.execute("query-chardev-backends")
        return sorted((item["name"], "backend") for item in found)
    if not comma:
        # QMP does not list these: they are the options of -chardev, and chardev-add takes
        # another form
        return [("id=", "name of the new device"), *_OPTIONS.get(backend, []), *_LOG]
    if option in _SWITCHES:
        return list(SWITCH)
    return await chardevs(qmp, "") if option == "chardev" else []

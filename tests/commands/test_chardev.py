from __future__ import annotations

from typing import Any

import pytest

from commands._chardev import (
    ChardevError,
    ChardevOptions,
    UnparsableError,
    backend_of,
    hard_to_read,
)
from commands._errors import ID_HINT
from hmp.qmp.errors import QMPError
from tests.fakes import NEWEST, FakeSession, qmp_calls

Data = dict[str, Any]
INET = {"host": "h", "port": "1"}
SOCKET = {"server": False, "nodelay": False}
UNIX = {"type": "unix", "data": {"path": "/p"}}


@pytest.mark.parametrize(
    ("options", "kind", "data"),
    [
        *((name, name, {}) for name in ("null", "pty", "msmouse", "wctablet", "braille")),
        *((name, name, {}) for name in ("testdev", "console")),
        ("backend=null", "null", {}),
        ("null,logfile=/l", "null", {"logfile": "/l"}),
        ("null,logfile=/l,logappend=off", "null", {"logfile": "/l", "logappend": False}),
        ("null,path=/x,port=1", "null", {}),
        ("file,path=/p", "file", {"out": "/p", "append": False}),
        (
            "file,path=/p,append=on,input-path=/i",
            "file",
            {"out": "/p", "append": True, "in": "/i"},
        ),
        ("pipe,path=/p", "pipe", {"device": "/p"}),
        ("serial,path=/p", "serial", {"device": "/p"}),
        ("parallel,path=/p", "parallel", {"device": "/p"}),
        ("socket,path=/p", "socket", {**SOCKET, "addr": UNIX}),
        (
            "socket,path=/p,server=on",
            "socket",
            {**SOCKET, "addr": UNIX, "server": True, "wait": True},
        ),
        (
            "socket,path=/p,server=on,wait=off",
            "socket",
            {**SOCKET, "addr": UNIX, "server": True, "wait": False},
        ),
        (
            "socket,path=/p,wait=on",
            "socket",
            {**SOCKET, "addr": UNIX, "wait": True},
        ),
        (
            "socket,path=/p,abstract=on,tight=off",
            "socket",
            {
                **SOCKET,
                "addr": {
                    "type": "unix",
                    "data": {"path": "/p", "abstract": True, "tight": False},
                },
            },
        ),
        (
            "socket,host=h,port=1",
            "socket",
            {**SOCKET, "addr": {"type": "inet", "data": INET}},
        ),
        (
            "socket,host=h,port=1,to=9,ipv4=on,ipv6=off",
            "socket",
            {
                **SOCKET,
                "addr": {
                    "type": "inet",
                    "data": {**INET, "to": 9, "ipv4": True, "ipv6": False},
                },
            },
        ),
        (
            "socket,fd=7",
            "socket",
            {**SOCKET, "addr": {"type": "fd", "data": {"str": "7"}}},
        ),
        ("socket,path=/p,nodelay=on", "socket", {**SOCKET, "addr": UNIX, "nodelay": True}),
        ("socket,path=/p,delay=off", "socket", {**SOCKET, "addr": UNIX, "nodelay": True}),
        ("socket,path=/p,delay=on", "socket", {**SOCKET, "addr": UNIX}),
        (
            "socket,path=/p,telnet=on,tn3270=off,websocket=on,tls-creds=t,tls-authz=z,"
            "reconnect=5",
            "socket",
            {
                **{**SOCKET, "addr": UNIX, "telnet": True, "tn3270": False},
                "websocket": True,
                "tls-creds": "t",
                "tls-authz": "z",
                "reconnect": 5,
            },
        ),
        ("socket,path=/p,reconnect=0", "socket", {**SOCKET, "addr": UNIX, "reconnect": 0}),
        (
            "socket,path=/p,reconnect-ms=70",
            "socket",
            {**SOCKET, "addr": UNIX, "reconnect-ms": 70},
        ),
        (
            "udp,host=h,port=1",
            "udp",
            {"remote": {"type": "inet", "data": INET}},
        ),
        (
            "udp,port=1,ipv4=on",
            "udp",
            {
                "remote": {
                    "type": "inet",
                    "data": {"host": "localhost", "port": "1", "ipv4": True},
                }
            },
        ),
        (
            "udp,host=h,port=1,localport=2",
            "udp",
            {
                "remote": {"type": "inet", "data": INET},
                "local": {"type": "inet", "data": {"host": "", "port": "2"}},
            },
        ),
        (
            "udp,host=h,port=1,localaddr=a",
            "udp",
            {
                "remote": {"type": "inet", "data": INET},
                "local": {"type": "inet", "data": {"host": "a", "port": "0"}},
            },
        ),
        ("mux,chardev=c", "mux", {"chardev": "c"}),
        ("hub,chardevs.0=a", "hub", {"chardevs": ["a"]}),
        ("hub,chardevs.1=b,chardevs.0=a", "hub", {"chardevs": ["a", "b"]}),
        ("hub,chardevs.1=b", "hub", {"chardevs": []}),
        ("null,id=a,id=1", "null", {}),
        ("ringbuf", "ringbuf", {}),
        ("ringbuf,size=64k", "ringbuf", {"size": 65536}),
        ("ringbuf,size=0", "ringbuf", {}),
        ("memory,size=1", "memory", {"size": 1}),
        ("ringbuf,size=1E", "ringbuf", {}),
        ("ringbuf,size=4294967297", "ringbuf", {"size": 1}),
        ("ringbuf,size=2G", "ringbuf", {"size": -(1 << 31)}),
        ("stdio", "stdio", {"signal": True}),
        ("stdio,signal=off", "stdio", {"signal": False}),
        ("vc", "vc", {}),
        ("vc,width=640,height=480", "vc", {"width": 640, "height": 480}),
        ("vc,cols=80,rows=0", "vc", {"cols": 80}),
        ("spicevmc,name=vdagent", "spicevmc", {"type": "vdagent"}),
        ("spiceport,name=a.b", "spiceport", {"fqdn": "a.b"}),
        ("qemu-vdagent", "qemu-vdagent", {"mouse": True, "clipboard": False}),
        (
            "qemu-vdagent,mouse=off,clipboard=on",
            "qemu-vdagent",
            {"mouse": False, "clipboard": True},
        ),
        ("dbus,name=x", "dbus", {"name": "x"}),
    ],
)
def test_backends(options: str, kind: str, data: Data) -> None:
    """From QEMU's one-word form to QMP's type and data."""
    assert backend_of(ChardevOptions(options, NEWEST).options) == {
        "type": kind,
        "data": data,
    }


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("id=x", 'chardev: "x" missing backend'),
        ("id=x,path=/p", 'chardev: "x" missing backend'),
        ("nope", "'nope' is not a valid char driver name"),
        ("file", "chardev: file: no filename given"),
        ("pipe", "chardev: pipe: no device path given"),
        ("serial", "chardev: serial/tty: no device path given"),
        ("tty", "'tty' is not a valid char driver name"),
        ("null,,id=b", "'null,id=b' is not a valid char driver name"),
        ("parallel", "chardev: parallel: no device path given"),
        ("mux", "chardev: mux: no chardev given"),
        ("spicevmc", "chardev: spice channel: no name given"),
        ("spiceport", "chardev: spice port: no name given"),
        ("dbus", "chardev: dbus: no name given"),
        ("socket,host=h", "chardev: socket: no port given"),
        (
            "socket,host=h,path=/p",
            "None or one of 'path', 'fd' or 'host' option required.",
        ),
        ("socket,fd=1,path=/p", "None or one of 'path', 'fd' or 'host' option required."),
        ("udp", "chardev: udp: remote port not specified"),
        ("udp,port=", "chardev: udp: remote port not specified"),
    ],
)
def test_backends_that_cannot_be_made(options: str, reason: str) -> None:
    """In QEMU's words."""
    with pytest.raises(ChardevError) as caught:
        backend_of(ChardevOptions(options, NEWEST).options)

    assert (caught.value.text, caught.value.desc) == (f"Error: {reason}\n", reason)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("null,bogus=1", "Invalid parameter 'bogus'"),
        ("null,=1", "Invalid parameter ''"),
        ("null,append=x", "Parameter 'append' expects 'on' or 'off'"),
        ("null,server=Yes", "Parameter 'server' expects 'on' or 'off'"),
        ("null,width=x", "Parameter 'width' expects a number"),
        ("null,to=--1", "Parameter 'to' expects a number"),
        ("null,to=08", "Parameter 'to' expects a number"),
        ("null,to=1k", "Parameter 'to' expects a number"),
        (
            "null,to=18446744073709551616",
            "Value '18446744073709551616' is too large for parameter 'to'",
        ),
        ("ringbuf,size=-1", "Value '-1' is out of range for parameter 'size'"),
        ("ringbuf,size=16E", "Value '16E' is out of range for parameter 'size'"),
        ("null,a=1,id=b,wait", "Invalid parameter 'a'"),
        ("null,to=\u0661", "Parameter 'to' expects a number"),
        ("null,to=", "Parameter 'to' expects a number"),
    ],
)
def test_options_of_no_type(options: str, reason: str) -> None:
    """QEMU prints the reason, and then that it could not parse them."""
    with pytest.raises(UnparsableError) as caught:
        ChardevOptions(options, NEWEST)

    assert caught.value.text == f"{reason}\nError: Parsing chardev args failed\n"
    assert caught.value.desc == reason


@pytest.mark.parametrize(
    ("options", "version"),
    [
        ("file,path=/p,input-path=/i", (7, 2, 0)),
        ("socket,path=/p,reconnect-ms=1", (9, 1, 0)),
        ("hub,chardevs.0=a", (9, 2, 0)),
        ("hub,chardevs.3=a", (9, 2, 0)),
    ],
)
def test_options_of_later_releases(options: str, version: tuple[int, int, int]) -> None:
    """An older QEMU does not know them; that of today does."""
    key = options.rpartition(",")[2].partition("=")[0]
    with pytest.raises(UnparsableError, match=f"^Invalid parameter '{key}'$"):
        ChardevOptions(options, version)

    assert key in ChardevOptions(options, NEWEST).options


@pytest.mark.parametrize("size", ["x", "", "1x", "--1", "1kk", "1.5"])
def test_sizes_that_are_none(size: str) -> None:
    """QEMU explains the suffixes."""
    with pytest.raises(UnparsableError) as caught:
        ChardevOptions(f"ringbuf,size={size}", NEWEST)

    assert caught.value.text == (
        "Parameter 'size' expects a non-negative number below 2^64\n"
        "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
        "and exabytes, respectively.\n"
        "Error: Parsing chardev args failed\n"
    )


def test_an_id_that_is_none() -> None:
    """QEMU explains what one is."""
    with pytest.raises(UnparsableError) as caught:
        ChardevOptions("null,id=1", NEWEST)

    assert caught.value.text == (
        "Parameter 'id' expects an identifier\n"
        f"{ID_HINT}Error: Parsing chardev args failed\n"
    )


NULL = {"type": "null", "data": {}}


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        ("chardev-add null,id=a", [("chardev-add", {"id": "a", "backend": NULL})]),
        (
            "chardev-add null,id=a,mux=off",
            [("chardev-add", {"id": "a", "backend": NULL})],
        ),
        (
            "chardev-add null,id=a,mux=on",
            [
                ("chardev-add", {"id": "a-base", "backend": NULL}),
                (
                    "chardev-add",
                    {"id": "a", "backend": {"type": "mux", "data": {"chardev": "a-base"}}},
                ),
            ],
        ),
        (
            "chardev-add mux,id=a,chardev=b,mux=on",
            [
                (
                    "chardev-add",
                    {"id": "a", "backend": {"type": "mux", "data": {"chardev": "b"}}},
                )
            ],
        ),
        ("chardev-change a null", [("chardev-change", {"id": "a", "backend": NULL})]),
        ("chardev-remove a", [("chardev-remove", {"id": "a"})]),
        ("chardev-send-break a", [("chardev-send-break", {"id": "a"})]),
    ],
)
def test_qmp_calls(line: str, calls: list[Any]) -> None:
    """A multiplexer is a second device over the first; success is silent."""
    assert qmp_calls(line) == calls


BACKENDS = [{"name": "null"}, {"name": "socket"}]


@pytest.mark.parametrize(
    "line", ["chardev-add help", "chardev-add ?", "chardev-add help,id=a"]
)
def test_the_backends_are_listed(line: str) -> None:
    """From the end of QMP's list, as QEMU does; a blank stands behind the colon."""
    session = FakeSession({"query-chardev-backends": BACKENDS})
    call = session.call(line)

    assert call.value == BACKENDS
    assert call.text() == "Available chardev backend types: \n  socket\n  null\n"


def test_a_change_of_backend_has_no_list_of_them() -> None:
    """help is a backend there that does not exist; switches are warned of."""
    session = FakeSession({"chardev-change": {}})

    assert session.prints("chardev-change a help") == (
        "Error: 'help' is not a valid char driver name\n"
    )
    assert session.prints("chardev-change a null,server") == (
        "warning: short-form boolean option 'server' deprecated\n"
        "Please use server=on instead\n"
    )


def test_a_multiplexer_that_fails_leaves_nothing_below_it() -> None:
    """What was made for it goes with it."""

    def add(arguments: Data) -> Any:
        return QMPError("no") if arguments["id"] == "a" else {}

    session = FakeSession({"chardev-add": add, "chardev-remove": {}})

    assert session.prints("chardev-add null,id=a,mux=on") == "Error: no\n"
    assert session.calls[-1] == ("chardev-remove", {"id": "a-base"})


def test_a_pty_tells_where_it_is() -> None:
    """QEMU's monitor prints it, with the label."""
    session = FakeSession({"chardev-add": {"pty": "/dev/pts/3"}})

    assert session.prints("chardev-add pty,id=p") == (
        "char device redirected to /dev/pts/3 (label p)\n"
    )


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ("null,id=a", []),
        ("server", []),
        (
            "socket,server,id=a",
            [
                "warning: short-form boolean option 'server' deprecated",
                "Please use server=on instead",
            ],
        ),
        (
            "socket,nowait",
            [
                "warning: short-form boolean option 'nowait' deprecated",
                "Please use wait=off instead",
            ],
        ),
    ],
)
def test_short_forms_are_warned_of(options: str, lines: list[str]) -> None:
    """In QEMU's words."""
    assert ChardevOptions(options, NEWEST).warnings == lines


def test_short_forms_work() -> None:
    """The warning is all."""
    session = FakeSession({"chardev-add": {}})

    assert session.prints("chardev-add socket,id=a,path=/p,server,nowait") == (
        "warning: short-form boolean option 'server' deprecated\n"
        "Please use server=on instead\n"
        "warning: short-form boolean option 'nowait' deprecated\n"
        "Please use wait=off instead\n"
    )
    assert session.calls[0][1]["backend"]["data"]["wait"] is False


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("chardev-add null", "Error: chardev: no id specified\n"),
        ("chardev-add id=a", 'Error: chardev: "a" missing backend\n'),
        ("chardev-add nope,id=a", "Error: 'nope' is not a valid char driver name\n"),
        ("chardev-change a null,id=b", "Error: Unexpected 'id' parameter\n"),
        ("chardev-change a nope", "Error: 'nope' is not a valid char driver name\n"),
        # not in this machine, which comes before what it lacks
        ("chardev-add mux,id=a", "Error: 'mux' is not a valid char driver name\n"),
        (
            "chardev-add socket,id=a,host=h",
            "Error: chardev: socket: no port given\n",
        ),
    ],
)
def test_refusals(line: str, text: str) -> None:
    """What QEMU's monitor would not even send."""
    session = FakeSession({"query-chardev-backends": BACKENDS})

    assert session.prints(line) == text


@pytest.mark.parametrize(
    ("desc", "text"),
    [
        (
            "Failed to add chardev 'a': Failed to bind socket",
            "Error: Failed to bind socket\n",
        ),
        (
            "Chardev with id 'a' already exists",
            "Error: attempt to add duplicate property 'a' to object (type 'container')\n",
        ),
        ("something else", "Error: something else\n"),
    ],
)
def test_errors_of_the_machine_in_the_monitors_words(desc: str, text: str) -> None:
    """QMP words some otherwise."""
    session = FakeSession({"chardev-add": QMPError(desc, "GenericError")})

    assert session.prints("chardev-add null,id=a") == text


@pytest.mark.parametrize(
    "line",
    [
        "chardev-add ringbuf,id=a,size=010",
        "chardev-add ringbuf,id=a,size=.5k",
        "chardev-change a vc,width=-1",
        "chardev-add hub,id=a",
        "chardev-add spiceport,id=a",
    ],
)
def test_what_only_qemu_can_read(line: str) -> None:
    """Its monitor gets the line."""
    answers = {
        "query-chardev-backends": [{"name": "null"}],
        "query-commands": [{"name": "human-monitor-command"}],
        "chardev-add": QMPError("Parameter 'backend.type' does not accept value 'hub'"),
    }
    session = FakeSession(answers, {line: "Error: no\n"})
    told = session.prints(line)

    if line.endswith("hub,id=a"):
        assert told == "Error: 'hub' is not a valid char driver name\n"
    else:
        assert (told, session.machine.typed) == ("Error: no\n", [line])


def test_an_alias_of_old() -> None:
    """QEMU warns of it a single time, so that only it knows whether to."""
    line = "chardev-add tty,id=a,path=/nope"
    answers = {"query-commands": [{"name": "human-monitor-command"}]}
    session = FakeSession(answers, {line: "warning: old\nError: no\n"}, version=(7, 2, 0))

    assert session.prints(line) == "warning: old\nError: no\n"


OPTIONS = {
    "text": "backend chardev fd host input-path localaddr localport logfile name path port"
    " tls-authz tls-creds chardevs.0 chardevs.1 chardevs.2 chardevs.3",
    "'on' or 'off'": "abstract append clipboard delay ipv4 ipv6 logappend mouse mux nodelay"
    " server signal telnet tight tn3270 wait websocket",
    "a number": "cols height reconnect reconnect-ms rows to width",
    "a size": "size",
}
VALUES: dict[str, list[tuple[str, object]]] = {
    "text": [("on", "on"), ("12", "12"), ("1e3", "1e3")],
    "'on' or 'off'": [("on", True), ("off", False)],
    "a number": [("12", 12), ("0", 0)],
    "a size": [("12", 12), ("1k", 1024)],
}


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, keys in OPTIONS.items() for key in keys.split()]
)
def test_each_option_has_its_type(kind: str, key: str) -> None:
    """Whichever backend it is given to, or not; one of another name is an error."""
    for text, value in VALUES[kind]:
        assert ChardevOptions(f"{key}={text}", NEWEST).options == {key: value}
    if kind != "text":
        with pytest.raises(UnparsableError) as caught:
            ChardevOptions(f"{key}=x", NEWEST)
        plain = kind.replace("a size", "a non-negative number below 2^64")
        assert f"Parameter '{key}' expects {plain}" in str(caught.value)
    with pytest.raises(UnparsableError, match=f"Invalid parameter '{key}x'"):
        ChardevOptions(f"{key}x=1", NEWEST)
    # numbers that releases read differently are left to QEMU
    assert hard_to_read(f"null,{key}=1e3", NEWEST) is (kind in ("a number", "a size"))


def test_the_class_of_an_error_is_the_machines() -> None:
    """Unless the monitor prints something before it."""
    error = QMPError("Chardev 'c' not found", "DeviceNotFound")
    session = FakeSession({"chardev-add": error})

    plain = session.call("chardev-add null,id=c").error
    assert plain is not None
    assert plain.error_class == "DeviceNotFound"
    call = session.call("chardev-add socket,id=c,path=/p,server")
    assert call.error is not None
    assert call.error.error_class == "GenericError"
    assert call.error_text().startswith("warning: short-form boolean option 'server' ")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain é text\n", "plain é text\n"),
        ("a\\b", "a\\\\b"),
        ("\x00\x08\t\n\x0b\x1f\x7f\x80", "\\u0000\\u0008\t\n\\u000B\\u001F\\u007F\x80"),
    ],
)
def test_what_a_ring_buffer_held(sent: str, shown: str) -> None:
    """Control characters and backslashes are escaped, so that they can be told apart."""
    session = FakeSession({"ringbuf-read": sent})

    assert session.prints("ringbuf_read c0 99") == f"{shown}\n"

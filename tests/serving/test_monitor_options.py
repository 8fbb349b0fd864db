from __future__ import annotations

import socket

import pytest

from hmp.language.qemu_opts import OptionsError
from hmp.serving.monitor_options import (
    Chardev,
    MonitorOption,
    MonitorOptions,
    SocketChardev,
    StdioChardev,
)
from hmp.serving.program import read_options


def one(*given: tuple[str, str]) -> MonitorOption:
    """Return the one monitor that options ask for."""
    (monitor,) = read_options(given).monitors()
    return monitor


def socket_of(*given: tuple[str, str]) -> SocketChardev:
    """Return the socket of the one monitor that options ask for."""
    chardev = one(*given).chardev
    assert isinstance(chardev, SocketChardev)
    return chardev


def test_the_newcomer_s_walk_reads_as_it_stands() -> None:
    """A chardev and a monitor on it, as QEMU's documentation writes them."""
    text = "socket,id=qmp,port=4444,host=localhost,server=on"
    monitor = one(("-chardev", text), ("-mon", "chardev=qmp,mode=control,pretty=on"))

    assert monitor == MonitorOption(
        SocketChardev(
            "qmp", f"-chardev {text}", host="localhost", port=4444, server=True, wait=True
        ),
        control=True,
        pretty=True,
    )


@pytest.mark.parametrize(
    ("text", "server", "wait"),
    [
        ("server", True, True),
        ("server=on", True, True),
        ("server,wait", True, True),
        ("server=on,wait=on", True, True),
        ("server,nowait", True, False),
        ("server,wait=off", True, False),
        ("server=on,wait=off", True, False),
        ("server=off", False, False),
        ("noserver", False, False),
    ],
)
def test_server_and_wait_old_and_new(text: str, server: bool, wait: bool) -> None:
    """A bare ``server`` waits for its client, unless it shall not."""
    for given in (
        [("-qmp", f"unix:/a,{text}")],
        [("-chardev", f"socket,id=x,path=/a,{text}"), ("-mon", "x,mode=control")],
    ):
        chardev = socket_of(*given)
        assert (chardev.path, chardev.server, chardev.wait) == ("/a", server, wait)


def test_short_forms_are_monitors_on_chardevs_of_their_own() -> None:
    """QMP and human ones in their order, each with its address."""
    given = [
        ("-qmp", "unix:/tmp/a,,b,server=on,wait=off"),
        ("-qmp-pretty", "tcp:localhost:1,server=on"),
        ("-monitor", "telnet:[::1]:2,server=on"),
        ("-monitor", "tcp::3"),
        ("-qmp", "stdio"),
        ("-monitor", "null"),
    ]
    monitors = read_options(given).monitors()
    first, second, third, fourth, fifth, sixth = (m.chardev for m in monitors)

    assert [(m.control, m.pretty) for m in monitors] == [
        (True, False),
        (True, True),
        (False, False),
        (False, False),
        (True, False),
        (False, False),
    ]
    assert len({m.chardev.id for m in monitors}) == 6
    assert [m.chardev.text for m in monitors] == [f"{n} {text}" for n, text in given]
    assert isinstance(first, SocketChardev)
    assert first.path == "/tmp/a,b"
    assert isinstance(second, SocketChardev)
    assert (second.host, second.port, second.telnet) == ("localhost", 1, False)
    assert isinstance(third, SocketChardev)
    assert (third.host, third.port, third.telnet) == ("::1", 2, True)
    assert isinstance(fourth, SocketChardev)
    assert (fourth.host, fourth.port, fourth.server) == ("", 3, False)
    assert isinstance(fifth, StdioChardev)
    assert type(sixth) is Chardev


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("", 0),
        (",ipv4=on", socket.AF_INET),
        (",ipv6=on", socket.AF_INET6),
        (",ipv4=off", socket.AF_INET6),
        (",ipv6=off", socket.AF_INET),
        (",ipv4=on,ipv6=on", 0),
        (",ipv4=on,ipv6=off", socket.AF_INET),
    ],
)
def test_families_of_addresses(text: str, family: int) -> None:
    """One that is switched on excludes the other, as in QEMU."""
    assert socket_of(("-qmp", f"tcp:localhost:1{text}")).family == family


def test_a_short_form_may_name_a_chardev() -> None:
    """Which may be defined before or behind it."""
    given = [("-qmp", "chardev:x"), ("-chardev", "socket,id=x,path=/a,telnet=on")]

    assert socket_of(*given).telnet
    assert one(*given).control


def test_a_descriptor_may_be_given() -> None:
    """As a service manager does."""
    chardev = socket_of(
        ("-chardev", "socket,id=x,fd=3,server=on,wait=off"), ("-mon", "chardev=x")
    )
    assert chardev.fd == 3
    assert not one(("-chardev", "socket,id=x,fd=3"), ("-mon", "x")).control


NULL = ("-chardev", "null,id=a")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ([("-chardev", "socket,path=/q")], "chardev: no id specified"),
        ([("-chardev", "null")], "chardev: no id specified"),
        (
            [("-chardev", "foo,id=a")],
            "'foo' is not a valid char driver; supported: socket, stdio, null",
        ),
        ([("-chardev", "socket,id=a,path=/q,bar=1")], "Invalid parameter 'bar'"),
        ([("-chardev", "null,id=a,foo=1")], "Invalid parameter 'foo'"),
        ([("-chardev", "socket,id=1a,path=/q")], "Parameter 'id' expects an identifier"),
        (
            [("-chardev", "socket,id=a,path=/q,server=maybe")],
            "Parameter 'server' expects 'on' or 'off'",
        ),
        (
            [("-chardev", "socket,id=a,path=/q,wait=off")],
            "'wait' option is incompatible with socket in client connect mode",
        ),
        ([("-chardev", "socket,id=a,host=h")], "chardev: socket: no port given"),
        ([("-chardev", "socket,id=a")], "chardev: socket: no path, port or fd given"),
        (
            [("-chardev", "socket,id=a,port=1,path=/q")],
            "chardev: socket: only one of path, host with port, and fd",
        ),
        (
            [("-chardev", "socket,id=a,port=http,server=on")],
            "chardev: socket: port 'http' is not a number up to 65535",
        ),
        (
            [("-chardev", "socket,id=a,fd=x")],
            "chardev: socket: fd 'x' is not a number up to 1073741824",
        ),
        ([("-chardev", "socket,id=a,path=")], "chardev: socket: the path is empty"),
        ([NULL, NULL], "Duplicate ID 'a' for chardev"),
        ([("-mon", "mode=control")], "Parameter 'chardev' is missing"),
        ([NULL, ("-mon", "a,mode=foo")], "Parameter 'mode' does not accept value 'foo'"),
        ([NULL, ("-mon", "a,foo=1")], "Invalid parameter 'foo'"),
        ([NULL, ("-mon", "a,id=1x")], "Parameter 'id' expects an identifier"),
        (
            [NULL, ("-mon", "a,pretty=on")],
            "'pretty' is not compatible with HMP monitors",
        ),
        (
            [NULL, ("-mon", "a,mode=control,pretty=x")],
            "Parameter 'pretty' expects 'on' or 'off'",
        ),
        ([("-mon", "chardev=foo")], 'chardev "foo" not found'),
        ([("-qmp", "chardev:foo")], 'chardev "foo" not found'),
        ([NULL, ("-mon", "a"), ("-mon", "chardev=a")], "chardev 'a' is already in use"),
        (
            [("-qmp", "udp:a:1")],
            "'udp:a:1' is not a valid char driver; supported: tcp:, telnet:, unix:, stdio,"
            " null, chardev:",
        ),
        (
            [("-qmp", "stdio,x")],
            "'stdio,x' is not a valid char driver; supported: tcp:, telnet:, unix:, stdio,"
            " null, chardev:",
        ),
        ([("-qmp", "tcp:localhost")], "parse error: tcp:localhost"),
        (
            [("-qmp", "tcp:localhost:1,ipv4=off,ipv6=off")],
            "Cannot disable IPv4 and IPv6 at same time",
        ),
        ([("-qmp", "unix:,server=on")], "chardev: socket: the path is empty"),
        ([("-qmp", "unix:/a,foo=bar")], "Invalid parameter 'foo'"),
        (
            [("-monitor", "stdio"), ("-qmp", "stdio")],
            "cannot use stdio by multiple character devices",
        ),
    ],
)
def test_wrong_options_are_told(given: list[tuple[str, str]], error: str) -> None:
    """Which option, and what is wrong with it: in QEMU's words, where it says as much."""
    with pytest.raises(OptionsError) as caught:
        read_options(given)

    name, text = given[-1]
    assert str(caught.value) == f"{name} {text}: {error}"


def test_without_a_local_monitor() -> None:
    """``-monitor none`` opens nothing, and closes the program's own."""
    assert MonitorOptions().local
    options = read_options([("-monitor", "none"), ("-qmp", "null")])

    assert not options.local
    assert [monitor.control for monitor in options.monitors()] == [True]


def test_the_human_monitor_on_stdio_is_the_program_s_own() -> None:
    """It is no monitor beside it; one of QMP there is."""
    human = read_options([("-monitor", "stdio"), ("-qmp", "null")])
    control = read_options([("-qmp", "stdio"), ("-monitor", "null")])

    stdio = human.take_stdio()
    assert stdio is not None
    assert not stdio.control
    assert [monitor.control for monitor in human.monitors()] == [True]
    stdio = control.take_stdio()
    assert stdio is not None
    assert stdio.control
    assert len(control.monitors()) == 2
    assert read_options([("-qmp", "null")]).take_stdio() is None


def test_a_chardev_that_no_monitor_uses_is_told_of() -> None:
    """Somebody forgot a -mon."""
    options = read_options(
        [NULL, ("-chardev", "stdio,id=b"), ("-chardev", "null,id=c"), ("-mon", "b")]
    )

    options.take_stdio()

    assert [chardev.id for chardev in options.unused()] == ["a", "c"]

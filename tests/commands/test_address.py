from __future__ import annotations

from typing import Any

import pytest

from commands._address import AddressError, parse_address

OLD, NEW = (10, 0, 0), (10, 2, 0)
BOTH = (OLD, NEW)


def inet(host: str, port: str, **more: Any) -> dict[str, Any]:
    """Return an internet address."""
    return {"type": "inet", "data": {"host": host, "port": port, **more}}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost:10809", inet("localhost", "10809")),
        ("tcp:localhost:10809", inet("localhost", "10809")),
        (":10809", inet("", "10809")),
        ("[::1]:10809", inet("::1", "10809")),
        ("h:1,to=9", inet("h", "1", to=9)),
        ("h:1,ipv4=on,ipv6=off", inet("h", "1", ipv4=True, ipv6=False)),
        ("unix:/tmp/s", {"type": "unix", "data": {"path": "/tmp/s"}}),
        ("fd:x", {"type": "fd", "data": {"str": "x"}}),
        (f"{'h' * 64}:{'1' * 32}", inet("h" * 64, "1" * 32)),
        (f"vsock:{'2' * 32}:3", {"type": "vsock", "data": {"cid": "2" * 32, "port": "3"}}),
        (
            "h:1,ipv4,keep-alive=off,mptcp=on,to=0",
            inet("h", "1", **{"ipv4": True, "keep-alive": False, "mptcp": True, "to": 0}),
        ),
        ("h:1,to=65536", inet("h", "1", to=0)),
        ("h:1,to=-1", inet("h", "1", to=0xFFFF)),
        ("h:1,to=+7", inet("h", "1", to=7)),
        ("vsock:2:1234", {"type": "vsock", "data": {"cid": "2", "port": "1234"}}),
    ],
)
def test_addresses(version: tuple[int, int, int], text: str, address: Any) -> None:
    """As QMP takes them."""
    assert parse_address(text, version) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("unix:", "invalid Unix socket address"),
        ("fd:", "invalid file descriptor address"),
        ("vsock:2", "error parsing address '2'"),
        ("vsock:2:3,x", "trailing characters in address '2:3,x'"),
        (f"vsock:{'2' * 33}:3", f"error parsing address '{'2' * 33}:3'"),
        ("localhost", "error parsing address 'localhost'"),
        ("h:", "error parsing address 'h:'"),
        ("[::1", "error parsing IPv6 address '[::1'"),
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_what_is_no_address(version: tuple[int, int, int], text: str, reason: str) -> None:
    """In QEMU's words."""
    with pytest.raises(AddressError) as caught:
        parse_address(text, version)

    assert caught.value.desc == reason
    assert caught.value.text.startswith(f"Error: {reason}\n")


@pytest.mark.parametrize(
    ("text", "version", "reason"),
    [
        ("h:1,nope=1", NEW, "Invalid parameter 'nope'"),
        ("h:1,ipv4=maybe", NEW, "Parameter 'ipv4' expects 'on' or 'off'"),
        ("h:1,to=x", NEW, "Parameter 'to' expects a number"),
        ("h:1,ipv4=maybe", OLD, "error parsing 'ipv4' flag '=maybe'"),
        ("h:1,to=x", OLD, "error parsing to= argument"),
        (":", OLD, "error parsing port in address ':'"),
        (":", NEW, "error parsing address ':'"),
        ("", NEW, "error parsing address ''"),
        ("ipv4=on", NEW, "error parsing address ''"),
        (f"{'h' * 65}:1", OLD, f"error parsing address '{'h' * 65}:1'"),
        ("h:1,numeric=x", NEW, "Parameter 'numeric' expects 'on' or 'off'"),
        ("h:1,keep-alive-count=x", NEW, "Parameter 'keep-alive-count' expects a number"),
    ],
)
def test_options(text: str, version: tuple[int, int, int], reason: str) -> None:
    """Newer releases know what they may be; older ones pass over what they do not."""
    with pytest.raises(AddressError) as caught:
        parse_address(text, version)

    assert caught.value.desc == reason


def test_what_older_releases_pass_over() -> None:
    """Unknown options, and what is after a comma that is doubled; not so newer ones."""
    assert parse_address("h:1,nope=1", OLD) == inet("h", "1")
    assert parse_address("h:1,numeric=on", OLD) == inet("h", "1")
    new = "h:1,id=x,numeric=on,keep-alive-count=1,keep-alive-idle=2,keep-alive-interval=0x3"
    numbers = {"keep-alive-count": 1, "keep-alive-idle": 2, "keep-alive-interval": 3}
    assert parse_address(new, NEW) == inet("h", "1", numeric=True, **numbers)
    assert parse_address(f"{'h' * 65}:1", NEW) == inet("h" * 65, "1")
